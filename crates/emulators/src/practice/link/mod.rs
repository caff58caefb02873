//! Sending: one connection that is kept open, one message on it at a time, each until it is answered.
//!
//! A message without an answer is sent again as it was, under the same control id, on a new connection: so a late
//! answer can never be taken for the answer to another message.

mod line;

use crate::practice::queue::{Answer, Job, Next, Outcome};
use crate::practice::shared::Shared;
use line::{Heard, Line};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Sends what waits, for as long as the system runs.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut changes = shared.changes();
    let mut line: Option<Line> = None;
    let mut failures = 0;
    loop {
        changes.borrow_and_update();
        shared.note_line(line.is_some());
        let Some(address) = shared.address() else {
            line = None;
            shared.note_line(false);
            if changes.changed().await.is_err() {
                return;
            }
            continue;
        };
        // Open all the time and not only while there is something to send: a receiver takes an open and quiet line
        // as the word that nothing happened.
        let Some(open) = line.as_mut().filter(|line| line.address() == address) else {
            line = Line::open(address, shared.answer_timeout).await.ok();
            failures = if line.is_some() { 0 } else { failures + 1 };
            if line.is_none() {
                rest(&shared, failures, &mut changes).await;
            }
            continue;
        };
        match shared.next(Instant::now()) {
            Next::Nothing { until } => {
                if !idle(&shared, open, until, &mut changes).await {
                    line = None;
                }
            }
            Next::Down(pause) => {
                line = None;
                shared.note_line(false);
                tokio::time::sleep(pause).await;
            }
            Next::Send(job) => {
                let outcome = send(&shared, open, &job).await;
                if matches!(outcome, Outcome::NoAnswer) {
                    line = None;
                }
                if shared.settle(&job.control_id, outcome) {
                    failures = 0;
                } else {
                    failures += 1;
                    rest(&shared, failures, &mut changes).await;
                }
            }
        }
    }
}

/// Waits for something to do. False when the other side hung up meanwhile.
async fn idle(shared: &Shared, line: &mut Line, until: Option<Instant>, changes: &mut watch::Receiver<u64>) -> bool {
    let due = async {
        match until {
            Some(until) => tokio::time::sleep_until(until).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = changes.changed() => true,
        () = due => true,
        heard = line.hear("") => match heard {
            Ok(_) => { shared.note_late_answer(); true }
            Err(_) => false,
        },
    }
}

/// A little longer after each failure; a new address ends the rest.
async fn rest(shared: &Shared, failures: u32, changes: &mut watch::Receiver<u64>) {
    let address = shared.address();
    let until = Instant::now() + shared.pause * failures.clamp(1, 10);
    while shared.address() == address {
        tokio::select! {
            () = tokio::time::sleep_until(until) => return,
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

async fn send(shared: &Shared, line: &mut Line, job: &Job) -> Outcome {
    if job.delay > Duration::ZERO {
        tokio::time::sleep(job.delay).await;
    }
    let mut outcome = Outcome::NoAnswer;
    for _ in 0..job.copies {
        outcome = match tokio::time::timeout(shared.answer_timeout, exchange(shared, line, job)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => return Outcome::NoAnswer,
        };
    }
    outcome
}

/// One message and its answer. Answers to something else belong to the past and are counted.
async fn exchange(shared: &Shared, line: &mut Line, job: &Job) -> std::io::Result<Outcome> {
    line.say(&job.bytes).await?;
    loop {
        match line.hear(&job.control_id).await? {
            Heard::Other => shared.note_late_answer(),
            Heard::Answer { code, text, again } => {
                let answer = Answer { code: code.as_str().to_owned(), text, at: shared.clock.now() };
                let refused = matches!(code.as_str(), "AR" | "CR");
                return Ok(Outcome::Answered { answer, accepted: code.is_accept(), refused, again });
            }
        }
    }
}
