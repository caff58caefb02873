//! Rows that several pages show.

use crate::practice::{Message, MessageState, Practice, Status, Visit};
use jiff::civil::DateTime;
use std::collections::HashMap;

/// A visit in a table.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) time: String,
    pub(super) patient: String,
    pub(super) kind: String,
    pub(super) provider: String,
    pub(super) status: String,
    pub(super) tone: &'static str,
    pub(super) told: String,
    pub(super) is_over: bool,
}

/// The last message about each visit or patient.
pub(super) fn last_messages(practice: &Practice) -> HashMap<&str, &Message> {
    practice.messages().map(|message| (message.about.as_str(), message)).collect()
}

impl Row {
    /// A visit with its time as `format` has it.
    pub(super) fn of(
        practice: &Practice,
        last: &HashMap<&str, &Message>,
        visit: &Visit,
        now: DateTime,
        format: &str,
    ) -> Row {
        let told = match last.get(visit.id.as_str()) {
            Some(message) => format!("{} {}", message.trigger, message.state.label()),
            None => "never told".to_owned(),
        };
        Row {
            id: visit.id.clone(),
            time: visit.start.strftime(format).to_string(),
            patient: practice.patient(&visit.patient).map_or_else(String::new, |patient| patient.name()),
            kind: practice.visit_type(&visit.visit_type).map_or_else(|_| String::new(), |kind| kind.name.clone()),
            provider: practice.provider(&visit.provider).map_or_else(|_| String::new(), |provider| provider.name()),
            status: visit.status.word().to_owned(),
            tone: tone(&visit.status),
            told,
            is_over: visit.status.is_ended() || visit.end() <= now,
        }
    }
}

/// How a status is coloured. The word always stands beside the colour.
pub(super) fn tone(status: &Status) -> &'static str {
    match status {
        Status::Scheduled | Status::CheckedOut | Status::Deleted => "",
        Status::Confirmed | Status::CheckedIn => "good",
        Status::NoShow | Status::Cancelled | Status::Other(_) => "warn",
    }
}

/// Something to choose in a form.
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_chosen: bool,
}

/// Choices of id and name, one of them chosen.
pub(super) fn choices<'c>(items: impl Iterator<Item = (&'c str, String)>, chosen: &str) -> Vec<Choice> {
    items.map(|(id, name)| Choice { id: id.to_owned(), name, is_chosen: id == chosen }).collect()
}

/// The providers to choose from.
pub(super) fn provider_choices(practice: &Practice, chosen: &str) -> Vec<Choice> {
    choices(practice.providers().iter().map(|row| (row.id.as_str(), row.name())), chosen)
}

/// The kinds of visit to choose from.
pub(super) fn type_choices(practice: &Practice, chosen: &str) -> Vec<Choice> {
    choices(practice.types().iter().map(|row| (row.id.as_str(), row.name.clone())), chosen)
}

/// A message in a table.
pub(super) struct MessageRow {
    pub(super) control_id: String,
    pub(super) kind: String,
    pub(super) about: String,
    pub(super) made: String,
    pub(super) state: &'static str,
    pub(super) tone: &'static str,
    pub(super) answer: String,
    pub(super) attempts: String,
}

impl MessageRow {
    pub(super) fn of(practice: &Practice, message: &Message) -> MessageRow {
        let answer = match &message.answer {
            Some(answer) if answer.text.is_empty() => answer.code.clone(),
            Some(answer) => format!("{}: {}", answer.code, answer.text),
            None => "none yet".to_owned(),
        };
        MessageRow {
            control_id: message.control_id.clone(),
            kind: format!("{} {}", message.code, message.trigger),
            about: message.about.clone(),
            made: practice.clinic().local(message.made_at).strftime("%Y-%m-%d %H:%M:%S").to_string(),
            state: message.state.label(),
            tone: match message.state {
                MessageState::Accepted => "good",
                MessageState::Waiting | MessageState::Sending => "",
                MessageState::SetAside | MessageState::Lost => "warn",
                MessageState::Refused => "bad",
            },
            answer,
            attempts: match message.attempts {
                0 => "not yet".to_owned(),
                1 => "once".to_owned(),
                n => format!("{n} times"),
            },
        }
    }
}

/// A local time from the day and the time of a form.
pub(super) fn time_of(date: &str, time: &str) -> Option<DateTime> {
    format!("{}T{}", date.trim(), time.trim()).parse().ok()
}
