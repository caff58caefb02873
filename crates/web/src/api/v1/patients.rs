//! Patients: found, looked at beside the accounts that may be theirs, and taken over.

use crate::api::{JsonBody, Params, schema};
use crate::app::Shared;
use crate::auth::{Who, may_link};
use crate::failure::{Failure, Result};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::model::BirthDate;
use domain::setup::LinkKind;
use domain::text::Text;
use engine::ops::{ConfirmationGiven, Imported, Listing, PatientFacts, PatientHit, SourceAsked, SourceFound};
use serde::Deserialize;

/// Whom somebody is looking for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatientSearchAsked {
    q: Text,
}

/// Find patients of the practice system by name, id or e-mail address, linked or not.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/patients/search", tag = "Patients", operation_id = "search_patients",
    params(
        ("id" = String, Path, description = "The integration."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why names are looked at; without it some roles see initials."),
    ),
    request_body = schema::SearchAsked,
    responses((status = 200, description = "Among the records that the practice system told of, twenty at most.", body = schema::PatientList))
)]
pub(crate) async fn search_patients(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody<PatientSearchAsked>,
) -> Result<Json<Listing<PatientHit>>> {
    Ok(Json(app.engine.search_patients(&who.actor, &id, &asked.q).await?))
}

/// Whom somebody is looking for in the practice system.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceSearchAsked {
    family: Text,
    #[serde(default)]
    given: Option<Text>,
    birth_date: Text,
}

/// Search the practice system itself for a patient, where it can be searched; each search is in the audit log. Whoever
/// is found is taken over by an import.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/patients/source", tag = "Patients", operation_id = "search_source",
    params(
        ("id" = String, Path, description = "The integration."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why names are looked at; without it some roles see initials."),
    ),
    request_body = schema::SourceAsked,
    responses((status = 200, description = "What the practice system answered.", body = schema::SourceFound))
)]
pub(crate) async fn search_source(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody<SourceSearchAsked>,
) -> Result<Json<SourceFound>> {
    let SourceSearchAsked { family, given, birth_date } = asked;
    let born = birth_date.trim().parse();
    let born = born.map_err(|_| Failure::bad_request("birth_date is written like 1980-02-29."))?;
    let asked = SourceAsked { family, given, birth_date: BirthDate(born) };
    Ok(Json(app.engine.search_source(&who.actor, &id, asked).await?))
}

/// What is known of a patient, whether an account is theirs, and which accounts might be, field by field.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/patients/{source_id}", tag = "Patients", operation_id = "show_patient",
    params(
        ("id" = String, Path, description = "The integration."),
        ("source_id" = String, Path, description = "The source's id of the patient."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why patient data is looked at; without it some roles see it masked."),
    ),
    responses((status = 200, description = "Both sides.", body = schema::PatientFacts))
)]
pub(crate) async fn show_patient(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    params: Params,
) -> Result<Json<PatientFacts>> {
    params.finish()?;
    Ok(Json(app.engine.show_patient(&who.actor, &id, &source_id).await?))
}

/// Tell that a patient looked at their data at login, and what they said was wrong. What is left out they found right.
/// The practice system's record stays as it is; corrections go to review.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/patients/{source_id}/confirmation", tag = "Platform",
    operation_id = "confirm_patient",
    params(
        ("id" = String, Path, description = "The integration."),
        ("source_id" = String, Path, description = "The source's id of the patient."),
    ),
    request_body = schema::Confirmation,
    responses((status = 204, description = "It is on record."))
)]
pub(crate) async fn confirm_patient(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    JsonBody(given): JsonBody<ConfirmationGiven>,
) -> Result<StatusCode> {
    app.engine.confirm_patient(&who.actor, &id, &source_id, given).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make an account for a patient who has none, linked by import. Safe to repeat.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/patients/{source_id}/import", tag = "Patients",
    operation_id = "import_patient",
    params(
        ("id" = String, Path, description = "The integration."),
        ("source_id" = String, Path, description = "The source's id of the patient."),
    ),
    responses((status = 200, description = "The link that is there now.", body = schema::Imported))
)]
pub(crate) async fn import_patient(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Imported>> {
    params.finish()?;
    may_take_over(&who)?;
    Ok(Json(app.engine.import_patient(&who.actor, &id, &source_id).await?))
}

/// Whoever links patients takes them over.
pub(crate) fn may_take_over(who: &Who) -> Result<()> {
    if may_link(who.actor.role, LinkKind::Patient) {
        Ok(())
    } else {
        Err(Failure::forbidden(format!("The role {} does not link patients.", who.actor.role)))
    }
}
