//! Messages that belong to no integration: of an unknown facility, or not readable. For those who look after the whole
//! installation.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::{Frame, Nav, page};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/unrouted.html")]
struct UnroutedPage {
    frame: Frame,
    rows: Vec<Row>,
    next: Option<String>,
}

struct Row {
    at: String,
    channel: String,
    id: String,
    href: String,
    state: &'static str,
    note: String,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    cursor: Option<String>,
}

/// The page.
pub(crate) async fn list(State(app): State<Shared>, who: Who, Query(asked): Query<Asked>) -> Result<Response> {
    let listing = app.engine.list_unrouted(&who.actor, asked.cursor).await?;
    let row = |item: engine::ops::SetAsideItem| Row {
        at: item.at.to_string(),
        channel: item.channel.to_string(),
        id: item.id.to_string(),
        href: format!("/envelopes/{}", item.id),
        state: item.state,
        note: item.note.map_or_else(String::new, |note| note.to_string()),
    };
    page(&UnroutedPage {
        frame: Frame::new(&app, &who, Nav::Integrations, "Messages of no integration"),
        rows: listing.items.into_iter().map(row).collect(),
        next: listing.next_cursor,
    })
}
