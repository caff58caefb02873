//! Saying why patient data is looked at, and taking it back.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::url::own_page;
use crate::console::{Frame, Nav, Notice, PageForm, page};
use crate::failure::{Failure, Result};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/purpose.html")]
struct PurposePage {
    frame: Frame,
    next: String,
    purpose: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct PurposeAsked {
    #[serde(default)]
    next: String,
}

/// The form.
pub(crate) async fn show(State(app): State<Shared>, who: Who, Query(asked): Query<PurposeAsked>) -> Result<Response> {
    let frame = Frame::new(&app, &who, Nav::Elsewhere, "Show names");
    let purpose = who.actor.purpose.as_ref().map(ToString::to_string);
    page(&PurposePage { frame, next: own_page(&asked.next).to_owned(), purpose })
}

#[derive(Deserialize)]
pub(crate) struct PurposeForm {
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    next: String,
}

/// Notes the reason with the session; an empty one takes it back.
pub(crate) async fn give(
    State(app): State<Shared>,
    who: Who,
    PageForm(given): PageForm<PurposeForm>,
) -> Result<Response> {
    if given.purpose.chars().count() > 500 {
        return Err(Failure::bad_request("A reason of at most 500 characters is enough."));
    }
    let purpose = Some(given.purpose.trim()).filter(|purpose| !purpose.is_empty());
    if let Some(session) = &who.session {
        app.engine.set_purpose(&who.actor, session, purpose).await?;
    }
    let notice = if purpose.is_some() { Notice::OPENED } else { Notice::MASKED };
    let next = own_page(&given.next);
    let join = if next.contains('?') { '&' } else { '?' };
    Ok(Redirect::to(&format!("{next}{join}done={}", notice.word)).into_response())
}
