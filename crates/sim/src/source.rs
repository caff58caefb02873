//! The diary system of a clinic: what is true there, and the HL7 v2 messages it sends about it.

use crate::plan::{Clinic, PatientStep, VisitNo, VisitStep};
use crate::plan::{kind_name, provider_id};
use domain::status::Status;
use domain::time::Moment;
use jiff::Zoned;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// A merge of two records (A40) moves the visits of the one that is gone, and the one that is gone keeps no address
/// from others. The engine notes merges and does neither yet (docs/reliability.md), so that these sources tell of each
/// moved visit themselves.
pub const MERGES_MOVE_VISITS: bool = false;

/// A visit as it is true in the diary.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Its id.
    pub id: String,
    /// Start.
    pub start: Zoned,
    /// Length in minutes.
    pub minutes: i64,
    /// The patient who is named on it, by number.
    pub patient: usize,
    /// The provider, by number.
    pub provider: usize,
    /// The type, by number.
    pub kind: usize,
    /// The word that messages about it carry.
    pub word: &'static str,
    /// What is true of it.
    pub status: Status,
    /// When it was first told of.
    pub booked_at: Moment,
}

/// A patient as the diary has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Patient {
    /// The id.
    pub id: String,
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
    /// Day of birth.
    pub born: String,
    /// Address.
    pub email: Option<String>,
    /// The record that this one is part of by now.
    pub merged_into: Option<usize>,
}

/// A message as it is sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// The bytes.
    pub body: Vec<u8>,
    /// The visit it is about.
    pub visit: Option<VisitNo>,
    /// Its id.
    pub control_id: String,
}

/// The diary of one clinic.
pub struct Diary {
    clinic: Clinic,
    zone: TimeZone,
    /// Visits by number.
    pub visits: BTreeMap<VisitNo, Visit>,
    /// Patients by number.
    pub patients: Vec<Patient>,
    /// The second of the newest stamp: no two statements share one, so that which is newer is never in doubt.
    stamped: i64,
    sent: u32,
}

impl Diary {
    /// An empty diary.
    pub fn new(clinic: &Clinic) -> Result<Diary, String> {
        let patients = clinic.patients.iter().enumerate().map(|(at, seed)| Patient {
            id: format!("P{at}"),
            family: seed.family.to_owned(),
            given: seed.given.to_owned(),
            born: seed.born.replace('-', ""),
            email: seed.email.clone(),
            merged_into: None,
        });
        Ok(Diary {
            clinic: clinic.clone(),
            zone: TimeZone::get(clinic.zone).map_err(|error| error.to_string())?,
            visits: BTreeMap::new(),
            patients: patients.collect(),
            stamped: i64::MIN,
            sent: 0,
        })
    }

    /// The id of a visit.
    pub fn visit_id(clinic: &Clinic, visit: VisitNo) -> String {
        format!("{}-V{visit}", clinic.facility)
    }

    /// A start so many minutes after the beginning, at a local time that exists exactly once.
    fn start(&self, beginning: Moment, in_minutes: i64) -> Zoned {
        let mut at = beginning.plus_minutes(in_minutes).timestamp().to_zoned(self.zone.clone());
        let hour = jiff::Span::new().hours(1);
        while self.zone.to_ambiguous_timestamp(at.datetime()).is_ambiguous() {
            at = at.saturating_add(hour);
        }
        at
    }

    /// Something happens to a visit; the message that tells of it, when there is anything to tell.
    pub fn change(&mut self, now: Moment, beginning: Moment, number: VisitNo, step: &VisitStep) -> Option<Message> {
        let trigger = match step {
            VisitStep::Book { patient, provider, kind, in_minutes, minutes } => {
                let visit = Visit {
                    id: Self::visit_id(&self.clinic, number),
                    start: self.start(beginning, *in_minutes),
                    minutes: *minutes,
                    patient: self.living(*patient),
                    provider: *provider,
                    kind: *kind,
                    word: "Scheduled",
                    status: Status::Booked,
                    booked_at: now,
                };
                self.visits.insert(number, visit);
                "S12"
            }
            other => self.alter(beginning, number, other)?,
        };
        Some(self.tell_of_visit(now, number, trigger))
    }

    fn alter(&mut self, beginning: Moment, number: VisitNo, step: &VisitStep) -> Option<&'static str> {
        let start = match step {
            VisitStep::Move { in_minutes } => Some(self.start(beginning, *in_minutes)),
            _ => None,
        };
        let patient = match step {
            VisitStep::Patient(patient) => Some(self.living(*patient)),
            _ => None,
        };
        let visit = self.visits.get_mut(&number)?;
        if visit.status == Status::Removed && *step != VisitStep::Repeat {
            // What is deleted stays deleted; only the interface goes on telling of it.
            return Some("S14");
        }
        Some(match step {
            VisitStep::Book { .. } => return None,
            VisitStep::Move { .. } => {
                visit.start = start?;
                // A visit that is moved takes place.
                visit.speak("Scheduled");
                "S13"
            }
            VisitStep::Provider(provider) => {
                visit.provider = *provider;
                "S14"
            }
            VisitStep::Kind(kind) => {
                visit.kind = *kind;
                "S14"
            }
            VisitStep::Patient(_) => {
                visit.patient = patient?;
                "S14"
            }
            VisitStep::Word(word) => {
                visit.speak(word);
                "S14"
            }
            VisitStep::Cancel => {
                (visit.word, visit.status) = ("Cancelled", Status::Cancelled);
                "S15"
            }
            VisitStep::NoShow => {
                (visit.word, visit.status) = ("Noshow", Status::NoShow);
                "S26"
            }
            VisitStep::Delete => {
                (visit.word, visit.status) = ("", Status::Removed);
                "S17"
            }
            VisitStep::Repeat => visit.trigger(),
        })
    }

    /// The record under which a patient lives on.
    pub fn living(&self, patient: usize) -> usize {
        let mut at = patient;
        while let Some(next) = self.patients[at].merged_into {
            at = next;
        }
        at
    }

    /// Something happens to a patient's record; the messages that tell of it.
    pub fn change_patient(&mut self, now: Moment, number: usize, step: &PatientStep) -> Vec<Message> {
        // A record that is part of another one is not edited any more.
        if self.patients[number].merged_into.is_some() {
            return Vec::new();
        }
        match step {
            PatientStep::Email(email) => self.patients[number].email.clone_from(email),
            PatientStep::Family(family) => self.patients[number].family.clone_from(family),
            PatientStep::MergeInto(survivor) => {
                let survivor = self.living(*survivor);
                if survivor == number {
                    return Vec::new();
                }
                return self.merge(now, number, survivor);
            }
        }
        vec![self.tell_of_patient(now, number)]
    }

    fn merge(&mut self, now: Moment, number: usize, survivor: usize) -> Vec<Message> {
        self.patients[number].merged_into = Some(survivor);
        let gone = self.patients[number].id.clone();
        let (head, control_id) = self.head(now, "ADT^A40^ADT_A39");
        let body = format!("{head}{}MRG|{gone}^^^PM^MR\r", self.pid(survivor));
        let mut messages = vec![Message { body: body.into_bytes(), visit: None, control_id }];
        let moved = self.visits_of(number);
        for visit in moved {
            if let Some(visit) = self.visits.get_mut(&visit) {
                visit.patient = survivor;
            }
            if !MERGES_MOVE_VISITS {
                let trigger = self.visits[&visit].trigger();
                messages.push(self.tell_of_visit(now, visit, trigger));
            }
        }
        messages
    }

    /// A message about a patient's record as it is.
    pub fn tell_of_patient(&mut self, now: Moment, number: usize) -> Message {
        let (head, control_id) = self.head(now, "ADT^A08^ADT_A01");
        Message { body: format!("{head}{}", self.pid(number)).into_bytes(), visit: None, control_id }
    }

    /// A message about a visit as it is.
    pub fn tell_of_visit(&mut self, now: Moment, number: VisitNo, trigger: &str) -> Message {
        let (head, control_id) = self.head(now, &format!("SIU^{trigger}^SIU_S12"));
        let visit = &self.visits[&number];
        let start = visit.start.strftime("%Y%m%d%H%M%S");
        let ends = visit.start.saturating_add(jiff::Span::new().minutes(visit.minutes));
        let end = ends.strftime("%Y%m%d%H%M%S%z");
        let offset = visit.start.strftime("%z");
        let gap = "|".repeat(14);
        let body = format!(
            "{head}SCH||{}||||||^{}|{}|MIN|^^^{start}{offset}^{end}{gap}{}\r{}RGS|1|A\rAIP|1|A|{}^Provider^Sam\r",
            visit.id,
            kind_name(visit.kind),
            visit.minutes,
            visit.word,
            self.pid(visit.patient),
            provider_id(visit.provider),
        );
        Message { body: body.into_bytes(), visit: Some(number), control_id }
    }

    /// The visits of a patient.
    pub fn visits_of(&self, patient: usize) -> Vec<VisitNo> {
        self.visits.iter().filter(|(_, visit)| visit.patient == patient).map(|(at, _)| *at).collect()
    }

    fn head(&mut self, now: Moment, kind: &str) -> (String, String) {
        self.sent += 1;
        self.stamped = now.seconds().max(self.stamped + 1);
        let stamp = Moment::from_micros(self.stamped * 1_000_000).timestamp().to_zoned(self.zone.clone());
        let control_id = format!("{}-{}", self.clinic.facility, self.sent);
        let stamp = stamp.strftime("%Y%m%d%H%M%S%z");
        let head = format!(
            "MSH|^~\\&|PM|{}|PUNCTUAL|HUB|{stamp}||{kind}|{control_id}|P|2.5.1||||||UNICODE UTF-8\r",
            self.clinic.facility
        );
        (head, control_id)
    }

    fn pid(&self, number: usize) -> String {
        let patient = &self.patients[number];
        let email = patient.email.as_ref().map_or("\"\"".to_owned(), |email| format!("^NET^Internet^{email}"));
        format!(
            "PID|1||{}^^^PM^MR||{}^{}||{}|F|||1 Main St^^Springfield^IL^62701||{email}\r",
            patient.id, patient.family, patient.given, patient.born
        )
    }
}

impl Visit {
    /// The event that tells of it as it is.
    pub fn trigger(&self) -> &'static str {
        match self.status {
            Status::Cancelled => "S15",
            Status::NoShow => "S26",
            Status::Removed => "S17",
            _ => "S14",
        }
    }

    fn speak(&mut self, word: &'static str) {
        self.word = word;
        self.status = match word {
            "Confirmed" => Status::Confirmed,
            "Tentative" => Status::Proposed,
            "BUMPED" => Status::CancelledByProvider,
            _ => Status::Booked,
        };
    }

    /// Start and end.
    pub fn times(&self) -> (Moment, Moment) {
        let start = Moment::from(self.start.timestamp());
        (start, start.plus_minutes(self.minutes))
    }
}
