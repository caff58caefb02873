//! The live view: it says that something changed, to whom it concerns, at most once a second, and nothing else.

use crate::harness::{NORTHSIDE, SOUTHSIDE, Visit, World};
use engine::ops::Role;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn listen(world: &World, practice: &'static str) -> TcpStream {
    let session = world.log_in(practice, Role::Desk).await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let request = format!("GET /live HTTP/1.1\r\nhost: x\r\ncookie: {session}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let opened = hear(&mut stream, Duration::from_secs(5)).await;
    assert!(opened.contains("text/event-stream") && opened.contains(": hello"), "{opened}");
    stream
}

/// Everything that comes within a while.
async fn hear(stream: &mut TcpStream, within: Duration) -> String {
    let (mut heard, mut bytes) = (String::new(), vec![0; 4096]);
    let until = tokio::time::Instant::now() + within;
    while !heard.contains(": hello") {
        let Ok(read) = tokio::time::timeout_at(until, stream.read(&mut bytes)).await else { break };
        heard.push_str(&String::from_utf8_lossy(&bytes[..read.unwrap()]));
    }
    heard
}

#[tokio::test]
async fn changes_are_told_to_whom_they_concern_without_saying_which() {
    let world = World::start().await;
    let mut own = listen(&world, NORTHSIDE).await;
    let mut other = listen(&world, SOUTHSIDE).await;
    for id in ["A-1", "A-2", "A-3", "A-4", "A-5"] {
        world.receive(&Visit::new(id).message()).await;
    }
    let (own, other) =
        tokio::join!(hear(&mut own, Duration::from_millis(2800)), hear(&mut other, Duration::from_millis(2800)));
    let signals = own.matches("event: changed").count();
    assert!((1..=2).contains(&signals), "five visits within a moment: {own}");
    for told in ["A-1", "northside", "Okafor"] {
        assert!(!own.contains(told), "{own}");
    }
    assert!(!other.contains("changed"), "another practice's news: {other}");
}

#[tokio::test]
async fn a_listener_that_goes_away_is_forgotten() {
    let world = World::start().await;
    let listener = listen(&world, NORTHSIDE).await;
    drop(listener);
    // Nothing of it holds the engine back.
    world.stop().await;
}

crate::harness::stores::on_postgres! {
    changes_are_told_to_whom_they_concern_without_saying_which,
    a_listener_that_goes_away_is_forgotten,
}
