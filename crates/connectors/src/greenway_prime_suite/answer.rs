//! What an answer means. Only 200 with a count of rows is a day sheet: everything else is a failure, because an empty
//! window would look like a day on which everybody called off.

use crate::greenway_prime_suite::rules::Rules;
use crate::http::HttpAnswer;
use crate::rest;
use domain::text::Text;
use domain::time::Moment;
use engine::poll::Failure;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A page of the day sheet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sheet {
    #[serde(default)]
    pub(super) appointments: Option<Vec<Box<RawValue>>>,
    /// Of the whole window.
    pub(super) total_rows: usize,
}

/// The page in an answer.
pub(super) fn day_sheet(answer: &HttpAnswer, rules: &Rules, now: Moment) -> Result<Sheet, Failure> {
    if answer.status == StatusCode::FORBIDDEN {
        // The gateway before the service refuses keys and callers that ask too often alike.
        let throttled = rules.says_throttled(&answer.body);
        return Err(if throttled { Failure::Throttled { retry_after: None } } else { Failure::Unauthorized });
    }
    if let Some(failure) = rest::failure(answer, now) {
        return Err(failure);
    }
    let malformed = |_| Failure::Malformed { what: Text::literal("the answer is no day sheet") };
    serde_json::from_slice(&answer.body).map_err(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Bytes;
    use hyper::header::HeaderMap;

    #[test]
    fn nothing_but_a_counted_list_is_a_day_sheet() {
        let rules = Rules { throttled_says: vec!["over rate".into()], ..Rules::default() };
        let of = |status: u16, body: &'static str| {
            let status = StatusCode::from_u16(status).unwrap();
            let answer = HttpAnswer { status, headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) };
            day_sheet(&answer, &rules, Moment::from_micros(0)).map(|sheet| sheet.total_rows)
        };
        assert_eq!(of(200, r#"{"Appointments":[],"TotalRows":0}"#), Ok(0));
        assert!(matches!(of(200, r#"{"Appointments":[]}"#), Err(Failure::Malformed { .. })));
        assert!(matches!(of(200, "<h1>Welcome</h1>"), Err(Failure::Malformed { .. })));
        assert_eq!(of(403, "<h1>Developer Over Rate</h1>"), Err(Failure::Throttled { retry_after: None }));
        assert_eq!(of(403, "<h1>Developer Inactive</h1>"), Err(Failure::Unauthorized));
        assert_eq!(of(401, ""), Err(Failure::Unauthorized));
        assert!(matches!(of(500, "<h1>Request Error</h1>"), Err(Failure::Unreachable { .. })));
    }
}
