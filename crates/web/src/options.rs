//! What whoever starts the web server decides.

use crate::auth::OneTimeLogin;
use engine::ports::MessageDoor;
use engine::rejudge::ScratchWorlds;
use std::sync::Arc;
use std::time::Duration;

/// What the web server is made of besides the engine.
pub struct WebOptions {
    /// Who reads messages that are handed in, by media type.
    pub doors: Vec<Arc<dyn MessageDoor>>,
    /// The version shown at the foot of each page and in the API's description.
    pub version: String,
    /// Links that log in once, for the demo.
    pub one_time_login: Option<OneTimeLogin>,
    /// Links shown at the foot of each page (label, address): the demo's emulated front desks.
    pub demo_links: Vec<(String, String)>,
    /// Where people reach the console, when that is not the address it listens on: `https://punctual.example`. With
    /// `https`, cookies are sent over HTTPS only.
    pub public_origin: Option<String>,
    /// Where kept messages are judged again; `None`: they are not.
    pub worlds: Option<Arc<dyn ScratchWorlds>>,
    /// Bounds on what one request may take.
    pub limits: Limits,
}

impl Default for WebOptions {
    fn default() -> WebOptions {
        WebOptions {
            doors: Vec::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            one_time_login: None,
            demo_links: Vec::new(),
            public_origin: None,
            worlds: None,
            limits: Limits::default(),
        }
    }
}

impl WebOptions {
    /// People reach the console over HTTPS.
    pub(crate) fn is_https(&self) -> bool {
        self.public_origin.as_deref().is_some_and(|origin| origin.starts_with("https://"))
    }
}

/// Bounds on what one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a form or of the JSON of an ordinary call.
    pub body_bytes: usize,
    /// Bytes of a message that is handed in; the same as over MLLP.
    pub message_bytes: usize,
    /// Bytes of a practice document, which may name many patients.
    pub document_bytes: usize,
    /// How long a request may take, its body included.
    pub request: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_bytes: 64 * 1024,
            message_bytes: 1024 * 1024,
            document_bytes: 16 * 1024 * 1024,
            request: Duration::from_secs(30),
        }
    }
}
