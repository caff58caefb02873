//! The platform's users of an integration, or those whose address the patient of a visit carries.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::{Frame, Nav, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::setup::UserRole;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/users.html")]
struct UsersPage {
    frame: Frame,
    integration: String,
    integration_href: String,
    href: String,
    visit: Option<Visit>,
    users: Vec<User>,
}

struct Visit {
    id: String,
    href: String,
}

struct User {
    email: String,
    name: String,
    role: &'static str,
    source_id: String,
}

/// What the page takes: the id of a visit, never an address.
#[derive(Deserialize)]
pub(crate) struct UsersAsked {
    visit: Option<String>,
}

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    Query(asked): Query<UsersAsked>,
) -> Result<Response> {
    let visit = asked.visit.filter(|visit| !visit.is_empty());
    let listed = app.engine.list_users(&who.actor, &id, visit.as_deref()).await?;
    let user = |item: engine::ops::UserItem| User {
        email: item.email,
        name: item.name.unwrap_or_default(),
        role: match item.role {
            UserRole::Staff => "staff",
            UserRole::Provider => "provider",
        },
        source_id: item.source_id.map_or_else(String::new, |id| id.to_string()),
    };
    page(&UsersPage {
        frame: Frame::new(&app, &who, Nav::Integrations, format!("Users of {id}")),
        integration_href: url::integration(&id),
        href: url::users(&id),
        visit: visit.map(|visit| Visit { href: url::case(&id, &visit), id: visit }),
        users: listed.items.into_iter().map(user).collect(),
        integration: id,
    })
}
