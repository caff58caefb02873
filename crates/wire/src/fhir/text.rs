//! Text that stays where it is.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// A JSON string: a slice of the message, or a copy where escapes had to be undone.
///
/// Serde borrows a `Cow` only where it stands directly in a field, not inside `Option` or `Vec`; this borrows anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Str<'a>(Cow<'a, str>);

impl<'a> Str<'a> {
    /// A slice.
    pub const fn borrowed(text: &'a str) -> Str<'a> {
        Str(Cow::Borrowed(text))
    }

    /// A text of its own.
    pub const fn owned(text: String) -> Str<'a> {
        Str(Cow::Owned(text))
    }

    /// The text without blanks around it; `None` when nothing is left.
    pub fn present(&self) -> Option<&str> {
        let text = self.0.trim();
        (!text.is_empty()).then_some(text)
    }
}

impl Deref for Str<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Str<'a>, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Str<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
            fn visit_string<E: Error>(self, text: String) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_strings_are_slices_and_escapes_are_undone() {
        let texts: Vec<Option<Str<'_>>> = serde_json::from_str(r#"["plain", "tab\there", null]"#).unwrap();
        assert!(matches!(texts[0], Some(Str(Cow::Borrowed("plain")))));
        assert_eq!(texts[1].as_deref(), Some("tab\there"));
        assert_eq!(texts[2], None);
    }
}
