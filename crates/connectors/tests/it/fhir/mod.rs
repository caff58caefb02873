//! Resources as servers write them, read under a practice's rules.

mod alone;
mod appointment;
mod bundle;
mod patient;

use connectors::fhir_r4::{Included, Problem, Terms, decode_appointment};
use domain::ids::{IntegrationKey, PracticeNo};
use domain::model::{AppointmentRecord, PatientRecord, Record};
use domain::setup::{Document, Lifecycle, RuleSet, SetupFacts};
use domain::time::Moment;

/// When everything here is received.
fn received() -> Moment {
    Moment::from_micros(1_800_000_000_000_000)
}

/// The rules of a clinic in Chicago that reads from a FHIR server; `more` goes on in its integration.
fn rules(more: &str) -> RuleSet {
    let document = Document::from_toml(&format!(
        r#"
        [practice]
        id = "lakeside"
        name = "Lakeside Clinic"
        time_zone = "America/Chicago"
        [[integration]]
        id = "lakeside-hook"
        source = {{ profile = "fhir-r4", route = "fhir-r4" }}
        platform = {{ profile = "webhook", route = "webhook" }}
        {more}
        "#
    ))
    .unwrap();
    let facts = SetupFacts {
        key: IntegrationKey { practice: PracticeNo(1), integration: 1 },
        version: 1,
        changed_at: received(),
        lifecycle: Lifecycle::Live,
        lifecycle_since: received(),
        gone_since: None,
        secret_problem: None,
        links: Vec::new(),
    };
    RuleSet::compile(&document.practice, &document.integration[0], &facts).unwrap()
}

fn terms(rules: &RuleSet) -> Terms<'_> {
    Terms { rules, identifier_system: None, base: Some("https://fhir.example/r4"), received: received() }
}

/// What an appointment says, and its contained patients.
fn decoded(terms: &Terms<'_>, json: &str) -> Result<(AppointmentRecord, Vec<PatientRecord>), Problem> {
    match decode_appointment(json.as_bytes(), terms, &Included::none())? {
        Record::Appointment(record, patients) => Ok((*record, patients)),
        other => panic!("an appointment tells of an appointment, not {other:?}"),
    }
}

/// What is wrong with an appointment, as it is told.
fn problem(json: &str) -> String {
    let rules = rules("");
    decoded(&terms(&rules), json).unwrap_err().to_string()
}
