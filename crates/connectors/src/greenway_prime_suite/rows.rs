//! A row of the day sheet into a record, with the patient it holds.

use crate::greenway_prime_suite::rules::Rules;
use crate::greenway_prime_suite::times::{clock, ms_date, ms_day, us_day};
use crate::loose::Loose;
use domain::model::{
    Address, AppointmentRecord, BirthDate, Event, Fact, Participant, PatientRecord, Provider, Record, RosterRecord,
    Seen, Sex, Stamp, StatusSaid, Timing, TimingIssue, VisitType,
};
use domain::phi::Phi;
use domain::setup::RuleSet;
use domain::status::Status;
use domain::text::Text;
use domain::time::Placement;
use engine::ingest::EnvelopeFormat;
use engine::poll::{Problem, Sheet};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Row {
    #[serde(rename = "AppointmentID")]
    id: Loose,
    schedule_date: Loose,
    start_time: Loose,
    appointment_time: Loose,
    end_time: Loose,
    comments: Loose,
    #[serde(rename = "Type")]
    kind: Option<Kind>,
    visit: Option<Visit>,
    tracking: Option<Tracking>,
    resource: Option<Resource>,
    location: Option<Location>,
    patient: Option<Person>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Kind {
    #[serde(rename = "AppointmentTypeID")]
    id: Loose,
    name: Loose,
    duration: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Visit {
    pat_arr_date_time: Loose,
    patient_arrival_flag: Loose,
    is_checked_out: Loose,
    from_date_time: Loose,
    #[serde(rename = "CareProviderID")]
    provider_id: Loose,
    care_provider_name: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Tracking {
    status: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Resource {
    #[serde(rename = "ResourceID")]
    id: Loose,
    name: Loose,
    #[serde(rename = "OwnerCareProviderID")]
    owner_id: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Location {
    #[serde(rename = "LocationID")]
    id: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Person {
    #[serde(rename = "PatientID")]
    id: Loose,
    /// Spelled so by a public model; the other spelling is taken too.
    #[serde(rename = "Firstname", alias = "FirstName")]
    given: Loose,
    last_name: Loose,
    date_of_birth: Loose,
    gender: Loose,
    email_address1: Loose,
    cell_phone_number1: Loose,
    home_phone_number: Loose,
    residential_address: Option<Home>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Home {
    address1: Loose,
    address2: Loose,
    city: Loose,
    state: Loose,
    postal_code: Loose,
}

/// What is needed to read rows.
pub(super) struct Reading<'r> {
    pub(super) rules: &'r RuleSet,
    pub(super) own: &'r Rules,
    pub(super) stamp: Stamp,
}

impl Reading<'_> {
    /// What a page with these rows says.
    pub(super) fn sheet(&self, body: Arc<[u8]>, rows: &[Box<RawValue>]) -> Sheet {
        let mut sheet = Sheet::of(body, EnvelopeFormat::Json);
        for row in rows {
            match self.row(row) {
                Ok((visit, patient)) => {
                    sheet.records.push(Record::Appointment(Box::new(visit), patient.into_iter().collect()));
                }
                Err(problem) => sheet.problems.push(problem),
            }
        }
        sheet
    }

    fn row(&self, raw: &RawValue) -> Result<(AppointmentRecord, Option<PatientRecord>), Problem> {
        let row: Row = serde_json::from_str(raw.get())
            .map_err(|_| problem(raw, None, "Appointments", "The row is not readable."))?;
        let missing = || problem(raw, None, "AppointmentID", "The row has no id.");
        let id = row.id.id().ok_or_else(missing)?;
        let department = row.location.as_ref().and_then(|location| location.id.id());
        let timing = self.timing(&row, department.as_deref());
        let timing = timing.map_err(|(place, what)| problem(raw, Some(&id), place, what))?;
        let person = row.patient.as_ref().filter(|person| person.id.id().is_some());
        let patient = person.map(|person| self.patient(person)).transpose();
        let patient = patient.map_err(|(place, what)| problem(raw, Some(&id), place, what))?;
        let event = if person.is_some() { Event::Listed } else { Event::SlotBlocked };
        let kind = row.kind.as_ref();
        let participant = |patient: &PatientRecord| Participant {
            source_id: patient.source_id.clone(),
            status: None,
            place: Text::literal("Patient.PatientID"),
        };
        let record = AppointmentRecord {
            status: (event == Event::Listed).then(|| self.status(&row, department.as_deref())),
            timing: Some(timing),
            visit_type: kind.and_then(|kind| kind.name.text()).map(|name| VisitType {
                id: kind.and_then(|kind| kind.id.id()),
                name: name.clone(),
                place: Text::literal("Type.Name"),
            }),
            department: department.map(|value| Seen { value, place: Text::literal("Location.LocationID") }),
            providers: RosterRecord::All(provider(&row).into_iter().collect()),
            participants: RosterRecord::All(patient.iter().map(participant).collect()),
            ..AppointmentRecord::about(id, self.stamp, event)
        };
        Ok((record, patient))
    }

    /// There is no status field. What the sheet calls the order of derivation: checked out, the site's word of the
    /// tracking board, arrived, plain. A word for what comes before the arrival counts no more once they are here.
    fn status(&self, row: &Row, department: Option<&str>) -> StatusSaid {
        let visit = row.visit.as_ref();
        let is_out = visit.is_some_and(|visit| visit.is_checked_out.is_true());
        let is_here =
            visit.is_some_and(|visit| visit.patient_arrival_flag.is_true() || visit.pat_arr_date_time.text().is_some());
        let tracked = row.tracking.as_ref().and_then(|tracking| tracking.status.text());
        let is_before = |word: &&Text| {
            let meaning = self.rules.statuses.meaning(word, department);
            matches!(meaning, Some((Status::Proposed | Status::Booked | Status::Confirmed, _)))
        };
        let (value, place) = match tracked {
            _ if is_out => (Text::literal("IsCheckedOut"), "Visit.IsCheckedOut"),
            Some(word) if !(is_here && is_before(&word)) => (word.clone(), "Tracking.Status"),
            _ if is_here => (Text::literal("PatientArrivalFlag"), "Visit.PatientArrivalFlag"),
            _ => (Text::literal(""), "Tracking.Status"),
        };
        let note = row.comments.text().filter(|_| self.rules.statuses.reads_more_than_words());
        let note = note.map(|note| Seen { value: note.clone(), place: Text::literal("Comments") });
        StatusSaid { word: Some(Seen { value, place: Text::literal(place) }), note, ..StatusSaid::by(Event::Listed) }
    }

    /// Day and clock time where the visit is. The instant beside them is a cross-check, and says which of two it is
    /// when the clocks go back.
    fn timing(&self, row: &Row, department: Option<&str>) -> Result<Timing, (&'static str, &'static str)> {
        let day = row.schedule_date.text().and_then(|text| us_day(text));
        let day = day.ok_or(("ScheduleDate", "The day is none."))?;
        let (text, place) = match (row.start_time.text(), row.appointment_time.text()) {
            (Some(text), _) => (text, "StartTime"),
            (None, Some(text)) => (text, "AppointmentTime"),
            (None, None) => return Err(("StartTime", "The row has no time.")),
        };
        let start = clock(text).ok_or((place, "The time is none."))?;
        let zone = self.rules.zone_of(department);
        let placed = zone.place(day.to_datetime(start));
        let seen = Seen { value: Text::from(format!("{day} {text}")), place: Text::literal(place) };
        let (mut at, mut placement, mut issues) = (placed.moment, placed.placement, Vec::new());
        let checked = row.visit.as_ref().and_then(|visit| visit.from_date_time.text());
        if let Some((written, (told, _))) = checked.and_then(|text| Some((text, ms_date(text)?))) {
            if placement == Placement::Fold && zone.local(told) == day.to_datetime(start) {
                (at, placement) = (told, Placement::Given);
            } else if told != at {
                let other = Seen { value: written.clone(), place: Text::literal("Visit.FromDateTime") };
                issues.push(TimingIssue::FieldsDisagree(seen.clone(), other));
            }
        }
        let minutes = row.kind.as_ref().and_then(|kind| kind.duration.number());
        let by_length = minutes.filter(|minutes| (1..=1440).contains(minutes)).map(|minutes| at.plus_minutes(minutes));
        let by_clock = row.end_time.text().and_then(|text| clock(text)).filter(|end| *end > start);
        let by_clock = by_clock.map(|end| at.plus_secs(start.until(end).map_or(0, |span| span_secs(&span))));
        let (end, end_place) = match (by_clock, by_length) {
            (Some(end), _) => (Some(end), Some(Text::literal("EndTime"))),
            (None, Some(end)) => (Some(end), Some(Text::literal("Type.Duration"))),
            (None, None) => (None, None),
        };
        let zone = zone.name().clone();
        Ok(Timing { start: Some(at), end, zone, start_seen: Some(seen), end_place, placement, issues })
    }

    /// The person in the row. It is all the service tells of them, so what is empty is not there; an address that the
    /// row leaves out altogether was not said.
    fn patient(&self, person: &Person) -> Result<PatientRecord, (&'static str, &'static str)> {
        let birth_date = match person.date_of_birth.text() {
            None => Fact::NotSaid,
            Some(text) => {
                let day = ms_day(text).ok_or(("Patient.DateOfBirth", "The day of birth is no date."))?;
                Fact::Is(Phi::new(BirthDate(day)))
            }
        };
        let said = |value: &Loose| Fact::of(value.text().cloned().map(Phi::new));
        let held = |value: &Loose| value.text().map_or(Fact::Cleared, |text| Fact::Is(Phi::new(text.clone())));
        let sex = person.gender.text().and_then(|number| self.own.sexes.get(number)).and_then(|word| sex(word));
        Ok(PatientRecord {
            source_id: person.id.id().unwrap_or_default(),
            stamp: self.stamp,
            family: said(&person.last_name),
            given: said(&person.given),
            birth_date,
            sex: Fact::of(sex.map(Phi::new)),
            email: held(&person.email_address1),
            email_place: Some(Text::literal("Patient.EmailAddress1")),
            mobile: held(&person.cell_phone_number1),
            phone: held(&person.home_phone_number),
            address: person.residential_address.as_ref().map_or(Fact::NotSaid, home),
            language: Fact::NotSaid,
            coverage: Fact::NotSaid,
            restrictions: Fact::NotSaid,
        })
    }
}

fn span_secs(span: &jiff::Span) -> i64 {
    i64::from(span.get_hours()) * 3600 + span.get_minutes() * 60 + span.get_seconds()
}

/// Our words.
fn sex(word: &str) -> Option<Sex> {
    Some(match word {
        "female" => Sex::Female,
        "male" => Sex::Male,
        "other" => Sex::Other,
        "unknown" => Sex::Unknown,
        _ => return None,
    })
}

fn home(home: &Home) -> Fact<Phi<Address>> {
    let lines: Vec<&str> =
        [&home.address1, &home.address2].into_iter().filter_map(|line| line.text().map(Text::as_str)).collect();
    let address = Address {
        line: Text::present(&lines.join(", ")),
        city: home.city.text().cloned(),
        state: home.state.text().cloned(),
        postal_code: home.postal_code.text().cloned(),
        country: None,
    };
    if address == Address::default() { Fact::Cleared } else { Fact::Is(Phi::new(address)) }
}

/// The care provider of the visit, else the owner of the column, else the column itself: rooms and nurses have columns
/// and no provider.
fn provider(row: &Row) -> Option<Provider> {
    let (visit, resource) = (row.visit.as_ref(), row.resource.as_ref());
    let of_column = || resource.and_then(|resource| resource.name.text()).cloned();
    if let Some(id) = visit.and_then(|visit| visit.provider_id.id()) {
        let name = visit.and_then(|visit| visit.care_provider_name.text()).cloned().or_else(of_column);
        return Some(Provider { source_id: id, name, role: None, place: Text::literal("Visit.CareProviderID") });
    }
    let resource = resource?;
    let name = of_column();
    match resource.owner_id.id() {
        Some(id) => {
            Some(Provider { source_id: id, name, role: None, place: Text::literal("Resource.OwnerCareProviderID") })
        }
        None => {
            let source_id = Text::from(format!("resource {}", resource.id.id()?));
            Some(Provider { source_id, name, role: None, place: Text::literal("Resource.ResourceID") })
        }
    }
}

fn problem(row: &RawValue, id: Option<&Text>, place: &'static str, what: &'static str) -> Problem {
    let body = Some(Arc::from(row.get().as_bytes()));
    Problem { source_id: id.cloned(), place: Text::literal(place), what: Text::literal(what), body }
}
