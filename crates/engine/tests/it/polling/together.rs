//! Crashes, several processes, and push beside poll.

use super::diary::Call;
use super::world::{ID, World};
use domain::polling::ReadKind;
use engine::ops::Actor;
use engine::poll::Failure;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_between_pages_skips_none_and_reads_none_twice_over() {
    let mut world = World::start(|diary| {
        (0..95).for_each(|n| diary.book(&format!("A{n:02}"), 24));
        diary.with(|inside| inside.takes = Duration::from_millis(400));
    })
    .await;
    // The near window has ten pages; the process dies in the middle of the fifth.
    world.wait(2).await;
    let read = world.diary.calls().len();
    assert!((3..8).contains(&read), "{read}");
    let known = world.known().await.len();
    assert!(known > 0 && known < 95 && known % 10 == 0, "whole pages: {known}");
    world.die_and_rise();
    world.wait(30).await;
    assert_eq!(world.known().await.len(), 95);
    let again = world.diary.calls().iter().filter(|(_, call)| matches!(call, Call::Window(..))).count();
    assert!(again <= 14, "it went on from the page that was lost, and did not begin anew: {again}");
    assert!(world.state().feed(ReadKind::Near).complete.is_some());
}

#[tokio::test(start_paused = true)]
async fn changes_that_are_handed_out_once_are_not_lost_by_a_crash_after_the_commit() {
    let mut world = World::start(|diary| diary.with(|inside| inside.can.consumes = true)).await;
    world.wait(30).await;
    (0..25).for_each(|n| world.diary.book(&format!("A{n:02}"), 24));
    world.diary.with(|inside| (inside.can.windows, inside.takes) = (false, Duration::from_millis(700)));
    world.wait(61).await;
    world.die_and_rise();
    world.wait(70).await;
    assert_eq!(world.known().await.len(), 25);
    let cursors: Vec<Call> = world.diary.calls().into_iter().map(|(_, call)| call).collect();
    assert!(cursors.contains(&Call::Changes(Some("10".into()))), "{cursors:?}");
}

#[tokio::test(start_paused = true)]
async fn two_processes_on_one_store_read_once_in_effect() {
    let world = World::start(|diary| (0..30).for_each(|n| diary.book(&format!("A{n:02}"), 24))).await;
    let other = world.another();
    world.wait(30).await;
    world.diary.calls();
    world.wait(1200).await;
    let changes: Vec<_> = world.diary.calls().into_iter().filter(|(_, c)| matches!(c, Call::Changes(_))).collect();
    assert!((18..=21).contains(&changes.len()), "once a minute for both together: {}", changes.len());
    assert_eq!(world.known().await.len(), 30);
    other.drain().await;
}

#[tokio::test(start_paused = true)]
async fn a_hint_is_a_reason_to_look_and_push_and_poll_together_make_one() {
    let world = World::start(|_| {}).await;
    world.wait(30).await;
    world.diary.calls();
    world.diary.book("A1", 24);
    for _ in 0..5 {
        assert!(world.engine().look_at(ID, Some("A1".into())).await.unwrap());
    }
    world.wait(2).await;
    let told = world.explain("A1").await;
    assert_eq!(told["appointment"]["version"], 1);
    let singles = world.diary.calls().iter().filter(|(_, call)| *call == Call::One("A1".into())).count();
    assert!((1..=5).contains(&singles), "a hint that comes before a read begins needs none of its own: {singles}");
    world.wait(120).await;
    let told = world.explain("A1").await;
    assert_eq!(told["appointment"]["version"], 1, "the poll that follows finds nothing new: {told}");
    assert_eq!(told["delivery"]["attempts"], 1, "{told}");
}

#[tokio::test(start_paused = true)]
async fn somebody_who_asks_for_one_visit_gets_it_read_now() {
    let world = World::start(|_| {}).await;
    world.wait(30).await;
    world.diary.book("A1", 24);
    let read = world.engine().read_now(&Actor::operator(), ID, &"A1".into()).await.unwrap();
    assert_eq!(read.outcome, "found");
    assert_eq!(world.known().await.len(), 1);
    let read = world.engine().read_now(&Actor::operator(), ID, &"A9".into()).await.unwrap();
    assert_eq!(read.outcome, "not_found");
}

#[tokio::test(start_paused = true)]
async fn an_integration_that_is_not_authorized_yet_is_not_read() {
    let world = World::start(|_| {}).await;
    world.wait(30).await;
    let document =
        super::world::DOCUMENT.replace("lifecycle = \"live\"", "lifecycle = \"initiated\"").replace(ID, "southside");
    let document = domain::setup::Document::from_toml(&document).unwrap();
    world.engine().apply_document(&Actor::operator(), document, false).await.unwrap();
    world.wait(300).await;
    let south = world.engine().setup().named("southside").unwrap().key();
    let row = world.store.reader().unwrap().poll(south).unwrap().unwrap();
    assert_eq!(row.due_at, store::PollRow::NEVER);
}

#[tokio::test(start_paused = true)]
async fn x_3_absence_is_said_only_where_it_was_looked_for() {
    let world = World::start(|diary| diary.book("A1", 24)).await;
    let asked = |hours: i64| engine::ops::WhyAsked {
        start: Some(engine::ops::StartAsked::At(world.engine().clock().now().plus_secs(hours * 3600 + 900))),
        ..Default::default()
    };
    let answer = |asked| async {
        let told = world.engine().answer_why(&Actor::operator(), ID, asked).await.unwrap();
        serde_json::to_value(told).unwrap()["answer"].as_str().unwrap().to_owned()
    };
    world.wait(30).await;
    assert_eq!(answer(asked(30)).await, "never_received", "in the near window");
    assert_eq!(answer(asked(24 * 40)).await, "never_received", "in the far window");
    assert_eq!(answer(asked(24 * 200)).await, "not_yet_looked", "beyond what is ever read");
    let down = || engine::poll::Failure::Unreachable { what: "503".into() };
    world.diary.with(|inside| inside.failures.extend((0..500).map(|_| down())));
    world.wait(3600).await;
    assert_eq!(answer(asked(30)).await, "not_yet_looked", "nobody answered for an hour");
}

#[tokio::test(start_paused = true)]
async fn a_check_asks_the_source_and_names_what_is_missing() {
    let world = World::start(|_| {}).await;
    world.wait(30).await;
    let source = || async {
        let readiness = world.engine().check_readiness(&Actor::operator(), ID).await.unwrap();
        serde_json::to_value(readiness.items.into_iter().find(|item| item.check == "source").unwrap()).unwrap()
    };
    assert_eq!(source().await["state"], "ok");
    let what = || "a code".into();
    for (failure, code) in [
        (Failure::Rejected { what: what() }, "CREDENTIAL_REJECTED"),
        (Failure::Revoked { what: what() }, "GRANT_REVOKED"),
        (Failure::NoPlace { what: what() }, "DATABASE_TARGET_MOVED"),
    ] {
        world.diary.with(|inside| inside.failures.push_back(failure));
        let told = source().await;
        assert_eq!((told["state"].as_str(), told["code"].as_str()), (Some("missing"), Some(code)));
    }
}

#[tokio::test(start_paused = true)]
async fn source_and_platform_are_compared_on_demand_and_every_night() {
    let world = World::start(|diary| {
        diary.book("A1", 24);
        diary.book("A2", 24 * 40);
    })
    .await;
    world.wait(30).await;
    assert!(world.item().await.feed.polling.unwrap().census.is_none());
    // One visit changes and one is deleted, and the source tells of neither.
    world.diary.with(|inside| {
        inside.can.changes = false;
        inside.failures.clear();
    });
    world.diary.book("A3", 48);
    world.engine().order_census(&Actor::operator(), ID).await.unwrap();
    world.wait(30).await;
    let census = world.item().await.feed.polling.unwrap().census.unwrap();
    assert!(census.complete && census.at >= world.engine().clock().now().plus_secs(-30));
    assert_eq!((census.listed, census.new, census.absent), (3, 1, 0));
    assert_eq!((census.known, census.unexplained), (3, 0));
    assert_eq!(census.shown + census.explained.values().sum::<u32>(), 3, "every visit is shown or explained");
    let first = census.at;
    world.wait(20 * 3600).await;
    let nightly = world.item().await.feed.polling.unwrap().census.unwrap();
    assert!(nightly.at > first, "at two in the night");
}
