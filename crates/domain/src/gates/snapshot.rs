//! Everything the gates may look at, loaded at one moment.

use crate::explain::plain_form;
use crate::gates::{Finding, WakeKey};
use crate::matching::Account;
use crate::model::{Appointment, Card, CardParticipant, Guest, Patient, PatientLink, Portal, Seen, TakenOver};
use crate::notice::Reach;
use crate::profile::UnregisteredProvider;
use crate::setup::{PatientNotices, ProviderEntry, RuleSet, StatusOrigin, TypeFinding};
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
    /// The id on the visit, where the record behind it was merged into this one.
    pub merged_from: Option<&'a Text>,
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
    /// There are unlinked accounts, and too little is known of the patient to tell them from the holders.
    pub incomparable: bool,
    /// The linked account, where a document names it: one that was made with a visit knows what the source knows.
    pub account: Option<&'a Account>,
    /// Other records of the source under the same name and birth date. Loaded only where Punctual tells patients.
    pub doubles: &'a [Double],
}

/// Another record of what looks like the same person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Double {
    /// The source's id of it.
    pub source_id: Text,
    /// When it was last told of.
    pub told_at: Moment,
}

impl<'a> Person<'a> {
    /// What both sides know of how to reach this person.
    pub fn reach(&self) -> Reach<'a> {
        Reach { patient: self.patient, account: self.account, source_holds: false }
    }

    /// An unlinked account is theirs, or may be: no other is made.
    pub fn may_have_account(&self) -> bool {
        self.incomparable || !self.candidates.is_empty()
    }
}

/// What the platform was last asked to show, and what was done there.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Standing<'a> {
    /// The card last asked for, when one ever was.
    pub card: Option<&'a Card>,
    /// What the platform decided itself.
    pub portal: Option<&'a Portal>,
}

impl<'a> Standing<'a> {
    /// A card was asked for at least once.
    pub fn ever_sent(&self) -> bool {
        self.card.is_some()
    }

    /// The status that the platform shows, as far as we know: its own, else that of the card last asked for.
    pub fn status(&self) -> Option<Status> {
        let given = self.portal.and_then(|portal| portal.status).map(|given| given.status);
        given.or_else(|| self.card.map(|card| card.status))
    }

    /// The place of a patient on the card last asked for.
    pub fn participant(&self, source_id: &str) -> Option<&'a CardParticipant> {
        self.card.and_then(|card| card.participant(source_id))
    }

    /// People of the platform's own on the card.
    pub fn guests(&self) -> &'a [Guest] {
        self.portal.map_or(&[], |portal| &portal.guests)
    }
}

/// What the status words were understood to mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The visit's status; while a word is unknown, the last known one.
    pub status: Status,
    /// The word it was read from, when there was one.
    pub word: Option<&'a Seen>,
    /// The rule that gave the word its meaning.
    pub origin: Option<StatusOrigin>,
    /// There is a word and nobody knows what it means.
    pub unknown_word: bool,
    /// It was deleted; something was told of it since that would have brought it back.
    pub risen: bool,
}

impl Person<'_> {
    /// The id under which the visit names this person.
    pub fn named_as(&self) -> &Text {
        self.merged_from.unwrap_or(self.source_id)
    }
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
    pub standing: Standing<'a>,
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
        standing: Standing<'a>,
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

    /// Punctual itself tells the patients what becomes of this visit, and there may be something to tell yet.
    pub fn tells_patients(&self) -> bool {
        self.rules.patient_notices == PatientNotices::Punctual && self.is_awaited()
    }

    /// Somebody may still be waiting for it: it has not begun, nor was it called off before anybody heard of it.
    pub fn is_awaited(&self) -> bool {
        let to_come = self.appointment.start().is_some_and(|start| start > self.marks.now);
        to_come && !self.appointment.test && (!self.ended() || self.standing.ever_sent())
    }

    /// A finding about what is known of a person: it ends with news of them, and at the latest when the visit begins.
    pub fn until_it_begins(&self, person: &Person<'_>, finding: Finding) -> Finding {
        let finding = finding.wakes_on(WakeKey::Patient(person.source_id.clone()));
        match self.appointment.start() {
            Some(start) => finding.wakes_on(WakeKey::Time(start)),
            None => finding,
        }
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
        let history = self.appointment.taken_over == Some(TakenOver::History) && !self.standing.ever_sent();
        let end = self.appointment.end().or(self.appointment.start());
        history && (self.ended() || end.is_some_and(|end| end <= self.marks.now))
    }

    /// The visit has ended, one way or another.
    pub fn ended(&self) -> bool {
        self.reading.status.is_ended()
    }
}

/// A key under which people of the same name and birth date meet: folded names and the day.
pub fn name_key(family: &str, given: &str, birth_date: jiff::civil::Date) -> Text {
    Text::from(format_args!("{}|{}|{birth_date}", plain_form(family), plain_form(given)))
}
