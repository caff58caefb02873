//! Everything the gates may look at, loaded at one moment.

use crate::explain::plain_form;
use crate::model::{Appointment, Patient, PatientLink, Seen, TakenOver};
use crate::profile::UnregisteredProvider;
use crate::setup::{MappedBy, ProviderEntry, RuleSet, TypeFinding};
use crate::status::Status;
use crate::text::Text;
use crate::time::{Moment, TimeMarks};

/// An account of the platform that may be the same person as a patient of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The platform's id of the account.
    pub platform_id: Text,
    /// How alike the two are, 0–100; 100 is certain.
    pub likeness: u8,
    /// The fields that agree, for whoever compares: `e-mail, last name`.
    pub agree: Text,
    /// The fields that differ.
    pub differ: Text,
}

/// One patient of the visit with what is known on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Person<'a> {
    /// The source's id.
    pub source_id: &'a Text,
    /// Where the id stood.
    pub place: &'a Text,
    /// The record, when the source told of it.
    pub patient: Option<&'a Patient>,
    /// The link to the platform's account.
    pub link: Option<&'a PatientLink>,
    /// Other patients of the practice who hold the same address (source or platform ids).
    pub email_also_held_by: &'a [Text],
    /// Unlinked accounts that may be the same person, most alike first. Loaded only while there is no link.
    pub candidates: &'a [Candidate],
}

/// What the platform was last asked to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Standing {
    /// A card was asked for at least once.
    pub ever_sent: bool,
    /// The status on the card last asked for.
    pub status: Option<Status>,
}

/// What the status words were understood to mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The visit's status; while a word is unknown, the last known one.
    pub status: Status,
    /// The word it was read from, when there was one.
    pub word: Option<&'a Seen>,
    /// Whose rule gave the word its meaning.
    pub mapped_by: Option<MappedBy>,
    /// There is a word and nobody knows what it means.
    pub unknown_word: bool,
}

/// Everything the gates may look at. What several gates need is looked up once, here.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    /// The rules of the integration.
    pub rules: &'a RuleSet,
    /// The instants that time rules compare with.
    pub marks: TimeMarks,
    /// The visit.
    pub appointment: &'a Appointment,
    /// Its patients.
    pub people: &'a [Person<'a>],
    /// What the platform was last asked to show.
    pub standing: Standing,
    /// What the status words mean.
    pub reading: Reading<'a>,
    /// The provider's entry in the directory.
    pub provider: Option<&'a ProviderEntry>,
    /// What the type table says.
    pub visit_type: TypeFinding<'a>,
}

impl<'a> Snapshot<'a> {
    /// A snapshot with its look-ups made.
    pub fn new(
        rules: &'a RuleSet,
        marks: TimeMarks,
        appointment: &'a Appointment,
        people: &'a [Person<'a>],
        standing: Standing,
    ) -> Snapshot<'a> {
        Snapshot {
            rules,
            marks,
            appointment,
            people,
            standing,
            reading: Reading::of(rules, appointment),
            provider: appointment.provider().and_then(|provider| rules.directory.provider(&provider.source_id)),
            visit_type: rules.types.find(appointment.visit_type.as_ref().map(|said| &said.value)),
        }
    }

    /// The platform wants to know the providers of visits.
    pub fn wants_provider(&self) -> bool {
        let demands = &self.rules.platform.provider;
        demands.must_be_linked && !(demands.only_when_listed && self.rules.directory.has_no_providers())
    }

    /// Visits of unknown providers are sent under nobody.
    pub fn files_unknown_under_nobody(&self) -> bool {
        self.rules.platform.provider.unregistered == UnregisteredProvider::SendUnassigned
    }

    /// The department's id, when the source named one.
    pub fn department(&self) -> Option<&'a Text> {
        self.appointment.department.as_ref().map(|said| &said.value.value)
    }

    /// An instant as the clocks at the place of the visit show it.
    pub fn clock(&self, moment: Moment) -> Text {
        crate::explain::clock(self.rules, self.department().map(Text::as_str), moment)
    }

    /// It came with a whole diary as history, and still is: it did not move to a time to come, and nothing was sent.
    pub fn is_history(&self) -> bool {
        let history = self.appointment.taken_over == Some(TakenOver::History) && !self.standing.ever_sent;
        let end = self.appointment.end().or(self.appointment.start());
        history && (self.ended() || end.is_some_and(|end| end <= self.marks.now))
    }

    /// The visit has ended, one way or another.
    pub fn ended(&self) -> bool {
        self.reading.status.is_ended()
    }
}

impl<'a> Reading<'a> {
    /// What a visit's status words mean under a rule set. Events with an end of their own come first; a word may then
    /// only say it more precisely (docs/systems/hl7v2.md).
    pub fn of(rules: &'a RuleSet, appointment: &'a Appointment) -> Reading<'a> {
        let department = appointment.department.as_ref().map(|said| said.value.value.as_str());
        let meaning = |seen: &Seen| rules.statuses.meaning(&seen.value, department);
        let Some(said) = appointment.status.as_ref().map(|said| &said.value) else {
            return Reading::plain(appointment.known_status.unwrap_or(Status::Booked), None);
        };
        let precise = |fits: fn(Status) -> bool, otherwise: Status| {
            let words = said.word.iter().chain(&said.text).chain(&said.reason);
            let mut fitting = words
                .filter_map(|seen| meaning(seen).map(|(status, by)| (seen, status, by)))
                .filter(|(_, s, _)| fits(*s));
            // "Cancelled" as the word and "by the patient" as the reason: the reason says more.
            let first = fitting.next();
            let found = match first {
                Some((_, status, _)) if status == otherwise => fitting.find(|(_, s, _)| *s != otherwise).or(first),
                _ => first,
            };
            match found {
                Some((seen, status, by)) => {
                    Reading { status, word: Some(seen), mapped_by: Some(by), unknown_word: false }
                }
                None => Reading::plain(otherwise, said.word.as_ref()),
            }
        };
        use crate::model::Event;
        match said.event {
            Event::Cancelled | Event::Discontinued => precise(Status::is_cancelled, Status::Cancelled),
            Event::Deleted => precise(|status| status == Status::EnteredInError, Status::Removed),
            Event::NoShow => Reading::plain(Status::NoShow, said.word.as_ref()),
            Event::Booked
            | Event::Rescheduled
            | Event::Modified
            | Event::ResourcesChanged
            | Event::SlotBlocked
            | Event::SlotOpened
            | Event::Listed => match &said.word {
                None => Reading::plain(Status::Booked, None),
                Some(word) => match meaning(word) {
                    Some((status, by)) => {
                        Reading { status, word: Some(word), mapped_by: Some(by), unknown_word: false }
                    }
                    None => Reading {
                        status: appointment.known_status.unwrap_or(Status::Booked),
                        word: Some(word),
                        mapped_by: None,
                        unknown_word: true,
                    },
                },
            },
        }
    }

    fn plain(status: Status, word: Option<&'a Seen>) -> Reading<'a> {
        Reading { status, word, mapped_by: None, unknown_word: false }
    }
}

/// A key under which people of the same name and birth date meet: folded names and the day.
pub fn name_key(family: &str, given: &str, birth_date: jiff::civil::Date) -> Text {
    Text::from(format_args!("{}|{}|{birth_date}", plain_form(family), plain_form(given)))
}
