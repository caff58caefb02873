//! DrChrono's API, read from its twin.

use crate::twin::{Asked, Told};
use domain::model::{AppointmentRecord, Event, RosterRecord};
use domain::time::Placement;
use engine::poll::Failure;
use serde_json::json;
use std::sync::atomic::Ordering;

const SOURCE: &str = r#"
profile = "drchrono"
route = "drchrono"
url = "{base}"
auth = { client_id = "twin-client", client_secret = { env = "SECRET" }, refresh_token = { file = "refresh" } }
"#;

/// A twin whose user approved.
async fn start(switches: serde_json::Value) -> Asked {
    start_with(switches, SOURCE).await
}

async fn start_with(switches: serde_json::Value, source: &str) -> Asked {
    let asked = Asked::start("drchrono", switches, source, &[("SECRET", "twin-secret")]).await;
    let path = "/o/authorize/?redirect_uri=http%3A%2F%2Fours%2Fback&response_type=code&client_id=twin-client";
    let answer = asked.send("GET", path, "").await;
    let to = answer.headers["location"].to_str().unwrap().to_owned();
    let code = to.strip_prefix("http://ours/back?code=").unwrap();
    let form = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=http%3A%2F%2Fours%2Fback&client_id=twin-client\
         &client_secret=twin-secret"
    );
    let answer = asked.send("POST", "/o/token/", &form).await;
    let token: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    asked.secrets.put("refresh", token["refresh_token"].as_str().unwrap());
    asked
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

/// What changed, from a beginning at which nobody had read anything.
async fn begun(asked: &Asked) -> Told {
    asked.changes(None).await
}

#[tokio::test]
async fn a_booking_is_read_with_type_doctor_zone_and_the_patient_who_was_told_before() {
    let asked = start(json!({})).await;
    let begun = begun(&asked).await;
    assert_eq!((begun.patients.len(), begun.visits.len()), (24, 0));
    let id = asked.book("2026-12-01T09:30", json!({"type": asked.kind("video")})).await;
    let told = asked.changes(begun.cursor.as_deref()).await;
    let visit = told.visit(&id);
    assert_eq!((visit.event, word(visit)), (Event::Listed, Some("")));
    assert_eq!(start_of(visit), "2026-12-01T15:30:00Z", "half past nine by the clock in Chicago");
    let seen = visit.timing.as_ref().unwrap().start_seen.clone().unwrap();
    assert_eq!((seen.value.as_str(), seen.place.as_str()), ("2026-12-01T09:30:00", "appointment.scheduled_time"));
    let diary = asked.twin.diary();
    let booked = &diary.visits[&id.parse().unwrap()];
    let kind = diary.kind_of(booked);
    assert_eq!(visit.visit_type.as_ref().unwrap().name, *kind.name);
    assert_eq!(visit.modality.as_ref().unwrap().value, "video");
    let RosterRecord::All(providers) = &visit.providers else { panic!("the provider is told") };
    assert_eq!(providers[0].name.as_deref(), Some(diary.provider_of(booked).name().as_str()));
    assert_eq!(patients(visit), [booked.patient().unwrap().to_string()]);
    assert!(begun.patient(patients(visit)[0]).email.value().is_some());
}

#[tokio::test]
async fn a_move_a_status_a_deletion_and_a_patients_new_address_come_as_changes() {
    let asked = start(json!({})).await;
    let cursor = begun(&asked).await.cursor;
    let moved = asked.book("2026-12-01T09:30", json!({})).await;
    let off = asked.book("2026-12-02T09:30", json!({})).await;
    let deleted = asked.book("2026-12-03T09:30", json!({})).await;
    let own = asked.book("2026-12-04T09:30", json!({})).await;
    let cursor = asked.changes(cursor.as_deref()).await.cursor;
    asked.edit(&moved, json!({"start": "2026-12-08T14:00"})).await;
    asked.edit(&off, json!({"status": "cancelled_by_patient"})).await;
    asked.edit(&own, json!({"status": "On the way"})).await;
    asked.control("DELETE", &format!("appointments/{deleted}"), json!(null)).await;
    let patient = asked.twin.diary().patients.keys().next().unwrap().to_string();
    asked.control("PATCH", &format!("patients/{patient}"), json!({"email": "new@example.org"})).await;
    let told = asked.changes(cursor.as_deref()).await;
    assert_eq!(start_of(told.visit(&moved)), "2026-12-08T20:00:00Z");
    assert_eq!(word(told.visit(&off)), Some("Cancelled"));
    assert_eq!(word(told.visit(&own)), Some("On the way"), "a word of the practice's own is handed on as it is");
    assert_eq!(told.visit(&deleted).event, Event::Deleted);
    assert_eq!(told.patient(&patient).email.value().unwrap().open(), "new@example.org");
    assert!(asked.one(&deleted).await.is_none(), "a deleted visit is not found");
    assert_eq!(start_of(asked.one(&moved).await.unwrap().visit(&moved)), "2026-12-08T20:00:00Z");
    asked.control("PATCH", &format!("patients/{patient}"), json!({"email": ""})).await;
    let told = asked.changes(told.cursor.as_deref()).await;
    assert_eq!(told.patient(&patient).email, domain::model::Fact::Cleared);
}

#[tokio::test]
async fn a_clock_that_goes_back_an_hour_hides_no_change() {
    let asked = start(json!({})).await;
    let id = asked.book("2026-12-01T09:30", json!({})).await;
    let cursor = asked.changes(begun(&asked).await.cursor.as_deref()).await.cursor;
    asked.clock.advance(600);
    asked.fault(json!({"clock_change": 1.0})).await;
    asked.edit(&id, json!({"start": "2026-12-02T09:30"})).await;
    let told = asked.changes(cursor.as_deref()).await;
    assert_eq!(start_of(told.visit(&id)), "2026-12-02T15:30:00Z");
}

#[tokio::test]
async fn a_window_is_read_page_by_page_and_blocked_time_is_no_visit() {
    let short = format!(
        "{SOURCE}\n[[integration.override]]\npath = \"source.polling.page_size\"\nvalue = 2\nauthor = \"t\"\nreason = \"t\"\n"
    );
    let asked = start_with(json!({}), &short).await;
    let mut ids = Vec::new();
    for hour in 9..14 {
        ids.push(asked.book(&format!("2026-12-01T{hour:02}:00"), json!({})).await);
    }
    let block = asked.book("2026-12-01T16:00", json!({"patient": null})).await;
    let told = asked.window("2026-11-30", "2026-12-03").await;
    assert_eq!((told.pages, told.visits.len(), told.complete), (3, 6, true));
    assert!(ids.iter().all(|id| told.visit(id).event == Event::Listed));
    assert_eq!(told.visit(&block).event, Event::SlotBlocked);
    // A page that the vendor forgets begins the window anew, and is no empty window.
    asked.fault(json!({"cursor_expired": 1.0})).await;
    assert_eq!(asked.try_window("2026-11-30", "2026-12-03").await.err(), Some(Failure::CursorLost));
    asked.no_faults();
    asked.switch(json!({"results_key": "data"})).await;
    assert_eq!(asked.window("2026-11-30", "2026-12-03").await.visits.len(), 6);
}

#[tokio::test]
async fn occurrences_that_exist_on_reading_only_keep_their_key_when_somebody_touches_them() {
    let asked = start(json!({})).await;
    let cursor = begun(&asked).await.cursor;
    let root = asked.book("2026-12-01T10:00", json!({"repeat": {"weeks": 1, "count": 3}})).await;
    let keys: Vec<String> = ["20261201", "20261208", "20261215"].iter().map(|day| format!("{root}_{day}")).collect();
    let window = asked.window("2026-11-30", "2026-12-31").await;
    assert_eq!(window.ids(), keys.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(window.visits.iter().all(|visit| visit.series.as_ref().is_some_and(|series| series.id == *root)));
    let second = asked.control("GET", "state?from=2026-12-08&to=2026-12-08", json!(null)).await;
    let desk = second["appointments"][0]["id"].as_str().unwrap().to_owned();
    asked.edit(&desk, json!({"start": "2026-12-10T11:00"})).await;
    let told = asked.changes(cursor.as_deref()).await;
    assert_eq!(start_of(told.visit(&keys[1])), "2026-12-10T17:00:00Z", "moved, and known by the day it was first on");
    // One by one: on its own day, moved to another day, and not there at all.
    for (key, start) in [(&keys[2], "2026-12-15T16:00:00Z"), (&keys[1], "2026-12-10T17:00:00Z")] {
        assert_eq!(start_of(asked.one(key).await.unwrap().visit(key)), start);
    }
    assert!(asked.one(&format!("{root}_20261222")).await.is_none());
}

#[tokio::test]
async fn the_offices_own_zone_of_the_document_wins_over_the_doctors() {
    let source =
        format!("{SOURCE}\n[[integration.department]]\nsource_id = \"41003\"\ntime_zone = \"America/Phoenix\"\n");
    let asked = start_with(json!({}), &source).await;
    let there = asked.book("2027-07-01T09:00", json!({"department": 41_003})).await;
    let here = asked.book("2027-07-01T09:00", json!({"provider": 90_212})).await;
    let told = asked.window("2027-06-30", "2027-07-03").await;
    assert_eq!(start_of(told.visit(&there)), "2027-07-01T16:00:00Z");
    assert_eq!(start_of(told.visit(&here)), "2027-07-01T14:00:00Z");
    // Half past one comes twice when clocks go back: said, and not hidden.
    let twice = asked.book("2027-11-07T01:30", json!({})).await;
    let told = asked.window("2027-11-06", "2027-11-09").await;
    assert_eq!(told.visit(&twice).timing.as_ref().unwrap().placement, Placement::Fold);
}

#[tokio::test]
async fn a_refresh_token_is_replaced_where_it_is_kept_and_one_that_cannot_be_is_not_spent() {
    let mut asked = start(json!({})).await;
    let first = asked.secrets.get("refresh").unwrap();
    let begun = begun(&asked).await;
    let second = asked.secrets.get("refresh").unwrap();
    assert_ne!(first, second);
    // After a restart the new one buys the next token.
    asked.restart();
    asked.changes(begun.cursor.as_deref()).await;
    let third = asked.secrets.get("refresh").unwrap();
    assert_ne!(second, third);
    // A token that is not taken is said once, and renewed.
    asked.control("POST", "tokens/expire", json!(null)).await;
    assert_eq!(asked.try_changes(begun.cursor.as_deref()).await.err(), Some(Failure::Unauthorized));
    asked.reader.refresh();
    assert!(asked.try_changes(begun.cursor.as_deref()).await.is_ok());
    // Nothing is spent that could not be replaced.
    asked.secrets.is_read_only.store(true, Ordering::Relaxed);
    asked.reader.refresh();
    let kept = asked.secrets.get("refresh");
    assert_eq!(asked.try_changes(None).await.err(), Some(Failure::NotReady { what: "read-only".into() }));
    asked.secrets.is_read_only.store(false, Ordering::Relaxed);
    assert!(asked.try_changes(None).await.is_ok(), "{kept:?} was still good");
    // Taken back by the practice's user.
    asked.secrets.put("refresh", "spent");
    asked.reader.refresh();
    assert_eq!(asked.try_changes(None).await.err(), Some(Failure::Revoked { what: "invalid_grant".into() }));
}

#[tokio::test]
async fn failures_are_told_apart_and_the_wait_is_read_from_the_sentence() {
    let asked = start(json!({})).await;
    begun(&asked).await;
    asked.fault(json!({"throttle": {"rate": 1.0, "retry_after_secs": 17}})).await;
    let Err(Failure::Throttled { retry_after: Some(secs) }) = asked.try_changes(None).await else {
        panic!("the wait is told")
    };
    assert!((17..=3600).contains(&secs), "{secs}");
    asked.fault(json!({"outage": {"rate": 1.0, "status": 502}})).await;
    assert!(matches!(asked.try_changes(None).await, Err(Failure::Unreachable { .. })));
    asked.fault(json!({"lost_page": {"rate": 1.0, "status": 500}})).await;
    assert!(matches!(asked.try_window("2026-11-30", "2026-12-03").await, Err(Failure::Unreachable { .. })));
    asked.no_faults();
    let id = asked.book("2026-12-01T09:30", json!({})).await;
    asked.fault(json!({"drifting_types": 1.0})).await;
    let told = asked.window("2026-11-30", "2026-12-03").await;
    assert_eq!((start_of(told.visit(&id)), told.problems.len()), ("2026-12-01T15:30:00Z".to_owned(), 0));
}

#[tokio::test]
async fn the_vendors_budget_is_kept_to_few_requests() {
    let asked = start(json!({})).await;
    for day in 1..=9 {
        asked.book(&format!("2026-12-0{day}T09:30"), json!({})).await;
    }
    let begun = begun(&asked).await;
    assert_eq!(asked.requests(), 2, "a token, and a page of patients");
    asked.window("2026-11-30", "2027-02-20").await;
    assert_eq!(asked.requests(), 3, "doctors, profiles, and one page of visits");
    asked.changes(begun.cursor.as_deref()).await;
    assert_eq!(asked.requests(), 2, "what changed of patients and of visits");
}
