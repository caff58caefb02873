//! Telling people, at most once: what is worth telling is queued with the change that makes it so, looked at again
//! right before it goes (requirement S3-10), and recorded with what came of it.
//!
//! A notice whose answer was lost is not sent a second time: nobody is told twice, and the desk hears of it.

mod claim;
mod letter;
mod outcome;
mod postman;
mod queue;

pub use letter::Letter;
pub use postman::{NoticeOptions, keep_notices};
pub(crate) use queue::{foresee, look_again, queue_for_item, queue_for_owner, queue_for_patients, queue_live};

use domain::text::Text;

/// What a mail server or gateway said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It took the letter. Its answer in a few words.
    Accepted(Text),
    /// It never will.
    Refused(Text),
    /// Certainly not yet: it may be tried again.
    Again(Text),
    /// Nobody knows whether it took it.
    Unknown(Text),
}

/// By which way a letter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// E-mail.
    Mail,
    /// A text message to a mobile phone.
    Sms,
}

impl Channel {
    /// The word that is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Channel::Mail => "mail",
            Channel::Sms => "sms",
        }
    }

    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            Channel::Mail => "e-mail",
            Channel::Sms => "text message",
        }
    }
}
