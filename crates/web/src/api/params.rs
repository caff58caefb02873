//! Query parameters: each is taken by name, and what is left over is refused, because a misspelt filter that is
//! silently ignored shows too much.

use crate::failure::{Failure, Result};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use domain::time::Moment;
use serde_json::Value;

/// The query of a request. An empty value is the same as none.
pub(crate) struct Params {
    left: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Params> {
        let Query(left) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| Failure::bad_request("The query of the address cannot be read."))?;
        Ok(Params::of(left))
    }
}

impl Params {
    fn of(left: Vec<(String, String)>) -> Params {
        Params { left, known: Vec::new() }
    }

    /// Every value of a parameter that may be repeated or hold several values with commas between them.
    pub(crate) fn many(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        let mut values = Vec::new();
        self.left.retain(|(given, value)| {
            let taken = given == name;
            if taken {
                values.extend(value.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned));
            }
            !taken
        });
        values
    }

    /// The value of a parameter that may be given once.
    pub(crate) fn one(&mut self, name: &'static str) -> Result<Option<String>> {
        self.known.push(name);
        let mut values = Vec::new();
        self.left.retain(|(given, value)| {
            let taken = given == name;
            if taken {
                values.push(value.clone());
            }
            !taken
        });
        match values.len() {
            0 | 1 => Ok(values.pop().filter(|value| !value.is_empty())),
            _ => Err(wrong(name, "give it once")),
        }
    }

    /// A value that is one of a list of words.
    pub(crate) fn word<T>(
        &mut self,
        name: &'static str,
        read: fn(&str) -> Option<T>,
        words: &str,
    ) -> Result<Option<T>> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        read(&value).map(Some).ok_or_else(|| wrong(name, &format!("one of {words} is needed")))
    }

    /// An instant.
    pub(crate) fn moment(&mut self, name: &'static str) -> Result<Option<Moment>> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        // A plus sign that was not encoded arrives as a blank; no other blank can be in an instant with an offset.
        let value = value.replace(' ', "+");
        serde_json::from_value(Value::String(value))
            .map(Some)
            .map_err(|_| wrong(name, "an instant such as 2026-11-21T09:00:00-06:00 is needed (RFC 3339)"))
    }

    /// Yes or no; no when not given.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool> {
        match self.one(name)?.as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(wrong(name, "true or false is needed")),
        }
    }

    /// A number.
    pub(crate) fn number(&mut self, name: &'static str) -> Result<Option<usize>> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        value.parse().map(Some).map_err(|_| wrong(name, "a number is needed"))
    }

    /// Refuses what nobody asked for.
    pub(crate) fn finish(self) -> Result<()> {
        match self.left.first() {
            None => Ok(()),
            Some((name, _)) => {
                let known = if self.known.is_empty() { "none".to_owned() } else { self.known.join(", ") };
                Err(Failure::bad_request(format!("The query parameter {name} is not known here. Known: {known}."))
                    .with("where", format!("query parameter {name}")))
            }
        }
    }
}

fn wrong(name: &str, what: &str) -> Failure {
    Failure::bad_request(format!("The query parameter {name}: {what}."))
        .with("where", format!("query parameter {name}"))
}

/// A value of a parameter that is wrong, for parameters that handlers read themselves.
pub(crate) fn wrong_value(name: &str, what: &str) -> Failure {
    wrong(name, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params::of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn lists_come_repeated_or_with_commas() {
        let mut asked = params(&[("verdict", "held,failed"), ("verdict", ""), ("verdict", "on_time")]);
        assert_eq!(asked.many("verdict"), ["held", "failed", "on_time"]);
        asked.finish().unwrap();
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let mut asked = params(&[("verdcit", "held")]);
        assert!(asked.many("verdict").is_empty());
        let refused = asked.finish().unwrap_err();
        assert!(refused.detail().contains("verdcit") && refused.detail().contains("Known: verdict"), "{refused:?}");
    }

    #[test]
    fn instants_are_read_also_when_the_plus_was_not_encoded() {
        let expected = params(&[("from", "2026-11-21T15:00:00Z")]).moment("from").unwrap();
        assert_eq!(params(&[("from", "2026-11-21T16:00:00 01:00")]).moment("from").unwrap(), expected);
        assert!(params(&[("from", "tomorrow")]).moment("from").is_err());
    }

    #[test]
    fn flags_and_numbers_are_not_guessed() {
        assert!(params(&[("dry_run", "true")]).flag("dry_run").unwrap());
        assert!(!params(&[("dry_run", "")]).flag("dry_run").unwrap());
        assert!(params(&[("dry_run", "yes please")]).flag("dry_run").is_err());
        assert!(params(&[("limit", "-1")]).number("limit").is_err());
        assert!(params(&[("limit", "1"), ("limit", "2")]).number("limit").is_err());
    }
}
