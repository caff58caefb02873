//! Where something was found: for errors and notes ([`Position`]), and for ERR-2 in an answer ([`Location`]).

use std::fmt;

/// A segment's three letters, for messages to people.
///
/// A name that is not three letters or digits is shown as `???`: the start of a stray line may be a patient's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentName([u8; 3]);

impl SegmentName {
    /// Takes a name as it stands on the wire.
    #[must_use]
    pub fn new(name: &[u8]) -> Self {
        match name {
            [a, b, c] if [a, b, c].iter().all(|byte| byte.is_ascii_alphanumeric()) => Self([*a, *b, *c]),
            _ => Self(*b"???"),
        }
    }

    /// The three letters.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 3] {
        &self.0
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
    }
}

/// Which segment of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SegmentPosition {
    /// Counted over all segments of the message; MSH is 1.
    pub ordinal: u32,
    /// The segment's name.
    pub name: SegmentName,
}

/// A place in the bytes that were handed in, with the segment and field where they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// Bytes from the start of the input.
    pub offset: usize,
    /// The segment, once there is one.
    pub segment: Option<SegmentPosition>,
    /// The field's number as in the standard (`SCH-11` is 11).
    pub field: Option<u16>,
}

impl Position {
    /// A place outside any segment.
    #[must_use]
    pub fn at(offset: usize) -> Self {
        Self { offset, segment: None, field: None }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.segment, self.field) {
            (Some(segment), Some(field)) => write!(f, "{}-{field} (segment {}, ", segment.name, segment.ordinal)?,
            (Some(segment), None) => write!(f, "{} (segment {}, ", segment.name, segment.ordinal)?,
            (None, _) => write!(f, "(")?,
        }
        write!(f, "byte {})", self.offset)
    }
}

/// An error location as ERR-2 (or ERR-1 through 2.4) spells it (HL7 v2.5.1 chapter 2A, ERL).
///
/// A level that is not known is `None`, and then so are those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// The segment's name.
    pub segment: SegmentName,
    /// Which of the segments of that name, from 1.
    pub sequence: u16,
    /// The field.
    pub field: Option<u16>,
    /// The repetition of the field, from 1.
    pub repetition: Option<u16>,
    /// The component.
    pub component: Option<u16>,
    /// The subcomponent.
    pub subcomponent: Option<u16>,
}

impl Location {
    /// A whole field, in its first repetition.
    #[must_use]
    pub fn field(segment: &[u8], sequence: u16, field: u16) -> Self {
        Self { field: Some(field), repetition: Some(1), ..Self::segment(segment, sequence) }
    }

    /// A whole segment.
    #[must_use]
    pub fn segment(segment: &[u8], sequence: u16) -> Self {
        let segment = SegmentName::new(segment);
        Self { segment, sequence, field: None, repetition: None, component: None, subcomponent: None }
    }

    /// The same field, one component of it.
    #[must_use]
    pub fn component(self, component: u16) -> Self {
        Self { component: Some(component), ..self }
    }
}

impl fmt::Display for Location {
    /// `SCH-11.4`, `PID[2]-3`: as people write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.segment)?;
        if self.sequence > 1 {
            write!(f, "[{}]", self.sequence)?;
        }
        let Some(field) = self.field else { return Ok(()) };
        write!(f, "-{field}")?;
        if let Some(repetition) = self.repetition.filter(|repetition| *repetition > 1) {
            write!(f, "({repetition})")?;
        }
        let Some(component) = self.component else { return Ok(()) };
        write!(f, ".{component}")?;
        self.subcomponent.map_or(Ok(()), |subcomponent| write!(f, ".{subcomponent}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_as_people_write_them() {
        assert_eq!(Location::field(b"SCH", 1, 11).component(4).to_string(), "SCH-11.4");
        assert_eq!(Location::field(b"PID", 2, 3).to_string(), "PID[2]-3");
        let third =
            Location { repetition: Some(3), subcomponent: Some(2), ..Location::field(b"PID", 1, 13).component(4) };
        assert_eq!(third.to_string(), "PID-13(3).4.2");
        assert_eq!(Location::segment(b"PID", 1).to_string(), "PID");
        let segment = Some(SegmentPosition { ordinal: 2, name: SegmentName::new(b"SCH") });
        assert_eq!(Position { offset: 96, segment, field: Some(7) }.to_string(), "SCH-7 (segment 2, byte 96)");
        assert_eq!(Position::at(0).to_string(), "(byte 0)");
    }

    #[test]
    fn a_stray_line_does_not_lend_its_words_to_a_name() {
        assert_eq!(SegmentName::new(b"Mrs").to_string(), "Mrs");
        assert_eq!(SegmentName::new(b"call back Mrs Smith").to_string(), "???");
        assert_eq!(SegmentName::new(b"P\xc3\xa9").to_string(), "???");
    }
}
