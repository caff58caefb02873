//! What is counted of the queue: who did what with an item, and how it ended.

use crate::polling::world::{DOCUMENT, World};
use domain::exception::Asked;
use domain::setup::Document;
use engine::ops::{Actor, UseOfPractice};

async fn used(world: &World) -> UseOfPractice {
    world.engine().queue_use(&Actor::operator()).await.unwrap().items.remove(0)
}

/// The source's clock is wrong until that is known: one open item. Its id.
async fn opened(world: &World) -> String {
    world.diary.with(|inside| inside.ahead_secs = -300);
    world.wait(200).await;
    let causes = world.causes().await;
    assert_eq!(causes.len(), 1);
    causes[0].id.to_string()
}

/// The clock is right again, and that is seen.
async fn over(world: &World) {
    world.diary.with(|inside| inside.ahead_secs = 0);
    world.wait(200).await;
    assert!(world.causes().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn s3_27_each_thing_that_is_done_with_an_item_is_counted_as_what_it_is() {
    let world = World::start(|_| {}).await;
    world.wait(30).await;
    let later = world.engine().clock().now().plus_secs(3 * 3600);
    // What was done, and how many were closed after work by then. Who sends an item on has not worked on it.
    for (n, (asked, after_work)) in [
        (None, 0),
        (Some(Asked::Escalate), 0),
        (Some(Asked::Snooze(later)), 1),
        (Some(Asked::Resolve), 2),
        (Some(Asked::Acknowledge), 3),
    ]
    .into_iter()
    .enumerate()
    {
        let id = opened(&world).await;
        if let Some(asked) = asked {
            world.engine().handle_cause(&Actor::operator(), &id, asked, "").await.unwrap();
        }
        over(&world).await;
        let used = used(&world).await;
        let n = n as u64;
        assert_eq!((used.opened, used.closed, used.closed_after_work), (n + 1, n + 1, after_work), "{used:?}");
        let done = [used.sent_on, used.snoozed, used.resolved, used.acknowledged];
        assert_eq!(done, [1, 2, 3, 4].map(|place| u64::from(place <= n)), "{used:?}");
        assert_eq!(used.went_on, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn s3_27_what_goes_on_because_its_time_is_over_is_counted_apart_from_what_a_person_sends_on() {
    let world = World::start(|_| {}).await;
    let most =
        "\n  { path = \"platform.exceptions.most_minutes\", value = 20, author = \"test\", reason = \"test\" },\n]";
    let document = Document::from_toml(&DOCUMENT.replacen("\n]", most, 1)).unwrap();
    world.engine().apply_document(&Actor::operator(), document, false).await.unwrap();
    opened(&world).await;
    assert_eq!(used(&world).await.went_on, 0, "it is not due yet");
    world.wait(25 * 60).await;
    let used = used(&world).await;
    assert_eq!((used.opened, used.went_on, used.sent_on), (1, 1, 0), "{used:?}");
}
