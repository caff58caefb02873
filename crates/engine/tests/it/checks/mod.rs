//! Data-quality checks: what they count, when they are asked, and what is kept of it.

mod counts;
mod runs;

use crate::polling::diary::Diary;
use crate::polling::world::{ID, World};
use domain::checks::DataCheck;
use engine::ops::{Actor, CheckItem};
use store::Writer;

/// With visits that were read.
async fn with(set: impl FnOnce(&Diary)) -> World {
    let world = World::start(set).await;
    world.wait(30).await;
    world
}

/// Asks every check now.
async fn ask(world: &World) {
    world.engine().run_checks(&Actor::operator(), ID).await.unwrap();
}

/// How a check stands.
async fn item(world: &World, check: DataCheck) -> CheckItem {
    let list = world.engine().list_checks(&Actor::operator(), ID).await.unwrap();
    list.items.into_iter().find(|item| item.check == check).unwrap()
}

/// What a check found last, and of how many.
async fn found(world: &World, check: DataCheck) -> (u64, u64) {
    let item = item(world, check).await;
    (item.found.unwrap(), item.of.unwrap())
}

/// Writes what no feed of these tests tells of.
fn write(world: &World, change: impl FnOnce(&mut dyn Writer)) {
    let mut writer = world.store.writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    change(&mut *writer);
    writer.commit().unwrap();
}
