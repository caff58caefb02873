//! Rows into records. A row of an appointment is a snapshot: what holds now, without a word of what happened.

use super::words::Words;
use crate::loose::Loose;
use domain::model::{
    Address, AppointmentRecord, BirthDate, Event, Fact, Participant, PatientRecord, Provider, Record, Restriction,
    RosterRecord, Seen, Sex, Stamp, StatusSaid, Timing, VisitType, Way,
};
use domain::phi::Phi;
use domain::setup::RuleSet;
use domain::text::Text;
use domain::time::{Moment, Zone};
use engine::ingest::EnvelopeFormat;
use engine::poll::{Problem, Sheet};
use jiff::civil::{Date, DateTime, Time};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A date of birth that stands for none (seen in the vendor's sandbox).
const NO_BIRTH_YEAR: i16 = 1;

/// A page of rows.
#[derive(Deserialize)]
pub(super) struct List<'a> {
    #[serde(borrow, default, alias = "patients")]
    pub(super) appointments: Vec<&'a RawValue>,
    #[serde(default)]
    pub(super) totalcount: Loose,
    #[serde(default)]
    pub(super) next: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    appointmentid: Loose,
    appointmentstatus: Loose,
    date: Loose,
    starttime: Loose,
    duration: Loose,
    departmentid: Loose,
    providerid: Loose,
    patientid: Loose,
    appointmenttypeid: Loose,
    appointmenttype: Loose,
    patientappointmenttypename: Loose,
    scheduleddatetime: Loose,
    cancelreasonid: Loose,
    cancelreasonnoshow: Loose,
    rescheduledappointmentid: Loose,
    appointmentconfirmationid: Loose,
    encounterstatus: Loose,
    patient: Option<Person>,
}

/// A patient, nested or alone.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Person {
    patientid: Loose,
    firstname: Loose,
    lastname: Loose,
    dob: Loose,
    sex: Loose,
    email: Loose,
    emailexists: Loose,
    mobilephone: Loose,
    homephone: Loose,
    address1: Loose,
    city: Loose,
    state: Loose,
    zip: Loose,
    language6392code: Loose,
    consenttotext: Loose,
    consenttocall: Loose,
    donotcall: Loose,
    contactpreference_appointment_email: Loose,
    contactpreference_appointment_sms: Loose,
    contactpreference_appointment_phone: Loose,
}

/// What is needed to read rows.
pub(super) struct Reading<'r> {
    pub(super) rules: &'r RuleSet,
    pub(super) words: &'r Words,
    /// When they are read: the version of what carries none that can be trusted.
    pub(super) now: Moment,
}

/// What a row turned out to be.
pub(super) enum Read {
    /// A visit, and its patient where the row tells of one.
    Visit(Box<AppointmentRecord>, Option<Box<PatientRecord>>),
    /// A time that nobody has.
    Open(Text),
}

impl Read {
    /// The row's id.
    pub(super) fn id(&self) -> &Text {
        match self {
            Read::Visit(visit, _) => &visit.source_id,
            Read::Open(id) => id,
        }
    }
}

impl Reading<'_> {
    /// A sheet of a page of appointments, and how many different rows there were.
    pub(super) fn appointments(&self, body: Arc<[u8]>, rows: &[&RawValue]) -> (Sheet, u64) {
        let mut sheet = sheet(body.clone());
        let mut ids = BTreeSet::new();
        let mut unread = 0;
        for (n, row) in rows.iter().enumerate() {
            match self.appointment(row, &format!("appointments[{n}]")) {
                Ok(read) => {
                    ids.insert(read.id().clone());
                    if let Read::Visit(visit, patient) = read {
                        let patients = patient.map(|patient| *patient).into_iter().collect();
                        sheet.records.push(Record::Appointment(visit, patients));
                    }
                }
                Err(problem) => {
                    unread += 1;
                    sheet.problems.push(problem);
                }
            }
        }
        (sheet, ids.len() as u64 + unread)
    }

    /// A sheet of one visit; `None`: the time is free again, and nobody's.
    pub(super) fn one_visit(&self, body: Arc<[u8]>, row: &RawValue) -> Option<Sheet> {
        let mut sheet = sheet(body);
        match self.appointment(row, "[0]") {
            Ok(Read::Open(_)) => return None,
            Ok(Read::Visit(visit, patient)) => {
                let patients = patient.map(|patient| *patient).into_iter().collect();
                sheet.records.push(Record::Appointment(visit, patients));
            }
            Err(problem) => sheet.problems.push(problem),
        }
        Some(sheet)
    }

    /// Joins what another answer tells of the patient to a sheet of one visit, and keeps that answer with it.
    pub(super) fn join(&self, sheet: &mut Sheet, answer: &[u8]) {
        let rows: Vec<&RawValue> = serde_json::from_slice(answer).unwrap_or_default();
        let told = rows.first().and_then(|row| self.patient(row, "[0]").ok());
        if let (Some(patient), Some(Record::Appointment(_, patients))) = (told, sheet.records.first_mut()) {
            patients.push(patient);
            sheet.read_with = std::str::from_utf8(answer).ok().map(str::to_owned);
        }
    }

    /// A sheet of one patient.
    pub(super) fn one_patient(&self, body: Arc<[u8]>, row: &RawValue) -> Result<Sheet, Problem> {
        let record = self.patient(row, "[0]")?;
        let mut sheet = sheet(body);
        sheet.records.push(Record::Patient(Box::new(record)));
        Ok(sheet)
    }

    /// A sheet of a page of patients.
    pub(super) fn patients(&self, body: Arc<[u8]>, rows: &[&RawValue]) -> Sheet {
        let mut sheet = sheet(body.clone());
        for (n, row) in rows.iter().enumerate() {
            match self.patient(row, &format!("patients[{n}]")) {
                Ok(patient) => sheet.records.push(Record::Patient(Box::new(patient))),
                Err(problem) => sheet.problems.push(problem),
            }
        }
        sheet
    }

    /// One row of an appointment.
    pub(super) fn appointment(&self, row: &RawValue, place: &str) -> Result<Read, Problem> {
        let bad = |id: Option<&Text>, field: &str, what: &'static str| problem(row, id, place, field, what);
        let read: Row = serde_json::from_str(row.get()).map_err(|_| bad(None, "", "The row is not readable."))?;
        let id = read.appointmentid.id().ok_or_else(|| bad(None, ".appointmentid", "The row has no id."))?;
        let status = read.appointmentstatus.text();
        let status = status.ok_or_else(|| bad(Some(&id), ".appointmentstatus", "The row has no status."))?;
        let Some(patient) = read.patientid.id().filter(|_| *status != self.words.open_status) else {
            return Ok(Read::Open(id));
        };
        let department = read.departmentid.id();
        let zone = self.rules.zone_of(department.as_deref());
        let timing = timing(&read, zone).map_err(|(field, what)| bad(Some(&id), field, what))?;
        let kind = read.appointmenttypeid.id();
        let name = read.patientappointmenttypename.text().or(read.appointmenttype.text()).or(kind.as_ref()).cloned();
        let record = AppointmentRecord {
            booked_at: self.audit_time(&read.scheduleddatetime),
            status: Some(self.status(&read, status)),
            timing: Some(timing),
            visit_type: name.map(|name| VisitType { id: kind, name, place: Text::literal("appointmenttypeid") }),
            department: department.map(|value| Seen { value, place: Text::literal("departmentid") }),
            providers: RosterRecord::All(read.providerid.id().map(provider).into_iter().collect()),
            participants: RosterRecord::All(vec![participant(patient)]),
            present: true,
            ..AppointmentRecord::about(id, self.stamp(), Event::Listed)
        };
        let patient = read.patient.map(|person| person.record(self.stamp(), false));
        let patient = patient.flatten().map(Box::new);
        Ok(Read::Visit(Box::new(record), patient))
    }

    /// One row of a patient alone: all that is known of them.
    pub(super) fn patient(&self, row: &RawValue, place: &str) -> Result<PatientRecord, Problem> {
        let person: Person =
            serde_json::from_str(row.get()).map_err(|_| problem(row, None, place, "", "The row is not readable."))?;
        let record = person.record(self.stamp(), true);
        record.ok_or_else(|| problem(row, None, place, ".patientid", "The row has no id."))
    }

    fn stamp(&self) -> Stamp {
        Stamp { at: self.now, sequence: 0 }
    }

    /// The letter, with what stands beside it: why it was called off, how far it has come, what the patient confirmed.
    fn status(&self, row: &Row, letter: &Text) -> StatusSaid {
        let seen = |value: &Text, place: &'static str| Seen { value: value.clone(), place: Text::literal(place) };
        let reason = if row.cancelreasonnoshow.is_true() {
            Some(seen(&self.words.no_show_reason, "cancelreasonnoshow"))
        } else if row.rescheduledappointmentid.id().is_some() {
            Some(seen(&self.words.moved_reason, "rescheduledappointmentid"))
        } else if let Some(reason) = row.cancelreasonid.text() {
            Some(seen(reason, "cancelreasonid"))
        } else if let Some(stage) = row.encounterstatus.text() {
            Some(seen(stage, "encounterstatus"))
        } else {
            let confirmed = row.appointmentconfirmationid.text();
            confirmed.map(|id| seen(&Text::from(format!("confirmation {id}")), "appointmentconfirmationid"))
        };
        StatusSaid { word: Some(seen(letter, "appointmentstatus")), reason, ..StatusSaid::by(Event::Listed) }
    }

    /// A time of change: without an offset, by the vendor's own clock.
    fn audit_time(&self, value: &Loose) -> Option<Moment> {
        let local = DateTime::strptime("%m/%d/%Y %H:%M:%S", value.text()?.as_str()).ok()?;
        Some(Zone::named(&self.words.audit_zone).ok()?.place(local).moment)
    }
}

impl Person {
    /// `whole`: what is left out is not there.
    fn record(self, stamp: Stamp, whole: bool) -> Option<PatientRecord> {
        let said = |value: &Loose| Fact::of(value.text().cloned().map(Phi::new));
        let absent_email = whole || self.emailexists.text().is_some_and(|_| !self.emailexists.is_true());
        let email = match self.email.text() {
            Some(address) => Fact::Is(Phi::new(address.clone())),
            None if absent_email => Fact::Cleared,
            None => Fact::NotSaid,
        };
        let text = |value: &Loose| value.text().cloned();
        let address = Address {
            line: text(&self.address1),
            city: text(&self.city),
            state: text(&self.state),
            postal_code: text(&self.zip),
            country: None,
        };
        Some(PatientRecord {
            source_id: self.patientid.id()?,
            stamp,
            family: said(&self.lastname),
            given: said(&self.firstname),
            birth_date: Fact::of(self.dob.text().and_then(|text| birth_date(text)).map(Phi::new)),
            sex: Fact::of(self.sex.text().and_then(|text| sex(text)).map(Phi::new)),
            email_place: email.value().map(|_| Text::literal("patient.email")),
            email,
            mobile: said(&self.mobilephone),
            phone: said(&self.homephone),
            address: Fact::of((address != Address::default()).then(|| Phi::new(address))),
            language: said(&self.language6392code),
            coverage: Fact::NotSaid,
            restrictions: if whole { self.restrictions() } else { Fact::NotSaid },
        })
    }
}

impl Person {
    /// Consents and preferences that are spoken of, and what is closed by them (the vendor's privacy rule). Only a
    /// whole record tells of all of them: what is nested in a visit has one, and would take the others back.
    fn restrictions(&self) -> Fact<Phi<Vec<Restriction>>> {
        let flags = [
            (&self.consenttotext, "consenttotext", false, Way::Sms),
            (&self.consenttocall, "consenttocall", false, Way::Call),
            (&self.donotcall, "donotcall", true, Way::Call),
            (&self.contactpreference_appointment_email, "contactpreference_appointment_email", false, Way::Mail),
            (&self.contactpreference_appointment_sms, "contactpreference_appointment_sms", false, Way::Sms),
            (&self.contactpreference_appointment_phone, "contactpreference_appointment_phone", false, Way::Call),
        ];
        let spoken = flags.into_iter().filter(|(flag, ..)| flag.text().is_some());
        let mut found = None;
        for (flag, name, closes, way) in spoken {
            let closed: &mut Vec<Restriction> = found.get_or_insert_default();
            if flag.is_true() == closes {
                let (said, place) = (Text::from(format!("{name}: {closes}")), Text::literal(name));
                closed.push(Restriction { way, said, place });
            }
        }
        Fact::of(found.map(Phi::new))
    }
}

fn birth_date(text: &str) -> Option<BirthDate> {
    let date = Date::strptime("%m/%d/%Y", text).ok()?;
    (date.year() > NO_BIRTH_YEAR).then_some(BirthDate(date))
}

/// In either case, or absent (recorded answers).
fn sex(text: &str) -> Option<Sex> {
    match text.to_ascii_uppercase().as_str() {
        "F" => Some(Sex::Female),
        "M" => Some(Sex::Male),
        _ => None,
    }
}

fn provider(source_id: Text) -> Provider {
    Provider { source_id, name: None, role: None, place: Text::literal("providerid") }
}

fn participant(source_id: Text) -> Participant {
    Participant { source_id, status: None, place: Text::literal("patientid") }
}

/// By the clocks of the department.
fn timing(row: &Row, zone: &Zone) -> Result<Timing, (&'static str, &'static str)> {
    let date = row.date.text().ok_or((".date", "The row has no date."))?;
    let day = Date::strptime("%m/%d/%Y", date.as_str()).map_err(|_| (".date", "The date is none."))?;
    let time = row.starttime.text().ok_or((".starttime", "The row has no time."))?;
    let at = Time::strptime("%H:%M", time.as_str()).map_err(|_| (".starttime", "The time is none."))?;
    let placed = zone.place(day.to_datetime(at));
    let minutes = row.duration.number().filter(|minutes| (1..=1440).contains(minutes));
    if minutes.is_none() && row.duration.text().is_some() {
        return Err((".duration", "The length is no number of minutes of a day."));
    }
    let seen = Seen { value: Text::from(format!("{date} {time}")), place: Text::literal("date, starttime") };
    Ok(Timing {
        start: Some(placed.moment),
        end: minutes.map(|minutes| placed.moment.plus_minutes(minutes)),
        zone: zone.name().clone(),
        start_seen: Some(seen),
        end_place: minutes.map(|_| Text::literal("duration")),
        placement: placed.placement,
        issues: Vec::new(),
    })
}

/// A sheet that says nothing yet.
pub(super) fn sheet(body: Arc<[u8]>) -> Sheet {
    Sheet::of(body, EnvelopeFormat::Json)
}

fn problem(row: &RawValue, id: Option<&Text>, place: &str, field: &str, what: &'static str) -> Problem {
    let body = Some(Arc::from(row.get().as_bytes()));
    Problem { source_id: id.cloned(), place: Text::from(format!("{place}{field}")), what: Text::literal(what), body }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(row: &str, whole: bool) -> Option<Vec<(Way, String)>> {
        let person: Person = serde_json::from_str(row).unwrap();
        let stamp = Stamp { at: Moment::from_micros(0), sequence: 0 };
        let record = person.record(stamp, whole).unwrap();
        let held = record.restrictions.value()?.open().clone();
        Some(held.into_iter().map(|closed| (closed.way, closed.said.to_string())).collect())
    }

    #[test]
    fn consents_that_are_refused_close_their_way_and_only_a_whole_record_tells_of_them() {
        let row = r#"{"patientid": 7, "consenttotext": "false", "consenttocall": true, "donotcall": true,
            "contactpreference_appointment_email": false}"#;
        let said = |way, said: &str| (way, said.to_owned());
        let all = vec![
            said(Way::Sms, "consenttotext: false"),
            said(Way::Call, "donotcall: true"),
            said(Way::Mail, "contactpreference_appointment_email: false"),
        ];
        assert_eq!(closed(row, true), Some(all));
        assert_eq!(closed(row, false), None);
        assert_eq!(closed(r#"{"patientid": 7, "consenttotext": true}"#, true), Some(Vec::new()));
        assert_eq!(closed(r#"{"patientid": 7}"#, true), None, "nothing is said");
    }
}
