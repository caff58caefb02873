//! What is noted of who looked at a visit.

use crate::polling::world::{ID, World};
use domain::ids::{AppointmentKey, EntryId};
use engine::ops::{Actor, WhyAsked};
use store::AppointmentRow;

async fn with_a_visit() -> World {
    let world = World::start(|diary| diary.book("A1", 24)).await;
    world.wait(30).await;
    world
}

/// Views of the visit that are in the audit log.
fn views(world: &World, subject: &str) -> usize {
    let rows = world.store.reader().unwrap().audit(None, Some(subject), None, 100).unwrap();
    rows.iter().filter(|row| row.audit.action == "view").count()
}

#[tokio::test(start_paused = true)]
async fn a_visit_that_is_explained_leaves_one_view_and_one_that_is_not_known_leaves_none() {
    let world = with_a_visit().await;
    world.explain("A1").await;
    assert_eq!(views(&world, "northside/A1"), 1);
    world.engine().explain_appointment(&Actor::operator(), ID, "nobody's").await.unwrap_err();
    let now = world.engine().clock().now();
    world.engine().explain_appointment_at(&Actor::operator(), ID, "nobody's", now).await.unwrap_err();
    assert_eq!(views(&world, "northside/nobody's"), 0);
    world.engine().explain_appointment_at(&Actor::operator(), ID, "A1", now).await.unwrap();
    assert_eq!(views(&world, "northside/A1"), 2);
    let asked = WhyAsked { source_id: Some("A1".into()), ..WhyAsked::default() };
    world.engine().answer_why(&Actor::operator(), ID, asked).await.unwrap();
    assert_eq!(views(&world, "northside/why"), 1);
}

/// The row in the audit log does not wait for all that an explanation reads.
#[tokio::test(start_paused = true)]
async fn a_view_is_noted_as_soon_as_the_visit_is_found() {
    let world = with_a_visit().await;
    let key = AppointmentKey { integration: world.key(), source_id: "A1".into() };
    let before = world.store.reader().unwrap().appointment(&key).unwrap().unwrap();
    let damaged = AppointmentRow { decided: EntryId(1), ..before.clone() };
    let mut writer = world.store.writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    writer.put_appointment(&key, Some(&before), &damaged).unwrap();
    writer.commit().unwrap();
    drop(writer);
    world.engine().explain_appointment(&Actor::operator(), ID, "A1").await.unwrap_err();
    assert_eq!(views(&world, "northside/A1"), 1);
}
