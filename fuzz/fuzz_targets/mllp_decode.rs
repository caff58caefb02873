//! Any stream, cut in any way, gives the same events, and the buffer stays within its bound.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::mllp::{Config, Decoder, Event};

/// An event without its borrow.
fn owned(event: Event<'_>) -> (u8, Vec<u8>, String) {
    match event {
        Event::Block { content, is_unframed } => (u8::from(is_unframed), content.to_vec(), String::new()),
        Event::Oversize { head, total } => (2, head.to_vec(), total.to_string()),
        Event::Partial { head, total } => (3, head.to_vec(), total.to_string()),
        Event::Commit(commit) => (4, Vec::new(), format!("{commit:?}")),
        Event::Note(note) => (5, Vec::new(), format!("{note:?}")),
    }
}

fn run<'a>(config: Config, reads: impl Iterator<Item = &'a [u8]>) -> Vec<(u8, Vec<u8>, String)> {
    let mut decoder = Decoder::new(config);
    let mut events = Vec::new();
    for bytes in reads {
        decoder.feed(bytes);
        while let Some(event) = decoder.next_event() {
            events.push(owned(event));
        }
        let held = decoder.space(0).len();
        assert!(held <= config.max_block_bytes, "{held} bytes held");
    }
    events.extend(decoder.close().map(owned));
    assert!(decoder.close().is_none() && !decoder.in_block());
    events
}

fuzz_target!(|input: &[u8]| {
    let [options, size, stream @ ..] = input else { return };
    let config = Config { max_block_bytes: usize::from(options >> 1) + 3, tolerate_unframed: options & 1 == 1 };
    let at_once = run(config, std::iter::once(stream));
    assert_eq!(run(config, stream.chunks(1)), at_once);
    assert_eq!(run(config, stream.chunks(usize::from(*size) + 1)), at_once);
});
