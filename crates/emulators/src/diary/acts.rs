//! What can be done at the desk. Every act leaves an entry in the log.

use crate::diary::{Attendance, Booking, Diary, Edit, Patient, PatientRecord, Refusal, Standing, Visit, What};
use crate::practice::LocalTime;
use jiff::tz::AmbiguousOffset;
use jiff::{Timestamp, ToSpan};

/// The row numbers of attendances are counted on from the visit's, far away from them.
const ATTENDANCE: u64 = 1_000_000;

impl Diary {
    /// Books a visit, a group, a series, or time that nobody can book; gives the id of the (first) visit.
    ///
    /// # Errors
    ///
    /// When somebody or something that is named does not exist, or the time does not.
    pub fn book(&mut self, booking: Booking, now: Timestamp) -> Result<u64, Refusal> {
        let provider = self.has_provider(booking.provider.unwrap_or(self.providers[0].id))?;
        let place = self.has_place(booking.place.unwrap_or(self.places[0].id))?;
        let kind = self.has_kind(booking.kind.unwrap_or(self.kinds[0].id))?;
        let mut people: Vec<u64> = booking.patient.into_iter().chain(booking.patients).collect();
        people.dedup();
        for patient in &people {
            self.has_patient(*patient)?;
        }
        let time = booking.start.ok_or_else(|| Refusal::Wrong("start must be given.".to_owned()))?;
        let start = self.real_time(place, time)?;
        let minutes = booking.minutes.or_else(|| self.kind(kind).map(|kind| kind.minutes)).unwrap_or(30).max(1);
        let is_group = booking.group || people.len() > 1;
        let standing = booking.status.unwrap_or(Standing::Booked);
        let (weeks, count) = booking.repeat.map_or((0, 1), |repeat| (repeat.weeks.max(1), repeat.count.max(1)));
        let first = booking.id.unwrap_or_else(|| self.next_visit());
        for occurrence in 0..count {
            let id = if occurrence == 0 { first } else { self.next_visit() };
            let visit = Visit {
                id,
                people: Vec::new(),
                is_group,
                provider,
                place,
                kind,
                start: start.saturating_add(i64::from(weeks * occurrence).weeks()),
                first_start: start.saturating_add(i64::from(weeks * occurrence).weeks()),
                minutes,
                standing: standing.clone(),
                reason: booking.reason.clone(),
                note: booking.note.clone(),
                called_off: None,
                series: (count > 1).then_some(first),
                occurrence,
                replaces: None,
                replaced_by: None,
                created_at: now,
                changed_at: now,
                is_deleted: false,
            };
            self.visits.insert(id, visit);
            for patient in &people {
                self.seat(id, *patient, standing.clone(), now);
            }
            self.note(now, What::Booked, Some(id), people.first().copied());
        }
        Ok(first)
    }

    /// Changes a visit; what changes nothing leaves no trace.
    ///
    /// # Errors
    ///
    /// When there is no such visit, or something that is named does not exist.
    pub fn edit(&mut self, id: u64, edit: Edit, now: Timestamp) -> Result<(), Refusal> {
        let before = self.visits.get(&id).ok_or(Refusal::Unknown { what: "visit", id })?.clone();
        let mut after = before.clone();
        if let Some(provider) = edit.provider {
            after.provider = self.has_provider(provider)?;
        }
        if let Some(place) = edit.place {
            after.place = self.has_place(place)?;
        }
        if let Some(kind) = edit.kind {
            after.kind = self.has_kind(kind)?;
        }
        if let Some(start) = edit.start {
            after.start = self.real_time(after.place, start)?;
        }
        if let Some(patient) = edit.patient {
            let patient = self.has_patient(patient)?;
            let only = after.people.first_mut().filter(|_| !before.is_group);
            let only =
                only.ok_or_else(|| Refusal::Wrong("Only a visit of one patient can change its patient.".to_owned()))?;
            if only.patient != patient {
                (only.patient, only.changed_at) = (patient, now);
            }
        }
        after.minutes = edit.minutes.unwrap_or(after.minutes).max(1);
        after.reason = edit.reason.unwrap_or(after.reason);
        after.note = edit.note.unwrap_or(after.note);
        if let Some(standing) = edit.status {
            for person in after.people.iter_mut().filter(|person| !person.is_removed) {
                if person.standing != standing {
                    person.standing = standing.clone();
                    person.changed_at = now;
                }
            }
            after.standing = standing;
        }
        if edit.called_off.is_some() {
            after.called_off = edit.called_off;
        }
        if after != before {
            after.changed_at = now;
            let what = what(&before, &after);
            let patient = after.patient();
            self.visits.insert(id, after);
            self.note(now, what, Some(id), patient);
        }
        Ok(())
    }

    /// Calls a visit off and books another in its place, as systems do in which nothing can be moved; gives the id of
    /// the new one.
    ///
    /// # Errors
    ///
    /// As [`Diary::edit`].
    pub fn replace(&mut self, id: u64, start: LocalTime, now: Timestamp) -> Result<u64, Refusal> {
        self.replace_as(id, None, start, now)
    }

    /// The same, with an id for the new one.
    pub(crate) fn replace_as(
        &mut self,
        id: u64,
        new: Option<u64>,
        start: LocalTime,
        now: Timestamp,
    ) -> Result<u64, Refusal> {
        let old = self.visits.get(&id).ok_or(Refusal::Unknown { what: "visit", id })?.clone();
        let start = self.real_time(old.place, start)?;
        let new = new.unwrap_or_else(|| self.next_visit());
        let fresh = Visit {
            id: new,
            people: Vec::new(),
            start,
            first_start: start,
            standing: Standing::Booked,
            called_off: None,
            replaces: Some(id),
            replaced_by: None,
            created_at: now,
            changed_at: now,
            ..old.clone()
        };
        self.visits.insert(new, fresh);
        for person in old.present() {
            self.seat(new, person.patient, Standing::Booked, now);
        }
        self.edit(id, Edit { status: Some(Standing::Rescheduled), ..Edit::default() }, now)?;
        if let Some(visit) = self.visits.get_mut(&id) {
            visit.replaced_by = Some(new);
        }
        self.note(now, What::Booked, Some(new), old.patient());
        Ok(new)
    }

    /// Puts one more patient on a group's visit, or one who had left again.
    ///
    /// # Errors
    ///
    /// When there is no such visit or patient, or the patient is on it.
    pub fn join(&mut self, id: u64, patient: u64, now: Timestamp) -> Result<(), Refusal> {
        self.has_patient(patient)?;
        let visit = self.visits.get_mut(&id).ok_or(Refusal::Unknown { what: "visit", id })?;
        if visit.present().any(|person| person.patient == patient) {
            return Err(Refusal::Wrong(format!("Patient {patient} is on visit {id} already.")));
        }
        visit.is_group = true;
        visit.changed_at = now;
        self.seat(id, patient, Standing::Booked, now);
        self.note(now, What::Joined, Some(id), Some(patient));
        Ok(())
    }

    /// Takes one patient off a visit.
    ///
    /// # Errors
    ///
    /// When there is no such visit, or the patient is not on it.
    pub fn leave(&mut self, id: u64, patient: u64, now: Timestamp) -> Result<(), Refusal> {
        let person = self.attendance(id, patient)?;
        person.is_removed = true;
        person.changed_at = now;
        self.touch(id, now);
        self.note(now, What::Left, Some(id), Some(patient));
        Ok(())
    }

    /// Says how a group's visit stands for one patient.
    ///
    /// # Errors
    ///
    /// When there is no such visit, or the patient is not on it.
    pub fn attend(&mut self, id: u64, patient: u64, standing: Standing, now: Timestamp) -> Result<(), Refusal> {
        let person = self.attendance(id, patient)?;
        if person.standing == standing {
            return Ok(());
        }
        person.standing = standing.clone();
        person.changed_at = now;
        self.touch(id, now);
        if let Some(visit) = self.visits.get_mut(&id) {
            visit.standing = Diary::group_standing(visit);
        }
        self.note(now, of_standing(&standing), Some(id), Some(patient));
        Ok(())
    }

    /// Marks a visit as deleted.
    ///
    /// # Errors
    ///
    /// When there is no such visit.
    pub fn delete(&mut self, id: u64, now: Timestamp) -> Result<(), Refusal> {
        let visit = self.visits.get_mut(&id).ok_or(Refusal::Unknown { what: "visit", id })?;
        if !visit.is_deleted {
            visit.is_deleted = true;
            visit.changed_at = now;
            self.note(now, What::Deleted, Some(id), None);
        }
        Ok(())
    }

    /// Takes a visit out for good: no vendor shows it any more, and no vendor says so.
    ///
    /// # Errors
    ///
    /// When there is no such visit.
    pub fn purge(&mut self, id: u64, now: Timestamp) -> Result<(), Refusal> {
        let visit = self.visits.remove(&id).ok_or(Refusal::Unknown { what: "visit", id })?;
        self.gone.insert(id, visit);
        self.note(now, What::Purged, Some(id), None);
        Ok(())
    }

    /// Adds a patient; gives the id.
    ///
    /// # Errors
    ///
    /// When a name is missing or the date of birth cannot be read.
    pub fn add_patient(&mut self, record: PatientRecord, now: Timestamp) -> Result<u64, Refusal> {
        let id = self.next_patient();
        let blank = Patient {
            id,
            family: String::new(),
            given: String::new(),
            birth_date: None,
            sex: "U".to_owned(),
            street: String::new(),
            city: String::new(),
            state: String::new(),
            postal_code: String::new(),
            phone: String::new(),
            mobile: String::new(),
            email: None,
            language: "en".to_owned(),
            created_at: now,
            changed_at: now,
            merged_into: None,
        };
        let patient = edited(blank, record)?;
        if patient.family.is_empty() || patient.given.is_empty() {
            return Err(Refusal::Wrong("A patient needs a family name and a given name.".to_owned()));
        }
        self.patients.insert(id, patient);
        self.note(now, What::PatientAdded, None, Some(id));
        Ok(id)
    }

    /// Edits a patient's record.
    ///
    /// # Errors
    ///
    /// When there is no such patient or the date of birth cannot be read.
    pub fn edit_patient(&mut self, id: u64, record: PatientRecord, now: Timestamp) -> Result<(), Refusal> {
        let before = self.patients.get(&id).ok_or(Refusal::Unknown { what: "patient", id })?;
        let after = edited(before.clone(), record)?;
        if after != *before {
            self.patients.insert(id, Patient { changed_at: now, ..after });
            self.note(now, What::PatientEdited, None, Some(id));
        }
        Ok(())
    }

    /// Merges a patient's record into another: their visits are the other's from here on.
    ///
    /// # Errors
    ///
    /// When one of the two does not exist, or they are the same.
    pub fn merge(&mut self, from: u64, into: u64, now: Timestamp) -> Result<(), Refusal> {
        self.has_patient(into)?;
        if from == into {
            return Err(Refusal::Wrong("A record cannot be merged into itself.".to_owned()));
        }
        let patient = self.patients.get_mut(&from).ok_or(Refusal::Unknown { what: "patient", id: from })?;
        patient.merged_into = Some(into);
        patient.changed_at = now;
        for visit in self.visits.values_mut() {
            for person in visit.people.iter_mut().filter(|person| person.patient == from) {
                person.patient = into;
                visit.changed_at = now;
            }
        }
        self.note(now, What::PatientMerged, None, Some(from));
        Ok(())
    }

    /// Renames a kind of visit.
    ///
    /// # Errors
    ///
    /// When there is no such kind.
    pub fn rename_kind(&mut self, id: u64, name: &str) -> Result<(), Refusal> {
        let kind = self.kinds.iter_mut().find(|kind| kind.id == id);
        kind.ok_or(Refusal::Unknown { what: "type", id })?.name = name.to_owned();
        Ok(())
    }

    /// Seats a patient. The number is the visit's with the seat counted on.
    pub(super) fn seat(&mut self, id: u64, patient: u64, standing: Standing, now: Timestamp) {
        if let Some(visit) = self.visits.get_mut(&id) {
            let seat = visit.people.len() as u64;
            let number = ATTENDANCE + id.saturating_sub(self.ids.visit) * 100 + seat;
            visit.people.push(Attendance {
                id: number,
                patient,
                standing,
                changed_at: now,
                created_at: now,
                is_removed: false,
            });
        }
    }

    fn attendance(&mut self, id: u64, patient: u64) -> Result<&mut Attendance, Refusal> {
        let visit = self.visits.get_mut(&id).ok_or(Refusal::Unknown { what: "visit", id })?;
        let mut people = visit.people.iter_mut().filter(|person| !person.is_removed);
        people
            .find(|person| person.patient == patient)
            .ok_or_else(|| Refusal::Wrong(format!("Patient {patient} is not on visit {id}.")))
    }

    fn touch(&mut self, id: u64, now: Timestamp) {
        if let Some(visit) = self.visits.get_mut(&id) {
            visit.changed_at = now;
        }
    }

    pub(super) fn next_visit(&self) -> u64 {
        let last = [&self.visits, &self.gone].into_iter().filter_map(|rows| rows.keys().next_back()).max();
        last.map_or(self.ids.visit, |last| last + 1)
    }

    pub(super) fn next_patient(&self) -> u64 {
        self.patients.keys().next_back().map_or(self.ids.patient, |last| last + 1)
    }

    /// A time that exists by the clocks of the place.
    fn real_time(&self, place: u64, time: LocalTime) -> Result<jiff::civil::DateTime, Refusal> {
        let zone = &self.place(place).unwrap_or(&self.places[0]).zone;
        let local = time.by(zone);
        if let AmbiguousOffset::Gap { .. } = zone.to_ambiguous_timestamp(local).offset() {
            return Err(Refusal::NoSuchTime(local.strftime("%Y-%m-%d %H:%M").to_string()));
        }
        Ok(local)
    }
}

fn what(before: &Visit, after: &Visit) -> What {
    if before.standing != after.standing {
        return of_standing(&after.standing);
    }
    if before.start != after.start {
        return What::Moved;
    }
    What::Changed
}

fn of_standing(standing: &Standing) -> What {
    match standing {
        Standing::Confirmed => What::Confirmed,
        Standing::CheckedIn | Standing::InProgress => What::Arrived,
        Standing::Completed => What::Completed,
        Standing::NoShow => What::NoShow,
        Standing::Rescheduled => What::Replaced,
        standing if standing.is_off() => What::Cancelled,
        _ => What::Changed,
    }
}

fn edited(mut patient: Patient, record: PatientRecord) -> Result<Patient, Refusal> {
    if let Some(text) = record.birth_date {
        let unreadable = || Refusal::Wrong(format!("The date of birth cannot be read: {text:?}."));
        patient.birth_date =
            if text.trim().is_empty() { None } else { Some(text.trim().parse().map_err(|_| unreadable())?) };
    }
    if let Some(email) = record.email {
        patient.email = Some(email.trim().to_owned()).filter(|email| !email.is_empty());
    }
    for (held, said) in [
        (&mut patient.family, record.family),
        (&mut patient.given, record.given),
        (&mut patient.sex, record.sex),
        (&mut patient.street, record.street),
        (&mut patient.city, record.city),
        (&mut patient.state, record.state),
        (&mut patient.postal_code, record.postal_code),
        (&mut patient.phone, record.phone),
        (&mut patient.mobile, record.mobile),
        (&mut patient.language, record.language),
    ] {
        if let Some(said) = said {
            *held = said.trim().to_owned();
        }
    }
    Ok(patient)
}
