//! Appointment.

use super::{decoded, problem, received, rules, terms};
use connectors::fhir_r4::Terms;
use domain::gates::Reading;
use domain::merge::{Arrival, merge_appointment};
use domain::model::{AppointmentRecord, Event, RosterRecord, Stamp, TimingIssue};
use domain::setup::RuleSet;
use domain::status::Status;
use domain::text::Text;
use domain::time::{Moment, Placement};

const BOOKED: &str = r#"{
  "resourceType": "Appointment", "id": "a1",
  "meta": {"versionId": "3", "lastUpdated": "2027-01-02T10:00:00.5Z"},
  "identifier": [{"system": "urn:visits", "value": "V-77"},
                 {"type": {"coding": [{"code": "PLAC"}]}, "value": "P-9"}],
  "status": "booked",
  "appointmentType": {"coding": [{"system": "urn:types", "code": "TV30", "display": "Telemedicine Visit"}]},
  "serviceType": [{"text": "Cardiology"}],
  "start": "2027-01-04T08:00:00-05:00", "end": "2027-01-04T08:15:00-05:00",
  "created": "2026-12-24",
  "extension": [{"url": "https://x.example/colour", "valueString": "green"}],
  "participant": [
    {"actor": {"reference": "Patient/p1", "display": "Ada Okafor"}, "status": "accepted"},
    {"type": [{"coding": [{"code": "PPRF"}]}],
     "actor": {"reference": "https://fhir.example/r4/Practitioner/dr7/_history/2", "display": "Imani Cole"}, "status": "accepted"},
    {"actor": {"reference": "Location/main"}, "status": "accepted"},
    {"actor": {"reference": "Device/room-camera"}, "status": "accepted"}
  ]
}"#;

fn booked() -> AppointmentRecord {
    let rules = rules("");
    decoded(&terms(&rules), BOOKED).unwrap().0
}

/// BOOKED with a piece put in place of another.
fn with(old: &str, new: &str) -> String {
    assert!(BOOKED.contains(old), "{old}");
    BOOKED.replace(old, new)
}

fn providers(record: &AppointmentRecord) -> Vec<(&str, Option<&str>, Option<&str>)> {
    let RosterRecord::All(all) = &record.providers else { panic!("a resource is whole") };
    all.iter().map(|p| (p.source_id.as_str(), p.name.as_deref(), p.role.as_deref())).collect()
}

fn participants(record: &AppointmentRecord) -> Vec<&str> {
    let RosterRecord::All(all) = &record.participants else { panic!("a resource is whole") };
    all.iter().map(|p| p.source_id.as_str()).collect()
}

fn status(rules: &RuleSet, record: AppointmentRecord) -> Status {
    let arrival = Arrival { at: received(), envelope: domain::ids::EnvelopeId(1), control_id: None };
    Reading::of(rules, &merge_appointment(None, record, &arrival).appointment).status
}

#[test]
fn a_booking_says_who_when_where_and_what() {
    let record = booked();
    assert_eq!(record.source_id, "a1");
    assert_eq!(record.placer_id.as_deref(), Some("P-9"));
    assert_eq!(record.stamp, Stamp { at: Moment::from_micros(1_798_884_000_500_000), sequence: 3 });
    assert_eq!(record.booked_at.unwrap().to_string(), "2026-12-24T06:00:00Z", "a day begins by the clinic's clocks");
    assert_eq!(record.event, Event::Listed);
    let kind = record.visit_type.clone().unwrap();
    assert_eq!((kind.id.as_deref(), kind.name.as_str()), (Some("TV30"), "Telemedicine Visit"));
    assert_eq!(kind.place, "Appointment.appointmentType.coding[0].display");
    assert_eq!(participants(&record), ["p1"]);
    assert_eq!(providers(&record), [("dr7", Some("Imani Cole"), Some("PPRF"))]);
    let department = record.department.clone().unwrap();
    assert_eq!((department.value.as_str(), department.place.as_str()), ("main", "Appointment.participant[2].actor"));
    assert!(!record.test);
}

#[test]
fn the_source_keeps_its_text_and_zone_beside_the_instant() {
    let timing = booked().timing.unwrap();
    assert_eq!(timing.start.unwrap().to_string(), "2027-01-04T13:00:00Z");
    assert_eq!(timing.end.unwrap().to_string(), "2027-01-04T13:15:00Z");
    assert_eq!(timing.placement, Placement::Given);
    assert_eq!(timing.zone, "America/Chicago");
    let seen = timing.start_seen.unwrap();
    assert_eq!((seen.value.as_str(), seen.place.as_str()), ("2027-01-04T08:00:00-05:00", "Appointment.start"));
    let zoned = with(
        r#""created""#,
        r#""_start": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": "America/New_York"}]}, "created""#,
    );
    let rules = rules("");
    assert_eq!(decoded(&terms(&rules), &zoned).unwrap().0.timing.unwrap().zone, "America/New_York");
}

#[test]
fn an_end_is_reckoned_from_the_length_and_never_lies_before_the_start() {
    let rules = rules("");
    let length = with(r#""end": "2027-01-04T08:15:00-05:00""#, r#""minutesDuration": 40"#);
    let timing = decoded(&terms(&rules), &length).unwrap().0.timing.unwrap();
    assert_eq!(timing.end.unwrap().to_string(), "2027-01-04T13:40:00Z");
    assert_eq!(timing.end_place.as_deref(), Some("Appointment.minutesDuration"));
    let before = with("08:15:00-05:00", "07:15:00-05:00");
    let timing = decoded(&terms(&rules), &before).unwrap().0.timing.unwrap();
    assert_eq!(timing.end, None);
    assert!(matches!(&timing.issues[..], [TimingIssue::FieldsDisagree(..)]), "{:?}", timing.issues);
}

#[test]
fn a_time_without_an_offset_is_no_instant_and_a_day_is_no_time() {
    assert_eq!(
        problem(&with("08:00:00-05:00", "08:00:00")),
        "Appointment.start: The time has no offset from UTC, so it is no instant."
    );
    let rules = rules("");
    let day = with(r#""2027-01-04T08:00:00-05:00", "end": "2027-01-04T08:15:00-05:00""#, r#""2027-01-04""#);
    let timing = decoded(&terms(&rules), &day).unwrap().0.timing.unwrap();
    assert!(timing.start.is_none() && matches!(&timing.issues[..], [TimingIssue::DateOnly(_)]));
    let none = with(r#""start": "2027-01-04T08:00:00-05:00", "end": "2027-01-04T08:15:00-05:00","#, "");
    let timing = decoded(&terms(&rules), &none).unwrap().0.timing.unwrap();
    assert_eq!((timing.start, timing.issues.len()), (None, 0), "a visit on a waiting list has no time yet");
}

#[test]
fn the_business_identifier_is_the_id_where_the_integration_names_its_system() {
    let rules = rules("");
    let by = |system| Terms { identifier_system: Some(system), ..terms(&rules) };
    assert_eq!(decoded(&by("urn:visits"), BOOKED).unwrap().0.source_id, "V-77");
    let problem = decoded(&by("urn:other"), BOOKED).unwrap_err();
    assert_eq!(problem.path, "Appointment.identifier");
}

#[test]
fn a_code_without_display_is_the_name_and_the_next_element_stands_in() {
    let rules = rules("");
    let kind = |json: &str| decoded(&terms(&rules), json).unwrap().0.visit_type.unwrap();
    let code_only = kind(&with(r#", "display": "Telemedicine Visit""#, ""));
    assert_eq!((code_only.id.as_deref(), code_only.name.as_str()), (Some("TV30"), "TV30"));
    let none = kind(&with(
        r#""appointmentType": {"coding": [{"system": "urn:types", "code": "TV30", "display": "Telemedicine Visit"}]},"#,
        "",
    ));
    assert_eq!((none.id, none.name.as_str()), (None, "Cardiology"));
    assert_eq!(none.place, "Appointment.serviceType[0].text");
}

#[test]
fn statuses_mean_what_the_standard_says_and_the_reason_says_by_whom() {
    let rules = rules("");
    let of = |word: &str, reason: &str| {
        let reason = format!(r#""status": "{word}", {reason}"#);
        status(&rules, decoded(&terms(&rules), &with(r#""status": "booked","#, &reason)).unwrap().0)
    };
    for (word, means) in [
        ("proposed", Status::Proposed),
        ("pending", Status::Proposed),
        ("booked", Status::Booked),
        ("arrived", Status::CheckedIn),
        ("checked-in", Status::CheckedIn),
        ("fulfilled", Status::Completed),
        ("cancelled", Status::Cancelled),
        ("noshow", Status::NoShow),
        ("entered-in-error", Status::EnteredInError),
        ("waitlist", Status::Proposed),
    ] {
        assert_eq!(of(word, ""), means, "{word}");
    }
    let reason = |code: &str| format!(r#""cancelationReason": {{"coding": [{{"code": "{code}"}}]}},"#);
    assert_eq!(of("cancelled", &reason("pat-lt")), Status::CancelledByPatient);
    assert_eq!(
        of("cancelled", &reason("prov-pers").replace("cancelation", "cancellation")),
        Status::CancelledByProvider
    );
    assert_eq!(of("cancelled", &reason("oth-weath")), Status::Cancelled, "the weather is nobody");
    assert_eq!(of("booked", &reason("pat")), Status::Booked, "a reason left over from before ends nothing");
}

#[test]
fn an_unknown_status_is_kept_for_the_gates_and_a_missing_one_is_a_problem() {
    let rules = rules("");
    let record = decoded(&terms(&rules), &with(r#""status": "booked""#, r#""status": "double-booked""#)).unwrap().0;
    let arrival = Arrival { at: received(), envelope: domain::ids::EnvelopeId(1), control_id: None };
    let merged = merge_appointment(None, record, &arrival).appointment;
    assert!(Reading::of(&rules, &merged).unknown_word);
    assert_eq!(problem(&with(r#""status": "booked","#, "")), "Appointment.status: The appointment has no status.");
    assert_eq!(
        problem(&with(r#"main"}, "status": "accepted""#, r#"main"}, "status": "perhaps""#)),
        "Appointment.participant[2].status: The status is none of accepted, declined, tentative, needs-action."
    );
    assert_eq!(
        problem(&with(r#""versionId": "3""#, r#""versionId": 3"#)).split(':').next(),
        Some("Appointment.meta.versionId")
    );
}

#[test]
fn one_who_declined_does_not_come_while_the_visit_stands() {
    let rules = rules("");
    let two =
        with(r#""participant": ["#, r#""participant": [{"actor": {"reference": "Patient/p2"}, "status": "declined"},"#);
    let own = |json: &str| {
        let record = decoded(&terms(&rules), json).unwrap().0;
        let RosterRecord::All(all) = record.participants else { panic!("a resource is whole") };
        all.into_iter().map(|p| p.status.and_then(|said| said.value.word).map(|word| word.value)).collect::<Vec<_>>()
    };
    assert_eq!(own(&two), [Some(Text::from("declined")), None]);
    assert_eq!(own(&two.replace(r#""status": "booked""#, r#""status": "cancelled""#)), [None, None]);
}

#[test]
fn actors_are_found_by_type_by_identifier_system_and_inside_the_visit() {
    let rules = rules(
        r#"override = [{ path = "source.fhir_r4.patient_systems", value = ["urn:mrn"], author = "Test", reason = "MRNs stand alone" }]"#,
    );
    let named = r##"{"resourceType":"Appointment","id":"a2","status":"booked",
      "contained":[{"resourceType":"Practitioner","id":"d","identifier":[{"value":"other"},
          {"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}],"name":[{"family":"Cole","given":["Imani"]}]},
        {"resourceType":"Patient","id":"c","identifier":[{"system":"urn:x","value":"X"},{"system":"urn:mrn","value":"M2"}],
         "name":[{"family":"Roe"}]}],
      "participant":[{"actor":{"identifier":{"system":"urn:mrn","value":"M1"}}},
        {"actor":{"reference":"#c"}},
        {"actor":{"reference":"https://elsewhere.example/fhir/Patient/9"}},
        {"actor":{"type":"Patient","identifier":{"value":"T1"}}},
        {"actor":{"reference":"#d"}},
        {"actor":{"identifier":{"system":"urn:unheard-of","value":"Z"}}},
        {"actor":{"type":"Patient","display":"somebody"}}]}"##;
    let (record, patients) = decoded(&terms(&rules), named).unwrap();
    assert_eq!(participants(&record), ["M1", "M2", "https://elsewhere.example/fhir/Patient/9", "T1"]);
    assert_eq!(providers(&record), [("1234567893", Some("Imani Cole"), None)]);
    assert_eq!(patients.iter().map(|p| p.source_id.as_str()).collect::<Vec<_>>(), ["M2"]);
    assert_eq!(record.stamp.at, received(), "nothing says when it changed: it holds since it was read");
    assert_eq!(record.booked_at, None);
}

#[test]
fn s4_4_the_visits_of_a_series_are_tied_by_r5_elements_or_a_shared_identifier() {
    let element = |name: &str| format!("http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.{name}");
    let series = |rules: &RuleSet, json: &str| {
        let series = decoded(&terms(rules), json).unwrap().0.series;
        series.map(|series| (series.id.to_string(), series.occurrence, series.placed))
    };
    let (plain, ours) = (rules(""), rules(SERIES_SYSTEM));
    let more = |extensions: &str| with(r#""extension": ["#, &format!(r#""extension": [{extensions}, "#));
    let origin = format!(
        r#"{{"url": "{}", "valueReference": {{"reference": "Appointment/a0"}}}}, {{"url": "{}", "valuePositiveInt": 4}}"#,
        element("originatingAppointment"),
        element("recurrenceId")
    );
    assert_eq!(series(&plain, &more(&origin)), Some(("a0".to_owned(), Some(4), None)));
    let template = format!(r#"{{"url": "{}", "extension": []}}"#, element("recurrenceTemplate"));
    assert_eq!(series(&plain, &more(&template)), Some(("a1".to_owned(), None, None)));
    let shared = with(r#""identifier": ["#, r#""identifier": [{"system": "urn:series", "value": "S-7"}, "#);
    assert_eq!(series(&ours, &shared), Some(("S-7".to_owned(), None, None)));
    assert_eq!(series(&plain, &shared), None, "an identifier of another kind");
}

const SERIES_SYSTEM: &str = r#"
[[integration.override]]
path = "source.fhir_r4.series_systems"
value = ["urn:series"]
author = "Dana"
reason = "their series"
"#;
