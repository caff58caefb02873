//! The store of one process.

use crate::disk::faults::Place;
use crate::disk::handle::{Handle, Shared};
use crate::disk::{Arms, Disk};
use crate::mutant::Mutant;
use crate::process::Life;
use domain::ids::EnvelopeId;
use std::path::Path;
use std::sync::Arc;
use store::{Asked, Error, Keeping, Porter, Reader, Result, Store, Syncer, UndecidedRow, Writer};

/// The store of one process on the disk.
pub struct SimStore {
    shared: Shared,
    lanes: usize,
    keeps_first: bool,
}

impl SimStore {
    /// Of a process. `lanes`: so many processes share the store; one alone takes over at its start what a former one
    /// left behind. `keeps_first`: messages that come alone are kept before they are decided on.
    pub fn new(
        disk: Arc<Disk>,
        life: Arc<Life>,
        arms: Arc<Arms>,
        lanes: usize,
        keeps_first: bool,
        mutant: Option<Mutant>,
    ) -> Arc<SimStore> {
        Arc::new(SimStore { shared: Shared { disk, life, arms, mutant }, lanes, keeps_first })
    }
}

impl Store for SimStore {
    fn writer(&self) -> Result<Box<dyn Writer>> {
        self.shared.alive()?;
        Ok(Box::new(Handle::new(self.shared.disk.engine().writer()?, self.shared.clone())))
    }

    fn reader(&self) -> Result<Box<dyn Reader>> {
        self.shared.alive()?;
        Ok(Box::new(Handle::new(self.shared.disk.engine().reader()?, self.shared.clone())))
    }

    fn syncer(&self) -> Result<Box<dyn Syncer>> {
        Ok(Box::new(SimSyncer(self.shared.clone())))
    }

    fn porter(&self) -> Result<Option<Box<dyn Porter>>> {
        if !self.keeps_first {
            return Ok(None);
        }
        let porter = SimPorter { writer: self.writer()?, syncer: self.syncer()? };
        Ok(Some(Box::new(porter)))
    }

    fn lanes(&self) -> usize {
        self.lanes
    }

    fn backup(&self, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
        self.shared.disk.engine().backup(to, progress)
    }

    fn describe(&self) -> String {
        "a simulated disk".to_owned()
    }
}

/// Keeps a message as a batch of its own.
struct SimPorter {
    writer: Box<dyn Writer>,
    syncer: Box<dyn Syncer>,
}

impl SimPorter {
    fn keep_now(&mut self, message: &Keeping<'_>) -> Result<Vec<EnvelopeId>> {
        let Keeping { envelope, control, subjects } = message;
        let control_id = control.map(|(id, _)| id.clone());
        let (envelope_id, integration, at) = (envelope.id, envelope.integration, envelope.at);
        let kept = UndecidedRow { envelope: envelope_id, integration, at, control_id };
        let mut batch = || {
            self.writer.begin(&mut |_| {})?;
            if let Some((id, row)) = control {
                if self.writer.control(envelope.integration, id)?.is_some() {
                    return Err(Error::Conflict("the message id is there".into()));
                }
                self.writer.put_control(envelope.integration, id, row)?;
            }
            let before = self.writer.undecided_about(envelope.integration.practice, subjects)?;
            self.writer.put_envelope(envelope)?;
            self.writer.put_undecided(&kept, subjects)?;
            self.writer.commit()?;
            Ok(before)
        };
        let before = batch();
        if before.is_err() {
            self.writer.rollback();
        }
        let before = before?;
        self.syncer.sync()?;
        Ok(before)
    }
}

impl Porter for SimPorter {
    fn keep<'a>(&'a mut self, message: &'a Keeping<'a>) -> Asked<'a, Vec<EnvelopeId>> {
        let kept = self.keep_now(message);
        Box::pin(std::future::ready(kept))
    }
}

struct SimSyncer(Shared);

impl Syncer for SimSyncer {
    fn sync(&mut self) -> Result<()> {
        self.0.alive()?;
        self.0.strike(Place::Sync)?;
        if self.0.mutant != Some(Mutant::SyncsNothing) {
            self.0.disk.synced()?;
        }
        self.0.strike(Place::AfterSync)
    }
}
