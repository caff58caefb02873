//! Who saw and changed what.

use crate::app::{App, Shared};
use crate::auth::Who;
use crate::console::{Frame, Nav, PageForm, page};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::text::Text;
use engine::ops::{AuditItem, ChainCheck};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/audit.html")]
struct AuditPage {
    frame: Frame,
    subject: String,
    rows: Vec<AuditItem>,
    next_cursor: Option<String>,
    check: Option<ChainCheck>,
}

/// What the page wants. By GET only for links of ours, which name ids; what is typed goes by POST.
#[derive(Default, Deserialize)]
pub(crate) struct AuditAsked {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    cursor: String,
    /// Check that the log is whole.
    #[serde(default)]
    check: String,
}

/// The page.
pub(crate) async fn show(State(app): State<Shared>, who: Who, Query(asked): Query<AuditAsked>) -> Result<Response> {
    log(&app, &who, asked).await
}

/// The page, narrowed to what was typed.
pub(crate) async fn find(
    State(app): State<Shared>,
    who: Who,
    PageForm(asked): PageForm<AuditAsked>,
) -> Result<Response> {
    log(&app, &who, asked).await
}

async fn log(app: &App, who: &Who, asked: AuditAsked) -> Result<Response> {
    let subject = Text::present(&asked.subject);
    let cursor = Some(asked.cursor).filter(|cursor| !cursor.is_empty());
    let listing = app.engine.read_audit(&who.actor, subject, cursor).await?;
    let check = if asked.check.is_empty() { None } else { Some(app.engine.check_audit().await?) };
    page(&AuditPage {
        frame: Frame::new(app, who, Nav::Audit, "Audit log"),
        subject: asked.subject.trim().to_owned(),
        rows: listing.items,
        next_cursor: listing.next_cursor,
        check,
    })
}
