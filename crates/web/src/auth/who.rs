//! Who asks, for handlers.

use crate::auth::Action;
use crate::failure::Failure;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::explain::Sight;
use engine::ops::Actor;

/// Who asks. The guard puts it into the request; a handler behind an open route cannot have it.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// The person or program.
    pub(crate) actor: Actor,
    /// The secret of their session's cookie, when they came by the console.
    pub(crate) session: Option<String>,
}

impl Who {
    /// Whether they may do something in their own practice.
    pub(crate) fn may(&self, action: Action) -> bool {
        action.allows(self.actor.role) && !(action.needs_open_sight() && self.sees_masked())
    }

    /// Identities are masked for them.
    pub(crate) fn sees_masked(&self) -> bool {
        self.actor.sight() == Sight::Masked
    }
}

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Who, Failure> {
        // Fails closed: a handler that wants to know and was not told must not run.
        parts.extensions.get::<Who>().cloned().ok_or_else(|| Failure::unauthorized("Nobody was recognised."))
    }
}
