//! Deciding and delivering again.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use engine::ops::Redriven;

/// Decide on an appointment again and drive a given-up delivery anew. Safe to repeat.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/appointments/{source_id}/redrive", tag = "Appointments",
    operation_id = "redrive_appointment",
    params(
        ("id" = String, Path, description = "The integration."),
        ("source_id" = String, Path, description = "The source's id of the visit."),
        ("preview" = Option<bool>, Query, description = "Only say what would come of it."),
    ),
    responses((status = 200, description = "What came, or would come, of it.", body = schema::Redriven))
)]
pub(crate) async fn redrive_appointment(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    mut params: Params,
) -> Result<Json<Redriven>> {
    let preview = params.flag("preview")?;
    params.finish()?;
    Ok(Json(app.engine.redrive_appointment(&who.actor, &id, &source_id, preview).await?))
}
