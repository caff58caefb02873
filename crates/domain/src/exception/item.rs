//! One item: its state, what happened to it, and what follows from the time.

use crate::explain::Sight;
use crate::profile::ExceptionRules;
use crate::reasons::Reason;
use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};
use serde::Serialize;

/// So many of the last happenings are kept with an item; the audit log has all that people did.
const KEPT: usize = 100;

/// What people said about an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Handling {
    /// Nobody said anything yet, or what they said has run out.
    #[n(0)]
    New,
    /// Somebody is at it.
    #[n(1)]
    Acknowledged,
    /// Nobody is reminded until a time.
    #[n(2)]
    Snoozed,
    /// Somebody says that it is resolved; it has not been seen yet.
    #[n(3)]
    WaitingToBeSeen,
}

impl Handling {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Handling::New => "new",
            Handling::Acknowledged => "acknowledged",
            Handling::Snoozed => "snoozed",
            Handling::WaitingToBeSeen => "waiting_to_be_seen",
        }
    }
}

/// What happened to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum MoveKind {
    /// Its cause was opened.
    #[n(0)]
    Opened,
    /// Somebody is at it.
    #[n(1)]
    Acknowledged,
    /// Somebody put it off.
    #[n(2)]
    Snoozed,
    /// The time it was put off for is over.
    #[n(3)]
    SnoozeEnded,
    /// Somebody says that it is resolved.
    #[n(4)]
    Resolved,
    /// It was not seen to be resolved in time.
    #[n(5)]
    NotSeen,
    /// Whoever has it was reminded.
    #[n(6)]
    Reminded,
    /// It went to the next person on its path.
    #[n(7)]
    Escalated,
    /// Its cause was seen to be gone.
    #[n(8)]
    Closed,
}

/// One happening.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(array)]
pub struct Move {
    /// When.
    #[n(0)]
    pub at: Moment,
    /// What.
    #[n(1)]
    pub what: MoveKind,
    /// Who; nobody when it followed from time or from what was seen.
    #[n(2)]
    pub by: Option<Text>,
    /// What they said, or to whom it went.
    #[n(3)]
    pub note: Text,
}

impl Move {
    /// Where in the note begins what a person typed: behind to whom it went, where it went on.
    fn typed_from(&self) -> Option<usize> {
        self.by.as_ref()?;
        let from = match self.what {
            MoveKind::Escalated => self.note.find(": ")? + 2,
            _ => 0,
        };
        (from < self.note.len()).then_some(from)
    }

    /// Somebody typed something.
    pub fn is_typed(&self) -> bool {
        self.typed_from().is_some()
    }

    /// As somebody sees it: what a person typed is masked with everything else, to whom it went is not.
    pub fn seen_with(mut self, sight: Sight) -> Move {
        if let Some((led, typed)) = self.typed_from().and_then(|from| self.note.split_at_checked(from)) {
            self.note = Text::from(format!("{led}{}", sight.note(typed)));
        }
        self
    }
}

/// What a platform was told of an item: its cause may be worked out, and be nowhere once it is gone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Told {
    /// The reason.
    #[n(0)]
    pub reason: Reason,
    /// What about.
    #[n(1)]
    pub subject: Text,
    /// It was about a feed as a whole.
    #[n(2)]
    pub whole_feed: bool,
}

/// An item beside a cause.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Item {
    /// When its cause was opened.
    #[n(0)]
    pub opened_at: Moment,
    /// When its cause was seen to be gone.
    #[n(1)]
    pub closed_at: Option<Moment>,
    /// When somebody has to have acted.
    #[n(2)]
    pub due_at: Moment,
    /// What people said about it.
    #[n(3)]
    pub handling: Handling,
    /// Who said so.
    #[n(4)]
    pub by: Option<Text>,
    /// When.
    #[n(5)]
    pub at: Option<Moment>,
    /// Until when that holds: put off until then, or to be seen by then.
    #[n(6)]
    pub until: Option<Moment>,
    /// How far it has gone on its path; 0: it is with its owner.
    #[n(7)]
    pub step: u32,
    /// Since when it is there.
    #[n(8)]
    pub step_at: Moment,
    /// How often somebody was reminded: no reminder has the number of another.
    #[n(9)]
    pub reminders: u32,
    /// Whoever has it now was reminded that it is nearly due.
    #[n(10)]
    pub reminded: bool,
    /// What happened to it, oldest first.
    #[n(11)]
    pub history: Vec<Move>,
    /// What the platform was told of it: it has to hear when that is no longer so.
    #[n(12)]
    pub told: Option<Told>,
}

/// How things stand with the cause of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// The earliest visit still to come.
    pub next_start: Option<Moment>,
    /// How many stand on its path, the owner among them.
    pub path: u32,
}

/// What follows for an item from the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// Whoever has it is to be reminded; the number of the reminder.
    Remind(u32),
    /// It goes to this place on its path. Who stands there is not known here: whoever knows notes it.
    Escalate(u32),
}

/// What a person asks of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// They are at it.
    Acknowledge,
    /// Nobody is to be reminded until then.
    Snooze(Moment),
    /// It is resolved; that has to be seen.
    Resolve,
    /// It goes to the next person on its path.
    Escalate,
}

impl Item {
    /// The item of a cause that was opened.
    pub fn open(rules: &ExceptionRules, situation: &Situation, opened_at: Moment) -> Item {
        let mut item = Item {
            opened_at,
            closed_at: None,
            due_at: rules.due(opened_at, situation.next_start),
            handling: Handling::New,
            by: None,
            at: None,
            until: None,
            step: 0,
            step_at: opened_at,
            reminders: 0,
            reminded: false,
            history: Vec::new(),
            told: None,
        };
        item.note(opened_at, MoveKind::Opened, None, Text::default());
        item
    }

    /// Its cause was seen to be gone. The only end there is.
    pub fn close(&mut self, now: Moment) {
        self.closed_at = Some(now);
        self.note(now, MoveKind::Closed, None, Text::default());
    }

    /// Whether it is past its time.
    pub fn is_overdue(&self, now: Moment) -> bool {
        self.closed_at.is_none() && now >= self.due_at
    }

    /// By when somebody has to have acted: what is not due yet follows its visits, what is past due stays so.
    pub fn due_as_of(&self, rules: &ExceptionRules, situation: &Situation, now: Moment) -> Moment {
        if now < self.due_at && self.closed_at.is_none() {
            return rules.due(self.opened_at, situation.next_start);
        }
        self.due_at
    }

    /// What follows from the time and from how its cause stands.
    pub fn look(&mut self, rules: &ExceptionRules, situation: &Situation, now: Moment) -> Option<Follows> {
        self.due_at = self.due_as_of(rules, situation, now);
        if let Some(until) = self.until {
            if now < until {
                return None;
            }
            let what = if self.handling == Handling::Snoozed { MoveKind::SnoozeEnded } else { MoveKind::NotSeen };
            self.note(now, what, None, Text::default());
            self.say(Handling::New, None, now, None);
            return Some(self.remind(now));
        }
        if self.goes_on_at(rules, situation).is_some_and(|at| now >= at) {
            return Some(self.go_on(now));
        }
        let nearly = self.reminder_at(rules).is_some_and(|at| now >= at);
        (nearly && now < self.due_at).then(|| self.remind(now))
    }

    /// When something follows from the time alone, at the earliest.
    pub fn wakes_at(&self, rules: &ExceptionRules, situation: &Situation) -> Option<Moment> {
        if self.closed_at.is_some() {
            return None;
        }
        if self.until.is_some() {
            return self.until;
        }
        self.reminder_at(rules).into_iter().chain(self.goes_on_at(rules, situation)).min()
    }

    /// When whoever has it is reminded that it is nearly due: once, and not who said that they are at it.
    fn reminder_at(&self, rules: &ExceptionRules) -> Option<Moment> {
        let quiet = self.reminded || self.handling != Handling::New || self.step > 0;
        let at = self.due_at.plus_minutes(-i64::from(rules.remind_minutes));
        // Who has just been told of it is not reminded in the same breath.
        let least = self.opened_at.plus_minutes(i64::from(rules.least_minutes));
        (!quiet && at.max(least) < self.due_at).then(|| at.max(least))
    }

    /// When it goes to the next on its path.
    fn goes_on_at(&self, rules: &ExceptionRules, situation: &Situation) -> Option<Moment> {
        let after = match self.step {
            0 => self.due_at,
            _ => self.step_at.plus_minutes(i64::from(rules.step_minutes)).max(self.due_at),
        };
        (self.step + 1 < situation.path).then_some(after)
    }

    fn remind(&mut self, now: Moment) -> Follows {
        self.reminded = true;
        self.reminders += 1;
        self.note(now, MoveKind::Reminded, None, Text::default());
        Follows::Remind(self.reminders)
    }

    fn go_on(&mut self, now: Moment) -> Follows {
        self.step += 1;
        self.step_at = now;
        // Whoever gets it has said nothing yet.
        self.say(Handling::New, None, now, None);
        Follows::Escalate(self.step)
    }

    /// A person asks something of it. The error says why it cannot be.
    pub fn ask(
        &mut self,
        rules: &ExceptionRules,
        situation: &Situation,
        asked: &Asked,
        by: &Text,
        note: Text,
        now: Moment,
    ) -> Result<Option<Follows>, &'static str> {
        if self.closed_at.is_some() {
            return Err("it is closed already: what it was about is no longer seen");
        }
        match asked {
            Asked::Acknowledge => {
                self.say(Handling::Acknowledged, Some(by), now, None);
                self.note(now, MoveKind::Acknowledged, Some(by), note);
            }
            Asked::Snooze(until) => {
                if *until <= now {
                    return Err("it can only be put off until a time that is still to come");
                }
                if situation.next_start.is_some_and(|start| *until > start) {
                    return Err("it cannot be put off beyond the start of its next visit");
                }
                if *until > now.plus_minutes(i64::from(rules.most_minutes)) {
                    return Err("it cannot be put off for that long; acknowledge it instead");
                }
                self.say(Handling::Snoozed, Some(by), now, Some(*until));
                self.note(now, MoveKind::Snoozed, Some(by), note);
            }
            Asked::Resolve => {
                let until = now.plus_minutes(i64::from(rules.seen_minutes));
                self.say(Handling::WaitingToBeSeen, Some(by), now, Some(until));
                self.note(now, MoveKind::Resolved, Some(by), note);
            }
            Asked::Escalate => {
                if self.step + 1 >= situation.path {
                    return Err("it is with the last person on its path already");
                }
                return Ok(Some(self.go_on(now)));
            }
        }
        Ok(None)
    }

    fn say(&mut self, handling: Handling, by: Option<&Text>, now: Moment, until: Option<Moment>) {
        self.handling = handling;
        self.by = by.cloned();
        self.at = by.map(|_| now);
        self.until = until;
    }

    /// Adds a happening.
    pub fn note(&mut self, at: Moment, what: MoveKind, by: Option<&Text>, note: Text) {
        if self.history.len() >= KEPT {
            // The first one, which tells of its opening, stays.
            self.history.remove(1);
        }
        self.history.push(Move { at, what, by: by.cloned(), note });
    }
}

#[cfg(test)]
mod tests;
