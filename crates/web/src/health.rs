//! What monitoring asks: does it live, may it be sent work, what are the numbers. No token, no patient data.

use crate::app::Shared;
use crate::failure::{Failure, Result};
use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use engine::Stop;
use std::time::Duration;

/// A store that needs longer for a cheap question is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process lives.
#[utoipa::path(
    get, path = "/healthz", tag = "Operations", security(()),
    responses((status = 200, description = "The process lives.", body = String, content_type = "text/plain"))
)]
pub(crate) async fn check_life() -> &'static str {
    "ok\n"
}

/// It may be sent work: the store answers and takes changes, and the service is not about to stop.
#[utoipa::path(
    get, path = "/readyz", tag = "Operations", security(()),
    responses(
        (status = 200, description = "It may be sent work.", body = String, content_type = "text/plain"),
        (status = 503, description = "The store does not answer or takes no changes, or the service stops.",
         body = crate::api::schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn check_readiness(State(app): State<Shared>, stop: Option<Extension<Stop>>) -> Result<&'static str> {
    if let Some(Extension(stop)) = stop
        && is_stopping(stop).await
    {
        return Err(Failure::unavailable("stopping", "The service is shutting down."));
    }
    let told = tokio::time::timeout(PATIENCE, app.engine.check_store()).await;
    match (told, app.engine.trouble()) {
        (Ok(Ok(())), _) => Ok("ready\n"),
        (_, Some(why)) => Err(Failure::unavailable("store_unavailable", format!("The store takes no changes: {why}."))),
        (Ok(Err(error)), None) => Err(error.into()),
        (Err(_), None) => Err(Failure::unavailable("store_unavailable", "The store does not answer in time.")),
    }
}

async fn is_stopping(mut stop: Stop) -> bool {
    tokio::select! {
        biased;
        () = stop.requested() => true,
        () = std::future::ready(()) => false,
    }
}

/// The numbers, in the text format of Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "Operations", security(()),
    responses((status = 200, description = "The numbers, for Prometheus.", body = String, content_type = "text/plain"))
)]
pub(crate) async fn show_metrics(State(app): State<Shared>) -> Result<impl IntoResponse> {
    let text = app.meter.report(&app.engine).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}
