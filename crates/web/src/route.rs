//! One route: where, by which method, for whom.

use crate::app::Shared;
use crate::auth::Access;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete as on_delete, get as on_get, post as on_post, put as on_put};

/// How whoever asks shows who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// By a bearer token; errors are `application/problem+json`.
    Api,
    /// By a session cookie; errors are pages.
    Console,
}

/// Whose id stands in the path: it must exist for whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Nobody's.
    None,
    /// A practice's.
    Practice,
    /// An integration's.
    Integration,
    /// A cause's.
    Cause,
    /// An envelope's.
    Envelope,
}

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The path with `{names}`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// Bodies up to which size.
    pub(crate) body: BodySize,
}

/// How much body a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodySize {
    /// A form, or the JSON of an ordinary call.
    Ordinary,
    /// A message.
    Message,
    /// A practice document.
    Document,
}

impl Route {
    /// How whoever asks shows who they are.
    pub fn surface(&self) -> Surface {
        surface_of(self.path)
    }

    /// Whose id stands in the path. Read off the path itself, so that no route can forget to say so.
    pub fn subject(&self) -> Subject {
        for (part, subject) in [
            ("/practices/{id}", Subject::Practice),
            ("/integrations/{id}", Subject::Integration),
            ("/causes/{id}", Subject::Cause),
            ("/envelopes/{id}", Subject::Envelope),
        ] {
            if self.path.contains(part) {
                return subject;
            }
        }
        Subject::None
    }
}

/// Which surface a path belongs to, known or not.
pub(crate) fn surface_of(path: &str) -> Surface {
    let machine = ["/api/", "/healthz", "/readyz", "/metrics"];
    if machine.iter().any(|prefix| path.starts_with(prefix)) { Surface::Api } else { Surface::Console }
}

/// A route with what answers it.
pub(crate) struct Entry {
    pub(crate) route: Route,
    pub(crate) handler: MethodRouter<Shared>,
}

impl Entry {
    fn new(method: &'static str, path: &'static str, access: Access, handler: MethodRouter<Shared>) -> Entry {
        Entry { route: Route { method, path, access, body: BodySize::Ordinary }, handler }
    }

    /// Takes bodies of another size.
    pub(crate) fn takes(mut self, body: BodySize) -> Entry {
        self.route.body = body;
        self
    }
}

/// A route for looking.
pub(crate) fn get<H, T>(path: &'static str, access: Access, handler: H) -> Entry
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Entry::new("GET", path, access, on_get(handler))
}

/// A route for changing, or for looking with what must not be in a URL.
pub(crate) fn post<H, T>(path: &'static str, access: Access, handler: H) -> Entry
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Entry::new("POST", path, access, on_post(handler))
}

/// A route for making something be so.
pub(crate) fn put<H, T>(path: &'static str, access: Access, handler: H) -> Entry
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Entry::new("PUT", path, access, on_put(handler))
}

/// A route for taking something away.
pub(crate) fn delete<H, T>(path: &'static str, access: Access, handler: H) -> Entry
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Entry::new("DELETE", path, access, on_delete(handler))
}
