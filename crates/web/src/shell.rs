//! What surrounds every request: a time limit, counting, one form for everything that goes wrong, and the headers that
//! keep browsers careful.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::failure_page;
use crate::failure::Failure;
use crate::route::{Surface, surface_of};
use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::time::Instant;

/// Pages load their style and script from here and nothing from anywhere else; there is nothing inline, and nobody may
/// frame them.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                           form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Everything else is not a page at all.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Counts and logs a request: the route's template, never the path, because a path holds ids.
pub(crate) async fn observe(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = known(request.method());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let response = next.run(request).await;
    let (status, took) = (response.status(), begun.elapsed());
    app.meter.count(route, method, status.as_u16(), took);
    let millis = took.as_millis();
    if status.is_server_error() {
        tracing::warn!(method, route, status = status.as_u16(), %millis, "request failed");
    } else {
        tracing::debug!(method, route, status = status.as_u16(), %millis, "request");
    }
    response
}

/// Methods are labels of a metric, so there is a fixed number of them.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Ends a request that takes too long. A stream that has begun is not cut off: its head was in time.
pub(crate) async fn limit_time(State(app): State<Shared>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(app.options.limits.request, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            Failure::unavailable("timeout", "The request took too long and was given up; try again.").into_response()
        }
    }
}

/// What a handler that panicked answers. The message of a panic may quote data, so it goes nowhere.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Failure::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

/// Writes what went wrong for whoever asked, and adds the headers that every answer has.
pub(crate) async fn dress(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let surface = surface_of(request.uri().path());
    let asked_for = (request.method() == Method::GET)
        .then(|| request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string));
    let mut response = next.run(request).await;
    let who = response.extensions_mut().remove::<Who>();
    if let Some(failure) = failure_of(&mut response) {
        let mut written = match surface {
            Surface::Api => problem(&failure),
            Surface::Console => failure_page(&app, &failure, who.as_ref(), asked_for.as_deref()),
        };
        // Such as Allow, Retry-After and WWW-Authenticate.
        for (name, value) in response.headers() {
            if !written.headers().contains_key(name) && *name != header::CONTENT_LENGTH {
                written.headers_mut().append(name.clone(), value.clone());
            }
        }
        response = written;
    }
    add_headers(response.headers_mut(), app.options.is_https());
    response
}

/// What went wrong, when something did and has not been written yet.
fn failure_of(response: &mut Response) -> Option<Failure> {
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        return Some(failure);
    }
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    // The HTTP layer itself refuses in plain text or without a body; what a handler wrote stays as it is.
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let by_handler = content_type.is_some_and(|kind| !kind.starts_with("text/plain"));
    (is_failure && !by_handler).then(|| Failure::of_status(status))
}

fn problem(failure: &Failure) -> Response {
    let mut response = (failure.status(), Json(failure.to_problem())).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

fn add_headers(headers: &mut HeaderMap, https: bool) {
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let mut add = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    add(header::CONTENT_SECURITY_POLICY, if is_page { PAGE_POLICY } else { DATA_POLICY });
    // Pages keep the referrer among themselves: with `no-referrer` browsers also blank the Origin of our own forms, and
    // over plain HTTP that is all there is to tell them from another site's.
    add(header::REFERRER_POLICY, if is_page { "same-origin" } else { "no-referrer" });
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(header::X_FRAME_OPTIONS, "DENY");
    add(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    add(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    add(header::CACHE_CONTROL, "no-store");
    if https {
        add(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}
