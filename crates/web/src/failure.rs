//! What went wrong, told in one way: a status, a stable code, and words that say what to do. The one place that turns
//! errors of the engine into answers.
//!
//! A handler returns a [`Failure`]; [`crate::shell`] writes it as `application/problem+json` for programs and as a page
//! for people.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The result of handling a request.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// What went wrong. Cheap to clone, because it travels in the response's extensions.
#[derive(Clone, Debug)]
pub(crate) struct Failure(Arc<Told>);

#[derive(Clone, Debug)]
struct Told {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    more: Map<String, Value>,
    headers: HeaderMap,
}

impl Failure {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Failure {
        Failure(Arc::new(Told {
            status,
            code,
            title,
            detail: detail.into(),
            more: Map::new(),
            headers: HeaderMap::new(),
        }))
    }

    /// With a member of its own.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Failure {
        Arc::make_mut(&mut self.0).more.insert(name.to_owned(), value.into());
        self
    }

    /// With a header of its own.
    pub(crate) fn header(mut self, name: HeaderName, value: &'static str) -> Failure {
        Arc::make_mut(&mut self.0).headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// 400: the request does not say what it wants in a way that can be read.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, "invalid_request", "The request cannot be understood", detail)
    }

    /// 401: it is not known who asks.
    pub(crate) fn unauthorized(detail: &'static str) -> Failure {
        Failure::new(StatusCode::UNAUTHORIZED, "unauthorized", "Who is asking?", detail)
            .header(header::WWW_AUTHENTICATE, "Bearer realm=\"punctual\"")
    }

    /// 403: the role may not do this.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 403: it would show patient data to somebody who has not said why they need it.
    pub(crate) fn purpose_required() -> Failure {
        Failure::new(
            StatusCode::FORBIDDEN,
            "purpose_required",
            "A reason is needed",
            "This shows patient data. Give the reason for looking: the header Punctual-Purpose, or the form “Show names” in the console.",
        )
    }

    /// 404.
    pub(crate) fn not_found(detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::NOT_FOUND, "not_found", "Not found", detail)
    }

    /// 415: this kind of content is not taken here.
    pub(crate) fn unsupported(detail: impl Into<String>) -> Failure {
        Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "This kind of content is not taken here",
            detail,
        )
    }

    /// 422: a document or message that is wrong in itself.
    pub(crate) fn unprocessable(code: &'static str, title: &'static str, detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::UNPROCESSABLE_ENTITY, code, title, detail)
    }

    /// 503: not now.
    pub(crate) fn unavailable(code: &'static str, detail: impl Into<String>) -> Failure {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, code, "Not available right now", detail)
            .header(header::RETRY_AFTER, "1")
    }

    /// For a status that the HTTP layer itself answered with, such as 405 or 413.
    pub(crate) fn of_status(status: StatusCode) -> Failure {
        let (code, title, detail) = match status {
            StatusCode::NOT_FOUND => ("not_found", "Not found", "There is nothing at this address."),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method_not_allowed", "Method not allowed", "This address takes other methods; see the Allow header.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                ("payload_too_large", "Too large", "The body is larger than this call takes.")
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => (
                "unsupported_media_type",
                "This kind of content is not taken here",
                "Send the content type that this call takes.",
            ),
            status if status.is_client_error() => {
                ("invalid_request", "The request cannot be understood", "The request cannot be understood.")
            }
            _ => (
                "internal",
                "Something went wrong here",
                "The service made a mistake. It has been logged; try again, and tell support if it stays.",
            ),
        };
        Failure::new(status, code, title, detail)
    }

    /// The status.
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        self.0.code
    }

    /// The title.
    pub(crate) fn title(&self) -> &'static str {
        self.0.title
    }

    /// What happened and what to do.
    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// Headers that go with it.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// As RFC 9457 has it, with our `code`.
    pub(crate) fn to_problem(&self) -> Value {
        let mut problem = json!({
            "type": format!("urn:punctual:problem:{}", self.0.code),
            "title": self.0.title,
            "status": self.0.status.as_u16(),
            "detail": self.0.detail,
            "code": self.0.code,
        });
        if let Some(members) = problem.as_object_mut() {
            members.extend(self.0.more.clone());
        }
        problem
    }
}

/// An answer without a body yet: the shell writes it for whoever asked.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.headers_mut().extend(self.headers().clone());
        response.extensions_mut().insert(self);
        response
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Failure {
        match &error {
            engine::Error::NotFound { what, id } => Failure::not_found(format!("There is no {what} {id}.")),
            engine::Error::Lifecycle { from, to, steps } => {
                let steps: Vec<&str> = steps.iter().map(|step| step.word()).collect();
                let way = if steps.is_empty() {
                    format!("There is no way from {from} to {to}.")
                } else {
                    format!("Steps left: {}.", steps.join(", then "))
                };
                Failure::new(
                    StatusCode::CONFLICT,
                    "lifecycle_step",
                    "Not in one step",
                    format!("An integration that is {from} cannot become {to} in one step. {way}"),
                )
                .with("from", from.word())
                .with("to", to.word())
                .with("steps", steps)
            }
            engine::Error::NotReady { steps } => Failure::new(
                StatusCode::CONFLICT,
                "not_ready",
                "Not ready to go live",
                format!("First: {}.", steps.join("; ")),
            )
            .with("steps", steps.clone()),
            engine::Error::Invalid(why) => Failure::bad_request(sentence(why)),
            engine::Error::Setup { integration, source } => Failure::unprocessable(
                "invalid_document",
                "The document cannot be used",
                format!("Integration {integration}: {source}."),
            )
            .with("where", format!("integration {integration}")),
            engine::Error::Taken(why) => Failure::new(StatusCode::CONFLICT, "taken", "Already taken", sentence(why)),
            engine::Error::Stopped => Failure::unavailable("stopping", "The service is shutting down; try again soon."),
            engine::Error::Store(_) => {
                // Told here once, with its chain; whoever asked only needs to know that trying again may help.
                tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
                Failure::unavailable("store_unavailable", "The store does not answer; nothing was changed. Try again.")
            }
        }
    }
}

/// The engine's words as a sentence of their own.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let capital = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
    let mut sentence = capital.unwrap_or_default();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::setup::Lifecycle;

    #[test]
    fn a_problem_has_the_members_of_the_contract() {
        let problem = Failure::bad_request("Say what.").with("where", "q").to_problem();
        assert_eq!(
            problem,
            json!({
                "type": "urn:punctual:problem:invalid_request", "title": "The request cannot be understood",
                "status": 400, "detail": "Say what.", "code": "invalid_request", "where": "q",
            })
        );
    }

    #[test]
    fn a_lifecycle_jump_tells_the_steps_left() {
        let steps = Lifecycle::Initiated.steps_to(Lifecycle::Live);
        let error = engine::Error::Lifecycle { from: Lifecycle::Initiated, to: Lifecycle::Live, steps };
        let failure = Failure::from(error);
        assert_eq!(failure.status(), StatusCode::CONFLICT);
        assert_eq!(failure.to_problem()["steps"], json!(["authorized", "configured", "live"]));
    }

    #[test]
    fn words_become_sentences() {
        assert_eq!(sentence("say which"), "Say which.");
        assert_eq!(sentence("Done."), "Done.");
    }
}
