//! What people say of explanations.

use crate::api::{JsonBody, Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use domain::text::Text;
use engine::ops::{FeedbackItem, FeedbackList};
use serde::Deserialize;

/// Whether an explanation was right.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedbackAsked {
    right: bool,
    #[serde(default)]
    note: Text,
}

/// Say whether the explanation of a visit, as it is now, was right.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/appointments/{source_id}/feedback", tag = "Appointments",
    operation_id = "give_feedback",
    params(("id" = String, Path, description = "The integration."), ("source_id" = String, Path, description = "The visit.")),
    request_body = schema::FeedbackAsked,
    responses((status = 200, description = "What was noted, with what was explained.", body = schema::Feedback))
)]
pub(crate) async fn give_feedback(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    JsonBody(asked): JsonBody<FeedbackAsked>,
) -> Result<Json<FeedbackItem>> {
    Ok(Json(app.engine.give_feedback(&who.actor, &id, &source_id, asked.right, &asked.note).await?))
}

/// What people said of explanations, newest first, and how often each code was called right or wrong.
#[utoipa::path(
    get, path = "/api/v1/feedback", tag = "Appointments", operation_id = "list_feedback",
    params(("cursor" = Option<String>, Query, description = "`next_cursor` of the page before.")),
    responses((status = 200, description = "A page.", body = schema::FeedbackList))
)]
pub(crate) async fn list_feedback(
    State(app): State<Shared>,
    who: Who,
    mut params: Params,
) -> Result<Json<FeedbackList>> {
    let cursor = params.one("cursor")?;
    params.finish()?;
    Ok(Json(app.engine.list_feedback(&who.actor, cursor).await?))
}
