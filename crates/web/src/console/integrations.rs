//! Integrations: how far each is on its way to live, how its feed does, and what its visits come to.

use crate::api::v1::practices::as_toml;
use crate::app::Shared;
use crate::auth::{Action, Who};
use crate::console::today::Done;
use crate::console::{Chip, Clock, Frame, Nav, Notice, PageForm, clock, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::decide::Verdict;
use domain::notice::NoticeState;
use domain::setup::Lifecycle;
use domain::time::Zone;
use engine::ops::{IntegrationItem, LiveNotice, PollingView};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/integrations.html")]
struct IntegrationsPage {
    frame: Frame,
    rows: Vec<Row>,
    /// The viewer looks after the whole installation.
    sees_unrouted: bool,
    sees_requests: bool,
}

struct Row {
    href: String,
    id: String,
    practice: String,
    source: String,
    platform: String,
    lifecycle: &'static str,
    feed: &'static str,
    fine: u64,
    need_somebody: u64,
}

/// All of them.
pub(crate) async fn list(State(app): State<Shared>, who: Who) -> Result<Response> {
    let rows = app.engine.list_integrations(&who.actor).await?.iter().map(row).collect();
    let sees_unrouted = who.may(Action::SeeUnrouted) && who.actor.practice.is_none();
    let frame = Frame::new(&app, &who, Nav::Integrations, "Integrations").live();
    let sees_requests = who.may(Action::SeeSystemRequests);
    page(&IntegrationsPage { frame, rows, sees_unrouted, sees_requests })
}

fn row(item: &IntegrationItem) -> Row {
    let count = |wanted: fn(Verdict) -> bool| -> u64 {
        let verdicts = Verdict::ALL.iter().filter(|verdict| wanted(**verdict));
        verdicts.filter_map(|verdict| item.counts.get(verdict.word())).sum()
    };
    Row {
        href: url::integration(&item.id),
        id: item.id.to_string(),
        practice: item.practice_name.to_string(),
        source: item.source.name.to_string(),
        platform: item.platform.name.to_string(),
        lifecycle: item.lifecycle.word(),
        feed: feed_words(item.feed.state),
        fine: count(|verdict| verdict == Verdict::InSync),
        need_somebody: count(Verdict::needs_attention),
    }
}

fn feed_words(state: &str) -> &'static str {
    match state {
        "reading" => "Reading",
        "silent" => "Silent: no channel is up",
        _ => "Never read",
    }
}

#[derive(Template)]
#[template(path = "pages/integration.html")]
struct IntegrationPage {
    frame: Frame,
    item: IntegrationItem,
    ladder: Vec<Rung>,
    since: Clock,
    /// The states that it can be moved to, for those who may.
    steps: Vec<Step>,
    lifecycle_action: String,
    checks_href: String,
    statuses_href: String,
    rejudged_href: Option<String>,
    users_href: String,
    patients_href: String,
    feed: &'static str,
    read_at: Option<Clock>,
    complete_up_to: Option<Clock>,
    /// How reading goes, where the source is read by asking.
    reading: Vec<Fact>,
    gone_since: Option<Clock>,
    /// Whether the team was told that it is live.
    live_told: Option<String>,
    counts: Vec<Count>,
    export_href: Option<String>,
    set_aside: Option<Vec<SetAside>>,
}

/// A fact of the feed.
struct Fact {
    name: &'static str,
    told: String,
    /// How much of it is done, of a hundred, while it is under way.
    percent: Option<u32>,
}

impl Fact {
    fn new(name: &'static str, told: String) -> Fact {
        Fact { name, told, percent: None }
    }
}

/// One state on the way.
struct Rung {
    word: &'static str,
    current: bool,
    done: bool,
}

/// A state that it can be moved to.
struct Step {
    word: &'static str,
    label: &'static str,
}

struct Count {
    chip: Chip,
    count: u64,
    href: String,
}

/// A message that was kept and not applied.
struct SetAside {
    id: String,
    href: String,
    at: Clock,
    state: &'static str,
    note: String,
}

/// One of them.
pub(crate) async fn show(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    Query(query): Query<Done>,
) -> Result<Response> {
    let item = app.engine.show_integration(&who.actor, &id).await?;
    let zone = clock::zone(&item.time_zone);
    let at = |moment| Clock::new(moment, &zone);
    let href = url::integration(&id);
    let set_aside = if who.may(Action::SeeSetAside) {
        let listing = app.engine.list_set_aside(&who.actor, &id, None).await?;
        let rows = listing.items.into_iter().take(20).map(|row| SetAside {
            href: format!("/envelopes/{}", row.id),
            id: row.id.to_string(),
            at: at(row.at),
            state: row.state,
            note: row.note.map_or_else(String::new, |note| note.to_string()),
        });
        Some(rows.collect())
    } else {
        None
    };
    let next = if who.may(Action::ChangeLifecycle) { item.lifecycle.next() } else { &[] };
    page(&IntegrationPage {
        frame: Frame::new(&app, &who, Nav::Integrations, id.as_str()).live().noting(query.done.as_deref()),
        ladder: ladder(item.lifecycle),
        since: at(item.lifecycle_since),
        steps: next.iter().map(|step| Step { word: step.word(), label: step_label(item.lifecycle, *step) }).collect(),
        lifecycle_action: format!("{href}/lifecycle"),
        checks_href: format!("{href}/checks"),
        statuses_href: format!("{href}/statuses"),
        rejudged_href: who.may(Action::JudgeAgain).then(|| format!("{href}/rejudged")),
        users_href: format!("{href}/users"),
        patients_href: format!("{href}/patients"),
        feed: feed_words(item.feed.state),
        read_at: item.feed.read_at.map(at),
        complete_up_to: item.feed.complete_up_to.map(at),
        reading: item.feed.polling.as_ref().map_or_else(Vec::new, |polling| reading(polling, &zone)),
        gone_since: item.endpoint_gone_since.map(at),
        live_told: item.live_notice.as_ref().map(|notice| live_told(notice, &zone)),
        counts: Verdict::ALL
            .into_iter()
            .map(|verdict| Count {
                chip: Chip::of(verdict),
                count: item.counts.get(verdict.word()).copied().unwrap_or_default(),
                href: format!("{href}/appointments?verdict={}", verdict.word()),
            })
            .collect(),
        export_href: Action::ExportPractice
            .allows(who.actor.role)
            .then(|| format!("/practices/{}/export", url::piece(&item.practice))),
        set_aside,
        item,
    })
}

/// How reading goes, in words.
fn reading(polling: &PollingView, zone: &Zone) -> Vec<Fact> {
    let clock = |moment| Clock::new(moment, zone).full();
    let mut facts = vec![Fact::new("Next allowed read", clock(polling.next_allowed))];
    facts.extend(polling.next_due.map(|due| Fact::new("Next read", clock(due))));
    for read in &polling.reads {
        let name = match read.kind {
            "changes" => "Changes",
            "near" => "Coming days",
            "far" => "Up to the horizon",
            _ => "Full comparison",
        };
        let complete =
            read.complete.map_or_else(|| "not read yet".to_owned(), |at| format!("complete as of {}", clock(at)));
        let under_way = read.percent.map_or_else(String::new, |percent| {
            // It goes on from here also when the service is started anew.
            format!(", {percent} % of a new read done ({} rows in {} pages)", read.records, read.pages)
        });
        let trouble = match (&read.code, &read.observed) {
            (Some(code), Some(observed)) => format!("; {}: {observed} (failures: {})", code.code(), read.failures),
            _ => String::new(),
        };
        let note = read.note.as_ref().map_or_else(String::new, |note| format!("; last odd thing: {note}"));
        let told = format!("{complete}{under_way}{trouble}{note}");
        facts.push(Fact { name, told, percent: read.percent });
    }
    facts.extend(polling.skew_seconds.filter(|skew| skew.abs() >= 2.0).map(|skew| {
        let told = format!("{} s {}", skew.abs().round(), if skew > 0.0 { "ahead" } else { "behind" });
        Fact::new("Its clock", told)
    }));
    facts.extend(polling.guard.as_ref().map(|guard| {
        let told = format!("{} of {} visits since {}; see the causes", guard.absent, guard.known, clock(guard.since));
        Fact::new("Vanished at once", told)
    }));
    facts.extend(polling.census.as_ref().map(|census| {
        let told = format!(
            "{}: {} listed, {} new, {} changed, {} absent; {} of {} shown",
            clock(census.at),
            census.listed,
            census.new,
            census.changed,
            census.absent,
            census.shown,
            census.known
        );
        Fact::new("Last comparison", told)
    }));
    facts
}

/// Whether the team was told that it is live, and if not, why.
fn live_told(notice: &LiveNotice, zone: &Zone) -> String {
    let at = Clock::new(notice.at, zone).full();
    let why = notice.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    match notice.state {
        NoticeState::Sent => format!("sent on {at}"),
        NoticeState::Due | NoticeState::Sending => format!("not sent yet, due since {at}{why}"),
        NoticeState::Unknown => format!("perhaps sent on {at}{why}"),
        NoticeState::Failed | NoticeState::Dropped => {
            format!("not sent{why}. Tell the practice by hand that it is live")
        }
    }
}

/// The way to live, with where the integration stands.
fn ladder(stands: Lifecycle) -> Vec<Rung> {
    let way = [Lifecycle::Initiated, Lifecycle::Authorized, Lifecycle::Configured, Lifecycle::Live];
    // What is paused has been live.
    let reached = way.iter().position(|state| *state == stands).unwrap_or(way.len());
    let mut rungs: Vec<Rung> = way
        .iter()
        .enumerate()
        .map(|(at, state)| Rung { word: state.word(), current: at == reached, done: at < reached })
        .collect();
    if stands == Lifecycle::Paused {
        rungs.push(Rung { word: stands.word(), current: true, done: false });
    }
    rungs
}

/// What the button says.
const fn step_label(from: Lifecycle, to: Lifecycle) -> &'static str {
    match (from, to) {
        (Lifecycle::Paused, Lifecycle::Live) => "Resume: set live again",
        (_, Lifecycle::Authorized) => "Access was granted: move to authorized",
        (_, Lifecycle::Configured) => "Everything is mapped: move to configured",
        (_, Lifecycle::Live) => "Open it: set live",
        (_, Lifecycle::Paused) => "Pause",
        (_, Lifecycle::Initiated) => "Begin again",
    }
}

#[derive(Deserialize)]
pub(crate) struct LifecycleForm {
    to: Lifecycle,
}

/// Moves it a step, and shows it again.
pub(crate) async fn change_lifecycle(
    State(app): State<Shared>,
    who: Who,
    Path(id): Path<String>,
    PageForm(asked): PageForm<LifecycleForm>,
) -> Result<Response> {
    app.engine.change_lifecycle(&who.actor, &id, asked.to).await?;
    Ok(Redirect::to(&format!("{}?done={}", url::integration(&id), Notice::MOVED.word)).into_response())
}

/// The practice as a file.
pub(crate) async fn export(State(app): State<Shared>, who: Who, Path(id): Path<String>) -> Result<Response> {
    let document = app.engine.export_practice(&who.actor, &id).await?;
    let mut response = as_toml(&document)?.into_response();
    let attached = HeaderValue::from_static("attachment; filename=\"practice.toml\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, attached);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(stands: Lifecycle) -> String {
        let mark = |rung: &Rung| match (rung.done, rung.current) {
            (true, _) => format!("({})", rung.word),
            (_, true) => format!("[{}]", rung.word),
            _ => rung.word.to_owned(),
        };
        ladder(stands).iter().map(mark).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_ladder_shows_where_an_integration_stands() {
        assert_eq!(shown(Lifecycle::Authorized), "(initiated) [authorized] configured live");
        assert_eq!(shown(Lifecycle::Live), "(initiated) (authorized) (configured) [live]");
        assert_eq!(shown(Lifecycle::Paused), "(initiated) (authorized) (configured) (live) [paused]");
    }
}
