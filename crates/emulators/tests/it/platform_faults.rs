//! A platform that misbehaves on demand.

use crate::support::browser::{get, json};
use crate::support::sender::{SECRET, Webhook};
use crate::support::{clock, listener, within};
use emulators::faults::{Fault, Faults};
use emulators::platform::{Platform, PlatformFault, PlatformHandle, PlatformOptions, Received, Secret};
use serde_json::json;
use std::time::{Duration, Instant};

async fn under(kind: PlatformFault, fault: Fault) -> PlatformHandle {
    let platform = Platform::new(5, Secret::read(SECRET).unwrap());
    let faults = Faults::none(5).with(kind, fault);
    let options = PlatformOptions { clock: clock(), faults, ..PlatformOptions::default() };
    platform.start(listener().await, options).unwrap()
}

fn event() -> Webhook {
    Webhook::card("A-1", 1, "booked", 60)
}

fn outcomes(platform: &PlatformHandle) -> Vec<Received> {
    platform.look(|p| p.events().map(|event| event.outcome).collect())
}

fn is_kept(platform: &PlatformHandle) -> bool {
    platform.look(|p| p.card("northside-chiron", "A-1").is_some())
}

#[tokio::test]
async fn an_outage_is_a_503_that_keeps_nothing_and_passes() {
    let platform = under(PlatformFault::Outage, Fault::always().first(2).retry_after(7)).await;
    for _ in 0..2 {
        let answer = event().send(platform.http).await.unwrap();
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("7")));
        assert!(!is_kept(&platform));
    }
    assert_eq!(event().send(platform.http).await.unwrap().status, 200);
    assert_eq!(outcomes(&platform), [Received::Unavailable, Received::Unavailable, Received::Kept]);
    assert_eq!(platform.look(|p| p.events().map(|event| event.attempt).collect::<Vec<_>>()), [1, 2, 3]);
    let without = under(PlatformFault::Outage, Fault::always()).await;
    assert_eq!(event().send(without.http).await.unwrap().header("retry-after"), None);
}

#[tokio::test]
async fn throttling_says_when_to_come_back() {
    let platform = under(PlatformFault::Throttle, Fault::always()).await;
    let answer = event().send(platform.http).await.unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("30")));
}

#[tokio::test]
async fn a_gone_endpoint_says_so() {
    let platform = under(PlatformFault::Gone, Fault::always()).await;
    assert_eq!(event().send(platform.http).await.unwrap().status, 410);
    assert!(!is_kept(&platform));
    assert_eq!(platform.look(Platform::counters).gone, 1);
}

#[tokio::test]
async fn a_refusal_has_a_status_and_a_reason() {
    let platform = under(PlatformFault::Refuse, Fault::always().only(["A-1"])).await;
    let answer = event().send(platform.http).await.unwrap();
    assert_eq!((answer.status, answer.json()["reason"].as_str()), (422, Some("not_accepted")));
    assert_eq!(Webhook::card("A-2", 1, "booked", 60).send(platform.http).await.unwrap().status, 200);
    let plan = json!({"refuse": {"status": 400, "reason": "visit_type_closed"}});
    assert_eq!(json(platform.http, "PUT", "/_twin/faults", &plan).await.status, 200);
    let answer = Webhook::card("A-3", 1, "booked", 60).send(platform.http).await.unwrap();
    assert_eq!((answer.status, answer.json()["reason"].as_str()), (400, Some("visit_type_closed")));
    assert!(!is_kept(&platform));
    // Strangers learn nothing of it.
    let stranger = Webhook { secret: Secret::from_seed(9).text().to_owned(), ..event() };
    assert_eq!(stranger.send(platform.http).await.unwrap().status, 401);
}

#[tokio::test]
async fn a_liar_answers_well_and_keeps_nothing() {
    let platform = under(PlatformFault::Lie, Fault::always()).await;
    let answer = event().send(platform.http).await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.json()["platform_id"].as_str().unwrap().starts_with("visit_"));
    assert!(!is_kept(&platform));
    assert_eq!(outcomes(&platform), [Received::Lied]);
    platform.set_faults(Faults::none(5));
    let honest = event().send(platform.http).await.unwrap();
    assert_eq!(honest.json()["platform_id"], answer.json()["platform_id"], "a lie that looks like the truth");
    assert!(is_kept(&platform));
}

#[tokio::test]
async fn a_dropped_answer_leaves_the_work_done() {
    let platform = under(PlatformFault::DropAnswer, Fault::always().first(1)).await;
    assert!(event().send(platform.http).await.is_none(), "it hung up");
    assert!(is_kept(&platform));
    let again = event().send(platform.http).await.unwrap();
    assert_eq!(again.status, 200);
    assert!(again.json()["platform_id"].is_string());
    assert_eq!(outcomes(&platform), [Received::KeptUnanswered, Received::Duplicate]);
    assert_eq!(platform.look(|p| p.notices().count()), 1);
}

#[tokio::test]
async fn an_unconfirmed_card_is_shown_and_not_named() {
    let platform = under(PlatformFault::Unconfirmed, Fault::always()).await;
    let answer = event().send(platform.http).await.unwrap();
    assert_eq!((answer.status, answer.json()), (202, json!({})));
    assert!(is_kept(&platform));
    assert_eq!(outcomes(&platform), [Received::KeptUnconfirmed]);
}

#[tokio::test]
async fn slow_is_done_at_once_and_answered_late_and_latency_is_late_altogether() {
    let platform = under(PlatformFault::Slow, Fault::always().millis(150)).await;
    let (http, began) = (platform.http, Instant::now());
    let waiting = tokio::spawn(async move { event().send(http).await });
    within("the card", platform.until(|p| p.cards().count() == 1)).await;
    assert!(began.elapsed() < Duration::from_millis(150));
    assert_eq!(waiting.await.unwrap().unwrap().status, 200);
    assert!(began.elapsed() >= Duration::from_millis(150));

    let platform = under(PlatformFault::Latency, Fault::always().millis(80)).await;
    let (http, began) = (platform.http, Instant::now());
    let waiting = tokio::spawn(async move { event().send(http).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!is_kept(&platform));
    assert_eq!(waiting.await.unwrap().unwrap().status, 200);
    assert!(began.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_rate_hits_the_same_events_each_time() {
    let mut hit = Vec::new();
    for _ in 0..2 {
        let platform = under(PlatformFault::Outage, Fault::rate(0.5)).await;
        let mut statuses = Vec::new();
        for n in 0..24 {
            let event = Webhook::card(&format!("A-{n}"), 1, "booked", 60);
            statuses.push(event.send(platform.http).await.unwrap().status);
        }
        assert!(statuses.contains(&200) && statuses.contains(&503));
        hit.push(statuses);
    }
    assert_eq!(hit[0], hit[1]);
}

#[tokio::test]
async fn faults_are_shown_and_cleared_by_the_control_plane() {
    let platform = under(PlatformFault::Outage, Fault::rate(0.25)).await;
    assert_eq!(get(platform.http, "/_twin/faults").await.json(), json!({"outage": {"rate": 0.25}}));
    assert_eq!(json(platform.http, "PUT", "/_twin/faults", &json!({})).await.json(), json!({}));
    let wrong = json(platform.http, "PUT", "/_twin/faults", &json!({"outage": 2})).await;
    assert_eq!((wrong.status, wrong.json()["code"].as_str()), (422, Some("unusable")));
    assert_eq!(wrong.header("content-type"), Some("application/problem+json"));
}
