//! Sources that are read by asking: a hint that something changed, one visit on demand, and a full comparison.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::{Failure, Result};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::ops::ReadNow;

/// Tell that something changed at the source, as a webhook of the source does. What is read then decides; whatever
/// stands in the body is not looked at. Durable when this answers.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/look", tag = "Integrations", operation_id = "look_at_source",
    params(("id" = String, Path, description = "The integration.")),
    responses((status = 204, description = "It is read as soon as the source's limits allow."))
)]
pub(crate) async fn look_at_source(State(app): State<Shared>, Path(id): Path<String>) -> Result<StatusCode> {
    look(&app, &id, None).await
}

/// Tell that one visit changed, as a FHIR R4 subscription with a payload does (`PUT …/Appointment/{source_id}`).
#[utoipa::path(
    put, path = "/api/v1/integrations/{id}/look/{kind}/{source_id}", tag = "Integrations",
    operation_id = "look_at_changed",
    params(
        ("id" = String, Path, description = "The integration."),
        ("kind" = String, Path, description = "`Appointment`; anything else is a hint without an id."),
        ("source_id" = String, Path, description = "The source's id."),
    ),
    responses((status = 204, description = "It is read as soon as the source's limits allow."))
)]
pub(crate) async fn look_at_changed(
    State(app): State<Shared>,
    Path((id, kind, source_id)): Path<(String, String, String)>,
) -> Result<StatusCode> {
    look(&app, &id, (kind == "Appointment").then_some(source_id)).await
}

/// Tell that one visit was deleted. The source is asked before anything is taken off.
#[utoipa::path(
    delete, path = "/api/v1/integrations/{id}/look/{kind}/{source_id}", tag = "Integrations",
    operation_id = "look_at_deleted",
    params(
        ("id" = String, Path, description = "The integration."),
        ("kind" = String, Path, description = "`Appointment`; anything else is a hint without an id."),
        ("source_id" = String, Path, description = "The source's id."),
    ),
    responses((status = 204, description = "It is read as soon as the source's limits allow."))
)]
pub(crate) async fn look_at_deleted(
    State(app): State<Shared>,
    Path((id, kind, source_id)): Path<(String, String, String)>,
) -> Result<StatusCode> {
    look(&app, &id, (kind == "Appointment").then_some(source_id)).await
}

async fn look(app: &Shared, id: &str, source_id: Option<String>) -> Result<StatusCode> {
    match app.engine.look_at(id, source_id.map(Into::into)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Failure::of_status(StatusCode::NOT_FOUND)),
    }
}

/// Read one visit from the source now.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/appointments/{source_id}/read", tag = "Appointments",
    operation_id = "read_appointment",
    params(
        ("id" = String, Path, description = "The integration."),
        ("source_id" = String, Path, description = "The source's id of the visit."),
    ),
    responses((status = 200, description = "What came of it; taken in by then.", body = schema::ReadNow))
)]
pub(crate) async fn read_appointment(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    params: Params,
) -> Result<Json<ReadNow>> {
    params.finish()?;
    Ok(Json(app.engine.read_now(&who.actor, &id, &source_id.into()).await?))
}

/// Compare source and platform in full, as soon as the source's limits allow; it is done every night anyway.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/census", tag = "Integrations", operation_id = "order_census",
    params(("id" = String, Path, description = "The integration.")),
    responses((status = 202, description = "It is due now; the outcome stands with the integration's feed."))
)]
pub(crate) async fn order_census(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    params: Params,
) -> Result<StatusCode> {
    params.finish()?;
    app.engine.order_census(&who.actor, &id).await?;
    Ok(StatusCode::ACCEPTED)
}
