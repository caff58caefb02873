//! A reader or writer of one process, with the faults of that process in between.

use crate::disk::faults::Place;
use crate::disk::{Arms, Disk, StoreFault};
use crate::mutant::Mutant;
use crate::process::Life;
use domain::ids::AppointmentKey;
use std::collections::HashMap;
use std::sync::Arc;
use store::{AppointmentRow, Error, Result};

/// What every handle of a process shares.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) disk: Arc<Disk>,
    pub(super) life: Arc<Life>,
    pub(super) arms: Arc<Arms>,
    pub(super) mutant: Option<Mutant>,
}

/// A reader (`T = dyn Reader`) or writer (`T = dyn Writer`) with faults in between.
pub struct Handle<T: ?Sized> {
    pub(super) inner: Box<T>,
    pub(super) shared: Shared,
    /// Changes in the open batch.
    pub(super) changed: u64,
    /// For the mutant that reads stale: appointments before their last change, and how often anything was read.
    pub(super) before: HashMap<AppointmentKey, AppointmentRow>,
    pub(super) reads: u64,
}

impl<T: ?Sized> Handle<T> {
    pub(super) fn new(inner: Box<T>, shared: Shared) -> Handle<T> {
        Handle { inner, shared, changed: 0, before: HashMap::new(), reads: 0 }
    }

    pub(super) fn is(&self, mutant: Mutant) -> bool {
        self.shared.mutant == Some(mutant)
    }

    /// May the process do anything at all?
    pub(super) fn alive(&self) -> Result<()> {
        self.shared.alive()
    }

    /// A change is about to be made.
    pub(super) fn change(&mut self) -> Result<()> {
        self.alive()?;
        self.changed += 1;
        self.shared.strike(Place::Change)
    }
}

pub(super) fn unavailable(why: &'static str) -> Error {
    Error::Unavailable(why.into())
}

impl Shared {
    pub(super) fn alive(&self) -> Result<()> {
        if self.life.is_over() { Err(unavailable("the process is gone")) } else { Ok(()) }
    }

    /// Whatever strikes at this place, as the process sees it.
    pub(super) fn strike(&self, place: Place) -> Result<()> {
        let Some(fault) = self.arms.strike(place) else { return Ok(()) };
        if fault.may_lose() {
            self.life.lose_power();
        }
        if fault.kills() {
            self.life.end();
        }
        Err(match fault {
            StoreFault::Busy => Error::Busy("somebody else writes".into()),
            StoreFault::Full => unavailable("the disk is full"),
            StoreFault::CommitFails => unavailable("the commit failed"),
            StoreFault::Overtaken => Error::Conflict("somebody else was faster".into()),
            StoreFault::AnswerLost => Error::OutcomeUnknown("the answer to the commit was lost".into()),
            StoreFault::SyncFails => {
                self.life.fail_disk();
                unavailable("the disk failed to sync")
            }
            _ => unavailable("the process is gone"),
        })
    }
}
