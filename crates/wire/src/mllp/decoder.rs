//! Blocks out of a byte stream, however it was cut.
//!
//! The decoder owns one buffer. The caller reads into it, takes events until there are none, and reads again. Bytes
//! are looked at once: a search that found no end goes on where it stopped. What the buffer holds is at most the
//! size limit and one read; a block over the limit is counted and dropped as it comes.

use super::event::{Commit, Event, FramingNote, Sample};
use super::{ACK, CARRIAGE_RETURN, END, NAK, START};
use std::ops::Range;

/// How much of a block that is not kept is kept for diagnosis: enough for any MSH.
const HEAD: usize = 4096;
/// A buffer that grew beyond this is given back once it is empty; connections stay open for days.
const KEEP: usize = 64 * 1024;

/// Limits and options of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The largest block that is taken, framing not counted.
    pub max_block_bytes: usize,
    /// Take a message that begins with `MSH` (or `FHS`, `BHS`) without a start byte. It ends at the next framing byte,
    /// or when the caller finds the line idle and calls [`Decoder::flush_unframed`].
    pub tolerate_unframed: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { max_block_bytes: 1024 * 1024, tolerate_unframed: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between blocks.
    Idle,
    /// Just after an end byte: a CR is expected, and there is no waiting for it.
    AfterEnd,
    /// In a block, framed or not.
    Block { is_unframed: bool },
    /// In a block that is over the limit.
    Discard { is_unframed: bool },
}

/// What was decided about the bytes, before it borrows any.
enum Found {
    Block { content: Range<usize>, is_unframed: bool },
    Oversize { head: Range<usize>, total: u64 },
    OversizeKept { total: u64 },
    Note(FramingNote),
}

/// Finds blocks in a stream (see the [module](super) for the framing).
///
/// ```
/// use wire::mllp::{Config, Decoder, Event};
///
/// let mut decoder = Decoder::new(Config::default());
/// decoder.feed(b"\x0bMSH|one\x1c\r\x0bMSH|t");
/// assert_eq!(decoder.next_event(), Some(Event::Block { content: b"MSH|one", is_unframed: false }));
/// assert_eq!(decoder.next_event(), None);
/// decoder.space(1024).extend_from_slice(b"wo\x1c\r"); // or a socket's read_buf
/// assert_eq!(decoder.next_event(), Some(Event::Block { content: b"MSH|two", is_unframed: false }));
/// ```
#[derive(Debug)]
pub struct Decoder {
    config: Config,
    state: State,
    buffer: Vec<u8>,
    /// Where the unused bytes begin; in a block, its first byte.
    start: usize,
    /// How far the search for an end has come.
    scanned: usize,
    /// The first bytes of a block that is being discarded.
    head: Vec<u8>,
    discarded: u64,
    garbage: u64,
    garbage_sample: Sample,
}

impl Decoder {
    /// A decoder for a new connection.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            state: State::Idle,
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            head: Vec::new(),
            discarded: 0,
            garbage: 0,
            garbage_sample: Sample::default(),
        }
    }

    /// The buffer with room for at least `room` more bytes, to read a socket into. Only append to it.
    ///
    /// Bytes of blocks that were taken are given up here. Take all events before, or those that wait are moved anew
    /// each time.
    pub fn space(&mut self, room: usize) -> &mut Vec<u8> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.scanned -= self.start;
            self.start = 0;
        }
        if self.buffer.is_empty() && self.buffer.capacity() > KEEP {
            self.buffer = Vec::new();
        }
        self.buffer.reserve(room);
        &mut self.buffer
    }

    /// Appends bytes that were read elsewhere.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.space(bytes.len()).extend_from_slice(bytes);
    }

    /// Whether a block has begun and not ended. The caller bounds how long that may last.
    #[must_use]
    pub fn in_block(&self) -> bool {
        matches!(self.state, State::Block { .. } | State::Discard { .. })
    }

    /// The next event in the bytes fed so far; `None` when more bytes are needed.
    pub fn next_event(&mut self) -> Option<Event<'_>> {
        let found = self.find()?;
        Some(match found {
            Found::Note(note) => Event::Note(note),
            Found::Oversize { head, total } => Event::Oversize { head: &self.buffer[head], total },
            Found::OversizeKept { total } => Event::Oversize { head: &self.head, total },
            Found::Block { content, is_unframed } => match &self.buffer[content] {
                [ACK] => Event::Commit(Commit::Ack),
                [NAK] => Event::Commit(Commit::Nak),
                content => Event::Block { content, is_unframed },
            },
        })
    }

    /// Ends an unframed message, when the caller has found the line idle. `None` if there is none.
    pub fn flush_unframed(&mut self) -> Option<Event<'_>> {
        match self.state {
            State::Block { is_unframed: true } => {
                let content = self.start..self.buffer.len();
                self.start = content.end;
                self.scanned = content.end;
                self.state = State::Idle;
                Some(Event::Block { content: &self.buffer[content], is_unframed: true })
            }
            State::Discard { is_unframed: true } => {
                let total = self.end_discard(self.buffer.len());
                self.state = State::Idle;
                Some(Event::Oversize { head: &self.head, total })
            }
            _ => None,
        }
    }

    /// The connection has ended, and all events were taken: what is left, which is one event at most. An unframed
    /// message is whole; a block is not.
    pub fn close(&mut self) -> Option<Event<'_>> {
        match self.state {
            State::Block { is_unframed: true } | State::Discard { is_unframed: true } => self.flush_unframed(),
            State::Block { is_unframed: false } => {
                let content = self.start..self.buffer.len();
                self.start = content.end;
                self.scanned = content.end;
                self.state = State::Idle;
                Some(Event::Partial { total: content.len() as u64, head: &self.buffer[content] })
            }
            State::Discard { is_unframed: false } => {
                let total = self.end_discard(self.buffer.len());
                self.state = State::Idle;
                Some(Event::Partial { head: &self.head, total })
            }
            State::Idle | State::AfterEnd => {
                // The first letters of a message that never came, if they were waited for.
                self.skip(self.buffer.len());
                self.take_garbage().map(Event::Note)
            }
        }
    }

    fn find(&mut self) -> Option<Found> {
        loop {
            if self.start == self.buffer.len() {
                return None;
            }
            let found = match self.state {
                State::Idle => self.idle()?,
                State::AfterEnd => self.after_end(),
                State::Block { is_unframed } => self.block(is_unframed)?,
                State::Discard { .. } => self.discard()?,
            };
            if found.is_some() {
                return found;
            }
        }
    }

    /// Skips to the next start byte. The outer `None` means that more bytes are needed, the inner one to go on.
    fn idle(&mut self) -> Option<Option<Found>> {
        let rest = &self.buffer[self.start..];
        let start_byte = memchr::memchr(START, rest);
        let between = &rest[..start_byte.unwrap_or(rest.len())];
        if self.config.tolerate_unframed && self.garbage == 0 {
            let blanks = between.iter().take_while(|byte| is_padding(**byte)).count();
            let text = &between[blanks..];
            let is_message = [b"MSH", b"FHS", b"BHS"].iter().any(|name| text.starts_with(*name));
            let may_become_one = [b"MSH", b"FHS", b"BHS"].iter().any(|name| name.starts_with(text));
            if is_message {
                self.begin(self.start + blanks, true);
                return Some(None);
            }
            if start_byte.is_none() && may_become_one {
                self.skip(self.start + blanks);
                return None;
            }
        }
        let end = self.start + between.len();
        self.skip(end);
        // Without a start byte everything was skipped, and more is needed.
        start_byte?;
        let note = self.take_garbage();
        self.begin(end + 1, false);
        Some(note.map(Found::Note))
    }

    fn after_end(&mut self) -> Option<Found> {
        self.state = State::Idle;
        if self.buffer[self.start] == CARRIAGE_RETURN {
            self.skip(self.start + 1);
            return None;
        }
        // The byte is kept: it may begin the next block.
        Some(Found::Note(FramingNote::MissingCarriageReturn))
    }

    fn block(&mut self, is_unframed: bool) -> Option<Option<Found>> {
        let Some(at) = self.search() else {
            self.scanned = self.buffer.len();
            if self.scanned - self.start > self.config.max_block_bytes {
                self.head.clear();
                self.discarded = 0;
                self.end_discard(self.scanned);
                self.state = State::Discard { is_unframed };
            }
            return None;
        };
        let content = self.start..at;
        let is_restart = self.end_at(at);
        if content.len() > self.config.max_block_bytes {
            let head = content.start..content.start + content.len().min(HEAD);
            return Some(Some(Found::Oversize { head, total: content.len() as u64 }));
        }
        if is_restart && !is_unframed {
            let sample = Sample::of(&self.buffer[content.clone()]);
            return Some(Some(Found::Note(FramingNote::Restarted { count: content.len() as u64, sample })));
        }
        Some(Some(Found::Block { content, is_unframed }))
    }

    fn discard(&mut self) -> Option<Option<Found>> {
        let Some(at) = self.search() else {
            self.end_discard(self.buffer.len());
            return None;
        };
        let total = self.end_discard(at);
        self.end_at(at);
        Some(Some(Found::OversizeKept { total }))
    }

    /// Where the next framing byte is, from where the last search stopped.
    fn search(&self) -> Option<usize> {
        memchr::memchr2(START, END, &self.buffer[self.scanned..]).map(|at| self.scanned + at)
    }

    /// Drops bytes up to `end` of a block that is over the limit, save for what the head has room for. Gives how
    /// many came so far.
    fn end_discard(&mut self, end: usize) -> u64 {
        let dropped = &self.buffer[self.start..end];
        let room = HEAD.saturating_sub(self.head.len()).min(dropped.len());
        self.head.extend_from_slice(&dropped[..room]);
        self.discarded += dropped.len() as u64;
        self.start = end;
        self.scanned = end;
        self.discarded
    }

    fn begin(&mut self, at: usize, is_unframed: bool) {
        self.start = at;
        self.scanned = at;
        self.state = State::Block { is_unframed };
    }

    /// Leaves a block at its framing byte. A start byte begins another at once; then the answer is true.
    fn end_at(&mut self, at: usize) -> bool {
        let is_restart = self.buffer[at] == START;
        self.begin(at + 1, false);
        if !is_restart {
            self.state = State::AfterEnd;
        }
        is_restart
    }

    /// Drops bytes between blocks, counting those that do not belong there.
    fn skip(&mut self, end: usize) {
        for byte in self.buffer[self.start..end].iter().filter(|byte| !is_padding(**byte)) {
            self.garbage += 1;
            self.garbage_sample.push(*byte);
        }
        self.start = end;
        self.scanned = end;
    }

    fn take_garbage(&mut self) -> Option<FramingNote> {
        let count = std::mem::take(&mut self.garbage);
        let sample = std::mem::take(&mut self.garbage_sample);
        (count > 0).then_some(FramingNote::Garbage { count, sample })
    }
}

/// What may stand between blocks without a word: line ends, blanks, and the NULs that some systems send.
fn is_padding(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | b' ' | 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_of_a_block_is_searched_twice() {
        let mut decoder = Decoder::new(Config::default());
        decoder.feed(&[START]);
        let mut searched = 0;
        for read in 0..1000 {
            decoder.feed(&[b'x'; 100]);
            searched += decoder.buffer.len() - decoder.scanned;
            assert_eq!(decoder.next_event(), None, "{read}");
        }
        // All but the start byte came after the search before had ended.
        assert_eq!(searched, 100 * 1000 + 1);
    }

    #[test]
    fn a_large_buffer_is_given_back() {
        let mut decoder = Decoder::new(Config::default());
        decoder.feed(&[&[START], &[b'x'; 500_000][..], &[END, CARRIAGE_RETURN]].concat());
        assert!(matches!(decoder.next_event(), Some(Event::Block { .. })));
        assert_eq!(decoder.next_event(), None);
        assert!(decoder.space(100).capacity() <= KEEP);
    }
}
