//! Every change since, for platforms that pull.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::State;
use engine::ops::{ChangeItem, Listing};

/// Changes after a cursor, oldest first.
#[utoipa::path(
    get, path = "/api/v1/changes", tag = "Platform", operation_id = "list_changes",
    params(
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before; the last one stays good for what comes later."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why names are looked at; without it some roles see initials."),
    ),
    responses((status = 200, description = "A page; `next_cursor` is null only as long as nothing ever changed.", body = schema::ChangeList))
)]
pub(crate) async fn list_changes(
    State(app): State<Shared>,
    who: Who,
    mut params: Params,
) -> Result<Json<Listing<ChangeItem>>> {
    let cursor = params.one("cursor")?;
    params.finish()?;
    Ok(Json(app.engine.list_changes(&who.actor, cursor).await?))
}
