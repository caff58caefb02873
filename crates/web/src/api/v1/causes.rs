//! Causes, and what people decide about them.

use crate::api::params::wrong_value;
use crate::api::{JsonBody, Params, schema};
use crate::app::{App, Shared};
use crate::auth::{Who, may_decide};
use crate::failure::{Failure, Result};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::reasons::Heals;
use domain::text::Text;
use engine::ops::{CauseItem, CausesAsked, Listing};
use serde::Deserialize;

/// Open causes, those that release most visits first.
#[utoipa::path(
    get, path = "/api/v1/causes", tag = "Causes", operation_id = "list_causes",
    params(
        ("integration" = Option<String>, Query, description = "Of one integration only."),
        ("state" = Option<String>, Query, description = "`open`, which is also what is listed without it."),
    ),
    responses((status = 200, description = "All of them; there is one page.", body = schema::CauseList))
)]
pub(crate) async fn list_causes(
    State(app): State<Shared>,
    who: Who,
    mut params: Params,
) -> Result<Json<Listing<CauseItem>>> {
    let integration = params.one("integration")?.map(Text::from);
    let state = params.one("state")?;
    params.finish()?;
    if state.is_some_and(|state| state != "open") {
        return Err(wrong_value("state", "only open causes are listed; a closed one is in the timeline of its visits"));
    }
    Ok(Json(app.engine.list_causes(&who.actor, CausesAsked { integration }).await?))
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
    app.engine.decide_cause(&who.actor, id, decision == Decision::Apply, note).await?;
    Ok(app.engine.show_cause(&who.actor, id).await?)
}
