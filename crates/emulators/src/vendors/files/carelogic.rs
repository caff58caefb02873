//! CareLogic: files of activities and of who takes part, and the one write that a public source shows.
//!
//! Confirmed by the vendor's dictionary: the columns of `ACTIVITY_DETAIL`, the status words and their meaning, status
//! for each participant, nothing ever deleted. Our choice: the file of activities (its table is not published), the
//! file of clients, local times without a zone, a delta every five minutes, everything once a day, the path of the
//! write, and `/fhir` for who is who, where `Appointment` is not offered (confirmed). The plain `csv` twin writes the
//! same files and has no other interface.
//!
//! Switches: `drop`, `done_marker`, `delta_minutes`, `full_hours`, `short_words` (`CI` for `Checked In`), `limits`.

use super::folder::{Folder, Table};
use crate::diary::{Attendance, Diary, Edit, Ids, Modality, Standing, Visit};
use crate::vendors::call::{Call, json, problem, typed};
use crate::vendors::office::{Office, Spec, Vendor};
use axum::response::Response;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json as value};

const IDS: Ids = Ids { visit: 880_142, patient: 40_077, provider: 5_107, place: 4, kind: 1 };
/// Confirmed (the columns that carry something), and ours.
const DETAIL: &str = "ACTIVITY_DETAIL_ID,ACTIVITY_LOG_ID,CLIENT_ID,PROGRAM_ID,STATUS,STATUS_BY,STATUS_DATE,\
                      VIDEO_COUNSELING_YN,CANCELLATION_COMMENTS,CREATED_DATE,CHANGED_DATE";
const ACTIVITY: &str = "ACTIVITY_LOG_ID,ACTIVITY_CODE,ACTIVITY_NAME,IS_GROUP_YN,STAFF_ID,BEGIN_DATETIME,END_DATETIME,\
                        ORGANIZATION_ID,LOCATION_ID,MODALITY,SERIES_KEY,CHANGED_DATE";
const CLIENT: &str = "CLIENT_ID,LAST_NAME,FIRST_NAME,BIRTH_DATE,SEX,PRIMARY_EMAIL,MOBILE_PHONE,ADDRESS,CITY,STATE,ZIP,\
                      CHANGED_DATE";
/// Who a status of ours was written by.
const WRITER: &str = "9001";

fn switches() -> Value {
    value!({
        "limits": true, "drop": "", "done_marker": true, "delta_minutes": 5, "full_hours": 24, "short_words": false,
    })
}

pub(in crate::vendors) const CARELOGIC: Spec = Spec {
    name: "carelogic",
    ids: IDS,
    zone: "America/Chicago",
    switches,
    vendor: |_| Box::new(CareLogic { has_api: true, ..CareLogic::default() }),
};

pub(in crate::vendors) const CSV: Spec =
    Spec { name: "csv", ids: IDS, zone: "America/Chicago", switches, vendor: |_| Box::new(CareLogic::default()) };

#[derive(Default)]
struct CareLogic {
    has_api: bool,
    folder: Folder,
    /// Where the files were written to last, and when a delta and everything was written.
    place: String,
    delta_at: Option<Timestamp>,
    full_at: Option<Timestamp>,
    /// Participants whose status came by the write, not from the desk.
    written: Vec<u64>,
}

/// The status words; a word of the practice's own is not in the list of values.
fn word(standing: &Standing, is_short: bool) -> String {
    let (long, short) = match standing {
        Standing::CheckedIn => ("Checked In", "CI"),
        Standing::InProgress => ("In Session", "IS"),
        Standing::Completed => ("Kept", "Kept"),
        Standing::NoShow => ("DNS", "DNS"),
        Standing::CancelledByPatient => ("CBC", "CBC"),
        Standing::CancelledByProvider | Standing::Cancelled | Standing::Rescheduled => ("CBT", "CBT"),
        Standing::EnteredInError => ("Error", "Error"),
        // Co-Staff and Reversed are set by their own words.
        Standing::Own(word) => (word.as_str(), word.as_str()),
        _ => ("None", "None"),
    };
    if is_short { short } else { long }.to_owned()
}

fn local(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn flag(is: bool) -> String {
    if is { "Y" } else { "N" }.to_owned()
}

impl CareLogic {
    fn detail(&self, office: &Office, visit: &Visit, person: &Attendance) -> Vec<String> {
        let zone = &office.diary.place_of(visit).zone;
        // Nobody is ever taken out: a mistake is closed with Error.
        let is_mistake = person.is_removed || visit.is_deleted;
        let standing = if is_mistake { &Standing::EnteredInError } else { &person.standing };
        let is_marked = *standing != Standing::Booked;
        let by = if self.written.contains(&person.id) { WRITER.to_owned() } else { visit.provider.to_string() };
        let is_video = office.diary.kind_of(visit).modality == Modality::Video;
        vec![
            person.id.to_string(),
            visit.id.to_string(),
            person.patient.to_string(),
            "12".to_owned(),
            word(standing, office.is_on("short_words")),
            if is_marked { by } else { String::new() },
            if is_marked { local(person.changed_at, zone) } else { String::new() },
            flag(is_video),
            visit.called_off.clone().unwrap_or_default(),
            local(person.created_at, zone),
            // A status change stamps its own date only.
            local(if is_marked { person.created_at } else { person.changed_at }, zone),
        ]
    }

    fn tables(&self, office: &Office, since: Option<Timestamp>) -> [Table; 3] {
        let diary = &office.diary;
        let today = diary.local(office.now).date();
        let window = today.saturating_sub(1.days())..=today.saturating_add(90.days());
        let is_news = |at: Timestamp| since.is_none_or(|since| at >= since);
        let visits: Vec<&Visit> = diary
            .visits
            .values()
            .filter(|visit| !visit.is_block() && window.contains(&visit.start.date()))
            .filter(|visit| is_news(visit.changed_at))
            .collect();
        let activities = visits.iter().map(|visit| activity(diary, visit)).collect();
        let details = visits.iter().flat_map(|visit| {
            let people = visit.people.iter().filter(|person| is_news(person.changed_at) || is_news(visit.changed_at));
            people.map(|person| self.detail(office, visit, person))
        });
        let details = details.collect();
        let clients = diary.patients.values().filter(|patient| is_news(patient.changed_at)).map(|row| {
            vec![
                row.id.to_string(),
                row.family.clone(),
                row.given.clone(),
                row.birth_date.map(|day| day.to_string()).unwrap_or_default(),
                row.sex.clone(),
                row.email.clone().unwrap_or_default(),
                row.mobile.clone(),
                row.street.clone(),
                row.city.clone(),
                row.state.clone(),
                row.postal_code.clone(),
                local(row.changed_at, &diary.places[0].zone),
            ]
        });
        [
            Table { name: "activity", header: ACTIVITY, rows: activities },
            Table { name: "activity_detail", header: DETAIL, rows: details },
            Table { name: "client", header: CLIENT, rows: clients.collect() },
        ]
    }
}

fn activity(diary: &Diary, visit: &Visit) -> Vec<String> {
    let (kind, zone) = (diary.kind_of(visit), &diary.place_of(visit).zone);
    let modality = match kind.modality {
        Modality::Video => "VIDEO",
        Modality::InPerson => "IN_PERSON",
        Modality::Phone => "PHONE",
    };
    let time = |at: jiff::civil::DateTime| at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    vec![
        visit.id.to_string(),
        kind.code.clone(),
        kind.name.clone(),
        flag(visit.is_group),
        visit.provider.to_string(),
        time(visit.start),
        time(visit.end()),
        "31".to_owned(),
        visit.place.to_string(),
        modality.to_owned(),
        visit.series.map(|series| format!("S-{series}")).unwrap_or_default(),
        local(visit.changed_at, zone),
    ]
}

impl Vendor for CareLogic {
    fn answer(&mut self, office: &mut Office, call: &Call) -> Response {
        let parts = call.parts();
        match (call.method.as_str(), parts.as_slice()) {
            _ if !self.has_api => problem(404, "Not Found", "This twin writes files and has no interface."),
            ("PUT", ["activity-details", id, "status"]) => self.write(office, call, id),
            ("GET", ["fhir", "Appointment" | "Schedule" | "Slot", ..]) => {
                let issue = value!({"severity": "error", "code": "not-supported", "diagnostics": "Not offered."});
                fhir(404, &value!({"resourceType": "OperationOutcome", "issue": [issue]}))
            }
            ("GET", ["fhir", kind, id]) => actor(office, kind, id),
            _ => problem(404, "Not Found", "There is no such path."),
        }
    }

    /// 1000 a minute and 100 a second for a key (confirmed); here only by the fault.
    fn throttled(&self, _: &Call, _: u32) -> Response {
        problem(429, "Too Many Requests", "The limit of the key is reached.")
    }

    fn expired(&self, _: &Call) -> Response {
        problem(401, "Unauthorized", "The token is no good.")
    }

    /// Deltas and full files by the clock; all at once when a folder is named.
    fn tick(&mut self, office: &mut Office) {
        let is_new = self.place != office.text("drop");
        if is_new {
            office.text("drop").clone_into(&mut self.place);
            (self.delta_at, self.full_at) = (None, None);
        }
        let passed = |last: Option<Timestamp>, minutes: u64| {
            let pause = SignedDuration::from_mins(minutes.cast_signed());
            last.is_none_or(|last| office.now.duration_since(last) >= pause)
        };
        let full = passed(self.full_at, office.number("full_hours") * 60);
        let delta = passed(self.delta_at, office.number("delta_minutes"));
        if full && !self.place.is_empty() {
            for table in self.tables(office, None) {
                self.folder.put(office, "full", table);
            }
            (self.full_at, self.delta_at) = (Some(office.now), Some(office.now));
        } else if delta && !self.place.is_empty() {
            for table in self.tables(office, self.delta_at) {
                self.folder.put(office, "delta", table);
            }
            self.delta_at = Some(office.now);
        }
        self.folder.settle(office);
    }

    fn access(&self) -> Value {
        value!({
            "drop": self.place, "trouble": self.folder.trouble,
            "write": self.has_api.then_some("PUT /activity-details/{ACTIVITY_DETAIL_ID}/status"), "writer": WRITER,
        })
    }
}

impl CareLogic {
    /// A client called off: the status becomes CBC, when it is still open. Of a visit of one the comment is kept.
    fn write(&mut self, office: &mut Office, call: &Call, id: &str) -> Response {
        let body = call.json().unwrap_or_default();
        if body["status"] != "CBC" {
            return problem(422, "Unprocessable Content", "Only CBC can be written.");
        }
        let found = office.diary.visits.values().find_map(|visit| {
            let person = visit.people.iter().find(|person| person.id.to_string() == id)?;
            Some((visit.id, visit.is_group, person.clone()))
        });
        let Some((visit, is_group, person)) = found else {
            return problem(404, "Not Found", "There is no such participant.");
        };
        if person.is_removed || !matches!(person.standing, Standing::Booked | Standing::CheckedIn) {
            return problem(409, "Conflict", "The participant's status is final.");
        }
        let now = office.now;
        let done = office.diary.attend(visit, person.patient, Standing::CancelledByPatient, now).and_then(|()| {
            let comment = body["comment"].as_str().filter(|_| !is_group).map(str::to_owned);
            office.diary.edit(visit, Edit { called_off: comment, ..Edit::default() }, now)
        });
        self.written.push(person.id);
        match done {
            Ok(()) => json(200, &value!({"status": "CBC"})),
            Err(refusal) => problem(422, "Unprocessable Content", &refusal.to_string()),
        }
    }
}

fn fhir(status: u16, body: &Value) -> Response {
    typed(status, "application/fhir+json", body.to_string())
}

fn actor(office: &Office, kind: &str, id: &str) -> Response {
    let number = id.parse::<u64>().unwrap_or_default();
    let found = match kind {
        "Patient" => office.diary.patients.get(&number).map(|row| {
            value!({"resourceType": "Patient", "id": id, "name": [{"family": row.family, "given": [row.given]}],
                    "birthDate": row.birth_date,
                    "telecom": row.email.iter().map(|email| value!({"system": "email", "value": email})).collect::<Vec<_>>()})
        }),
        "Practitioner" => office.diary.provider(number).map(|row| {
            value!({"resourceType": "Practitioner", "id": id, "name": [{"family": row.family, "given": [row.given]}]})
        }),
        "Location" => office.diary.place(number).map(|row| value!({"resourceType": "Location", "id": id, "name": row.name})),
        _ => None,
    };
    let missing = || {
        fhir(404, &value!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}))
    };
    found.map_or_else(missing, |row| fhir(200, &row))
}
