//! What is wrong with a resource, with its JSON path.

use std::fmt;

/// What cannot be read, and where. Holds no value of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    path: String,
    sentence: &'static str,
}

impl Fault {
    /// A fault at a path, which is relative to the resource: `participant[0].status`.
    pub fn at(path: impl Into<String>, sentence: &'static str) -> Fault {
        Fault { path: path.into(), sentence }
    }

    /// The reader's error, which knows line and column only, and may quote what it met.
    pub(super) fn of(json: &[u8], error: &serde_json::Error) -> Fault {
        let sentence = match error.classify() {
            serde_json::error::Category::Eof => "The JSON ends in the middle.",
            serde_json::error::Category::Data => "The value is not of the kind that FHIR R4 has here.",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => "This is not well-formed JSON.",
        };
        Fault { path: path_at(json, offset(json, error.line(), error.column())), sentence }
    }

    /// Where, relative to the resource; empty for the resource as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What, in a sentence.
    pub fn sentence(&self) -> &'static str {
        self.sentence
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(self.sentence) } else { write!(f, "{}: {}", self.path, self.sentence) }
    }
}

impl std::error::Error for Fault {}

/// The byte that line and column (counted from 1) point to.
fn offset(json: &[u8], line: usize, column: usize) -> usize {
    let ends = memchr::memchr_iter(b'\n', json);
    let start = if line <= 1 { 0 } else { ends.take(line - 1).last().map_or(0, |end| end + 1) };
    (start + column.saturating_sub(1)).min(json.len())
}

/// One open bracket on the way to a byte.
enum Open<'a> {
    Object(Option<&'a [u8]>),
    Array(usize),
}

/// The path of whatever stands at a byte. Linear in the offset; only ever used on what failed.
fn path_at(json: &[u8], at: usize) -> String {
    let mut way: Vec<Open<'_>> = Vec::new();
    let (mut n, mut expects_key) = (0, false);
    while let Some(byte) = json.get(n).filter(|_| n < at) {
        match byte {
            b'{' | b'[' => {
                // Deeper than any reader goes: nothing is gained by following.
                if way.len() == 128 {
                    break;
                }
                way.push(if *byte == b'{' { Open::Object(None) } else { Open::Array(0) });
                expects_key = *byte == b'{';
            }
            b'}' | b']' if n + 1 < at => {
                way.pop();
                expects_key = false;
            }
            b',' => match way.last_mut() {
                Some(Open::Array(index)) => *index += 1,
                Some(Open::Object(key)) => {
                    *key = None;
                    expects_key = true;
                }
                None => {}
            },
            b'"' => {
                let end = string_end(json, n + 1);
                if expects_key && let Some(Open::Object(key)) = way.last_mut() {
                    *key = json.get(n + 1..end);
                    expects_key = false;
                }
                n = end;
            }
            _ => {}
        }
        n += 1;
    }
    let mut path = String::new();
    for open in way {
        match open {
            Open::Object(None) => {}
            Open::Object(Some(key)) => {
                if !path.is_empty() {
                    path.push('.');
                }
                // Keys are names of elements. What is too long or odd for one is not repeated: it may be a value.
                let name = key.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') && key.len() <= 64;
                path.push_str(if name { std::str::from_utf8(key).unwrap_or("?") } else { "?" });
            }
            Open::Array(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// The index of the quote that ends a string begun before `from`.
fn string_end(json: &[u8], from: usize) -> usize {
    let mut n = from;
    while let Some(byte) = json.get(n) {
        match byte {
            b'"' => return n,
            b'\\' => n += 2,
            _ => n += 1,
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use crate::fhir::{Appointment, Patient, read};

    fn fault_of(json: &str) -> String {
        read::<Appointment<'_>>(json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_kind_of_value_is_told_with_its_path_and_never_quoted() {
        let kind = "The value is not of the kind that FHIR R4 has here.";
        assert_eq!(fault_of(r#"{"start":17}"#), format!("start: {kind}"));
        assert_eq!(
            fault_of(r#"{"id":"a,\"{","participant":[{"status":"accepted"},{"actor":{"display":{"x":1}}}]}"#),
            format!("participant[1].actor.display: {kind}")
        );
        assert_eq!(
            fault_of("{\n \"id\": \"1\",\n \"minutesDuration\": \"long\"\n}"),
            format!("minutesDuration: {kind}")
        );
        let name = read::<Patient<'_>>(br#"{"name":"Okafor"}"#).unwrap_err().to_string();
        assert_eq!(name, format!("name: {kind}"));
    }

    #[test]
    fn json_that_breaks_off_says_where() {
        assert_eq!(
            fault_of(r#"{"id":"1","participant":[{"status":"acc"#),
            "participant[0].status: The JSON ends in the middle."
        );
        assert_eq!(fault_of(r#"{"id":"1" "status":2}"#), "id: This is not well-formed JSON.");
        assert_eq!(fault_of("no json"), "This is not well-formed JSON.");
        assert_eq!(fault_of(""), "The JSON ends in the middle.");
    }
}
