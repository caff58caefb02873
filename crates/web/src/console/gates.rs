//! The help page of a gate: the documentation at the top of its own file.

use crate::app::Shared;
use crate::auth::Who;
use crate::console::markdown::{self, Block};
use crate::console::{Frame, Nav, page};
use crate::failure::{Failure, Result};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::gates::Gate;

#[derive(Template)]
#[template(path = "pages/gate.html")]
struct GatePage {
    frame: Frame,
    name: &'static str,
    expects: &'static str,
    blocks: Vec<Block>,
}

/// The page.
pub(crate) async fn show(State(app): State<Shared>, who: Who, Path(name): Path<String>) -> Result<Response> {
    let gate = Gate::ladder().iter().find(|gate| gate.id.name() == name);
    let gate = gate.ok_or_else(|| Failure::not_found(format!("There is no gate {name}.")))?;
    let text = gate.page();
    page(&GatePage {
        frame: Frame::new(&app, &who, Nav::Reasons, markdown::title(&text)),
        name: gate.id.name(),
        expects: gate.expects,
        blocks: markdown::read(&text),
    })
}
