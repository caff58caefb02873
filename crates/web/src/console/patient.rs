//! The page of one patient: both records side by side, the link with its history, and what works with it.

use crate::api::v1::links::link as make_link;
use crate::api::v1::patients::may_take_over;
use crate::app::Shared;
use crate::auth::{Who, may_link};
use crate::console::patients::state_told;
use crate::console::{Clock, Frame, Nav, PageForm, clock, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::setup::LinkKind;
use engine::ops::{Availability, CandidateFacts, FieldFacts, PatientFacts};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/patient.html")]
struct PatientPage {
    frame: Frame,
    integration: String,
    integration_href: String,
    href: String,
    source_id: String,
    name: String,
    born: String,
    state: &'static str,
    link: Option<Link>,
    merged_into: Option<Other>,
    functions: [Function; 2],
    contact: Vec<Contact>,
    login: String,
    candidates: Vec<CandidateFacts>,
    /// When the patient last looked at their data, and what they said was wrong.
    confirmed: Option<(Clock, Vec<FieldFacts>)>,
    visits: Vec<Other>,
    /// Whoever looks may link the patient.
    may_link: bool,
    may_import: bool,
}

struct Link {
    platform_id: String,
    how: String,
    at: Clock,
}

struct Other {
    id: String,
    href: String,
}

struct Function {
    name: &'static str,
    state: Availability,
}

struct Contact {
    what: &'static str,
    value: String,
    from: String,
    told: Option<Clock>,
    since: Option<Clock>,
    /// What the platform's account says, and since when, where that is something else.
    differs: Option<(String, Option<Clock>)>,
}

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
) -> Result<Response> {
    let facts = app.engine.show_patient(&who.actor, &id, &source_id).await?;
    let zone = app.engine.setup().named(&id).map(|known| known.rules.zone.name().clone());
    let zone = clock::zone(zone.as_deref().unwrap_or("UTC"));
    let PatientFacts { name, birth_date, contact, login, state, link, candidates, visits, .. } = facts;
    let or = |value: Option<String>, otherwise: &str| value.unwrap_or_else(|| otherwise.to_owned());
    let may_link = may_link(who.actor.role, LinkKind::Patient);
    page(&PatientPage {
        frame: Frame::new(&app, &who, Nav::Integrations, format!("Patient {source_id}")),
        integration_href: url::integration(&id),
        href: url::patient(&id, &source_id),
        name: or(name, "not known"),
        born: or(birth_date, "not known"),
        state: state_told(state),
        may_import: may_link && state == "unlinked" && facts.merged_into.is_none(),
        may_link,
        link: link.map(|link| Link {
            platform_id: link.platform_id.to_string(),
            how: match link.author {
                Some(author) => format!("{} by {author}", how(link.method)),
                None => how(link.method).to_owned(),
            },
            at: Clock::new(link.at, &zone),
        }),
        merged_into: facts.merged_into.map(|other| Other { href: url::patient(&id, &other), id: other.to_string() }),
        functions: [
            Function { name: "Scheduling", state: facts.scheduling },
            Function { name: "Case export", state: facts.case_export },
        ],
        contact: contact
            .into_iter()
            .map(|fact| Contact {
                what: fact.what,
                value: or(fact.value, "none"),
                from: fact.place.map_or_else(|| "the patient's record".to_owned(), |place| place.to_string()),
                told: fact.told_at.map(|at| Clock::new(at, &zone)),
                since: fact.since.map(|at| Clock::new(at, &zone)),
                differs: fact
                    .account
                    .filter(|_| fact.agrees == Some(false))
                    .map(|there| (there, fact.account_since.map(|at| Clock::new(at, &zone)))),
            })
            .collect(),
        login: or(login, "none: the patient cannot log in with an address"),
        candidates,
        confirmed: facts.confirmation.map(|said| (Clock::new(said.at, &zone), said.to_review)),
        visits: visits.into_iter().map(|visit| Other { href: url::case(&id, &visit), id: visit.to_string() }).collect(),
        integration: id,
        source_id,
    })
}

/// How a link came to be, in words.
fn how(method: &str) -> &'static str {
    match method {
        "document" => "named in the practice document",
        "person" => "linked",
        "scheduling" => "made with a synced visit",
        _ => "imported",
    }
}

/// Takes the patient over, and goes back to the page.
pub(crate) async fn import(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
) -> Result<Response> {
    may_take_over(&who)?;
    app.engine.import_patient(&who.actor, &id, &source_id).await?;
    Ok(Redirect::to(&url::patient(&id, &source_id)).into_response())
}

#[derive(Deserialize)]
pub(crate) struct AccountForm {
    platform_id: String,
}

/// Links the patient to an account, and goes back to the page.
pub(crate) async fn link(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    PageForm(asked): PageForm<AccountForm>,
) -> Result<Response> {
    make_link(&app, &who, &id, LinkKind::Patient.word(), &source_id, &asked.platform_id).await?;
    Ok(Redirect::to(&url::patient(&id, &source_id)).into_response())
}
