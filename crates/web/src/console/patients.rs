//! Looking for a patient of the practice system.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::{Frame, Nav, PageForm, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
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
}

struct Row {
    href: String,
    source_id: String,
    name: String,
    born: String,
    state: &'static str,
    account: String,
}

/// The form alone.
pub(crate) async fn show(State(app): State<Shared>, who: Who, Path(id): Path<String>) -> Result<Response> {
    // Somebody else's integration does not exist.
    app.engine.search_patients(&who.actor, &id, "").await?;
    page(&view(Frame::new(&app, &who, Nav::Integrations, format!("Patients of {id}")), &id, None, Vec::new()))
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
    let rows = found.items.into_iter().map(|hit| Row {
        href: url::patient(&id, &hit.source_id),
        name: hit.name.unwrap_or_else(|| "not known".to_owned()),
        born: hit.birth_date.unwrap_or_else(|| "not known".to_owned()),
        state: state_told(hit.state),
        account: hit.platform_id.map_or_else(|| "–".to_owned(), |id| id.to_string()),
        source_id: hit.source_id.to_string(),
    });
    let frame = Frame::new(&app, &who, Nav::Integrations, format!("Patients of {id}"));
    page(&view(frame, &id, Some(asked.q.trim().to_owned()), rows.collect()))
}

fn view(frame: Frame, id: &str, q: Option<String>, rows: Vec<Row>) -> PatientsPage {
    let href = url::integration(id);
    PatientsPage { frame, integration: id.to_owned(), action: format!("{href}/patients"), href, q, rows }
}

/// The state of a link in words.
pub(crate) fn state_told(state: &str) -> &'static str {
    match state {
        "linked" => "Linked to an account",
        "ambiguous" => "Not linked: an account may be theirs",
        _ => "Not linked",
    }
}
