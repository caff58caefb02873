//! Practice systems that clinics ask for.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use engine::ops::{Listing, SystemRequest};

/// Record that the clinic of an integration asks for its practice system, which the platform does not work with. Safe
/// to repeat: a clinic counts once.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/system-request", tag = "Integrations", operation_id = "request_system",
    params(("id" = String, Path, description = "The integration.")),
    responses((status = 200, description = "How many clinics ask for it now.", body = schema::SystemRequest))
)]
pub(crate) async fn request_system(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<SystemRequest>> {
    params.finish()?;
    Ok(Json(app.engine.request_system(&who.actor, &id).await?))
}

/// Every practice system that clinics ask for, the most asked for first.
#[utoipa::path(
    get, path = "/api/v1/system-requests", tag = "Integrations", operation_id = "list_system_requests",
    responses((status = 200, description = "All of them; there is one page.", body = schema::SystemRequestList))
)]
pub(crate) async fn list_system_requests(
    State(app): State<Shared>,
    who: Who,
    params: Params,
) -> Result<Json<Listing<SystemRequest>>> {
    params.finish()?;
    Ok(Json(app.engine.list_system_requests(&who.actor).await?))
}
