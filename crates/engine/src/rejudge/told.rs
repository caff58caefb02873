//! What came of judging messages again.

use domain::decide::Verdict;
use domain::ids::EnvelopeId;
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Rejudged {
    /// The integration.
    pub integration: Text,
    /// From when to when messages were to be judged again.
    pub since: Option<Moment>,
    /// See `since`.
    pub until: Moment,
    /// Up to when they were: what was decided until then is compared. `until`, unless there was more than the bounds
    /// allow.
    pub judged_until: Moment,
    /// How many of each.
    pub counts: RejudgeCounts,
    /// Why messages could not be read again, and how many.
    pub not_read: Vec<NotRead>,
    /// Visits that would be judged otherwise, in order of their starts.
    pub differences: Vec<Difference>,
    /// There are more than are listed.
    pub more: bool,
    /// There are more messages in the range: go on behind this one. `None`: all have been judged.
    #[serde(rename = "next_cursor")]
    pub next: Option<EnvelopeId>,
}

/// Messages that could not be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NotRead {
    /// Why, in plain words that end a sentence: "they cannot be read again: …".
    pub why: &'static str,
    /// How many.
    pub messages: u64,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RejudgeCounts {
    /// Messages that were looked at.
    pub messages: u64,
    /// Of them, those that cannot be read again; [`Rejudged::not_read`] says why.
    pub not_read: u64,
    /// Of them, those that would be refused or set aside today.
    pub not_applied: u64,
    /// Of these, those that were taken in when they came.
    pub refused_now: u64,
    /// Visits that came of them.
    pub visits: u64,
    /// Visits that would be judged as they were.
    pub same: u64,
    /// Visits that would be judged otherwise.
    pub different: u64,
    /// Visits that the messages do not tell whole: one of them cannot be read, the visit was seen to vanish, people or
    /// the platform decided about it, or its patient's record has changed since and none of the messages tells it.
    pub not_compared: u64,
}

/// How a visit is judged, the platform's part in it left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The verdict, once the platform has done its part.
    pub verdict: Verdict,
    /// The primary reason.
    pub code: Option<Reason>,
}

/// What would follow of a visit, if it were judged so for real. Nothing of it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Follows {
    /// The platform would be sent it.
    Sent,
    /// The platform would be told that it is over.
    TakenBack,
    /// Nothing more would be sent; what the platform shows would stay.
    Stays,
    /// It would not be sent: somebody has to act first.
    Held,
    /// It would not be sent before its date comes.
    Waits,
    /// It would be left out.
    LeftOut,
}

impl Follows {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Follows::Sent => "sent",
            Follows::TakenBack => "taken_back",
            Follows::Stays => "stays",
            Follows::Held => "held",
            Follows::Waits => "waits",
            Follows::LeftOut => "left_out",
        }
    }

    /// For people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Follows::Sent => "The platform would be sent this visit.",
            Follows::TakenBack => "The platform would be told that this visit is over.",
            Follows::Stays => "Nothing more would be sent; what the platform shows would stay.",
            Follows::Held => "It would not be sent: somebody would have to act first.",
            Follows::Waits => "It would not be sent before its date comes.",
            Follows::LeftOut => "It would be left out and not sent.",
        }
    }
}

/// A visit that would be judged otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The source's id.
    pub source_id: Text,
    /// When it begins.
    pub start: Option<Moment>,
    /// As it was decided; `None`: no visit came of these messages then.
    pub before: Option<Judged>,
    /// As it would be decided.
    pub after: Judged,
    /// The first gate, in the order of the ladder, that says something else than it did.
    pub gate: Option<&'static str>,
    /// What would follow.
    pub follows: Follows,
}
