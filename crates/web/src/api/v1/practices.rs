//! Practice documents in and out.

use crate::api::body::{is_json, media_type, place_of, read};
use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::{Failure, Result};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::setup::Document;
use engine::ops::ApplyReport;

const NOT_A_DOCUMENT: &str = "invalid_document";
const TITLE: &str = "The document cannot be used";

/// Apply a practice document, or only say what it would do.
#[utoipa::path(
    post, path = "/api/v1/apply", tag = "Set-up", operation_id = "apply_document",
    params(("dry_run" = Option<bool>, Query, description = "Only say what would change.")),
    request_body(
        description = "A practice document, as TOML or as the same in JSON.",
        content((schema::Document = "application/json"), (String = "application/toml"), (String = "text/plain"))
    ),
    responses(
        (status = 200, description = "What it changed, or would change.", body = schema::ApplyReport),
        (status = 409, description = "An id is already taken.", body = schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "The document is wrong; `where` says at which place.", body = schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn apply_document(
    State(app): State<Shared>,
    who: Who,
    mut params: Params,
    request: Request,
) -> Result<Json<ApplyReport>> {
    let dry_run = params.flag("dry_run")?;
    params.finish()?;
    let kind = media_type(request.headers());
    let body = read(request, &app).await?;
    let document = read_document(kind.as_deref(), &body)?;
    let applied = app.engine.apply_document(&who.actor, document, dry_run).await;
    applied.map(Json).map_err(|error| match error {
        engine::Error::Invalid(why) => Failure::unprocessable(NOT_A_DOCUMENT, TITLE, why),
        // Whoever is confined to a practice is not told which other one holds the id.
        engine::Error::Taken(_) if who.actor.practice.is_some() => {
            engine::Error::Taken("an id or facility in the document is already taken".to_owned()).into()
        }
        other => other.into(),
    })
}

/// Reads a document as what its media type says it is; without one, as what it looks like.
fn read_document(kind: Option<&str>, body: &[u8]) -> Result<Document> {
    let json = match kind {
        Some(kind) if is_json(kind) => true,
        Some("application/toml" | "text/toml" | "text/x-toml" | "application/x-toml" | "text/plain") => false,
        Some(_) => {
            return Err(Failure::unsupported("Send a document as application/toml, text/plain or application/json."));
        }
        None => body.trim_ascii_start().starts_with(b"{"),
    };
    if json {
        return serde_json::from_slice(body).map_err(|error| {
            let (place, what) = place_of(&error);
            wrong(error.line(), error.column(), place, &what)
        });
    }
    let text =
        std::str::from_utf8(body).map_err(|error| place_in(&body[..error.valid_up_to()], "this is not UTF-8 text"))?;
    Document::from_toml(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        place_in(&text.as_bytes()[..at], error.message().lines().next().unwrap_or_default())
    })
}

/// What is wrong behind these bytes.
fn place_in(before: &[u8], what: &str) -> Failure {
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let begun = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let column = String::from_utf8_lossy(&before[begun..]).chars().count() + 1;
    wrong(line, column, format!("line {line}, column {column}"), what)
}

fn wrong(line: usize, column: usize, place: String, what: &str) -> Failure {
    Failure::unprocessable(NOT_A_DOCUMENT, TITLE, format!("The document, {place}: {what}."))
        .with("line", line)
        .with("column", column)
        .with("where", place)
}

/// A practice as a document, with what people linked since.
#[utoipa::path(
    get, path = "/api/v1/practices/{id}/export", tag = "Set-up", operation_id = "export_practice",
    params(
        ("id" = String, Path, description = "The practice."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why patient data is looked at; needed by the role engineer."),
    ),
    responses((
        status = 200, description = "JSON, or TOML for whoever accepts `application/toml`.",
        content((schema::Document = "application/json"), (String = "application/toml")),
    ))
)]
pub(crate) async fn export_practice(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    headers: HeaderMap,
    params: Params,
) -> Result<Response> {
    params.finish()?;
    let document = app.engine.export_practice(&who.actor, &id).await?;
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.contains("toml") { Ok(as_toml(&document)?.into_response()) } else { Ok(Json(document).into_response()) }
}

/// A document as TOML.
pub(crate) fn as_toml(document: &Document) -> Result<impl IntoResponse + use<>> {
    let text = toml::to_string(document).map_err(|error| {
        tracing::error!(%error, "a stored document cannot be written as TOML");
        Failure::of_status(axum::http::StatusCode::INTERNAL_SERVER_ERROR)
    })?;
    Ok(([(header::CONTENT_TYPE, "application/toml; charset=utf-8")], text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[practice]\nid = \"n\"\nname = \"N\"\ntime_zone = \"UTC\"\n";

    #[test]
    fn a_document_is_read_as_what_it_is_said_to_be() {
        let json = r#"{"practice": {"id": "n", "name": "N", "time_zone": "UTC"}}"#;
        let expected = read_document(Some("text/plain"), GOOD.as_bytes()).unwrap();
        for (kind, text) in
            [(None, GOOD), (None, json), (Some("application/toml"), GOOD), (Some("application/json"), json)]
        {
            assert_eq!(read_document(kind, text.as_bytes()).unwrap(), expected, "{kind:?}");
        }
        assert_eq!(read_document(Some("application/xml"), b"<p/>").unwrap_err().status(), 415);
        assert_eq!(read_document(Some("application/json"), GOOD.as_bytes()).unwrap_err().status(), 422);
    }

    #[test]
    fn a_misspelt_key_is_refused_with_its_place_and_without_the_line_itself() {
        let wrong = GOOD.replace("time_zone", "timezone");
        let problem = read_document(None, wrong.as_bytes()).unwrap_err().to_problem();
        assert_eq!((&problem["status"], &problem["line"]), (&422.into(), &4.into()), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("unknown field `timezone`"), "{problem}");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_place() {
        let problem = read_document(None, b"[practice]\nid = \"\xff\"").unwrap_err().to_problem();
        assert_eq!(problem["where"], "line 2, column 7");
    }
}
