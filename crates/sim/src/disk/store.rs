//! The store of one process.

use crate::disk::faults::Place;
use crate::disk::handle::{Handle, Shared};
use crate::disk::{Arms, Disk};
use crate::mutant::Mutant;
use crate::process::Life;
use std::path::Path;
use std::sync::Arc;
use store::{Reader, Result, Store, Syncer, Writer};

/// The store of one process on the disk.
pub struct SimStore {
    shared: Shared,
    lanes: usize,
}

impl SimStore {
    /// Of a process. `lanes`: so many processes share the store; one alone takes over at its start what a former one
    /// left behind.
    pub fn new(
        disk: Arc<Disk>,
        life: Arc<Life>,
        arms: Arc<Arms>,
        lanes: usize,
        mutant: Option<Mutant>,
    ) -> Arc<SimStore> {
        Arc::new(SimStore { shared: Shared { disk, life, arms, mutant }, lanes })
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
