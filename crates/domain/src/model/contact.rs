//! How a patient may be reached, and how not.

use crate::text::Text;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A way of reaching somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Way {
    /// Any way at all.
    #[n(0)]
    Any,
    /// By e-mail.
    #[n(1)]
    Mail,
    /// By text message.
    #[n(2)]
    Sms,
    /// By a call.
    #[n(3)]
    Call,
}

impl Way {
    /// The word used in documents and profiles.
    pub const fn word(self) -> &'static str {
        match self {
            Way::Any => "any",
            Way::Mail => "mail",
            Way::Sms => "sms",
            Way::Call => "call",
        }
    }

    /// Reads the word back.
    pub fn from_word(word: &str) -> Option<Way> {
        [Way::Any, Way::Mail, Way::Sms, Way::Call].into_iter().find(|way| way.word() == word)
    }

    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            Way::Any => "in any way",
            Way::Mail => "by e-mail",
            Way::Sms => "by text message",
            Way::Call => "by phone",
        }
    }
}

/// What somebody said against being told things: an opt-out, a limit of the law (requirement S3-17).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Restriction {
    /// The way that is closed.
    #[n(0)]
    pub way: Way,
    /// In the words in which it was said.
    #[n(1)]
    pub said: Text,
    /// Where.
    #[n(2)]
    pub place: Text,
}

impl Restriction {
    /// This way is closed by it.
    pub fn bars(&self, way: Way) -> bool {
        self.way == Way::Any || self.way == way
    }
}
