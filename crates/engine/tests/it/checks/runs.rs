//! When checks are asked, and what is kept of a run.

use super::{ask, found, item, with, write};
use crate::polling::world::{DOCUMENT, ID, World};
use domain::checks::{CheckState, DataCheck};
use domain::ids::EnvelopeId;
use domain::setup::Document;
use engine::Error;
use engine::ops::Actor;
use store::{EnvelopeFormat, EnvelopeState, NewEnvelope};

/// A message that could not be applied just now: of it, not even one is within the limit.
fn set_message_aside(world: &World) {
    let envelope = NewEnvelope {
        id: EnvelopeId(1_000_000_000),
        integration: world.key(),
        at: world.engine().clock().now(),
        channel: "test",
        format: EnvelopeFormat::Json,
        state: EnvelopeState::SetAside,
        note: None,
        digest: &[7; 16],
        body: b"{}",
    };
    write(world, |writer| writer.put_envelope(&envelope).unwrap());
}

/// The practice sets a value of a check, or none.
async fn set(world: &World, change: Option<(&str, &str)>) {
    let line = change.map_or_else(String::new, |(path, value)| {
        format!("  {{ path = \"platform.checks.{path}\", value = {value}, author = \"test\", reason = \"test\" }},\n]")
    });
    let text = if line.is_empty() { DOCUMENT.to_owned() } else { DOCUMENT.replacen("\n]", &format!("\n{line}"), 1) };
    let document = Document::from_toml(&text).unwrap();
    world.engine().apply_document(&Actor::operator(), document, false).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_asked_again_alone_and_the_others_stand_as_they_were_found() {
    let world = with(|_| {}).await;
    set_message_aside(&world);
    ask(&world).await;
    let asked = world.engine().clock().now();
    // A check that fails is asked at every full hour.
    world.wait(2 * 3600).await;
    let failed = item(&world, DataCheck::MessageSetAside).await;
    assert_eq!((failed.state, failed.failing_since), (Some(CheckState::Failed), Some(asked)));
    assert_eq!(failed.history.len(), 3);
    for (check, state) in [
        (DataCheck::ItemOldest, CheckState::Passed),
        (DataCheck::ContactMissing, CheckState::TooFew),
        (DataCheck::StatusUnknown, CheckState::Passed),
    ] {
        let other = item(&world, check).await;
        assert_eq!((other.state, other.at, other.history.len()), (Some(state), Some(asked), 1), "{check:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_item_that_a_check_opened_is_none_that_a_check_counts() {
    let world = with(|_| {}).await;
    set_message_aside(&world);
    ask(&world).await;
    world.wait(3700).await;
    let open = world.store.reader().unwrap().open_exceptions(world.key(), 10).unwrap();
    assert_eq!(open.len(), 1, "the check that fails has an item");
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::ItemOldest).await, (0, 0));
    world.diary.with(|inside| inside.ahead_secs = -300);
    world.wait(5400).await;
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::ItemOldest).await, (1, 1), "that the clocks differ is one");
}

#[tokio::test(start_paused = true)]
async fn a_check_that_fails_has_its_item_at_once() {
    let world = with(|_| {}).await;
    let items = || world.store.reader().unwrap().open_exceptions(world.key(), 10).unwrap().len();
    set_message_aside(&world);
    assert_eq!(items(), 0);
    ask(&world).await;
    // Long before everything is looked at.
    world.wait(3).await;
    assert_eq!(items(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_is_switched_off_is_not_asked_and_what_it_found_is_forgotten() {
    let world = with(|_| {}).await;
    ask(&world).await;
    assert_eq!(item(&world, DataCheck::ItemOldest).await.state, Some(CheckState::Passed));
    set(&world, Some(("item_oldest.on", "false"))).await;
    let off = item(&world, DataCheck::ItemOldest).await;
    assert_eq!((off.on, off.state), (false, None), "what it found does not count any more");
    world.wait(60).await;
    ask(&world).await;
    assert_eq!(item(&world, DataCheck::StatusUnknown).await.history.len(), 2);
    set(&world, None).await;
    let on = item(&world, DataCheck::ItemOldest).await;
    assert_eq!((on.on, on.state, on.history.len()), (true, None, 1), "it was not asked while it was off");
}

#[tokio::test(start_paused = true)]
async fn there_is_one_run_of_an_hour_whatever_becomes_due_in_it() {
    let world = with(|_| {}).await;
    ask(&world).await;
    world.wait(3600).await;
    set(&world, Some(("held_long.every_hours", "1"))).await;
    assert_eq!(world.engine().ask_due_checks().await.unwrap(), 1);
    let times = async |check| item(&world, check).await.history.len();
    assert_eq!((times(DataCheck::HeldLong).await, times(DataCheck::ItemOldest).await), (2, 1));
    set(&world, Some(("item_oldest.every_hours", "1"))).await;
    assert_eq!(world.engine().ask_due_checks().await.unwrap(), 0);
    world.wait(1800).await;
    assert_eq!(times(DataCheck::ItemOldest).await, 1, "it waits for the next hour");
    world.wait(3600).await;
    assert_eq!(times(DataCheck::ItemOldest).await, 2);
}

#[tokio::test(start_paused = true)]
async fn of_two_processes_that_measured_at_once_the_slower_keeps_nothing() {
    let world = with(|_| {}).await;
    ask(&world).await;
    world.wait(3600 + 300).await;
    let other = world.another();
    set(&world, Some(("held_long.every_hours", "1"))).await;
    world.wait(2).await;
    let operator = Actor::operator();
    let (ordered, due) = tokio::join!(world.engine().run_checks(&operator, ID), other.engine.ask_due_checks());
    assert_eq!((ordered.is_ok(), due.unwrap()), (true, 1), "both measured");
    let since = world.engine().clock().now().plus_secs(-86_400);
    let runs = world.store.reader().unwrap().check_runs(world.key(), since, 10).unwrap();
    assert_eq!(runs.len(), 2, "the one before and one of this hour: {runs:?}");
    other.drain().await;
}

#[tokio::test(start_paused = true)]
async fn of_an_integration_that_was_not_begun_nothing_is_asked() {
    let world = with(|_| {}).await;
    let often = "override = [\n  { path = \"platform.checks.item_oldest.every_hours\", value = 1, author = \"test\", \
                 reason = \"test\" },";
    let apply = async |id: &str, lifecycle: &str| {
        let text = DOCUMENT.replace(ID, id).replace("override = [", often).replace("\"live\"", lifecycle);
        let document = Document::from_toml(&text).unwrap();
        world.engine().apply_document(&Actor::operator(), document, false).await.unwrap();
    };
    apply("southside", "\"initiated\"").await;
    apply("westside", "\"live\"").await;
    let refused = world.engine().run_checks(&Actor::operator(), "southside").await.unwrap_err();
    assert!(matches!(&refused, Error::Invalid(why) if why.contains("nothing to check")), "{refused}");
    world.wait(3700).await;
    let run = |id: &str| {
        let key = world.engine().setup().named(id).unwrap().key();
        world.store.reader().unwrap().last_check_run(key).unwrap()
    };
    assert!(run("westside").is_some(), "it is asked every hour");
    assert_eq!(run("southside"), None);
}
