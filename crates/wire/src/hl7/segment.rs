//! One segment: its name and its fields by number.

use super::delimiters::Delimiters;
use super::field::Field;
use super::position::{Position, SegmentName, SegmentPosition};
use super::scan;
use smallvec::SmallVec;

/// A segment (HL7 v2.5.1 §2.5.2), a view into the message's bytes.
///
/// A segment that the message does not have can be asked for with [`Message::get`](super::Message::get); it then
/// has no bytes, and all its fields are not sent.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) delimiters: Delimiters,
    /// Bytes from the start of the input.
    pub(crate) offset: usize,
    /// From 1; 0 for a segment that is not there.
    pub(crate) ordinal: u32,
}

impl<'a> Segment<'a> {
    pub(crate) fn missing(delimiters: Delimiters) -> Self {
        Self { bytes: &[], delimiters, offset: 0, ordinal: 0 }
    }

    /// The name: all before the first field separator. Three letters when the sender keeps to the standard.
    #[must_use]
    #[inline]
    pub fn name(&self) -> &'a [u8] {
        let end = self.bytes.iter().position(|byte| *byte == self.delimiters.field());
        &self.bytes[..end.unwrap_or(self.bytes.len())]
    }

    /// The bytes as received, without the line end.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether the message has this segment.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.ordinal > 0
    }

    /// Which segment of the message this is, from 1 (MSH); 0 for one that is not there.
    #[must_use]
    pub fn ordinal(&self) -> u32 {
        self.ordinal
    }

    /// Bytes from the start of the input.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// A field by its number in the standard; `SCH-11` is `field(11)`, and `field(0)` is the name.
    ///
    /// In MSH, FHS and BHS field 1 is the separator itself and field 2 the encoding characters
    /// (HL7 v2.5.1 §2.15.9.1), so a plain split would be off by one; this is not.
    #[must_use]
    #[inline]
    pub fn field(&self, number: usize) -> Field<'a> {
        if !self.is_header() {
            return self.plain(number);
        }
        match number {
            0 => self.plain(0),
            1 => Field::new(self.bytes.get(3..4).unwrap_or_default(), self.delimiters.none()),
            2 => Field::new(self.plain(1).raw(), self.delimiters.none()),
            _ => self.plain(number - 1),
        }
    }

    /// All fields at once: worth it from about three fields of one segment.
    #[must_use]
    #[inline]
    pub fn fields(&self) -> Fields<'a> {
        let mut separators = SmallVec::new();
        #[expect(clippy::cast_possible_truncation, reason = "a message is at most 4 GiB")]
        scan::each(self.bytes, self.delimiters.field(), |at| separators.push(at as u32));
        Fields { segment: *self, shift: usize::from(self.is_header()), separators }
    }

    /// The segment without what follows a field, so that a hostile sender's million fields cost nothing.
    pub(crate) fn up_to_field(self, number: u16) -> Self {
        let end = self.field_offset(usize::from(number) + 1).map_or(self.bytes.len(), |next| next - 1);
        Self { bytes: &self.bytes[..end], ..self }
    }

    /// Where this segment, or one of its fields, stands. Counts bytes; for errors and notes, not for the fast path.
    #[must_use]
    pub fn position(&self, field: Option<u16>) -> Position {
        let name = SegmentName::new(self.name());
        let segment = self.exists().then_some(SegmentPosition { ordinal: self.ordinal, name });
        let within = field.map_or(Some(0), |number| self.field_offset(usize::from(number))).unwrap_or(self.bytes.len());
        Position { offset: self.offset + within, segment, field }
    }

    /// Bytes from the segment's start to a field's, if it was sent.
    fn field_offset(&self, number: usize) -> Option<usize> {
        let separators_before = match (self.is_header(), number) {
            (_, 0) => return Some(0),
            (true, 1) => return Some(3),
            (true, number) => number - 2,
            (false, number) => number - 1,
        };
        scan::nth(self.bytes, self.delimiters.field(), separators_before).map(|at| at + 1)
    }

    #[inline]
    fn is_header(&self) -> bool {
        matches!(self.bytes, [b'M', b'S', b'H', ..] | [b'F' | b'B', b'H', b'S', ..])
    }

    /// The `n`th piece of a plain split, from zero.
    #[inline]
    fn plain(&self, n: usize) -> Field<'a> {
        let bytes = scan::piece(self.bytes, Some(self.delimiters.field()), n.saturating_add(1)).unwrap_or_default();
        Field::new(bytes, self.delimiters)
    }
}

/// The fields of one segment with their places remembered.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    segment: Segment<'a>,
    /// 1 in headers, where the numbers run one ahead of a plain split.
    shift: usize,
    separators: SmallVec<[u32; 40]>,
}

impl<'a> Fields<'a> {
    /// A field by its number, as [`Segment::field`].
    #[must_use]
    #[inline]
    pub fn get(&self, number: usize) -> Field<'a> {
        if number <= self.shift * 2 {
            return self.segment.field(number);
        }
        let piece = number - self.shift;
        let Some(before) = piece.checked_sub(1) else { return self.segment.field(0) };
        let Some(start) = self.separators.get(before) else { return Field::new(&[], self.segment.delimiters) };
        let end = self.separators.get(before + 1).map_or(self.segment.bytes.len(), |end| *end as usize);
        Field::new(&self.segment.bytes[*start as usize + 1..end], self.segment.delimiters)
    }

    /// The number of the last field that was sent, empty or not.
    #[must_use]
    pub fn last_number(&self) -> usize {
        self.separators.len() + self.shift
    }

    /// All fields with their numbers, from 1.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Field<'a>)> {
        (1..=self.last_number()).map(|number| (number, self.get(number)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::charset::Charset;
    use super::*;

    fn segment(bytes: &[u8]) -> Segment<'_> {
        let delimiters = Delimiters::new(b'|', b"^~\\&").unwrap();
        Segment { bytes, delimiters, offset: 100, ordinal: 3 }
    }

    #[test]
    fn fields_have_the_numbers_of_the_standard() {
        let sch = segment(b"SCH|1|2||4");
        let cached = sch.fields();
        for (number, expected) in [(0, "SCH"), (1, "1"), (2, "2"), (3, ""), (4, "4"), (5, ""), (99, "")] {
            assert_eq!(sch.field(number).raw(), expected.as_bytes(), "{number}");
            assert_eq!(cached.get(number).raw(), expected.as_bytes(), "cached {number}");
        }
        assert_eq!(cached.last_number(), 4);
        assert_eq!(cached.iter().count(), 4);
    }

    #[test]
    fn headers_count_the_separator_as_their_first_field() {
        for name in ["MSH", "FHS", "BHS"] {
            let bytes = format!("{name}|^~\\&|APP|FAC");
            let header = segment(bytes.as_bytes());
            let cached = header.fields();
            for (number, expected) in [(0, name), (1, "|"), (2, "^~\\&"), (3, "APP"), (4, "FAC"), (5, "")] {
                assert_eq!(header.field(number).raw(), expected.as_bytes(), "{name}-{number}");
                assert_eq!(cached.get(number).raw(), expected.as_bytes(), "cached {name}-{number}");
            }
            assert_eq!(cached.last_number(), 4);
            // MSH-2 is a value of its own, not four empty components, and no escape opens in it.
            assert_eq!(header.field(2).text(&Charset::UTF_8), "^~\\&");
            assert_eq!(header.field(2).component(1).subcomponent(1).raw(), b"^~\\&");
            assert_eq!(header.field(2).component(1).raw(), b"^~\\&");
            assert_eq!(header.field(2).repetitions().count(), 1);
        }
    }

    #[test]
    fn positions_count_from_the_start_of_the_input() {
        assert_eq!(segment(b"SCH|1|2").position(Some(2)).offset, 106);
        assert_eq!(segment(b"SCH|1|2").position(Some(9)).offset, 107);
        assert_eq!(segment(b"MSH|^~\\&|APP").position(Some(1)).offset, 103);
        assert_eq!(segment(b"MSH|^~\\&|APP").position(Some(2)).offset, 104);
        assert_eq!(segment(b"MSH|^~\\&|APP").position(Some(3)).offset, 109);
        assert_eq!(segment(b"SCH|1").position(None).to_string(), "SCH (segment 3, byte 100)");
    }

    #[test]
    fn a_segment_is_cut_after_a_field() {
        for (number, expected) in [(0, "SCH"), (1, "SCH|1"), (2, "SCH|1|2"), (3, "SCH|1|2|"), (9, "SCH|1|2|")] {
            assert_eq!(segment(b"SCH|1|2|").up_to_field(number).raw(), expected.as_bytes(), "{number}");
        }
        assert_eq!(segment(b"MSH|^~\\&|APP|FAC").up_to_field(3).raw(), b"MSH|^~\\&|APP");
        assert_eq!(Segment::missing(Delimiters::default()).up_to_field(3).raw(), b"");
    }

    #[test]
    fn a_missing_segment_has_only_fields_that_were_not_sent() {
        let missing = Segment::missing(Delimiters::default());
        assert!(!missing.exists());
        assert!(missing.field(1).raw().is_empty() && missing.fields().get(7).raw().is_empty());
        assert_eq!(missing.fields().last_number(), 0);
    }
}
