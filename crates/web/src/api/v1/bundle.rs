//! Everything about one visit in one file.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use engine::ops::CaseBundle;

/// Everything about one visit in one file, to be handed on: gates, evidence, timeline, attempts and causes. Identities
/// are masked whoever asks.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/appointments/{source_id}/bundle", tag = "Appointments",
    operation_id = "bundle_case",
    params(("id" = String, Path, description = "The integration."), ("source_id" = String, Path, description = "The visit.")),
    responses((status = 200, description = "The bundle.", body = schema::CaseBundle))
)]
pub(crate) async fn bundle_case(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    params: Params,
) -> Result<Json<CaseBundle>> {
    params.finish()?;
    Ok(Json(app.engine.bundle_case(&who.actor, &id, &source_id, "").await?))
}
