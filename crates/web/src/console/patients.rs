//! Looking for a patient of the practice system.

use crate::app::{App, Shared};
use crate::auth::{Action, Who};
use crate::console::{Frame, Nav, PageForm, page, url};
use crate::failure::{Failure, Result};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::model::BirthDate;
use domain::text::Text;
use engine::ops::{PatientHit, SourceAsked};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/patients.html")]
struct PatientsPage {
    frame: Frame,
    integration: String,
    href: String,
    action: String,
    /// What was typed; `None`: nothing yet.
    q: Option<String>,
    rows: Vec<Row>,
    /// Where the practice system itself is searched; otherwise why it is not.
    source: std::result::Result<String, &'static str>,
    /// What it said to a search; `None`: it was not searched.
    answer: Option<String>,
}

struct Row {
    href: String,
    source_id: String,
    name: String,
    born: String,
    state: &'static str,
    account: String,
    /// The practice system has not told of them yet: an import reads them.
    is_new: bool,
}

/// The form alone.
pub(crate) async fn show(State(app): State<Shared>, who: Who, Path(id): Path<String>) -> Result<Response> {
    // Somebody else's integration does not exist.
    app.engine.search_patients(&who.actor, &id, "").await?;
    page(&view(&app, &who, &id, None, Vec::new()))
}

#[derive(Deserialize)]
pub(crate) struct PatientForm {
    #[serde(default)]
    q: String,
}

/// Who was found.
pub(crate) async fn find(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    PageForm(asked): PageForm<PatientForm>,
) -> Result<Response> {
    let found = app.engine.search_patients(&who.actor, &id, &asked.q).await?;
    let rows = found.items.into_iter().map(|hit| row(&id, hit));
    page(&view(&app, &who, &id, Some(asked.q.trim().to_owned()), rows.collect()))
}

#[derive(Deserialize)]
pub(crate) struct SourceForm {
    family: String,
    #[serde(default)]
    given: String,
    birth_date: String,
}

/// Whom the practice system itself knows.
pub(crate) async fn find_in_source(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    PageForm(asked): PageForm<SourceForm>,
) -> Result<Response> {
    let born = asked.birth_date.trim().parse();
    let born = born.map_err(|_| Failure::bad_request("The date of birth is written like 1980-02-29."))?;
    let wanted = SourceAsked {
        family: asked.family.trim().into(),
        given: Text::present(asked.given.trim()),
        birth_date: BirthDate(born),
    };
    let found = app.engine.search_source(&who.actor, &id, wanted).await?;
    let answer = match (found.outcome, found.observed) {
        ("answered", _) if found.items.is_empty() => {
            "The practice system knows nobody of that name and date.".to_owned()
        }
        ("answered", _) => "This is whom the practice system knows; nothing of it is kept before an import.".to_owned(),
        (_, observed) => format!("The practice system did not answer: {}.", observed.unwrap_or_default()),
    };
    let rows = found.items.into_iter().map(|hit| row(&id, hit)).collect();
    let mut view = view(&app, &who, &id, None, rows);
    view.answer = Some(answer);
    page(&view)
}

fn row(id: &str, hit: PatientHit) -> Row {
    Row {
        href: url::patient(id, &hit.source_id),
        name: hit.name.unwrap_or_else(|| "not known".to_owned()),
        born: hit.birth_date.unwrap_or_else(|| "not known".to_owned()),
        state: state_told(hit.state),
        account: hit.platform_id.map_or_else(|| "–".to_owned(), |id| id.to_string()),
        is_new: hit.state == "not_told",
        source_id: hit.source_id.to_string(),
    }
}

fn view(app: &App, who: &Who, id: &str, q: Option<String>, rows: Vec<Row>) -> PatientsPage {
    let href = url::integration(id);
    let action = format!("{href}/patients");
    let book = app.engine.setup();
    let source = match book.named(id).map(|known| app.engine.can_search_source(known)) {
        Some(Ok(())) if who.may(Action::SearchSource) => Ok(format!("{action}/source")),
        Some(Err(why)) => Err(why),
        _ => Err("this practice system is not searched in your role"),
    };
    let frame = Frame::new(app, who, Nav::Integrations, format!("Patients of {id}"));
    PatientsPage { frame, integration: id.to_owned(), action, href, q, rows, source, answer: None }
}

/// The state of a link in words.
pub(crate) fn state_told(state: &str) -> &'static str {
    match state {
        "linked" => "Linked to an account",
        "ambiguous" => "Not linked: an account may be theirs",
        "not_told" => "Not taken over yet",
        _ => "Not linked",
    }
}
