//! Kept messages judged again under today's rules.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use crate::judging::judge;
use axum::Json;
use axum::extract::{Path, State};
use engine::rejudge::{RejudgeAsked, Rejudged};

/// What would be judged otherwise: the kept messages of an integration judged again under today's rules, a page at a
/// time. Nothing is acted upon, and nothing is written but the audit log. Holds no patient data: visits are named by
/// the source's ids.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/rejudged", tag = "Integrations", operation_id = "judge_again",
    params(
        ("id" = String, Path, description = "The integration."),
        ("from" = Option<String>, Query, description = "Messages that arrived from this instant on; without it, all that are kept."),
        ("to" = Option<String>, Query, description = "And before this one; what was decided until then is compared. Without it: now."),
        ("limit" = Option<u32>, Query, description = "So many messages a page; 200 unless given, at most 1000. Messages that were taken in together are not parted, and a page takes ten seconds at most: there may be more or fewer."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses(
        (status = 200, description = "One page. Its visits are compared as of `judged_until`; a visit that messages of several pages speak of is judged with each.", body = schema::Rejudged),
        (status = 503, description = "Messages are being judged again for somebody else (`busy`), or this service has no room for it (`no_room`).", body = schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn judge_again(
    State(app): State<Shared>,
    who: Who,
    Path(integration): Path<String>,
    mut params: Params,
) -> Result<Json<Rejudged>> {
    let asked = RejudgeAsked {
        since: params.moment("from")?,
        until: params.moment("to")?,
        after: params.word("cursor", |text| text.parse().ok(), "what `next_cursor` of a page said")?,
        bounds: None,
    };
    let limit = params.number("limit")?;
    params.finish()?;
    Ok(Json(judge(&app, &who, &integration, asked, limit).await?))
}
