//! The explanation of one appointment: the answer to "did it sync, why or why not, who must do what, and when will it
//! heal by itself?". Field names are those of the API.

use crate::decide::{Decision, Delivery, Verdict, settle};
use crate::explain::{Sight, TimelineItem, clock, late_sentence, sentence_of, timeline, verdict_sentence};
use crate::gates::{Check, Finding, Gate, LiveView, LooksAt, Side, Source, State};
use crate::ids::EnvelopeId;
use crate::ledger::Entry;
use crate::model::{Card, Portal, Seen, Series};
use crate::reasons::{Class, Effort, Family, Heals, Reason};
use crate::setup::{OwnerRole, ReadFrom, RuleSet, StatusOrigin};
use crate::status::Status;
use crate::text::Text;
use crate::time::Moment;
use serde::Serialize;

/// Everything known about one appointment at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The rules of the integration, as they are now.
    pub rules: &'a RuleSet,
    /// The latest decision.
    pub decision: &'a Decision,
    /// Where its delivery stands.
    pub delivery: &'a Delivery,
    /// What the platform decided about it.
    pub portal: Option<&'a Portal>,
    /// The card last asked for, as far as it is at hand.
    pub card: Option<&'a Card>,
    /// Its ledger, oldest first.
    pub entries: &'a [(Moment, Entry)],
    /// Now, or the moment asked about.
    pub as_of: Moment,
}

/// The answer, as the API gives it.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct Explanation {
    pub integration: Text,
    pub source_id: Text,
    pub as_of: Moment,
    pub verdict: Verdict,
    pub primary: Option<Reason>,
    pub sentence: String,
    pub expected_by: Option<Moment>,
    /// When it goes on by itself, where that is known.
    pub heals_at: Option<Moment>,
    pub findings: Vec<FindingView>,
    pub appointment: AppointmentView,
    pub delivery: DeliveryView,
    pub lineage: Vec<LineageView>,
    pub timeline: Vec<TimelineItem>,
}

/// One gate's finding, as the API gives it.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct FindingView {
    pub gate: &'static str,
    pub code: Option<Reason>,
    pub family: Family,
    pub state: State,
    pub class: Option<Class>,
    pub label: Option<&'static str>,
    pub sentence: Option<String>,
    pub owner: Option<OwnerView>,
    pub fix: Option<&'static str>,
    pub effort: Option<Effort>,
    pub heals: Option<Heals>,
    pub subject: Option<Text>,
    pub evidence: EvidenceView,
    pub wakes_on: Vec<String>,
}

/// Who must act.
#[derive(Clone, Debug, Serialize)]
pub struct OwnerView {
    /// The role.
    pub role: OwnerRole,
    /// The person, when the practice named one.
    pub name: Option<Text>,
}

/// The six parts of evidence (requirement X-2), and the values that the sentence names.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct EvidenceView {
    pub observed: Option<String>,
    pub expected: Text,
    #[serde(rename = "where")]
    pub place: Option<Text>,
    pub read_at: Moment,
    pub envelope: Option<EnvelopeId>,
    pub rule: &'static str,
    pub profile: Text,
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub details: std::collections::BTreeMap<Text, Text>,
}

/// The appointment, as the API gives it.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct AppointmentView {
    pub start: Option<Moment>,
    pub end: Option<Moment>,
    pub time_zone: Text,
    pub status: Status,
    /// The rule that gave the status its meaning, when a word, code or note did (requirement S3-6).
    pub status_rule: Option<StatusRuleView>,
    #[serde(rename = "type")]
    pub visit_type: TypeView,
    pub modality: Option<&'static str>,
    pub department: Option<Text>,
    pub provider: Option<ProviderView>,
    pub participants: Vec<ParticipantView>,
    pub series: Option<SeriesView>,
    pub booked_at: Moment,
    pub received_at: Moment,
    pub test: bool,
    pub version: u32,
}

/// A visit type.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct TypeView {
    pub id: Option<Text>,
    pub name: Option<Text>,
}

/// A provider.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct ProviderView {
    pub source_id: Text,
    pub name: Option<Text>,
    pub platform_id: Option<Text>,
}

/// A participant.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct ParticipantView {
    pub source_id: Text,
    pub status: Status,
}

/// The rule that gave a status its meaning.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct StatusRuleView {
    /// Whose rule: `department`, `practice`, `profile`, `standard`.
    pub by: &'static str,
    /// What it looked at: `status word`, `reason code`, `note`.
    pub read_from: &'static str,
    /// In a sentence.
    pub sentence: String,
}

/// A series.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct SeriesView {
    pub id: Text,
    pub occurrence: Option<u32>,
    /// Where the pattern has it, when the series goes by one.
    pub placed: Option<Moment>,
    /// It was moved out of the pattern by itself.
    pub moved_alone: bool,
}

/// A related appointment.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct LineageView {
    pub relation: &'static str,
    pub source_id: Text,
}

/// The delivery, as the API gives it.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct DeliveryView {
    pub state: &'static str,
    pub platform_id: Option<Text>,
    pub version: u32,
    pub accepted_version: u32,
    pub attempts: u32,
    pub confirmed_at: Option<Moment>,
    pub next_attempt_at: Option<Moment>,
    pub last_answer: Option<Text>,
}

/// Puts a case into words for a viewer of this sight.
pub fn explain(case: &Case<'_>, sight: Sight) -> Explanation {
    let Case { rules, decision, delivery, entries, as_of, .. } = *case;
    let view = live_view(case);
    let findings = all_findings(decision, &view);
    let (verdict, primary) = settle(rules.platform.confirmed_by, decision.judgement, decision.primary, delivery);
    let primary_finding = primary.and_then(|reason| findings.iter().find(|finding| finding.reason() == Some(reason)));
    let expected_by = (verdict == Verdict::OnTime).then(|| view.expected_by());
    Explanation {
        integration: rules.integration.clone(),
        source_id: decision.appointment.source_id.clone(),
        as_of,
        verdict,
        primary,
        sentence: match expected_by.filter(|expected| *expected < as_of) {
            Some(expected) => late_sentence(&clock(rules, None, expected)),
            None => verdict_sentence(verdict, primary_finding),
        },
        expected_by,
        heals_at: heals_at(verdict, decision, delivery),
        findings: findings.iter().map(|finding| finding_view(case, finding, sight)).collect(),
        appointment: appointment_view(case),
        delivery: delivery_view(delivery),
        lineage: decision.appointment.lineage.iter().map(lineage_view).collect(),
        timeline: timeline(rules, entries.iter().map(|(at, entry)| (*at, entry))),
    }
}

/// What the gates that are asked anew look at.
fn live_view<'a>(case: &Case<'a>) -> LiveView<'a> {
    LiveView {
        rules: case.rules,
        judgement: case.decision.judgement,
        delivery: case.delivery,
        shown: shown_status(case),
        slow_lane: case.decision.findings.iter().any(|finding| finding.reason() == Some(Reason::LongLeadSlowLane)),
        now: case.as_of,
    }
}

/// The status that the platform shows or is to show: its own, else that of the card, else what the visit came to.
fn shown_status(case: &Case<'_>) -> Option<Status> {
    let there = case.portal.and_then(|portal| portal.status).map(|given| given.status);
    there.or_else(|| case.card.or(case.decision.card()).map(|card| card.status))
}

/// The stored findings and those of the live gates, in ladder order.
fn all_findings(decision: &Decision, view: &LiveView<'_>) -> Vec<Finding> {
    let mut findings = decision.findings.clone();
    findings.extend(Gate::ladder().iter().filter_map(|gate| match gate.check {
        Check::Live(check) => Some(check(view)),
        Check::Deciding(_) | Check::Concluding(_) => None,
    }));
    findings.sort_by_key(|finding| finding.gate);
    findings
}

fn heals_at(verdict: Verdict, decision: &Decision, delivery: &Delivery) -> Option<Moment> {
    match verdict {
        Verdict::WaitingByRule => decision.wake_keys().iter().find_map(|key| match key {
            crate::gates::WakeKey::Time(at) => Some(*at),
            _ => None,
        }),
        Verdict::OnTime => delivery.next_at,
        _ => None,
    }
}

fn finding_view(case: &Case<'_>, finding: &Finding, sight: Sight) -> FindingView {
    let gate = finding.gate.gate();
    let entry = finding.reason().map(Reason::entry);
    let owner = finding.reason().map(|reason| OwnerView {
        role: reason.entry().owner,
        name: case.rules.person_for(reason).map(|owner| owner.name.clone()),
    });
    FindingView {
        gate: finding.gate.name(),
        code: finding.reason(),
        family: gate.family,
        state: finding.state,
        class: entry.map(|entry| entry.class),
        label: entry.map(|entry| entry.label),
        sentence: entry.map(|_| sentence_of(finding)),
        owner,
        fix: entry.map(|entry| entry.fix),
        effort: entry.map(|entry| entry.effort),
        heals: entry.map(|entry| entry.heals),
        subject: Text::present(finding.subject()),
        evidence: evidence(case, finding, sight),
        wakes_on: finding.wake_keys().iter().map(ToString::to_string).collect(),
    }
}

fn evidence(case: &Case<'_>, finding: &Finding, sight: Sight) -> EvidenceView {
    let decision = case.decision;
    let gate = finding.gate.gate();
    let appointment = &decision.appointment;
    let found = finding.found.as_deref();
    let source = match found {
        Some(found) => &found.source,
        None if gate.family == Family::Integration => &Source::Setup,
        None => &Source::Visit,
    };
    let (read_at, envelope) = match source {
        Source::Visit => (appointment.received, Some(appointment.envelope)),
        Source::Patient(id) => decision
            .patient_reads
            .iter()
            .find(|read| read.source_id == *id)
            .map_or((appointment.received, Some(appointment.envelope)), |read| (read.at, Some(read.envelope))),
        Source::Setup => (decision.setup_at, None),
        Source::Ledger => (case.as_of, None),
    };
    let shown = |value: &Text| {
        if found.is_some_and(|found| found.private) { sight.private(value) } else { value.to_string() }
    };
    let (usual, usual_place) = looked_at(gate.looks_at, decision);
    let observed = found.and_then(|found| found.observed.as_ref()).map(shown);
    EvidenceView {
        observed: match finding.state {
            State::NotApplicable => None,
            State::Pass | State::Fail | State::Wait | State::Notice | State::Unknown => {
                observed.or_else(|| usual.map(String::from))
            }
        },
        expected: found.and_then(|found| found.expected.clone()).unwrap_or(Text::literal(gate.expects)),
        place: found.and_then(|found| found.place.clone()).filter(|place| !place.is_empty()).or(usual_place),
        read_at,
        envelope: envelope.filter(|id| id.0 != 0),
        rule: finding.gate.name(),
        profile: match gate.side {
            Side::Source => decision.source_profile.clone(),
            Side::Platform => decision.platform_profile.clone(),
        },
        details: found
            .into_iter()
            .flat_map(|found| &found.details)
            .map(|d| (d.name.clone(), d.value.clone()))
            .collect(),
    }
}

/// The value that a gate looks at in the appointment that was decided on, and where it stood.
fn looked_at(what: LooksAt, decision: &Decision) -> (Option<Text>, Option<Text>) {
    let appointment = &decision.appointment;
    let seen = |seen: &Seen| (Some(seen.value.clone()), Some(seen.place.clone()));
    let nothing = (None, None);
    match what {
        LooksAt::Provider => {
            appointment.provider().map_or(nothing, |p| (Some(p.source_id.clone()), Some(p.place.clone())))
        }
        LooksAt::Patient => {
            let first = appointment.participants.members().next();
            first.map_or(nothing, |p| (Some(p.source_id.clone()), Some(p.place.clone())))
        }
        LooksAt::VisitType => appointment
            .visit_type
            .as_ref()
            .map_or(nothing, |said| (Some(said.value.name.clone()), Some(said.value.place.clone()))),
        LooksAt::Department => appointment.department.as_ref().map_or(nothing, |said| seen(&said.value)),
        LooksAt::Start => {
            let start = appointment.timing.as_ref().and_then(|said| said.value.start_seen.as_ref());
            start.map_or(nothing, seen)
        }
        LooksAt::Status => {
            let word = appointment.status.as_ref().and_then(|said| said.value.word.as_ref());
            word.map_or((Some(Text::literal(decision.status.word())), None), seen)
        }
        LooksAt::Words(words) => (Some(Text::literal(words)), None),
    }
}

fn appointment_view(case: &Case<'_>) -> AppointmentView {
    let decision = case.decision;
    let appointment = &decision.appointment;
    let timing = appointment.timing.as_ref().map(|said| &said.value);
    AppointmentView {
        start: appointment.start(),
        end: appointment.end(),
        time_zone: timing.map_or_else(|| case.rules.zone.name().clone(), |timing| timing.zone.clone()),
        status: decision.status,
        status_rule: decision.status_origin.map(|origin| status_rule(decision, origin)),
        visit_type: TypeView {
            id: appointment.visit_type.as_ref().and_then(|said| said.value.id.clone()),
            name: appointment.visit_type.as_ref().map(|said| said.value.name.clone()),
        },
        modality: decision
            .card()
            .and_then(|card| card.modality)
            .or_else(|| modality(case))
            .map(|modality| modality.word()),
        department: appointment.department.as_ref().map(|said| said.value.value.clone()),
        provider: appointment.provider().map(|provider| {
            let entry = case.rules.directory.provider(&provider.source_id);
            ProviderView {
                source_id: provider.source_id.clone(),
                name: entry.and_then(|entry| entry.name.clone()).or_else(|| provider.name.clone()),
                platform_id: entry.and_then(|entry| entry.platform_id.clone()),
            }
        }),
        participants: appointment
            .participants
            .members()
            .map(|participant| {
                let own = appointment.own_status(&participant.source_id).and_then(|own| own.known);
                ParticipantView { source_id: participant.source_id.clone(), status: own.unwrap_or(decision.status) }
            })
            .collect(),
        series: appointment.series.as_ref().map(|said| series(&said.value, appointment.start())),
        booked_at: appointment.booked_at,
        received_at: appointment.received,
        test: appointment.test,
        version: decision.version,
    }
}

/// The rule in a sentence. What a note says is about a patient and is not repeated.
fn status_rule(decision: &Decision, origin: StatusOrigin) -> StatusRuleView {
    let said = decision.appointment.status.as_ref().map(|said| &said.value);
    let seen = said.and_then(|said| match origin.from {
        ReadFrom::Word => said.word.as_ref().or(said.text.as_ref()),
        ReadFrom::Reason => said.reason.as_ref(),
        ReadFrom::Note => None,
    });
    let value = seen.map_or_else(String::new, |seen| format!(" {}", seen.value));
    StatusRuleView {
        by: origin.by.word(),
        read_from: origin.from.label(),
        sentence: format!("The {}{value} means {} by {}.", origin.from.label(), decision.status, origin.by.label()),
    }
}

fn modality(case: &Case<'_>) -> Option<crate::model::Modality> {
    let met = case.decision.appointment.visit_type.as_ref().map(|said| &said.value);
    match case.rules.types.find(met) {
        crate::setup::TypeFinding::Approved(kind) => kind.modality,
        _ => None,
    }
}

fn delivery_view(delivery: &Delivery) -> DeliveryView {
    DeliveryView {
        state: delivery.state.word(),
        platform_id: delivery.platform_id.clone(),
        version: delivery.wanted,
        accepted_version: delivery.accepted,
        attempts: delivery.attempts,
        confirmed_at: delivery.confirmed_at,
        next_attempt_at: delivery.next_at,
        last_answer: delivery.last_answer.clone(),
    }
}

fn lineage_view(lineage: &crate::model::Lineage) -> LineageView {
    LineageView { relation: lineage.relation.word(), source_id: lineage.source_id.clone() }
}
fn series(series: &Series, start: Option<Moment>) -> SeriesView {
    SeriesView {
        id: series.id.clone(),
        occurrence: series.occurrence,
        placed: series.placed,
        moved_alone: series.placed.is_some() && series.placed != start,
    }
}
