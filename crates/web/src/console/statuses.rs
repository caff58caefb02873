//! The status words of an integration: seen, mapped, tested.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::{Clock, Frame, Nav, clock, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

#[derive(Template)]
#[template(path = "pages/statuses.html")]
struct StatusesPage {
    frame: Frame,
    integration: String,
    href: String,
    since: Clock,
    visits: usize,
    cut_short: bool,
    automation: bool,
    words: Vec<Word>,
}

struct Word {
    word: String,
    department: String,
    means: String,
    by: &'static str,
    visits: usize,
    last: Option<Clock>,
    tested: bool,
    unknown: bool,
}

/// The page.
pub(crate) async fn show(State(app): State<Shared>, who: Who, Path(id): Path<String>) -> Result<Response> {
    let covered = app.engine.cover_statuses(&who.actor, &id).await?;
    let zone = app.engine.setup().named(&id).map(|known| known.rules.zone.name().clone());
    let zone = clock::zone(zone.as_deref().unwrap_or("UTC"));
    let word = |item: engine::ops::StatusWordItem| Word {
        word: item.word.to_string(),
        department: item.department.map_or_else(|| "any".to_owned(), |department| department.to_string()),
        means: item.means.map_or_else(|| "nobody has said".to_owned(), |status| status.label()),
        by: match item.by {
            Some("department") => "the department's rule",
            Some("practice") => "the practice's rule",
            Some("profile") => "the system's profile",
            Some(_) => "the standard",
            None => "–",
        },
        visits: item.visits,
        last: item.last_seen.map(|at| Clock::new(at, &zone)),
        tested: item.tested,
        unknown: item.means.is_none(),
    };
    page(&StatusesPage {
        frame: Frame::new(&app, &who, Nav::Integrations, format!("Status words of {id}")),
        href: url::integration(&id),
        integration: id,
        since: Clock::new(covered.since, &zone),
        visits: covered.visits,
        cut_short: covered.cut_short,
        automation: covered.automation,
        words: covered.words.into_iter().map(word).collect(),
    })
}
