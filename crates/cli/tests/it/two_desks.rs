//! On PostgreSQL the scribe has two desks at which messages are decided on side by side. Nobody outside may notice but
//! by the speed.

use crate::support::{Node, Practice, Visit};
use std::thread;

/// A visit moved again and again, by messages of one second, so that their own stamps do not tell which is the latest.
fn moved(source_id: &str, times: u32) -> Vec<(String, String)> {
    let visit = Visit::new(source_id);
    let (first, booked) = visit.message("S12");
    let stamp = |message: &str| message.split('|').nth(6).expect("there is a stamp").to_owned();
    let mut messages = vec![(first, booked.clone())];
    for minute in 1..times {
        let (id, message) = Visit { minute, ..visit.clone() }.message("S13");
        messages.push((id, message.replace(&stamp(&message), &stamp(&booked))));
    }
    messages
}

fn minute(node: &Node, source_id: &str) -> u32 {
    let explanation = node.explanation(source_id);
    let start = explanation["appointment"]["start"].as_str().unwrap_or_else(|| panic!("{explanation}"));
    start[14..16].parse().unwrap()
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn messages_of_a_connection_are_applied_in_their_order_while_others_are_busy() {
    let practice = Practice::open();
    let node = practice.serve("86400");
    let feeds: Vec<_> = (0..12).map(|_| node.feed()).collect();
    thread::scope(|scope| {
        for (number, mut feed) in feeds.into_iter().enumerate() {
            scope.spawn(move || {
                let messages = moved(&format!("A-{number}"), 50);
                feed.put(messages.iter().map(|(_, message)| message.as_str())).unwrap();
                for (id, _) in messages {
                    let (code, answered, answer) = feed.answer().unwrap();
                    assert_eq!((code.as_str(), answered), ("AA", id), "{answer}");
                }
            });
        }
    });
    for number in 0..12 {
        assert_eq!(minute(&node, &format!("A-{number}")), 49, "the last message holds");
    }
    node.service.stop();
    assert_eq!(practice.undecided(), 0);
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn what_many_connections_say_of_the_same_visits_at_once_is_all_there_and_each_once() {
    let practice = Practice::open();
    let node = practice.serve("86400");
    let feeds: Vec<_> = (0..12).map(|_| node.feed()).collect();
    thread::scope(|scope| {
        for (number, mut feed) in (0..12).zip(feeds) {
            scope.spawn(move || {
                // Each begins at another visit, so that they meet in every order.
                for turn in 0..40 {
                    let visit = Visit { minute: turn + number, ..Visit::new(&format!("A-{}", (number + turn) % 5)) };
                    let (code, _, answer) = feed.send(&visit.message("S13").1).unwrap();
                    assert_eq!(code, "AA", "{answer}");
                }
            });
        }
    });
    for number in 0..5 {
        let explanation = node.explanation(&format!("A-{number}"));
        assert_eq!(explanation["source_id"], format!("A-{number}"), "{explanation}");
    }
    assert_eq!(practice.undecided(), 0);
    let count = |what: &str| practice.database.number(what);
    assert_eq!(count("SELECT count(*) FROM envelope"), 480, "each is kept once");
    let unchained =
        "SELECT count(*) FROM (SELECT 1 FROM entry WHERE prev IS NOT NULL GROUP BY prev HAVING count(*) > 1) AS e";
    assert_eq!(count(unchained), 0, "no two entries follow the same one: none was made without knowing of another");
    assert_eq!(count("SELECT count(*) FROM entry WHERE prev IS NULL"), 5, "each visit has one first entry");
    node.service.stop();
}
