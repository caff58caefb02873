//! How a visit was at a moment of the past.

use crate::harness::html::main_words;
use crate::harness::{CHIRON, Mood, NORTHSIDE, Visit, World};
use engine::ops::Role;
use serde_json::{Value, json};

async fn asked(world: &World, at: &str) -> Value {
    world.get(&format!("/api/v1/integrations/{CHIRON}/appointments/A-1?at={at}")).await.json()
}

/// The gates that stop the visit, with their reason.
fn stops(explained: &Value) -> Vec<&Value> {
    let findings = explained["findings"].as_array().unwrap().iter();
    findings.filter(|finding| finding["state"] == "fail").map(|finding| &finding["code"]).collect()
}

#[tokio::test]
async fn a_visit_is_explained_as_it_was_at_any_moment() {
    let world = World::start().await;
    world.clock.advance(60);
    world.receive(&Visit::new("A-1").unlinked().message()).await;
    world.until_verdict("A-1", "held").await;
    world.clock.advance(600);
    let link = format!("/api/v1/integrations/{CHIRON}/links/provider/DR9");
    let linked = world.ask(Role::Support, "PUT", &link).json(&json!({"platform_id": "prov_9"})).send().await;
    assert_eq!(linked.status, 200, "{}", linked.text());
    let now = world.until_verdict("A-1", "in_sync").await;
    assert_eq!(now["as_of"], "2026-11-21T15:15:05Z");

    let before = asked(&world, "2026-11-21T15:15:04Z").await;
    assert_eq!(before["verdict"], "held");
    assert_eq!(stops(&before), ["NO_CONNECTED_PROVIDER_ACCOUNT"]);
    assert_eq!((&before["as_of"], &before["delivery"]["state"]), (&json!("2026-11-21T15:15:04Z"), &json!("none")));
    assert!(before["timeline"].to_string().contains("held") && !before["timeline"].to_string().contains("released"));

    let after = asked(&world, "2026-11-21T15:15:05Z").await;
    for part in ["verdict", "primary", "sentence", "findings", "appointment", "delivery", "timeline", "as_of"] {
        assert_eq!(after[part], now[part], "{part}: the ledger tells what is kept");
    }

    let unknown = asked(&world, "2026-11-21T15:05:04Z").await;
    assert_eq!(unknown["answer"], "not_yet_looked", "{unknown}");
    let sentence = unknown["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("It was first heard of on") && sentence.contains("it was not known"), "{sentence}");

    let path = format!("/api/v1/integrations/{CHIRON}/appointments/A-1?at=2026-11-21T15:15:06Z");
    assert_eq!(world.get(&path).await.status, 400, "nobody knows what will be");
    let path = format!("/api/v1/integrations/{CHIRON}/appointments/A-2?at=2026-11-21T15:15:05Z");
    assert_eq!(world.get(&path).await.status, 404);
}

#[tokio::test]
async fn the_page_of_a_visit_leads_to_how_it_was() {
    let world = World::start().await;
    world.platform.be(Mood::Refuses);
    world.receive(&Visit::new("A-1").message()).await;
    world.until_verdict("A-1", "failed").await;
    world.clock.advance(3600);
    world.platform.be(Mood::Confirms);
    let case = format!("/integrations/{CHIRON}/appointments/A-1");
    let driven = world.ask(Role::Support, "POST", &format!("/api/v1{case}/redrive")).json(&json!({})).send().await;
    assert_eq!(driven.status, 200, "{}", driven.text());
    let explained = world.until_verdict("A-1", "in_sync").await;
    let again = explained["timeline"].as_array().unwrap().iter().find(|item| item["what"] == "driven_again").unwrap();
    assert!(again["why"].as_str().unwrap().starts_with("What had been given up is sent again (driven again by"));

    let session = world.log_in(NORTHSIDE, Role::Support).await;
    let look = |path: String| world.nobody("GET", &path).session(&session).send();
    let page = look(case.clone()).await;
    assert!(page.text().contains(&format!("href=\"{case}?at=2026-11-21T15:04:05Z\"")), "the timeline leads there");
    let then = look(format!("{case}?at=2026-11-21T15:04:05Z")).await;
    let words = main_words(&then);
    assert!(words.starts_with("Northside Family Clinic"), "{words}");
    assert!(words.contains("This is how it was on Sat 21 Nov 2026, 09:04 (America/Chicago)."), "{words}");
    assert!(words.contains("✕ Failed") && !words.contains("Driven again"), "{words}");
    assert!(!then.text().contains("/redrive"), "the past cannot be changed");
    // As a person types it: the clinic's clock, to the minute; it was heard of five seconds later.
    let words = main_words(&look(format!("{case}?at=2026-11-21T09:04")).await);
    assert!(words.contains("Visit A-1 was not known then") && words.contains("See how it is now"), "{words}");
    assert_eq!(look(format!("{case}?at=yesterday")).await.status, 400);
    let seen = world.get("/api/v1/audit?subject=northside-chiron/A-1").await.json();
    assert!(seen["items"].as_array().unwrap().iter().filter(|item| item["action"] == "view").count() > 2, "{seen}");
}

#[tokio::test]
async fn the_ledger_knows_since_when_a_delivery_that_was_driven_again_is_waited_for() {
    let world = World::start().await;
    world.platform.be(Mood::Refuses);
    world.receive(&Visit::new("A-1").message()).await;
    world.until_verdict("A-1", "failed").await;
    world.clock.advance(3600);
    world.platform.be(Mood::Accepts);
    let redrive = format!("/api/v1/integrations/{CHIRON}/appointments/A-1/redrive");
    assert_eq!(world.ask(Role::Support, "POST", &redrive).json(&json!({})).send().await.status, 200);
    let mut now = world.until_verdict("A-1", "on_time").await;
    while now["delivery"]["attempts"] != 1 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        now = world.until_verdict("A-1", "on_time").await;
    }
    let then = asked(&world, "2026-11-21T16:04:05Z").await;
    assert!(now["expected_by"].as_str().unwrap() > "2026-11-21T16:04:05Z", "it counts from the new drive: {now}");
    for part in ["verdict", "expected_by", "sentence"] {
        assert_eq!(then[part], now[part], "{part}");
    }
    for part in ["version", "attempts"] {
        assert_eq!(then["delivery"][part], now["delivery"][part], "{part}");
    }
}

crate::harness::stores::on_postgres! {
    a_visit_is_explained_as_it_was_at_any_moment,
    the_page_of_a_visit_leads_to_how_it_was,
    the_ledger_knows_since_when_a_delivery_that_was_driven_again_is_waited_for,
}
