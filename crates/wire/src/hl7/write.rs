//! Writing messages, segment by segment, with any delimiters.
//!
//! The writer is a cursor: go to a field, a repetition, a component, and put text there. Separators are written only
//! when a value follows them, so none trail. Segments always end in CR (HL7 v2.5.1 §2.5.1).

use super::charset::Charset;
use super::delimiters::Delimiters;
use super::escape::{self, LineBreak};
use super::segment::Segment;

/// Appends a message to a buffer, without other memory.
///
/// ```
/// use wire::hl7::{Charset, Delimiters, MessageWriter};
///
/// let mut out = Vec::new();
/// let mut message = MessageWriter::new(&mut out, Delimiters::default(), Charset::UTF_8);
/// message.header().field(3).text("PUNCTUAL").field(9).text("SRM").component(2).text("S01").field(12).text("2.5.1");
/// message.segment(b"ARQ").field(1).text("Q&A-7").field(7).component(2).text("Follow-up").repetition(2).text("x");
/// drop(message);
/// assert_eq!(out, b"MSH|^~\\&|PUNCTUAL||||||SRM^S01|||2.5.1\rARQ|Q\\T\\A-7||||||^Follow-up~x\r");
/// ```
#[derive(Debug)]
pub struct MessageWriter<'v> {
    out: &'v mut Vec<u8>,
    delimiters: Delimiters,
    charset: Charset,
    breaks: LineBreak,
    /// Where the bytes end.
    written: Place,
    /// Where the next value belongs.
    target: Place,
    is_open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    field: usize,
    repetition: usize,
    component: usize,
    subcomponent: usize,
}

impl Place {
    fn field(field: usize) -> Self {
        Self { field, repetition: 1, component: 1, subcomponent: 1 }
    }
}

impl<'v> MessageWriter<'v> {
    /// Starts after what `out` holds already.
    #[must_use]
    pub fn new(out: &'v mut Vec<u8>, delimiters: Delimiters, charset: Charset) -> Self {
        let place = Place::field(0);
        Self { out, delimiters, charset, breaks: LineBreak::Hex, written: place, target: place, is_open: false }
    }

    /// Opens MSH and writes MSH-1 and MSH-2.
    pub fn header(&mut self) -> &mut Self {
        self.header_named(b"MSH")
    }

    /// Opens MSH, FHS or BHS and writes its first two fields.
    pub fn header_named(&mut self, name: &[u8; 3]) -> &mut Self {
        let delimiters = self.delimiters;
        self.segment(name);
        self.out.push(delimiters.field());
        self.out.extend(delimiters.encoding_characters());
        // Closed at once: an MSH-2 that nothing follows reads as half of one.
        self.out.push(delimiters.field());
        self.written = Place::field(3);
        self.target = self.written;
        self
    }

    /// Ends the segment before and opens another.
    pub fn segment(&mut self, name: &[u8; 3]) -> &mut Self {
        self.end();
        self.out.extend_from_slice(name);
        self.is_open = true;
        self.written = Place::field(0);
        self.target = self.written;
        self
    }

    /// Copies a segment as it was received, which is right only if it used the same delimiters and character set.
    pub fn verbatim(&mut self, segment: &Segment<'_>) -> &mut Self {
        self.end();
        self.out.extend_from_slice(segment.raw());
        self.out.push(b'\r');
        self
    }

    /// Goes to a field, by its number in the standard. Fields are written in order.
    ///
    /// # Panics
    ///
    /// When bytes beyond this field are already written: a mistake of the caller's, whatever the data.
    pub fn field(&mut self, number: usize) -> &mut Self {
        self.go(Place::field(number))
    }

    /// Goes to a repetition of the current field, from 1.
    ///
    /// # Panics
    ///
    /// When bytes beyond it are already written.
    pub fn repetition(&mut self, number: usize) -> &mut Self {
        self.go(Place { repetition: number, ..Place::field(self.target.field) })
    }

    /// Goes to a component of the current repetition, from 1.
    ///
    /// # Panics
    ///
    /// When bytes beyond it are already written.
    pub fn component(&mut self, number: usize) -> &mut Self {
        self.go(Place { component: number, subcomponent: 1, ..self.target })
    }

    /// Goes to a subcomponent of the current component, from 1.
    ///
    /// # Panics
    ///
    /// When bytes beyond it are already written.
    pub fn subcomponent(&mut self, number: usize) -> &mut Self {
        self.go(Place { subcomponent: number, ..self.target })
    }

    /// How line breaks in text are written from here on; [`LineBreak::Formatted`] is for fields of type FT and TX.
    pub fn line_breaks(&mut self, breaks: LineBreak) -> &mut Self {
        self.breaks = breaks;
        self
    }

    /// Puts text here, escaped. Empty text writes nothing.
    ///
    /// Where the message declares no delimiter for the current place (component 2 when there is no component
    /// separator) nothing can be written, and nothing is.
    pub fn text(&mut self, text: &str) -> &mut Self {
        if !text.is_empty() && self.advance() {
            escape::write(self.out, text, &self.delimiters, &self.charset, self.breaks);
        }
        self
    }

    /// Puts a number here.
    pub fn number(&mut self, number: u32) -> &mut Self {
        let mut digits = [0; 10];
        let mut rest = number;
        let mut start = digits.len();
        while start == digits.len() || rest > 0 {
            start -= 1;
            digits[start] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        self.raw(&digits[start..])
    }

    /// Puts bytes here as they are: taken from a message with the same delimiters, or known to need no escaping.
    /// Bytes with a line break would break the segment and are left out.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        if !bytes.is_empty() && memchr::memchr2(b'\r', b'\n', bytes).is_none() && self.advance() {
            self.out.extend_from_slice(bytes);
        }
        self
    }

    /// Puts the explicit null here: the receiver is to clear the value.
    pub fn null(&mut self) -> &mut Self {
        self.raw(b"\"\"")
    }

    fn go(&mut self, place: Place) -> &mut Self {
        assert!(place >= self.written, "values are written in order");
        self.target = place;
        self
    }

    /// Writes the separators between the end of the bytes and the target. False when one does not exist.
    fn advance(&mut self) -> bool {
        let Place { field, repetition, component, subcomponent } = self.target;
        let can_reach = (repetition == 1 || self.delimiters.repetition().is_some())
            && (component == 1 || self.delimiters.component().is_some())
            && (subcomponent == 1 || self.delimiters.subcomponent().is_some());
        if !can_reach {
            return false;
        }
        self.separate(field - self.written.field, Some(self.delimiters.field()), Place::field(field));
        let start = Place { repetition, ..Place::field(field) };
        self.separate(repetition - self.written.repetition, self.delimiters.repetition(), start);
        let start = Place { component, ..start };
        self.separate(component - self.written.component, self.delimiters.component(), start);
        self.separate(subcomponent - self.written.subcomponent, self.delimiters.subcomponent(), self.target);
        true
    }

    fn separate(&mut self, count: usize, separator: Option<u8>, reached: Place) {
        if let Some(separator) = separator.filter(|_| count > 0) {
            self.out.resize(self.out.len() + count, separator);
            self.written = reached;
        }
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.out.push(b'\r');
        }
    }
}

impl Drop for MessageWriter<'_> {
    /// Ends the last segment.
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::Message;
    use super::*;

    fn written(delimiters: Delimiters, write: impl FnOnce(&mut MessageWriter<'_>)) -> String {
        let mut out = Vec::new();
        write(&mut MessageWriter::new(&mut out, delimiters, Charset::UTF_8));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn separators_are_written_only_before_values() {
        let text = written(Delimiters::default(), |w| {
            w.segment(b"SCH").field(2).text("F1").component(2).text("EHR").component(4).text("");
            w.field(11)
                .component(4)
                .text("20270401")
                .subcomponent(2)
                .text("D")
                .repetition(3)
                .text("x")
                .field(25)
                .text("");
        });
        assert_eq!(text, "SCH||F1^EHR|||||||||^^^20270401&D~~x\r");
    }

    #[test]
    fn a_header_alone_can_be_read() {
        let text = written(Delimiters::default(), |w| {
            w.header();
        });
        assert_eq!(text, "MSH|^~\\&|\r");
    }

    #[test]
    fn numbers_nulls_and_copies() {
        let received = Message::parse(b"MSH|^~\\&|A|\rZCH|kept^as&it~is|\\T\\\r").unwrap();
        let text = written(received.delimiters(), |w| {
            w.segment(b"NTE").field(1).number(0).field(2).number(4_294_967_295).field(3).null();
            w.verbatim(&received.get(b"ZCH")).segment(b"NTE").field(3).line_breaks(LineBreak::Formatted).text("a\nb");
        });
        assert_eq!(text, "NTE|0|4294967295|\"\"\rZCH|kept^as&it~is|\\T\\\rNTE|||a\\.br\\b\r");
    }

    #[test]
    fn a_level_without_a_delimiter_is_left_out() {
        let text = written(Delimiters::new(b'|', b"^").unwrap(), |w| {
            w.header().field(3).text("a").subcomponent(2).text("no").component(2).text("b").repetition(2).text("no");
            w.field(4).text("c");
        });
        assert_eq!(text, "MSH|^|a^b|c\r");
    }

    #[test]
    #[should_panic(expected = "values are written in order")]
    fn going_back_is_a_mistake_of_the_caller() {
        written(Delimiters::default(), |w| {
            w.segment(b"SCH").field(3).text("x").field(2).text("y");
        });
    }

    #[test]
    fn a_line_break_never_gets_into_a_segment() {
        let text = written(Delimiters::default(), |w| {
            w.segment(b"SCH").field(1).raw(b"x\rPID|").field(2).text("a\rb");
        });
        assert_eq!(text, "SCH||a\\X0D\\b\r");
    }
}
