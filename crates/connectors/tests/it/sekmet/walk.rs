//! 500 changes at random, and both sides hold the same in the end.

use super::desk::{Desk, Held, Truth};
use super::hooks::Hooks;
use super::server::Server;
use super::world::{Now, held, set_up, start};
use engine::ports::Clock;
use engine::{Engine, Running};
use std::sync::atomic::Ordering;
use std::time::Duration;

const ES384_PRIVATE: &str = include_str!("keys/es384.pem");
const ES384_PUBLIC: &str = include_str!("keys/es384.pub.pem");
const RS384_PRIVATE: &str = include_str!("keys/rs384.pem");
const RS384_PUBLIC: &str = include_str!("keys/rs384.pub.pem");

/// Whether both sides say the same of a visit. One that had ended before it was deleted takes place nowhere: the
/// platform goes on showing its end, and nobody looks for it any more.
fn same(there: &Held, here: &Held) -> bool {
    let ended = |held: &Held| held.as_ref().is_some_and(|(_, status)| matches!(*status, "cancelled" | "noshow"));
    there == here || (there.is_none() && ended(here))
}

/// Waits until the engine holds what the desk did. A visit that came and went between two reads was never seen: that is
/// no difference. A visit that is not found is looked for a second time a minute later, before it counts as removed.
async fn agree(engine: &Engine, truth: &Truth) {
    let mut differ = Vec::new();
    for _ in 0..400 {
        let (ours, unexplained) = held(engine).await;
        differ = truth
            .iter()
            .filter(|(id, visit)| !same(visit, &ours.get(*id).cloned().flatten()))
            .map(|(id, visit)| format!("{id}: there {visit:?}, here {:?}", ours.get(id)))
            .collect();
        differ.extend(ours.keys().filter(|id| !truth.contains_key(*id)).map(|id| format!("{id} is invented")));
        differ.extend(unexplained);
        if differ.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("{} differences remain: {differ:#?}", differ.len());
}

/// Changes one after another, with so much time between them that the engine reads in the middle of it.
async fn walk(desk: &mut Desk, changes: usize) {
    for _ in 0..changes {
        desk.change().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ended(running: Running) {
    running.drain().await;
}

#[tokio::test]
async fn five_hundred_changes_with_hooks_end_in_the_same_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), ES384_PUBLIC).await;
    let mut desk = Desk::new(server.base(), 7, Now.now().timestamp());
    desk.open().await;
    let running = start(folder.path(), ES384_PRIVATE);
    let mut hooks = Hooks::open().await;
    let url = format!("http://{}/look", hooks.address);
    let calls = hooks.calls.clone();
    let answering = hooks.answer(running.engine.clone(), true);
    set_up(&running.engine, &server.base(), "ES384", Some(&url)).await;
    desk.subscribed().await;
    walk(&mut desk, 500).await;
    assert_eq!(desk.ask().await, desk.truth, "the desk knows what it did");
    agree(&running.engine, &desk.truth).await;
    // The server calls when it comes to it.
    for _ in 0..600 {
        if calls.load(Ordering::Relaxed) > 100 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(calls.load(Ordering::Relaxed) > 100, "the server called {} times", calls.load(Ordering::Relaxed));
    answering.abort();
    drop(answering.await);
    ended(running).await;
}

#[tokio::test]
async fn five_hundred_changes_with_dropped_hooks_end_in_the_same_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), RS384_PUBLIC).await;
    let mut desk = Desk::new(server.base(), 11, Now.now().timestamp());
    desk.open().await;
    let running = start(folder.path(), RS384_PRIVATE);
    let mut hooks = Hooks::open().await;
    let url = format!("http://{}/look", hooks.address);
    let answering = hooks.answer(running.engine.clone(), false);
    set_up(&running.engine, &server.base(), "RS384", Some(&url)).await;
    desk.subscribed().await;
    walk(&mut desk, 500).await;
    agree(&running.engine, &desk.truth).await;
    answering.abort();
    drop(answering.await);
    ended(running).await;
}

#[tokio::test]
async fn five_hundred_changes_with_both_sides_restarted_end_in_the_same_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), ES384_PUBLIC).await;
    let mut desk = Desk::new(server.base(), 13, Now.now().timestamp());
    desk.open().await;
    let running = start(folder.path(), ES384_PRIVATE);
    set_up(&running.engine, &server.base(), "ES384", None).await;
    walk(&mut desk, 180).await;
    // We are away while the desk goes on.
    ended(running).await;
    walk(&mut desk, 100).await;
    let running = start(folder.path(), ES384_PRIVATE);
    walk(&mut desk, 100).await;
    server.die();
    tokio::time::sleep(Duration::from_secs(3)).await;
    server.rise().await;
    walk(&mut desk, 120).await;
    agree(&running.engine, &desk.truth).await;
    ended(running).await;
}
