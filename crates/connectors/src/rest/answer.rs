//! What an answer of the server means.

use crate::http::{HttpAnswer, Trouble};
use domain::text::Text;
use domain::time::Moment;
use engine::poll::Failure;
use hyper::StatusCode;
use hyper::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// The failure that a status stands for; `None`: it is none.
pub fn failure(answer: &HttpAnswer, now: Moment) -> Option<Failure> {
    let status = answer.status;
    let told = || Text::from(format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default()).trim());
    let wait = wait(&answer.headers, now);
    Some(match status {
        _ if status.is_success() => return None,
        StatusCode::NOT_MODIFIED => return None,
        StatusCode::UNAUTHORIZED => Failure::Unauthorized,
        StatusCode::TOO_MANY_REQUESTS => Failure::Throttled { retry_after: wait },
        StatusCode::SERVICE_UNAVAILABLE if wait.is_some() => Failure::Throttled { retry_after: wait },
        StatusCode::GONE => Failure::CursorLost,
        StatusCode::REQUEST_TIMEOUT => Failure::Unreachable { what: told() },
        _ if status.is_server_error() => Failure::Unreachable { what: told() },
        // What a server says in the body may quote a patient: the status has to do.
        _ => Failure::Refused { what: told() },
    })
}

/// No answer came.
pub fn no_answer(trouble: Trouble) -> Failure {
    Failure::Unreachable { what: Text::from(trouble.to_string()) }
}

/// `Retry-After` in seconds or as a date.
fn wait(headers: &HeaderMap, now: Moment) -> Option<u32> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(secs) = value.parse() {
        return Some(secs);
    }
    let at = jiff::fmt::rfc2822::parse(value).ok()?;
    Some(u32::try_from(Moment::from(at.timestamp()).secs_since(now)).unwrap_or(0))
}

/// What time it was for the server.
pub fn server_time(answer: &HttpAnswer) -> Option<Moment> {
    let date = header(answer, DATE)?;
    jiff::fmt::rfc2822::parse(date).ok().map(|at| at.timestamp().into())
}

/// A header as text.
pub fn header(answer: &HttpAnswer, name: HeaderName) -> Option<&str> {
    answer.headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Bytes;

    fn answer(status: u16, retry_after: Option<&str>) -> HttpAnswer {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        HttpAnswer { status: StatusCode::from_u16(status).unwrap(), headers, body: Bytes::new() }
    }

    #[test]
    fn each_status_is_its_own_failure() {
        let now = Moment::from("2026-11-22T10:00:00Z".parse::<jiff::Timestamp>().unwrap());
        let of = |status, retry_after| failure(&answer(status, retry_after), now);
        assert_eq!(of(200, None), None);
        assert_eq!(of(401, None), Some(Failure::Unauthorized));
        assert_eq!(of(429, Some("17")), Some(Failure::Throttled { retry_after: Some(17) }));
        let date = Some("Sun, 22 Nov 2026 10:01:30 GMT");
        assert_eq!(of(503, date), Some(Failure::Throttled { retry_after: Some(90) }));
        assert!(matches!(of(503, None), Some(Failure::Unreachable { .. })));
        assert_eq!(of(410, None), Some(Failure::CursorLost));
        assert_eq!(of(403, None), Some(Failure::Refused { what: "403 Forbidden".into() }));
    }
}
