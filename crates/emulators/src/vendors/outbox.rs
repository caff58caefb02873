//! What a twin pushes: requests to the other side, with the vendor's own patience, on the twin's own clock.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// A push that waits, or that was made.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Push {
    /// Which event it tells of.
    pub(crate) event: String,
    pub(crate) url: String,
    #[serde(skip)]
    pub(crate) method: &'static str,
    #[serde(skip)]
    pub(crate) headers: Vec<(String, String)>,
    #[serde(skip)]
    pub(crate) body: Vec<u8>,
    /// What must stand in the answer, else it counts as none.
    #[serde(skip)]
    pub(crate) expects: Option<String>,
    /// When it is due.
    pub(crate) due: Timestamp,
    /// The pauses after the first try and each further one, in seconds of the twin's clock.
    #[serde(skip)]
    pub(crate) pauses: &'static [i64],
    /// How often it was tried.
    pub(crate) tries: usize,
    /// The answers so far; 0: none came.
    pub(crate) answers: Vec<u16>,
    pub(crate) state: PushState,
}

/// How a push stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PushState {
    Waiting,
    Sending,
    Delivered,
    GivenUp,
}

/// All pushes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    pushes: Vec<Push>,
}

impl Outbox {
    pub(crate) fn put(&mut self, push: Push) {
        self.pushes.push(push);
    }

    pub(crate) fn all(&self) -> &[Push] {
        &self.pushes
    }

    /// Takes one that is due.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<(usize, Push)> {
        let due = |push: &&mut Push| push.state == PushState::Waiting && push.due <= now;
        let number = self.pushes.iter_mut().filter(due).map(|push| push.due).min()?;
        let (at, push) = self
            .pushes
            .iter_mut()
            .enumerate()
            .find(|(_, push)| push.state == PushState::Waiting && push.due == number)?;
        push.state = PushState::Sending;
        push.tries += 1;
        Some((at, push.clone()))
    }

    /// Notes the answer (0: none). Any 2xx is a delivery.
    pub(crate) fn settle(&mut self, at: usize, answer: u16, now: Timestamp) {
        let Some(push) = self.pushes.get_mut(at) else { return };
        push.answers.push(answer);
        if (200..300).contains(&answer) {
            push.state = PushState::Delivered;
        } else if let Some(pause) = push.pauses.get(push.tries - 1) {
            push.state = PushState::Waiting;
            push.due = now.saturating_add(SignedDuration::from_secs(*pause)).unwrap_or(Timestamp::MAX);
        } else {
            push.state = PushState::GivenUp;
        }
    }
}
