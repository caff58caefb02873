//! A request as a vendor's interface sees it, and the answers it gives.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use serde_json::Value;

/// A request, read to its end.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Params,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Scheme and host as the caller sees them, for absolute links.
    pub(crate) origin: String,
}

impl Call {
    /// The path's parts.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    /// A header as text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What follows `Bearer `.
    pub(crate) fn bearer(&self) -> Option<&str> {
        self.header("authorization").strip_prefix("Bearer ").map(str::trim)
    }

    /// Name and secret of HTTP Basic, whatever the scheme is called: one vendor's clients say `Bearer` here.
    pub(crate) fn basic(&self, schemes: &[&str]) -> Option<(String, String)> {
        let (scheme, coded) = self.header("authorization").split_once(' ')?;
        schemes.contains(&scheme).then_some(())?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(coded.trim()).ok()?;
        let (name, secret) =
            String::from_utf8(bytes).ok()?.split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned()))?;
        Some((name, secret))
    }

    /// The body as form fields; empty when it is something else.
    pub(crate) fn form(&self) -> Params {
        if self.header("content-type").starts_with("application/x-www-form-urlencoded") {
            return Params::read(&String::from_utf8_lossy(&self.body));
        }
        Params::default()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Path and query, as for a log.
    pub(crate) fn target(&self) -> String {
        if self.query.text.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query.text) }
    }
}

/// Names and values of a query or a form, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    text: String,
    pairs: Vec<(String, String)>,
}

impl Params {
    pub(crate) fn read(text: &str) -> Params {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(pair);
        Params { text: text.to_owned(), pairs: pairs.collect() }
    }

    /// The value of a name, when there is one and it is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }

    /// The value as a number.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.trim().parse().ok()
    }

    /// `true`, `1` or `yes`.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1" | "yes" | "True"))
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], code) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Text as it may stand in a query.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: &Value) -> Response {
    typed(status, "application/json", body.to_string())
}

/// An answer of another type.
pub(crate) fn typed(status: u16, kind: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, kind)], body.into()).into_response()
}

/// An answer without a body.
pub(crate) fn empty(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

/// The same answer with one more header.
pub(crate) fn with(mut answer: Response, name: &'static str, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
    answer
}

/// HMAC-SHA256 in lower-case hexadecimal digits.
pub(crate) fn hmac_hex(key: &[u8], text: &[u8]) -> String {
    hmac_sha256::HMAC::mac(text, key).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A GUID of a family with a number in it: for vendors whose ids are GUIDs.
pub(crate) fn guid(family: u16, number: u64) -> String {
    format!("5b0d{family:04x}-9a44-4f55-8c1e-{number:012x}")
}

/// The number in a GUID of a family.
pub(crate) fn number_in(guid: &str, family: u16) -> Option<u64> {
    let digits = guid.strip_prefix(&format!("5b0d{family:04x}-9a44-4f55-8c1e-"))?;
    u64::from_str_radix(digits, 16).ok()
}

/// An RFC 9457 problem.
pub(crate) fn problem(status: u16, title: &str, detail: &str) -> Response {
    let body = serde_json::json!({"type": "about:blank", "title": title, "status": status, "detail": detail});
    typed(status, "application/problem+json", body.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_with_its_escapes() {
        let params = Params::read("startdate=10%2F14%2F2030&name=Ada+L%C3%B8ve&name=2&empty=&bad=%zz");
        assert_eq!(params.get("startdate"), Some("10/14/2030"));
        assert_eq!(params.get("name"), Some("Ada Løve"));
        assert_eq!(params.get("empty"), None);
        assert_eq!(params.get("bad"), Some("%zz"));
        assert_eq!(number_in(&guid(2, 77), 2), Some(77));
        assert_eq!(number_in(&guid(2, 77), 3), None);
        assert_eq!(encoded("10/14/2030 8:00"), "10%2F14%2F2030%208%3A00");
    }
}
