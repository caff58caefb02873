//! Practice systems that the platform does not work with: asked for from a visit's page, and listed for support.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::{Frame, Nav, Notice, PageForm, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct AskForm {
    /// The visit from whose page it is asked.
    visit: String,
}

/// Records the request, and goes back to the visit.
pub(crate) async fn ask(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    PageForm(asked): PageForm<AskForm>,
) -> Result<Response> {
    app.engine.request_system(&who.actor, &id).await?;
    Ok(Redirect::to(&format!("{}?done={}", url::case(&id, &asked.visit), Notice::ASKED.word)).into_response())
}

#[derive(Template)]
#[template(path = "pages/systems.html")]
struct SystemsPage {
    frame: Frame,
    systems: Vec<System>,
}

struct System {
    name: String,
    platform: String,
    clinics: u64,
    practices: String,
    first: String,
    last: String,
}

/// The list.
pub(crate) async fn list(State(app): State<Shared>, who: Who) -> Result<Response> {
    let listed = app.engine.list_system_requests(&who.actor).await?;
    let system = |item: engine::ops::SystemRequest| System {
        name: format!("{} ({})", item.name, item.source),
        platform: item.platform.to_string(),
        clinics: item.clinics,
        practices: item.practices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        first: item.first_at.to_string(),
        last: item.last_at.to_string(),
    };
    page(&SystemsPage {
        frame: Frame::new(&app, &who, Nav::Integrations, "Systems that clinics ask for"),
        systems: listed.items.into_iter().map(system).collect(),
    })
}
