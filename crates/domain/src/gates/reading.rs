//! What the status words of a visit and of its participants mean under a rule set.

use crate::gates::Reading;
use crate::model::{Appointment, Event, OwnStatus, Seen, StatusSaid};
use crate::setup::{Meaning, RuleSet};
use crate::status::Status;
use crate::text::Text;

impl<'a> Reading<'a> {
    /// What a visit's status words mean. Events with an end of their own come first; a word may then only say it more
    /// precisely (docs/systems/hl7v2.md). Where the source tells participants apart, the visit has ended when the part
    /// of each of them has.
    pub fn of(rules: &'a RuleSet, appointment: &'a Appointment) -> Reading<'a> {
        let visit = Reading::of_visit(rules, appointment);
        if appointment.own_statuses.is_empty() { visit } else { visit.with_participants(rules, appointment) }
    }

    fn of_visit(rules: &'a RuleSet, appointment: &'a Appointment) -> Reading<'a> {
        let department = department(appointment);
        let Some(said) = &appointment.status else {
            let status = if appointment.is_deleted() { Status::Removed } else { Status::Booked };
            return Reading::plain(appointment.known_status.unwrap_or(status), None);
        };
        if appointment.is_deleted() && said.value.event != Event::Deleted {
            // What was deleted comes back only when somebody books it anew.
            let risen = appointment.existence.as_ref().is_some_and(|deleted| said.stamp > deleted.stamp);
            let gone = appointment.known_status.filter(|status| status.is_gone()).unwrap_or(Status::Removed);
            return Reading { risen, ..Reading::plain(gone, said.value.word.as_ref()) };
        }
        read(rules, &said.value, department, appointment.known_status)
    }

    /// The visit's own end counts for all. Otherwise the visit goes on while anybody's part does; where nobody says how
    /// the visit itself stands, it stands as the parts of all who are still in it do, when these are agreed.
    fn with_participants(self, rules: &'a RuleSet, appointment: &'a Appointment) -> Reading<'a> {
        if self.status.is_ended() || self.unknown_word {
            return self;
        }
        let mut ends: Option<Reading<'a>> = None;
        let (mut all_ended, mut going, mut agreed) = (true, None::<Reading<'a>>, true);
        for member in appointment.participants.members() {
            let own =
                appointment.own_status(&member.source_id).map(|own| Reading::of_participant(rules, appointment, own));
            match own {
                Some(own) if own.unknown_word => return Reading { status: self.status, ..own },
                Some(own) if own.status.is_ended() => {
                    ends = Some(
                        ends.map_or(own, |before| Reading { status: together(before.status, own.status), ..before }),
                    );
                }
                Some(own) => {
                    all_ended = false;
                    agreed &= going.as_ref().is_none_or(|before| before.status == own.status);
                    going = Some(own);
                }
                None => (all_ended, agreed) = (false, false),
            }
        }
        if all_ended {
            return ends.unwrap_or(self);
        }
        going.filter(|_| agreed && self.word.is_none()).unwrap_or(self)
    }

    /// What has become of one participant's part.
    pub fn of_participant(rules: &'a RuleSet, appointment: &'a Appointment, own: &'a OwnStatus) -> Reading<'a> {
        read(rules, &own.said.value, department(appointment), own.known)
    }

    fn plain(status: Status, word: Option<&'a Seen>) -> Reading<'a> {
        Reading { status, word, origin: None, unknown_word: false, risen: false }
    }

    fn by(meaning: Meaning<'a>) -> Reading<'a> {
        Reading { origin: Some(meaning.origin), ..Reading::plain(meaning.status, Some(meaning.seen)) }
    }
}

fn department(appointment: &Appointment) -> Option<&str> {
    appointment.department.as_ref().map(|said| said.value.value.as_str())
}

fn read<'a>(rules: &'a RuleSet, said: &'a StatusSaid, department: Option<&str>, known: Option<Status>) -> Reading<'a> {
    match said.event {
        Event::Cancelled | Event::Discontinued => {
            precise(rules, said, department, Status::is_cancelled, Status::Cancelled)
        }
        Event::Deleted => precise(rules, said, department, |status| status == Status::EnteredInError, Status::Removed),
        Event::NoShow => Reading::plain(Status::NoShow, said.word.as_ref()),
        Event::Replaced => Reading::plain(Status::Rescheduled, None),
        Event::Booked
        | Event::Rescheduled
        | Event::Modified
        | Event::ResourcesChanged
        | Event::SlotBlocked
        | Event::SlotOpened
        | Event::Listed => match (rules.statuses.read(said, department), &said.word) {
            (Some(meaning), _) => Reading::by(meaning),
            (None, Some(word)) => {
                Reading { unknown_word: true, ..Reading::plain(known.unwrap_or(Status::Booked), Some(word)) }
            }
            // A booking or a move without a word is a visit that stands; a mere change or listing says nothing of it.
            (None, None) => match said.event {
                Event::Booked | Event::Rescheduled => Reading::plain(Status::Booked, None),
                _ => Reading::plain(known.unwrap_or(Status::Booked), None),
            },
        },
    }
}

/// An end told by the event, said more precisely by a word that fits.
fn precise<'a>(
    rules: &'a RuleSet,
    said: &'a StatusSaid,
    department: Option<&str>,
    fits: fn(Status) -> bool,
    otherwise: Status,
) -> Reading<'a> {
    let by_rule = rules.statuses.read(said, department);
    let words = said.word.iter().chain(&said.text).chain(&said.reason);
    let by_word = words.filter_map(|seen| rules.statuses.meaning_of(seen, department));
    let mut fitting = by_rule.into_iter().chain(by_word).filter(|found| fits(found.status));
    // "Cancelled" as the word and "by the patient" as the reason: the reason says more.
    let first = fitting.next();
    let found = match first {
        Some(meaning) if meaning.status == otherwise => fitting.find(|found| found.status != otherwise).or(first),
        _ => first,
    };
    found.map_or_else(|| Reading::plain(otherwise, said.word.as_ref()), Reading::by)
}

/// What the ends of two participants are together, for the visit as a whole.
fn together(a: Status, b: Status) -> Status {
    if a == b {
        return a;
    }
    // Who was never meant to be there says nothing about the visit (ambiguity A2).
    for (one, other) in [(a, b), (b, a)] {
        if one.is_gone() {
            return other;
        }
    }
    for strongest in [Status::Completed, Status::NoShow] {
        if a == strongest || b == strongest {
            return strongest;
        }
    }
    Status::Cancelled
}

/// A participant's id with what has become of their part, for those who have a status of their own.
pub fn own_statuses<'a>(
    rules: &'a RuleSet,
    appointment: &'a Appointment,
) -> impl Iterator<Item = (&'a Text, Reading<'a>)> {
    appointment.participants.members().filter_map(move |member| {
        let own = appointment.own_status(&member.source_id)?;
        Some((&member.source_id, Reading::of_participant(rules, appointment, own)))
    })
}
