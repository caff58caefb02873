//! Envelopes: messages handed in, those that were set aside, and what was really sent.

use crate::api::body::{media_type, read};
use crate::api::{Params, schema};
use crate::app::{App, Shared};
use crate::auth::Who;
use crate::failure::{Failure, Result};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ids::EnvelopeId;
use engine::ops::{EnvelopeView, Listing, SetAsideItem};
use serde_json::json;

/// Hand a message in. When the answer is 202 or 422 the message is kept.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/envelopes", tag = "Messages", operation_id = "hand_in_envelope",
    params(("id" = String, Path, description = "The integration.")),
    request_body(
        description = "One message, in a format that the integration's connector reads.",
        content((String = "application/hl7-v2"), (String = "application/fhir+json"), (String = "application/fhir+ndjson"))
    ),
    responses(
        (status = 202, description = "Kept and taken in.", body = schema::EnvelopeTaken),
        (status = 415, description = "Nobody reads this content type.", body = schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "Kept under `envelope`, and wrong at `where`.", body = schema::EnvelopeProblem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn hand_in_envelope(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    params: Params,
    request: Request,
) -> Result<Response> {
    params.finish()?;
    let kind = media_type(request.headers()).unwrap_or_default();
    let doors = &app.options.doors;
    let Some(door) = doors.iter().find(|door| door.media_types().contains(&kind.as_str())) else {
        let known: Vec<&str> = doors.iter().flat_map(|door| door.media_types()).copied().collect();
        return Err(Failure::unsupported(format!("Messages are taken as {}.", known.join(", "))));
    };
    let body = read(request, &app).await?;
    // The guard has checked that the integration exists for whoever asks; it cannot be taken away since.
    let integration = app.engine.setup().named(&id).cloned();
    let integration = integration.ok_or_else(|| Failure::not_found(format!("There is no integration {id}.")))?;
    tracing::debug!(role = %who.actor.role, media_type = kind, "a message is handed in");
    let taken = door.take(&integration, &kind, &body).await.map_err(|error| match error {
        // The door could not store it; nothing is wrong with the message itself.
        engine::Error::Invalid(_) => {
            Failure::unavailable("not_stored", "The message could not be stored; send it again.")
        }
        other => other.into(),
    })?;
    if taken.applied {
        return Ok(
            (StatusCode::ACCEPTED, Json(json!({ "id": taken.envelope, "repeated": taken.repeated }))).into_response()
        );
    }
    let problem = taken.problem.unwrap_or_else(|| "it cannot be applied".to_owned());
    Err(refusal(taken.envelope, &problem))
}

/// A message that was kept and cannot be applied. Problems begin with their place: `SCH-11.4: There is no such month.`
fn refusal(envelope: EnvelopeId, problem: &str) -> Failure {
    let place = problem.split_once(": ").map(|(place, _)| place).filter(|place| !place.contains(' '));
    Failure::unprocessable("message_not_applied", "The message was kept and not applied", problem)
        .with("envelope", envelope.to_string())
        .with("where", place)
}

/// Messages of an integration that were kept and not applied, newest first, without their bodies.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/envelopes", tag = "Messages", operation_id = "list_set_aside",
    params(
        ("id" = String, Path, description = "The integration."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "A page.", body = schema::SetAsideList))
)]
pub(crate) async fn list_set_aside(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<Json<Listing<SetAsideItem>>> {
    let cursor = params.one("cursor")?;
    params.finish()?;
    Ok(Json(app.engine.list_set_aside(&who.actor, &id, cursor).await?))
}

/// Messages that belong to no integration, newest first: of an unknown facility, or not readable. For administrators
/// of the whole installation.
#[utoipa::path(
    get, path = "/api/v1/unrouted", tag = "Messages", operation_id = "list_unrouted",
    params(("cursor" = Option<String>, Query, description = "`next_cursor` of the page before.")),
    responses((status = 200, description = "A page.", body = schema::SetAsideList))
)]
pub(crate) async fn list_unrouted(
    State(app): State<Shared>,
    who: Who,
    mut params: Params,
) -> Result<Json<Listing<SetAsideItem>>> {
    let cursor = params.one("cursor")?;
    params.finish()?;
    Ok(Json(app.engine.list_unrouted(&who.actor, cursor).await?))
}

/// A message exactly as it came.
#[utoipa::path(
    get, path = "/api/v1/envelopes/{id}", tag = "Messages", operation_id = "read_envelope",
    params(
        ("id" = String, Path, description = "The envelope."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why patient data is looked at; needed by the roles engineer and support."),
    ),
    responses((status = 200, description = "With its body.", body = schema::Envelope))
)]
pub(crate) async fn read_envelope(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<EnvelopeView>> {
    params.finish()?;
    Ok(Json(envelope(&app, &who, &id).await?))
}

/// An envelope by its id as it stands in a path.
pub(crate) async fn envelope(app: &App, who: &Who, id: &str) -> Result<EnvelopeView> {
    let id: EnvelopeId = id.parse().map_err(|_| Failure::not_found(format!("There is no envelope {id}.")))?;
    Ok(app.engine.read_envelope(&who.actor, id).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_problem_is_told_apart_from_its_words() {
        let told = |problem| refusal(EnvelopeId(1), problem).to_problem()["where"].clone();
        assert_eq!(told("SCH-11.4: There is no such month."), "SCH-11.4");
        assert_eq!(told("The message is empty."), serde_json::Value::Null);
        assert_eq!(told("No segment: there is none."), serde_json::Value::Null);
    }
}
