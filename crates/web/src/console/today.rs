//! The first page: what is not safe yet today and tomorrow.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::clock::zone;
use crate::console::visit::VisitRow;
use crate::console::{Clock, Frame, Nav, page};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::time::Moment;
use engine::ops::{TodayCounts, TodayRow};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/today.html")]
struct TodayPage {
    frame: Frame,
    summary: Summary,
    days: Vec<Day>,
    as_of: Clock,
}

/// The line on top.
struct Summary {
    fine: String,
    rest: String,
    left_out: Option<String>,
    all_fine: bool,
}

/// The rows of one day in one zone.
struct Day {
    heading: String,
    zone: String,
    rows: Vec<VisitRow>,
}

/// What pages that come after a form take.
#[derive(Deserialize)]
pub(crate) struct Done {
    pub(crate) done: Option<String>,
}

/// The page.
pub(crate) async fn show(State(app): State<Shared>, who: Who, Query(query): Query<Done>) -> Result<Response> {
    let today = app.engine.show_today(&who.actor).await?;
    let many_practices = who.actor.practice.is_none() && {
        let mut practices: Vec<&str> = today.rows.iter().map(|row| row.practice.as_str()).collect();
        practices.sort_unstable();
        practices.dedup();
        practices.len() > 1
    };
    let integrations = app.engine.list_integrations(&who.actor).await?;
    let zone_of_all = integrations.first().map(|item| item.time_zone.clone());
    let clinic = |row: &TodayRow| {
        let of_practice = integrations.iter().find(|item| item.practice == row.practice).filter(|_| many_practices);
        of_practice.map(|item| item.practice_name.to_string())
    };
    let frame = Frame::new(&app, &who, Nav::Today, "Today and tomorrow").live().noting(query.done.as_deref());
    page(&TodayPage {
        frame,
        summary: summary(today.counts),
        as_of: Clock::new(today.as_of, &zone(zone_of_all.as_deref().unwrap_or("UTC"))),
        days: days(&today.rows, today.as_of, clinic),
    })
}

/// Rows by day and zone, in their order, each with its clinic where that has to be said.
fn days(rows: &[TodayRow], now: Moment, clinic: impl Fn(&TodayRow) -> Option<String>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for row in rows {
        let zone = zone(&row.item.time_zone);
        let heading = row.item.start.map_or_else(
            || "No time yet".to_owned(),
            |start| {
                let (day, today) = (zone.date(start), zone.date(now));
                let word = if day == today { "Today" } else { "Tomorrow" };
                format!("{word}, {}", Clock::new(start, &zone).day)
            },
        );
        let row = VisitRow { clinic: clinic(row), ..VisitRow::new(&row.item, now) };
        let name = zone.name().as_str();
        match days.iter_mut().find(|day| day.heading == heading && day.zone == name) {
            Some(day) => day.rows.push(row),
            None => days.push(Day { heading, zone: name.to_owned(), rows: vec![row] }),
        }
    }
    days
}

/// `31 of 34 visits are fine. 1 is on its way. 2 need you.`
fn summary(counts: TodayCounts) -> Summary {
    let all_fine = counts.fine == counts.all;
    let fine = match counts.all {
        0 => "No visits today or tomorrow.".to_owned(),
        1 if all_fine => "The one visit is fine.".to_owned(),
        all if all_fine => format!("All {all} visits are fine."),
        all => format!("{} of {all} visits {} fine.", counts.fine, if counts.fine == 1 { "is" } else { "are" }),
    };
    let mut rest = Vec::new();
    match counts.on_the_way {
        0 => {}
        1 => rest.push("1 is on its way.".to_owned()),
        some => rest.push(format!("{some} are on their way.")),
    }
    match counts.need_you {
        0 => {}
        1 => rest.push("1 needs you.".to_owned()),
        some => rest.push(format!("{some} need you.")),
    }
    let left_out = match counts.left_out {
        0 => None,
        1 => Some("1 more is left out on purpose.".to_owned()),
        some => Some(format!("{some} more are left out on purpose.")),
    };
    Summary { fine, rest: rest.join(" "), left_out, all_fine }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(all: usize, on_the_way: usize, need_you: usize) -> String {
        let fine = all - on_the_way - need_you;
        let summary = summary(TodayCounts { all, fine, on_the_way, need_you, left_out: 0 });
        format!("{} {}", summary.fine, summary.rest).trim().to_owned()
    }

    #[test]
    fn one_line_says_how_things_stand() {
        assert_eq!(told(34, 1, 2), "31 of 34 visits are fine. 1 is on its way. 2 need you.");
        assert_eq!(told(3, 1, 1), "1 of 3 visits is fine. 1 is on its way. 1 needs you.");
        assert_eq!(told(2, 2, 0), "0 of 2 visits are fine. 2 are on their way.");
        assert_eq!(told(5, 0, 0), "All 5 visits are fine.");
        assert_eq!(told(1, 0, 0), "The one visit is fine.");
        assert_eq!(told(0, 0, 0), "No visits today or tomorrow.");
    }
}
