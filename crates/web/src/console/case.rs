//! The page of one visit: the verdict in a sentence, what to do, every gate with its evidence, what was delivered, and
//! everything that happened.

use crate::api::params::wrong_value;
use crate::app::{App, Shared};
use crate::auth::{Action, Who};
use crate::console::answer::ready_answer;
use crate::console::reasons::family_title;
use crate::console::visit::{capital, how, names, without_label};
use crate::console::{Chip, Clock, Frame, Nav, clock, markdown, page, url};
use crate::failure::Result;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::explain::{Explanation, FindingView, SeriesView, Stretch, describe_difference, difference};
use domain::gates::{Gate, State as GateState};
use domain::ids::EnvelopeId;
use domain::reasons::{Family, Reason};
use domain::time::{Moment, Zone};
use engine::ops::{Explained, FixOnce, StartAsked, WhyAnswer};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/case.html")]
struct CasePage {
    frame: Frame,
    case: CaseView,
}

struct CaseView {
    source_id: String,
    integration: String,
    integration_href: String,
    chip: Chip,
    sentence: String,
    primary: Option<Primary>,
    /// What else stops it: the first fix alone would not release it.
    also: Vec<Also>,
    /// How many gates stop it, and how many pass.
    stops: usize,
    passes: usize,
    facts: Vec<Fact>,
    ladder: Vec<Rung>,
    delivery: Vec<Fact>,
    timeline: Vec<Happened>,
    releases: Vec<Release>,
    lineage: Vec<Related>,
    redrive_href: Option<String>,
    /// Where whose address it is can be looked up (requirement S1-14).
    users_href: Option<String>,
    /// Where the clinic asks for its system (requirement S1-3).
    request_href: Option<String>,
    audit_href: Option<String>,
    answer: String,
    href: String,
    /// The page shows how it was, not how it is.
    then: Option<Clock>,
}

/// What the page takes.
#[derive(Deserialize)]
pub(crate) struct CaseAsked {
    done: Option<String>,
    at: Option<String>,
}

/// A visit that was not known yet at the moment asked about.
#[derive(Template)]
#[template(path = "pages/not_known_then.html")]
struct NotKnownThenPage {
    frame: Frame,
    source_id: String,
    href: String,
    sentence: String,
}

/// What to do first.
struct Primary {
    code: &'static str,
    label: &'static str,
    owner: String,
    fix: &'static str,
    effort: &'static str,
    ends: String,
}

/// What to do besides.
struct Also {
    code: &'static str,
    label: &'static str,
    owner: String,
    fix: &'static str,
}

struct Fact {
    name: &'static str,
    value: String,
}

/// The gates of one part of the way.
struct Rung {
    family: &'static str,
    gates: Vec<GateView>,
}

/// What one gate found.
struct GateView {
    id: &'static str,
    title: String,
    chip: Chip,
    /// The gate had something to look at.
    applies: bool,
    reason: Option<ReasonView>,
    observed: String,
    expected: String,
    difference: Option<Difference>,
    evidence: Vec<Fact>,
    message: Option<Message>,
}

struct ReasonView {
    code: &'static str,
    label: &'static str,
    sentence: String,
    owner: String,
    fix: &'static str,
    ends: &'static str,
}

/// Two names that should be one, mark by mark.
struct Difference {
    stretches: Vec<Stretch>,
    words: String,
}

/// A message that something was read in.
struct Message {
    id: String,
    /// For those who may see it.
    href: Option<String>,
}

struct Happened {
    at: Clock,
    what: String,
    why: String,
    message: Option<Message>,
}

/// What one fix would release besides this visit.
struct Release {
    label: &'static str,
    subject: String,
    others: Vec<(String, String)>,
}

struct Related {
    relation: &'static str,
    source_id: String,
    href: String,
}

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    who: Who,
    Path((id, source_id)): Path<(String, String)>,
    Query(query): Query<CaseAsked>,
) -> Result<Response> {
    let frame = Frame::new(&app, &who, Nav::Elsewhere, format!("Visit {source_id}"));
    let Some(at) = query.at.filter(|at| !at.trim().is_empty()) else {
        let explained = app.engine.explain_appointment(&who.actor, &id, &source_id).await?;
        let case = view(&app, &who, explained, None);
        return page(&CasePage { frame: frame.live().noting(query.done.as_deref()), case });
    };
    let at = moment(&app, &id, &at)?;
    match app.engine.explain_appointment_at(&who.actor, &id, &source_id, at).await? {
        WhyAnswer::Found(found) => {
            let zone = clock::zone(&found.explained.explanation.appointment.time_zone);
            let then = Clock::new(at, &zone);
            page(&CasePage { frame, case: view(&app, &who, found.explained, Some(then)) })
        }
        WhyAnswer::Absent(absent) => {
            let (href, sentence) = (url::case(&id, &source_id), absent.sentence);
            page(&NotKnownThenPage { frame, source_id, href, sentence })
        }
    }
}

/// A moment as a link or a person gives it: an instant, or a time on the clinic's clock.
fn moment(app: &App, integration: &str, text: &str) -> Result<Moment> {
    // A plus sign that was not encoded arrives as a blank.
    match StartAsked::read(&text.trim().replace(' ', "+")) {
        Some(StartAsked::At(at)) => Ok(at),
        Some(StartAsked::Local(local)) => {
            let setup = app.engine.setup();
            let zone = setup.named(integration).map_or_else(Zone::utc, |known| known.rules.zone.clone());
            Ok(zone.place(local).moment)
        }
        None => Err(wrong_value("at", "a time such as 2026-11-21T09:00 is needed")),
    }
}

fn view(app: &App, who: &Who, explained: Explained, then: Option<Clock>) -> CaseView {
    let Explained { explanation, fix_once, patients, messages_removed } = explained;
    let zone = clock::zone(&explanation.appointment.time_zone);
    let count = |wanted: fn(GateState) -> bool| explanation.findings.iter().filter(|f| wanted(f.state)).count();
    let integration = &explanation.integration;
    let case_href = url::case(integration, &explanation.source_id);
    let integration_name = app.engine.setup().named(integration).map(|known| {
        format!("{}: {} to {}", known.practice.name, known.rules.source.profile.name, known.rules.platform.profile.name)
    });
    let mut view = CaseView {
        integration_href: url::integration(integration),
        integration: integration_name.unwrap_or_else(|| integration.to_string()),
        chip: Chip::of(explanation.verdict),
        sentence: without_label(explanation.verdict, &explanation.sentence),
        primary: primary(&explanation, &zone),
        also: also(&explanation),
        stops: count(GateState::stops),
        passes: count(|state| state == GateState::Pass),
        facts: facts(&explanation, &zone, names(&patients)),
        ladder: ladder(who, &explanation, &zone),
        delivery: delivery(&explanation, &zone),
        timeline: explanation
            .timeline
            .iter()
            .map(|item| Happened {
                at: Clock::new(item.at, &zone),
                what: capital(&item.what.replace('_', " ")),
                why: item.why.clone(),
                message: item.envelope.map(|id| message(who, id.to_string())),
            })
            .collect(),
        releases: fix_once.iter().filter_map(|fix| release(integration, fix)).collect(),
        lineage: explanation
            .lineage
            .iter()
            .map(|related| Related {
                relation: match related.relation {
                    "replaced_by" => "Replaced by",
                    "replaces" => "Replaces",
                    "doubles" => "Perhaps the same as",
                    _ => "Of the same series",
                },
                href: url::case(integration, &related.source_id),
                source_id: related.source_id.to_string(),
            })
            .collect(),
        redrive_href: (who.may(Action::Redrive) && then.is_none()).then(|| format!("{case_href}/redrive")),
        users_href: found(&explanation, Reason::EmailBelongsToStaff)
            .then(|| format!("{}?visit={}", url::users(integration), url::piece(&explanation.source_id))),
        request_href: (found(&explanation, Reason::PlatformUnsupported)
            && who.may(Action::AskForSystems)
            && then.is_none())
        .then(|| format!("{}/system-request", url::integration(integration))),
        audit_href: who
            .may(Action::SeeAudit)
            .then(|| format!("/audit?subject={}", url::piece(&format!("{integration}/{}", explanation.source_id)))),
        answer: ready_answer(&explanation),
        source_id: explanation.source_id.to_string(),
        href: case_href,
        then,
    };
    tell_of_removed(&mut view, &messages_removed);
    view
}

fn found(explanation: &Explanation, reason: Reason) -> bool {
    explanation.findings.iter().any(|finding| finding.code == Some(reason))
}

/// A message that retention removed is named, and leads nowhere.
fn tell_of_removed(view: &mut CaseView, removed: &[EnvelopeId]) {
    let removed: Vec<String> = removed.iter().map(ToString::to_string).collect();
    let gates = view.ladder.iter_mut().flat_map(|rung| &mut rung.gates).filter_map(|gate| gate.message.as_mut());
    let timeline = view.timeline.iter_mut().filter_map(|item| item.message.as_mut());
    for message in gates.chain(timeline).filter(|message| removed.contains(&message.id)) {
        message.id.push_str(" (removed by retention)");
        message.href = None;
    }
}

fn primary(explanation: &Explanation, zone: &Zone) -> Option<Primary> {
    let code = explanation.primary?;
    let entry = code.entry();
    let finding = explanation.findings.iter().find(|finding| finding.code == Some(code));
    let ends = match explanation.heals_at.or(explanation.expected_by) {
        Some(at) if at < explanation.as_of => how(entry.heals).to_owned(),
        Some(at) => format!("Heals by itself, by {}.", Clock::new(at, zone).full()),
        None => how(entry.heals).to_owned(),
    };
    Some(Primary {
        code: entry.code,
        label: entry.label,
        owner: finding.map_or_else(|| entry.owner.label().to_owned(), owner),
        fix: entry.fix,
        effort: entry.effort.label(),
        ends,
    })
}

fn also(explanation: &Explanation) -> Vec<Also> {
    let others =
        explanation.findings.iter().filter(|finding| finding.state.stops() && finding.code != explanation.primary);
    let told = others.filter_map(|finding| {
        let entry = finding.code?.entry();
        Some(Also { code: entry.code, label: entry.label, owner: owner(finding), fix: entry.fix })
    });
    told.collect()
}

fn owner(finding: &FindingView) -> String {
    match finding.owner.as_ref() {
        Some(owner) => match &owner.name {
            Some(name) if **name == *owner.role.label() => name.to_string(),
            Some(name) => format!("{name} ({})", owner.role.label()),
            None => owner.role.label().to_owned(),
        },
        None => "Nobody".to_owned(),
    }
}

fn facts(explanation: &Explanation, zone: &Zone, patients: String) -> Vec<Fact> {
    let visit = &explanation.appointment;
    let at = |moment: Moment| Clock::new(moment, zone);
    let when = match (visit.start.map(at), visit.end.map(at)) {
        (Some(start), Some(end)) if start.day == end.day => {
            format!("{}, {}–{} ({})", start.day, start.time, end.time, start.zone)
        }
        (Some(start), Some(end)) => format!("{} to {}", start.full(), end.full()),
        (Some(start), None) => format!("{}, end not known", start.full()),
        (None, _) => "no time yet".to_owned(),
    };
    let provider = visit.provider.as_ref().map_or_else(
        || "not named".to_owned(),
        |provider| match &provider.name {
            Some(name) => format!("{name} ({})", provider.source_id),
            None => provider.source_id.to_string(),
        },
    );
    let kind = visit.visit_type.name.as_ref().map_or_else(|| "not named".to_owned(), ToString::to_string);
    let mut facts = vec![
        Fact { name: "When", value: when },
        Fact { name: "Patient", value: patients },
        Fact { name: "Provider", value: provider },
        Fact { name: "Visit type", value: kind },
        Fact { name: "Status", value: status(explanation) },
        Fact { name: "Booked", value: at(visit.booked_at).full() },
    ];
    let more = [
        ("Meets", visit.modality.map(|modality| modality.replace('_', " "))),
        ("Department", visit.department.as_ref().map(ToString::to_string)),
        ("Series", visit.series.as_ref().map(|series| series_told(series, &at))),
        ("Test visit", visit.test.then(|| "yes: nobody is told".to_owned())),
    ];
    facts.extend(more.into_iter().filter_map(|(name, value)| value.map(|value| Fact { name, value })));
    facts
}

/// The series, the visit's place in it, and where the pattern would have it.
fn series_told(series: &SeriesView, at: &impl Fn(Moment) -> Clock) -> String {
    let place = series.occurrence.map_or(String::new(), |place| format!(", visit {place}"));
    let moved = series.placed.filter(|_| series.moved_alone);
    let moved =
        moved.map_or(String::new(), |placed| format!("; moved alone, the pattern has it on {}", at(placed).full()));
    format!("{}{place}{moved}", series.id)
}

/// The status with the rule that gave it its meaning, and what differs for single participants.
fn status(explanation: &Explanation) -> String {
    let visit = &explanation.appointment;
    let apart = visit.participants.iter().filter(|person| person.status != visit.status);
    let apart: Vec<String> = apart.map(|person| format!("{} {}", person.source_id, person.status.label())).collect();
    let mut words = visit.status.label();
    if let Some(rule) = &visit.status_rule {
        words = format!("{words}. {}", rule.sentence);
    }
    if !apart.is_empty() {
        words = format!("{words} Apart from it: {}.", apart.join(", "));
    }
    words
}

fn ladder(who: &Who, explanation: &Explanation, zone: &Zone) -> Vec<Rung> {
    let mut rungs: Vec<(Family, Rung)> = Vec::new();
    for finding in &explanation.findings {
        let gate = gate(who, finding, zone);
        match rungs.last_mut().filter(|(family, _)| *family == finding.family) {
            Some((_, rung)) => rung.gates.push(gate),
            None => {
                let rung = Rung { family: family_title(finding.family), gates: vec![gate] };
                rungs.push((finding.family, rung));
            }
        }
    }
    rungs.into_iter().map(|(_, rung)| rung).collect()
}

fn gate(who: &Who, finding: &FindingView, zone: &Zone) -> GateView {
    let evidence = &finding.evidence;
    let title = Gate::ladder().iter().find(|gate| gate.id.name() == finding.gate).map(|gate| gate.page());
    let observed = evidence.observed.clone().unwrap_or_else(|| "–".to_owned());
    let fact = |name, value: String| Fact { name, value };
    let mut six = vec![
        fact("Found", observed.clone()),
        fact("Expected", evidence.expected.to_string()),
        fact("Where", evidence.place.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string)),
        fact("Read", Clock::new(evidence.read_at, zone).full()),
        fact("Rule", format!("{} of {}", evidence.rule, evidence.profile)),
    ];
    if !finding.wakes_on.is_empty() {
        six.push(fact("Looked at again when this changes", finding.wakes_on.join(", ")));
    }
    GateView {
        id: finding.gate,
        title: title.map_or_else(|| finding.gate.to_owned(), |page| markdown::title(&page).to_owned()),
        chip: Chip::of_gate(finding.state),
        applies: finding.state != GateState::NotApplicable,
        reason: finding.code.map(|code| reason(finding, code)),
        difference: near_miss(finding, &observed),
        expected: evidence.expected.to_string(),
        observed,
        evidence: six,
        message: evidence.envelope.map(|id| message(who, id.to_string())),
    }
}

fn reason(finding: &FindingView, code: Reason) -> ReasonView {
    let entry = code.entry();
    ReasonView {
        code: entry.code,
        label: entry.label,
        sentence: finding.sentence.clone().unwrap_or_default(),
        owner: owner(finding),
        fix: entry.fix,
        ends: how(entry.heals),
    }
}

/// For a name that is almost the expected one: where the two differ.
fn near_miss(finding: &FindingView, observed: &str) -> Option<Difference> {
    if !matches!(finding.code, Some(Reason::ApptTypeNameMismatch | Reason::ApptTypeRenamed)) {
        return None;
    }
    let expected = &finding.evidence.expected;
    Some(Difference { stretches: difference(expected, observed), words: describe_difference(expected, observed) })
}

fn message(who: &Who, id: String) -> Message {
    // Whoever would have to give a reason first sees the link: it leads to the form.
    let href = Action::SeeMessages.allows(who.actor.role).then(|| format!("/envelopes/{id}"));
    Message { id, href }
}

fn delivery(explanation: &Explanation, zone: &Zone) -> Vec<Fact> {
    let delivery = &explanation.delivery;
    let at = |moment| Clock::new(moment, zone).full();
    let mut facts = vec![Fact { name: "State", value: state_words(delivery.state).to_owned() }];
    let more = [
        ("On the platform as", delivery.platform_id.as_ref().map(ToString::to_string)),
        ("Version wanted", (delivery.version > 0).then(|| delivery.version.to_string())),
        ("Version shown", (delivery.accepted_version > 0).then(|| delivery.accepted_version.to_string())),
        ("Attempts", (delivery.attempts > 0).then(|| delivery.attempts.to_string())),
        ("Confirmed", delivery.confirmed_at.map(at)),
        ("Tried again", delivery.next_attempt_at.map(at)),
        ("Last answer", delivery.last_answer.as_ref().map(ToString::to_string)),
    ];
    facts.extend(more.into_iter().filter_map(|(name, value)| value.map(|value| Fact { name, value })));
    facts
}

/// Where a delivery stands, as people say it.
fn state_words(state: &str) -> &str {
    match state {
        "none" => "nothing to deliver now",
        "queued" => "waiting to be sent",
        "sending" => "being sent",
        "retrying" => "tried without success, and tried again",
        "accepted" => "the platform said yes",
        "confirmed" => "the platform shows it",
        "unknown" => "the answer was lost; it is looked up before it is repeated",
        "failed" => "given up",
        other => other,
    }
}

fn release(integration: &str, fix: &FixOnce) -> Option<Release> {
    let others = fix.others.iter().map(|id| (id.to_string(), url::case(integration, id)));
    (!fix.others.is_empty()).then(|| Release {
        label: fix.code.entry().label,
        subject: fix.subject.to_string(),
        others: others.collect(),
    })
}
