//! Messages that are kept and acknowledged before they are decided on (ADR 0036).

use crate::{ControlRow, NewEnvelope, Result};
use domain::ids::{EnvelopeId, IntegrationKey, PracticeNo};
use domain::text::Text;
use domain::time::Moment;
use std::future::Future;
use std::pin::Pin;

/// What a message speaks of, as a number: a visit or a patient of an integration. Two messages about the same have a
/// subject in common; that two of different things have, too, costs a moment of waiting and nothing else.
pub type Subject = i64;

/// A message that is kept and not decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndecidedRow {
    /// Where it is kept.
    pub envelope: EnvelopeId,
    /// Whose it is.
    pub integration: IntegrationKey,
    /// When it arrived.
    pub at: Moment,
    /// The id it came under.
    pub control_id: Option<Text>,
}

/// A message to be kept.
#[derive(Clone, Debug)]
pub struct Keeping<'a> {
    /// The message.
    pub envelope: NewEnvelope<'a>,
    /// The id it came under, which nothing came under before.
    pub control: Option<(&'a Text, &'a ControlRow)>,
    /// What it speaks of; not empty.
    pub subjects: &'a [Subject],
}

/// Looking at what is undecided.
pub trait UndecidedReads {
    /// Messages that arrived before `before` and are not decided on, in the order in which they were kept.
    fn undecided(&mut self, before: Moment, limit: usize) -> Result<Vec<UndecidedRow>>;

    /// Messages about one of these that are not decided on, in the order in which they were kept.
    fn undecided_about(&mut self, practice: PracticeNo, subjects: &[Subject]) -> Result<Vec<EnvelopeId>>;

    /// An undecided message behind all that were kept before it and speak of something that it speaks of, in that
    /// order; nothing when it is decided on.
    fn undecided_up_to(&mut self, practice: PracticeNo, envelope: EnvelopeId) -> Result<Vec<EnvelopeId>>;
}

/// Changing it.
pub trait UndecidedWrites {
    /// Marks a stored message as not decided on. `subjects`: what it speaks of; not empty.
    fn put_undecided(&mut self, row: &UndecidedRow, subjects: &[Subject]) -> Result<()>;

    /// It is decided on. `subjects` are all that it was kept with. When somebody else was faster this fails or the
    /// commit does, with [`crate::Error::Conflict`].
    fn decided(&mut self, practice: PracticeNo, envelope: EnvelopeId, subjects: &[Subject]) -> Result<()>;

    /// The same by whoever does not know what it was kept with, and hears it. `None`: somebody else has decided on it.
    fn take_over(&mut self, practice: PracticeNo, envelope: EnvelopeId) -> Result<Option<UndecidedRow>>;

    /// An envelope that was to be applied cannot be: it is set aside for a person, with why. No patient data.
    fn set_aside(&mut self, practice: PracticeNo, envelope: EnvelopeId, note: &str) -> Result<()>;
}

/// What a porter is asked, and will answer.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Keeps messages beside the writers: one statement, which is its own commit. Unlike everything else here it takes
/// nobody's thread: a message that waits to be kept waits on the runtime by which it came, which spares it the ways
/// between threads.
pub trait Porter: Send {
    /// Keeps a message. When it answers `Ok` it is durable. Told are messages about the same that were kept before and
    /// are not decided on.
    ///
    /// # Errors
    ///
    /// Of whatever kind: nothing is promised, and whether it is kept is not known. A message with an id is found by it
    /// then. [`crate::Error::OutcomeUnknown`]: there was no answer for as long as anybody may wait.
    fn keep<'a>(&'a mut self, message: &'a Keeping<'a>) -> Asked<'a, Vec<EnvelopeId>>;
}
