//! Deliveries to a real HTTP server: signed, tried again as published, given up with a reason.

use crate::support::{
    Finished, INTEGRATION, Receiver, Reply, SECRET, Scene, Visit, document, entries, schedule, until,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::time::Duration;

/// A scene whose deliveries are tried again after these waits.
fn scene(waits: &[u32]) -> (Receiver, Scene) {
    let platform = Receiver::start();
    let scene = Scene::of(&document("chiron", &platform.url(), &schedule(waits, 2)));
    (platform, scene)
}

fn primary(explanation: &Value) -> &str {
    explanation["primary"].as_str().unwrap_or("none")
}

#[test]
fn a_delivery_is_signed_as_standard_webhooks_say() {
    let (platform, mut scene) = scene(&[1]);
    scene.tell(&Visit::new("A-1"), "S12");
    scene.becomes("A-1", "in_sync");
    let delivery = platform.of("A-1").remove(0);
    // The algorithm of the specification, written out: base64 of HMAC-SHA256 over `id.timestamp.body`.
    let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let timestamp = &delivery.headers["webhook-timestamp"];
    let content = format!("{}.{timestamp}.{}", delivery.id, delivery.body);
    let expected = STANDARD.encode(hmac_sha256::HMAC::mac(content.as_bytes(), &key));
    assert_eq!(delivery.headers["webhook-signature"], format!("v1,{expected}"));
    assert!(delivery.id.starts_with("msg_"), "{}", delivery.id);
    assert_eq!(delivery.json["type"], "appointment.created");
    assert_eq!(delivery.json["timestamp"].as_str().map(|at| at.ends_with('Z')), Some(true));
    scene.service.stop();
}

#[test]
fn gone_stops_the_endpoint_and_another_address_heals() {
    let (platform, mut scene) = scene(&[1]);
    platform.answers(|_| Reply::new(410, ""));
    scene.tell(&Visit::new("A-1"), "S12");
    let explanation = scene.when("A-1", "is held", |explanation| primary(explanation) == "PLATFORM_ENDPOINT_GONE");
    assert_eq!(explanation["verdict"], "held", "{explanation}");
    let integration = scene.api.json(&format!("/api/v1/integrations/{INTEGRATION}"));
    assert!(integration["endpoint_gone_since"].is_string(), "{integration}");

    // Nothing more is sent there.
    scene.tell(&Visit::new("A-2"), "S12");
    let explanation = scene.explanation("A-2");
    assert_eq!((primary(&explanation), &explanation["verdict"]), ("PLATFORM_ENDPOINT_GONE", &json!("held")));
    assert_eq!(platform.deliveries().len(), 1, "one delivery found out");

    // The platform moves, somebody says so, and both visits go without another click.
    let moved = Receiver::start();
    std::fs::write(scene.folder.path().join("moved.toml"), document("chiron", &moved.url(), &schedule(&[1], 2)))
        .unwrap();
    Finished::of(scene.command().args(["apply", "moved.toml"])).done();
    for source_id in ["A-1", "A-2"] {
        scene.becomes(source_id, "in_sync");
        assert_eq!(moved.of(source_id).len(), 1, "{source_id}");
    }
    assert_eq!(platform.deliveries().len(), 1);
    scene.service.stop();
}

#[test]
fn an_old_address_that_is_gone_does_not_hold_up_what_goes_to_the_new_one() {
    let (platform, mut scene) = scene(&[1, 1]);
    platform.answers(|_| Reply::new(410, "").after(Duration::from_millis(1500)));
    scene.tell(&Visit::new("A-1"), "S12");
    until("it is on its way", || (!platform.deliveries().is_empty()).then_some(()).ok_or_else(String::new));
    let moved = Receiver::start();
    let document = document("chiron", &moved.url(), &schedule(&[1, 1], 2));
    std::fs::write(scene.folder.path().join("moved.toml"), document).unwrap();
    Finished::of(scene.command().args(["apply", "moved.toml"])).done();
    scene.becomes("A-1", "in_sync");
    assert_eq!((platform.deliveries().len(), moved.of("A-1").len()), (1, 1));
    let integration = scene.api.json(&format!("/api/v1/integrations/{INTEGRATION}"));
    assert!(integration["endpoint_gone_since"].is_null(), "{integration}");
    scene.service.stop();
}

#[test]
fn a_platform_that_asks_for_patience_gets_it() {
    let (platform, mut scene) = scene(&[1, 1]);
    platform.answers(|delivery| match delivery.attempt {
        1 => Reply::new(503, "").header("retry-after", "3"),
        _ => Reply::confirmed(delivery),
    });
    scene.tell(&Visit::new("A-1"), "S12");
    let waiting = scene.when("A-1", "waits", |explanation| explanation["delivery"]["state"] == "retrying");
    assert_eq!((&waiting["verdict"], primary(&waiting)), (&json!("on_time"), "ON_TIME_WAITING"));
    scene.becomes("A-1", "in_sync");
    let tries = platform.of("A-1");
    assert_eq!(tries.len(), 2);
    let waited = tries[1].at - tries[0].at;
    assert!(waited >= Duration::from_secs(3), "the schedule says 1 s, the platform asked for 3; it was {waited:?}");
    assert_eq!(tries[0].id, tries[1].id, "the same delivery");
    scene.service.stop();
}

#[test]
fn what_the_platform_refuses_with_a_reason_is_refused_for_good() {
    for status in [400, 422] {
        let (platform, mut scene) = scene(&[1]);
        platform.answers(move |_| Reply::new(status, r#"{"reason": "provider_unknown"}"#));
        scene.tell(&Visit::new("A-1"), "S12");
        let explanation = scene.becomes("A-1", "failed");
        assert_eq!(primary(&explanation), "PLATFORM_REFUSED");
        assert!(explanation.to_string().contains("provider_unknown"), "the platform's reason is told: {explanation}");
        assert_eq!(platform.of("A-1").len(), 1, "{status} is not tried again");
        scene.service.stop();
    }
}

#[test]
fn a_refusal_without_a_reason_is_somebody_on_the_way_and_tried_again() {
    let (platform, mut scene) = scene(&[1]);
    platform.answers(|delivery| match delivery.attempt {
        1 => Reply::new(400, "<html>bad gateway</html>"),
        _ => Reply::confirmed(delivery),
    });
    scene.tell(&Visit::new("A-1"), "S12");
    scene.becomes("A-1", "in_sync");
    assert_eq!(platform.of("A-1").len(), 2);
    scene.service.stop();
}

#[test]
fn a_lost_answer_is_unknown_and_the_same_delivery_is_sent_again() {
    for script in [|| Reply::hang_up(), || Reply::new(200, "{}").after(Duration::from_secs(4))] {
        let (platform, mut scene) = scene(&[2]);
        platform.answers(move |delivery| if delivery.attempt == 1 { script() } else { Reply::confirmed(delivery) });
        scene.tell(&Visit::new("A-1"), "S12");
        scene.when("A-1", "is unknown", |explanation| explanation["delivery"]["state"] == "unknown");
        let explanation = scene.becomes("A-1", "in_sync");
        assert_eq!(entries(&explanation, "outcome_unknown").len(), 1, "{explanation}");
        let tries = platform.of("A-1");
        assert_eq!(tries.len(), 2);
        assert_eq!((&tries[0].id, &tries[0].body), (&tries[1].id, &tries[1].body), "recognisable as a repetition");
        assert_eq!(entries(&explanation, "told").len(), 1, "one notice");
        scene.service.stop();
    }
}

#[test]
fn a_schedule_used_up_is_told_and_a_person_may_drive_it_again() {
    let (platform, mut scene) = scene(&[1]);
    platform.answers(|_| Reply::new(500, ""));
    scene.tell(&Visit::new("A-1"), "S12");
    let explanation = scene.becomes("A-1", "failed");
    assert_eq!((primary(&explanation), platform.of("A-1").len()), ("DELIVERY_EXHAUSTED", 2));
    platform.answers(Reply::confirmed);
    let path = format!("/api/v1/integrations/{INTEGRATION}/appointments/A-1/redrive");
    assert_eq!(scene.api.post(&path, &json!({})).status, 200);
    scene.becomes("A-1", "in_sync");
    let tries = platform.of("A-1");
    assert!(tries.iter().all(|delivery| delivery.id == tries[0].id), "always the same delivery");
    scene.service.stop();
}

#[test]
fn versions_arrive_in_order_and_a_newer_one_replaces_what_was_not_sent() {
    let (platform, mut scene) = scene(&[1, 1, 1, 1]);
    platform.answers(|_| Reply::new(503, ""));
    let visit = Visit::new("A-1");
    scene.tell(&visit, "S12");
    scene.when("A-1", "waits", |explanation| explanation["delivery"]["state"] == "retrying");
    for minute in [10, 20] {
        scene.tell(&Visit { minute, ..visit.clone() }, "S13");
    }
    platform.answers(Reply::confirmed);
    let explanation = scene.becomes("A-1", "in_sync");
    let newest = explanation["appointment"]["version"].as_u64().unwrap();
    until("the newest version arrives", || {
        let versions: Vec<u64> = platform.of("A-1").iter().map(|delivery| delivery.version()).collect();
        if versions.last() == Some(&newest) { Ok(()) } else { Err(format!("{versions:?}")) }
    });
    let versions: Vec<u64> = platform.of("A-1").iter().map(|delivery| delivery.version()).collect();
    assert!(versions.is_sorted(), "{versions:?}");
    scene.service.stop();
}
