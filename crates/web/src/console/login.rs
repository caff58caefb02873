//! Logging in and out.

use crate::app::{App, Shared};
use crate::auth::{Action, Who, cleared, fresh};
use crate::console::url::own_page;
use crate::console::{Frame, PageForm, page};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use engine::ops::Actor;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/login.html")]
pub(super) struct LoginPage {
    frame: Frame,
    next: String,
    problem: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "pages/welcome.html")]
struct WelcomePage {
    frame: Frame,
    next: &'static str,
}

/// The form. `next`: where to go then.
pub(super) fn form(app: &App, next: &str, problem: Option<&'static str>) -> LoginPage {
    // Logging in leads to a page, never back to this one or out again.
    let next = own_page(next);
    let next = if next.starts_with("/login") || next.starts_with("/logout") { "/" } else { next };
    LoginPage { frame: Frame::bare(app, "Log in"), next: next.to_owned(), problem }
}

#[derive(Deserialize)]
pub(crate) struct LoginAsked {
    /// A code that logs in once.
    once: Option<String>,
}

/// The login page; with a code of a one-time link, the way in.
pub(crate) async fn show(State(app): State<Shared>, Query(asked): Query<LoginAsked>) -> Result<Response> {
    let Some(code) = asked.once else { return page(&form(&app, "/", None)) };
    let token = app.options.one_time_login.as_ref().and_then(|login| login.redeem(&code));
    let (actor, secret) = match token {
        Some(token) => (app.engine.recognise(token.open()).await?, app.engine.open_session(token.open()).await?),
        None => (None, None),
    };
    let cookie = secret.and_then(|secret| fresh(&secret, app.options.is_https()));
    let Some((cookie, actor)) = cookie.zip(actor) else {
        return refused(&app, "/", "This link was used before, or it is from another run. Paste a token instead.");
    };
    // A page that leads on, not a redirect: after a click on a link in another program a strict cookie is not sent with
    // a redirect, because the other program still counts as the origin of the journey.
    let welcome = WelcomePage { frame: Frame::bare(&app, "Welcome"), next: home(&actor) };
    let mut response = page(&welcome)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

#[derive(Deserialize)]
pub(crate) struct LoginForm {
    token: String,
    #[serde(default)]
    next: String,
}

/// Opens a session for whoever holds a token.
pub(crate) async fn log_in(State(app): State<Shared>, PageForm(given): PageForm<LoginForm>) -> Result<Response> {
    let (token, next) = (given.token.trim(), own_page(&given.next));
    let actor = app.engine.recognise(token).await?;
    let secret = app.engine.open_session(token).await?;
    let cookie = secret.and_then(|secret| fresh(&secret, app.options.is_https()));
    let Some((cookie, actor)) = cookie.zip(actor) else {
        return refused(&app, next, "This token is not known, or it was revoked.");
    };
    let mut response = Redirect::to(if next == "/" { home(&actor) } else { next }).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// The first page that a role may see.
pub(super) fn home(actor: &Actor) -> &'static str {
    let may = |action: Action| action.allows(actor.role);
    match (may(Action::SeeAppointments), may(Action::SeeAudit)) {
        (true, _) => "/",
        (false, true) => "/audit",
        (false, false) => "/reasons",
    }
}

fn refused(app: &App, next: &str, problem: &'static str) -> Result<Response> {
    let form = page(&form(app, next, Some(problem)))?;
    Ok((StatusCode::UNAUTHORIZED, form).into_response())
}

/// Ends the session.
pub(crate) async fn log_out(State(app): State<Shared>, who: Who) -> Result<Response> {
    if let Some(session) = &who.session {
        app.engine.close_session(session).await?;
    }
    let mut response = Redirect::to("/login").into_response();
    if let Some(cookie) = cleared(app.options.is_https()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
