//! The catalogue of reasons: why an appointment did not sync, came late or came wrong. One entry a code, with what
//! happened, who acts, what they do, and how it ends.

#[macro_use]
mod table;
#[macro_use]
mod outreach;
mod catalogue;

pub use catalogue::Reason;

use crate::setup::OwnerRole;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The part of the way a reason belongs to, in ladder order (requirement S0-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Set-up and authority of the integration.
    Integration,
    /// How messages and pages come.
    Transport,
    /// Providers and calendars.
    Provider,
    /// Patients and their contact data.
    Patient,
    /// Visit type, place and modality.
    Type,
    /// Time, windows, zones.
    Time,
    /// Status and lifecycle of the visit.
    Status,
    /// Groups, participants, series.
    Participants,
    /// Writing to the other side.
    Write,
    /// Telling people.
    Told,
}

impl Family {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Family::Integration => "integration",
            Family::Transport => "transport",
            Family::Provider => "provider",
            Family::Patient => "patient",
            Family::Type => "type",
            Family::Time => "time",
            Family::Status => "status",
            Family::Participants => "participants",
            Family::Write => "write",
            Family::Told => "told",
        }
    }
}

/// What a reason does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Left out on purpose; wins over everything else.
    Excluded,
    /// Someone must act.
    Held,
    /// Nothing to do but wait for a date.
    WaitingByRule,
    /// On its way.
    OnTime,
    /// Tried and given up.
    Failed,
    /// There, but not as it should be.
    ArrivedWrong,
    /// True and worth knowing; stops nothing.
    Notice,
}

impl Class {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Class::Excluded => "excluded",
            Class::Held => "held",
            Class::WaitingByRule => "waiting_by_rule",
            Class::OnTime => "on_time",
            Class::Failed => "failed",
            Class::ArrivedWrong => "arrived_wrong",
            Class::Notice => "notice",
        }
    }
}

/// How a reason ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Heals {
    /// Punctual repairs it alone.
    Alone,
    /// As soon as the owner's fix is observed, without another click.
    WhenObserved,
    /// A person decides each case.
    ByDecision,
    /// Never, by design; it is only explained.
    Never,
}

impl Heals {
    /// The word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Heals::Alone => "alone",
            Heals::WhenObserved => "when_observed",
            Heals::ByDecision => "by_decision",
            Heals::Never => "never",
        }
    }

    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            Heals::Alone => "heals by itself",
            Heals::WhenObserved => "heals by itself once the fix is seen",
            Heals::ByDecision => "needs a decision",
            Heals::Never => "stays as it is, by design",
        }
    }
}

/// How long the fix typically takes a person (requirement S1-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// Nothing to do.
    None,
    /// A minute or less.
    Seconds,
    /// A few minutes.
    Minutes,
    /// Others have to be asked.
    Hours,
}

impl Effort {
    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            Effort::None => "nothing to do",
            Effort::Seconds => "under a minute",
            Effort::Minutes => "a few minutes",
            Effort::Hours => "hours, because others must act",
        }
    }
}

/// One entry of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The published code.
    pub code: &'static str,
    /// Where on the way it belongs.
    pub family: Family,
    /// What it does to the verdict.
    pub class: Class,
    /// Who must act.
    pub owner: OwnerRole,
    /// How it ends.
    pub heals: Heals,
    /// How long the fix takes.
    pub effort: Effort,
    /// A short title; for two reasons the exact label that mails use.
    pub label: &'static str,
    /// What happens, in one or two sentences.
    pub what: &'static str,
    /// The sentence about one appointment; `{name}` stands for a value of the finding.
    pub says: &'static str,
    /// What the owner does, in the owner's words.
    pub fix: &'static str,
}

impl Reason {
    /// The published code.
    pub fn code(self) -> &'static str {
        self.entry().code
    }

    /// It stops nothing, and still somebody has to do something: it stands among the open causes until that is seen.
    pub const fn opens_task(self) -> bool {
        let task = matches!(
            self,
            Reason::KeptNeedsPortalCompletion | Reason::EmailChangedOldAppts | Reason::DemographicsConflict
        );
        task || self.limits_outreach()
    }

    /// The visit syncs, and what the patient would be told of it is not told, or not as it should be.
    pub const fn limits_outreach(self) -> bool {
        matches!(
            self,
            Reason::CommunicationRestricted
                | Reason::MobileMissing
                | Reason::LanguageMismatch
                | Reason::PortalAccountInactive
                | Reason::ContactConflict
                | Reason::ContactDuplicated
        )
    }

    /// Reads a published code back.
    pub fn from_code(code: &str) -> Option<Reason> {
        Reason::ALL.iter().copied().find(|reason| reason.code() == code)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Reason, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Reason::from_code(&code).ok_or_else(|| serde::de::Error::custom(format!("there is no reason {code:?}")))
    }
}

impl<C> Encode<C> for Reason {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.u16(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Reason {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Reason, decode::Error> {
        let number = d.u16()?;
        Reason::from_number(number).ok_or_else(|| decode::Error::message("a reason this version does not know"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_and_numbers_are_unique_and_read_back() {
        let mut codes = HashSet::new();
        let mut numbers = HashSet::new();
        for reason in Reason::ALL.iter().copied() {
            assert!(codes.insert(reason.code()) && numbers.insert(reason.number()), "{reason}");
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
            assert_eq!(Reason::from_number(reason.number()), Some(reason));
        }
    }

    #[test]
    fn x_5_every_reason_has_an_owner_a_fix_and_an_end() {
        for reason in Reason::ALL.iter().copied() {
            let entry = reason.entry();
            assert!(!entry.what.is_empty() && !entry.says.is_empty() && !entry.fix.is_empty(), "{reason}");
            assert!(entry.says.ends_with('.') && entry.fix.ends_with('.'), "{reason}: sentences end with a full stop");
            // Whoever waits needs someone to wait for; whoever is not waited for needs no fix of their own.
            if entry.class == Class::Held || entry.class == Class::Failed {
                assert!(!matches!(entry.owner, OwnerRole::Nobody), "{reason} stops visits and has no owner");
            }
            if entry.owner == OwnerRole::Engine {
                assert_eq!(entry.heals, Heals::Alone, "{reason}: what the engine owns, it mends alone");
            }
        }
    }
}
