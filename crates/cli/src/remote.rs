//! A running service, asked over its API.

use crate::args::RemoteArgs;
use crate::exit::Failure;
use connectors::http::{AddressPolicy, HttpAnswer, HttpClient};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, Uri};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// How long a service may take to answer.
const LIMIT: Duration = Duration::from_secs(60);
/// Answers are read up to this size.
const LARGEST: usize = 64 << 20;

/// A running service.
pub(crate) struct Remote {
    base: String,
    token: String,
    client: HttpClient,
}

impl Remote {
    /// The service that the command line names, if it names one.
    pub(crate) fn named(args: &RemoteArgs) -> Result<Option<Remote>, Failure> {
        let Some(url) = &args.url else { return Ok(None) };
        let Some(token) = args.token.clone() else {
            return Err(Failure::Usage("--url needs a token: give --token, or set PUNCTUAL_TOKEN".to_owned()));
        };
        let host = url.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        let Some(host) = host else {
            return Err(Failure::Usage(format!(
                "{url} is no address of a service; one looks like http://127.0.0.1:8080"
            )));
        };
        // Whoever sits at the command line may ask any host.
        let client = HttpClient::new(AddressPolicy::allowing([host.trim_matches(['[', ']']).to_owned()]));
        let client = client.map_err(|error| Failure::could("the system's certificates cannot be read", &error))?;
        Ok(Some(Remote { base: url.trim_end_matches('/').to_owned(), token, client }))
    }

    /// Asks for something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        read(&self.send(Method::GET, path, "application/json", Bytes::new()).await?)
    }

    /// Hands JSON in.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Failure> {
        read(&self.send(Method::POST, path, "application/json", Bytes::from(body.to_string())).await?)
    }

    /// Sends a request and gives the answer, whatever it is.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        media_type: &str,
        body: Bytes,
    ) -> Result<HttpAnswer, Failure> {
        let url = format!("{}{path}", self.base);
        let uri = self.client.check(&url).map_err(|why| Failure::Usage(why.to_string()))?;
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, media_type)
            .body(Full::new(body))
            .map_err(|error| Failure::could("the request cannot be made", &error))?;
        let answer = self.client.send(request, LIMIT, LARGEST).await;
        answer.map_err(|trouble| Failure::Could(format!("{}: {trouble}; is the service running?", self.base)))
    }
}

/// Escapes a text as one segment of a path (RFC 3986, section 3.3).
pub(crate) fn segment(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// Reads a good answer, or turns a problem document into a failure.
pub(crate) fn read<T: DeserializeOwned>(answer: &HttpAnswer) -> Result<T, Failure> {
    if answer.status.is_success() {
        return serde_json::from_slice(&answer.body)
            .map_err(|error| Failure::could("the service's answer cannot be read", &error));
    }
    Err(problem(answer))
}

/// What a service said went wrong.
pub(crate) fn problem(answer: &HttpAnswer) -> Failure {
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let word = |name: &str| problem.get(name).and_then(Value::as_str);
    let text = word("detail")
        .or(word("title"))
        .map_or_else(|| format!("the service answered {}", answer.status), str::to_owned);
    if answer.status.is_client_error() { Failure::Usage(text) } else { Failure::Could(text) }
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn ids_of_sources_fit_into_a_path() {
        assert_eq!(segment("A-1001"), "A-1001");
        assert_eq!(segment("a/b ü%"), "a%2Fb%20%C3%BC%25");
    }
}
