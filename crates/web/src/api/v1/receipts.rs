//! Receipts: the platform says itself what it shows.

use crate::api::{JsonBody, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use domain::text::Text;
use engine::ops::ReceiptGiven;
use serde::Serialize;

/// A receipt that was taken.
#[derive(Serialize)]
pub(crate) struct ReceiptTaken {
    integration: String,
    source_id: Text,
    version: u32,
}

/// Confirm what the platform shows. Repeating it is harmless.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/receipts", tag = "Platform", operation_id = "receive_receipt",
    params(("id" = String, Path, description = "The integration.")),
    request_body = schema::Receipt,
    responses((status = 200, description = "It was taken.", body = schema::ReceiptTaken))
)]
pub(crate) async fn receive_receipt(
    State(app): State<Shared>,
    who: Who,
    Path(integration): Path<String>,
    JsonBody(given): JsonBody<ReceiptGiven>,
) -> Result<Json<ReceiptTaken>> {
    let (source_id, version) = (given.source_id.clone(), given.version);
    app.engine.receive_receipt(&who.actor, &integration, given).await?;
    Ok(Json(ReceiptTaken { integration, source_id, version }))
}
