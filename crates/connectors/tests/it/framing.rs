//! Bad frames, and answers that are not wanted: what goes wrong around a message.

use crate::world::World;
use connectors::hl7v2::ListenerOptions;
use domain::ids::IntegrationKey;
use domain::time::Moment;
use std::time::Duration;
use store::{CoverageRow, EnvelopeRow, EnvelopeState};

fn booking(id: &str) -> String {
    format!(
        "MSH|^~\\&|PM|NORTHSIDE|PUNCTUAL|HUB|20261121083000||SIU^S12|{id}|P|2.5.1\r\
         SCH||V-{id}||||||^Telemedicine Visit|30|MIN|^^30^20261124100000^20261124103000\r\
         PID|1||P-{id}||Okafor^Ada||19800229\r\
         AIP|1|A|DR7^Cole^Imani\r"
    )
}

fn frame(content: &str) -> Vec<u8> {
    [b"\x0b", content.as_bytes(), b"\x1c\r"].concat()
}

/// Messages that are there, by their ids.
fn there(world: &World, ids: &[&str]) -> Vec<bool> {
    ids.iter().map(|id| world.envelope_of(id).is_some()).collect()
}

/// What had come of a message that never ended. Nobody waits for an answer, so it may be on disk a moment later.
async fn kept_unacknowledged(world: &World) -> EnvelopeRow {
    for _ in 0..500 {
        if let Some(kept) = world.newest_set_aside(IntegrationKey::UNROUTED) {
            return kept;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("what had come is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_within_a_frame_counts_from_its_own_beginning() {
    let world = World::start().await;
    let mut link = world.connect().await;
    // The sender broke off and started over, without an end.
    let begun = &booking("F1")[..200];
    link.send_raw(&[b"\x0b", begun.as_bytes(), &frame(&booking("F2"))].concat()).await;
    let heard = link.hear().await;
    assert_eq!((heard.code.as_str(), heard.answers.as_slice()), ("AA", &b"F2"[..]));
    link.hears_nothing().await;
    assert_eq!(there(&world, &["F1", "F2"]), [false, true], "what was never ended was never acknowledged");
    // A frame in a frame in a frame, each closed.
    link.send_raw(&[b"\x0b\x0b", &frame(&booking("F3"))[..], b"\x1c\r\x1c\r"].concat()).await;
    assert_eq!(link.hear().await.code, "AA");
    assert_eq!(link.ask(booking("F4").as_bytes()).await.code, "AA");
    drop(link);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_between_frames_and_missing_ends_are_survived() {
    let world = World::start().await;
    let mut link = world.connect().await;
    let noise = [&b"GET / HTTP/1.1\r\n\0\0\xff\xfe"[..], b"MSH|^~\\&|unframed\r", b"\x1c\x1c\r\r\n"];
    for (n, noise) in noise.iter().enumerate() {
        let id = format!("N{n}");
        // Without the CR behind the end byte, too.
        let bare = [b"\x0b", booking(&id).as_bytes(), b"\x1c"].concat();
        link.send_raw(&[noise, &bare[..]].concat()).await;
        let heard = link.hear().await;
        assert_eq!((heard.code.as_str(), heard.answers.as_slice()), ("AA", id.as_bytes()));
    }
    // Frame on frame, with nothing between the end of one and the beginning of the next.
    let bare = |id: &str| [b"\x0b", booking(id).as_bytes(), b"\x1c"].concat();
    link.send_raw(&[bare("N3"), bare("N4")].concat()).await;
    assert_eq!((link.hear().await.answers, link.hear().await.answers), (b"N3".to_vec(), b"N4".to_vec()));
    assert_eq!(there(&world, &["N0", "N1", "N2", "N3", "N4"]), [true; 5]);
    drop(link);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_messages_at_once_and_one_byte_at_a_time_are_answered_in_order() {
    let world = World::start().await;
    let mut link = world.connect().await;
    let ids: Vec<String> = (0..40).map(|n| format!("O{n:02}")).collect();
    // Every third is a message of somebody else.
    let message = |n: usize| match n % 3 {
        0 => booking(&ids[n]).replace("NORTHSIDE", "EASTSIDE"),
        _ => booking(&ids[n]),
    };
    link.send_raw(&(0..40).flat_map(|n| frame(&message(n))).collect::<Vec<u8>>()).await;
    for (n, id) in ids.iter().enumerate() {
        let heard = link.hear().await;
        let expected = if n % 3 == 0 { "AR" } else { "AA" };
        assert_eq!((heard.code.as_str(), heard.answers.as_slice()), (expected, id.as_bytes()));
    }
    for byte in frame(&booking("SLOW")) {
        link.send_raw(&[byte]).await;
    }
    assert_eq!(link.hear().await.answers, b"SLOW");
    drop(link);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_over_the_limit_is_refused_under_its_own_id() {
    let world = World::start_with(ListenerOptions { largest_message: 4096, ..ListenerOptions::default() }).await;
    let mut link = world.connect().await;
    let giant = booking("BIG") + "NTE|1|L|" + &"x".repeat(100_000) + "\r";
    let heard = link.ask(giant.as_bytes()).await;
    assert_eq!((heard.code.as_str(), heard.answers.as_slice()), ("AR", &b"BIG"[..]), "{heard:?}");
    assert!(heard.says[0].contains("4096"), "the limit is told: {heard:?}");
    let kept = world.newest_set_aside(IntegrationKey::UNROUTED).expect("its head is kept");
    assert!(kept.body.starts_with(b"MSH|") && kept.body.len() <= 4096, "{} bytes", kept.body.len());
    assert_eq!(kept.state, EnvelopeState::Refused);
    assert_eq!(link.ask(booking("SMALL").as_bytes()).await.code, "AA");
    drop(link);
    world.stop().await;
}

/// The stretches that were noted as read, as soon as there are so many.
async fn coverage(world: &World, many: usize) -> Vec<CoverageRow> {
    let (always, never) = (Moment::from_micros(0), Moment::from_micros(i64::MAX));
    for _ in 0..500 {
        let rows = world.reader().coverage(world.key(), always, never).unwrap();
        if rows.len() >= many {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("coverage was not written");
}

#[tokio::test(flavor = "multi_thread")]
async fn x_3_what_cannot_be_read_leaves_a_hole_in_what_was_read() {
    let world = World::start().await;
    let mut link = world.connect().await;
    assert_eq!(link.ask(booking("C1").as_bytes()).await.code, "AA");
    drop(link);
    let rows = coverage(&world, 1).await;
    assert!(rows.iter().all(|row| row.complete), "{rows:?}");

    let mut link = world.connect().await;
    assert_eq!(link.ask(booking("C2").as_bytes()).await.code, "AA");
    let heard = link.ask(b"this may have been a booking").await;
    assert_eq!(heard.code, "AR");
    drop(link);
    let rows = coverage(&world, 2).await;
    assert!(rows.iter().any(|row| !row.complete), "{rows:?}");

    // On a channel that carries nobody's feed it is nobody's hole.
    let other = World::start().await;
    let mut link = other.connect().await;
    assert_eq!(link.ask(b"this is no message").await.code, "AR");
    drop(link);
    let mut link = other.connect().await;
    assert_eq!(link.ask(booking("C3").as_bytes()).await.code, "AA");
    drop(link);
    let rows = coverage(&other, 1).await;
    assert!(rows.iter().all(|row| row.complete), "{rows:?}");
    other.stop().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_breaks_off_is_kept_and_not_acknowledged() {
    let world = World::start().await;
    let mut link = world.connect().await;
    let half = &frame(&booking("HALF"))[..150];
    link.send_raw(half).await;
    link.finish().await;
    link.is_closed().await;
    assert_eq!(there(&world, &["HALF"]), [false]);
    let kept = kept_unacknowledged(&world).await;
    assert_eq!(kept.body, &half[1..]);
    assert!(kept.note.unwrap().contains("broke off"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_stops_in_the_middle_is_kept_and_its_connection_closed() {
    let world = World::start_with(ListenerOptions { stall_secs: 1, ..ListenerOptions::default() }).await;
    let mut link = world.connect().await;
    link.send_raw(&frame(&booking("STALL"))[..120]).await;
    link.is_closed().await;
    assert_eq!(kept_unacknowledged(&world).await.body, &frame(&booking("STALL"))[1..120]);
    // A connection that is merely quiet between messages stays.
    let mut link = world.connect().await;
    assert_eq!(link.ask(booking("Q1").as_bytes()).await.code, "AA");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(link.ask(booking("Q2").as_bytes()).await.code, "AA");
    drop(link);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_never_answered() {
    let world = World::start().await;
    let mut link = world.connect().await;
    let answers = [
        "MSH|^~\\&|PM|NORTHSIDE|PUNCTUAL|HUB|20261121083000||ACK^S12^ACK|A1|P|2.5.1\rMSA|AA|X1\r",
        "MSH|^~\\&|PM|NORTHSIDE|PUNCTUAL|HUB|20261121083000||ACK|A2|P|2.3\r",
        "MSH|^~\\&|PM|EASTSIDE|PUNCTUAL|HUB|20261121083000||SRR^S01|A3|P|2.5.1\rMSA|AE|X3\r",
    ];
    for answer in answers {
        link.send(answer.as_bytes()).await;
    }
    link.hears_nothing().await;
    let kept = world.envelope_of("A1").expect("kept all the same");
    assert_eq!(kept.state, EnvelopeState::Refused);
    assert_eq!(link.ask(booking("A4").as_bytes()).await.answers, b"A4");
    drop(link);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_says_which_answers_it_wants() {
    let world = World::start().await;
    let mut link = world.connect().await;
    let asking = |id: &str, commit: &str, application: &str| {
        booking(id).replace("|2.5.1\r", &format!("|2.5.1|||{commit}|{application}\r"))
    };
    let foreign = |message: String| message.replace("NORTHSIDE", "EASTSIDE");
    let cases: [(String, &[&str]); 6] = [
        (asking("E1", "AL", "NE"), &["CA"]),
        (asking("E2", "AL", "AL"), &["CA", "AA"]),
        (asking("E3", "NE", "ER"), &[]),
        (foreign(asking("E4", "ER", "ER")), &["CR", "AR"]),
        (foreign(asking("E5", "SU", "NE")), &[]),
        (asking("E6", "SU", "AL"), &["CA", "AA"]),
    ];
    for (message, expected) in cases {
        link.send(message.as_bytes()).await;
        for code in expected {
            assert_eq!(link.hear().await.code, *code, "{message}");
        }
        link.hears_nothing().await;
    }
    assert_eq!(there(&world, &["E1", "E2", "E3", "E6"]), [true; 4], "wanted or not, what came is kept");
    drop(link);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_message_gets_the_same_answer_and_is_kept_once() {
    let world = World::start().await;
    let mut link = world.connect().await;
    let bad = booking("R1").replace("20261124100000^", "20261324100000^");
    let first = link.ask(bad.as_bytes()).await;
    assert_eq!((first.code.as_str(), first.places.as_slice()), ("AE", &["SCH-11.4".to_owned()][..]));
    let id = world.envelope_of("R1").unwrap().id;
    // On another connection, as after a reconnect.
    let mut other = world.connect().await;
    assert_eq!(other.ask(bad.as_bytes()).await, first);
    assert_eq!(world.envelope_of("R1").unwrap().id, id);
    assert_eq!(world.listed().await, [id]);
    // The id with another content is another message.
    assert_eq!(link.ask(booking("R1").as_bytes()).await.code, "AA");
    let now = world.envelope_of("R1").unwrap();
    assert_eq!((now.id == id, now.state), (false, EnvelopeState::Applied));
    drop((link, other));
    world.stop().await;
}
