//! The page for everything that goes wrong, and the login page where somebody is not logged in.

use crate::app::App;
use crate::auth::Who;
use crate::console::{Frame, Nav, login};
use crate::failure::Failure;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

#[derive(Template)]
#[template(path = "pages/failure.html")]
struct FailurePage<'a> {
    frame: Frame,
    failure: &'a Failure,
    /// A reason for seeing names would help.
    wants_purpose: bool,
}

/// What went wrong, as a page. `asked_for`: where a person wanted to go, so that logging in leads there.
pub(crate) fn failure_page(app: &App, failure: &Failure, who: Option<&Who>, asked_for: Option<&str>) -> Response {
    let html = if failure.status() == StatusCode::UNAUTHORIZED {
        login::form(app, asked_for.unwrap_or("/"), None).render()
    } else {
        let frame = match who {
            Some(who) => Frame::new(app, who, Nav::Elsewhere, failure.title()),
            None => Frame::bare(app, failure.title()),
        };
        FailurePage { frame, failure, wants_purpose: failure.code() == "purpose_required" }.render()
    };
    match html {
        Ok(html) => (failure.status(), Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            failure.status().into_response()
        }
    }
}
