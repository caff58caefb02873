//! Decisions: verdict-to-be, all findings, the card and the wake keys. Immutable once stored.

use crate::decide::card::{asks_the_same, card_of};
use crate::gates::{Check, Finding, Gate, Reading, Snapshot, State, WakeKey};
use crate::model::{Appointment, Card, FirstFinal};
use crate::reasons::{Class, Family, Reason};
use crate::setup::StatusOrigin;
use crate::status::Status;
use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};

/// What the gates together say, before delivery has its say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Judgement {
    /// The platform should show it.
    #[n(0)]
    Show,
    /// The platform should show it, filed under nobody; not in order until the provider is known.
    #[n(1)]
    ShowMisfiled,
    /// Someone must act first.
    #[n(2)]
    Hold,
    /// A date must come first.
    #[n(3)]
    Wait,
    /// Left out on purpose.
    #[n(4)]
    Exclude,
}

impl Judgement {
    /// The platform should show the visit.
    pub const fn shows(self) -> bool {
        match self {
            Judgement::Show | Judgement::ShowMisfiled => true,
            Judgement::Hold | Judgement::Wait | Judgement::Exclude => false,
        }
    }
}

/// What a decision wants of the platform's card.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Wish {
    /// Nothing was ever to be shown, and nothing is.
    #[n(0)]
    Nothing,
    /// Whatever was last asked for stays.
    #[n(1)]
    Keep,
    /// This card.
    #[n(2)]
    Show(#[n(0)] Box<Card>),
}

/// A stored decision about one appointment: complete, so that "why?" has the same answer next year.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Decision {
    /// The appointment as it was decided on.
    #[n(0)]
    pub appointment: Appointment,
    /// Raised with every change of the appointment or of what the platform should show.
    #[n(1)]
    pub version: u32,
    /// When.
    #[n(2)]
    pub at: Moment,
    /// The visit's status as understood.
    #[n(3)]
    pub status: Status,
    /// What the gates say.
    #[n(4)]
    pub judgement: Judgement,
    /// The earliest gate that stops or misfiles the visit, and why.
    #[n(5)]
    pub primary: Option<Reason>,
    /// What every gate saw, in ladder order.
    #[n(6)]
    pub findings: Vec<Finding>,
    /// What the platform should show.
    #[n(7)]
    pub wish: Wish,
    /// The source profile and version that the rules came from.
    #[n(8)]
    pub source_profile: Text,
    /// The platform profile and version.
    #[n(9)]
    pub platform_profile: Text,
    /// When the set-up that was used had last changed.
    #[n(10)]
    pub setup_at: Moment,
    /// Version of that set-up.
    #[n(11)]
    pub setup_version: u64,
    /// Where each patient's record was last read: source id, envelope, time. For evidence.
    #[n(12)]
    pub patient_reads: Vec<PatientRead>,
    /// The rule that gave the status its meaning, when a word, code or note did (requirement S3-6).
    #[n(13)]
    pub status_origin: Option<StatusOrigin>,
}

/// Where a patient's record was last read.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[cbor(array)]
pub struct PatientRead {
    /// The patient's source id.
    #[n(0)]
    pub source_id: Text,
    /// The envelope.
    #[n(1)]
    pub envelope: crate::ids::EnvelopeId,
    /// When it reached us.
    #[n(2)]
    pub at: Moment,
}

/// Runs every gate and draws the conclusion. `shown` is the card last asked for, `version` that of the last decision,
/// `changed` whether the appointment itself changed since.
pub fn decide(s: &Snapshot<'_>, shown: Option<&Card>, version: u32, changed: bool) -> Decision {
    conclude_from(s, judge_all(s), shown, version, changed)
}

/// What would be decided if one thing were put right and everything else stayed as it is: what the gates found for this
/// reason about this subject is left out. For looking ahead only; nothing of it is ever stored.
pub fn decide_without(s: &Snapshot<'_>, reason: Reason, subject: &str, shown: Option<&Card>, version: u32) -> Decision {
    let solved = |finding: &Finding| finding.reason() == Some(reason) && *finding.subject() == *subject;
    conclude_from(s, judge_but(s, solved), shown, version, false)
}

fn conclude_from(s: &Snapshot<'_>, judged: Judged, shown: Option<&Card>, version: u32, changed: bool) -> Decision {
    let Judged { findings, judgement, primary } = judged;
    let wish = match judgement {
        Judgement::Show | Judgement::ShowMisfiled => {
            let card = card_of(s);
            if is_shown(s, shown, &card) { Wish::Keep } else { Wish::Show(Box::new(card)) }
        }
        Judgement::Hold | Judgement::Wait | Judgement::Exclude if shown.is_some() => Wish::Keep,
        Judgement::Hold | Judgement::Wait | Judgement::Exclude => Wish::Nothing,
    };
    let raised = changed || matches!(wish, Wish::Show(_));
    let patient_reads = s.people.iter().filter_map(|person| {
        person.patient.map(|p| PatientRead { source_id: person.source_id.clone(), envelope: p.envelope, at: p.read_at })
    });
    Decision {
        version: version + u32::from(raised),
        at: s.marks.now,
        status: s.reading.status,
        judgement,
        primary,
        wish,
        source_profile: Text::from(format_args!("{}", s.rules.source.profile)),
        platform_profile: Text::from(format_args!("{}", s.rules.platform.profile)),
        setup_at: s.rules.changed_at,
        setup_version: s.rules.version,
        patient_reads: patient_reads.collect(),
        status_origin: s.reading.origin,
        appointment: as_understood(s, judgement.shows()),
        findings,
    }
}

/// Whether the platform was asked for this card already, or made it so itself.
fn is_shown(s: &Snapshot<'_>, shown: Option<&Card>, card: &Card) -> bool {
    let Some(shown) = shown else { return false };
    match s.standing.portal {
        Some(portal) if portal.status.is_some() => asks_the_same(&shown.under(portal), &card.under(portal)),
        _ => asks_the_same(shown, card),
    }
}

/// The appointment with what was understood of its statuses, so that an unknown word leaves them as they were and a
/// first final one is remembered.
fn as_understood(s: &Snapshot<'_>, shows: bool) -> Appointment {
    let known = if s.reading.unknown_word { s.appointment.known_status } else { Some(s.reading.status) };
    let mut appointment = Appointment { known_status: known, ..s.appointment.clone() };
    let stays = shows && s.rules.platform.statuses.first_final_stays;
    let first = |held: Option<FirstFinal>, status: Status| {
        held.or_else(|| {
            let final_now = stays && status.is_ended() && crate::gates::travels(s, status);
            final_now.then_some(FirstFinal { status, at: s.marks.now })
        })
    };
    appointment.first_final = first(appointment.first_final, s.reading.status);
    for own in &mut appointment.own_statuses {
        let reading = Reading::of_participant(s.rules, s.appointment, own);
        let (status, unknown) = (reading.status, reading.unknown_word);
        if !unknown {
            own.known = Some(status);
        }
        own.first_final = first(own.first_final, status);
    }
    // A ruling about an old address is used up once the card has the new one; the next change asks again.
    appointment.rulings.retain(|ruling| ruling.reason != Reason::EmailChangedOldAppts || !shows);
    appointment
}

/// What the gates together came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What every gate saw, in ladder order.
    pub findings: Vec<Finding>,
    /// What they together say.
    pub judgement: Judgement,
    /// The earliest reason of that strength.
    pub primary: Option<Reason>,
}

/// Runs every gate and draws the conclusion.
pub fn judge_all(s: &Snapshot<'_>) -> Judged {
    judge_but(s, |_| false)
}

/// The same without what a gate found that is `left_out`.
fn judge_but(s: &Snapshot<'_>, left_out: impl Fn(&Finding) -> bool) -> Judged {
    let mut findings: Vec<Finding> = Vec::with_capacity(Gate::ladder().len());
    findings.extend(Gate::ladder().iter().filter_map(|gate| match gate.check {
        Check::Deciding(check) => Some(check(s)),
        Check::Concluding(_) | Check::Live(_) => None,
    }));
    findings.retain(|finding| !left_out(finding));
    if s.ended() && s.standing.ever_sent() {
        let_the_end_through(&mut findings);
    }
    conclude(s, &mut findings);
    let judgement = judge(&findings);
    let primary = primary(&findings, judgement);
    Judged { findings, judgement, primary }
}

/// A cancellation of a visit that the platform shows must not wait for an e-mail address: once the visit has ended,
/// only the integration itself and the meaning of its status can stop the news.
fn let_the_end_through(findings: &mut [Finding]) {
    for finding in findings {
        let family = finding.gate.gate().family;
        if finding.state.stops() && !matches!(family, Family::Integration | Family::Status | Family::Write) {
            finding.state = State::Notice;
        }
    }
}

/// The contract's order: excluded wins, then held, then waiting, else it is shown.
fn judge(findings: &[Finding]) -> Judgement {
    let mut judgement = Judgement::Show;
    for finding in findings {
        let class = finding.class();
        let said = match finding.state {
            State::Fail if class == Some(Class::Excluded) => Judgement::Exclude,
            State::Fail | State::Unknown => Judgement::Hold,
            State::Wait => Judgement::Wait,
            State::Notice if class == Some(Class::ArrivedWrong) => Judgement::ShowMisfiled,
            State::Pass | State::Notice | State::NotApplicable => continue,
        };
        judgement = stronger(judgement, said);
    }
    judgement
}

fn stronger(a: Judgement, b: Judgement) -> Judgement {
    let rank = |judgement| match judgement {
        Judgement::Show => 0,
        Judgement::ShowMisfiled => 1,
        Judgement::Wait => 2,
        Judgement::Hold => 3,
        Judgement::Exclude => 4,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// The reason of the earliest gate that has the strength of the judgement.
fn primary(findings: &[Finding], judgement: Judgement) -> Option<Reason> {
    findings.iter().find(|finding| judge(std::slice::from_ref(*finding)) == judgement).and_then(Finding::reason)
}

/// Adds the concluding gates at their places on the ladder. A visit that ended before it was sent waits for nobody:
/// what would have stopped it is then only worth knowing.
fn conclude(s: &Snapshot<'_>, findings: &mut Vec<Finding>) {
    for gate in Gate::ladder() {
        let Check::Concluding(check) = gate.check else { continue };
        let finding = check(s, findings);
        if finding.reason() == Some(Reason::EndedBeforeSent) {
            for stop in findings.iter_mut().filter(|found| found.state.stops()) {
                if stop.class() != Some(Class::Excluded) {
                    stop.state = State::Notice;
                }
            }
        }
        let at = findings.iter().position(|found| found.gate > finding.gate).unwrap_or(findings.len());
        findings.insert(at, finding);
    }
}

impl Decision {
    /// The findings that stop or misfile the visit, or wait for a date.
    pub fn stops(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.state.stops() || finding.class() == Some(Class::ArrivedWrong))
    }

    /// The findings that stop nothing and still leave somebody something to do.
    pub fn tasks(&self) -> impl Iterator<Item = &Finding> {
        // Of what is left out on purpose nobody is told, so nothing stands in the way of that.
        let left_out = self.judgement == Judgement::Exclude;
        let is_task = move |reason: Reason| reason.opens_task() && !(left_out && reason.limits_outreach());
        self.findings
            .iter()
            .filter(move |finding| finding.state == State::Notice && finding.reason().is_some_and(is_task))
    }

    /// The facts that would end what stops it or leaves something to do, each once.
    pub fn wake_keys(&self) -> Vec<WakeKey> {
        let mut keys: Vec<WakeKey> = Vec::new();
        for key in self.stops().chain(self.tasks()).flat_map(Finding::wake_keys) {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        // A series without an end goes on, whatever becomes of this visit.
        let goes_on = self.appointment.goes_on_at().map(WakeKey::Time);
        keys.extend(goes_on.filter(|key| !keys.contains(key)));
        keys
    }

    /// The finding of the primary reason.
    pub fn primary_finding(&self) -> Option<&Finding> {
        let reason = self.primary?;
        self.findings.iter().find(|finding| finding.reason() == Some(reason))
    }

    /// The card asked for by this decision itself.
    pub fn card(&self) -> Option<&Card> {
        match &self.wish {
            Wish::Show(card) => Some(card),
            Wish::Nothing | Wish::Keep => None,
        }
    }
}
