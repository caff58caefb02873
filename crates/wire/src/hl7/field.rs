//! Below the segment: fields, repetitions, components, subcomponents.
//!
//! Each level is a slice and the delimiters that may cut it further. A level that was not sent acts as empty, and
//! a level that was not cut is its own first part: `36996` and `36996^PM` both have component 1 `36996`
//! (HL7 v2.5.1 §2.5.3 and §2.5.4).

use super::charset::Charset;
use super::datetime::{Dtm, DtmError};
use super::delimiters::Delimiters;
use super::scan::{Pieces, piece};
use super::text;
use std::borrow::Cow;

/// What a sender says about a value (HL7 v2.5.1 §2.5.3, "null").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// Nothing, or nothing but separators, or past the end of the segment: keep what you hold.
    NotSent,
    /// Two double quotes: clear what you hold.
    Null,
    /// Something: replace what you hold.
    Value,
}

/// One field, with all its repetitions.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    bytes: &'a [u8],
    delimiters: Delimiters,
}

/// One repetition of a field.
#[derive(Clone, Copy, Debug)]
pub struct Repetition<'a> {
    bytes: &'a [u8],
    delimiters: Delimiters,
}

/// One component of a repetition.
#[derive(Clone, Copy, Debug)]
pub struct Component<'a> {
    bytes: &'a [u8],
    delimiters: Delimiters,
}

/// One subcomponent of a component: nothing is below it.
#[derive(Clone, Copy, Debug)]
pub struct Subcomponent<'a> {
    bytes: &'a [u8],
    delimiters: Delimiters,
}

/// What all four levels can tell.
macro_rules! level {
    ($level:ident) => {
        impl<'a> $level<'a> {
            /// The bytes as received.
            #[must_use]
            #[inline]
            pub fn raw(&self) -> &'a [u8] {
                self.bytes
            }

            /// Not sent, null, or a value.
            #[must_use]
            #[inline]
            pub fn presence(&self) -> Presence {
                presence(self.bytes, &self.delimiters)
            }

            /// Whether there is a value: neither empty nor null.
            #[must_use]
            #[inline]
            pub fn has_value(&self) -> bool {
                self.presence() == Presence::Value
            }

            /// The text of this whole level: character set decoded, escapes resolved, nothing trimmed.
            ///
            /// Separators of the levels below stay in it, which is what a free-text field with an unescaped `&`
            /// needs; for a coded value go down to the part first. Borrows unless an escape or the character set
            /// forces a copy.
            #[must_use]
            #[inline]
            pub fn text(&self, charset: &Charset) -> Cow<'a, str> {
                text::decode(self.bytes, &self.delimiters, charset)
            }
        }
    };
}

level!(Field);
level!(Repetition);
level!(Component);
level!(Subcomponent);

#[inline]
fn presence(bytes: &[u8], delimiters: &Delimiters) -> Presence {
    match bytes {
        [] => Presence::NotSent,
        b"\"\"" => Presence::Null,
        // `^^` says no more than nothing: trailing separators may be dropped at any level.
        [first, ..] if delimiters.separates(*first) && bytes.iter().all(|byte| delimiters.separates(*byte)) => {
            Presence::NotSent
        }
        _ => Presence::Value,
    }
}

impl<'a> Field<'a> {
    #[inline]
    pub(crate) fn new(bytes: &'a [u8], delimiters: Delimiters) -> Self {
        Self { bytes, delimiters }
    }

    /// The repetitions, at least one.
    pub fn repetitions(&self) -> impl Iterator<Item = Repetition<'a>> + use<'a> {
        let delimiters = self.delimiters;
        Pieces::new(self.bytes, delimiters.repetition()).map(move |bytes| Repetition { bytes, delimiters })
    }

    /// One repetition, from 1. A reader of a field that should not repeat takes the first.
    #[must_use]
    #[inline]
    pub fn repetition(&self, number: usize) -> Repetition<'a> {
        let bytes = piece(self.bytes, self.delimiters.repetition(), number).unwrap_or_default();
        Repetition { bytes, delimiters: self.delimiters }
    }

    /// A component of the first repetition, from 1.
    #[must_use]
    #[inline]
    pub fn component(&self, number: usize) -> Component<'a> {
        self.repetition(1).component(number)
    }

    /// The first repetition as a date and time; see [`Repetition::dtm`].
    ///
    /// # Errors
    ///
    /// When it is not one.
    pub fn dtm(&self) -> Result<Option<Dtm>, DtmError> {
        self.repetition(1).dtm()
    }
}

impl<'a> Repetition<'a> {
    /// The components, at least one.
    pub fn components(&self) -> impl Iterator<Item = Component<'a>> + use<'a> {
        let delimiters = self.delimiters;
        Pieces::new(self.bytes, delimiters.component()).map(move |bytes| Component { bytes, delimiters })
    }

    /// A component, from 1.
    #[must_use]
    #[inline]
    pub fn component(&self, number: usize) -> Component<'a> {
        let bytes = piece(self.bytes, self.delimiters.component(), number).unwrap_or_default();
        Component { bytes, delimiters: self.delimiters }
    }

    /// A field of type TS or DTM: the first component, with the degree of precision from the second, which TS had
    /// through 2.6. `None` when nothing (or null) was sent.
    ///
    /// # Errors
    ///
    /// When it is not a date and time.
    pub fn dtm(&self) -> Result<Option<Dtm>, DtmError> {
        dtm(self.component(1).subcomponent(1), self.component(2).raw())
    }
}

impl<'a> Component<'a> {
    #[inline]
    pub(crate) fn new(bytes: &'a [u8], delimiters: Delimiters) -> Self {
        Self { bytes, delimiters }
    }

    /// The subcomponents, at least one.
    pub fn subcomponents(&self) -> impl Iterator<Item = Subcomponent<'a>> + use<'a> {
        let delimiters = self.delimiters;
        Pieces::new(self.bytes, delimiters.subcomponent()).map(move |bytes| Subcomponent { bytes, delimiters })
    }

    /// A subcomponent, from 1.
    #[must_use]
    #[inline]
    pub fn subcomponent(&self, number: usize) -> Subcomponent<'a> {
        let bytes = piece(self.bytes, self.delimiters.subcomponent(), number).unwrap_or_default();
        Subcomponent { bytes, delimiters: self.delimiters }
    }

    /// A component of type TS or DTM, such as SCH-11.4; see [`Repetition::dtm`].
    ///
    /// # Errors
    ///
    /// When it is not a date and time.
    pub fn dtm(&self) -> Result<Option<Dtm>, DtmError> {
        dtm(self.subcomponent(1), self.subcomponent(2).raw())
    }
}

fn dtm(value: Subcomponent<'_>, degree: &[u8]) -> Result<Option<Dtm>, DtmError> {
    if !value.has_value() || value.raw().trim_ascii().is_empty() {
        return Ok(None);
    }
    let dtm = Dtm::parse(value.raw())?;
    Ok(Some(match degree {
        [letter] => dtm.limited_to(*letter),
        _ => dtm,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::datetime::Precision;
    use super::*;

    fn field(bytes: &[u8]) -> Field<'_> {
        Field::new(bytes, Delimiters::default())
    }

    #[test]
    fn an_uncut_level_is_its_own_first_part() {
        for bytes in [&b"36996"[..], b"36996^PM", b"36996&x^PM~7"] {
            assert_eq!(field(bytes).component(1).subcomponent(1).raw(), b"36996");
        }
        assert_eq!(field(b"36996").component(2).raw(), b"");
        assert_eq!(field(b"36996").component(0).raw(), b"");
        assert_eq!(field(b"36996").component(1).subcomponent(2).raw(), b"");
        assert_eq!(field(b"36996").repetition(2).component(1).raw(), b"");
    }

    #[test]
    fn three_states_are_kept_apart_at_every_level() {
        for (bytes, expected) in [
            (&b""[..], Presence::NotSent),
            (b"^^&~", Presence::NotSent),
            (b"\"\"", Presence::Null),
            (b"\"", Presence::Value),
            (b"\"\"\"", Presence::Value),
            (b" ", Presence::Value),
            (b"^x", Presence::Value),
        ] {
            assert_eq!(field(bytes).presence(), expected, "{bytes:?}");
        }
        let name = field(b"SMITH^\"\"^");
        assert_eq!(name.component(2).presence(), Presence::Null);
        assert_eq!(name.component(3).presence(), Presence::NotSent);
        assert!(name.component(1).has_value());
    }

    #[test]
    fn repetitions_and_parts_are_walked_in_order() {
        let parts: Vec<Vec<Vec<&[u8]>>> = field(b"1^2&3~~4")
            .repetitions()
            .map(|repetition| {
                repetition.components().map(|component| component.subcomponents().map(|s| s.raw()).collect()).collect()
            })
            .collect();
        assert_eq!(parts, [vec![vec![&b"1"[..]], vec![b"2", b"3"]], vec![vec![b""]], vec![vec![b"4"]]]);
    }

    #[test]
    fn a_delimiter_that_is_not_declared_is_text() {
        let delimiters = Delimiters::new(b'|', b"^").unwrap();
        let field = Field::new(b"a~b&c\\T\\^d", delimiters);
        assert_eq!(field.repetitions().count(), 1);
        assert_eq!(field.component(1).subcomponent(1).text(&Charset::UTF_8), "a~b&c\\T\\");
    }

    #[test]
    fn the_old_degree_of_precision_limits_a_time() {
        assert_eq!(field(b"20270401090000^D").dtm().unwrap().unwrap().precision, Precision::Day);
        assert_eq!(field(b"^^M30^20270401090000&H").component(4).dtm().unwrap().unwrap().precision, Precision::Hour);
        assert_eq!(field(b"\"\"").dtm(), Ok(None));
        assert_eq!(field(b"  ").dtm(), Ok(None));
        assert!(field(b"soon").dtm().is_err());
    }
}
