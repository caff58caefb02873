//! The platform's hook: one card for each visit, one notice for each piece of news, and nothing by mistake.

use crate::support::browser::{form, get, json};
use crate::support::sender::{SECRET, Webhook, card};
use crate::support::{clock, listener, now, within};
use emulators::clock::SetClock;
use emulators::platform::{NoticeKind, Platform, PlatformHandle, PlatformOptions, Received, Secret};
use serde_json::json;
use std::sync::Arc;

async fn platform() -> (PlatformHandle, Arc<SetClock>) {
    start(false).await
}

async fn start(demanding: bool) -> (PlatformHandle, Arc<SetClock>) {
    let clock = clock();
    let platform = Platform::new(5, Secret::read(SECRET).unwrap());
    let options = PlatformOptions { clock: clock.clone(), demanding, ..PlatformOptions::default() };
    (platform.start(listener().await, options).unwrap(), clock)
}

/// Sends an event and gives the status and the body of the answer.
async fn send(platform: &PlatformHandle, event: &Webhook) -> (u16, serde_json::Value) {
    let answer = event.send(platform.http).await.unwrap();
    let body = if answer.body.is_empty() { json!(null) } else { answer.json() };
    (answer.status, body)
}

fn notices(platform: &PlatformHandle) -> Vec<(NoticeKind, String, u32)> {
    platform.look(|p| p.notices().map(|n| (n.kind, n.source_id.clone(), n.version)).collect())
}

fn shown(platform: &PlatformHandle, source_id: &str) -> (u32, String, String) {
    platform.look(|p| {
        let card = p.card("northside-chiron", source_id).unwrap();
        (card.version, card.tab.clone(), card.status.clone())
    })
}

#[tokio::test]
async fn a_card_is_kept_and_answered_with_an_id_that_stays() {
    let (platform, _) = platform().await;
    let (status, first) = send(&platform, &Webhook::card("A-1", 1, "booked", 60)).await;
    assert_eq!(status, 200);
    let id = first["platform_id"].as_str().unwrap().to_owned();
    let (_, second) = send(&platform, &Webhook::card("A-1", 2, "confirmed", 60)).await;
    assert_eq!(second["platform_id"].as_str(), Some(id.as_str()));
    let (_, other) = send(&platform, &Webhook::card("A-2", 1, "booked", 90)).await;
    assert_ne!(other["platform_id"].as_str(), Some(id.as_str()));
    assert_eq!(shown(&platform, "A-1"), (2, "upcoming".to_owned(), "confirmed".to_owned()));
    assert_eq!(platform.look(|p| p.cards().count()), 2);
}

#[tokio::test]
async fn every_piece_of_news_is_told_once() {
    let (platform, _) = platform().await;
    for event in [
        Webhook::card("A-1", 1, "booked", 60),
        Webhook::card("A-1", 2, "confirmed", 60),
        Webhook::card("A-1", 4, "confirmed", 120),
        Webhook::card("A-1", 5, "checked_in", 120),
        Webhook::card("A-1", 6, "cancelled_by_patient", 120),
        Webhook::card("A-1", 7, "cancelled", 120),
        Webhook::card("A-1", 8, "booked", 120),
    ] {
        assert_eq!(send(&platform, &event).await.0, 200);
    }
    let expected =
        [(NoticeKind::Booked, 1), (NoticeKind::Moved, 4), (NoticeKind::Cancelled, 6), (NoticeKind::Booked, 8)];
    assert_eq!(notices(&platform), expected.map(|(kind, version)| (kind, "A-1".to_owned(), version)));
    let to = platform.look(|p| p.notices().map(|n| n.to.clone()).next());
    assert_eq!(to.as_deref(), Some("ada.A-1@example.com"));
}

#[tokio::test]
async fn nobody_is_told_what_is_no_news() {
    let (platform, _) = platform().await;
    let mut test = card("booked", 60, "A-1");
    test["test"] = json!(true);
    let mut added = card("booked", 60, "A-5");
    added["participants"][0]["origin"] = json!("platform");
    for event in [
        Webhook::of("A-1", 1, &test),
        Webhook::card("A-2", 1, "booked", -60),   // over
        Webhook::card("A-3", 1, "cancelled", 60), // called off before anybody heard of it
        Webhook::card("A-4", 1, "completed", -60),
        Webhook::of("A-5", 1, &added), // the platform's own people
    ] {
        assert_eq!(send(&platform, &event).await.0, 200);
    }
    assert_eq!(notices(&platform), []);
    assert_eq!(platform.look(|p| p.cards().count()), 5);
}

#[tokio::test]
async fn whoever_leaves_a_visit_is_told_and_who_was_never_in_is_not() {
    let (platform, _) = platform().await;
    let mut group = card("booked", 60, "A-1");
    let mut second = group["participants"][0].clone();
    second["source_id"] = json!("P-other");
    second["email"] = json!("other@example.org");
    group["participants"].as_array_mut().unwrap().push(second);
    send(&platform, &Webhook::of("A-1", 1, &group)).await;
    send(&platform, &Webhook::card("A-1", 2, "booked", 60)).await;
    let mut removed = card("removed", 60, "A-1");
    removed["participants"] = json!([]);
    send(&platform, &Webhook::of("A-1", 3, &removed)).await;
    let told: Vec<(NoticeKind, String)> = platform.look(|p| p.notices().map(|n| (n.kind, n.to.clone())).collect());
    let (ada, other) = ("ada.A-1@example.com".to_owned(), "other@example.org".to_owned());
    let expected = [
        (NoticeKind::Booked, ada.clone()),
        (NoticeKind::Booked, other.clone()),
        (NoticeKind::Cancelled, other),
        (NoticeKind::Cancelled, ada),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_repetition_is_recognised_and_answered_alike() {
    let (platform, clock) = platform().await;
    let event = Webhook::card("A-1", 1, "booked", 60);
    let (_, first) = send(&platform, &event).await;
    clock.advance(90);
    let later = Webhook { timestamp: event.timestamp + 90, ..event };
    let (status, again) = send(&platform, &later).await;
    assert_eq!((status, &again["platform_id"]), (200, &first["platform_id"]));
    let counters = platform.look(Platform::counters);
    assert_eq!((counters.received, counters.kept, counters.duplicates, counters.notices), (2, 1, 1, 1));
}

#[tokio::test]
async fn twenty_copies_at_once_are_one_card_and_one_notice() {
    let (platform, _) = platform().await;
    let event = Webhook::card("A-1", 1, "booked", 60);
    let copies: Vec<_> = (0..20)
        .map(|_| {
            let (event, to) = (event.clone(), platform.http);
            tokio::spawn(async move { event.send(to).await.unwrap().status })
        })
        .collect();
    for copy in copies {
        assert_eq!(copy.await.unwrap(), 200);
    }
    let counters = platform.look(Platform::counters);
    assert_eq!((counters.kept, counters.duplicates, counters.notices), (1, 19, 1));
}

#[tokio::test]
async fn old_news_is_refused() {
    let (platform, _) = platform().await;
    send(&platform, &Webhook::card("A-1", 3, "booked", 60)).await;
    let (status, body) = send(&platform, &Webhook::card("A-1", 2, "cancelled", 60)).await;
    assert_eq!((status, body["reason"].as_str()), (409, Some("version_not_newer")));
    let same = Webhook { id: "evt_another".to_owned(), ..Webhook::card("A-1", 3, "cancelled", 60) };
    assert_eq!(send(&platform, &same).await.0, 409);
    assert_eq!(shown(&platform, "A-1"), (3, "upcoming".to_owned(), "booked".to_owned()));
    assert_eq!(platform.look(Platform::counters).out_of_order, 2);
    assert_eq!(notices(&platform).len(), 1);
}

#[tokio::test]
async fn what_is_badly_signed_or_replayed_is_refused_and_counted() {
    let (platform, clock) = platform().await;
    let event = Webhook::card("A-1", 1, "booked", 60);
    let stranger = Webhook { secret: Secret::from_seed(99).text().to_owned(), ..event.clone() };
    assert_eq!(stranger.send(platform.http).await.unwrap().status, 401);
    let altered = Webhook { body: Webhook::card("A-1", 1, "cancelled", 60).body, ..event.clone() };
    assert_eq!(altered.send_with(platform.http, &event.signature()).await.unwrap().status, 401);
    assert_eq!(form(platform.http, "/hook", &[("a", "b")]).await.status, 401);
    clock.advance(301);
    let replay = event.send(platform.http).await.unwrap();
    assert_eq!((replay.status, replay.json()["reason"].as_str()), (401, Some("timestamp_too_old")));
    clock.set(now());
    let counters = platform.look(Platform::counters);
    assert_eq!((counters.badly_signed, counters.kept, counters.received), (4, 0, 4));
    assert_eq!(platform.look(|p| p.cards().count()), 0);
    // None of it stands in the way of the event itself.
    assert_eq!(send(&platform, &event).await.0, 200);
}

#[tokio::test]
async fn what_is_not_understood_is_refused_with_a_reason() {
    let (platform, _) = platform().await;
    let odd = |change: fn(&mut serde_json::Value)| {
        let mut card = card("booked", 60, "A-1");
        change(&mut card);
        Webhook::of("A-1", 1, &card)
    };
    for (event, reason) in [
        (Webhook::raw("e1", b"not json"), "body_unreadable"),
        (Webhook::raw("e2", br#"{"type":"appointment.created","data":{}}"#), "body_unreadable"),
        (
            Webhook::raw("e3", br#"{"type":"appointment.created","timestamp":"2026-11-19T15:00:00Z","data":{}}"#),
            "data_unreadable",
        ),
        (odd(|card| card["status"] = json!("Scheduled")), "status_unknown"),
        (odd(|card| card["tab"] = json!("today")), "tab_unknown"),
        (odd(|card| card["status"] = json!("cancelled")), "tab_contradicts_status"),
        (odd(|card| card["end"] = json!("2020-01-01T00:00:00Z")), "end_before_start"),
        (odd(|card| card["start"] = json!("2026-11-19T10:00:00")), "data_unreadable"),
    ] {
        let (status, body) = send(&platform, &event).await;
        assert_eq!((status, body["reason"].as_str()), (400, Some(reason)));
    }
    assert_eq!(platform.look(Platform::counters).malformed, 8);
    let other = br#"{"type":"integration.live","timestamp":"2026-11-19T15:00:00Z","data":{"integration":"x"}}"#;
    assert_eq!(send(&platform, &Webhook::raw("e9", other)).await.0, 204);
    assert_eq!(platform.look(|p| p.events().last().map(|event| event.outcome)), Some(Received::Noted));
}

#[tokio::test]
async fn a_demanding_platform_refuses_what_it_could_not_show() {
    let (platform, _) = start(true).await;
    assert_eq!(send(&platform, &Webhook::card("A-1", 1, "booked", 60)).await.0, 200);
    let odd = |change: fn(&mut serde_json::Value)| {
        let mut card = card("booked", 60, "A-2");
        change(&mut card);
        Webhook::of("A-2", 1, &card)
    };
    for (event, reason) in [
        (odd(|card| card["start"] = json!(null)), "start_missing"),
        (odd(|card| card["provider"]["platform_id"] = json!(null)), "provider_unknown"),
        (odd(|card| card["participants"][0]["name"] = json!("")), "name_missing"),
        (odd(|card| card["participants"][0]["email"] = json!(null)), "email_missing"),
        (odd(|card| card["participants"][0]["email"] = json!("ADA.A-1@example.com")), "email_not_unique"),
    ] {
        let (status, body) = send(&platform, &event).await;
        assert_eq!((status, body["reason"].as_str()), (422, Some(reason)));
    }
    let undemanding = odd(|card| {
        card["status"] = json!("cancelled");
        card["tab"] = json!("past");
        card["participants"][0]["email"] = json!(null);
    });
    assert_eq!(send(&platform, &undemanding).await.0, 200, "what is over needs no login");
}

#[tokio::test]
async fn the_pages_show_cards_notices_and_events_and_escape_what_they_show() {
    let (platform, _) = platform().await;
    let mut hostile = card("booked", 60, "A-1");
    hostile["participants"][0]["name"] = json!("<script>alert(1)</script>");
    send(&platform, &Webhook::of("A-1", 1, &hostile)).await;
    send(&platform, &Webhook::card("A-2", 1, "cancelled", 60)).await;
    Webhook { secret: Secret::from_seed(99).text().to_owned(), ..Webhook::card("A-3", 1, "booked", 60) }
        .send(platform.http)
        .await
        .unwrap();

    let upcoming = get(platform.http, "/").await;
    assert_eq!(upcoming.status, 200);
    assert!(upcoming.body.contains("Emulated patient platform – not Punctual"));
    assert!(upcoming.body.contains("&#60;script&#62;") && !upcoming.body.contains("<script"), "{}", upcoming.body);
    assert!(upcoming.body.contains("Upcoming (1)") && upcoming.body.contains("Past (1)"));
    assert!(upcoming.body.contains("Thu 19 Nov 2026 10:00 CST"), "the clinic's time, with its zone");
    assert!(upcoming.header("content-security-policy").unwrap().contains("default-src 'none'"));
    let past = get(platform.http, "/?tab=past").await.body;
    assert!(past.contains("A-2 · version 1") && !past.contains("A-1 · version 1"));
    assert!(get(platform.http, "/notices").await.body.contains("1 sent."));
    let events = get(platform.http, "/events").await.body;
    assert!(events.contains("badly signed, refused") && events.contains("signature_wrong"));
    assert_eq!(get(platform.http, "/nowhere").await.status, 404);

    let state = get(platform.http, "/_twin/state").await.json();
    assert_eq!(state["twin"], "platform");
    assert_eq!(state["cards"].as_array().unwrap().len(), 2);
    assert_eq!(state["notices"][0]["kind"], "booked");
    assert_eq!(state["counters"]["badly_signed"], 1);
    assert_eq!(state["events"].as_array().unwrap().len(), 3);
    assert_eq!(json(platform.http, "PUT", "/_twin/faults", &json!({"lost_page": 1})).await.status, 422);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let mut ids = Vec::new();
    for seed in [5, 5, 6] {
        let platform = Platform::new(seed, Secret::read(SECRET).unwrap());
        let options = PlatformOptions { clock: clock(), ..PlatformOptions::default() };
        let handle = platform.start(listener().await, options).unwrap();
        ids.push(send(&handle, &Webhook::card("A-1", 1, "booked", 60)).await.1["platform_id"].clone());
        let http = handle.http;
        within("stopping", handle.stop()).await;
        assert!(tokio::net::TcpStream::connect(http).await.is_err());
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
}
