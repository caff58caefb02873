//! What would change under today's rules: kept messages judged again, a page at a time, nothing acted upon.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::{Chip, Clock, Frame, Nav, clock, page, url};
use crate::failure::{Failure, Result};
use crate::judging::judge;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::ids::EnvelopeId;
use domain::time::{Moment, Zone};
use engine::ops::StartAsked;
use engine::rejudge::{Difference, Judged, RejudgeAsked, RejudgeCounts, Rejudged};
use serde::Deserialize;

/// Days that are offered at first.
const DAYS: i64 = 7;

#[derive(Template)]
#[template(path = "pages/rejudged.html")]
struct RejudgedPage {
    frame: Frame,
    integration: String,
    href: String,
    action: String,
    from: String,
    to: String,
    zone: String,
    told: Option<Told>,
}

/// What came of one page.
struct Told {
    /// The answer in a sentence.
    sum: String,
    until: Clock,
    counts: RejudgeCounts,
    not_read: Vec<String>,
    rows: Vec<Row>,
    more: bool,
    next_href: Option<String>,
}

struct Row {
    source_id: String,
    href: String,
    start: Option<Clock>,
    then: Option<Side>,
    now: Side,
    gate: Option<Gate>,
    follows: &'static str,
}

struct Side {
    chip: Chip,
    reason: Option<&'static str>,
}

struct Gate {
    name: String,
    href: String,
}

/// What the page wants.
#[derive(Default, Deserialize)]
pub(crate) struct RejudgedAsked {
    /// Messages that arrived from then on, by the clinic's clocks: `2026-11-20T00:00`.
    #[serde(default)]
    from: String,
    /// And before this.
    #[serde(default)]
    to: String,
    #[serde(default)]
    cursor: String,
}

/// The page. Nothing is judged before a time is chosen.
pub(crate) async fn show(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    Query(asked): Query<RejudgedAsked>,
) -> Result<Response> {
    let integration = app.engine.show_integration(&who.actor, &id).await?;
    let zone = clock::zone(&integration.time_zone);
    let now = app.engine.clock().now();
    let midnight = |at: Moment| format!("{}T00:00", zone.date(at));
    let href = url::integration(&id);
    let action = format!("{href}/rejudged");
    let (from, to, told) = if asked.from.is_empty() {
        (midnight(now.plus_secs(-DAYS * 86_400)), midnight(now.plus_secs(86_400)), None)
    } else {
        let to = if asked.to.is_empty() { now.to_string() } else { asked.to };
        let (since, until) = (moment_of(&asked.from, &zone)?, moment_of(&to, &zone)?);
        let after: Option<EnvelopeId> = match asked.cursor.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| Failure::bad_request("The place to go on from cannot be read."))?),
        };
        let range = RejudgeAsked { since: Some(since), until: Some(until), after, bounds: None };
        let judged = judge(&app, &who, &id, range, None).await?;
        let days = format!("from={}&to={}", url::piece(&asked.from), url::piece(&to));
        let next = judged.next.map(|next| format!("{action}?{days}&cursor={next}"));
        (asked.from, to, Some(told(judged, &id, &zone, next)))
    };
    page(&RejudgedPage {
        frame: Frame::new(&app, &who, Nav::Integrations, format!("What would change for {id}")),
        integration: id,
        href,
        action,
        from,
        to,
        zone: zone.name().to_string(),
        told,
    })
}

/// As it is typed, by the clinic's clocks; or an instant.
fn moment_of(text: &str, zone: &Zone) -> Result<Moment> {
    match StartAsked::read(&text.trim().replace(' ', "+")) {
        Some(StartAsked::At(at)) => Ok(at),
        Some(StartAsked::Local(local)) => Ok(zone.place(local).moment),
        None => Err(Failure::bad_request("A day and time such as 2026-11-20T00:00 is needed.")),
    }
}

fn told(judged: Rejudged, integration: &str, zone: &Zone, next_href: Option<String>) -> Told {
    let counts = judged.counts;
    let visits = |count: u64| if count == 1 { "1 visit".to_owned() } else { format!("{count} visits") };
    let sum = match (counts.messages, counts.different) {
        (0, _) => "No message was kept of this time.".to_owned(),
        (_, 0) => format!("Nothing would change: {} would be judged as they were.", visits(counts.same)),
        (_, different) => {
            format!("{} would be judged otherwise, {} as they were.", visits(different), counts.same)
        }
    };
    let row = |found: Difference| Row {
        href: url::case(integration, &found.source_id),
        source_id: found.source_id.to_string(),
        start: found.start.map(|start| Clock::new(start, zone)),
        then: found.before.map(side),
        now: side(found.after),
        gate: found
            .gate
            .map(|name| Gate { name: name.replace('_', " "), href: format!("/gates/{}", url::piece(name)) }),
        follows: found.follows.sentence(),
    };
    Told {
        sum,
        until: Clock::new(judged.judged_until, zone),
        counts,
        not_read: judged
            .not_read
            .iter()
            .map(|unread| {
                let messages = if unread.messages == 1 { "1 message" } else { "messages" };
                let count = if unread.messages == 1 { String::new() } else { format!("{} ", unread.messages) };
                format!("{count}{messages} cannot be read again: {}.", unread.why)
            })
            .collect(),
        rows: judged.differences.into_iter().map(row).collect(),
        more: judged.more,
        next_href,
    }
}

fn side(judged: Judged) -> Side {
    Side { chip: Chip::of(judged.verdict), reason: judged.code.map(|code| code.entry().label) }
}
