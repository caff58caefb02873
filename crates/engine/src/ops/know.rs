//! Whether a thing exists for whoever asks: what belongs to another practice does not.

use crate::ops::Actor;
use crate::{Engine, Error, Result};
use domain::ids::EnvelopeId;

/// A thing that a call names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A practice by its id.
    Practice(&'a str),
    /// An integration by its id.
    Integration(&'a str),
    /// A cause by its id.
    Cause(&'a str),
    /// An envelope by its id.
    Envelope(&'a str),
}

impl Engine {
    /// `Ok` when the thing exists for this actor, whatever they may do with it; else [`Error::NotFound`].
    pub async fn check_known(&self, actor: &Actor, subject: Subject<'_>) -> Result<()> {
        match subject {
            Subject::Practice(id) => {
                let known = actor.may_see(id) && self.setup().practice(id).is_some();
                if known { Ok(()) } else { Err(Error::NotFound { what: "practice", id: id.into() }) }
            }
            Subject::Integration(id) => self.integration_for(actor, id).map(|_| ()),
            Subject::Cause(id) => self.show_cause(actor, id).await.map(|_| ()),
            Subject::Envelope(id) => {
                let missing = || Error::NotFound { what: "envelope", id: id.into() };
                let envelope: EnvelopeId = id.parse().map_err(|_| missing())?;
                self.envelope_for(actor, envelope).await.map(|_| ())
            }
        }
    }
}
