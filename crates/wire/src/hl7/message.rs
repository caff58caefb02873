//! One message: where its segments are, and finding them by name.

use super::charset::Charset;
use super::delimiters::Delimiters;
use super::error::{ParseError, Reason};
use super::field::Field;
use super::position::{Location, Position, SegmentName, SegmentPosition};
use super::segment::Segment;
use super::version::Version;
use smallvec::SmallVec;

/// A message that was read (HL7 v2.5.1 §2.5.1): a view that borrows the bytes and holds the places of its segments.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    bytes: &'a [u8],
    delimiters: Delimiters,
    spans: SmallVec<[Span; 24]>,
    /// Something about the lines is odd, and [`Message::notes`] has to look for it.
    odd: bool,
}

/// One segment's place, with its name packed so that finding one by name touches no other memory.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
    /// The three letters, or [`ODD_NAME`].
    tag: u32,
}

const ODD_NAME: u32 = 0;
/// Ends a frame, and a line with it: dumps of a link are read as what they are.
pub(crate) const FRAME_END: u8 = 0x1C;
const MSH: u32 = u32::from_le_bytes(*b"MSH\0");

impl<'a> Message<'a> {
    /// Reads one message. Segments may end in CR (as the standard has it), LF, CRLF or the end of a frame; empty lines
    /// are skipped, as are a byte order mark, blanks, line breaks and a start-of-block byte before MSH.
    ///
    /// # Errors
    ///
    /// When there is no one message to be read; [`Reason`] lists the cases.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let fail = |reason, offset| Err(ParseError { reason, position: Position::at(offset) });
        if u32::try_from(bytes.len()).is_err() {
            return fail(Reason::TooLong, 0);
        }
        let start = lead(bytes);
        let body = &bytes[start..];
        let header = &body[..memchr::memchr3(b'\r', b'\n', FRAME_END, body).unwrap_or(body.len())];
        let delimiters = match read_header(header) {
            Ok(delimiters) => delimiters,
            Err(_) if is_wide(bytes) => return fail(Reason::WideCharacters, start),
            Err(reason) => return Err(ParseError { reason, position: header_position(reason, start, header) }),
        };
        let mut message = Self { bytes, delimiters, spans: SmallVec::new(), odd: false };
        message.push(start, start + header.len(), MSH);
        let mut from = start + header.len();
        for at in memchr::memchr3_iter(b'\r', b'\n', FRAME_END, &bytes[from..]).map(|at| at + start + header.len()) {
            message.line(from, at)?;
            from = at + 1;
        }
        message.line(from, bytes.len())?;
        Ok(message)
    }

    /// Takes in one line after the header.
    #[inline]
    fn line(&mut self, from: usize, to: usize) -> Result<(), ParseError> {
        let line = &self.bytes[from..to];
        if line.is_empty() {
            return Ok(());
        }
        let tag = tag(line, self.delimiters.field());
        // Behind blanks or a start byte it is a header too: no patient may slip in under another's message.
        if (tag == MSH || tag == ODD_NAME) && starts_message(&line[lead(line)..]) {
            let segment = SegmentPosition { ordinal: self.next_ordinal(), name: SegmentName::new(b"MSH") };
            let position = Position { offset: from, segment: Some(segment), field: None };
            return Err(ParseError { reason: Reason::SecondHeader, position });
        }
        if tag == ODD_NAME {
            self.odd = true;
            if is_junk(line) {
                return Ok(());
            }
        }
        self.push(from, to, tag);
        Ok(())
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "longer messages were refused")]
    fn push(&mut self, start: usize, end: usize, tag: u32) {
        self.spans.push(Span { start: start as u32, end: end as u32, tag });
    }

    #[expect(clippy::cast_possible_truncation, reason = "there are fewer segments than bytes")]
    fn next_ordinal(&self) -> u32 {
        self.spans.len() as u32 + 1
    }

    /// The bytes that were handed in.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The delimiters that the message declares.
    #[must_use]
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    pub(crate) fn is_odd(&self) -> bool {
        self.odd
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer segments than bytes")]
    fn view(&self, index: usize, span: &Span) -> Segment<'a> {
        let (start, end) = (span.start as usize, span.end as usize);
        Segment {
            bytes: &self.bytes[start..end],
            delimiters: self.delimiters,
            offset: start,
            ordinal: index as u32 + 1,
        }
    }

    /// All segments in the order they came, MSH first.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = Segment<'a>> + ExactSizeIterator + Clone {
        self.spans.iter().enumerate().map(|(index, span)| self.view(index, span))
    }

    /// All segments of one name, in order.
    pub fn all<'n>(&self, name: &'n [u8]) -> impl Iterator<Item = Segment<'a>> + use<'_, 'n, 'a> {
        let wanted = tag(name, self.delimiters.field());
        let matches = move |segment: &Segment<'_>| wanted != ODD_NAME || segment.name() == name;
        let spans = self.spans.iter().enumerate().filter(move |(_, span)| span.tag == wanted);
        spans.map(|(index, span)| self.view(index, span)).filter(matches)
    }

    /// The first segment of a name.
    #[must_use]
    #[inline]
    pub fn first(&self, name: &[u8]) -> Option<Segment<'a>> {
        self.all(name).next()
    }

    /// The first segment of a name, or one without fields when there is none.
    #[must_use]
    #[inline]
    pub fn get(&self, name: &[u8]) -> Segment<'a> {
        self.first(name).unwrap_or_else(|| Segment::missing(self.delimiters))
    }

    /// The MSH segment.
    #[must_use]
    #[inline]
    pub fn header(&self) -> Segment<'a> {
        self.view(0, &self.spans[0])
    }

    /// The message code, MSH-9.1, such as `SIU`.
    #[must_use]
    pub fn code(&self) -> &'a [u8] {
        self.header().field(9).component(1).raw()
    }

    /// The trigger event, MSH-9.2, such as `S12`. Route on code and trigger only: MSH-9.3 is often wrong or absent.
    #[must_use]
    pub fn trigger(&self) -> &'a [u8] {
        self.header().field(9).component(2).raw()
    }

    /// The control id, MSH-10: echoed byte for byte in MSA-2.
    #[must_use]
    pub fn control_id(&self) -> Field<'a> {
        self.header().field(10)
    }

    /// The version, MSH-12.1, if it is one.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        Version::parse(self.header().field(12).component(1).raw())
    }

    /// The character set to read text with: `configured` if given, else what MSH-18 and the bytes say; see
    /// [`Charset`]. Looks at all bytes when MSH-18 does not settle it, so ask once for each message.
    #[must_use]
    pub fn charset(&self, configured: Option<Charset>) -> Charset {
        configured.unwrap_or_else(|| Charset::of(self.header().field(18).repetition(1).raw(), self.bytes))
    }

    /// A field's place as ERR-2 wants it: which of the segments of that name, counted from 1.
    #[must_use]
    pub fn location(&self, segment: &Segment<'_>, field: u16) -> Location {
        let before = self.all(segment.name()).take_while(|other| other.ordinal() < segment.ordinal()).count();
        Location::field(segment.name(), u16::try_from(before + 1).unwrap_or(u16::MAX), field)
    }
}

/// Whether a line begins a message: `MSH` and something that can separate fields. Text such as `MSHello` does not.
pub(crate) fn starts_message(line: &[u8]) -> bool {
    matches!(line, [b'M', b'S', b'H', separator, ..] if !separator.is_ascii_alphanumeric() && *separator != b' ')
}

/// How many bytes stand before the first letter that may be MSH.
pub(crate) fn lead(bytes: &[u8]) -> usize {
    let mark = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let is_blank = |byte: &u8| matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | 0x0B | 0);
    mark + bytes[mark..].iter().take_while(|byte| is_blank(byte)).count()
}

pub(crate) fn read_header(header: &[u8]) -> Result<Delimiters, Reason> {
    match header {
        [] => Err(Reason::Empty),
        [b'M', b'S', b'H', separator, rest @ ..] => {
            // An MSH-2 that no separator closes may be half of one.
            let end = rest.iter().position(|byte| byte == separator);
            let (delimiters, _) = Delimiters::read(*separator, &rest[..end.unwrap_or(0)])?;
            if end.is_none() { Err(Reason::HeaderTruncated) } else { Ok(delimiters) }
        }
        b"M" | b"MS" | b"MSH" => Err(Reason::HeaderTruncated),
        [b'F' | b'B', b'H', b'S', ..] => Err(Reason::Batch),
        _ => Err(Reason::NoHeader),
    }
}

/// Where in the header it went wrong.
fn header_position(reason: Reason, start: usize, header: &[u8]) -> Position {
    let (field, within) = match reason {
        Reason::FieldSeparator => (1, 3),
        Reason::EncodingCharacters => (2, 4),
        Reason::HeaderTruncated => (2, header.len()),
        _ => return Position::at(start),
    };
    let segment = Some(SegmentPosition { ordinal: 1, name: SegmentName::new(b"MSH") });
    Position { offset: start + within, segment, field: Some(field) }
}

/// Two or four bytes a character: a mark says so, or zeros between the letters of `MSH`.
fn is_wide(bytes: &[u8]) -> bool {
    [&b"\xFF\xFE"[..], b"\xFE\xFF", b"M\0S\0", b"\0M\0S", b"M\0\0\0", b"\0\0\0M"].iter().any(|s| bytes.starts_with(s))
}

/// The letters of a well-formed segment name that a separator (or nothing) follows.
#[inline]
fn tag(line: &[u8], separator: u8) -> u32 {
    let [a, b, c, rest @ ..] = line else { return ODD_NAME };
    let closed = rest.first().is_none_or(|byte| *byte == separator);
    let letters = a.is_ascii_uppercase() && [b, c].iter().all(|x| x.is_ascii_uppercase() || x.is_ascii_digit());
    if closed && letters { u32::from_le_bytes([*a, *b, *c, 0]) } else { ODD_NAME }
}

/// Blanks and control bytes only: the end of a frame, a DOS end-of-file mark, padding.
pub(crate) fn is_junk(line: &[u8]) -> bool {
    line.iter().all(|byte| *byte <= b' ' || *byte == 0x7F)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "MSH|^~\\&|EHR|EAST|||20270401||SIU^S12|7|P|2.3";

    fn reason(bytes: &[u8]) -> Reason {
        Message::parse(bytes).unwrap_err().reason
    }

    #[test]
    fn a_name_that_goes_on_with_a_zero_byte_is_another_name() {
        let text = format!("{HEADER}\rAAA\0\rAAA|1");
        let message = Message::parse(text.as_bytes()).unwrap();
        let found = |name: &[u8]| message.all(name).map(|segment| segment.ordinal()).collect::<Vec<_>>();
        assert_eq!((found(b"AAA\0").len(), found(b"AAA").len()), (1, 1));
        assert_eq!(message.first(b"AAA").unwrap().field(1).raw(), b"1");
    }

    #[test]
    fn segments_end_in_cr_lf_or_both() {
        for end in ["\r", "\n", "\r\n", "\n\r", "\r\r\n\n"] {
            for last in ["", end] {
                let text = [HEADER, "SCH|1", "PID|2"].join(end) + last;
                let message = Message::parse(text.as_bytes()).unwrap();
                let names: Vec<_> = message.segments().map(|segment| segment.name()).collect();
                assert_eq!(names, [b"MSH", b"SCH", b"PID"], "{end:?}");
                assert_eq!(message.get(b"PID").field(1).raw(), b"2");
                assert_eq!(message.get(b"PID").ordinal(), 3);
            }
        }
    }

    #[test]
    fn what_stands_before_the_header_is_skipped() {
        for before in ["\u{feff}", "\r\n", "\n\n", "\u{feff}\r\n", "\x0b", "  "] {
            let text = format!("{before}{HEADER}\rSCH|1");
            let message = Message::parse(text.as_bytes()).unwrap();
            assert_eq!(message.header().offset(), before.len());
            assert_eq!(message.code(), b"SIU");
        }
    }

    #[test]
    fn broken_starts_are_errors_with_a_reason() {
        for (bytes, expected) in [
            (&b""[..], Reason::Empty),
            (b"\r\n \r", Reason::Empty),
            (b"PID|1\r", Reason::NoHeader),
            (b"Dear Sir or Madam", Reason::NoHeader),
            (b"MS", Reason::HeaderTruncated),
            (b"MSH", Reason::HeaderTruncated),
            (b"MSH|", Reason::HeaderTruncated),
            (b"MSH|^~\\&", Reason::HeaderTruncated),
            (b"MSH|^~\r\\&|", Reason::HeaderTruncated),
            (b"MSHello, world", Reason::FieldSeparator),
            (b"MSH|EHR|EAST|\r", Reason::EncodingCharacters),
            (b"FHS|^~\\&|\r", Reason::Batch),
            (b"BHS|^~\\&|\r", Reason::Batch),
            (b"\xff\xfeM\0S\0H\0", Reason::WideCharacters),
            (b"M\0S\0H\0|\0", Reason::WideCharacters),
        ] {
            assert_eq!(reason(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_broken_header_is_broken_at_a_field() {
        for (bytes, expected) in [
            (&b"\nMSHello"[..], "MSH-1 (segment 1, byte 4)"),
            (b"MSH|EHR|EAST|", "MSH-2 (segment 1, byte 4)"),
            (b"MSH|^~\\&", "MSH-2 (segment 1, byte 8)"),
            (b"\nPID|1", "(byte 1)"),
        ] {
            assert_eq!(Message::parse(bytes).unwrap_err().position.to_string(), expected);
        }
    }

    #[test]
    fn a_second_header_is_refused_where_it_stands() {
        let text = format!("{HEADER}\rSCH|1\r{HEADER}\rSCH|2\r");
        let error = Message::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.reason, Reason::SecondHeader);
        assert_eq!(error.position.offset, HEADER.len() + 7);
        assert_eq!(error.position.segment.unwrap().ordinal, 3);
        // The same in a dump of framed messages, whatever stands before it.
        for between in ["\r\x0b", "\x1c\r\x0b", "\x1c\x0b", "\r ", "\n\0"] {
            for header in [HEADER, "MSH$%*/@$A$"] {
                let text = format!("{HEADER}\rSCH|1{between}{header}\rSCH|2\r");
                assert_eq!(reason(text.as_bytes()), Reason::SecondHeader, "{between:?}");
            }
        }
        assert_eq!(
            error.to_string(),
            "A second MSH follows; each message must be sent by itself. At MSH (segment 3, byte 52)."
        );
    }

    #[test]
    fn segments_are_found_by_name_whatever_the_name() {
        let text = format!("{HEADER}\rAIP|1\rZ1|odd\rpid|low\rAIPX|no\rAIP|2\rZZZ\r");
        let message = Message::parse(text.as_bytes()).unwrap();
        let aip: Vec<_> = message.all(b"AIP").map(|segment| segment.field(1).raw()).collect();
        assert_eq!(aip, [b"1", b"2"]);
        assert_eq!(message.get(b"Z1").field(1).raw(), b"odd");
        assert_eq!(message.get(b"AIPX").field(1).raw(), b"no");
        assert!(message.first(b"PID").is_none());
        assert!(message.first(b"ZZZ").is_some());
        assert!(!message.get(b"PID").exists());
        assert_eq!(message.segments().count(), 7);
    }

    #[test]
    fn other_delimiters_are_taken_from_the_message() {
        let message = Message::parse(b"MSH$%*/@$APP$FAC$$$20270401$$SIU%S12$9$P$2.3\rSCH$1%NS@OID*2\r").unwrap();
        let id = message.get(b"SCH").field(1);
        assert_eq!(id.component(2).subcomponent(2).raw(), b"OID");
        assert_eq!(id.repetition(2).raw(), b"2");
        assert_eq!(message.control_id().raw(), b"9");
        assert_eq!(message.header().field(2).raw(), b"%*/@");
    }

    #[test]
    fn bytes_that_end_a_transfer_are_not_segments() {
        for tail in ["\x1c", "\x1c\r", "\x1a", "\0\0\0", "\r\n\x1a"] {
            let text = format!("{HEADER}\rSCH|1\r{tail}");
            assert_eq!(Message::parse(text.as_bytes()).unwrap().segments().count(), 2, "{tail:?}");
        }
    }

    #[test]
    fn locations_count_segments_of_the_same_name() {
        let text = format!("{HEADER}\rAIP|1\rAIL|1\rAIP|2\r");
        let message = Message::parse(text.as_bytes()).unwrap();
        let second = message.all(b"AIP").nth(1).unwrap();
        assert_eq!(message.location(&second, 3).to_string(), "AIP[2]-3");
    }
}
