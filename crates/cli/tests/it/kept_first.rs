//! On PostgreSQL a message that comes alone is kept and acknowledged before it is decided on (ADR 0036). Nobody outside
//! may notice: not who asks at once, not who asks elsewhere, and not when the process dies in between.

use crate::support::{INTEGRATION, Practice, Visit, until};
use serde_json::json;

/// A message that a service acknowledges and, killed, does not decide on.
fn leave_behind(practice: &Practice, message: &str) {
    let node = practice.serve("86400");
    // Decisions need this table, and keeping a message does not.
    let held = practice.database.hold("LOCK TABLE appointment IN ACCESS EXCLUSIVE MODE");
    assert_eq!(node.feed().send(message).unwrap().0, "AA", "it is acknowledged before it is decided on");
    assert_ne!(practice.undecided(), 0);
    node.service.kill();
    drop(held);
    assert_ne!(practice.undecided(), 0, "nobody has decided on it");
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn whoever_asks_right_after_the_answer_is_told_of_the_visit() {
    let practice = Practice::open();
    let node = practice.serve("86400");
    let mut feed = node.feed();
    let listed = || {
        let page = node.api.json(&format!("/api/v1/integrations/{INTEGRATION}/appointments?limit=200"));
        page["items"].as_array().unwrap().len()
    };
    for n in 1..=100 {
        let visit = Visit::new(&format!("A-{n}"));
        assert_eq!(feed.send(&visit.message("S12").1).unwrap().0, "AA");
        assert_eq!(listed(), n);
        assert_eq!(node.explanation(&visit.source_id)["source_id"], visit.source_id.as_str());
    }
    node.service.stop();
    assert_eq!(practice.undecided(), 0, "who ends decides before");
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn what_a_killed_process_acknowledged_is_decided_on_by_the_next() {
    let practice = Practice::open();
    leave_behind(&practice, &Visit::new("A-1").message("S12").1);
    let node = practice.serve("1");
    until("it is decided on", || match practice.undecided() {
        0 => Ok(()),
        left => Err(format!("{left} undecided")),
    });
    let listed = node.api.json(&format!("/api/v1/integrations/{INTEGRATION}/appointments"));
    assert_eq!(listed["items"][0]["source_id"], "A-1", "{listed}");
    let received = node.explanation("A-1")["timeline"][0]["why"].as_str().unwrap().to_owned();
    assert!(received.contains("message M"), "with the id that it came under: {received}");
    node.service.stop();
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn a_process_that_is_asked_about_a_visit_decides_on_what_another_one_kept_of_it() {
    let practice = Practice::open();
    leave_behind(&practice, &Visit::new("A-1").message("S12").1);
    let node = practice.serve("86400");
    assert_eq!(node.explanation("A-1")["source_id"], "A-1");
    assert_eq!(practice.undecided(), 0);
    node.service.stop();
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn before_a_visit_is_said_to_be_absent_everything_kept_is_decided_on() {
    let practice = Practice::open();
    leave_behind(&practice, &Visit::new("A-1").message("S12").1);
    let node = practice.serve("86400");
    let asked = json!({ "patient": { "source_id": "P-A-1" } });
    let why = node.api.post(&format!("/api/v1/integrations/{INTEGRATION}/why"), &asked).json();
    assert_eq!(why["answer"], "found", "{why}");
    node.service.stop();
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn a_later_message_is_decided_on_after_the_one_that_another_process_kept() {
    let practice = Practice::open();
    // Of one second, so that their own stamps do not tell which is the later one.
    let (_, booked) = Visit::new("A-1").message("S12");
    let stamp = |message: &str| message.split('|').nth(6).unwrap().to_owned();
    let (_, moved) = Visit { minute: 30, ..Visit::new("A-1") }.message("S13");
    let moved = moved.replace(&stamp(&moved), &stamp(&booked));
    leave_behind(&practice, &booked);
    let node = practice.serve("86400");
    assert_eq!(node.feed().send(&moved).unwrap().0, "AA");
    let explanation = node.explanation("A-1");
    assert_eq!(practice.undecided(), 0, "the one before was decided on as well");
    let start = explanation["appointment"]["start"].as_str().unwrap();
    assert!(start.contains(":30:"), "the later message holds: {start}");
    node.service.stop();
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn a_repetition_of_a_message_that_is_kept_is_answered_like_the_first_time() {
    let practice = Practice::open();
    let (_, booked) = Visit::new("A-1").message("S12");
    leave_behind(&practice, &booked);
    let node = practice.serve("86400");
    assert_eq!(node.feed().send(&booked).unwrap().0, "AA");
    assert_eq!(node.feed().send(&booked).unwrap().0, "AA");
    let explanation = node.explanation("A-1");
    assert_eq!(practice.undecided(), 0);
    let envelopes = practice.database.number("SELECT count(*) FROM envelope");
    assert_eq!(envelopes, 1, "kept once: {explanation}");
    node.service.stop();
}
