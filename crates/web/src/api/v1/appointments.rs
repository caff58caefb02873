//! Appointments: lists, search, and the explanation of one.

use crate::api::params::wrong_value;
use crate::api::{JsonBody, Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use domain::decide::Verdict;
use domain::reasons::Reason;
use domain::text::Text;
use engine::ops::{AbsenceAnswer, AppointmentItem, AppointmentsAsked, Explained, Listing, WhyAnswer};
use serde::{Deserialize, Serialize};

/// Appointments of an integration in order of start.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/appointments", tag = "Appointments", operation_id = "list_appointments",
    params(
        ("id" = String, Path, description = "The integration."),
        ("verdict" = Option<String>, Query, description = "Only these verdicts; repeat it or put commas between."),
        ("code" = Option<String>, Query, description = "Only this primary reason."),
        ("from" = Option<String>, Query, description = "Starts from here on (RFC 3339)."),
        ("to" = Option<String>, Query, description = "Starts before this (RFC 3339)."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
        ("limit" = Option<u32>, Query, description = "Rows at most: 100 unless said otherwise, 1000 at most."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why names are looked at; without it some roles see initials."),
    ),
    responses((status = 200, description = "A page.", body = schema::AppointmentList))
)]
pub(crate) async fn list_appointments(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Listing<AppointmentItem>>> {
    Ok(Json(app.engine.list_appointments(&who.actor, &id, asked(params)?).await?))
}

/// Reads what a list wants.
pub(crate) fn asked(mut params: Params) -> Result<AppointmentsAsked> {
    let verdicts = params.many("verdict").iter().map(|word| verdict(word)).collect::<Result<_>>()?;
    let code = params.word("code", Reason::from_code, "the codes under /api/v1/reasons")?;
    let (from, to) = (params.moment("from")?, params.moment("to")?);
    let (cursor, limit) = (params.one("cursor")?, params.number("limit")?);
    params.finish()?;
    Ok(AppointmentsAsked { verdicts, code, from, to, cursor, limit })
}

fn verdict(word: &str) -> Result<Verdict> {
    Verdict::from_word(word).ok_or_else(|| {
        let words = Verdict::ALL.map(Verdict::word).join(", ");
        wrong_value("verdict", &format!("one of {words} is needed"))
    })
}

/// What a person typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchAsked {
    q: Text,
}

/// Find appointments by anything a person types: a name, a date, an id of a visit, a patient or a message.
#[utoipa::path(
    post, path = "/api/v1/integrations/{id}/search", tag = "Appointments", operation_id = "search_appointments",
    params(
        ("id" = String, Path, description = "The integration."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why names are looked at; without it some roles see initials."),
    ),
    request_body = schema::SearchAsked,
    responses((status = 200, description = "The surest first, fifty at most.", body = schema::AppointmentList))
)]
pub(crate) async fn search_appointments(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody<SearchAsked>,
) -> Result<Json<Listing<AppointmentItem>>> {
    Ok(Json(app.engine.search(&who.actor, &id, &asked.q).await?))
}

/// Why one appointment is as it is, or as it was at a moment of the past.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/appointments/{source_id}", tag = "Appointments",
    operation_id = "explain_appointment",
    params(
        ("id" = String, Path, description = "The integration."),
        ("source_id" = String, Path, description = "The source's id of the visit."),
        ("at" = Option<String>, Query, description = "As of this moment (RFC 3339); a visit that was not known then gives an absence answer."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why patient data is looked at; without it some roles see it masked."),
    ),
    responses((status = 200, description = "The explanation.", body = schema::ExplanationOrAbsence))
)]
pub(crate) async fn explain_appointment(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    mut params: Params,
) -> Result<Json<Explanation>> {
    let at = params.moment("at")?;
    params.finish()?;
    let (engine, actor) = (&app.engine, &who.actor);
    let Some(at) = at else {
        return Ok(Json(Explanation::Known(Box::new(engine.explain_appointment(actor, &id, &source_id).await?))));
    };
    Ok(Json(match engine.explain_appointment_at(actor, &id, &source_id, at).await? {
        WhyAnswer::Found(found) => Explanation::Known(Box::new(found.explained)),
        WhyAnswer::Absent(absent) => Explanation::NotKnownThen(absent),
    }))
}

/// The explanation, or what the absence of the visit meant at the moment asked about.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Explanation {
    Known(Box<Explained>),
    NotKnownThen(Box<AbsenceAnswer>),
}
