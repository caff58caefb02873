//! The guard before every route: who asks, does the thing exist for them, may they.

use crate::app::{App, Shared};
use crate::auth::{Access, Who, cookie, is_same_origin};
use crate::failure::{Failure, Result};
use crate::route::{Route, Subject, Surface};
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::text::Text;
use engine::ops::{Actor, Subject as Thing};

/// The header by which a caller says why it looks at patient data.
const PURPOSE: &str = "punctual-purpose";
/// A reason of a few sentences; more belongs elsewhere.
const LONGEST_PURPOSE: usize = 500;

/// Lets a request through, or says why not.
pub(crate) async fn guard(
    State((app, route)): State<(Shared, Route)>,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    // Before anything else: a form of another site is not even told whether a session is good.
    let is_form = route.surface() == Surface::Console && route.method != "GET";
    if is_form && !is_same_origin(request.headers(), app.options.public_origin.as_deref()) {
        return Err(Failure::forbidden(
            "This form was not sent from one of Punctual's own pages, so it was not taken.",
        ));
    }
    if route.access == Access::Open {
        return Ok(next.run(request).await);
    }
    let who = match route.surface() {
        Surface::Api => by_token(&app, request.headers()).await?,
        Surface::Console => by_session(&app, request.headers()).await?,
    };
    let mut response = match admit(&app, &route, &params, &who).await {
        Ok(()) => {
            request.extensions_mut().insert(who.clone());
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    };
    // For the page that tells what went wrong, which has a navigation too.
    response.extensions_mut().insert(who);
    Ok(response)
}

/// Whether somebody may go where they want to. What belongs to others does not exist, whatever the role: 404 comes
/// before 403.
async fn admit(app: &App, route: &Route, params: &RawPathParams, who: &Who) -> Result<()> {
    if let Some(thing) = named_thing(route.subject(), params) {
        app.engine.check_known(&who.actor, thing).await?;
    }
    check_role(route.access, who)
}

fn check_role(access: Access, who: &Who) -> Result<()> {
    let Access::May(action) = access else { return Ok(()) };
    if !action.allows(who.actor.role) {
        return Err(Failure::forbidden(format!("The role {} may not do this.", who.actor.role)));
    }
    if action.needs_open_sight() && who.sees_masked() {
        return Err(Failure::purpose_required());
    }
    Ok(())
}

fn named_thing(subject: Subject, params: &RawPathParams) -> Option<Thing<'_>> {
    let id = params.iter().find(|(name, _)| *name == "id").map(|(_, id)| id)?;
    match subject {
        Subject::None => None,
        Subject::Practice => Some(Thing::Practice(id)),
        Subject::Integration => Some(Thing::Integration(id)),
        Subject::Cause => Some(Thing::Cause(id)),
        Subject::Envelope => Some(Thing::Envelope(id)),
    }
}

async fn by_token(app: &App, headers: &HeaderMap) -> Result<Who> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Failure::unauthorized("Send a token: Authorization: Bearer TOKEN."))?;
    let recognised = app.engine.recognise(token).await?;
    let actor = recognised.ok_or_else(|| Failure::unauthorized("This token is not known, or it was revoked."))?;
    Ok(Who { actor: Actor { purpose: purpose(headers)?, ..actor }, session: None })
}

/// The reason given for looking at patient data.
fn purpose(headers: &HeaderMap) -> Result<Option<Text>> {
    let Some(value) = headers.get(PURPOSE) else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes()).ok().filter(|text| text.chars().count() <= LONGEST_PURPOSE);
    let text = text.ok_or_else(|| {
        Failure::bad_request(format!("Punctual-Purpose: a text of at most {LONGEST_PURPOSE} characters is needed."))
            .with("where", "header Punctual-Purpose")
    })?;
    Ok(Text::present(text))
}

async fn by_session(app: &App, headers: &HeaderMap) -> Result<Who> {
    let nobody = || Failure::unauthorized("Log in to see this page.");
    let secret = cookie(headers).ok_or_else(nobody)?;
    let actor = app.engine.session(&secret).await?.ok_or_else(nobody)?;
    Ok(Who { actor, session: Some(secret) })
}
