//! One search box: a name, a date, an id of a visit, a patient or a message.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::visit::VisitRow;
use crate::console::{Clock, Frame, Nav, PageForm, clock, page};
use crate::failure::Result;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use engine::ops::{AbsenceAnswer, IntegrationItem, WhyAnswer, WhyAsked};
use serde::Deserialize;

/// Integrations that one search goes through at most; whoever looks after more names one.
const MOST: usize = 50;

#[derive(Template)]
#[template(path = "pages/search.html")]
struct SearchPage {
    frame: Frame,
    /// What was typed; `None`: nothing yet.
    q: Option<String>,
    chosen: String,
    integrations: Vec<String>,
    /// There were more integrations than one search goes through.
    cut: bool,
    found: Vec<Found>,
    absent: Vec<Absent>,
}

/// What one integration has.
struct Found {
    integration: String,
    caption: String,
    rows: Vec<VisitRow>,
}

/// What its having nothing means.
struct Absent {
    integration: String,
    sentence: String,
    coverage: Vec<Coverage>,
}

struct Coverage {
    feed: String,
    from: Clock,
    to: Clock,
    complete: bool,
}

#[derive(Deserialize)]
pub(crate) struct SearchForm {
    #[serde(default)]
    q: String,
    #[serde(default)]
    integration: String,
}

/// The form alone.
pub(crate) async fn show(State(app): State<Shared>, who: Who) -> Result<Response> {
    let integrations = app.engine.list_integrations(&who.actor).await?;
    page(&SearchPage {
        frame: Frame::new(&app, &who, Nav::Elsewhere, "Search"),
        q: None,
        chosen: String::new(),
        integrations: integrations.iter().map(|item| item.id.to_string()).collect(),
        cut: false,
        found: Vec::new(),
        absent: Vec::new(),
    })
}

/// What was found; where nothing was, what that means.
pub(crate) async fn find(
    State(app): State<Shared>,
    who: Who,
    PageForm(asked): PageForm<SearchForm>,
) -> Result<Response> {
    let q = asked.q.trim();
    let all = app.engine.list_integrations(&who.actor).await?;
    let wanted = |item: &&IntegrationItem| asked.integration.is_empty() || item.id == asked.integration.as_str();
    let now = app.engine.clock().now();
    let (mut found, mut nothing) = (Vec::new(), Vec::new());
    for item in all.iter().filter(wanted).take(MOST) {
        let listing = app.engine.search(&who.actor, &item.id, q).await?;
        if listing.items.is_empty() {
            nothing.push(item);
        } else {
            let rows: Vec<_> = listing.items.iter().map(|item| VisitRow::new(item, now)).collect();
            let caption = format!("{}: {} found. Times in {}.", item.id, rows.len(), item.time_zone);
            found.push(Found { integration: item.id.to_string(), caption, rows });
        }
    }
    let mut absent = Vec::new();
    // What absence means is only of interest when it is nowhere.
    if found.is_empty() && !q.is_empty() {
        for item in nothing {
            let why = WhyAsked { q: Some(q.into()), ..WhyAsked::default() };
            if let WhyAnswer::Absent(answer) = app.engine.answer_why(&who.actor, &item.id, why).await? {
                absent.push(absence(item, *answer));
            }
        }
    }
    page(&SearchPage {
        frame: Frame::new(&app, &who, Nav::Elsewhere, "Search results"),
        q: Some(q.to_owned()),
        integrations: all.iter().map(|item| item.id.to_string()).collect(),
        cut: asked.integration.is_empty() && all.len() > MOST,
        chosen: asked.integration,
        found,
        absent,
    })
}

fn absence(item: &IntegrationItem, answer: AbsenceAnswer) -> Absent {
    let zone = clock::zone(&item.time_zone);
    let coverage = answer.coverage.into_iter().map(|row| Coverage {
        feed: row.feed.to_string(),
        from: Clock::new(row.from, &zone),
        to: Clock::new(row.to, &zone),
        complete: row.complete,
    });
    Absent { integration: item.id.to_string(), sentence: answer.sentence, coverage: coverage.collect() }
}
