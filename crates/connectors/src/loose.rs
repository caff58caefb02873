//! Values of JSON whose type drifts: vendors send ids as numbers one day and as texts the next.

use domain::text::Text;
use serde::{Deserialize, Deserializer};

/// A text, a number or a truth value, as text; nothing for null, for what is absent and for an empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loose(Option<Text>);

impl Loose {
    /// As text.
    pub(crate) fn text(&self) -> Option<&Text> {
        self.0.as_ref()
    }

    /// As an id of something that is there: 0 and less stand for nothing in several systems.
    pub(crate) fn id(&self) -> Option<Text> {
        self.0.clone().filter(|text| text.parse::<i64>().map_or(true, |number| number > 0))
    }

    /// As a whole number.
    pub(crate) fn number(&self) -> Option<i64> {
        self.0.as_ref()?.parse().ok()
    }

    /// Whether it says yes.
    pub(crate) fn is_true(&self) -> bool {
        self.0.as_ref().is_some_and(|text| text.eq_ignore_ascii_case("true") || *text == "1")
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Loose, D::Error> {
        Ok(match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Loose(Text::present(&text)),
            serde_json::Value::Number(number) => Loose(Some(Text::from(number.to_string()))),
            serde_json::Value::Bool(yes) => Loose(Some(Text::literal(if yes { "true" } else { "false" }))),
            serde_json::Value::Null => Loose(None),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
                return Err(serde::de::Error::custom("a plain value is expected"));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_as_number_and_as_text_and_zero_is_none() {
        let read = |text: &str| serde_json::from_str::<Loose>(text).unwrap();
        assert_eq!(read("17"), read("\"17\""));
        assert_eq!(read("17").id().as_deref(), Some("17"));
        assert_eq!((read("0").id(), read("\" \"").id(), read("null").id()), (None, None, None));
        assert_eq!(
            (read("\"30\"").number(), read("true").is_true(), read("\"false\"").is_true()),
            (Some(30), true, false)
        );
        assert!(serde_json::from_str::<Loose>("{}").is_err());
    }
}
