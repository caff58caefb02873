//! Pieces of work for the scribe.

use crate::scribe::Batch;
use crate::{Error, Result};
use store::Hints;
use tokio::sync::oneshot;

/// A piece of work. It is run inside a batch, possibly more than once, and finished once.
pub trait Work: Send {
    /// Names rows that it is going to look at.
    fn hints(&self, hints: &mut Hints);

    /// Does it. Nothing outside the batch may be changed: the batch may fail and be repeated.
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<()>;

    /// It cannot be done: turn into the work of setting aside what it was about. `false` when there is nothing to.
    fn set_aside(&mut self, _why: &str) -> bool {
        false
    }

    /// It only wants to see what would come of it: whatever it changes is undone.
    fn only_looks(&self) -> bool {
        false
    }

    /// Whoever asked for it has an answer already: a moment more or less is nothing to anybody.
    fn nobody_waits(&self) -> bool {
        false
    }

    /// It is durable, or it failed.
    fn finish(self: Box<Self>, outcome: Result<()>);
}

/// Work with an answer for whoever waits.
pub(super) struct Job<T, F> {
    hints: Hints,
    work: F,
    done: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Job<T, F>
where
    F: FnMut(&mut Batch<'_>) -> Result<T> + Send,
{
    pub(super) fn new(hints: Hints, work: F, reply: oneshot::Sender<Result<T>>) -> Job<T, F> {
        Job { hints, work, done: None, reply }
    }
}

impl<T, F> Work for Job<T, F>
where
    T: Send,
    F: FnMut(&mut Batch<'_>) -> Result<T> + Send,
{
    fn hints(&self, hints: &mut Hints) {
        hints.appointments.extend(self.hints.appointments.iter().cloned());
        hints.patients.extend(self.hints.patients.iter().cloned());
        hints.facts.extend(self.hints.facts.iter().cloned());
        hints.addresses.extend(self.hints.addresses.iter().cloned());
        hints.controls.extend(self.hints.controls.iter().cloned());
    }

    fn run(&mut self, batch: &mut Batch<'_>) -> Result<()> {
        match (self.work)(batch) {
            Ok(value) => {
                self.done = Some(Ok(value));
                Ok(())
            }
            // The store's failures concern the whole batch; a refusal is an answer, as long as nothing was changed. A
            // refusal after a change must not be committed, so it fails the batch, and the work is repeated alone.
            Err(error @ Error::Store(_)) => Err(error),
            Err(error) if batch.is_untouched() => {
                self.done = Some(Err(error));
                Ok(())
            }
            Err(error) => {
                self.done = Some(Err(error));
                Err(Error::Invalid("the work was refused after it had begun to change things".to_owned()))
            }
        }
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let answer = match (outcome, self.done) {
            (Ok(()), Some(done)) => done,
            (Err(_), Some(Err(refusal))) => Err(refusal),
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(Error::Stopped),
        };
        // Whoever asked may have gone away; what was done stays done.
        drop(self.reply.send(answer));
    }
}
