//! Files of messages: bare messages one after another, FHS/BHS batches, and dumps of framed messages.
//!
//! `[FHS] { [BHS] { MSH… } [BTS] } [FTS]` (HL7 v2.5.1 §2.10.3). Real files leave the headers out, end lines in any
//! way, put one message on a line or spread it over many, and some are dumps of an MLLP link with its framing bytes.
//! One reader takes them all: a line that begins with `MSH` and a separator starts a message.

use super::delimiters::Delimiters;
use super::message::{FRAME_END, is_junk, lead, starts_message};
use super::notes::{MAX_NOTES, Note, NoteKind};
use super::position::{Position, SegmentName, SegmentPosition};
use super::segment::Segment;
use std::ops::Range;

/// One message of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The message, ready for [`Message::parse`](super::Message::parse): no framing, no line end after the last
    /// segment.
    pub bytes: &'a [u8],
    /// Its place in the file.
    pub range: Range<usize>,
    /// Which message of the file, from 1.
    pub ordinal: u32,
    /// Which batch it stands in, from 1; 0 outside any.
    pub batch: u32,
}

/// Walks the messages of a file, in order. Notes on the file are complete when the walk is.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    bytes: &'a [u8],
    at: usize,
    notes: Vec<Note>,
    messages: u32,
    batches: u32,
    /// Messages in the batch that is open, if one is.
    open_batch: Option<u32>,
    is_file_open: bool,
    in_stray: bool,
    lines: u32,
    file_header: Option<Range<usize>>,
}

/// What a line starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Message,
    FileHeader,
    BatchHeader,
    BatchTrailer,
    FileTrailer,
    Other,
}

impl<'a> Batch<'a> {
    /// Begins at the start of a file.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: lead(bytes),
            notes: Vec::new(),
            messages: 0,
            batches: 0,
            open_batch: None,
            is_file_open: false,
            in_stray: false,
            lines: 0,
            file_header: None,
        }
    }

    /// Whether bytes begin as a file with headers does.
    #[must_use]
    pub fn is_batch(bytes: &[u8]) -> bool {
        matches!(kind(&bytes[lead(bytes)..]), Line::FileHeader | Line::BatchHeader)
    }

    /// What is odd about the file so far: counts that do not agree, headers without trailers, stray lines. What is
    /// odd about its messages is on them. At most 64 notes.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The FHS segment, once passed.
    #[must_use]
    pub fn file_header(&self) -> Option<Segment<'a>> {
        let range = self.file_header.clone()?;
        let bytes = &self.bytes[range.clone()];
        Some(Segment { bytes, delimiters: delimiters(bytes), offset: range.start, ordinal: 1 })
    }

    /// Takes in a message from its first line to before the line that starts something else.
    fn message(&mut self, start: usize, first_end: usize) -> Entry<'a> {
        let mut end = first_end;
        self.at = after(self.bytes, first_end);
        // A frame's end closes the message even if stray lines follow it.
        let mut is_closed = self.bytes.get(first_end) == Some(&FRAME_END);
        while !is_closed && self.at < self.bytes.len() {
            let range = line(self.bytes, self.at);
            let content = &self.bytes[range.clone()];
            if kind(&content[lead(content)..]) != Line::Other || content.first() == Some(&FRAME_START) {
                break;
            }
            if !is_junk(content) {
                end = range.end;
            }
            self.lines += u32::from(!content.is_empty());
            is_closed = self.bytes.get(range.end) == Some(&FRAME_END);
            self.at = after(self.bytes, range.end);
        }
        self.messages += 1;
        self.in_stray = false;
        if let Some(count) = &mut self.open_batch {
            *count += 1;
        }
        let batch = if self.open_batch.is_some() { self.batches } else { 0 };
        Entry { bytes: &self.bytes[start..end], range: start..end, ordinal: self.messages, batch }
    }

    fn open_batch(&mut self, at: usize) {
        if self.open_batch.replace(0).is_some() {
            self.note(NoteKind::Unbalanced, at, *b"BHS", None);
        }
        self.batches += 1;
    }

    fn close_batch(&mut self, range: &Range<usize>) {
        match (self.open_batch.take(), self.stated(range)) {
            (None, _) => self.note(NoteKind::Unbalanced, range.start, *b"BTS", None),
            (Some(found), Some(stated)) if stated != found => {
                self.note(NoteKind::BatchCount { stated, found }, range.start, *b"BTS", Some(1));
            }
            _ => {}
        }
    }

    fn close_file(&mut self, range: &Range<usize>) {
        let is_batch_open = self.open_batch.take().is_some();
        let is_file_open = std::mem::take(&mut self.is_file_open);
        if is_batch_open || !is_file_open {
            self.note(NoteKind::Unbalanced, range.start, *b"FTS", None);
        }
        // Without batches, senders count the messages here.
        let found = if self.batches == 0 { self.messages } else { self.batches };
        if let Some(stated) = self.stated(range).filter(|stated| *stated != found) {
            self.note(NoteKind::FileCount { stated, found }, range.start, *b"FTS", Some(1));
        }
    }

    /// BTS-1 or FTS-1, if it is a number. The separator is the byte after the name.
    fn stated(&self, range: &Range<usize>) -> Option<u32> {
        let line = &self.bytes[range.clone()];
        let delimiters = Delimiters::new(*line.get(3)?, b"").ok()?;
        let segment = Segment { bytes: line, delimiters, offset: range.start, ordinal: 1 };
        std::str::from_utf8(segment.field(1).raw().trim_ascii()).ok()?.parse().ok()
    }

    fn note(&mut self, kind: NoteKind, offset: usize, name: [u8; 3], field: Option<u16>) {
        let segment = SegmentPosition { ordinal: self.lines, name: SegmentName::new(&name) };
        self.push(Note { kind, position: Position { offset, segment: Some(segment), field } });
    }

    fn finish(&mut self) {
        let is_batch_open = self.open_batch.take().is_some();
        let is_file_open = std::mem::take(&mut self.is_file_open);
        if is_batch_open || is_file_open {
            let position = Position::at(self.bytes.len());
            self.push(Note { kind: NoteKind::Unbalanced, position });
        }
    }

    fn push(&mut self, note: Note) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        }
    }
}

impl<'a> Iterator for Batch<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        while self.at < self.bytes.len() {
            let mut range = line(self.bytes, self.at);
            // The framing of a dump, and blanks before a header as before a lone message.
            range.start += lead(&self.bytes[range.clone()]);
            self.lines += u32::from(!range.is_empty());
            let content = &self.bytes[range.clone()];
            let line = kind(content);
            if line == Line::Message {
                return Some(self.message(range.start, range.end));
            }
            self.at = after(self.bytes, range.end);
            match line {
                Line::FileHeader => {
                    if std::mem::replace(&mut self.is_file_open, true) {
                        self.note(NoteKind::Unbalanced, range.start, *b"FHS", None);
                    }
                    self.file_header = Some(range);
                }
                Line::BatchHeader => self.open_batch(range.start),
                Line::BatchTrailer => self.close_batch(&range),
                Line::FileTrailer => self.close_file(&range),
                Line::Message | Line::Other => {
                    // One note for each stretch of stray lines.
                    if !is_junk(content) && !std::mem::replace(&mut self.in_stray, true) {
                        self.push(Note { kind: NoteKind::Stray, position: Position::at(range.start) });
                    }
                }
            }
        }
        self.finish();
        None
    }
}

/// MLLP's start byte, which dumps keep.
const FRAME_START: u8 = 0x0B;

/// The line from `at`, without its end. The end of a frame ends a line too.
fn line(bytes: &[u8], at: usize) -> Range<usize> {
    at..memchr::memchr3(b'\r', b'\n', FRAME_END, &bytes[at..]).map_or(bytes.len(), |end| at + end)
}

/// The start of the line after one that ends at `end`.
fn after(bytes: &[u8], end: usize) -> usize {
    (end + 1).min(bytes.len())
}

fn kind(line: &[u8]) -> Line {
    let Some((name, rest)) = line.split_first_chunk::<3>() else { return Line::Other };
    // A line of text that begins with these letters has a letter or a blank next.
    let is_header = rest.first().is_some_and(|byte| !byte.is_ascii_alphanumeric() && *byte != b' ');
    match name {
        b"MSH" if starts_message(line) => Line::Message,
        b"FHS" if is_header => Line::FileHeader,
        b"BHS" if is_header => Line::BatchHeader,
        b"BTS" if is_header || rest.is_empty() => Line::BatchTrailer,
        b"FTS" if is_header || rest.is_empty() => Line::FileTrailer,
        _ => Line::Other,
    }
}

/// The delimiters that a header line declares, or the usual ones.
fn delimiters(header: &[u8]) -> Delimiters {
    let Some((separator, rest)) = header.get(3..).and_then(<[u8]>::split_first) else { return Delimiters::default() };
    let end = rest.iter().position(|byte| byte == separator).unwrap_or(rest.len());
    Delimiters::new(*separator, &rest[..end]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::message::Message;
    use super::*;

    fn msh(id: u32) -> String {
        format!("MSH|^~\\&|A|B|||20270401||SIU^S12|{id}|P|2.3\rSCH|{id}")
    }

    /// The control ids found, and the notes.
    fn read(file: &str) -> (Vec<String>, Vec<NoteKind>) {
        let mut batch = Batch::new(file.as_bytes());
        let mut ids = Vec::new();
        for entry in &mut batch {
            assert_eq!(&file.as_bytes()[entry.range.clone()], entry.bytes);
            assert_eq!(entry.ordinal as usize, ids.len() + 1);
            let message = Message::parse(entry.bytes).unwrap();
            assert_eq!(message.segments().count(), 2, "{:?}", String::from_utf8_lossy(entry.bytes));
            ids.push(String::from_utf8_lossy(message.control_id().raw()).into_owned());
        }
        (ids, batch.notes().iter().map(|note| note.kind).collect())
    }

    #[test]
    fn bare_messages_follow_one_another() {
        for end in ["\r", "\n", "\r\n", "\r\n\r\n"] {
            let file = [msh(1), msh(2), msh(3)].join(end).replace("\rSCH", &format!("{end}SCH"));
            assert_eq!(read(&file), (vec!["1".into(), "2".into(), "3".into()], vec![]), "{end:?}");
            assert_eq!(read(&(file + end)).0.len(), 3);
        }
    }

    #[test]
    fn one_message_a_line_with_cr_inside() {
        assert_eq!(read(&format!("{}\n{}\n", msh(1), msh(2))).0, ["1", "2"]);
    }

    #[test]
    fn batches_with_headers_are_counted() {
        let header = "FHS|^~\\&|A|B\rBHS|^~\\&|A|B\r";
        let file = format!("{header}{}\r{}\rBTS|2\rFTS|1\r", msh(1), msh(2));
        assert!(Batch::is_batch(file.as_bytes()) && !Batch::is_batch(msh(1).as_bytes()) && !Batch::is_batch(b""));
        assert_eq!(read(&file), (vec!["1".into(), "2".into()], vec![]));
        let file = format!("{header}{}\rBTS|2\rFTS|3\r", msh(1));
        let counts = vec![NoteKind::BatchCount { stated: 2, found: 1 }, NoteKind::FileCount { stated: 3, found: 1 }];
        assert_eq!(read(&file), (vec!["1".into()], counts));
        assert_eq!(read(&format!("{header}{}\rBTS|\rFTS", msh(1))).1, []);
    }

    #[test]
    fn entries_know_their_batch() {
        let file = format!("{}\rBHS|^~\\&|\r{}\rBTS|1\rBHS|^~\\&|\r{}\rBTS|1\r", msh(1), msh(2), msh(3));
        let batches: Vec<u32> = Batch::new(file.as_bytes()).map(|entry| entry.batch).collect();
        assert_eq!(batches, [0, 1, 2]);
    }

    #[test]
    fn headers_and_trailers_come_in_pairs_or_are_noted() {
        use NoteKind::Unbalanced;
        assert_eq!(read(&format!("BHS|^~\\&|\r{}\r", msh(1))).1, [Unbalanced]);
        assert_eq!(read(&format!("{}\rBTS|1\r", msh(1))).1, [Unbalanced]);
        assert_eq!(read(&format!("BHS|^~\\&|\r{}\rBHS|^~\\&|\r{}\rBTS|1\r", msh(1), msh(2))).1, [Unbalanced]);
        assert_eq!(read(&format!("FHS|^~\\&|\rBHS|^~\\&|\r{}\rFTS|1\r", msh(1))).1, [Unbalanced]);
        assert_eq!(read(&format!("FHS|^~\\&|\r{}\rFTS|1\r", msh(1))).1, []);
    }

    #[test]
    fn a_note_counts_the_lines_before_it() {
        let file = format!("FHS|^~\\&|\r\n\r\nBHS|^~\\&|\r\n{}\r\n\r\nBTS|7\r\nFTS|1\r\n", msh(1));
        let mut batch = Batch::new(file.as_bytes());
        assert_eq!(batch.by_ref().count(), 1);
        assert_eq!(batch.notes()[0].position.to_string(), format!("BTS-1 (segment 5, byte {})", file.len() - 14));
    }

    #[test]
    fn a_hostile_file_cannot_fill_the_memory_with_notes() {
        let mut batch = Batch::new(b"BTS\r".repeat(1000).leak());
        assert_eq!(batch.by_ref().count(), 0);
        assert_eq!(batch.notes().len(), 64);
    }

    #[test]
    fn dumps_of_framed_messages_are_read() {
        let file = format!("\x0b{}\r\x1c\r\x0b{}\r\x1c\r\n\x0b{}\x1c\x0b{}", msh(1), msh(2), msh(3), msh(4));
        assert_eq!(read(&file), (vec!["1".into(), "2".into(), "3".into(), "4".into()], vec![]));
    }

    #[test]
    fn lines_of_no_message_are_noted_once() {
        let file = format!("exported 1 April\rby the desk\r{}\r\x1cleft over\r{}\r\x1a", msh(1), msh(2));
        assert_eq!(read(&file), (vec!["1".into(), "2".into()], vec![NoteKind::Stray, NoteKind::Stray]));
        assert_eq!(read(""), (vec![], vec![]));
    }

    #[test]
    fn the_file_header_is_readable() {
        let mut batch = Batch::new(b"FHS$%*/@$APP$FAC$\rMSH|^~\\&|\r");
        assert!(batch.file_header().is_none());
        assert_eq!(batch.by_ref().count(), 1);
        let header = batch.file_header().unwrap();
        assert_eq!(header.field(3).raw(), b"APP");
        assert_eq!(header.field(2).raw(), b"%*/@");
    }

    #[test]
    fn a_line_of_text_that_begins_like_a_header_is_text() {
        for name in ["MSH", "FHS", "BHS", "BTS", "FTS"] {
            for text in ["ello", " is late", "7"] {
                let file = format!("{}\rNTE|{name}{text}\r{name}{text}\r", msh(1));
                let mut batch = Batch::new(file.as_bytes());
                assert_eq!(
                    batch.by_ref().map(|entry| entry.bytes.len()).collect::<Vec<_>>(),
                    [file.len() - 1],
                    "{text}"
                );
                assert_eq!(batch.notes(), []);
            }
        }
    }
}
