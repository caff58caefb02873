//! Wake keys: the facts a decision waits for. When one changes, exactly the appointments under it are decided again.

use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};
use std::fmt;
use std::str::FromStr;

/// A fact that may change.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
pub enum WakeKey {
    /// Anything about a provider: link, registration, activity. By source id.
    #[n(0)]
    Provider(#[n(0)] Text),
    /// Anything about a patient: record, link, e-mail. By source id.
    #[n(1)]
    Patient(#[n(0)] Text),
    /// A visit type, by the name or id the source uses.
    #[n(2)]
    Type(#[n(0)] Text),
    /// A department, by source id.
    #[n(3)]
    Department(#[n(0)] Text),
    /// The integration: lifecycle, endpoint, users.
    #[n(4)]
    Integration,
    /// Profile values, status words and other rules.
    #[n(5)]
    Profile,
    /// An instant that is reached.
    #[n(6)]
    Time(#[n(0)] Moment),
    /// An account of the platform that nobody of the source is linked to yet, by its id there; [`ANY_ACCOUNT`].
    #[n(7)]
    Account(#[n(0)] Text),
}

/// In the place of an account's id: that there are any that are not linked.
pub const ANY_ACCOUNT: &str = "*";

/// `provider:DR9`, `integration`, `time:2026-11-30T15:00:00Z`.
impl fmt::Display for WakeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WakeKey::Provider(id) => write!(f, "provider:{id}"),
            WakeKey::Patient(id) => write!(f, "patient:{id}"),
            WakeKey::Type(id) => write!(f, "type:{id}"),
            WakeKey::Department(id) => write!(f, "department:{id}"),
            WakeKey::Account(id) => write!(f, "account:{id}"),
            WakeKey::Integration => f.write_str("integration"),
            WakeKey::Profile => f.write_str("profile"),
            WakeKey::Time(moment) => write!(f, "time:{moment}"),
        }
    }
}

/// A text that is no wake key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a wake key: use provider:ID, patient:ID, type:NAME, department:ID, account:ID, integration, profile or time:INSTANT"
)]
pub struct NotAWakeKey;

impl FromStr for WakeKey {
    type Err = NotAWakeKey;
    fn from_str(text: &str) -> Result<WakeKey, NotAWakeKey> {
        match text.split_once(':') {
            None if text == "integration" => Ok(WakeKey::Integration),
            None if text == "profile" => Ok(WakeKey::Profile),
            Some(("provider", id)) => Ok(WakeKey::Provider(id.into())),
            Some(("patient", id)) => Ok(WakeKey::Patient(id.into())),
            Some(("type", id)) => Ok(WakeKey::Type(id.into())),
            Some(("department", id)) => Ok(WakeKey::Department(id.into())),
            Some(("account", id)) => Ok(WakeKey::Account(id.into())),
            Some(("time", at)) => {
                at.parse::<jiff::Timestamp>().map(|at| WakeKey::Time(at.into())).map_err(|_| NotAWakeKey)
            }
            _ => Err(NotAWakeKey),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_what_they_print() {
        let keys = [
            WakeKey::Provider("DR9".into()),
            WakeKey::Type("Visit: long".into()),
            WakeKey::Account("pat_1".into()),
            WakeKey::Account(ANY_ACCOUNT.into()),
            WakeKey::Integration,
            WakeKey::Profile,
            WakeKey::Time(Moment::from_micros(1_764_000_000_000_000)),
        ];
        for key in keys {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert!("doctor:DR9".parse::<WakeKey>().is_err());
    }
}
