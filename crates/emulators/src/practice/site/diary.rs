//! The diary: three days from today or from another day, and what is further ahead.

use super::view::{Row, last_messages};
use super::{Desk, Frame, Said};
use crate::http::page;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

/// So many days on one page.
const DAYS: i64 = 3;

#[derive(Template)]
#[template(path = "practice/diary.html")]
struct DiaryPage {
    frame: Frame,
    days: Vec<Day>,
    far: Vec<Row>,
    earlier: Date,
    later: Date,
    is_now: bool,
}

struct Day {
    label: String,
    caption: String,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    from: Option<String>,
    #[serde(flatten)]
    said: Said,
}

pub(super) async fn show(State(desk): Desk, Query(query): Query<From>) -> Response {
    let now = desk.clock.now();
    let html = desk.look(|room| {
        let practice = &room.practice;
        let (local, last) = (practice.clinic().local(now), last_messages(practice));
        let today = local.date();
        let from = query.from.as_deref().and_then(|day| day.parse().ok()).unwrap_or(today);
        let mut visits: Vec<_> = practice.visits().collect();
        visits.sort_by_key(|visit| (visit.start, visit.id.as_str()));
        let row = |visit, format| Row::of(practice, &last, visit, local, format);
        let mut days = Vec::new();
        let mut date = from;
        for _ in 0..DAYS {
            let on_day = visits.iter().filter(|visit| visit.start.date() == date);
            let rows: Vec<Row> = on_day.map(|visit| row(visit, "%H:%M")).collect();
            days.push(Day { label: label(date, today), caption: format!("{} visits", rows.len()), rows });
            date = date.saturating_add(1.day());
        }
        let far = visits.iter().filter(|visit| visit.start.date() >= date).map(|visit| row(visit, "%-d %b %Y %H:%M"));
        DiaryPage {
            frame: Frame::of(room, now, "diary").saying(&query.said),
            days,
            far: far.collect(),
            earlier: from.saturating_sub(DAYS.days()),
            later: from.saturating_add(DAYS.days()),
            is_now: from == today,
        }
        .render()
    });
    page(StatusCode::OK, html)
}

fn label(date: Date, today: Date) -> String {
    let day = date.strftime("%A %-d %B %Y");
    match date {
        _ if date == today => format!("Today, {day}"),
        _ if today.tomorrow().is_ok_and(|tomorrow| tomorrow == date) => format!("Tomorrow, {day}"),
        _ => day.to_string(),
    }
}
