//! One cause: what is to be done about it and by when, who has it, what happened to it, and the buttons for what people
//! say of it.

use crate::app::{App, Shared};
use crate::auth::{Action, Who};
use crate::console::causes::{CauseView, owner_words, view};
use crate::console::{Chip, Clock, Frame, Nav, Notice, PageForm, clock, page, url};
use crate::failure::{Failure, Result};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::exception::{Asked, MoveKind};
use domain::setup::PatientNotices;
use engine::ops::{CauseItem, CausePreview, PreviewVisit};
use serde::Deserialize;

use super::today::Done;

#[derive(Template)]
#[template(path = "pages/cause.html")]
struct CausePage {
    frame: Frame,
    cause: CauseView,
    path: Vec<Step>,
    history: Vec<Happened>,
    /// What this viewer may say of it.
    may_handle: bool,
    /// There is somebody left to whom it can go.
    can_go_on: bool,
}

/// One on the path.
struct Step {
    who: String,
    here: bool,
}

/// One happening.
struct Happened {
    at: Clock,
    what: &'static str,
    by: Option<String>,
    note: String,
}

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    Query(query): Query<Done>,
) -> Result<Response> {
    let told = app.engine.tell_cause(&who.actor, &id).await?;
    let cause = &told.item;
    let zone = zone_of(&app, cause);
    let steps = u32::try_from(cause.path.len()).unwrap_or(u32::MAX);
    let happened = |happened: &domain::exception::Move| Happened {
        at: Clock::new(happened.at, &zone),
        what: words(happened.what),
        by: happened.by.as_ref().map(ToString::to_string),
        note: happened.note.to_string(),
    };
    page(&CausePage {
        path: (0..)
            .zip(&cause.path)
            .map(|(step, owner)| Step { who: owner_words(owner), here: step == cause.step })
            .collect(),
        history: told.history.iter().rev().map(happened).collect(),
        may_handle: who.may(Action::HandleCauses) && cause.state == "open",
        can_go_on: cause.step + 1 < steps,
        frame: Frame::new(&app, &who, Nav::Causes, format!("{}: {}", cause.label, cause.subject))
            .live()
            .noting(query.done.as_deref()),
        cause: view(&app, &who, cause),
    })
}

/// The zone of the practice that a cause belongs to.
pub(super) fn zone_of(app: &App, cause: &CauseItem) -> domain::time::Zone {
    let zone = app.engine.setup().named(&cause.integration).map(|known| known.rules.zone.clone());
    zone.unwrap_or_else(|| clock::zone("UTC"))
}

/// What happened, as people say it.
const fn words(what: MoveKind) -> &'static str {
    match what {
        MoveKind::Opened => "Seen for the first time.",
        MoveKind::Acknowledged => "Acknowledged.",
        MoveKind::Snoozed => "Put off.",
        MoveKind::SnoozeEnded => "The time it was put off for is over.",
        MoveKind::Resolved => "Called resolved; it has to be seen.",
        MoveKind::NotSeen => "It was not seen to be resolved, so it is open again.",
        MoveKind::Reminded => "Whoever has it was reminded.",
        MoveKind::Escalated => "It went on:",
        MoveKind::Closed => "What it was about is no longer seen. Closed.",
    }
}

/// What the buttons send.
#[derive(Deserialize)]
pub(crate) struct HandlingForm {
    handling: String,
    #[serde(default)]
    minutes: Option<i64>,
    #[serde(default)]
    note: String,
}

/// Notes what was said, and goes back to the cause.
pub(crate) async fn handle(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    PageForm(asked): PageForm<HandlingForm>,
) -> Result<Response> {
    let wanted = match asked.handling.as_str() {
        "acknowledge" => Asked::Acknowledge,
        "resolve" => Asked::Resolve,
        "escalate" => Asked::Escalate,
        "snooze" => {
            let minutes = asked.minutes.unwrap_or(60);
            Asked::Snooze(app.engine.clock().now().plus_minutes(minutes))
        }
        _ => return Err(Failure::bad_request("Say what is to be done: acknowledge, snooze, resolve or escalate.")),
    };
    app.engine.handle_cause(&who.actor, &id, wanted, &asked.note).await?;
    Ok(Redirect::to(&format!("/causes/{id}?done={}", Notice::HANDLED.word)).into_response())
}

#[derive(Template)]
#[template(path = "pages/cause_preview.html")]
struct PreviewPage {
    frame: Frame,
    cause: String,
    href: String,
    fix: &'static str,
    preview: CausePreview,
    visits: Vec<PreviewRow>,
}

/// One visit of a preview.
struct PreviewRow {
    source_id: String,
    href: String,
    start: Option<Clock>,
    past: bool,
    from: Chip,
    to: Chip,
    still: Vec<String>,
    notices: Vec<&'static str>,
}

/// What fixing it once would do. Nothing is done.
pub(crate) async fn preview(State(app): State<Shared>, who: Who, Path(id): Path<String>) -> Result<Response> {
    let cause = app.engine.show_cause(&who.actor, &id).await?;
    let mut preview = app.engine.preview_cause(&who.actor, &id).await?;
    let zone = zone_of(&app, &cause);
    let row = |visit: PreviewVisit| PreviewRow {
        href: url::case(&cause.integration, &visit.source_id),
        source_id: visit.source_id.to_string(),
        start: visit.start.map(|start| Clock::new(start, &zone)),
        past: visit.past,
        from: Chip::of(visit.from),
        to: Chip::of(visit.to),
        still: visit.still.iter().map(|reason| reason.entry().label.to_owned()).collect(),
        notices: visit.notices,
    };
    let visits = std::mem::take(&mut preview.visits).into_iter().map(row).collect();
    page(&PreviewPage {
        frame: Frame::new(&app, &who, Nav::Causes, "What fixing it would do"),
        cause: format!("{}: {}", cause.label, cause.subject),
        href: format!("/causes/{}", cause.id),
        fix: cause.fix,
        preview,
        visits,
    })
}
