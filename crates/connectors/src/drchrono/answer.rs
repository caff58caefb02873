//! What an answer means.

use crate::http::HttpAnswer;
use crate::rest;
use domain::text::Text;
use domain::time::Moment;
use engine::poll::Failure;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The longest wait that is believed, in seconds: budgets begin anew with the hour.
const LONGEST_WAIT: u32 = 3600;

#[derive(Default, Deserialize)]
struct Detail {
    #[serde(default)]
    detail: String,
}

/// One page of a list.
#[derive(Deserialize)]
pub(super) struct List {
    /// The rows. The vendor's description names the array `data`, its servers `results`.
    #[serde(alias = "data")]
    pub(super) results: Vec<Box<RawValue>>,
    #[serde(default)]
    pub(super) next: Option<String>,
}

/// The failure that an answer stands for; `None`: it is none. `of`: what was asked for, for whoever grants rights.
pub(super) fn failure(answer: &HttpAnswer, of: &str, now: Moment) -> Option<Failure> {
    let failure = rest::failure(answer, now)?;
    Some(match failure {
        // How long to wait stands in the sentence; the header is often missing.
        Failure::Throttled { retry_after: None } => Failure::Throttled { retry_after: told_wait(&answer.body) },
        Failure::Refused { what } if answer.status == StatusCode::FORBIDDEN => {
            Failure::Refused { what: Text::from(format!("{what} when reading {of}: scope or right of the user")) }
        }
        other => other,
    })
}

/// `Request was throttled. Expected available in 2295.0 seconds.`
fn told_wait(body: &[u8]) -> Option<u32> {
    let detail: Detail = serde_json::from_slice(body).ok()?;
    let number = detail.detail.split_whitespace().find_map(|word| word.parse::<f64>().ok())?;
    // A second more: the sentence is rounded.
    (number.is_finite() && number >= 0.0).then(|| (number.ceil() as u32).saturating_add(1).min(LONGEST_WAIT))
}

/// The list in an answer.
pub(super) fn list(answer: &HttpAnswer, of: &str, now: Moment) -> Result<List, Failure> {
    if let Some(failure) = failure(answer, of, now) {
        return Err(failure);
    }
    serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::Malformed { what: Text::from(format!("the list of {of} is none")) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Bytes;
    use hyper::header::HeaderMap;

    fn answer(status: u16, body: &'static str) -> HttpAnswer {
        let status = StatusCode::from_u16(status).unwrap();
        HttpAnswer { status, headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn the_wait_is_read_from_the_sentence_and_is_never_longer_than_an_hour() {
        let now = Moment::from_micros(0);
        let of = |body| failure(&answer(429, body), "visits", now);
        let told = |secs| Some(Failure::Throttled { retry_after: secs });
        let sentence = r#"{"detail":"Request was throttled. Expected available in 2295.0 seconds."}"#;
        assert_eq!(of(sentence), told(Some(2296)));
        assert_eq!(of(r#"{"detail":"Expected available in 90000 seconds."}"#), told(Some(3600)));
        assert_eq!(of("slow down"), told(None));
    }

    #[test]
    fn both_names_of_the_array_are_read_and_a_missing_one_is_no_empty_list() {
        let now = Moment::from_micros(0);
        for body in [r#"{"results":[{}],"next":null}"#, r#"{"data":[{}]}"#] {
            assert_eq!(list(&answer(200, body), "visits", now).unwrap().results.len(), 1);
        }
        assert!(matches!(list(&answer(200, "{}"), "visits", now), Err(Failure::Malformed { .. })));
        let refused = list(&answer(403, "{}"), "patients", now).err();
        let what = "403 Forbidden when reading patients: scope or right of the user".into();
        assert_eq!(refused, Some(Failure::Refused { what }));
    }
}
