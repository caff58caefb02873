//! Names of visit reasons and providers: records tell their ids only.

use crate::carecloud::value::text;
use domain::text::Text;
use domain::time::Moment;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Names by id.
pub(super) type Names = Arc<HashMap<Text, Text>>;

/// One list of names, as it was read last. Only a help: forgotten, it is read again.
#[derive(Default)]
pub(super) struct Shelf(Mutex<Option<(Moment, Names)>>);

impl Shelf {
    /// What was read within so many seconds.
    pub(super) fn held(&self, now: Moment, secs: u32) -> Option<Names> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|(at, _)| now.secs_since(*at) < i64::from(secs)).map(|(_, names)| names.clone())
    }

    pub(super) fn keep(&self, now: Moment, names: HashMap<Text, Text>) -> Names {
        let names = Arc::new(names);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, names.clone()));
        names
    }
}

/// Reads a list: bare, or under its own name; `None`: it is none.
pub(super) fn read(body: &[u8], under: &str) -> Option<HashMap<Text, Text>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let rows = value.as_array().or_else(|| value.get(under)?.as_array())?;
    let exact = |row: &Value| row["name"].as_str().filter(|name| !name.trim().is_empty()).map(Text::from);
    Some(rows.iter().filter_map(|row| Some((text(&row["id"])?, exact(row)?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_bare_and_under_their_name_and_names_stay_as_they_are() {
        let bare = read(br#"[{"id":60115,"name":"Video  visit "},{"id":"7"}]"#, "visit_reasons").unwrap();
        assert_eq!(bare.get("60115").map(Text::as_str), Some("Video  visit "));
        assert_eq!(bare.len(), 1);
        assert_eq!(read(br#"{"providers":[{"id":"1","name":"Kim Lee"}]}"#, "providers").unwrap().len(), 1);
        assert!(read(br#"{"message":"no"}"#, "providers").is_none());
    }
}
