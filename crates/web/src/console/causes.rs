//! Causes: what a person fixes once, those that release most visits first.

use crate::api::v1::causes::{Decision, decide as decide_cause, export as export_file, order_of};
use crate::api::v1::links::link as make_link;
use crate::app::{App, Shared};
use crate::auth::{Action, Who, may_decide, may_link};
use crate::console::{Clock, Frame, Nav, Notice, PageForm, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::reasons::{Heals, Reason};
use domain::setup::LinkKind;
use engine::ops::{CauseItem, CauseOrder, CauseOwner, CausesAsked, UseOfPractice};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/causes.html")]
struct CausesPage {
    frame: Frame,
    causes: Vec<CauseView>,
    /// They stand in the order of their visits.
    soonest: bool,
    /// How queues were used of late.
    days: i32,
    uses: Vec<UseOfPractice>,
}

#[derive(Deserialize)]
pub(crate) struct Listed {
    done: Option<String>,
    order: Option<String>,
}

/// One cause as shown.
pub(super) struct CauseView {
    pub(super) id: String,
    pub(super) code: String,
    pub(super) label: &'static str,
    pub(super) what: &'static str,
    pub(super) subject: String,
    pub(super) integration: String,
    pub(super) integration_href: String,
    pub(super) visits_href: String,
    pub(super) count: u64,
    pub(super) coming: u64,
    pub(super) href: String,
    /// How it stands, in a few words.
    pub(super) standing: &'static str,
    /// Who has it and what was said of it, in a sentence.
    pub(super) saying: String,
    pub(super) due_at: Clock,
    pub(super) owner: String,
    pub(super) effort: &'static str,
    pub(super) fix: &'static str,
    pub(super) ends: &'static str,
    pub(super) first_seen: Clock,
    pub(super) next_start: Option<Clock>,
    pub(super) link: Option<LinkForm>,
    pub(super) can_decide: bool,
}

/// The form for a fix that is a link.
pub(super) struct LinkForm {
    pub(super) action: String,
    pub(super) kind: &'static str,
    /// Where both records of a patient stand side by side.
    pub(super) compare: Option<String>,
}

/// The page.
pub(crate) async fn show(State(app): State<Shared>, who: Who, Query(query): Query<Listed>) -> Result<Response> {
    let order = order_of(query.order)?;
    let asked = CausesAsked { order, ..CausesAsked::default() };
    let listing = app.engine.list_causes(&who.actor, asked).await?;
    let used = app.engine.queue_use(&who.actor).await?;
    let causes: Vec<CauseView> = listing.items.iter().map(|cause| view(&app, &who, cause)).collect();
    page(&CausesPage {
        frame: Frame::new(&app, &who, Nav::Causes, "Causes").live().noting(query.done.as_deref()),
        causes,
        soonest: order == CauseOrder::Soonest,
        days: used.days,
        uses: used.items,
    })
}

/// The queue as a file.
pub(crate) async fn export(State(app): State<Shared>, who: Who) -> Result<Response> {
    export_file(&app, &who, None).await
}

/// Who acts, by name and role. A desk that is named as its role is said once.
pub(super) fn owner_words(owner: &CauseOwner) -> String {
    let role = owner.role.label();
    match owner.name.as_deref().filter(|name| !name.eq_ignore_ascii_case(role)) {
        Some(name) => format!("{name} ({role})"),
        None => role.to_owned(),
    }
}

/// How a cause stands, in a few words.
fn standing(cause: &CauseItem) -> &'static str {
    match (cause.state, cause.handling) {
        ("closed", _) => "Closed.",
        (_, "waiting_to_be_seen") => "Waiting to be seen.",
        _ if cause.overdue => "Past its time.",
        (_, "snoozed") => "Put off.",
        (_, "acknowledged") => "Somebody is at it.",
        _ => "Open.",
    }
}

/// Who has a cause and what was said of it.
fn saying(cause: &CauseItem, zone: &domain::time::Zone) -> String {
    if cause.state == "closed" {
        return "What it was about is no longer seen.".to_owned();
    }
    let step = usize::try_from(cause.step).unwrap_or(0);
    let mut said = cause.path.get(step).map_or_else(String::new, |has| format!("{} has it.", owner_words(has)));
    if let Some(by) = &cause.handled_by {
        let until = cause.until.map(|until| Clock::new(until, zone).full());
        said.push_str(&match (cause.handling, until) {
            ("snoozed", Some(until)) => format!(" {by} put it off until {until}."),
            ("waiting_to_be_seen", Some(until)) => {
                format!(" {by} says that it is resolved; if that is not seen by {until} it is open again.")
            }
            _ => format!(" {by} is at it."),
        });
    }
    said
}

pub(super) fn view(app: &App, who: &Who, cause: &CauseItem) -> CauseView {
    let entry = cause.code.entry();
    let zone = super::cause::zone_of(app, cause);
    let integration_href = url::integration(&cause.integration);
    let link = link_kind(cause.code).filter(|kind| may_link(who.actor.role, *kind));
    CauseView {
        id: cause.id.to_string(),
        code: cause.code.to_string(),
        label: cause.label,
        what: entry.what.trim(),
        subject: cause.subject.to_string(),
        integration: cause.integration.to_string(),
        visits_href: format!("{integration_href}/appointments?code={}", cause.code),
        link: link.map(|kind| LinkForm {
            action: format!("{integration_href}/links"),
            kind: kind.word(),
            compare: (kind == LinkKind::Patient).then(|| url::patient(&cause.integration, &cause.subject)),
        }),
        integration_href,
        count: cause.count,
        coming: cause.coming,
        href: format!("/causes/{}", cause.id),
        standing: standing(cause),
        saying: saying(cause, &zone),
        due_at: Clock::new(cause.due_at, &zone),
        owner: owner_words(&cause.owner),
        effort: entry.effort.label(),
        fix: cause.fix,
        ends: super::visit::how(cause.heals),
        first_seen: Clock::new(cause.first_seen, &zone),
        next_start: cause.next_start.map(|start| Clock::new(start, &zone)),
        can_decide: cause.heals == Heals::ByDecision
            && who.may(Action::DecideCauses)
            && may_decide(who.actor.role, cause.owner.role),
    }
}

/// Which kind of link is the fix, where it is one.
const fn link_kind(reason: Reason) -> Option<LinkKind> {
    match reason {
        Reason::NoConnectedProviderAccount => Some(LinkKind::Provider),
        Reason::NoConnectedPatientAccount | Reason::DuplicatePatientRisk => Some(LinkKind::Patient),
        _ => None,
    }
}

#[derive(Deserialize)]
pub(crate) struct LinkAsked {
    kind: String,
    source_id: String,
    platform_id: String,
}

/// Links, and goes back to the causes.
pub(crate) async fn link(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    PageForm(asked): PageForm<LinkAsked>,
) -> Result<Response> {
    make_link(&app, &who, &id, &asked.kind, &asked.source_id, &asked.platform_id).await?;
    Ok(Redirect::to(&format!("/causes?done={}", Notice::LINKED.word)).into_response())
}

#[derive(Deserialize)]
pub(crate) struct DecisionForm {
    decision: Decision,
    #[serde(default)]
    note: String,
}

/// Decides, and goes back to the causes.
pub(crate) async fn decide(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    PageForm(asked): PageForm<DecisionForm>,
) -> Result<Response> {
    decide_cause(&app, &who, &id, asked.decision, asked.note.trim()).await?;
    Ok(Redirect::to(&format!("/causes?done={}", Notice::DECIDED.word)).into_response())
}
