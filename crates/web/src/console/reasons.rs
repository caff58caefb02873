//! The catalogue of reasons, and the gates.

use crate::api::v1::reasons::reason;
use crate::app::Shared;
use crate::auth::Who;
use crate::console::visit::how;
use crate::console::{Frame, Nav, markdown, page};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::gates::Gate;
use domain::reasons::{Class, Entry, Reason};

#[derive(Template)]
#[template(path = "pages/reasons.html")]
struct ReasonsPage {
    frame: Frame,
    families: Vec<Family>,
    gates: Vec<GateLink>,
}

struct Family {
    name: &'static str,
    reasons: Vec<ReasonRow>,
}

struct ReasonRow {
    code: &'static str,
    label: &'static str,
    class: &'static str,
    owner: &'static str,
    ends: &'static str,
}

struct GateLink {
    name: &'static str,
    title: String,
    expects: &'static str,
}

/// All of them.
pub(crate) async fn list(State(app): State<Shared>, who: Who) -> Result<Response> {
    let mut families: Vec<Family> = Vec::new();
    let mut reasons: Vec<Reason> = Reason::ALL.to_vec();
    reasons.sort_by_key(|reason| reason.entry().family);
    for reason in reasons {
        let entry = reason.entry();
        let row = ReasonRow {
            code: entry.code,
            label: entry.label,
            class: class_word(entry.class),
            owner: entry.owner.label(),
            ends: entry.heals.label(),
        };
        let name = family_title(entry.family);
        match families.last_mut().filter(|family| family.name == name) {
            Some(family) => family.reasons.push(row),
            None => families.push(Family { name, reasons: vec![row] }),
        }
    }
    let gates = Gate::ladder()
        .iter()
        .map(|gate| GateLink {
            name: gate.id.name(),
            title: markdown::title(&gate.page()).to_owned(),
            expects: gate.expects,
        })
        .collect();
    page(&ReasonsPage { frame: Frame::new(&app, &who, Nav::Reasons, "Reasons and gates"), families, gates })
}

#[derive(Template)]
#[template(path = "pages/reason.html")]
struct ReasonPage {
    frame: Frame,
    entry: &'static Entry,
    class: &'static str,
    family: &'static str,
    what: &'static str,
    ends: &'static str,
}

/// One of them.
pub(crate) async fn show(State(app): State<Shared>, who: Who, Path(code): Path<String>) -> Result<Response> {
    let entry = reason(&code)?.entry();
    page(&ReasonPage {
        frame: Frame::new(&app, &who, Nav::Reasons, entry.label),
        class: class_word(entry.class),
        family: family_title(entry.family),
        what: entry.what.trim(),
        ends: how(entry.heals),
        entry,
    })
}

/// What a reason does, as people say it.
const fn class_word(class: Class) -> &'static str {
    match class {
        Class::Excluded => "left out on purpose",
        Class::Held => "held until it is fixed",
        Class::WaitingByRule => "waits for a date",
        Class::OnTime => "on its way",
        Class::Failed => "given up",
        Class::ArrivedWrong => "arrived, but wrong",
        Class::Notice => "worth knowing; stops nothing",
    }
}

/// A part of the way, as people say it.
pub(super) const fn family_title(family: domain::reasons::Family) -> &'static str {
    use domain::reasons::Family;
    match family {
        Family::Integration => "Integration",
        Family::Transport => "Messages",
        Family::Provider => "Provider",
        Family::Patient => "Patient",
        Family::Type => "Type and place",
        Family::Time => "Time",
        Family::Status => "Status",
        Family::Participants => "Participants",
        Family::Write => "Delivery",
        Family::Told => "Telling people",
    }
}
