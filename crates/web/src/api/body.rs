//! JSON bodies, with errors that say where.

use crate::failure::Failure;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;

/// A JSON body.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T, S> FromRequest<S> for JsonBody<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<JsonBody<T>, Failure> {
        let kind = media_type(request.headers());
        if kind.as_deref().is_some_and(|kind| !is_json(kind)) {
            return Err(Failure::unsupported("This call takes JSON: send content-type: application/json."));
        }
        let body = read(request, state).await?;
        serde_json::from_slice(&body).map(JsonBody).map_err(|error| {
            let (place, what) = place_of(&error);
            Failure::bad_request(format!("The JSON body, {place}: {what}.")).with("where", place)
        })
    }
}

/// The whole body, up to the route's limit.
pub(crate) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        let status = rejection.into_response().status();
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            Failure::of_status(status)
        } else {
            Failure::bad_request("The body did not arrive whole; send it again.")
        }
    })
}

/// The media type of a body, without parameters, in small letters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// Whether a media type means JSON.
pub(crate) fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}

/// Where a JSON text is wrong, and what is wrong with it.
pub(crate) fn place_of(error: &serde_json::Error) -> (String, String) {
    let place = format!("line {}, column {}", error.line(), error.column());
    let what = error.to_string();
    let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
    (place, what.to_owned())
}
