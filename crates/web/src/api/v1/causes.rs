//! Causes, and what people decide about them.

use crate::api::params::wrong_value;
use crate::api::{JsonBody, Params, schema};
use crate::app::{App, Shared};
use crate::auth::{Who, may_decide};
use crate::failure::{Failure, Result};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::exception::Asked;
use domain::reasons::Heals;
use domain::text::Text;
use domain::time::Moment;
use engine::ops::{CauseItem, CauseOrder, CausePreview, CauseStory, CausesAsked, Listing, QueueUses};
use serde::Deserialize;

/// Open causes, those that release most visits first.
#[utoipa::path(
    get, path = "/api/v1/causes", tag = "Causes", operation_id = "list_causes",
    params(
        ("integration" = Option<String>, Query, description = "Of one integration only."),
        ("practice" = Option<String>, Query, description = "Of one practice only: its queue."),
        ("order" = Option<String>, Query, description = "`most_saved` (also without it): those first that save most visits before they begin; `soonest`: by the earliest visit still to come, and at the same time those first that keep visits back."),
        ("state" = Option<String>, Query, description = "`open`, which is also what is listed without it."),
    ),
    responses((status = 200, description = "All of them; there is one page.", body = schema::CauseList))
)]
pub(crate) async fn list_causes(
    State(app): State<Shared>,
    who: Who,
    mut params: Params,
) -> Result<Json<Listing<CauseItem>>> {
    let asked = CausesAsked {
        integration: params.one("integration")?.map(Text::from),
        practice: params.one("practice")?.map(Text::from),
        order: order_of(params.one("order")?)?,
    };
    let state = params.one("state")?;
    params.finish()?;
    if state.is_some_and(|state| state != "open") {
        return Err(wrong_value("state", "only open causes are listed; a closed one is in the timeline of its visits"));
    }
    Ok(Json(app.engine.list_causes(&who.actor, asked).await?))
}

/// Reads the order.
pub(crate) fn order_of(word: Option<String>) -> Result<CauseOrder> {
    let Some(word) = word else { return Ok(CauseOrder::default()) };
    CauseOrder::from_word(&word).ok_or_else(|| wrong_value("order", "`most_saved` or `soonest`"))
}

/// The open causes as a file for a spreadsheet, those of the soonest visits first. That it was taken is audited and
/// counted.
#[utoipa::path(
    get, path = "/api/v1/causes/export", tag = "Causes", operation_id = "export_causes",
    params(("practice" = Option<String>, Query, description = "Of one practice only.")),
    responses((status = 200, description = "CSV: codes, ids, counts and times.", body = String, content_type = "text/csv"))
)]
pub(crate) async fn export_causes(State(app): State<Shared>, who: Who, mut params: Params) -> Result<Response> {
    let practice = params.one("practice")?.map(Text::from);
    params.finish()?;
    export(&app, &who, practice).await
}

/// The file.
pub(crate) async fn export(app: &App, who: &Who, practice: Option<Text>) -> Result<Response> {
    let asked = CausesAsked { practice, order: CauseOrder::Soonest, ..CausesAsked::default() };
    let file = app.engine.export_causes(&who.actor, asked).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"causes.csv\""),
    ];
    Ok((headers, file).into_response())
}

/// How queues were used in the last thirty days, by practice: what was opened and closed, what people did, how often
/// they looked, and how often they took the queue away as a file.
#[utoipa::path(
    get, path = "/api/v1/queue-use", tag = "Causes", operation_id = "show_queue_use",
    responses((status = 200, description = "All practices; there is one page.", body = schema::QueueUses))
)]
pub(crate) async fn show_queue_use(State(app): State<Shared>, who: Who, params: Params) -> Result<Json<QueueUses>> {
    params.finish()?;
    Ok(Json(app.engine.queue_use(&who.actor).await?))
}

/// One cause, open or closed, with what happened to it.
#[utoipa::path(
    get, path = "/api/v1/causes/{id}", tag = "Causes", operation_id = "show_cause",
    params(("id" = String, Path, description = "The cause.")),
    responses((status = 200, description = "The cause as it is now.", body = schema::CauseStory))
)]
pub(crate) async fn show_cause(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<CauseStory>> {
    params.finish()?;
    Ok(Json(app.engine.tell_cause(&who.actor, &id).await?))
}

/// What fixing a cause once would do: visits that would change their verdict, visits that are past, and notices that
/// would go out. Nothing is done.
#[utoipa::path(
    get, path = "/api/v1/causes/{id}/preview", tag = "Causes", operation_id = "preview_cause",
    params(("id" = String, Path, description = "The cause.")),
    responses((status = 200, description = "At most 500 of its visits.", body = schema::CausePreview))
)]
pub(crate) async fn preview_cause(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<CausePreview>> {
    params.finish()?;
    Ok(Json(app.engine.preview_cause(&who.actor, &id).await?))
}

/// What a person says of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Handling {
    /// They are at it.
    Acknowledge,
    /// It can wait until a time.
    Snooze,
    /// It is resolved; that has to be seen.
    Resolve,
    /// It goes to the next person on its path.
    Escalate,
}

/// What a person says, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandlingAsked {
    handling: Handling,
    #[serde(default)]
    until: Option<Moment>,
    #[serde(default)]
    note: Text,
}

/// Acknowledge a cause, put it off, call it resolved or send it on. None of that closes it: it is closed when what it
/// is about is no longer seen.
#[utoipa::path(
    post, path = "/api/v1/causes/{id}/handling", tag = "Causes", operation_id = "handle_cause",
    params(("id" = String, Path, description = "The cause.")),
    request_body = schema::HandlingAsked,
    responses((status = 200, description = "The cause as it is now.", body = schema::CauseStory))
)]
pub(crate) async fn handle_cause(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody<HandlingAsked>,
) -> Result<Json<CauseStory>> {
    let wanted = match (asked.handling, asked.until) {
        (Handling::Acknowledge, None) => Asked::Acknowledge,
        (Handling::Resolve, None) => Asked::Resolve,
        (Handling::Escalate, None) => Asked::Escalate,
        (Handling::Snooze, Some(until)) => Asked::Snooze(until),
        (Handling::Snooze, None) => return Err(wrong_value("until", "say until when it can wait")),
        (_, Some(_)) => return Err(wrong_value("until", "only what is put off is put off until a time")),
    };
    Ok(Json(app.engine.handle_cause(&who.actor, &id, wanted, &asked.note).await?))
}

/// What a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// The visits go ahead.
    Apply,
    /// They are left out.
    Discard,
}

/// A decision with its reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionAsked {
    decision: Decision,
    #[serde(default)]
    note: Text,
}

/// Decide about every visit of a cause.
#[utoipa::path(
    post, path = "/api/v1/causes/{id}/decision", tag = "Causes", operation_id = "decide_cause",
    params(("id" = String, Path, description = "The cause.")),
    request_body = schema::DecisionAsked,
    responses(
        (status = 200, description = "The cause as it is now.", body = schema::Cause),
        (status = 409, description = "This cause is not decided by people.", body = schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn decide_cause(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody<DecisionAsked>,
) -> Result<Json<CauseItem>> {
    Ok(Json(decide(&app, &who, &id, asked.decision, &asked.note).await?))
}

/// Decides, when the cause leaves it to people and this is one of them.
pub(crate) async fn decide(app: &App, who: &Who, id: &str, decision: Decision, note: &str) -> Result<CauseItem> {
    let cause = app.engine.show_cause(&who.actor, id).await?;
    if !may_decide(who.actor.role, cause.owner.role) {
        return Err(Failure::forbidden(format!(
            "This decision belongs to {}, not to the role {}.",
            cause.owner.role.label(),
            who.actor.role
        )));
    }
    if cause.heals != Heals::ByDecision {
        return Err(Failure::new(
            StatusCode::CONFLICT,
            "not_by_decision",
            "Nothing to decide",
            format!("{} is not decided by people: it {}. {}", cause.code, cause.heals.label(), cause.fix),
        ));
    }
    let decided = app.engine.decide_cause(&who.actor, id, decision == Decision::Apply, note).await?;
    match app.engine.show_cause(&who.actor, id).await {
        // What is wrong with a feed is worked out, not stored: once it is decided there is nothing left to show.
        Err(engine::Error::NotFound { .. }) => Ok(CauseItem { count: 0, coming: 0, state: "closed", ..decided }),
        shown => Ok(shown?),
    }
}
