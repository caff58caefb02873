//! Users of the platform.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use engine::ops::{Listing, UserItem};

/// The platform's users of an integration; with `visit`, those whose address stands in the record of its patient.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/users", tag = "Integrations", operation_id = "list_users",
    params(
        ("id" = String, Path, description = "The integration."),
        ("visit" = Option<String>, Query, description = "The source's id of a visit: only users who have its patient's address."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why addresses are looked at; without it some roles see them masked."),
    ),
    responses((status = 200, description = "All of them; there is one page.", body = schema::UserList))
)]
pub(crate) async fn list_users(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<Json<Listing<UserItem>>> {
    let visit = params.one("visit")?;
    params.finish()?;
    Ok(Json(app.engine.list_users(&who.actor, &id, visit.as_deref()).await?))
}
