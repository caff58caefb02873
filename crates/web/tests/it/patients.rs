//! Patients: found, shown with their link, taken over once; by the API and on pages that need no scripts.

use crate::harness::html::words;
use crate::harness::{CHIRON, NORTHSIDE, Visit, World};
use engine::ops::Role;
use serde_json::json;

#[tokio::test]
async fn s0_19_a_patient_is_found_shown_and_not_made_twice() {
    let world = World::start().await;
    let visit = Visit { email: "ada@patients.example".to_owned(), ..Visit::new("A-1") };
    let patient = visit.patient.clone();
    let family = visit.family.clone();
    world.receive(&visit.message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let base = format!("/api/v1/integrations/{CHIRON}/patients");
    let found = world.ask(Role::Desk, "POST", &format!("{base}/search")).json(&json!({"q": family})).send().await;
    assert_eq!(found.status, 200, "{}", found.text());
    assert_eq!(found.json()["items"][0]["source_id"], *patient, "{}", found.text());
    assert_eq!(found.json()["items"][0]["state"], "linked");
    let shown = world.ask(Role::Desk, "GET", &format!("{base}/{patient}")).send().await.json();
    assert_eq!(shown["link"]["method"], "scheduling", "{shown:#}");
    assert_eq!((&shown["case_export"]["available"], &shown["scheduling"]["available"]), (&json!(true), &json!(true)));
    assert_eq!(shown["login"], "ada@patients.example");
    // Whoever gave no reason sees less.
    let masked = world.ask(Role::Support, "GET", &format!("{base}/{patient}")).send().await;
    assert!(!masked.text().contains("ada@") && !masked.text().contains(&family), "{}", masked.text());
    let again = world.ask(Role::Desk, "POST", &format!("{base}/{patient}/import")).send().await.json();
    assert_eq!((&again["imported"], &again["method"]), (&json!(false), &json!("scheduling")), "{again:#}");
    world.ask(Role::Desk, "GET", &format!("{base}/nobody")).send().await.problem(404, "not_found");
    world.ask(Role::Platform, "GET", &format!("{base}/{patient}")).send().await.problem(403, "forbidden");
}

#[tokio::test]
async fn s0_17_the_page_of_a_patient_says_what_works_and_since_when() {
    let world = World::start().await;
    let visit = Visit { email: "ada@patients.example".to_owned(), ..Visit::new("A-1") };
    let patient = visit.patient.clone();
    world.receive(&visit.message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let page = |path: String| world.nobody("GET", &path).session(&session);
    let told = words(&page(format!("/integrations/{CHIRON}/patients/{patient}")).send().await.text());
    for part in ["Linked to an account", "made with a synced visit", "Case export", "ada@patients.example", "A-1"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let form = world.nobody("POST", &format!("/integrations/{CHIRON}/patients")).session(&session);
    let found = words(&form.form(&[("q", &visit.family)]).send().await.text());
    assert!(found.contains("1 found") && found.contains(&*patient), "{found}");
}
