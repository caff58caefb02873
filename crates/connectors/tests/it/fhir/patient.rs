//! Patient.

use super::{rules, terms};
use connectors::fhir_r4::decode_patient;
use domain::model::{Fact, PatientRecord, Record, Sex};

const ADA: &str = r#"{"resourceType":"Patient","id":"p1","meta":{"lastUpdated":"2027-01-02T10:00:00Z"},
  "name":[{"use":"maiden","family":"Eze"},{"use":"official","family":"Okafor","given":[null,"Ada","Ngozi"]}],
  "telecom":[{"system":"email","value":"old@example.com","use":"old"},{"system":"email","value":"work@example.com"},
             {"system":"email","value":"ada@example.com","rank":1},{"system":"phone","value":"555 0100"},
             {"system":"phone","value":"555 0101","use":"mobile"}],
  "gender":"female","birthDate":"1980-02-29",
  "address":[{"line":["Main St 1","Apt 2"],"city":"Chicago","state":"IL","postalCode":"60601","country":"US"}],
  "communication":[{"language":{"coding":[{"code":"en"}]}},{"language":{"coding":[{"code":"ig"}]},"preferred":true}]}"#;

fn records(json: &str) -> Vec<Record> {
    let rules = rules("");
    decode_patient(json.as_bytes(), &terms(&rules)).unwrap()
}

fn person(json: &str) -> PatientRecord {
    match records(json).swap_remove(0) {
        Record::Patient(patient) => *patient,
        other => panic!("a patient tells of a patient, not {other:?}"),
    }
}

#[test]
fn a_patient_says_who_they_are_and_how_to_reach_them() {
    let ada = person(ADA);
    let open = |fact: &Fact<domain::phi::Phi<domain::text::Text>>| fact.value().map(|text| text.open().to_string());
    assert_eq!(ada.source_id, "p1");
    assert_eq!((open(&ada.family).as_deref(), open(&ada.given).as_deref()), (Some("Okafor"), Some("Ada")));
    assert_eq!(open(&ada.email).as_deref(), Some("ada@example.com"), "the preferred one");
    assert_eq!(ada.email_place.as_deref(), Some("Patient.telecom[2].value"));
    assert_eq!((open(&ada.mobile).as_deref(), open(&ada.phone).as_deref()), (Some("555 0101"), Some("555 0100")));
    assert_eq!(open(&ada.language).as_deref(), Some("ig"));
    assert_eq!(ada.sex.value().map(|sex| *sex.open()), Some(Sex::Female));
    assert_eq!(ada.birth_date.value().map(|date| date.open().0.to_string()).as_deref(), Some("1980-02-29"));
    let address = ada.address.value().unwrap().open();
    assert_eq!((address.line.as_deref(), address.city.as_deref()), (Some("Main St 1, Apt 2"), Some("Chicago")));
}

#[test]
fn what_a_whole_resource_leaves_out_is_not_there_and_what_a_part_leaves_out_was_not_said() {
    let bare = r#"{"resourceType":"Patient","id":"p1","name":[{"text":"Ada Okafor"}],"birthDate":"1980"}"#;
    let ada = person(bare);
    assert!(matches!((&ada.email, &ada.mobile), (Fact::Cleared, Fact::Cleared)));
    assert!(matches!((&ada.family, &ada.birth_date), (Fact::NotSaid, Fact::NotSaid)), "a year is no birthday");
    let part = bare.replace(r#""id":"p1","#, r#""id":"p1","meta":{"tag":[{"code":"SUBSETTED"}]},"#);
    assert!(matches!(person(&part).email, Fact::NotSaid));
}

#[test]
fn a_record_that_was_replaced_names_the_one_that_took_its_place() {
    let replaced = ADA.replace(
        r#""gender""#,
        r#""link":[{"other":{"reference":"Patient/p2"},"type":"replaced-by"},{"other":{"reference":"Patient/p3"},"type":"seealso"}],"gender""#,
    );
    match &records(&replaced)[..] {
        [Record::Patient(_), Record::Merge(merge)] => {
            assert_eq!((merge.gone.as_str(), merge.survivor.as_str()), ("p1", "p2"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn problems_have_their_place_and_quote_nobody() {
    let rules = rules("");
    let problem = |json: String| decode_patient(json.as_bytes(), &terms(&rules)).unwrap_err().to_string();
    assert_eq!(
        problem(ADA.replace(r#""female""#, r#""F""#)),
        "Patient.gender: The gender is none of male, female, other, unknown."
    );
    assert_eq!(problem(ADA.replace("1980-02-29", "1981-02-29")), "Patient.birthDate: There is no such date or time.");
    let wrong = problem(ADA.replace(r#""city":"Chicago""#, r#""city":["Chicago"]"#));
    assert_eq!(wrong, "Patient.address[0].city: The value is not of the kind that FHIR R4 has here.");
}
