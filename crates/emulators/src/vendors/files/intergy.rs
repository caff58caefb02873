//! Greenway Intergy: the extract of the appointment tables every 15 minutes, and the FHIR service that has no
//! appointments. The event feed is HL7 v2: `punctual emulate greenway-intergy --feed ADDRESS`.
//!
//! Confirmed: the columns of `Appointment` and `ApptStaff`, `?` for null, the key of three parts, duration on the staff
//! row, FHIR without `Appointment`, a token request that asks for it refused with `invalid_scope`, an assertion of at
//! most 60 minutes. Inferred: seconds after midnight (`time_unit` switches to `hhmm`), the cadence. Our choice: the
//! letters of the status: they are drawn from the seed, marked as made up, and told in `access`, as a site would.
//!
//! Switches: `drop`, `done_marker`, `every_minutes`, `time_unit` (`seconds`, `hhmm`), `limits`.

use super::folder::{Folder, Table};
use crate::diary::{Ids, Modality, Standing, Visit};
use crate::vendors::call::{Call, json, typed};
use crate::vendors::office::{Office, Spec, Vendor};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json as value};

pub(in crate::vendors) const INTERGY: Spec = Spec {
    name: "greenway-intergy",
    ids: Ids { visit: 880_417, patient: 55_120, provider: 204, place: 12, kind: 1 },
    zone: "America/Chicago",
    switches: || value!({"limits": true, "drop": "", "done_marker": true, "every_minutes": 15, "time_unit": "seconds"}),
    vendor: |seed| Box::new(Intergy::new(seed)),
};

const APPOINTMENT: &str = "ApptSID,PracticeID,ServiceCenterID,PatientID,WriteIn,ApptDate,ApptTime,ApptClass,ReasonCode,\
                           ApptStatus,RescheduledApptSID,TelehealthVisit,CreateStampUTC,TimeStampUTC";
const STAFF: &str = "ApptSID,PracticeID,ServiceCenterID,StaffID,ReasonClass,ReasonCode,ApptDate,ApptTime,ApptNumber,\
                     Duration,TimeStampUTC";
const PRACTICE: &str = "3";
const TENANT: &str = "2.16.840.1.113883.3.441.1.9999";

/// What the letters stand for.
const STANDINGS: [Standing; 9] = [
    Standing::Booked,
    Standing::Confirmed,
    Standing::CheckedIn,
    Standing::InProgress,
    Standing::Completed,
    Standing::NoShow,
    Standing::CancelledByPatient,
    Standing::CancelledByProvider,
    Standing::Rescheduled,
];

struct Intergy {
    letters: Vec<char>,
    folder: Folder,
    place: String,
    written_at: Option<Timestamp>,
}

impl Intergy {
    fn new(seed: u64) -> Intergy {
        let mut letters: Vec<char> = ('A'..='Z').collect();
        fastrand::Rng::with_seed(seed ^ 0x1e77).shuffle(&mut letters);
        Intergy { letters, folder: Folder::default(), place: String::new(), written_at: None }
    }

    fn letter(&self, standing: &Standing) -> char {
        let at = STANDINGS.iter().position(|known| known == standing);
        // Whatever else there is has a letter that nobody explained.
        self.letters[at.unwrap_or(STANDINGS.len())]
    }

    fn tables(&self, office: &Office) -> [Table; 2] {
        let diary = &office.diary;
        let today = diary.local(office.now).date();
        let window = diary.between(today.saturating_sub(1.days()), today.saturating_add(3.months()));
        let visits: Vec<&Visit> = window.into_iter().filter(|visit| !visit.is_deleted).collect();
        let is_hhmm = office.text("time_unit") == "hhmm";
        let time = |visit: &Visit| {
            let (hour, minute) = (i64::from(visit.start.hour()), i64::from(visit.start.minute()));
            if is_hhmm { hour * 100 + minute } else { hour * 3600 + minute * 60 }.to_string()
        };
        let stamp = |visit: &Visit, at: Timestamp| {
            let zone = diary.place_of(visit).zone.clone();
            at.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
        };
        let key = |visit: &Visit| [visit.id.to_string(), PRACTICE.to_owned(), visit.place.to_string()];
        let appointments = visits.iter().map(|visit| {
            let kind = diary.kind_of(visit);
            let patient = visit.patient().map(|id| id.to_string());
            let [sid, practice, center] = key(visit);
            vec![
                sid,
                practice,
                center,
                patient.clone().unwrap_or_default(),
                if patient.is_none() { visit.reason.clone() } else { String::new() },
                visit.start.date().to_string(),
                time(visit),
                if kind.modality == Modality::Video { "TELE" } else { "GEN" }.to_owned(),
                kind.code.clone(),
                self.letter(&visit.standing).to_string(),
                visit.replaces.map_or_else(|| "?".to_owned(), |old| old.to_string()),
                (kind.modality == Modality::Video).to_string(),
                stamp(visit, visit.created_at),
                stamp(visit, visit.changed_at),
            ]
        });
        let staff = visits.iter().map(|visit| {
            let [sid, practice, center] = key(visit);
            // The lane of a double booking.
            let lane = visits
                .iter()
                .filter(|other| other.provider == visit.provider && other.start == visit.start && other.id < visit.id)
                .filter(|other| !other.standing.is_off())
                .count()
                .min(4)
                + 1;
            vec![
                sid,
                practice,
                center,
                visit.provider.to_string(),
                "GEN".to_owned(),
                diary.kind_of(visit).code.clone(),
                visit.start.date().to_string(),
                time(visit),
                lane.to_string(),
                visit.minutes.max(5).to_string(),
                stamp(visit, visit.changed_at),
            ]
        });
        [
            Table { name: "appointment", header: APPOINTMENT, rows: appointments.collect() },
            Table { name: "apptstaff", header: STAFF, rows: staff.collect() },
        ]
    }
}

impl Vendor for Intergy {
    fn answer(&mut self, office: &mut Office, call: &Call) -> Response {
        let parts = call.parts();
        match (call.method.as_str(), parts.as_slice()) {
            ("POST", ["oauth2", "as", "token.oauth2"]) => token(office, call),
            ("GET", ["fhir", "R4", tenant, "metadata"]) if *tenant == TENANT => {
                let kinds = ["Patient", "Practitioner", "PractitionerRole", "Location", "Organization"];
                let kinds = kinds.map(|kind| value!({"type": kind, "interaction": [{"code": "read"}]}));
                fhir(
                    200,
                    &value!({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1",
                                   "rest": [{"mode": "server", "resource": kinds}]}),
                )
            }
            ("GET", ["fhir", "R4", tenant, kind, id]) if *tenant == TENANT => {
                if !office.tokens.is_good(call.bearer(), office.now) {
                    return self.expired(call);
                }
                actor(office, kind, id)
            }
            _ => fhir(404, &outcome("not-found")),
        }
    }

    fn throttled(&self, _: &Call, _: u32) -> Response {
        fhir(429, &outcome("throttled"))
    }

    fn expired(&self, _: &Call) -> Response {
        fhir(401, &outcome("login"))
    }

    /// The key has three parts.
    fn visit_id(&self, visit: &Visit) -> String {
        format!("{}-{PRACTICE}-{}", visit.id, visit.place)
    }

    fn tick(&mut self, office: &mut Office) {
        if self.place != office.text("drop") {
            office.text("drop").clone_into(&mut self.place);
            self.written_at = None;
        }
        let pause = SignedDuration::from_mins(office.number("every_minutes").cast_signed());
        let is_due = self.written_at.is_none_or(|last| office.now.duration_since(last) >= pause);
        if is_due && !self.place.is_empty() {
            for table in self.tables(office) {
                self.folder.put(office, "full", table);
            }
            self.written_at = Some(office.now);
        }
        self.folder.settle(office);
    }

    fn access(&self) -> Value {
        let table: Vec<Value> =
            STANDINGS.iter().map(|known| value!({"letter": self.letter(known), "means": known})).collect();
        value!({
            "drop": self.place, "trouble": self.folder.trouble, "practice_id": PRACTICE,
            "status_table": {"synthetic": true, "letters": table},
            "fhir": format!("/fhir/R4/{TENANT}"), "token": "/oauth2/as/token.oauth2",
        })
    }
}

fn fhir(status: u16, body: &Value) -> Response {
    typed(status, "application/fhir+json", body.to_string())
}

fn outcome(code: &str) -> Value {
    value!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]})
}

/// Over-asking fails the whole request. The signature of the assertion is not checked here; its life is.
fn token(office: &mut Office, call: &Call) -> Response {
    let form = call.form();
    if form.get("grant_type") != Some("client_credentials") {
        return json(400, &value!({"error": "unsupported_grant_type"}));
    }
    let known = ["Patient", "Practitioner", "PractitionerRole", "Location", "Organization"];
    let scopes: Vec<&str> =
        form.get("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()).collect();
    let is_known = |scope: &&str| known.iter().any(|kind| *scope == format!("system/{kind}.read"));
    if scopes.is_empty() || !scopes.iter().all(is_known) {
        return json(400, &value!({"error": "invalid_scope"}));
    }
    let claims = form.get("client_assertion").and_then(|assertion| assertion.split('.').nth(1));
    let claims = claims.and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Option<Value> = claims.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let ahead = claims.and_then(|claims| claims["exp"].as_i64()).map(|exp| exp - office.now.as_second());
    if ahead.is_none_or(|ahead| !(0..=3600).contains(&ahead)) {
        return json(400, &value!({"error": "invalid_client"}));
    }
    let access = office.tokens.access(office.now, 300);
    json(200, &value!({"access_token": access, "token_type": "Bearer", "expires_in": 300, "scope": scopes.join(" ")}))
}

fn actor(office: &Office, kind: &str, id: &str) -> Response {
    let number = id.parse::<u64>().unwrap_or_default();
    let found = match kind {
        "Patient" => office.diary.patients.get(&number).map(|row| {
            let email = row.email.iter().map(|email| value!({"system": "email", "value": email}));
            value!({"resourceType": "Patient", "id": id, "name": [{"family": row.family, "given": [row.given]}],
                    "birthDate": row.birth_date, "telecom": email.collect::<Vec<_>>()})
        }),
        "Practitioner" => office.diary.provider(number).map(|row| {
            value!({"resourceType": "Practitioner", "id": id, "name": [{"family": row.family, "given": [row.given]}]})
        }),
        "Location" => office.diary.place(number).map(|row| value!({"resourceType": "Location", "id": id, "name": row.name})),
        _ => None,
    };
    found.map_or_else(|| fhir(404, &outcome("not-found")), |row| fhir(200, &row))
}
