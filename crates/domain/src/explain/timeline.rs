//! The ledger of one appointment as a list of what happened and why.

use crate::decide::{Decision, DeliveryState, Judgement};
use crate::explain::{clock, sentence_of};
use crate::ids::EnvelopeId;
use crate::ledger::{Attempt, Cause, Entry, Reach, Worth};
use crate::setup::RuleSet;
use crate::time::Moment;
use serde::Serialize;

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimelineItem {
    /// When.
    pub at: Moment,
    /// What happened, in one word: `received`, `held`, `released`, `sent`, `confirmed`, `told`, …
    pub what: &'static str,
    /// Why, in a sentence.
    pub why: String,
    /// The envelope it happened with.
    pub envelope: Option<EnvelopeId>,
}

/// The timeline of ledger entries given oldest first.
pub fn timeline<'a>(rules: &RuleSet, entries: impl IntoIterator<Item = (Moment, &'a Entry)>) -> Vec<TimelineItem> {
    let mut items = Vec::new();
    let mut before: Option<Judgement> = None;
    for (at, entry) in entries {
        match entry {
            Entry::Decided { cause, decision } => {
                decided(&mut items, at, cause, decision, before);
                before = Some(decision.judgement);
            }
            Entry::Heard { envelope, event, worth } => items.push(TimelineItem {
                at,
                what: match worth {
                    Worth::Repeated => "repeated",
                    Worth::Stale => "out_of_order",
                },
                why: match worth {
                    Worth::Repeated => {
                        format!("The message ({}) said what was known already; it changed nothing.", event.phrase())
                    }
                    Worth::Stale => {
                        format!("The message ({}) was older than what was known; it changed nothing.", event.phrase())
                    }
                },
                envelope: Some(*envelope),
            }),
            Entry::Attempted(attempt) => {
                items.push(TimelineItem {
                    at,
                    what: sent_word(attempt),
                    why: sent_why(rules, attempt),
                    envelope: None,
                });
                if let Some(how) = &attempt.told {
                    items.push(TimelineItem { at, what: "told", why: how.to_string(), envelope: None });
                }
            }

            Entry::Receipt { version, told, .. } => items.push(TimelineItem {
                at,
                what: "confirmed",
                why: match told {
                    None => format!("The platform confirmed that it shows version {version}."),
                    Some(told) => format!("The platform confirmed that it shows version {version}, and told: {told}."),
                },
                envelope: None,
            }),
            Entry::DrivenAgain { cause } => items.push(TimelineItem {
                at,
                what: "driven_again",
                why: format!("What had been given up is sent again{}.", because(cause)),
                envelope: None,
            }),
            Entry::Told { how } => items.push(TimelineItem { at, what: "told", why: how.to_string(), envelope: None }),
        }
    }
    items
}

fn decided(items: &mut Vec<TimelineItem>, at: Moment, cause: &Cause, decision: &Decision, before: Option<Judgement>) {
    let envelope = match cause {
        Cause::Envelope { id, control_id, event, reach } => {
            let reach = reach.map(Reach::phrase).unwrap_or_default();
            let message = control_id.as_ref().map_or(String::new(), |id| format!(" (message {id})"));
            items.push(TimelineItem {
                at,
                what: "received",
                why: format!("The practice system said: {}{reach}{message}.", event.phrase()),
                envelope: Some(*id),
            });
            Some(*id)
        }
        Cause::Wake { .. } | Cause::Person { .. } => None,
    };
    let because = because(cause);
    let shows = decision.judgement.shows();
    let was_stopped = matches!(before, Some(Judgement::Hold | Judgement::Wait | Judgement::Exclude));
    if shows && was_stopped {
        let why =
            if because.is_empty() { "Nothing stops it any more.".to_owned() } else { format!("Released{because}.") };
        items.push(TimelineItem { at, what: "released", why, envelope });
        return;
    }
    let reason = decision.primary_finding().map(sentence_of).unwrap_or_default();
    let (what, why) = match decision.judgement {
        Judgement::Hold => ("held", reason),
        Judgement::Wait => ("waiting", reason),
        Judgement::Exclude => ("left_out", reason),
        Judgement::Show | Judgement::ShowMisfiled if because.is_empty() => return,
        Judgement::Show | Judgement::ShowMisfiled => ("decided", "It is to be shown by the platform.".to_owned()),
    };
    // Nothing new to tell when the same stop is merely looked at again because of a message.
    if before == Some(decision.judgement) && because.is_empty() && items.last().is_some_and(|last| last.why == why) {
        return;
    }
    items.push(TimelineItem {
        at,
        what,
        why: format!("{}{because}", why.trim_end_matches(if because.is_empty() { '\0' } else { '.' })),
        envelope,
    });
}

/// What else than a message caused something, in brackets.
fn because(cause: &Cause) -> String {
    match cause {
        Cause::Envelope { .. } => String::new(),
        Cause::Wake { key, why } if why.is_empty() => format!(" ({key})"),
        Cause::Wake { key, why } => format!(" ({key}: {why})"),
        Cause::Person { actor, what } => format!(" ({what} by {actor})"),
    }
}

fn sent_word(attempt: &Attempt) -> &'static str {
    match attempt.state {
        DeliveryState::Confirmed => "confirmed",
        DeliveryState::Accepted => "sent",
        DeliveryState::Retrying => "retrying",
        DeliveryState::Unknown => "outcome_unknown",
        DeliveryState::Failed => "given_up",
        DeliveryState::None | DeliveryState::Queued | DeliveryState::Sending => "attempted",
    }
}

fn sent_why(rules: &RuleSet, attempt: &Attempt) -> String {
    let Attempt { version, number, answer, next_at, .. } = attempt;
    let again = next_at.map_or(String::new(), |at| format!(" It is tried again on {}.", clock(rules, None, at)));
    match attempt.state {
        DeliveryState::Confirmed => format!("The platform shows version {version} and said so ({answer})."),
        DeliveryState::Accepted => format!("The platform accepted version {version} ({answer})."),
        _ => format!("Attempt {number} with version {version}: {answer}.{again}"),
    }
}
