//! Kareo's SOAP service, read from its twin.

use crate::twin::Asked;
use domain::model::{AppointmentRecord, Event, Fact, RosterRecord};
use engine::poll::Failure;
use serde_json::{Value, json};

const SOURCE: &str = r#"
profile = "kareo"
route = "kareo"
url = "{base}"
[integration.source.auth]
customer_key = { env = "KEY" }
user = "sync@northside.example.org"
password = { env = "PASSWORD" }
"#;

async fn start(switches: Value) -> Asked {
    start_as("Northside Family Clinic", switches, "").await
}

async fn start_as(practice: &str, switches: Value, more: &str) -> Asked {
    let source = format!("{SOURCE}practice = \"{practice}\"\n{more}");
    let secrets = [("KEY", "twin-customer-key"), ("PASSWORD", "twin-password")];
    Asked::start("kareo", switches, &source, &secrets).await
}

fn word(visit: &AppointmentRecord) -> Option<&str> {
    visit.status.as_ref()?.word.as_ref().map(|seen| seen.value.as_str())
}

fn start_of(visit: &AppointmentRecord) -> String {
    visit.timing.as_ref().unwrap().start.unwrap().to_string()
}

fn patients(visit: &AppointmentRecord) -> Vec<&str> {
    let RosterRecord::All(people) = &visit.participants else { panic!("{:?}", visit.participants) };
    people.iter().map(|person| person.source_id.as_str()).collect()
}

/// A record as if it had been read when another one was.
fn as_read_at(other: &AppointmentRecord, record: &AppointmentRecord) -> AppointmentRecord {
    AppointmentRecord { stamp: other.stamp, ..record.clone() }
}

#[tokio::test]
async fn a_row_and_its_detail_are_one_record_and_the_patient_comes_before_it() {
    let asked = start(json!({})).await;
    let id = asked.book("2026-12-01T09:30", json!({"type": asked.kind("video"), "minutes": 40})).await;
    let told = asked.window("2026-11-30", "2026-12-03").await;
    let visit = told.visit(&id);
    assert_eq!((visit.event, word(visit)), (Event::Listed, Some("Scheduled")));
    assert_eq!(start_of(visit), "2026-12-01T15:30:00Z");
    let timing = visit.timing.as_ref().unwrap();
    assert_eq!((timing.end.unwrap().to_string().as_str(), timing.issues.len()), ("2026-12-01T16:10:00Z", 0));
    assert_eq!(visit.modality.as_ref().unwrap().value, "video");
    let diary = asked.twin.diary();
    let booked = &diary.visits[&id.parse().unwrap()];
    assert_eq!(visit.visit_type.as_ref().unwrap().name, *diary.kind_of(booked).name);
    let RosterRecord::All(providers) = &visit.providers else { panic!("the provider is told") };
    let name = format!("{}, {}", diary.provider_of(booked).name(), diary.provider_of(booked).degree);
    assert_eq!((providers[0].source_id.as_str(), providers[0].name.as_deref()), ("44", Some(name.as_str())));
    assert!(visit.booked_at.is_some());
    let patient = told.patient(patients(visit)[0]);
    assert!(patient.email.value().is_some() && patient.address.value().is_some());
    assert_eq!(asked.operations(), ["GetAppointments", "GetAppointment", "GetPatient"]);
    // What was completed once is not asked for again while the row says the same.
    assert_eq!(as_read_at(visit, asked.window("2026-11-30", "2026-12-03").await.visit(&id)), *visit);
    assert_eq!(asked.operations(), ["GetAppointments"]);
}

#[tokio::test]
async fn changes_are_those_since_the_vendors_own_newest_time_and_patients_come_first() {
    let asked = start(json!({})).await;
    let cursor = asked.changes(None).await.cursor;
    let moved = asked.book("2026-12-01T09:30", json!({})).await;
    let off = asked.book("2026-12-02T09:30", json!({})).await;
    let cursor = asked.changes(cursor.as_deref()).await.cursor;
    asked.clock.advance(3 * 86_400);
    asked.edit(&moved, json!({"start": "2026-12-08T14:00"})).await;
    asked.edit(&off, json!({"status": "cancelled_by_patient"})).await;
    let patient = asked.twin.diary().patients.keys().next().unwrap().to_string();
    asked.control("PATCH", &format!("patients/{patient}"), json!({"email": ""})).await;
    asked.operations();
    let told = asked.changes(cursor.as_deref()).await;
    assert_eq!(start_of(told.visit(&moved)), "2026-12-08T20:00:00Z");
    assert_eq!(word(told.visit(&off)), Some("Cancelled"));
    assert_eq!(told.patient(&patient).email, Fact::Cleared);
    assert_eq!(asked.operations()[..2], ["GetPatients", "GetAppointments"]);
    asked.clock.advance(3 * 86_400);
    assert!(asked.changes(told.cursor.as_deref()).await.ids().contains(&moved.as_str()), "a day is read twice");
}

#[tokio::test]
async fn an_empty_list_is_none_only_while_the_practice_has_its_name() {
    let asked = start(json!({})).await;
    let told = asked.window("2026-11-30", "2026-12-03").await;
    assert_eq!(
        (told.visits.len(), told.problems.len(), told.complete),
        (0, 0, true),
        "the row without an id is no visit"
    );
    assert_eq!(asked.operations(), ["GetAppointments", "GetPractices"]);
    let renamed = start_as("Northside & Sons", json!({}), "").await;
    renamed.book("2026-12-01T09:30", json!({})).await;
    let Err(Failure::Refused { what }) = renamed.try_window("2026-11-30", "2026-12-03").await else {
        panic!("a practice that is not there has no empty diary")
    };
    assert!(what.contains("auth.practice"), "{what}");
}

#[tokio::test]
async fn errors_inside_a_good_status_are_failures_and_no_empty_lists() {
    let asked = start(json!({})).await;
    let id = asked.book("2026-12-01T09:30", json!({})).await;
    asked.fault(json!({"throttle": 1.0})).await;
    let window = || asked.try_window("2026-11-30", "2026-12-03");
    assert_eq!(window().await.err(), Some(Failure::Throttled { retry_after: None }));
    asked.fault(json!({"token_expired": 1.0})).await;
    assert_eq!(window().await.err(), Some(Failure::Unauthorized));
    asked.fault(json!({"outage": {"rate": 1.0, "status": 503}})).await;
    assert!(matches!(window().await, Err(Failure::Unreachable { .. })));
    asked.no_faults();
    asked.switch(json!({"may": false})).await;
    let lacks = Failure::Refused { what: "the user lacks for GetAppointments: System Administrator".into() };
    assert_eq!(window().await.err(), Some(lacks));
    asked.switch(json!({"may": true})).await;
    asked.secrets.put("PASSWORD", "another");
    assert_eq!(window().await.err(), Some(Failure::Unauthorized));
    asked.secrets.put("PASSWORD", "twin-password");
    assert!(window().await.is_ok_and(|told| told.ids() == [id.as_str()]));
}

#[tokio::test]
async fn a_visit_deleted_for_good_is_not_found_and_one_that_is_there_reads_as_in_a_list() {
    let asked = start(json!({})).await;
    let id = asked.book("2026-12-01T09:30", json!({})).await;
    let gone = asked.book("2026-12-01T11:00", json!({})).await;
    let told = asked.window("2026-11-30", "2026-12-03").await;
    let one = asked.one(&id).await.unwrap();
    let listed = told.visit(&id);
    assert_eq!(as_read_at(listed, one.visit(&id)), *listed, "two ways of reading say the same");
    asked.control("DELETE", &format!("appointments/{gone}?purge=true"), json!(null)).await;
    assert!(asked.one(&gone).await.is_none());
    assert_eq!(asked.window("2026-11-30", "2026-12-03").await.ids(), [id.as_str()]);
}

#[tokio::test]
async fn a_group_has_everybody_and_an_emptied_one_nobody_and_other_time_is_no_visit() {
    let asked = start(json!({})).await;
    let people: Vec<u64> = asked.twin.diary().patients.keys().take(3).copied().collect();
    let group = asked.book("2026-12-01T09:30", json!({"patients": people, "group": true})).await;
    let block = asked.book("2026-12-01T12:00", json!({"patient": null})).await;
    let series = asked.book("2026-12-02T10:00", json!({"repeat": {"weeks": 1, "count": 2}})).await;
    let told = asked.window("2026-11-30", "2026-12-20").await;
    let ids: Vec<String> = people.iter().map(u64::to_string).collect();
    assert_eq!(patients(told.visit(&group)), ids);
    assert_eq!((told.visit(&block).event, told.visit(&block).status.is_none()), (Event::SlotBlocked, true));
    let of_series: Vec<_> = told.visits.iter().filter(|visit| visit.series.is_some()).collect();
    assert_eq!(of_series.len(), 2);
    assert_eq!(of_series[0].series.as_ref().unwrap().id, *series);
    for id in &ids {
        asked.control("DELETE", &format!("appointments/{group}/patients/{id}"), json!(null)).await;
    }
    let told = asked.window("2026-11-30", "2026-12-20").await;
    assert_eq!((told.visit(&group).event, patients(told.visit(&group)).len()), (Event::Listed, 0));
}

#[tokio::test]
async fn occurrences_under_one_id_are_told_to_a_person_until_the_practice_says_so() {
    let booked = json!({"repeat": {"weeks": 1, "count": 3}});
    let asked = start(json!({"series_share_id": true})).await;
    let id = asked.book("2026-12-01T10:00", booked.clone()).await;
    let told = asked.window("2026-11-30", "2026-12-20").await;
    assert_eq!((told.visits.len(), told.problems.len()), (0, 3));
    assert!(told.problems[0].what.contains("series_share_id"), "{:?}", told.problems);
    let more = "[[integration.override]]\npath = \"source.api.series_share_id\"\nvalue = true\nauthor = \"t\"\nreason = \"t\"\n";
    let asked = start_as("Northside Family Clinic", json!({"series_share_id": true}), more).await;
    assert_eq!(asked.book("2026-12-01T10:00", booked).await, id);
    let told = asked.window("2026-11-30", "2026-12-20").await;
    let third = format!("{id}@2026-12-15T16:00Z");
    assert_eq!((told.visits.len(), start_of(told.visit(&third)).as_str()), (3, "2026-12-15T16:00:00Z"));
    assert_eq!(start_of(asked.one(&third).await.unwrap().visit(&third)), "2026-12-15T16:00:00Z");
}

#[tokio::test]
async fn more_rows_than_details_fit_a_page_come_with_the_next_and_a_restart_loses_none() {
    let mut asked = start(json!({})).await;
    let mut ids = Vec::new();
    for day in 1..=18 {
        for hour in [9, 11, 14] {
            ids.push(asked.book(&format!("2026-12-{day:02}T{hour:02}:00"), json!({})).await);
        }
    }
    let told = asked.window("2026-11-30", "2026-12-20").await;
    assert!(told.pages > 1, "{} pages", told.pages);
    assert!(ids.iter().all(|id| told.visit(id).modality.is_some()));
    asked.restart();
    let again = asked.window("2026-11-30", "2026-12-20").await;
    assert!(ids.iter().all(|id| again.visit(id).timing == told.visit(id).timing));
}
