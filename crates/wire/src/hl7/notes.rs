//! What is odd about a message that could be read all the same.
//!
//! Notes are looked for only when asked for, so that the reading of sound messages pays nothing. Even then a sound
//! message costs two searches (for escapes and for bytes that its character set lacks) and no allocation.

use super::charset::{Charset, CharsetOrigin, CharsetProblem};
use super::delimiters::Delimiters;
use super::escape::{Escapes, Part, Sequence};
use super::message::{FRAME_END, Message, is_junk};
use super::position::Position;
use std::fmt;

/// One oddity, with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// What was found.
    pub kind: NoteKind,
    /// Where.
    pub position: Position,
}

/// The oddities that are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// Bytes before MSH: a byte order mark, blanks, line breaks.
    LeadingBytes,
    /// MSH-2 lists fewer than four delimiters.
    ShortEncodingCharacters,
    /// MSH-2 goes on after the delimiters.
    LongEncodingCharacters,
    /// MSH-2 lists a delimiter twice; the second does not exist.
    RepeatedDelimiter,
    /// A line whose first field is not a segment name: two letters, small letters, or a comment that was broken
    /// into lines without escaping.
    SegmentName,
    /// A line of blanks or control characters; it was left out.
    Junk,
    /// An escape sequence that the standard does not have; it was kept as it is.
    UnknownEscape,
    /// Bytes that do not belong to the character set. In UTF-8 the value was read as windows-1252, in other sets
    /// the replacement character stands in their place.
    Bytes,
    /// No set was declared and the bytes are not UTF-8; windows-1252 was assumed.
    CharsetAssumed,
    /// MSH-18 could not be followed.
    Charset(CharsetProblem),
    /// BTS-1 does not count the messages of the batch.
    BatchCount {
        /// What BTS-1 says.
        stated: u32,
        /// What was there.
        found: u32,
    },
    /// FTS-1 does not count the batches of the file.
    FileCount {
        /// What FTS-1 says.
        stated: u32,
        /// What was there.
        found: u32,
    },
    /// A batch or file was opened and not closed, or closed and not opened.
    Unbalanced,
    /// Lines that belong to no message of the file.
    Stray,
}

impl NoteKind {
    /// A plain sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::LeadingBytes => "There are bytes before MSH.",
            Self::ShortEncodingCharacters => "MSH-2 declares fewer than four delimiters.",
            Self::LongEncodingCharacters => "MSH-2 holds more than delimiters.",
            Self::RepeatedDelimiter => "MSH-2 declares a delimiter twice.",
            Self::SegmentName => "A line does not begin with a segment name.",
            Self::Junk => "A line holds only control characters or blanks; it was left out.",
            Self::UnknownEscape => "An escape sequence is not one of the standard's; it was kept as it is.",
            Self::Bytes => "Bytes do not belong to the message's character set.",
            Self::CharsetAssumed => "No character set is declared and the text is not UTF-8; windows-1252 was assumed.",
            Self::Charset(CharsetProblem::Unknown) => "MSH-18 names an unknown character set.",
            Self::Charset(CharsetProblem::Unsupported) => "MSH-18 names a character set that cannot be read.",
            Self::Charset(CharsetProblem::NotAscii) => "MSH-18 says ASCII, but there are other letters.",
            Self::BatchCount { .. } => "BTS-1 is not the number of messages in the batch.",
            Self::FileCount { .. } => "FTS-1 is not the number of batches in the file.",
            Self::Unbalanced => "A batch or file is not opened and closed in pairs.",
            Self::Stray => "Lines belong to no message.",
        }
    }

    /// A stable word for logs and counters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeadingBytes => "leading_bytes",
            Self::ShortEncodingCharacters => "short_encoding_characters",
            Self::LongEncodingCharacters => "long_encoding_characters",
            Self::RepeatedDelimiter => "repeated_delimiter",
            Self::SegmentName => "segment_name",
            Self::Junk => "junk",
            Self::UnknownEscape => "unknown_escape",
            Self::Bytes => "bytes",
            Self::CharsetAssumed => "charset_assumed",
            Self::Charset(CharsetProblem::Unknown) => "charset_unknown",
            Self::Charset(CharsetProblem::Unsupported) => "charset_unsupported",
            Self::Charset(CharsetProblem::NotAscii) => "charset_not_ascii",
            Self::BatchCount { .. } => "batch_count",
            Self::FileCount { .. } => "file_count",
            Self::Unbalanced => "unbalanced",
            Self::Stray => "stray",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} At {}.", self.kind.sentence(), self.position)
    }
}

/// More notes than this on one message or file tell nobody more, and a hostile one could hold a million.
pub(crate) const MAX_NOTES: usize = 64;

impl Message<'_> {
    /// What is odd about the message when its text is read with `charset`, in the order of the bytes, save that
    /// what concerns the whole message comes first. At most 64 notes.
    #[must_use]
    pub fn notes(&self, charset: &Charset) -> Vec<Note> {
        let mut notes = Vec::new();
        self.header_notes(charset, &mut notes);
        if self.is_odd() {
            self.line_notes(&mut notes);
        }
        let delimiters = self.delimiters();
        let header_end = self.header().offset() + self.header().raw().len();
        let has_escapes = delimiters.escape().is_some_and(|escape| {
            memchr::memchr(escape, &self.bytes()[header_end..]).is_some()
                || memchr::memchr_iter(escape, self.header().raw()).nth(1).is_some()
        });
        let has_foreign_bytes = !charset.covers(self.bytes());
        if has_escapes || has_foreign_bytes {
            let charset = has_foreign_bytes.then_some(charset);
            self.field_notes(charset, &mut notes);
        }
        notes
    }

    fn header_notes(&self, charset: &Charset, notes: &mut Vec<Note>) {
        let header = self.header();
        let at = |field| header.position(Some(field));
        if header.offset() > 0 {
            notes.push(Note { kind: NoteKind::LeadingBytes, position: Position::at(0) });
        }
        if let Ok((_, Some(kind))) = Delimiters::read(self.delimiters().field(), header.field(2).raw()) {
            notes.push(Note { kind, position: at(2) });
        }
        if let Some(problem) = charset.problem() {
            notes.push(Note { kind: NoteKind::Charset(problem), position: at(18) });
        }
        if charset.origin() == CharsetOrigin::Assumed {
            notes.push(Note { kind: NoteKind::CharsetAssumed, position: at(18) });
        }
    }

    /// Looks at every line again, also at those that were left out.
    fn line_notes(&self, notes: &mut Vec<Note>) {
        let header_end = self.header().offset() + self.header().raw().len();
        let mut from = header_end;
        for line in self.bytes()[header_end..].split(|byte| matches!(byte, b'\r' | b'\n' | &FRAME_END)) {
            if !line.is_empty() && is_junk(line) && notes.len() < MAX_NOTES {
                notes.push(Note { kind: NoteKind::Junk, position: Position::at(from) });
            }
            from += line.len() + 1;
        }
        let room = MAX_NOTES - notes.len();
        for segment in self.segments().filter(|segment| !is_name(segment.name())).take(room) {
            notes.push(Note { kind: NoteKind::SegmentName, position: segment.position(None) });
        }
    }

    fn field_notes(&self, charset: Option<&Charset>, notes: &mut Vec<Note>) {
        let delimiters = self.delimiters();
        for segment in self.segments() {
            let first = if segment.ordinal() == 1 { 3 } else { 1 };
            for (number, field) in segment.fields().iter().skip(first - 1) {
                if notes.len() >= MAX_NOTES {
                    return;
                }
                let mut push = |kind| {
                    let number = u16::try_from(number).unwrap_or(u16::MAX);
                    notes.push(Note { kind, position: segment.position(Some(number)) });
                };
                let unknown = |part| matches!(part, Part::Escape { sequence: Sequence::Unknown, .. });
                if Escapes::new(field.raw(), &delimiters).any(unknown) {
                    push(NoteKind::UnknownEscape);
                }
                if charset.is_some_and(|charset| !charset.covers(field.raw())) {
                    push(NoteKind::Bytes);
                }
            }
        }
    }
}

fn is_name(name: &[u8]) -> bool {
    matches!(name, [a, rest @ ..] if a.is_ascii_uppercase() && rest.len() == 2
        && rest.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(bytes: &[u8]) -> Vec<String> {
        let message = Message::parse(bytes).unwrap();
        let notes = message.notes(&message.charset(None));
        notes.iter().map(|note| format!("{} {}", note.kind.as_str(), note.position)).collect()
    }

    const HEADER: &str = "MSH|^~\\&|EHR|EAST|||20270401||SIU^S12|7|P|2.3";

    #[test]
    fn a_sound_message_has_none() {
        let text = format!("{HEADER}\rSCH|1|Zoë||\\T\\\\.br\\|N\\A|\\Zx1\\\\C2842\\\\M242A\\\\.in+4\\\rZPI|x\rPV1|\r");
        assert_eq!(notes(text.as_bytes()), Vec::<String>::new());
    }

    #[test]
    fn oddities_have_a_kind_and_a_place() {
        for (message, expected) in [
            (format!("\u{feff}{HEADER}\r"), vec!["leading_bytes (byte 0)"]),
            (HEADER.replace("~\\&", ""), vec!["short_encoding_characters MSH-2 (segment 1, byte 4)"]),
            (HEADER.replace("~\\&", "~\\&amp;"), vec!["long_encoding_characters MSH-2 (segment 1, byte 4)"]),
            (format!("{HEADER}\rZ1|x\r"), vec!["segment_name ??? (segment 2, byte 46)"]),
            (format!("{HEADER}\r1ID|x\r"), vec!["segment_name 1ID (segment 2, byte 46)"]),
            (format!("{HEADER}\rPiD|x\r"), vec!["segment_name PiD (segment 2, byte 46)"]),
            (format!("{HEADER}\rpid|x\r"), vec!["segment_name pid (segment 2, byte 46)"]),
            (format!("{HEADER}\rNTE|1\nsecond line\r"), vec!["segment_name ??? (segment 3, byte 52)"]),
            (format!("{HEADER}\rSCH|1\r\x1a\r"), vec!["junk (byte 52)"]),
            (format!("{HEADER}\rSCH|1|a\\Q\\b\r"), vec!["unknown_escape SCH-2 (segment 2, byte 52)"]),
            (
                format!("{HEADER}\rSCH|\\.in4a\\|\\Call\\"),
                vec!["unknown_escape SCH-1 (segment 2, byte 50)", "unknown_escape SCH-2 (segment 2, byte 58)"],
            ),
            (HEADER.replace("EAST", "E\\Q\\T"), vec!["unknown_escape MSH-4 (segment 1, byte 13)"]),
            (format!("{HEADER}||||||8859/99\r"), vec!["charset_unknown MSH-18 (segment 1, byte 51)"]),
            (format!("{HEADER}||||||UNICODE UTF-16\r"), vec!["charset_unsupported MSH-18 (segment 1, byte 51)"]),
            (format!("{HEADER}||||||ASCII\rNTE|Zoë\r"), vec!["charset_not_ascii MSH-18 (segment 1, byte 51)"]),
        ] {
            assert_eq!(notes(message.as_bytes()), expected, "{message}");
        }
    }

    #[test]
    fn bytes_outside_the_set_are_reported_where_they_stand() {
        let undeclared = [HEADER.as_bytes(), b"\rPID|1|Zo\xeb\r"].concat();
        assert_eq!(notes(&undeclared), ["charset_assumed MSH-18 (segment 1, byte 45)"]);
        let declared = [HEADER.as_bytes(), b"||||||UNICODE UTF-8\rPID|1|Zo\xeb|ok\r"].concat();
        assert_eq!(notes(&declared), ["bytes PID-2 (segment 2, byte 71)"]);
        let korean = [HEADER.as_bytes(), b"||||||KS X 1001\rPID|1|\xb1\xe8|\xff\r"].concat();
        assert_eq!(notes(&korean), ["bytes PID-3 (segment 2, byte 70)"]);
    }

    #[test]
    fn a_hostile_message_cannot_fill_the_memory_with_notes() {
        let escapes = [HEADER.as_bytes(), b"\rZZZ", &b"|\\Q\\".repeat(1000)].concat();
        assert_eq!(notes(&escapes).len(), 64);
        let lines = [HEADER.as_bytes(), &b"\r \rx".repeat(1000)].concat();
        assert_eq!(notes(&lines).len(), 64);
    }

    #[test]
    fn a_note_reads_as_a_sentence() {
        let message = Message::parse(b"MSH|^~\\&|EHR|\rSCH|\\Q\\\r").unwrap();
        let notes = message.notes(&Charset::UTF_8);
        assert_eq!(
            notes[0].to_string(),
            "An escape sequence is not one of the standard's; it was kept as it is. At SCH-1 (segment 2, byte 18)."
        );
    }
}
