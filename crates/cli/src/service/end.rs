//! Hearing that somebody wants the program to end.

use crate::exit::Failure;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears SIGTERM and SIGINT.
pub(crate) struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Ends {
    /// Hears from now on.
    pub(crate) fn listen() -> Result<Ends, Failure> {
        let hear = |kind| signal(kind).map_err(|error| Failure::could("signals cannot be heard", &error));
        Ok(Ends { terminate: hear(SignalKind::terminate())?, interrupt: hear(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Comes to an end in good order, unless somebody asks a second time.
    pub(crate) async fn unless_again<T>(
        &mut self,
        ending: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            ended = ending => ended,
            () = self.next() => Err(Failure::Could("ended at once, on the second signal".to_owned())),
        }
    }
}
