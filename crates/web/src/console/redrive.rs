//! Driving a visit again: first what would come of it, then the button.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::{Chip, Frame, Nav, Notice, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "pages/redrive.html")]
struct RedrivePage {
    frame: Frame,
    source_id: String,
    case_href: String,
    before: Chip,
    after: Chip,
    changes: bool,
}

/// What would come of it. Nothing is written.
pub(crate) async fn preview(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
) -> Result<Response> {
    let preview = app.engine.redrive_appointment(&who.actor, &id, &source_id, true).await?;
    page(&RedrivePage {
        frame: Frame::new(&app, &who, Nav::Elsewhere, format!("Drive {source_id} again")),
        case_href: url::case(&id, &source_id),
        source_id,
        before: Chip::of(preview.before),
        after: Chip::of(preview.after),
        changes: preview.changed,
    })
}

/// Does it, and goes back to the visit.
pub(crate) async fn drive(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
) -> Result<Response> {
    app.engine.redrive_appointment(&who.actor, &id, &source_id, false).await?;
    let case = url::case(&id, &source_id);
    Ok(Redirect::to(&format!("{case}?done={}", Notice::DRIVEN.word)).into_response())
}
