//! What must be true: of what is stored at any moment, and of everything once all has settled.

mod ledger;
mod rows;
mod truth;

use crate::disk::{Disk, Told};
use crate::plan::Plan;
use crate::world::World;

/// Looks at everything that is stored: counts, queues and causes must fit the decisions at any moment.
pub fn structure(disk: &Disk, plan: &Plan) -> Told<Vec<String>> {
    rows::look(disk, plan)
}

/// Looks at everything once all has settled.
pub(crate) async fn everything(world: &World) -> Told<Vec<String>> {
    let mut faults = structure(world.disk(), world.plan())?;
    faults.extend(world.complaints());
    faults.extend(rows::settled(world.disk())?);
    faults.extend(ledger::look(world).await?);
    faults.extend(truth::look(world).await?);
    Ok(faults)
}
