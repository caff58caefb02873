//! How a practice system is run.

use crate::clock::{Clock, SystemClock};
use crate::faults::Faults;
use crate::practice::PracticeFault;
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The shape of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum Shape {
    /// HL7 2.5.1: the time in TQ1, and `SIU_S12` named in MSH-9.
    #[default]
    #[serde(rename = "2.5.1")]
    V251,
    /// HL7 2.3: the time in SCH-11 only, MSH-9 of two components.
    #[serde(rename = "2.3")]
    V23,
}

impl Shape {
    /// MSH-12.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Shape::V251 => "2.5.1",
            Shape::V23 => "2.3",
        }
    }
}

/// How a practice system is run.
#[derive(Clone)]
pub struct PracticeOptions {
    /// What tells it the time.
    pub clock: Arc<dyn Clock>,
    /// The MLLP listener that takes its messages; without one they wait.
    pub feed: Option<SocketAddr>,
    /// So long it waits for an answer before it hangs up and sends the message again.
    pub answer_timeout: Duration,
    /// So long it rests after the first failure; a little longer after each further one.
    pub pause: Duration,
    /// A message that the other side asks to be sent again is sent so often, and then set aside.
    pub most_attempts: u32,
    /// What goes wrong from the start.
    pub faults: Faults<PracticeFault>,
}

impl Default for PracticeOptions {
    /// The machine's clock, nowhere to send to yet, half a minute's patience, no faults.
    fn default() -> PracticeOptions {
        PracticeOptions {
            clock: Arc::new(SystemClock),
            feed: None,
            answer_timeout: Duration::from_secs(30),
            pause: Duration::from_secs(1),
            most_attempts: 5,
            faults: Faults::none(1),
        }
    }
}

impl std::fmt::Debug for PracticeOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PracticeOptions")
            .field("feed", &self.feed)
            .field("answer_timeout", &self.answer_timeout)
            .field("pause", &self.pause)
            .field("most_attempts", &self.most_attempts)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
