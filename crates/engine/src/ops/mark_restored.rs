//! A store that was put back from an older copy: what it forgot must not be said again with another meaning.

use crate::ops::Actor;
use crate::{Engine, Result};
use domain::ids::PracticeNo;

/// Versions go on this far above the former floor. Between a copy and its restoring no visit changes so often, and
/// 4,000 restores fit into a version.
const STRIDE: u32 = 1_000_000;

impl Engine {
    /// Notes that the store was put back from an older copy. Every version given from now on, and with it every event
    /// id, is above whatever was given after the copy was made.
    pub async fn mark_restored(&self, actor: &Actor) -> Result<u32> {
        let actor = actor.clone();
        let done = self.scribe.run(move |batch| {
            let floor = batch.writer().raise_version_floor(STRIDE)?;
            batch.refresh_whole_book()?;
            actor.audit(batch, PracticeNo::UNROUTED, "restore", "store", &format!("versions go on above {floor}"))?;
            Ok(floor)
        });
        done.await
    }
}
