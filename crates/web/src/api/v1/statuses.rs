//! Status words: which were used, and what they mean.

use crate::api::schema;
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use engine::ops::StatusCoverage;

/// The status words of an integration: those that were used, and every other one that has a meaning.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/statuses", tag = "Integrations", operation_id = "cover_statuses",
    params(("id" = String, Path, description = "The integration.")),
    responses((status = 200, description = "All of them; there is one page.", body = schema::StatusCoverage))
)]
pub(crate) async fn cover_statuses(
    State(app): State<Shared>,
    who: Who,
    Path(integration): Path<String>,
) -> Result<Json<StatusCoverage>> {
    Ok(Json(app.engine.cover_statuses(&who.actor, &integration).await?))
}
