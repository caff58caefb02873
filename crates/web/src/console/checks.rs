//! The data-quality checks of an integration: what each found, who acts, and how it went in the last thirty days.

use crate::app::Shared;
use crate::auth::{Action, Who};
use crate::console::{Clock, Frame, Nav, Notice, clock, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::checks::{CheckState, Unit};
use domain::setup::Lifecycle;
use domain::time::Zone;
use engine::ops::{CheckItem, CheckPoint};

use super::today::Done;

#[derive(Template)]
#[template(path = "pages/checks.html")]
struct ChecksPage {
    frame: Frame,
    integration: String,
    href: String,
    failing: usize,
    asked: bool,
    /// This viewer may have them asked now.
    may_run: bool,
    checks: Vec<View>,
}

/// One check as shown.
struct View {
    id: &'static str,
    label: &'static str,
    measures: &'static str,
    /// How it stands, in a few words.
    standing: &'static str,
    failed: bool,
    /// What it found, in a sentence.
    found: String,
    limit: String,
    owner: String,
    next_step: &'static str,
    cause: Option<String>,
    since: Option<Clock>,
    plot: Option<Plot>,
    points: Vec<Point>,
}

/// One result.
struct Point {
    at: Clock,
    value: String,
    standing: &'static str,
}

/// The results of some days as a line, with the limit across it.
struct Plot {
    /// In words, for whoever does not see it.
    told: String,
    line: String,
    limit_at: String,
}

/// The plot is drawn on so many units.
const WIDE: f64 = 300.0;
const HIGH: f64 = 60.0;
/// Results shown as a table.
const POINTS: usize = 60;

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    Query(query): Query<Done>,
) -> Result<Response> {
    let list = app.engine.list_checks(&who.actor, &id).await?;
    let known = app.engine.setup().named(&id).cloned();
    let zone = known.as_ref().map(|known| known.rules.zone.name().clone());
    let zone = clock::zone(zone.as_deref().unwrap_or("UTC"));
    let begun = known.is_some_and(|known| known.rules.lifecycle != Lifecycle::Initiated);
    let failing = list.items.iter().filter(|item| item.state == Some(CheckState::Failed)).count();
    page(&ChecksPage {
        frame: Frame::new(&app, &who, Nav::Integrations, format!("Data checks of {id}")).noting(query.done.as_deref()),
        may_run: begun && who.may(Action::RunChecks),
        href: url::integration(&id),
        integration: id,
        failing,
        asked: list.items.iter().any(|item| item.at.is_some()),
        checks: list.items.into_iter().map(|item| view(item, &zone)).collect(),
    })
}

/// Has them asked now, and goes back to the page.
pub(crate) async fn run(State(app): State<Shared>, who: Who, Path(id): Path<String>) -> Result<Response> {
    app.engine.run_checks(&who.actor, &id).await?;
    Ok(Redirect::to(&format!("{}/checks?done={}", url::integration(&id), Notice::CHECKED.word)).into_response())
}

fn view(item: CheckItem, zone: &Zone) -> View {
    let amount = |value: u64| amount(item.unit, value);
    let found = match (item.value, item.found, item.of, item.at) {
        (Some(value), Some(found), Some(of), Some(at)) => {
            let share = if item.unit == Unit::Percent { format!("{found} of {of}, ") } else { String::new() };
            let more = if item.cut_short { "; there are more than were looked at" } else { "" };
            format!("{share}{} on {}{more}.", amount(value), Clock::new(at, zone).full())
        }
        _ => "Nothing yet.".to_owned(),
    };
    let often = if item.every_hours == 24 { "once a day".to_owned() } else { format!("every {} h", item.every_hours) };
    let whose = if item.changed { " (set by the practice)" } else { "" };
    let point = |point: &CheckPoint| Point {
        at: Clock::new(point.at, zone),
        value: amount(point.value),
        standing: standing(Some(point.state), true),
    };
    View {
        id: item.check.word(),
        label: item.label,
        measures: item.measures,
        standing: standing(item.state, item.on),
        failed: item.state == Some(CheckState::Failed),
        found,
        limit: format!("at most {}, asked {often}{whose}", amount(u64::from(item.most))),
        owner: super::causes::owner_words(&item.owner),
        next_step: item.next_step,
        cause: item.cause.map(|cause| format!("/causes/{cause}")),
        since: item.failing_since.map(|since| Clock::new(since, zone)),
        plot: plot(&item.history, item.most, item.unit),
        points: item.history.iter().take(POINTS).map(point).collect(),
    }
}

fn amount(unit: Unit, value: u64) -> String {
    match unit {
        Unit::Percent => format!("{value} %"),
        Unit::Count => value.to_string(),
        Unit::Hours => format!("{value} h"),
    }
}

const fn standing(state: Option<CheckState>, on: bool) -> &'static str {
    match (on, state) {
        (false, _) => "Switched off",
        (_, None) => "Not asked yet",
        (_, Some(CheckState::Passed)) => "Passed",
        (_, Some(CheckState::Failed)) => "Failed",
        (_, Some(CheckState::TooFew)) => "Too few to say",
    }
}

/// Draws the results, oldest first; nothing for fewer than two.
fn plot(history: &[CheckPoint], most: u32, unit: Unit) -> Option<Plot> {
    let (newest, oldest) = (history.first()?, history.last()?);
    if history.len() < 2 {
        return None;
    }
    let greatest = history.iter().map(|point| point.value).max().unwrap_or(0);
    let top = greatest.max(u64::from(most)).max(1) as f64;
    let span = newest.at.secs_since(oldest.at).max(1) as f64;
    let height = |value: f64| format!("{:.1}", HIGH - value / top * HIGH);
    let place = |point: &CheckPoint| {
        let across = point.at.secs_since(oldest.at) as f64 / span * WIDE;
        format!("{across:.1},{}", height(point.value as f64))
    };
    let least = history.iter().map(|point| point.value).min().unwrap_or(0);
    Some(Plot {
        told: format!(
            "{} results in the last thirty days, between {} and {}; the limit is {}. The newest is {}.",
            history.len(),
            amount(unit, least),
            amount(unit, greatest),
            amount(unit, u64::from(most)),
            amount(unit, newest.value),
        ),
        line: history.iter().rev().map(place).collect::<Vec<_>>().join(" "),
        limit_at: height(f64::from(most)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Moment;

    #[test]
    fn a_plot_goes_from_the_oldest_on_the_left_to_the_newest_with_the_limit_across() {
        let point = |hours: i64, value| CheckPoint {
            at: Moment::from_micros(0).plus_secs(3600 * hours),
            value,
            found: value,
            of: 100,
            most: 5,
            state: CheckState::Passed,
        };
        assert!(plot(&[point(1, 3)], 5, Unit::Percent).is_none(), "one result is no line");
        let drawn = plot(&[point(4, 10), point(2, 0), point(0, 5)], 5, Unit::Percent).unwrap();
        assert_eq!(drawn.line, "0.0,30.0 150.0,60.0 300.0,0.0");
        assert_eq!(drawn.limit_at, "30.0");
        assert!(drawn.told.starts_with("3 results") && drawn.told.contains("between 0 % and 10 %"), "{}", drawn.told);
    }
}
