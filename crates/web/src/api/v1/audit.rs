//! Who saw and changed what.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::State;
use domain::text::Text;
use engine::ops::{AuditItem, ChainCheck, Listing};

/// The audit log, newest first.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "Audit", operation_id = "read_audit",
    params(
        ("subject" = Option<String>, Query, description = "Only what was done to this: an id of ours, such as `northside-chiron/A-1001`."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "A page.", body = schema::AuditList))
)]
pub(crate) async fn read_audit(
    State(app): State<Shared>,
    who: Who,
    mut params: Params,
) -> Result<Json<Listing<AuditItem>>> {
    let (subject, cursor) = (params.one("subject")?.map(Text::from), params.one("cursor")?);
    params.finish()?;
    Ok(Json(app.engine.read_audit(&who.actor, subject, cursor).await?))
}

/// Whether the log is whole: each row's hash covers the row before it.
#[utoipa::path(
    get, path = "/api/v1/audit/check", tag = "Audit", operation_id = "check_audit",
    responses((status = 200, description = "How many rows were checked, and the first that does not fit.", body = schema::ChainCheck))
)]
pub(crate) async fn check_audit(State(app): State<Shared>, params: Params) -> Result<Json<ChainCheck>> {
    params.finish()?;
    Ok(Json(app.engine.check_audit().await?))
}
