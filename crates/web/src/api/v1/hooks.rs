//! Webhooks of vendors. They carry no token of ours: each vendor shows in its own way that it calls, and the connector
//! of its interface looks whether it does.

use crate::app::Shared;
use crate::failure::{Failure, Result};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::ops::HookAnswer;
use engine::poll::Knock;

/// Let the vendor of an integration's source try the address of its webhook.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/hook", tag = "Integrations", operation_id = "prove_hook", security(()),
    params(("id" = String, Path, description = "The integration.")),
    responses((status = 200, description = "What the vendor wants to see, in its own form.", body = serde_json::Value))
)]
pub(crate) async fn prove_hook(
    State(app): State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    hear(&app, &id, false, query.as_deref(), &headers, &[]).await
}

/// Take a webhook of the vendor of an integration's source. It is a reason to look; what is read then decides.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/hook", tag = "Integrations", operation_id = "hear_hook", security(()),
    params(("id" = String, Path, description = "The integration.")),
    responses((status = 204, description = "It is read as soon as the source's limits allow."))
)]
pub(crate) async fn hear_hook(
    State(app): State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    hear(&app, &id, true, query.as_deref(), &headers, &body).await
}

async fn hear(
    app: &Shared,
    id: &str,
    brings: bool,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response> {
    let headers: Vec<(String, String)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let knock = Knock { brings, query: query.unwrap_or_default(), headers: &headers, body };
    match app.engine.hear_hook(id, knock).await? {
        HookAnswer::Taken => Ok(StatusCode::NO_CONTENT.into_response()),
        HookAnswer::Proof(json) => {
            let proof = serde_json::from_str::<serde_json::Value>(&json);
            Ok(Json(proof.map_err(|_| Failure::of_status(StatusCode::NOT_FOUND))?).into_response())
        }
        HookAnswer::Nothing => Err(Failure::of_status(StatusCode::NOT_FOUND)),
    }
}
