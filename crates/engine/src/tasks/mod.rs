//! Background work: each task rings up on a bell and on a timer (signal for speed, sweep for truth), takes no input,
//! does a bounded piece of work at a time and is safe to repeat.

mod fired;
mod outbox;
mod retention;
mod timers;

pub(crate) use fired::{one_page as one_page_of_fired, work_off_fired};
pub(crate) use outbox::sweep_outbox;
pub use retention::keep_retention;
pub(crate) use timers::{keep_time, one_page as one_page_of_timers};

use crate::Result;
use crate::scribe::Scribe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Hears when the service is to stop.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// A switch and one who hears it.
    pub(crate) fn switch() -> (watch::Sender<bool>, Stop) {
        let (switch, stop) = watch::channel(false);
        (switch, Stop(stop))
    }

    /// Waits until the service is to stop.
    pub async fn requested(&mut self) {
        // A switch that is gone means the same as one that was thrown.
        drop(self.0.wait_for(|stop| *stop).await);
    }
}

/// What a task needs.
#[derive(Clone)]
pub(crate) struct TaskContext {
    pub(crate) scribe: Scribe,
    pub(crate) courier: crate::deliver::CourierHandle,
    pub(crate) clock: Arc<dyn crate::ports::Clock>,
    pub(crate) stop: Stop,
    pub(crate) sweeps: crate::Sweeps,
}

/// Logs a failed round and rests, so that a store that is down is not hammered.
pub(crate) async fn rest_after<T>(task: &'static str, round: Result<T>) -> Option<T> {
    match round {
        Ok(value) => Some(value),
        Err(crate::Error::Stopped) => None,
        Err(error) => {
            tracing::error!(
                task,
                error = &error as &dyn std::error::Error,
                "a round of background work failed; it is repeated"
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
            None
        }
    }
}
