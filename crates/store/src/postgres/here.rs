//! A connection whose bytes are moved by the thread that waits for its answers.
//!
//! Every answer that another thread has to hand over costs two changes of thread, which for a single message is as much
//! as the server's own work. Whoever has a thread of their own, as the scribe has, reads and writes the socket
//! themselves while they wait. Nothing is moved in between: that the connection was lost meanwhile is noticed with the
//! next question, and a session asks that anew on a new connection.

use crate::postgres::connection::Driven;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::{Handle, Runtime};

/// The connection, and what waits for its socket.
pub(super) struct Here {
    runtime: Option<Runtime>,
    /// Nothing any more once the connection has ended.
    driven: Option<Driven>,
}

/// What a wait came to.
pub(super) enum Waited<T> {
    Answered(T),
    /// It took too long. The connection is cut; whoever asks again hears so at once.
    Cut,
}

impl Here {
    /// Whether this thread may wait for a socket itself: one that works for many tasks must not.
    pub(super) fn is_possible() -> bool {
        Handle::try_current().is_err()
    }

    /// What a future gives that makes a connection, and the connection.
    pub(super) fn open<T, E>(
        making: impl Future<Output = Result<(T, Driven), E>>,
    ) -> std::io::Result<Result<(T, Here), E>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let made = runtime.block_on(making);
        Ok(made.map(|(value, driven)| (value, Here { runtime: Some(runtime), driven: Some(driven) })))
    }

    /// Waits for an answer and moves the connection's bytes meanwhile, for `limit` at most.
    pub(super) fn wait<F: Future>(&mut self, future: std::pin::Pin<&mut F>, limit: Duration) -> Waited<F::Output> {
        let mut future = future;
        let Here { runtime, driven } = self;
        let Some(runtime) = runtime else { return Waited::Cut };
        runtime.block_on(async {
            let mut late = pin!(tokio::time::sleep(limit));
            poll_fn(|context| {
                // First what is asked goes to the connection, then through the socket, then what came is looked at.
                if let Poll::Ready(answer) = future.as_mut().poll(context) {
                    return Poll::Ready(Waited::Answered(answer));
                }
                if driven.as_mut().is_some_and(|driven| driven.as_mut().poll(context).is_ready()) {
                    *driven = None;
                }
                if let Poll::Ready(answer) = future.as_mut().poll(context) {
                    return Poll::Ready(Waited::Answered(answer));
                }
                if late.as_mut().poll(context).is_ready() {
                    *driven = None;
                    return Poll::Ready(Waited::Cut);
                }
                Poll::Pending
            })
            .await
        })
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.driven = None;
        if let Some(runtime) = self.runtime.take() {
            // It may be dropped by a task, which must not wait.
            runtime.shutdown_background();
        }
    }
}
