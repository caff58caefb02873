//! What the tests need of the other side: a receiver of messages, a sender of webhooks, a browser without eyes.

pub(crate) mod browser;
pub(crate) mod receiver;
pub(crate) mod sender;

use emulators::clock::SetClock;
use emulators::practice::{PracticeHandle, PracticeOptions, believable::Believable};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// A Thursday morning in Chicago.
pub(crate) const NOW: &str = "2026-11-19T15:00:00Z";

/// Tests that hang are tests that fail.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(10), future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: nothing within ten seconds"),
    }
}

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) fn clock() -> Arc<SetClock> {
    Arc::new(SetClock::at(now()))
}

pub(crate) async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

pub(crate) fn believable() -> Believable {
    emulators::practice::Practice::believable(7, now(), "America/Chicago").unwrap()
}

/// A believable practice whose waiting messages are all in the past: only what a test does is told.
pub(crate) fn quiet_options() -> PracticeOptions {
    PracticeOptions {
        clock: clock(),
        answer_timeout: Duration::from_millis(300),
        pause: Duration::from_millis(20),
        ..PracticeOptions::default()
    }
}

/// A practice that runs and has told everything of its past to a receiver that takes all.
pub(crate) async fn running(options: PracticeOptions) -> (PracticeHandle, receiver::Receiver) {
    let receiver = receiver::Receiver::start(|_| receiver::Reply::Accept).await;
    let options = PracticeOptions { feed: Some(receiver.address), ..options };
    let practice = believable().practice.start(listener().await, options).unwrap();
    within("the past", practice.settled()).await;
    receiver.forget();
    (practice, receiver)
}
