//! Values of JSON whose kind drifts: ids are numbers in one place and texts in another.

use domain::model::Fact;
use domain::phi::Phi;
use domain::text::Text;
use serde_json::Value;

/// A text or a number as text; `None` for null, nothing and emptiness.
pub(super) fn text(value: &Value) -> Option<Text> {
    match value {
        Value::String(text) => Text::present(text),
        Value::Number(number) => Some(Text::from(number.to_string())),
        _ => None,
    }
}

/// Whether it says yes.
pub(super) fn is_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// What a field of a person says: a field that is not there says nothing, an empty one that there is nothing.
pub(super) fn fact(person: &Value, field: &str) -> Fact<Phi<Text>> {
    match person.get(field) {
        None => Fact::NotSaid,
        Some(value) => text(value).map_or(Fact::Cleared, |text| Fact::Is(Phi::new(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_are_the_same_as_texts_and_as_numbers_and_silence_is_not_emptiness() {
        assert_eq!(text(&json!(18022)), text(&json!("18022")));
        assert_eq!((text(&json!(null)), text(&json!(" "))), (None, None));
        assert!(is_yes(&json!(true)) && is_yes(&json!("true")) && !is_yes(&json!(null)));
        let person = json!({"email": null, "last_name": "Ortiz"});
        assert_eq!(fact(&person, "email"), Fact::Cleared);
        assert_eq!(fact(&person, "first_name"), Fact::NotSaid);
        assert_eq!(fact(&person, "last_name"), Fact::Is(Phi::new("Ortiz".into())));
    }
}
