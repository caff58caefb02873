//! A provider is linked once, and every visit that waited for it goes by itself.

use crate::support::{
    Client, Finished, INTEGRATION, Receiver, Scene, Visit, command, document, entries, schedule, serve, until,
};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// So many visits of the same day wait for something else, or for nothing.
const OTHERS: usize = 20;

/// Visits that nothing stops, and as many with a provider whom nobody has told of.
fn others() -> Vec<Visit> {
    let visit = |n: usize| Visit { minute: n as u32 % 60, ..Visit::new(&format!("B-{n}")) };
    (0..OTHERS).map(|n| if n % 2 == 0 { visit(n) } else { visit(n).with("DR11") }).collect()
}

/// Links DR9 while `waiting` visits wait for it, and looks at what that does.
fn link_releases(waiting: usize) {
    let platform = Receiver::start();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("practice.toml"), document("chiron", &platform.url(), &schedule(&[1, 1, 1], 15)))
        .unwrap();
    Finished::of(command(folder.path()).args(["apply", "practice.toml"])).done();
    let token =
        Finished::of(command(folder.path()).args(["token", "create", "--role", "admin", "--name", "T", "--json"]))
            .json()["token"]
            .clone();

    let waits: Vec<Visit> =
        (0..waiting).map(|n| Visit { minute: n as u32 % 60, ..Visit::new(&format!("A-{n}")).with("DR9") }).collect();
    let others = others();
    let messages: Vec<String> = waits.iter().chain(&others).map(|visit| visit.message("S12").1).collect();
    std::fs::write(folder.path().join("day.hl7"), messages.join("\n")).unwrap();
    let begun = Instant::now();
    let report =
        Finished::of(command(folder.path()).args(["replay", "day.hl7", "--integration", INTEGRATION, "--json"])).json();
    println!("{waiting}: replayed in {:.1} s", begun.elapsed().as_secs_f64());
    assert_eq!(report["applied"].as_u64(), Some((waiting + OTHERS) as u64), "{report}");

    let service = serve(folder.path());
    let api = Client::new(service.told("http")).token(token.as_str().unwrap());
    let count =
        |verdict: &str| api.json(&format!("/api/v1/integrations/{INTEGRATION}"))["counts"][verdict].as_u64().unwrap();
    let fine = OTHERS as u64 / 2;
    until("what nothing stops is sent", || (count("in_sync") == fine).then_some(()).ok_or(String::new()));
    assert_eq!(count("held"), waiting as u64 + OTHERS as u64 / 2);
    let explain = |id: &str| api.json(&format!("/api/v1/integrations/{INTEGRATION}/appointments/{id}"));
    let before: Vec<Value> = others.iter().map(|visit| explain(&visit.source_id)["timeline"].clone()).collect();
    assert_eq!(platform.deliveries().len() as u64, fine);

    let begun = Instant::now();
    let linked =
        api.put(&format!("/api/v1/integrations/{INTEGRATION}/links/provider/DR9"), &json!({ "platform_id": "prov_9" }));
    assert!(linked.status < 300, "{}", linked.body);
    let answered = begun.elapsed();
    let held = OTHERS as u64 / 2;
    until("they are released", || (count("held") == held).then_some(()).ok_or(String::new()));
    let released = begun.elapsed();
    until("they are on the platform", || {
        let done = count("in_sync");
        if done == fine + waiting as u64 { Ok(()) } else { Err(format!("{done} in sync")) }
    });
    tell(waiting, [answered, released, begun.elapsed()]);

    // Exactly those, once each, with the reason.
    for visit in &waits {
        let explanation = explain(&visit.source_id);
        let released = entries(&explanation, "released");
        assert_eq!(released.len(), 1, "{explanation}");
        let why = released[0]["why"].as_str().unwrap_or_default();
        assert!(why.contains("provider:DR9"), "{why}");
        assert_eq!(entries(&explanation, "told").len(), 1);
    }
    let sent = platform.deliveries();
    let ids: HashSet<&str> = sent.iter().map(|delivery| delivery.id.as_str()).collect();
    let visits: HashSet<&str> = sent.iter().map(|delivery| delivery.source_id()).collect();
    assert_eq!((sent.len(), ids.len(), visits.len()), (waiting + OTHERS / 2, sent.len(), sent.len()), "each once");
    let caused = sent.iter().filter(|delivery| delivery.json["data"]["cause"]["wake"] == "provider:DR9");
    assert_eq!(caused.count(), waiting, "the platform is told what caused it");
    let after: Vec<Value> = others.iter().map(|visit| explain(&visit.source_id)["timeline"].clone()).collect();
    assert_eq!(before, after, "nothing happened to the others");
    service.stop();
}

fn tell(waiting: usize, [answered, released, shown]: [Duration; 3]) {
    println!(
        "{waiting} waiting: link answered after {:.3} s, all decided after {:.3} s, all on the platform after {:.3} s",
        answered.as_secs_f64(),
        released.as_secs_f64(),
        shown.as_secs_f64()
    );
}

#[test]
fn s0_15_a_link_releases_the_one_visit_that_waited_for_it() {
    link_releases(1);
}

#[test]
fn s0_15_a_link_releases_ten_thousand_visits_that_waited_for_it() {
    link_releases(10_000);
}

#[test]
fn a_visit_that_waits_for_a_link_goes_to_its_provider_when_it_is_taken_away_again() {
    let platform = Receiver::start();
    let mut scene = Scene::of(&document("chiron", &platform.url(), ""));
    let path = format!("/api/v1/integrations/{INTEGRATION}/links/provider/DR9");
    scene.tell(&Visit::new("A-1").with("DR9"), "S12");
    scene.becomes("A-1", "held");
    assert!(scene.api.put(&path, &json!({ "platform_id": "prov_9" })).status < 300);
    scene.becomes("A-1", "in_sync");
    assert!(scene.api.send("DELETE", &path, "", "").status < 300);
    let explanation = scene.becomes("A-1", "held");
    assert_eq!(explanation["primary"], "NO_CONNECTED_PROVIDER_ACCOUNT");
    assert_eq!(platform.of("A-1").len(), 1, "the card stays as it was");
    scene.service.stop();
}
