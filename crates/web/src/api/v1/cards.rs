//! Cards: what the platform shows, as last confirmed.

use crate::api::{Params, schema};
use crate::app::Shared;
use crate::auth::Who;
use crate::failure::Result;
use axum::Json;
use axum::extract::{Path, State};
use domain::model::Tab;
use engine::ops::{CardItem, Listing};

/// Cards of an integration in order of start.
#[utoipa::path(
    get, path = "/api/v1/integrations/{id}/cards", tag = "Platform", operation_id = "list_cards",
    params(
        ("id" = String, Path, description = "The integration."),
        ("tab" = Option<schema::Tab>, Query, description = "Only those of one list of the platform."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
        ("Punctual-Purpose" = Option<String>, Header, description = "Why names are looked at; without it some roles see initials."),
    ),
    responses((status = 200, description = "A page.", body = schema::CardList))
)]
pub(crate) async fn list_cards(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<Json<Listing<CardItem>>> {
    let tab = params.word("tab", tab, "upcoming, past")?;
    let cursor = params.one("cursor")?;
    params.finish()?;
    Ok(Json(app.engine.list_cards(&who.actor, &id, tab, cursor).await?))
}

fn tab(word: &str) -> Option<Tab> {
    [Tab::Upcoming, Tab::Past].into_iter().find(|tab| tab.word() == word)
}
