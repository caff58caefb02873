//! The twin of Greenway Prime Suite's day-sheet service.
//!
//! Confirmed by public clients: the path and the key in the query, the two credential blocks, `PatientListGet` with
//! Microsoft dates, `PageStart` and `PageSize`, `TotalRows`, rows without a patient (number 0), the fields. Inferred:
//! that later pages begin at `n * PageSize + 1`, 403 for a bad key. Our choice: 401 for bad credentials, bodies of
//! errors, that rows which were called off leave the list (`lists_cancelled` keeps them), and each site's own words for
//! tracking: they are drawn from the seed, so nobody can know them beforehand. `access` tells them, as a site would.
//!
//! Switches: `limits`, `per_second`, `lists_cancelled`.

use crate::diary::{Diary, Ids, Patient, Standing, Visit};
use crate::vendors::call::{Call, json, typed};
use crate::vendors::office::{Office, Spec, Vendor};
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json as value};

pub(super) const SPEC: Spec = Spec {
    name: "greenway-prime-suite",
    ids: Ids { visit: 740_221, patient: 30_577, provider: 18, place: 4, kind: 61 },
    zone: "America/Chicago",
    switches: || value!({"limits": true, "per_second": 20, "lists_cancelled": false}),
    vendor: |seed| Box::new(Prime::new(seed)),
};

const KEY: &str = "twin-api-key";
const SITE: &str = "4711";

/// What a site may call the states of its tracking board.
const WORDS: [[&str; 3]; 6] = [
    ["Appt confirmed", "CONF", "Verified"],
    ["Waiting room", "Arrived", "Front desk"],
    ["With provider", "In exam", "Roomed"],
    ["No show", "DNKA", "Missed"],
    ["Pt cancelled", "CX patient", "Cancel-pt"],
    ["Office cancelled", "CX office", "Bumped"],
];

/// The standings that these words are for, in the same order.
const STANDINGS: [Standing; 6] = [
    Standing::Confirmed,
    Standing::CheckedIn,
    Standing::InProgress,
    Standing::NoShow,
    Standing::CancelledByPatient,
    Standing::CancelledByProvider,
];

/// The number of a state that is not in the table.
const OWN: u32 = 99;

struct Prime {
    /// Number and word of each standing.
    tracking: Vec<(u32, &'static str)>,
}

impl Prime {
    fn new(seed: u64) -> Prime {
        let mut rng = fastrand::Rng::with_seed(seed ^ 0x5eed);
        let first = rng.u32(3..40);
        let words = WORDS.iter().zip(0..).map(|(words, n)| (first + n * 3, words[rng.usize(..words.len())]));
        Prime { tracking: words.collect() }
    }

    fn state<'p>(&'p self, standing: &'p Standing) -> Option<(u32, &'p str)> {
        // A word that the site made up since its table was told.
        if let Standing::Own(word) = standing {
            return Some((OWN, word));
        }
        let at = STANDINGS.iter().position(|known| known == standing)?;
        self.tracking.get(at).copied()
    }
}

impl Vendor for Prime {
    fn answer(&mut self, office: &mut Office, call: &Call) -> Response {
        let path = call.path.strip_prefix("/Integration").unwrap_or(&call.path);
        let Some(operation) = path.strip_prefix("/RESTv1.0/PrimeSuiteAPIService/") else {
            return typed(404, "text/html", "<h1>Not Found</h1>");
        };
        if call.query.get("api_key") != Some(KEY) {
            return self.expired(call);
        }
        let most = u32::try_from(office.number("per_second")).unwrap_or(20);
        if let Some(wait) = office.is_over("second", most, 1, false) {
            return self.throttled(call, wait);
        }
        let Some(body) = call.json().filter(|_| call.method == "POST") else {
            return typed(400, "text/html", "<h1>Bad Request</h1>");
        };
        if !admitted(&body) {
            return typed(401, "text/html", "<h1>Unauthorized</h1>");
        }
        match operation {
            "User/PatientListGet" => self.day_sheet(office, call, &body),
            "Patient/PatientDemographicsSummaryGet" => demographics(office, &body),
            _ => typed(404, "text/html", "<h1>Not Found</h1>"),
        }
    }

    /// As the gateway of that kind says it (inferred).
    fn throttled(&self, _: &Call, _: u32) -> Response {
        typed(403, "text/xml", "<h1>Developer Over Rate</h1>")
    }

    fn expired(&self, _: &Call) -> Response {
        typed(403, "text/xml", "<h1>Developer Inactive</h1>")
    }

    fn access(&self) -> Value {
        let table = STANDINGS.iter().zip(&self.tracking);
        let table: Vec<Value> =
            table.map(|(standing, (id, word))| value!({"id": id, "word": word, "means": standing})).collect();
        value!({
            "service": "/Integration/RESTv1.0/PrimeSuiteAPIService/", "api_key": KEY,
            "prime_suite": {"PrimeSuiteSiteId": SITE, "PrimeSuiteUserName": "twin", "PrimeSuiteUserPassword": "twin-password"},
            "vendor": {"VendorLogin": "twin-vendor", "VendorPassword": "twin-vendor-password"},
            "tracking": table,
        })
    }
}

/// The two blocks: the practice's credentials and the integrator's.
fn admitted(body: &Value) -> bool {
    let (practice, vendor) = (&body["Credentials"]["PrimeSuiteCredential"], &body["Credentials"]["VendorCredential"]);
    let site = &practice["PrimeSuiteSiteId"];
    let is_ours = site.as_str() == Some(SITE) || site.as_u64() == SITE.parse().ok();
    is_ours
        && practice["PrimeSuiteUserName"] == "twin"
        && practice["PrimeSuiteUserPassword"] == "twin-password"
        && vendor["VendorLogin"] == "twin-vendor"
        && vendor["VendorPassword"] == "twin-vendor-password"
        && !body["Header"]["DestinationSiteID"].is_null()
}

/// `/Date(1772656200000-0600)/`
fn ms_date(at: Timestamp, zone: &TimeZone) -> String {
    let minutes = zone.to_offset(at).seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("/Date({}{sign}{:02}{:02})/", at.as_millisecond(), minutes.abs() / 60, minutes.abs() % 60)
}

fn read_ms_date(text: &str) -> Option<Timestamp> {
    let inner = text.replace('\\', "");
    let inner = inner.strip_prefix("/Date(")?.strip_suffix(")/")?;
    // The sign of the number itself may be a minus; the offset only says where it was written.
    let end =
        inner.char_indices().skip(1).find(|(_, letter)| matches!(letter, '+' | '-')).map_or(inner.len(), |(at, _)| at);
    Timestamp::from_millisecond(inner[..end].parse().ok()?).ok()
}

fn clock(local: jiff::civil::DateTime) -> String {
    let hour = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    format!("{hour}:{:02} {}", local.minute(), if local.hour() < 12 { "AM" } else { "PM" })
}

impl Prime {
    fn day_sheet(&self, office: &mut Office, call: &Call, body: &Value) -> Response {
        let date = |name: &str| body[name].as_str().and_then(read_ms_date);
        let (Some(from), Some(to)) = (date("FromDate"), date("ToDate")) else {
            return typed(500, "text/html", "<h1>Request Error</h1>");
        };
        let any_of = |name: &str, id: u64| {
            let wanted: Vec<u64> =
                body[name].as_array().map(|ids| ids.iter().filter_map(Value::as_u64).collect()).unwrap_or_default();
            wanted.is_empty() || wanted.contains(&0) || wanted.contains(&id)
        };
        let keeps = office.is_on("lists_cancelled");
        let diary = &office.diary;
        let mut visits: Vec<&Visit> = diary
            .visits
            .values()
            .filter(|visit| !visit.is_deleted && (keeps || !visit.standing.is_off()))
            .filter(|visit| (from..=to).contains(&diary.starts_at(visit)))
            .filter(|visit| any_of("AppointmentTypeIDs", visit.kind) && any_of("CareProviderIDs", visit.provider))
            .filter(|visit| any_of("ServiceLocationIDs", visit.place) && any_of("VisitTypeIDs", visit.kind))
            .collect();
        visits.sort_by_key(|visit| (visit.start, visit.id));
        let total = visits.len();
        // 0 is the top; later pages begin at a row number, counted from 1.
        let start = body["PageStart"].as_u64().unwrap_or(0) as usize;
        let size = body["PageSize"].as_u64().unwrap_or(10).max(1) as usize;
        let page = visits.into_iter().skip(start.saturating_sub(1)).take(size);
        let mut rows: Vec<Value> = page.map(|visit| self.row(diary, visit)).collect();
        if let Some(status) = office.spoil_as(call, &format!("{} {start}", call.path), &mut rows) {
            // A day-sheet that loses a page answers with an error; without a status it comes without its rows.
            return typed(status, "text/html", "<h1>Request Error</h1>");
        }
        json(200, &value!({"Appointments": rows, "TotalRows": total}))
    }

    fn row(&self, diary: &Diary, visit: &Visit) -> Value {
        let (place, kind, provider) = (diary.place_of(visit), diary.kind_of(visit), diary.provider_of(visit));
        let state = self.state(&visit.standing);
        let is_here = matches!(visit.standing, Standing::CheckedIn | Standing::InProgress | Standing::Completed);
        let is_out = visit.standing == Standing::Completed;
        let arrived = is_here.then(|| ms_date(visit.changed_at, &place.zone));
        value!({
            "AppointmentID": visit.id,
            "ScheduleDate": visit.start.strftime("%m/%d/%Y").to_string(),
            "AppointmentTime": clock(visit.start), "StartTime": clock(visit.start), "EndTime": clock(visit.end()),
            "ChiefComplaint": visit.reason, "Comments": visit.note, "Options": 0, "ChargesEntered": 0,
            "Type": {"AppointmentTypeID": kind.id, "Name": kind.name, "Abbr": kind.code, "Duration": visit.minutes},
            "Visit": {
                "VisitID": if is_here { visit.id + 100_000 } else { 0 }, "VisitStatus": null, "VisitTypeID": kind.id,
                "VisitTypeName": kind.name, "PatientArrivalFlag": is_here.then_some(true), "PatArrDateTime": arrived,
                "IsCheckedOut": is_out, "CareProviderID": provider.id, "CareProviderName": provider.name(),
                "ServiceLocationID": place.id, "FromDateTime": ms_date(diary.starts_at(visit), &place.zone),
                "ThroughDateTime": ms_date(diary.ends_at(visit), &place.zone),
            },
            "Tracking": {"TrackingID": if state.is_some() { visit.id } else { 0 },
                         "StatusID": state.map_or(0, |(id, _)| id), "Status": state.map(|(_, word)| word), "AreaID": 0},
            // The column of the schedule: not the provider's number.
            "Resource": {"ResourceID": provider.id - 9, "Name": format!("Dr {}", provider.family),
                         "OwnerCareProviderID": provider.id, "OverloadLimit": 1},
            "Location": {"LocationID": place.id, "Name": place.name},
            "Patient": diary.patient_of(visit).map_or_else(|| value!({"PatientID": 0}), person),
        })
    }
}

fn person(patient: &Patient) -> Value {
    let born = patient.birth_date.map(|day| {
        let midnight = TimeZone::UTC.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().unwrap_or_default();
        ms_date(midnight, &TimeZone::UTC)
    });
    let sex = match patient.sex.as_str() {
        "M" => 1,
        "F" => 2,
        _ => 0,
    };
    value!({
        "PatientID": patient.id, "PersonID": patient.id + 5000, "OriginalPatientIDString": format!("M{}", patient.id),
        "Firstname": patient.given, "LastName": patient.family, "FullName": patient.name(), "DateOfBirth": born,
        "Gender": sex, "EmailAddress1": patient.email, "CellPhoneNumber1": patient.mobile,
        "HomePhoneNumber": patient.phone, "Enabled": patient.merged_into.is_none(),
        "ResidentialAddress": {"Address1": patient.street, "City": patient.city, "State": patient.state,
                               "PostalCode": patient.postal_code},
    })
}

fn demographics(office: &Office, body: &Value) -> Response {
    let id = body["PatientID"].as_u64().or_else(|| body["PatientID"].as_str()?.parse().ok());
    match id.and_then(|id| office.diary.patients.get(&id)) {
        Some(patient) => json(200, &value!({"Patient": person(patient)})),
        None => json(200, &value!({"Patient": null})),
    }
}
