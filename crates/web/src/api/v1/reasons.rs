//! The catalogue of reasons.

use crate::api::{Params, schema};
use crate::failure::{Failure, Result};
use axum::Json;
use axum::extract::Path;
use domain::reasons::{Class, Effort, Family, Heals, Reason};
use domain::setup::OwnerRole;
use engine::ops::Listing;
use serde::Serialize;

/// One reason.
#[derive(Serialize)]
pub(crate) struct ReasonItem {
    code: Reason,
    family: Family,
    class: Class,
    owner: OwnerRole,
    heals: Heals,
    effort: Effort,
    label: &'static str,
    what: &'static str,
    says: &'static str,
    fix: &'static str,
}

impl ReasonItem {
    fn of(code: Reason) -> ReasonItem {
        let entry = code.entry();
        ReasonItem {
            code,
            family: entry.family,
            class: entry.class,
            owner: entry.owner,
            heals: entry.heals,
            effort: entry.effort,
            label: entry.label,
            what: entry.what.trim(),
            says: entry.says,
            fix: entry.fix,
        }
    }
}

/// Every reason why a visit is not simply in sync.
#[utoipa::path(
    get, path = "/api/v1/reasons", tag = "Catalogue", operation_id = "list_reasons",
    responses((status = 200, description = "All of them; there is one page.", body = schema::ReasonList))
)]
pub(crate) async fn list_reasons(params: Params) -> Result<Json<Listing<ReasonItem>>> {
    params.finish()?;
    let items = Reason::ALL.iter().copied().map(ReasonItem::of).collect();
    Ok(Json(Listing { items, next_cursor: None }))
}

/// One reason.
#[utoipa::path(
    get, path = "/api/v1/reasons/{code}", tag = "Catalogue", operation_id = "show_reason",
    params(("code" = String, Path, description = "Its code.")),
    responses((status = 200, description = "What happens, who acts, what they do, how it ends.", body = schema::Reason))
)]
pub(crate) async fn show_reason(Path(code): Path<String>, params: Params) -> Result<Json<ReasonItem>> {
    params.finish()?;
    Ok(Json(ReasonItem::of(reason(&code)?)))
}

/// A reason by its code as it stands in a path.
pub(crate) fn reason(code: &str) -> Result<Reason> {
    Reason::from_code(code).ok_or_else(|| Failure::not_found(format!("There is no reason {code}.")))
}
