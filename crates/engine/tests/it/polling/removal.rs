//! Visits that vanish.

use super::diary::{Call, Diary};
use super::world::World;
use domain::polling::ReadKind;
use domain::reasons::Reason;
use engine::ops::Actor;

async fn with(visits: usize, set: impl FnOnce(&Diary)) -> World {
    let world = World::start(|diary| {
        (0..visits).for_each(|n| diary.book(&format!("A{n:02}"), 24 + n as i64 % 40));
        set(diary);
    })
    .await;
    world.wait(30).await;
    assert_eq!(world.known().await.len(), visits);
    world.diary.calls();
    world
}

async fn removed(world: &World) -> Vec<String> {
    world.known().await.into_iter().filter(|(_, status)| status == "removed").map(|(id, _)| id).collect()
}

#[tokio::test(start_paused = true)]
async fn a_deleted_visit_is_looked_for_directly_before_it_is_taken_off() {
    let world = with(12, |_| {}).await;
    world.diary.delete("A03");
    world.wait(620).await;
    let calls: Vec<Call> = world.diary.calls().into_iter().map(|(_, call)| call).collect();
    assert_eq!(calls.iter().filter(|call| **call == Call::One("A03".into())).count(), 1, "{calls:?}");
    assert_eq!(removed(&world).await, ["A03"]);
    let told = world.explain("A03").await.to_string();
    assert!(told.contains("it was looked for twice"), "the timeline says why: {told}");
}

#[tokio::test(start_paused = true)]
async fn a_visit_that_a_list_leaves_out_and_that_is_there_stays() {
    let world = with(12, |_| {}).await;
    world.diary.with(|inside| inside.hidden.push("A03".to_owned()));
    world.wait(7200).await;
    assert_eq!(removed(&world).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_visit_that_moved_out_of_the_window_moved_and_was_not_removed() {
    let world = with(12, |diary| diary.with(|inside| inside.can.changes = false)).await;
    world.diary.book("A03", 24 * 200);
    world.wait(120).await;
    assert_eq!(removed(&world).await, Vec::<String>::new());
    let start: jiff::Timestamp = world.explain("A03").await["appointment"]["start"].as_str().unwrap().parse().unwrap();
    assert!(start > "2027-05-01T00:00:00Z".parse().unwrap());
}

#[tokio::test(start_paused = true)]
async fn without_direct_reads_a_visit_is_removed_after_the_second_complete_list() {
    let world = with(12, |diary| diary.with(|inside| (inside.can.changes, inside.can.single) = (false, false))).await;
    world.diary.delete("A03");
    world.wait(61).await;
    assert_eq!(removed(&world).await, Vec::<String>::new(), "absent once");
    world.diary.with(|inside| inside.partial = true);
    world.wait(61).await;
    assert_eq!(removed(&world).await, Vec::<String>::new(), "a partial list proves nothing");
    world.wait(130).await;
    assert_eq!(removed(&world).await, ["A03"]);
}

#[tokio::test(start_paused = true)]
async fn a_removed_visit_does_not_come_back_by_old_news() {
    let world = with(12, |_| {}).await;
    let before = world.diary.with(|inside| inside.visits["A03"].clone());
    world.diary.delete("A03");
    world.wait(620).await;
    assert_eq!(removed(&world).await, ["A03"]);
    // A copy of the source lags behind and lists it as it was.
    world.diary.with(|inside| inside.visits.insert("A03".to_owned(), before));
    world.engine().look_at(super::world::ID, Some("A03".into())).await.unwrap();
    world.wait(20).await;
    assert_eq!(removed(&world).await, ["A03"]);
    // Hours later it is still listed: then it is there.
    world.wait(3600).await;
    assert_eq!(removed(&world).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn many_that_vanish_at_once_stop_at_the_guard_until_a_person_decides() {
    let world = with(30, |_| {}).await;
    world.diary.with(|inside| inside.blind = true);
    world.wait(3700).await;
    assert_eq!(removed(&world).await, Vec::<String>::new());
    let singles = world.diary.calls().iter().filter(|(_, call)| matches!(call, Call::One(_))).count();
    assert_eq!(singles, 0, "nobody is looked for one by one");
    let causes = world.causes().await;
    assert_eq!((causes.len(), causes[0].code, causes[0].count), (1, Reason::MassDeleteGuard, 30));

    world.diary.with(|inside| inside.blind = false);
    world.wait(700).await;
    assert!(world.causes().await.is_empty(), "they are back: it ends by itself");

    world.diary.with(|inside| inside.blind = true);
    world.wait(700).await;
    let id = world.causes().await[0].id.clone();
    world.engine().decide_cause(&Actor::operator(), &id, true, "the practice closed a site").await.unwrap();
    assert_eq!(removed(&world).await.len(), 30);
    assert!(world.causes().await.is_empty());
    assert_eq!(world.state().feed(ReadKind::Near).failures, 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_person_decided_to_keep_is_kept_until_it_was_seen_again() {
    let world = with(30, |_| {}).await;
    world.diary.with(|inside| inside.blind = true);
    world.wait(700).await;
    let id = world.causes().await[0].id.clone();
    world.engine().decide_cause(&Actor::operator(), &id, false, "their server was restored").await.unwrap();
    world.wait(7200).await;
    assert_eq!((removed(&world).await.len(), world.causes().await.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_change_stamped_by_a_clock_that_was_put_back_is_believed_once_a_later_list_shows_it() {
    let world = with(12, |_| {}).await;
    let status = async || world.explain("A03").await["appointment"]["status"].as_str().unwrap().to_owned();
    world.diary.with(|inside| {
        let visit = inside.visits.get_mut("A03").unwrap();
        (visit.word, visit.version) = ("cancelled", 0);
    });
    world.engine().look_at(super::world::ID, Some("A03".into())).await.unwrap();
    world.wait(20).await;
    assert_eq!(status().await, "booked", "it may be a copy that lags behind");
    world.wait(1300).await;
    assert_eq!(status().await, "cancelled");
    let written = world.row().state;
    world.wait(1300).await;
    assert_eq!(status().await, "cancelled");
    assert_eq!(world.row().state.lost_at, written.lost_at);
}
