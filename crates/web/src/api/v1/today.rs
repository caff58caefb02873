//! Today and tomorrow: what is not safely on the platform.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::State;
use engine::ops::Today;

/// Visits of today and tomorrow that are not safely on the platform, soonest first.
#[utoipa::path(
    get, path = "/api/v1/today", tag = "Appointments", operation_id = "show_today",
    params(("Punctual-Purpose" = Option<String>, Header, description = "Why names are looked at; without it some roles see initials.")),
    responses((status = 200, description = "With the counts of all visits of these days.", body = schema::Today))
)]
pub(crate) async fn show_today(State(app): State<Shared>, who: Who, params: Params) -> Result<Json<Today>> {
    params.finish()?;
    Ok(Json(app.engine.show_today(&who.actor).await?))
}
