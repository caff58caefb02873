//! What each failure leads to.

use super::diary::Call;
use super::world::World;
use domain::polling::ReadKind;
use domain::reasons::Reason;
use engine::poll::Failure;

async fn settled(set: impl FnOnce(&super::diary::Diary)) -> World {
    let world = World::start(set).await;
    world.wait(30).await;
    world.diary.calls();
    world
}

#[tokio::test(start_paused = true)]
async fn the_changes_are_placed_first_then_the_windows_are_read_and_then_changes_alone_are_asked_for() {
    let world = World::start(|diary| {
        diary.book("A1", 24);
        diary.book("A2", 24 * 40);
    })
    .await;
    world.wait(30).await;
    let first: Vec<Call> = world.diary.calls().into_iter().map(|(_, call)| call).collect();
    assert_eq!(first[0], Call::Changes(None), "whatever changes from here on is not missed: {first:?}");
    assert!(matches!(first[1], Call::Window(..)), "{first:?}");
    let known: Vec<_> = world.known().await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(known, ["A1", "A2"], "in the near window, and in the far one");
    world.wait(61).await;
    world.diary.book("A3", 30);
    world.wait(61).await;
    assert_eq!(world.known().await.len(), 3);
    let calls: Vec<Call> = world.diary.calls().into_iter().map(|(_, call)| call).collect();
    assert!(calls.iter().all(|call| matches!(call, Call::Changes(Some(_)))), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn s1_16_nothing_is_asked_faster_than_allowed_and_the_next_run_is_visible() {
    let world = settled(|diary| (0..300).for_each(|n| diary.book(&format!("A{n:03}"), 24))).await;
    world.wait(1200).await;
    let calls = world.diary.calls();
    let changes: Vec<_> =
        calls.iter().filter(|(_, call)| matches!(call, Call::Changes(_))).map(|(at, _)| *at).collect();
    assert!(changes.len() > 10);
    for pair in changes.windows(2) {
        assert!(pair[1].secs_since(pair[0]) >= 60, "{pair:?}");
    }
    for stretch in calls.windows(11) {
        let micros = stretch[10].0.micros() - stretch[0].0.micros();
        assert!(micros >= 1_000_000, "eleven in {micros} µs; ten in a second are allowed");
    }
    let polling = world.item().await.feed.polling.unwrap();
    assert!(polling.next_due.unwrap() > changes[changes.len() - 1]);
    assert!(polling.reads.iter().all(|read| read.next.is_some() && read.failures == 0));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_of_what_is_known_already() {
    let world = settled(|diary| diary.book("A1", 24)).await;
    let entries = |world: &World| world.store.reader().unwrap().greatest_id().unwrap();
    let before = entries(&world);
    world.wait(4 * 3600).await;
    assert!(world.diary.calls().iter().filter(|(_, call)| matches!(call, Call::Window(..))).count() > 20);
    assert_eq!(entries(&world), before, "no envelope, no ledger entry");
    assert_eq!(world.known().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rejected_token_is_renewed_once_and_then_people_are_told() {
    let world = settled(|diary| diary.book("A1", 24)).await;
    world.diary.with(|inside| inside.failures.push_back(Failure::Unauthorized));
    world.wait(61).await;
    assert_eq!(world.diary.with(|inside| inside.refreshed), 1);
    assert!(world.causes().await.is_empty(), "the new token is taken");
    world.diary.with(|inside| inside.failures.extend([Failure::Unauthorized, Failure::Unauthorized]));
    world.wait(61).await;
    let causes = world.causes().await;
    assert_eq!((causes.len(), causes[0].code, causes[0].count), (1, Reason::CredentialRejected, 1));
    world.wait(120).await;
    assert!(world.causes().await.is_empty(), "it works again: it ends by itself");
}

#[tokio::test(start_paused = true)]
async fn x_7_an_outage_is_one_incident_with_its_count_and_told_apart_from_a_revoked_grant() {
    let world = settled(|diary| (0..40).for_each(|n| diary.book(&format!("A{n}"), 24))).await;
    let down = || Failure::Unreachable { what: "503 Service Unavailable".into() };
    world.diary.with(|inside| inside.failures.extend((0..3).map(|_| down())));
    world.wait(65).await;
    assert!(world.causes().await.is_empty(), "once is no incident");
    world.wait(400).await;
    world.diary.with(|inside| inside.failures.extend((0..50).map(|_| down())));
    world.wait(600).await;
    let causes = world.causes().await;
    assert_eq!((causes.len(), causes[0].code, causes[0].count), (1, Reason::UpstreamOutage, 40));
    assert_eq!(world.engine().show_cause(&engine::ops::Actor::operator(), &causes[0].id).await.unwrap().count, 40);
    let waits: Vec<i64> = world.diary.calls().windows(2).map(|pair| pair[1].0.secs_since(pair[0].0)).collect();
    assert!(waits.windows(2).any(|pair| pair[1] > pair[0] && pair[1] >= 120), "ever longer: {waits:?}");
    world.diary.with(|inside| {
        inside.failures.clear();
        inside.failures.push_back(Failure::Revoked { what: "invalid_grant".into() });
    });
    world.wait(900).await;
    assert_eq!(world.causes().await[0].code, Reason::GrantRevoked);
    world.wait(3600).await;
    assert!(world.causes().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_asks_to_wait_is_left_alone_for_as_long() {
    let world = settled(|diary| diary.book("A1", 24)).await;
    world.diary.with(|inside| inside.failures.push_back(Failure::Throttled { retry_after: Some(500) }));
    world.wait(61).await;
    let throttled = world.diary.calls();
    let at = throttled[throttled.len() - 1].0;
    let polling = world.item().await.feed.polling.unwrap();
    assert!(polling.next_allowed.secs_since(at) >= 500);
    world.wait(600).await;
    let calls = world.diary.calls();
    assert!(calls[0].0.secs_since(at) >= 500, "{:?}", calls[0]);
    assert_eq!(world.state().feed(ReadKind::Changes).failures, 0, "and goes on from where it stopped");
}

#[tokio::test(start_paused = true)]
async fn a_lost_cursor_is_a_failure_with_a_full_read_and_a_look_for_what_vanished() {
    let world = settled(|diary| {
        diary.book("A1", 24);
        diary.book("A2", 26);
    })
    .await;
    // While the cursor is lost one visit changes, one comes, one goes: no list of changes will ever tell of them.
    world.diary.with(|inside| inside.failures.push_back(Failure::CursorLost));
    world.diary.book("A1", 48);
    world.diary.book("A3", 30);
    world.diary.delete("A2");
    world.wait(62).await;
    let calls: Vec<Call> = world.diary.calls().into_iter().map(|(_, call)| call).collect();
    let lost = calls.iter().position(|call| matches!(call, Call::Changes(Some(_)))).unwrap();
    assert_eq!(calls[lost + 1], Call::Changes(None), "{calls:?}");
    assert!(calls[lost + 2..].iter().any(|call| matches!(call, Call::Window(..))), "{calls:?}");
    let statuses = world.known().await;
    assert_eq!(statuses.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["A1", "A2", "A3"]);
    assert_eq!(statuses[1].1, "removed");
    assert_eq!(world.state().lost_at, None, "the full read is done");
}

#[tokio::test(start_paused = true)]
async fn a_partial_answer_is_used_marked_and_asked_for_again() {
    let world = settled(|diary| diary.book("A1", 24)).await;
    let before = world.state().feed(ReadKind::Changes).clone();
    world.diary.book("A2", 25);
    world.diary.with(|inside| inside.partial = true);
    world.wait(61).await;
    assert_eq!(world.known().await.len(), 2, "what came is taken");
    let after = world.state().feed(ReadKind::Changes).clone();
    assert_eq!((after.cursor, after.complete), (before.cursor, before.complete), "and proves nothing");
    assert!(after.partial.is_some());
    let covered = |world: &World| {
        let now = world.engine().clock().now();
        world.store.reader().unwrap().coverage(world.key(), now.plus_secs(-7200), now).unwrap()
    };
    let with_a_hole = covered(&world);
    assert!(with_a_hole.iter().any(|row| row.feed == *"changes" && row.complete), "{with_a_hole:?}");
    assert!(with_a_hole.iter().any(|row| row.feed == *"changes" && !row.complete), "{with_a_hole:?}");
    world.wait(121).await;
    assert_eq!(world.state().feed(ReadKind::Changes).failures, 0);
    assert!(covered(&world).iter().all(|row| row.complete), "what was left out has come: {:?}", covered(&world));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_read_is_set_aside_once_and_the_rest_passes() {
    let world = settled(|_| {}).await;
    world.diary.with(|inside| inside.unreadable.push("A2".to_owned()));
    ["A1", "A2", "A3"].iter().for_each(|id| world.diary.book(id, 24));
    world.wait(4000).await;
    assert_eq!(world.known().await.len(), 2);
    let aside = world.store.reader().unwrap().envelopes_set_aside(world.key(), None, 9).unwrap();
    assert_eq!(aside.len(), 1, "though it was read many times");
    assert_eq!(aside[0].note.as_deref(), Some("start: not a time"));
    world.diary.with(|inside| inside.unreadable.clear());
    world.diary.book("A2", 25);
    world.wait(61).await;
    assert_eq!(world.known().await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn clocks_that_differ_are_measured_and_told_of() {
    let world = settled(|diary| diary.with(|inside| inside.ahead_secs = -300)).await;
    let skew = world.item().await.feed.polling.unwrap().skew_seconds.unwrap();
    assert!((-301.0..=-299.0).contains(&skew), "{skew}");
    assert_eq!(world.causes().await[0].code, Reason::ClockSkew);
}

/// What a feed that keeps failing so leads to, and that it ends by itself.
async fn keeps_failing(failure: impl Fn() -> Failure) -> engine::ops::CauseStory {
    let world = settled(|diary| (0..7).for_each(|n| diary.book(&format!("A{n}"), 24))).await;
    world.diary.with(|inside| inside.failures.extend((0..50).map(|_| failure())));
    world.wait(900).await;
    let causes = world.causes().await;
    assert_eq!(causes.len(), 1, "one incident, and not one a visit: {causes:?}");
    let told = world.engine().tell_cause(&engine::ops::Actor::operator(), &causes[0].id).await.unwrap();
    world.diary.with(|inside| inside.failures.clear());
    world.wait(4000).await;
    assert!(world.causes().await.is_empty(), "what is granted, or readable again, ends it");
    told
}

#[tokio::test(start_paused = true)]
async fn a_permission_that_is_lacking_is_one_incident_for_the_admin() {
    let told = keeps_failing(|| Failure::Refused { what: "403: Appointment.read is not granted".into() }).await;
    let item = &told.item;
    assert_eq!((item.code, item.count, item.coming), (Reason::ScopeInsufficient, 7, 7));
    assert!(item.whole_feed && item.blocking && item.next_start.is_some(), "{item:?}");
    assert_eq!(item.owner.role, Reason::ScopeInsufficient.entry().owner);
    assert_eq!(told.history[0].what, domain::exception::MoveKind::Opened);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_understood_is_one_incident_and_no_empty_success() {
    let told = keeps_failing(|| Failure::Malformed { what: "line 1: not JSON".into() }).await;
    let item = &told.item;
    assert_eq!((item.code, item.count), (Reason::MessageUnparseable, 7));
    assert!(item.whole_feed && item.due_at > item.first_seen, "{item:?}");
}

#[tokio::test(start_paused = true)]
async fn x_7_the_item_of_an_outage_is_one_and_goes_on_when_its_time_is_over() {
    let world = settled(|diary| (0..40).for_each(|n| diary.book(&format!("A{n}"), 24))).await;
    let down = || Failure::Unreachable { what: "503 Service Unavailable".into() };
    world.diary.with(|inside| inside.failures.extend((0..500).map(|_| down())));
    world.wait(1200).await;
    let items = |world: &World| world.store.reader().unwrap().open_exceptions(world.key(), 99).unwrap();
    let opened = items(&world);
    assert_eq!(opened.len(), 1, "its visits are no items of their own: {opened:?}");
    world.wait(26 * 3600).await;
    let later = items(&world);
    assert_eq!((later.len(), later[0].item.opened_at), (1, opened[0].item.opened_at), "the same one all the time");
    assert!(later[0].item.step > 0, "{later:?}");
}
