//! The messages: those that wait, in order, and what became of the others.

use crate::faults::Faults;
use crate::practice::PracticeFault;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// So many messages are kept after they are done with.
const KEPT: usize = 5000;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It waits for its turn, or to be sent again.
    Waiting,
    /// It is on the line, and its answer is waited for.
    Sending,
    /// Accepted (AA or CA).
    Accepted,
    /// Taken, and not applied (AE or CE).
    SetAside,
    /// Refused (AR or CR).
    Refused,
    /// Never sent: a planted fault.
    Lost,
}

impl MessageState {
    /// As the desk reads it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            MessageState::Waiting => "waiting",
            MessageState::Sending => "being sent",
            MessageState::Accepted => "accepted",
            MessageState::SetAside => "set aside by the receiver",
            MessageState::Refused => "refused",
            MessageState::Lost => "lost on the way (fault)",
        }
    }
}

/// An answer to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// MSA-1.
    pub code: String,
    /// What it says is wrong.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// When it came.
    pub at: Timestamp,
}

/// A message.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// MSH-10.
    pub control_id: String,
    /// MSH-9.1.
    pub code: &'static str,
    /// MSH-9.2.
    pub trigger: &'static str,
    /// The visit or the patient that it tells of.
    pub about: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Where it stands.
    pub state: MessageState,
    /// How often it was put on the line.
    pub attempts: u32,
    /// The last answer to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The message itself, the same every time it is sent.
    #[serde(skip)]
    pub bytes: Arc<[u8]>,
    /// The faults of this message were drawn.
    #[serde(skip)]
    is_drawn: bool,
    #[serde(skip)]
    is_doubled: bool,
    #[serde(skip)]
    delay: Duration,
    /// How often the link looked whether it may send it.
    #[serde(skip)]
    looks: u32,
}

impl Message {
    pub(super) fn new(
        control_id: String,
        code: &'static str,
        trigger: &'static str,
        about: &str,
        made_at: Timestamp,
        bytes: Vec<u8>,
    ) -> Message {
        Message {
            control_id,
            code,
            trigger,
            about: about.to_owned(),
            made_at,
            state: MessageState::Waiting,
            attempts: 0,
            answer: None,
            bytes: bytes.into(),
            is_drawn: false,
            is_doubled: false,
            delay: Duration::ZERO,
            looks: 0,
        }
    }

    /// The message as people read it: a segment to a line.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).replace('\r', "\n")
    }
}

/// What the link is to do next.
#[derive(Debug)]
pub(super) enum Next {
    /// There is nothing to send, at least until then.
    Nothing { until: Option<Instant> },
    /// The interface is down for so long.
    Down(Duration),
    /// Send this.
    Send(Job),
}

/// One message for the line.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) control_id: String,
    pub(super) bytes: Arc<[u8]>,
    /// Rest so long first.
    pub(super) delay: Duration,
    /// So often, one after the other.
    pub(super) copies: u32,
}

/// How an attempt at a message ended.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// There was an answer. `again`: it asks for the message to be sent again.
    Answered { answer: Answer, accepted: bool, refused: bool, again: bool },
    /// There was none.
    NoAnswer,
}

/// The messages in the order they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    messages: VecDeque<Message>,
    /// A message that lets others overtake it, by its control id, and how long at most.
    held: Option<(String, Instant)>,
}

impl Queue {
    pub(super) fn push(&mut self, message: Message) {
        self.messages.push_back(message);
        let done = self.messages.iter().filter(|message| !is_open(message)).count();
        if done > KEPT
            && let Some(oldest) = self.messages.iter().position(|message| !is_open(message))
        {
            self.messages.remove(oldest);
        }
    }

    pub(super) fn messages(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter()
    }

    /// No message waits.
    pub(super) fn is_settled(&self) -> bool {
        !self.messages.iter().any(is_open)
    }

    /// How many messages wait or are on the line.
    pub(super) fn waiting(&self) -> usize {
        self.messages.iter().filter(|message| is_open(message)).count()
    }

    /// What to do next; draws the faults of messages that are looked at for the first time.
    pub(super) fn next(&mut self, faults: &Faults<PracticeFault>, now: Instant) -> Next {
        if self.held.as_ref().is_some_and(|(_, until)| *until <= now) {
            self.held = None;
        }
        let held = self.held.clone();
        let is_held = |message: &Message| held.as_ref().is_some_and(|(id, _)| *id == message.control_id);
        let turn = self.messages.iter_mut().find(|message| is_open(message) && !is_held(message));
        let Some(message) = turn else {
            return Next::Nothing { until: held.map(|(_, until)| until) };
        };
        let hit = |kind, attempt| faults.hit(kind, &message.control_id, &message.about, attempt);
        message.looks += 1;
        if let Some(outage) = hit(PracticeFault::Outage, message.looks) {
            return Next::Down(Faults::duration(PracticeFault::Outage, outage));
        }
        if !message.is_drawn {
            if hit(PracticeFault::LostEvent, 1).is_some() {
                message.state = MessageState::Lost;
                return self.next(faults, now);
            }
            let overtaken = hit(PracticeFault::Reorder, 1).filter(|_| held.is_none());
            let overtaken = overtaken.map(|fault| now + Faults::duration(PracticeFault::Reorder, fault));
            message.is_doubled = hit(PracticeFault::DuplicateEvent, 1).is_some();
            let late = hit(PracticeFault::Latency, 1);
            message.delay = late.map_or(Duration::ZERO, |fault| Faults::duration(PracticeFault::Latency, fault));
            message.is_drawn = true;
            if let Some(until) = overtaken {
                self.held = Some((message.control_id.clone(), until));
                return self.next(faults, now);
            }
        }
        message.state = MessageState::Sending;
        let copies = 1 + u32::from(std::mem::take(&mut message.is_doubled));
        message.attempts += copies;
        Next::Send(Job {
            control_id: message.control_id.clone(),
            bytes: message.bytes.clone(),
            delay: std::mem::take(&mut message.delay),
            copies,
        })
    }

    /// Notes how an attempt ended. True when the message is done with.
    pub(super) fn settle(&mut self, control_id: &str, outcome: Outcome, most_attempts: u32) -> bool {
        let Some(message) = self.messages.iter_mut().find(|message| message.control_id == control_id) else {
            return true;
        };
        message.state = MessageState::Waiting;
        if let Outcome::Answered { answer, accepted, refused, again } = outcome {
            message.answer = Some(answer);
            message.state = match (accepted, refused, again && message.attempts < most_attempts) {
                (true, ..) => MessageState::Accepted,
                (_, true, _) => MessageState::Refused,
                (_, _, true) => MessageState::Waiting,
                (_, _, false) => MessageState::SetAside,
            };
        }
        let done = !is_open(message);
        if done && self.held.as_ref().is_some_and(|(held, _)| held != control_id) {
            // It was overtaken; now it is its turn.
            self.held = None;
        }
        done
    }

    /// Puts a message that is done with, and was not accepted, at the end of the queue.
    pub(super) fn send_again(&mut self, control_id: &str) -> bool {
        let may = |message: &Message| {
            matches!(message.state, MessageState::SetAside | MessageState::Refused | MessageState::Lost)
        };
        let found = self.messages.iter().position(|message| message.control_id == control_id && may(message));
        let Some(mut message) = found.and_then(|at| self.messages.remove(at)) else { return false };
        message.state = MessageState::Waiting;
        message.is_drawn = true;
        message.attempts = 0;
        self.messages.push_back(message);
        true
    }
}

fn is_open(message: &Message) -> bool {
    matches!(message.state, MessageState::Waiting | MessageState::Sending)
}
