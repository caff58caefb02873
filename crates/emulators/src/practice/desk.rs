//! What the desk does. Every change queues the message that a system of this kind would send.

use crate::practice::message::Trigger;
use crate::practice::{Booking, Change, LocalTime, Patient, PatientEdit, Practice, Refusal, Status, Visit};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;

impl Practice {
    /// Books a visit (S12); gives its id.
    ///
    /// # Errors
    ///
    /// When it names somebody or something that does not exist; nothing is then booked.
    pub fn book(&mut self, booking: Booking, now: Timestamp) -> Result<String, Refusal> {
        if !self.patients.contains_key(&booking.patient) {
            return Err(Refusal::UnknownPatient(booking.patient));
        }
        self.provider(&booking.provider)?;
        let kind = self.visit_type(&booking.visit_type)?;
        let minutes = booking.minutes.unwrap_or(kind.minutes).max(1);
        let department = booking.department.unwrap_or_else(|| kind.department.clone());
        self.department(&department)?;
        let start = self.real_time(booking.start)?;
        if let Some(id) = booking.id.as_ref().filter(|id| self.visits.contains_key(*id)) {
            return Err(Refusal::IdTaken(id.clone()));
        }
        let id = booking.id.filter(|id| !id.trim().is_empty()).map(|id| clean(&id));
        let id = id.unwrap_or_else(|| self.new_visit_id());
        let visit = Visit {
            id: id.clone(),
            patient: booking.patient,
            provider: booking.provider,
            visit_type: booking.visit_type,
            department,
            start,
            minutes,
            status: booking.status.as_deref().map(clean).as_deref().map_or(Status::Scheduled, Status::from_word),
            reason: clean(&booking.reason),
            note: booking.note.as_deref().and_then(filled),
            called_off: None,
            booked_at: now,
            entered_by: self.at_the_desk(),
        };
        self.visits.insert(id.clone(), visit);
        self.tell_visit(Trigger::S12, &id, now)?;
        Ok(id)
    }

    /// Changes a visit. Another time tells S13, calling it off S15, nobody coming S26, deleting S17, and anything else
    /// S14; what changes nothing tells nothing. Gives the control ids of what was told.
    ///
    /// # Errors
    ///
    /// When the visit or something named does not exist, or the visit is over; nothing is then changed.
    pub fn change(&mut self, id: &str, change: Change, now: Timestamp) -> Result<Vec<String>, Refusal> {
        let before = self.visits.get(id).ok_or_else(|| Refusal::UnknownVisit(id.to_owned()))?.clone();
        let status = change.status.as_deref().and_then(filled).as_deref().map(Status::from_word);
        match &status {
            Some(Status::Cancelled) => return self.end(before, Status::Cancelled, change.reason.as_deref(), now),
            Some(Status::NoShow) => return self.end(before, Status::NoShow, None, now),
            Some(Status::Deleted) => return self.end(before, Status::Deleted, None, now),
            _ => {}
        }
        let after = self.changed(before.clone(), change, status)?;
        let moved = (after.start, after.minutes) != (before.start, before.minutes);
        if after == before {
            return Ok(Vec::new());
        }
        // A visit that is over can only be said to stand otherwise than was said.
        let only_status = Visit { status: before.status.clone(), ..after.clone() } == before;
        if before.status == Status::Deleted || (before.status.is_ended() && !only_status) {
            return Err(ended(&before));
        }
        self.visits.insert(id.to_owned(), after);
        let trigger = if moved { Trigger::S13 } else { Trigger::S14 };
        Ok(vec![self.tell_visit(trigger, id, now)?])
    }

    fn changed(&self, mut visit: Visit, change: Change, status: Option<Status>) -> Result<Visit, Refusal> {
        if let Some(patient) = change.patient {
            if !self.patients.contains_key(&patient) {
                return Err(Refusal::UnknownPatient(patient));
            }
            visit.patient = patient;
        }
        if let Some(provider) = change.provider {
            self.provider(&provider)?;
            visit.provider = provider;
        }
        if let Some(kind) = change.visit_type {
            self.visit_type(&kind)?;
            visit.visit_type = kind;
        }
        if let Some(department) = change.department {
            self.department(&department)?;
            visit.department = department;
        }
        if let Some(start) = change.start {
            visit.start = self.real_time(start)?;
        }
        visit.minutes = change.minutes.unwrap_or(visit.minutes).max(1);
        visit.status = status.unwrap_or(visit.status);
        if let Some(reason) = change.reason {
            visit.reason = clean(&reason);
        }
        if let Some(note) = change.note {
            visit.note = filled(&note);
        }
        Ok(visit)
    }

    /// Moves a visit (S13).
    ///
    /// # Errors
    ///
    /// As [`Practice::change`].
    pub fn move_to(&mut self, id: &str, start: impl Into<LocalTime>, now: Timestamp) -> Result<Vec<String>, Refusal> {
        self.change(id, Change { start: Some(start.into()), ..Change::default() }, now)
    }

    /// Calls a visit off (S15).
    ///
    /// # Errors
    ///
    /// When there is no such visit, or it is over.
    pub fn cancel(&mut self, id: &str, reason: Option<&str>, now: Timestamp) -> Result<Vec<String>, Refusal> {
        let status = Some(Status::Cancelled.word().to_owned());
        self.change(id, Change { status, reason: reason.map(str::to_owned), ..Change::default() }, now)
    }

    /// Says that nobody came (S26).
    ///
    /// # Errors
    ///
    /// When there is no such visit, or it is over.
    pub fn no_show(&mut self, id: &str, now: Timestamp) -> Result<Vec<String>, Refusal> {
        self.change(id, Change { status: Some(Status::NoShow.word().to_owned()), ..Change::default() }, now)
    }

    /// Takes a visit out of the diary (S17).
    ///
    /// # Errors
    ///
    /// When there is no such visit, or it was deleted before.
    pub fn delete(&mut self, id: &str, now: Timestamp) -> Result<Vec<String>, Refusal> {
        self.change(id, Change { status: Some(Status::Deleted.word().to_owned()), ..Change::default() }, now)
    }

    /// Ends a visit. Saying the same again tells nothing.
    fn end(&mut self, visit: Visit, status: Status, why: Option<&str>, now: Timestamp) -> Result<Vec<String>, Refusal> {
        if visit.status == status {
            return Ok(Vec::new());
        }
        let trigger = match status {
            Status::Cancelled => Trigger::S15,
            Status::NoShow => Trigger::S26,
            _ => Trigger::S17,
        };
        if visit.status.is_ended() && (trigger != Trigger::S17 || visit.status == Status::Deleted) {
            return Err(ended(&visit));
        }
        let id = visit.id.clone();
        let called_off = why.and_then(filled);
        self.visits.insert(id.clone(), Visit { status, called_off, ..visit });
        Ok(vec![self.tell_visit(trigger, &id, now)?])
    }

    /// Edits a patient's record: A08 when a visit is still to come, else A31. What changes nothing tells nothing.
    ///
    /// # Errors
    ///
    /// When there is no such patient, a name is emptied, or the date of birth cannot be read.
    pub fn edit_patient(&mut self, id: &str, edit: PatientEdit, now: Timestamp) -> Result<Vec<String>, Refusal> {
        let before = self.patients.get(id).ok_or_else(|| Refusal::UnknownPatient(id.to_owned()))?;
        let after = edited(before.clone(), edit)?;
        if after == *before {
            return Ok(Vec::new());
        }
        self.patients.insert(id.to_owned(), after);
        let today = self.clinic.local(now);
        let expects_visit =
            self.visits.values().any(|visit| visit.patient == id && visit.end() > today && !visit.status.is_ended());
        let trigger = if expects_visit { Trigger::A08 } else { Trigger::A31 };
        Ok(vec![self.tell_patient(trigger, id, now)?])
    }

    /// Adds a patient (A28); gives the id.
    ///
    /// # Errors
    ///
    /// When a name is missing or the date of birth cannot be read.
    pub fn add_patient(&mut self, record: PatientEdit, now: Timestamp) -> Result<String, Refusal> {
        let blank = Patient { sex: "U".to_owned(), language: "en".to_owned(), ..Patient::default() };
        let patient = edited(blank, record)?;
        for (what, value) in [("The family name", &patient.family), ("The given name", &patient.given)] {
            if value.is_empty() {
                return Err(Refusal::Empty(what));
            }
        }
        let id = self.new_patient_id();
        let removed = std::collections::BTreeSet::new();
        self.patients.insert(id.clone(), Patient { id: id.clone(), removed, ..patient });
        self.tell_patient(Trigger::A28, &id, now)?;
        Ok(id)
    }

    /// Renames a kind of visit. The coming visits of that kind are told anew (S14), soonest first.
    ///
    /// # Errors
    ///
    /// When there is no such kind, or the name is empty.
    pub fn rename_type(&mut self, id: &str, name: &str, now: Timestamp) -> Result<Vec<String>, Refusal> {
        // Blanks around and inside stay as typed: such names are what the other side has to cope with.
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        if name.trim().is_empty() {
            return Err(Refusal::Empty("The name of a visit type"));
        }
        let kind = self.types.iter_mut().find(|kind| kind.id == id);
        let kind = kind.ok_or_else(|| Refusal::UnknownType(id.to_owned()))?;
        if kind.name == name {
            return Ok(Vec::new());
        }
        kind.name = name;
        let today = self.clinic.local(now);
        let coming = self.visits.values().filter(|visit| visit.visit_type == id && visit.end() > today);
        let mut coming: Vec<_> = coming.filter(|visit| !visit.status.is_ended()).collect();
        coming.sort_by_key(|visit| (visit.start, visit.id.clone()));
        let coming: Vec<String> = coming.into_iter().map(|visit| visit.id.clone()).collect();
        coming.iter().map(|visit| self.tell_visit(Trigger::S14, visit, now)).collect()
    }

    /// Puts a message that was set aside, refused or lost at the end of the queue again, as it was.
    pub fn send_again(&mut self, control_id: &str) -> bool {
        self.queue.send_again(control_id)
    }

    /// Whoever sits at the desk: they take turns.
    fn at_the_desk(&self) -> String {
        let turn = self.visits.len() % self.staff.len().max(1);
        self.staff.get(turn).map(|person| person.id.clone()).unwrap_or_default()
    }

    /// A time that exists by the clinic's clocks.
    fn real_time(&self, time: LocalTime) -> Result<DateTime, Refusal> {
        let local = time.by(&self.clinic.zone);
        if let AmbiguousOffset::Gap { .. } = self.clinic.zone.to_ambiguous_timestamp(local).offset() {
            return Err(Refusal::NoSuchTime(local.strftime("%Y-%m-%d %H:%M").to_string()));
        }
        Ok(local)
    }
}

fn ended(visit: &Visit) -> Refusal {
    Refusal::Ended { id: visit.id.clone(), status: visit.status.word().to_owned() }
}

fn edited(mut patient: Patient, edit: PatientEdit) -> Result<Patient, Refusal> {
    let had = patient.present();
    for (held, said, what) in
        [(&mut patient.family, edit.family, "The family name"), (&mut patient.given, edit.given, "The given name")]
    {
        if let Some(said) = said {
            *held = filled(&said).ok_or(Refusal::Empty(what))?;
        }
    }
    if let Some(text) = edit.birth_date.map(|text| clean(&text)) {
        let unreadable = || Refusal::Unreadable { what: "The date of birth", value: text.clone() };
        patient.birth_date = if text.is_empty() { None } else { Some(text.parse().map_err(|_| unreadable())?) };
    }
    for (held, said) in [(&mut patient.sex, edit.sex), (&mut patient.language, edit.language)] {
        if let Some(said) = said.as_deref().and_then(filled) {
            *held = said;
        }
    }
    for (held, said) in [
        (&mut patient.street, edit.street),
        (&mut patient.city, edit.city),
        (&mut patient.state, edit.state),
        (&mut patient.postal_code, edit.postal_code),
        (&mut patient.phone, edit.phone),
        (&mut patient.mobile, edit.mobile),
        (&mut patient.email, edit.email),
    ] {
        if let Some(said) = said {
            *held = filled(&said);
        }
    }
    let has = patient.present();
    patient.removed.extend(had);
    patient.removed.retain(|field| !has.contains(field));
    Ok(patient)
}

/// Text as a form gives it, without what no message can hold.
fn clean(text: &str) -> String {
    let kept: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    kept.trim().to_owned()
}

fn filled(text: &str) -> Option<String> {
    Some(clean(text)).filter(|text| !text.is_empty())
}
