//! Data-quality checks.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use engine::ops::CheckList;

/// The data-quality checks of an integration: what each measures, its limit, what it found last and in the last thirty
/// days, who acts when it fails, and what they do next.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/checks", tag = "Integrations", operation_id = "list_checks",
    params(("id" = String, Path, description = "The integration.")),
    responses((status = 200, description = "All of them; there is one page.", body = schema::CheckList))
)]
pub(crate) async fn list_checks(
    State(app): State<Shared>,
    who: Who,
    Path(integration): Path<String>,
    params: Params,
) -> Result<Json<CheckList>> {
    params.finish()?;
    Ok(Json(app.engine.list_checks(&who.actor, &integration).await?))
}

/// Ask every data-quality check of an integration that is switched on now, whatever is due, and tell what was found. It
/// reads only. There is one run of a minute: whoever asks again within it gets what was found then. Who asked is in the
/// audit log.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/checks", tag = "Integrations", operation_id = "run_checks",
    params(("id" = String, Path, description = "The integration.")),
    responses((status = 200, description = "All checks with what they found.", body = schema::CheckList))
)]
pub(crate) async fn run_checks(
    State(app): State<Shared>,
    who: Who,
    Path(integration): Path<String>,
    params: Params,
) -> Result<Json<CheckList>> {
    params.finish()?;
    Ok(Json(app.engine.run_checks(&who.actor, &integration).await?))
}
