//! Greenway Prime Suite's day sheet, read from its twin.

use crate::twin::Asked;
use domain::model::{AppointmentRecord, Event, RosterRecord};
use domain::time::Placement;
use emulators::vendors::DiarySize;
use engine::poll::Failure;
use serde_json::{Value, json};

const SOURCE: &str = r#"
profile = "greenway-prime-suite"
route = "greenway-prime-suite"
url = "{base}/Integration"
[integration.source.auth]
api_key = { env = "KEY" }
site = "4711"
user = "twin"
password = { env = "PASSWORD" }
user_id = 7
vendor_login = "twin-vendor"
vendor_password = { env = "VENDOR" }
"#;

const SECRETS: [(&str, &str); 3] =
    [("KEY", "twin-api-key"), ("PASSWORD", "twin-password"), ("VENDOR", "twin-vendor-password")];

/// A twin whose site told its own words for the tracking board.
async fn start(switches: Value, more: &str) -> Asked {
    let words = "[[integration.status]]\nsource = \"Appt confirmed\"\nmeans = \"confirmed\"\n\
                 [[integration.status]]\nsource = \"CONF\"\nmeans = \"confirmed\"\n\
                 [[integration.status]]\nsource = \"Verified\"\nmeans = \"confirmed\"\n";
    Asked::start("greenway-prime-suite", switches, &format!("{SOURCE}{more}{words}"), &SECRETS).await
}

fn word(visit: &AppointmentRecord) -> Option<&str> {
    visit.status.as_ref()?.word.as_ref().map(|seen| seen.value.as_str())
}

fn start_of(visit: &AppointmentRecord) -> String {
    visit.timing.as_ref().unwrap().start.unwrap().to_string()
}

#[tokio::test]
async fn a_row_is_read_with_its_patient_type_provider_and_a_time_that_is_checked() {
    let asked = start(json!({}), "").await;
    let id = asked.book("2026-12-01T14:30", json!({"minutes": 20})).await;
    let told = asked.window("2026-11-30", "2026-12-07").await;
    let visit = told.visit(&id);
    assert_eq!((visit.event, word(visit), told.complete), (Event::Listed, Some(""), true));
    let timing = visit.timing.as_ref().unwrap();
    assert_eq!((start_of(visit).as_str(), timing.issues.len()), ("2026-12-01T20:30:00Z", 0));
    assert_eq!(timing.end.unwrap().to_string(), "2026-12-01T20:50:00Z");
    assert_eq!(timing.start_seen.as_ref().unwrap().value, "2026-12-01 2:30 PM");
    let diary = asked.twin.diary();
    let booked = &diary.visits[&id.parse().unwrap()];
    assert_eq!(visit.visit_type.as_ref().unwrap().name, *diary.kind_of(booked).name);
    let RosterRecord::All(providers) = &visit.providers else { panic!("the provider is told") };
    assert_eq!(
        (providers[0].source_id.as_str(), providers[0].name.clone()),
        ("18", Some(diary.provider_of(booked).name().into()))
    );
    let patient = told.patient(&booked.patient().unwrap().to_string());
    let known = diary.patient_of(booked).unwrap();
    assert_eq!(patient.birth_date.value().map(|day| day.open().0), known.birth_date);
    assert_eq!(patient.email.value().map(|email| email.open().to_string()), known.email);
    assert_eq!(patient.address.value().unwrap().open().city.as_deref(), Some(known.city.as_str()));
}

#[tokio::test]
async fn statuses_are_derived_from_flags_and_the_sites_own_words() {
    let asked = start(json!({}), "").await;
    let mut ids = Vec::new();
    for status in ["confirmed", "checked_in", "in_progress", "completed", "no_show"] {
        let id = asked.book(&format!("2026-12-01T{:02}:00", 8 + ids.len()), json!({})).await;
        asked.edit(&id, json!({"status": status})).await;
        ids.push(id);
    }
    let board = asked.twin.access()["tracking"].clone();
    let of = |status: &str| {
        let found = board.as_array().unwrap().iter().find(|row| row["means"] == status);
        found.map(|row| row["word"].as_str().unwrap().to_owned())
    };
    let told = asked.window("2026-11-30", "2026-12-07").await;
    let words: Vec<Option<&str>> = ids.iter().map(|id| word(told.visit(id))).collect();
    let (confirmed, here) = (of("confirmed"), of("checked_in"));
    assert_eq!(words[..2], [confirmed.as_deref(), here.as_deref()]);
    assert_eq!(words[2..], [of("in_progress").as_deref(), Some("IsCheckedOut"), of("no_show").as_deref()]);
    // Called off, and the row is not there any more.
    asked.edit(&ids[0], json!({"status": "cancelled_by_patient"})).await;
    let told = asked.window("2026-11-30", "2026-12-07").await;
    assert!(!told.ids().contains(&ids[0].as_str()) && told.complete);
    let kept = start(json!({"lists_cancelled": true}), "").await;
    let id = kept.book("2026-12-01T09:00", json!({})).await;
    kept.edit(&id, json!({"status": "cancelled_by_patient"})).await;
    let told = kept.window("2026-11-30", "2026-12-07").await;
    assert_eq!(word(told.visit(&id)), of("cancelled_by_patient").as_deref());
}

#[tokio::test]
async fn pages_end_where_the_rows_do_and_a_page_without_its_rows_is_partial() {
    let short =
        "[[integration.override]]\npath = \"source.polling.page_size\"\nvalue = 2\nauthor = \"t\"\nreason = \"t\"\n";
    let asked = start(json!({}), short).await;
    let mut ids = Vec::new();
    for hour in 9..15 {
        ids.push(asked.book(&format!("2026-12-01T{hour:02}:00"), json!({})).await);
    }
    let block = asked.book("2026-12-01T16:00", json!({"patient": null})).await;
    let told = asked.window("2026-11-30", "2026-12-07").await;
    assert_eq!((told.pages, told.complete), (4, true));
    let mut listed = told.ids();
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed.len(), 7, "each once: {listed:?}");
    assert_eq!(told.visit(&block).event, Event::SlotBlocked);
    // An exact multiple has no empty page behind it.
    asked.control("DELETE", &format!("appointments/{block}"), json!(null)).await;
    assert_eq!(asked.window("2026-11-30", "2026-12-07").await.pages, 3);
    for fault in [json!({"empty_list": 1.0}), json!({"lost_page": 1.0})] {
        asked.fault(fault.clone()).await;
        let told = asked.window("2026-11-30", "2026-12-07").await;
        assert!(!told.complete, "{fault}: rows that are counted and not there prove no absence");
    }
    asked.fault(json!({"lost_page": {"rate": 1.0, "status": 500}})).await;
    assert!(matches!(asked.try_window("2026-11-30", "2026-12-07").await, Err(Failure::Unreachable { .. })));
}

#[tokio::test]
async fn the_instant_beside_the_clock_time_tells_which_of_two_hours_it_is_and_shows_a_wrong_zone() {
    let asked = start(json!({}), "").await;
    let id = asked.book("2027-11-07T01:30", json!({})).await;
    let told = asked.window("2027-11-06", "2027-11-09").await;
    assert_eq!(told.visit(&id).timing.as_ref().unwrap().placement, Placement::Given);
    // A place in another zone that the document does not name: nothing is guessed.
    let phoenix = asked.book("2027-07-01T09:00", json!({"department": 5})).await;
    let told = asked.window("2027-06-30", "2027-07-03").await;
    assert_eq!(told.visit(&phoenix).timing.as_ref().unwrap().issues.len(), 1);
    let named =
        start(json!({}), "[[integration.department]]\nsource_id = \"5\"\ntime_zone = \"America/Phoenix\"\n").await;
    let phoenix = named.book("2027-07-01T09:00", json!({"department": 5})).await;
    let told = named.window("2027-06-30", "2027-07-03").await;
    assert_eq!(start_of(told.visit(&phoenix)), "2027-07-01T16:00:00Z");
    assert_eq!(told.visit(&phoenix).timing.as_ref().unwrap().issues.len(), 0);
}

#[tokio::test]
async fn either_block_of_credentials_and_the_key_are_told_as_rejected_and_too_often_is_not() {
    let asked = start(json!({}), "").await;
    for name in ["KEY", "PASSWORD", "VENDOR"] {
        let good = asked.secrets.get(name).unwrap();
        asked.secrets.put(name, "wrong");
        assert_eq!(asked.try_window("2026-11-30", "2026-12-07").await.err(), Some(Failure::Unauthorized), "{name}");
        asked.secrets.put(name, &good);
    }
    asked.fault(json!({"throttle": 1.0})).await;
    let throttled = Some(Failure::Throttled { retry_after: None });
    assert_eq!(asked.try_window("2026-11-30", "2026-12-07").await.err(), throttled);
    asked.fault(json!({"drifting_types": 1.0})).await;
    let id = asked.book("2026-12-01T09:00", json!({})).await;
    let told = asked.window("2026-11-30", "2026-12-07").await;
    assert_eq!((word(told.visit(&id)), told.problems.len()), (Some(""), 0));
}

#[tokio::test]
async fn a_year_of_diary_reads_without_a_problem() {
    let asked = Asked::sized("greenway-prime-suite", DiarySize::Year, json!({}), SOURCE, &SECRETS).await;
    let told = asked.window("2026-11-19", "2026-11-26").await;
    assert!(told.visits.len() > 20 && told.problems.is_empty() && told.complete, "{:?}", told.problems.first());
}
