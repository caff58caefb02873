//! Integrations: state, feed, counts, and the way to live.

use crate::api::{JsonBody, Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use domain::setup::Lifecycle;
use engine::ops::{IntegrationItem, Listing};
use serde::Deserialize;

/// All integrations that the caller may know of.
#[utoipa::path(
    get, path = "/api/v1/integrations", tag = "Integrations", operation_id = "list_integrations",
    responses((status = 200, description = "With lifecycle, feed and counts by verdict.", body = schema::IntegrationList))
)]
pub(crate) async fn list_integrations(
    State(app): State<Shared>,
    who: Who,
    params: Params,
) -> Result<Json<Listing<IntegrationItem>>> {
    params.finish()?;
    let items = app.engine.list_integrations(&who.actor).await?;
    Ok(Json(Listing { items, next_cursor: None }))
}

/// One integration.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}", tag = "Integrations", operation_id = "show_integration",
    params(("id" = String, Path, description = "The integration.")),
    responses((status = 200, description = "With lifecycle, feed and counts by verdict.", body = schema::Integration))
)]
pub(crate) async fn show_integration(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<IntegrationItem>> {
    params.finish()?;
    Ok(Json(app.engine.show_integration(&who.actor, &id).await?))
}

/// Where an integration should go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LifecycleAsked {
    to: Lifecycle,
}

/// Move an integration one step.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/lifecycle", tag = "Integrations", operation_id = "change_lifecycle",
    params(("id" = String, Path, description = "The integration.")),
    request_body = schema::LifecycleAsked,
    responses(
        (status = 200, description = "The integration as it is now.", body = schema::Integration),
        (status = 409, description = "Not in one step; `steps` are those left.", body = schema::LifecycleProblem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_lifecycle(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody<LifecycleAsked>,
) -> Result<Json<IntegrationItem>> {
    app.engine.change_lifecycle(&who.actor, &id, asked.to).await?;
    Ok(Json(app.engine.show_integration(&who.actor, &id).await?))
}
