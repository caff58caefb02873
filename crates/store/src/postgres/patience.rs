//! Patience with a server that takes questions and does not answer them.
//!
//! A network that loses everything is noticed by the system, which hears no acknowledgement. A server that stands
//! still, or something on the way that goes on acknowledging for it, is noticed by nobody but whoever waits for the
//! answer. A session says which connection it is going to wait for; when the answer takes too long, the connection is
//! cut, and waiting ends with that.

use crate::postgres::here::{Here, Waited};
use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};
use tokio::task::AbortHandle;

thread_local! {
    /// The connection that this thread waits for, if its patience has an end.
    static ATTENDED: RefCell<Option<Patience>> = const { RefCell::new(None) };
}

/// How long answers of one connection are waited for.
#[derive(Clone)]
pub(super) struct Patience {
    driver: Driver,
    limit: Duration,
}

/// Who moves a connection's bytes.
#[derive(Clone)]
enum Driver {
    /// A task on the store's thread.
    Beside(AbortHandle),
    /// Whoever waits, while the connection is still held by its session.
    Here(Weak<Mutex<Here>>),
}

impl Patience {
    pub(super) fn beside(driver: AbortHandle, limit: Duration) -> Patience {
        Patience { driver: Driver::Beside(driver), limit }
    }

    pub(super) fn here(connection: &Arc<Mutex<Here>>, limit: Duration) -> Patience {
        Patience { driver: Driver::Here(Arc::downgrade(connection)), limit }
    }

    /// Whether whoever waits moves the bytes.
    pub(super) fn is_here(&self) -> bool {
        matches!(self.driver, Driver::Here(_))
    }

    /// From now on this thread waits for this connection.
    pub(super) fn attend(&self) {
        ATTENDED.set(Some(self.clone()));
    }

    /// From now on this thread waits as long as it takes: for changes of the schema, say.
    pub(super) fn attend_nobody() {
        ATTENDED.with_borrow_mut(|attended| match attended {
            Some(Patience { driver: Driver::Here(_), limit }) => *limit = FOREVER,
            _ => *attended = None,
        });
    }
}

/// Longer than anything takes.
const FOREVER: Duration = Duration::from_secs(7 * 86_400);

fn told_of_cut(limit: Duration) {
    tracing::warn!(seconds = limit.as_secs(), "the database did not answer; the connection is cut");
}

/// Waits for an answer on this thread, as long as the connection's [`Patience`] lasts.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let attended = ATTENDED.with_borrow(Clone::clone);
    if let Some(Patience { driver: Driver::Here(connection), limit }) = &attended
        && let Some(connection) = connection.upgrade()
    {
        match lock(&connection).wait(future.as_mut(), *limit) {
            Waited::Answered(answer) => return answer,
            // Whoever waits for an answer of this connection hears that it is closed.
            Waited::Cut => told_of_cut(*limit),
        }
    }
    park(future, attended)
}

fn lock(connection: &Mutex<Here>) -> MutexGuard<'_, Here> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits while somebody else moves the bytes.
fn park<F: Future>(mut future: Pin<&mut F>, attended: Option<Patience>) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let began = Instant::now();
    let mut patience = attended.and_then(|Patience { driver, limit }| match driver {
        Driver::Beside(task) => Some((task, limit)),
        Driver::Here(_) => None,
    });
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return answer;
        }
        let Some((task, limit)) = &patience else {
            std::thread::park();
            continue;
        };
        let left = limit.saturating_sub(began.elapsed());
        if left.is_zero() {
            told_of_cut(*limit);
            // Whoever waits for an answer of this connection hears that it is closed.
            task.abort();
            patience = None;
        } else {
            std::thread::park_timeout(left);
        }
    }
}
