//! The framing, with the faults that real senders have.

use proptest::collection::vec;
use proptest::prelude::*;
use wire::mllp::{Commit, Config, Decoder, Event, FramingNote, encode, write_commit};

/// An event in words, so that runs can be compared.
fn words(event: Event<'_>) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match event {
        Event::Block { content, is_unframed: false } => format!("block {}", text(content)),
        Event::Block { content, is_unframed: true } => format!("bare {}", text(content)),
        Event::Commit(Commit::Ack) => "commit".to_owned(),
        Event::Commit(Commit::Nak) => "no commit".to_owned(),
        Event::Oversize { head, total } => format!("oversize {total}, {} kept", head.len()),
        Event::Partial { head, total } => format!("partial {total} {}", text(head)),
        Event::Note(FramingNote::Garbage { count, sample }) => format!("garbage {count}: {sample}"),
        Event::Note(FramingNote::Restarted { count, sample }) => format!("restarted {count}: {sample}"),
        Event::Note(FramingNote::MissingCarriageReturn) => "no CR".to_owned(),
    }
}

fn run<'a>(config: Config, reads: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut decoder = Decoder::new(config);
    let mut events = Vec::new();
    for bytes in reads {
        decoder.feed(bytes);
        while let Some(event) = decoder.next_event() {
            events.push(words(event));
        }
    }
    events.extend(decoder.close().map(words));
    assert_eq!(decoder.close(), None);
    events
}

fn small() -> Config {
    Config { max_block_bytes: 8, tolerate_unframed: false }
}

fn check(config: Config, bytes: &[u8], expected: &[&str]) {
    assert_eq!(run(config, [bytes]), expected, "at once: {:?}", String::from_utf8_lossy(bytes));
    assert_eq!(run(config, bytes.chunks(1)), expected, "byte by byte: {:?}", String::from_utf8_lossy(bytes));
}

#[test]
fn blocks_come_out_however_they_came_in() {
    check(Config::default(), b"\x0bone\x1c\r\x0btwo\x1c\r", &["block one", "block two"]);
    check(Config::default(), b"\x0b\x1c\r", &["block "]);
    check(Config::default(), b"\x0bsegment\rsegment\r\x1c\r", &["block segment\rsegment\r"]);
}

#[test]
fn padding_between_blocks_is_silent_and_garbage_is_counted() {
    check(Config::default(), b"\0\0\x0bone\x1c\r\0\r\n \x0btwo\x1c\r\n\0", &["block one", "block two"]);
    check(
        Config::default(),
        b"hi\r\x0bone\x1c\r\xffx\x0btwo\x1c\rbye",
        &["garbage 2: 68 69", "block one", "garbage 2: FF 78", "block two", "garbage 3: 62 79 65"],
    );
    let noise = vec![0xfe; 5000];
    let sample = vec!["FE"; 16].join(" ");
    check(Config::default(), &noise, &[&format!("garbage 5000: {sample}")]);
}

#[test]
fn a_missing_carriage_return_holds_nothing_up() {
    let mut decoder = Decoder::new(Config::default());
    decoder.feed(b"\x0bone\x1c");
    assert_eq!(decoder.next_event().map(words).as_deref(), Some("block one"));
    assert!(!decoder.in_block());
    check(Config::default(), b"\x0bone\x1c\x0btwo\x1c\r", &["block one", "no CR", "block two"]);
    check(Config::default(), b"\x0bone\x1cx\x0btwo\x1c", &["block one", "no CR", "garbage 1: 78", "block two"]);
}

#[test]
fn a_start_within_a_block_starts_over() {
    check(Config::default(), b"\x0bhal\x0bone\x1c\r", &["restarted 3: 68 61 6C", "block one"]);
    check(Config::default(), b"\x0b\x0bone\x1c\r", &["restarted 0: ", "block one"]);
}

#[test]
fn a_block_over_the_limit_is_counted_and_not_kept() {
    check(small(), b"\x0b12345678\x1c\r", &["block 12345678"]);
    check(small(), b"\x0b123456789\x1c\r\x0bok\x1c\r", &["oversize 9, 9 kept", "block ok"]);
    check(small(), b"\x0b1234567890\x0bok\x1c\r", &["oversize 10, 10 kept", "block ok"]);
    check(small(), b"\x0b1234567890", &["partial 10 1234567890"]);
}

#[test]
fn memory_stays_bounded_while_a_large_block_passes() {
    let mut decoder = Decoder::new(Config { max_block_bytes: 10_000, tolerate_unframed: false });
    decoder.feed(b"\x0bMSH|^~\\&|");
    let read = [b'x'; 4096];
    for _ in 0..10_000 {
        decoder.feed(&read);
        assert_eq!(decoder.next_event(), None);
        assert!(decoder.in_block());
        assert!(decoder.space(0).capacity() < 64 * 1024);
    }
    decoder.feed(b"\x1c\r\x0bok\x1c\r");
    let Some(Event::Oversize { head, total }) = decoder.next_event() else { panic!("no oversize") };
    assert_eq!((head.len(), total), (4096, 9 + 10_000 * 4096));
    assert!(head.starts_with(b"MSH|^~\\&|x"));
    assert_eq!(decoder.next_event().map(words).as_deref(), Some("block ok"));
}

#[test]
fn memory_stays_bounded_while_garbage_passes() {
    for tolerate_unframed in [false, true] {
        let mut decoder = Decoder::new(Config { tolerate_unframed, ..Config::default() });
        for _ in 0..1000 {
            decoder.feed(&[b'x'; 4096]);
            assert_eq!(decoder.next_event(), None);
            assert!(decoder.space(0).is_empty());
        }
    }
}

#[test]
fn the_size_of_a_head_does_not_depend_on_how_the_block_came() {
    let mut bytes = vec![0x0b];
    bytes.resize(9001, b'y');
    bytes.extend_from_slice(b"\x1c\r");
    let config = Config { max_block_bytes: 5000, tolerate_unframed: false };
    check(config, &bytes, &["oversize 9000, 4096 kept"]);
    assert_eq!(run(config, bytes.chunks(1000)), ["oversize 9000, 4096 kept"]);
}

#[test]
fn a_close_within_a_block_is_not_a_message() {
    check(Config::default(), b"\x0bone\x1c\r\x0bha", &["block one", "partial 2 ha"]);
    check(Config::default(), b"\x0b", &["partial 0 "]);
    check(Config::default(), b"", &[]);
}

#[test]
fn commit_blocks_of_release_2_are_told_from_messages() {
    let mut bytes = Vec::new();
    write_commit(&mut bytes, Commit::Ack);
    write_commit(&mut bytes, Commit::Nak);
    encode(&mut bytes, b"\x06\x06").unwrap();
    check(Config::default(), &bytes, &["commit", "no commit", "block \x06\x06"]);
}

#[test]
fn bare_messages_are_taken_only_when_allowed() {
    let tolerant = Config { tolerate_unframed: true, ..Config::default() };
    check(tolerant, b"\r\nMSH|one\r", &["bare MSH|one\r"]);
    check(tolerant, b"MSH|one\r\x0btwo\x1c\r", &["bare MSH|one\r", "block two"]);
    check(tolerant, b"MSH|one\x1c\rMSH|two", &["bare MSH|one", "bare MSH|two"]);
    check(tolerant, b"MS", &["garbage 2: 4D 53"]);
    check(tolerant, b"MSX\x0bone\x1c\r", &["garbage 3: 4D 53 58", "block one"]);
    check(Config::default(), b"MSH|", &["garbage 4: 4D 53 48 7C"]);
    check(Config { tolerate_unframed: true, ..small() }, b"MSH|123456", &["oversize 10, 10 kept"]);
    let mut decoder = Decoder::new(tolerant);
    decoder.feed(b"MSH|one");
    assert_eq!(decoder.next_event(), None);
    assert!(decoder.in_block());
    assert_eq!(decoder.flush_unframed().map(words).as_deref(), Some("bare MSH|one"));
    assert_eq!(decoder.flush_unframed(), None);
    decoder.feed(b"\x0btwo");
    assert_eq!(decoder.next_event(), None);
    assert_eq!(decoder.flush_unframed(), None);
}

#[test]
fn a_thousand_messages_pass_one_link() {
    let mut bytes = Vec::new();
    for number in 0..1000 {
        encode(&mut bytes, format!("MSH|{number}").as_bytes()).unwrap();
    }
    for size in [1, 7, 4096, bytes.len()] {
        let events = run(Config::default(), bytes.chunks(size));
        assert_eq!(events.len(), 1000);
        assert_eq!(events[999], "block MSH|999");
    }
}

/// Pieces of a stream, sound and broken.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-z]{0,12}".prop_map(|text| format!("\x0b{text}\x1c\r").into_bytes()),
        1 => Just(b"\x0b\x06\x1c\r".to_vec()),
        1 => Just(b"MSH|".to_vec()),
        2 => vec(prop_oneof![Just(0x0b), Just(0x1c), Just(b'\r'), Just(0), any::<u8>()], 0..6),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_events(
        bytes in stream(),
        cuts in vec(1_usize..9, 1..40),
        max_block_bytes in 4_usize..20,
        tolerate_unframed in any::<bool>(),
    ) {
        let config = Config { max_block_bytes, tolerate_unframed };
        let mut reads = Vec::new();
        let mut rest = &bytes[..];
        for cut in cuts.into_iter().cycle() {
            let (read, after) = rest.split_at(cut.min(rest.len()));
            reads.push(read);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(run(config, reads), run(config, [&bytes[..]]));
    }

    #[test]
    fn what_is_encoded_is_decoded(contents in vec("[^\x0b\x1c]{0,30}", 0..8)) {
        let mut bytes = Vec::new();
        for content in &contents {
            encode(&mut bytes, content.as_bytes()).unwrap();
        }
        let mut decoder = Decoder::new(Config::default());
        decoder.feed(&bytes);
        let is_commit = |content: &str| content == "\x06" || content == "\x15";
        for expected in contents.iter().filter(|content| !is_commit(content)) {
            let mut event = decoder.next_event();
            while matches!(event, Some(Event::Commit(_))) {
                event = decoder.next_event();
            }
            prop_assert_eq!(event, Some(Event::Block { content: expected.as_bytes(), is_unframed: false }));
        }
    }
}
