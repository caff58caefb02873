//! Bundle.

use super::{received, rules, terms};
use connectors::fhir_r4::{Decoded, Terms, decode_bundle};
use domain::model::{Event, Record, RosterRecord};

const PAGE: &str = r#"{"resourceType":"Bundle","type":"searchset","total":9,
 "link":[{"relation":"self","url":"https://fhir.example/r4/Appointment?_count=4"},
         {"relation":"next","url":"https://fhir.example/r4/page/2"}],
 "entry":[
  {"resource":{"resourceType":"Appointment","id":"a1","status":"booked","participant":[{"actor":{"reference":"Patient/p1"}}]}},
  {"resource":{"resourceType":"Appointment","id":"a2","status":"booked","start":"2027-02-30T08:00:00Z"}},
  {"resource":{"resourceType":"Location","id":"l1"},"search":{"mode":"include"}},
  {"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"not-supported"}]},"search":{"mode":"outcome"}},
  {"resource":{"resourceType":"Patient","id":"p1"},"search":{"mode":"include"}}]}"#;

#[test]
fn a_page_tells_of_patients_first_and_one_bad_entry_stops_no_other() {
    let rules = rules("");
    let page = decode_bundle(PAGE.as_bytes(), &terms(&rules)).unwrap();
    assert_eq!((page.total, page.next.as_deref()), (Some(9), Some("https://fhir.example/r4/page/2")));
    assert_eq!(page.this.as_deref(), Some("https://fhir.example/r4/Appointment?_count=4"));
    let kinds: Vec<&str> = page
        .records()
        .map(|record| match record {
            Record::Appointment(..) => "appointment",
            Record::Patient(_) => "patient",
            Record::Merge(_) => "merge",
        })
        .collect();
    assert_eq!(kinds, ["patient", "appointment"]);
    let problems: Vec<String> = page.problems().map(ToString::to_string).collect();
    assert_eq!(problems, ["Bundle.entry[1].resource.start: There is no such date or time."]);
    assert_eq!(page.issues[0].code.as_deref(), Some("not-supported"));
    let ignored =
        page.entries.iter().any(|entry| matches!(&entry.outcome, Ok(Decoded::Ignored(kind)) if *kind == "Location"));
    assert!(ignored);
}

#[test]
fn resources_of_a_transaction_find_each_other_by_their_urns() {
    let rules = rules("");
    let bundle = r#"{"resourceType":"Bundle","type":"transaction","entry":[
      {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p7"}},
      {"resource":{"resourceType":"Appointment","id":"a1","status":"booked","participant":[{"actor":{"reference":"urn:uuid:1"}}]}}]}"#;
    let bundle = decode_bundle(bundle.as_bytes(), &terms(&rules)).unwrap();
    let Some(Record::Appointment(record, _)) = bundle.records().last() else { panic!("{bundle:?}") };
    let RosterRecord::All(all) = &record.participants else { panic!("{record:?}") };
    assert_eq!(all[0].source_id, "p7");
}

#[test]
fn a_history_tells_of_deletions() {
    let rules = rules("");
    let history = r#"{"resourceType":"Bundle","type":"history","entry":[{"fullUrl":"https://fhir.example/r4/Appointment/a9",
      "request":{"method":"DELETE","url":"Appointment/a9"},"response":{"status":"204","lastModified":"2027-01-02T10:00:00Z"}}]}"#;
    let page = decode_bundle(history.as_bytes(), &terms(&rules)).unwrap();
    let Some(Record::Appointment(record, _)) = page.records().next() else { panic!("{page:?}") };
    assert_eq!((record.source_id.as_str(), record.event), ("a9", Event::Deleted));
    assert_eq!(record.stamp.at.to_string(), "2027-01-02T10:00:00Z");
    let by_identifier = Terms { identifier_system: Some("urn:visits"), received: received(), ..terms(&rules) };
    let page = decode_bundle(history.as_bytes(), &by_identifier).unwrap();
    assert_eq!(page.problems().count(), 1, "the resource id is not the source id there");
}

#[test]
fn what_is_no_bundle_says_so() {
    let rules = rules("");
    let problem = |json: &str| decode_bundle(json.as_bytes(), &terms(&rules)).unwrap_err().to_string();
    assert_eq!(problem(r#"{"resourceType":"Bundle","entry":{}}"#).split(':').next(), Some("Bundle.entry"));
    assert_eq!(problem(r#"{"resourceType":"Bundle","entry":[{"#), "Bundle.entry[0]: The JSON ends in the middle.");
}
