//! The delimiters that a message declares for itself in MSH-1 and MSH-2.

use super::error::Reason;
use super::notes::NoteKind;

/// The delimiters of one message (HL7 v2.5.1 §2.5.4, §2.15.9.1 and §2.15.9.2).
///
/// A delimiter that MSH-2 does not list does not exist in that message, and its byte is ordinary text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Delimiters {
    field: u8,
    component: Option<u8>,
    repetition: Option<u8>,
    escape: Option<u8>,
    subcomponent: Option<u8>,
    truncation: Option<u8>,
}

impl Default for Delimiters {
    /// `|^~\&`, which nearly everybody uses.
    fn default() -> Self {
        let [component, repetition, escape, subcomponent] = [b'^', b'~', b'\\', b'&'].map(Some);
        Self { field: b'|', component, repetition, escape, subcomponent, truncation: None }
    }
}

impl Delimiters {
    /// Takes the separator (MSH-1) and the encoding characters (MSH-2).
    ///
    /// # Errors
    ///
    /// [`Reason::FieldSeparator`] or [`Reason::EncodingCharacters`] when a letter, a digit or a line break stands
    /// where a delimiter must: segment names and numbers could not be told from delimiters.
    pub fn new(separator: u8, encoding_characters: &[u8]) -> Result<Self, Reason> {
        Self::read(separator, encoding_characters).map(|(delimiters, _)| delimiters)
    }

    /// The same, with what is odd about MSH-2.
    pub(crate) fn read(separator: u8, encoding_characters: &[u8]) -> Result<(Self, Option<NoteKind>), Reason> {
        if !may_delimit(separator) || separator == b' ' {
            return Err(Reason::FieldSeparator);
        }
        let mut note = None;
        let mut slots = [None; 5];
        for (slot, byte) in encoding_characters.iter().copied().enumerate() {
            if slot == 4 && (!may_delimit(byte) || byte == b' ') || slot > 4 {
                // `^~\&amp;` and `^~\& ` are met; the four delimiters before are sound.
                note = Some(NoteKind::LongEncodingCharacters);
                break;
            }
            if !may_delimit(byte) {
                return Err(Reason::EncodingCharacters);
            }
            if byte == separator || slots.contains(&Some(byte)) {
                note = Some(NoteKind::RepeatedDelimiter);
            } else {
                slots[slot] = Some(byte);
            }
        }
        if encoding_characters.len() < 4 {
            note = Some(NoteKind::ShortEncodingCharacters);
        }
        let [component, repetition, escape, subcomponent, truncation] = slots;
        Ok((Self { field: separator, component, repetition, escape, subcomponent, truncation }, note))
    }

    /// For MSH-1 and MSH-2 themselves: nothing inside them separates anything.
    pub(crate) fn none(self) -> Self {
        Self { component: None, repetition: None, subcomponent: None, ..self }
    }

    /// Between fields; MSH-1.
    #[must_use]
    #[inline]
    pub fn field(&self) -> u8 {
        self.field
    }

    /// Between components; the first of MSH-2.
    #[must_use]
    #[inline]
    pub fn component(&self) -> Option<u8> {
        self.component
    }

    /// Between repetitions of a field; the second of MSH-2.
    #[must_use]
    #[inline]
    pub fn repetition(&self) -> Option<u8> {
        self.repetition
    }

    /// Around escape sequences; the third of MSH-2.
    #[must_use]
    #[inline]
    pub fn escape(&self) -> Option<u8> {
        self.escape
    }

    /// Between subcomponents; the fourth of MSH-2.
    #[must_use]
    #[inline]
    pub fn subcomponent(&self) -> Option<u8> {
        self.subcomponent
    }

    /// The truncation character of 2.7 and later; the fifth of MSH-2.
    #[must_use]
    #[inline]
    pub fn truncation(&self) -> Option<u8> {
        self.truncation
    }

    /// Whether the byte splits something (the escape and truncation characters do not).
    #[must_use]
    #[inline]
    pub fn separates(&self, byte: u8) -> bool {
        byte == self.field || [self.component, self.repetition, self.subcomponent].contains(&Some(byte))
    }

    /// The letter that stands for the byte in an escape sequence, if it needs one: `F S T R E P`.
    #[must_use]
    #[inline]
    pub(crate) fn escape_letter(&self, byte: u8) -> Option<u8> {
        let this = Some(byte);
        match () {
            () if byte == self.field => Some(b'F'),
            () if this == self.component => Some(b'S'),
            () if this == self.subcomponent => Some(b'T'),
            () if this == self.repetition => Some(b'R'),
            () if this == self.escape => Some(b'E'),
            () if this == self.truncation => Some(b'P'),
            () => None,
        }
    }

    /// The byte that the letter of an escape sequence stands for. What the message does not declare has its usual
    /// value: a sender with a three-character MSH-2 that writes `\T\` means `&`.
    #[must_use]
    pub(crate) fn escaped_byte(&self, letter: u8) -> Option<u8> {
        match letter {
            b'F' => Some(self.field),
            b'S' => Some(self.component.unwrap_or(b'^')),
            b'T' => Some(self.subcomponent.unwrap_or(b'&')),
            b'R' => Some(self.repetition.unwrap_or(b'~')),
            b'E' => self.escape,
            b'P' => Some(self.truncation.unwrap_or(b'#')),
            _ => None,
        }
    }

    /// What to write in MSH-2: the delimiters up to the first that is missing.
    pub(crate) fn encoding_characters(&self) -> impl Iterator<Item = u8> {
        [self.component, self.repetition, self.escape, self.subcomponent, self.truncation]
            .into_iter()
            .map_while(|byte| byte)
    }
}

fn may_delimit(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b'\r' && byte != b'\n'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_delimiters_do_not_exist() {
        let three = Delimiters::new(b'|', b"^~\\").unwrap();
        assert_eq!((three.escape(), three.subcomponent()), (Some(b'\\'), None));
        let none = Delimiters::new(b'|', b"").unwrap();
        assert_eq!(none.component(), None);
        assert!(!none.separates(b'^'));
    }

    #[test]
    fn five_characters_declare_truncation() {
        let (five, note) = Delimiters::read(b'|', b"^~\\&#").unwrap();
        assert_eq!((five.truncation(), note), (Some(b'#'), None));
    }

    #[test]
    fn odd_lists_are_read_and_noted() {
        for (list, expected) in [
            (&b"^~\\"[..], NoteKind::ShortEncodingCharacters),
            (b"^~\\&amp;", NoteKind::LongEncodingCharacters),
            (b"^~\\& ", NoteKind::LongEncodingCharacters),
            (b"^~\\&#x", NoteKind::LongEncodingCharacters),
            (b"^^\\&", NoteKind::RepeatedDelimiter),
        ] {
            let (delimiters, note) = Delimiters::read(b'|', list).unwrap();
            assert_eq!((delimiters.component(), note), (Some(b'^'), Some(expected)), "{list:?}");
        }
    }

    #[test]
    fn letters_and_digits_cannot_delimit() {
        for separator in *b"e7 \r" {
            assert_eq!(Delimiters::new(separator, b"^~\\&"), Err(Reason::FieldSeparator));
        }
        assert_eq!(Delimiters::new(b'|', b"EHR"), Err(Reason::EncodingCharacters));
    }
}
