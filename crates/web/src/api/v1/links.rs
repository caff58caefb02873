//! Links: which thing of the source is which thing of the platform.

use crate::api::{JsonBody, Params, schema};
use crate::app::{App, Shared};
use crate::auth::{Who, may_link};
use crate::failure::{Failure, Result};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::setup::LinkKind;
use domain::text::Text;
use serde::{Deserialize, Serialize};

/// What a thing of the source is on the platform.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkAsked {
    platform_id: Text,
}

/// A link that was made.
#[derive(Serialize)]
pub(crate) struct LinkMade {
    integration: String,
    kind: &'static str,
    source_id: String,
    platform_id: Text,
}

/// Link two things. Whatever waits for the link is decided again by itself.
#[utoipa::path(
    put, path = "/api/v1/integrations/{id}/links/{kind}/{source_id}", tag = "Links", operation_id = "set_link",
    params(
        ("id" = String, Path, description = "The integration."),
        ("kind" = schema::LinkKind, Path, description = "Which kind of things."),
        ("source_id" = String, Path, description = "The source's id of the thing."),
    ),
    request_body = schema::LinkAsked,
    responses((status = 200, description = "They are linked.", body = schema::Link))
)]
pub(crate) async fn set_link(
    State(app): State<Shared>,
    who: Who,
    Path((integration, kind, source_id)): Path<(String, String, String)>,
    JsonBody(asked): JsonBody<LinkAsked>,
) -> Result<Json<LinkMade>> {
    let kind = link(&app, &who, &integration, &kind, &source_id, &asked.platform_id).await?;
    Ok(Json(LinkMade { integration, kind: kind.word(), source_id, platform_id: asked.platform_id }))
}

/// Links, when the role may link this kind of thing.
pub(crate) async fn link(
    app: &App,
    who: &Who,
    integration: &str,
    kind: &str,
    source_id: &str,
    platform_id: &str,
) -> Result<LinkKind> {
    let kind = permitted(who, kind)?;
    app.engine.set_link(&who.actor, integration, kind, source_id, platform_id).await?;
    Ok(kind)
}

/// Take two linked things apart.
#[utoipa::path(
    delete, path = "/api/v1/integrations/{id}/links/{kind}/{source_id}", tag = "Links", operation_id = "remove_link",
    params(
        ("id" = String, Path, description = "The integration."),
        ("kind" = schema::LinkKind, Path, description = "Which kind of things."),
        ("source_id" = String, Path, description = "The source's id of the thing."),
    ),
    responses((status = 204, description = "They are no longer linked; visits to come are decided again."))
)]
pub(crate) async fn remove_link(
    State(app): State<Shared>,
    who: Who,
    Path((integration, kind, source_id)): Path<(String, String, String)>,
    params: Params,
) -> Result<StatusCode> {
    params.finish()?;
    let kind = permitted(&who, &kind)?;
    app.engine.remove_link(&who.actor, &integration, kind, &source_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn permitted(who: &Who, kind: &str) -> Result<LinkKind> {
    let kind = LinkKind::from_word(kind).ok_or_else(|| {
        let words = LinkKind::ALL.map(LinkKind::word).join(", ");
        Failure::bad_request(format!("There is no kind of link {kind}; there are {words}.")).with("where", "kind")
    })?;
    if may_link(who.actor.role, kind) {
        Ok(kind)
    } else {
        Err(Failure::forbidden(format!("The role {} does not link by {}.", who.actor.role, kind.word())))
    }
}
