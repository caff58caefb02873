//! What patients' staff would see: cards, notices, and what came in.

use crate::http::{page, stylesheet};
use crate::platform::handle::Shared;
use crate::platform::{Card, Counters, Platform, Received};
use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::sync::Arc;

/// So many rows on a page.
const SHOWN: usize = 200;

type Room = State<Arc<Shared>>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(cards))
        .route("/notices", get(notices))
        .route("/events", get(events))
        .route("/assets/twin.css", get(async || stylesheet(include_str!("../../assets/twin.css"))))
        .fallback(missing)
        .with_state(shared)
}

/// What stands around every page.
struct Frame {
    name: String,
    now: String,
    here: &'static str,
}

impl Frame {
    fn of(platform: &Platform, now: Timestamp, here: &'static str) -> Frame {
        Frame { name: platform.name.clone(), now: now.strftime("%Y-%m-%d %H:%M UTC").to_string(), here }
    }
}

#[derive(Template)]
#[template(path = "platform/cards.html")]
struct CardsPage {
    frame: Frame,
    is_past: bool,
    upcoming: usize,
    past: usize,
    rows: Vec<CardRow>,
    counters: Counters,
}

struct CardRow {
    when: String,
    who: String,
    email: String,
    kind: String,
    provider: String,
    status: String,
    tone: &'static str,
    source_id: String,
    platform_id: String,
    version: u32,
    is_test: bool,
}

impl CardRow {
    fn of(card: &Card) -> CardRow {
        let people = card.participants.iter();
        let each = |of: fn(&crate::platform::Participant) -> Option<String>| {
            people.clone().filter_map(of).collect::<Vec<_>>().join(", ")
        };
        CardRow {
            when: card.start.map_or_else(|| "no time yet".to_owned(), |start| clock(start, card.time_zone.as_deref())),
            who: each(|person| person.name.clone()),
            email: each(|person| person.email.clone()),
            kind: card.visit_type.as_ref().and_then(|kind| kind.name.clone()).unwrap_or_default(),
            provider: card.provider.as_ref().and_then(|provider| provider.name.clone()).unwrap_or_default(),
            status: card.status.replace('_', " "),
            tone: match card.status.as_str() {
                "confirmed" | "checked_in" | "in_progress" => "good",
                "proposed" | "booked" | "completed" => "",
                _ => "warn",
            },
            source_id: card.source_id.clone(),
            platform_id: card.platform_id.clone(),
            version: card.version,
            is_test: card.test,
        }
    }
}

/// An instant by the clocks of the place of the visit.
fn clock(at: Timestamp, zone: Option<&str>) -> String {
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok()).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%a %-d %b %Y %H:%M %Z").to_string()
}

#[derive(Deserialize)]
struct Tab {
    #[serde(default)]
    tab: String,
}

async fn cards(State(shared): Room, Query(tab): Query<Tab>) -> Response {
    let now = shared.now();
    let html = shared.look(|platform| {
        let is_past = tab.tab == "past";
        let mut shown: Vec<&Card> = platform.cards().filter(|card| (card.tab == "past") == is_past).collect();
        shown.sort_by_key(|card| (card.start, card.source_id.as_str()));
        let past = platform.cards().filter(|card| card.tab == "past").count();
        CardsPage {
            frame: Frame::of(platform, now, "cards"),
            is_past,
            upcoming: platform.cards().count() - past,
            past,
            rows: shown.into_iter().map(CardRow::of).collect(),
            counters: platform.counters(),
        }
        .render()
    });
    page(StatusCode::OK, html)
}

#[derive(Template)]
#[template(path = "platform/notices.html")]
struct NoticesPage {
    frame: Frame,
    total: u64,
    rows: Vec<NoticeRow>,
}

struct NoticeRow {
    at: String,
    kind: &'static str,
    to: String,
    name: String,
    start: String,
    source_id: String,
}

async fn notices(State(shared): Room) -> Response {
    let now = shared.now();
    let html = shared.look(|platform| {
        let zone_of = |source_id: &str| {
            platform.cards().find(|card| card.source_id == source_id).and_then(|card| card.time_zone.clone())
        };
        let rows = platform.notices().rev().take(SHOWN).map(|notice| NoticeRow {
            at: clock(notice.at, zone_of(&notice.source_id).as_deref()),
            kind: notice.kind.label(),
            to: notice.to.clone(),
            name: notice.name.clone(),
            start: clock(notice.start, zone_of(&notice.source_id).as_deref()),
            source_id: notice.source_id.clone(),
        });
        let (frame, total) = (Frame::of(platform, now, "notices"), platform.counters().notices);
        NoticesPage { frame, total, rows: rows.collect() }.render()
    });
    page(StatusCode::OK, html)
}

#[derive(Template)]
#[template(path = "platform/events.html")]
struct EventsPage {
    frame: Frame,
    counters: Counters,
    rows: Vec<EventRow>,
}

struct EventRow {
    at: String,
    webhook_id: String,
    kind: String,
    source_id: String,
    version: String,
    outcome: &'static str,
    tone: &'static str,
    reason: String,
}

async fn events(State(shared): Room) -> Response {
    let now = shared.now();
    let html = shared.look(|platform| {
        let rows = platform.events().rev().take(SHOWN).map(|event| EventRow {
            at: event.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            webhook_id: event.webhook_id.clone(),
            kind: event.kind.clone(),
            source_id: event.source_id.clone(),
            version: event.version.map(|version| version.to_string()).unwrap_or_default(),
            outcome: event.outcome.label(),
            tone: match event.outcome {
                Received::Kept => "good",
                Received::Noted | Received::Duplicate => "",
                Received::BadlySigned | Received::Malformed | Received::Refused | Received::OutOfOrder => "bad",
                Received::KeptUnconfirmed
                | Received::KeptUnanswered
                | Received::Lied
                | Received::Unavailable
                | Received::Gone => "warn",
            },
            reason: event.reason.clone().unwrap_or_default(),
        });
        let (frame, counters) = (Frame::of(platform, now, "events"), platform.counters());
        EventsPage { frame, counters, rows: rows.collect() }.render()
    });
    page(StatusCode::OK, html)
}

#[derive(Template)]
#[template(path = "platform/missing.html")]
struct MissingPage {
    frame: Frame,
}

async fn missing(State(shared): Room) -> Response {
    let now = shared.now();
    let frame = shared.look(|platform| Frame::of(platform, now, ""));
    page(StatusCode::NOT_FOUND, MissingPage { frame }.render())
}
