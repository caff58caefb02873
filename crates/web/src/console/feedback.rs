//! "Was this right?", the file to hand on, and for support the list of what people said.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::{Chip, Frame, Nav, Notice, PageForm, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct FeedbackForm {
    right: bool,
    #[serde(default)]
    note: String,
}

/// Notes what was said, and goes back to the visit.
pub(crate) async fn give(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    PageForm(said): PageForm<FeedbackForm>,
) -> Result<Response> {
    app.engine.give_feedback(&who.actor, &id, &source_id, said.right, &said.note).await?;
    Ok(Redirect::to(&format!("{}?done={}", url::case(&id, &source_id), Notice::SAID.word)).into_response())
}

#[derive(Deserialize)]
pub(crate) struct BundleForm {
    #[serde(default)]
    note: String,
}

/// Everything about the visit as one file.
pub(crate) async fn bundle(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    PageForm(asked): PageForm<BundleForm>,
) -> Result<Response> {
    let bundle = app.engine.bundle_case(&who.actor, &id, &source_id, asked.note.trim()).await?;
    let body = serde_json::to_vec_pretty(&bundle).map_err(|error| {
        tracing::error!(%error, "a bundle could not be written");
        crate::failure::Failure::of_status(axum::http::StatusCode::INTERNAL_SERVER_ERROR)
    })?;
    // The name of a file is no place for what a practice system made up.
    let plain = |text: &str| -> String { text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect() };
    let name = format!("attachment; filename=\"punctual-{}-{}.json\"", plain(&id), plain(&source_id));
    Ok(([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)], body)
        .into_response())
}

#[derive(Template)]
#[template(path = "pages/feedback.html")]
struct FeedbackPage {
    frame: Frame,
    rates: Vec<Rate>,
    said: Vec<Said>,
}

/// How often explanations with a code were called right.
struct Rate {
    code: &'static str,
    label: &'static str,
    right: u64,
    wrong: u64,
}

/// What somebody said.
struct Said {
    at: String,
    who: String,
    right: bool,
    note: String,
    source_id: String,
    href: String,
    chip: Chip,
    sentence: String,
}

/// The list.
pub(crate) async fn list(State(app): State<Shared>, who: Who) -> Result<Response> {
    let told = app.engine.list_feedback(&who.actor, None).await?;
    let rates = told.rates.iter().map(|rate| Rate {
        code: rate.code.map_or("", |code| code.code()),
        label: rate.code.map_or("In sync", |code| code.entry().label),
        right: rate.right,
        wrong: rate.wrong,
    });
    let said = told.list.items.into_iter().map(|item| Said {
        at: item.at.to_string(),
        who: format!("{} ({})", item.author, item.role),
        right: item.right,
        note: item.note.to_string(),
        href: url::case(&item.integration, &item.source_id),
        source_id: item.source_id.to_string(),
        chip: Chip::of(item.verdict),
        sentence: item.sentence.to_string(),
    });
    page(&FeedbackPage {
        frame: Frame::new(&app, &who, Nav::Feedback, "Was it right?"),
        rates: rates.collect(),
        said: said.collect(),
    })
}
