//! "Why isn't it there?", also for a visit that was never received.

use crate::api::{JsonBody, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use engine::ops::{WhyAnswer, WhyAsked};

/// Explain a visit by what somebody on the phone knows of it.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/why", tag = "Appointments", operation_id = "answer_why",
    params(
        ("id" = String, Path, description = "The integration."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why patient data is looked at; without it some roles see it masked."),
    ),
    request_body = schema::WhyAsked,
    responses((status = 200, description = "The explanation of the visit found, or what its absence means.", body = schema::WhyAnswer))
)]
pub(crate) async fn answer_why(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody<WhyAsked>,
) -> Result<Json<WhyAnswer>> {
    Ok(Json(app.engine.answer_why(&who.actor, &id, asked).await?))
}
