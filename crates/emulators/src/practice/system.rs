//! The practice system without its sockets.

use crate::faults::Faults;
use crate::practice::believable::Planted;
use crate::practice::message::{self, Stamped, Trigger};
use crate::practice::queue::{Message, Queue};
use crate::practice::stamps::Stamps;
use crate::practice::{Clinic, Department, Patient, PracticeFault, Provider, Refusal, Shape, Staff, Visit, VisitType};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A practice system: what it holds, and the messages that tell of it.
///
/// It does no IO and asks no clock. [`Practice::start`] puts it on sockets.
#[derive(Clone, Debug)]
pub struct Practice {
    pub(super) clinic: Clinic,
    pub(super) providers: Vec<Provider>,
    pub(super) staff: Vec<Staff>,
    pub(super) departments: Vec<Department>,
    pub(super) types: Vec<VisitType>,
    pub(super) patients: BTreeMap<String, Patient>,
    pub(super) visits: BTreeMap<String, Visit>,
    pub(super) queue: Queue,
    pub(super) planted: Vec<Planted>,
    pub(super) shape: Shape,
    pub(super) faults: Faults<PracticeFault>,
    stamps: Stamps,
    next_visit: u32,
    next_patient: u32,
}

impl Practice {
    /// A system that was set up at `now`: its people and rooms, and neither patients nor visits.
    #[must_use]
    pub fn new(
        clinic: Clinic,
        providers: Vec<Provider>,
        staff: Vec<Staff>,
        departments: Vec<Department>,
        types: Vec<VisitType>,
        now: Timestamp,
    ) -> Practice {
        Practice {
            clinic,
            providers,
            staff,
            departments,
            types,
            patients: BTreeMap::new(),
            visits: BTreeMap::new(),
            queue: Queue::default(),
            planted: Vec::new(),
            shape: Shape::default(),
            faults: Faults::none(1),
            stamps: Stamps::since(now),
            next_visit: 5001,
            next_patient: 5001,
        }
    }

    /// The same, writing messages of another shape from here on.
    #[must_use]
    pub fn shaped(mut self, shape: Shape) -> Practice {
        self.shape = shape;
        self
    }

    /// The clinic.
    #[must_use]
    pub fn clinic(&self) -> &Clinic {
        &self.clinic
    }

    /// The providers.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The kinds of visit.
    #[must_use]
    pub fn types(&self) -> &[VisitType] {
        &self.types
    }

    /// A patient, by id.
    #[must_use]
    pub fn patient(&self, id: &str) -> Option<&Patient> {
        self.patients.get(id)
    }

    /// All patients, by id.
    pub fn patients(&self) -> impl Iterator<Item = &Patient> {
        self.patients.values()
    }

    /// A visit, by id.
    #[must_use]
    pub fn visit(&self, id: &str) -> Option<&Visit> {
        self.visits.get(id)
    }

    /// All visits, by id.
    pub fn visits(&self) -> impl Iterator<Item = &Visit> {
        self.visits.values()
    }

    /// All messages that are kept, oldest first.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.queue.messages()
    }

    /// The causes planted in a believable day.
    #[must_use]
    pub fn planted(&self) -> &[Planted] {
        &self.planted
    }

    pub(super) fn provider(&self, id: &str) -> Result<&Provider, Refusal> {
        self.providers.iter().find(|row| row.id == id).ok_or_else(|| Refusal::UnknownProvider(id.to_owned()))
    }

    pub(super) fn department(&self, id: &str) -> Result<&Department, Refusal> {
        self.departments.iter().find(|row| row.id == id).ok_or_else(|| Refusal::UnknownDepartment(id.to_owned()))
    }

    pub(super) fn visit_type(&self, id: &str) -> Result<&VisitType, Refusal> {
        self.types.iter().find(|row| row.id == id).ok_or_else(|| Refusal::UnknownType(id.to_owned()))
    }

    /// The next free id for a visit.
    pub(super) fn new_visit_id(&mut self) -> String {
        loop {
            let id = format!("A-{}", self.next_visit);
            self.next_visit += 1;
            if !self.visits.contains_key(&id) {
                return id;
            }
        }
    }

    /// The next free id for a patient.
    pub(super) fn new_patient_id(&mut self) -> String {
        loop {
            let id = format!("P{}", self.next_patient);
            self.next_patient += 1;
            if !self.patients.contains_key(&id) {
                return id;
            }
        }
    }

    /// Queues the message that tells of a visit; gives its control id.
    pub(super) fn tell_visit(&mut self, trigger: Trigger, id: &str, now: Timestamp) -> Result<String, Refusal> {
        let unknown = || Refusal::UnknownVisit(id.to_owned());
        let visit = self.visits.get(id).cloned().ok_or_else(unknown)?;
        let stamped = self.stamp(id, now);
        let parts = message::VisitParts {
            patient: self.patients.get(&visit.patient).ok_or_else(|| Refusal::UnknownPatient(visit.patient.clone()))?,
            provider: self.provider(&visit.provider)?,
            department: self.department(&visit.department)?,
            visit_type: self.visit_type(&visit.visit_type)?,
            staff: self.staff.iter().find(|person| person.id == visit.entered_by),
            visit: &visit,
        };
        let bytes = message::siu(&self.clinic, self.shape, &stamped, trigger, &parts);
        Ok(self.enqueue(trigger, id, stamped, bytes))
    }

    /// Queues the message that tells of a patient; gives its control id.
    pub(super) fn tell_patient(&mut self, trigger: Trigger, id: &str, now: Timestamp) -> Result<String, Refusal> {
        let stamped = self.stamp(id, now);
        let patient = self.patients.get(id).ok_or_else(|| Refusal::UnknownPatient(id.to_owned()))?;
        let bytes = message::adt(&self.clinic, self.shape, &stamped, trigger, patient);
        Ok(self.enqueue(trigger, id, stamped, bytes))
    }

    fn stamp(&mut self, about: &str, now: Timestamp) -> Stamped {
        let stamp = self.stamps.next(now);
        let is_back = self.faults.hit(PracticeFault::ClockChange, &stamp.control_id, about, 1).is_some();
        let back = jiff::SignedDuration::from_hours(i64::from(is_back));
        let shown = stamp.at.saturating_sub(back).unwrap_or(stamp.at);
        Stamped { at: stamp.at, shown, control_id: stamp.control_id }
    }

    fn enqueue(&mut self, trigger: Trigger, about: &str, stamped: Stamped, bytes: Vec<u8>) -> String {
        let control_id = stamped.control_id.clone();
        self.queue.push(Message::new(stamped.control_id, trigger.code(), trigger.event(), about, stamped.at, bytes));
        control_id
    }
}
