//! Who must act (requirement X-5).

use crate::checks::DataCheck;
use crate::reasons::Reason;
use crate::setup::{OwnerDoc, SetupError};
use crate::text::Text;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A role that owns causes. Every reason names exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum OwnerRole {
    /// Punctual itself mends it.
    #[n(0)]
    Engine,
    /// The clinic's front desk.
    #[n(1)]
    Desk,
    /// The practice's administrator.
    #[n(2)]
    Admin,
    /// The platform's support.
    #[n(3)]
    Support,
    /// The integration engineer.
    #[n(4)]
    Engineer,
    /// The vendor of the practice system.
    #[n(5)]
    EhrVendor,
    /// The patient, or who stands in for them.
    #[n(6)]
    Patient,
    /// Nobody has to do anything.
    #[n(7)]
    Nobody,
}

impl OwnerRole {
    /// The word used in the API and in documents.
    pub const fn word(self) -> &'static str {
        match self {
            OwnerRole::Engine => "engine",
            OwnerRole::Desk => "desk",
            OwnerRole::Admin => "admin",
            OwnerRole::Support => "support",
            OwnerRole::Engineer => "engineer",
            OwnerRole::EhrVendor => "ehr_vendor",
            OwnerRole::Patient => "patient",
            OwnerRole::Nobody => "nobody",
        }
    }

    /// As people say it.
    pub const fn label(self) -> &'static str {
        match self {
            OwnerRole::Engine => "Punctual",
            OwnerRole::Desk => "Front desk",
            OwnerRole::Admin => "Practice admin",
            OwnerRole::Support => "Platform support",
            OwnerRole::Engineer => "Integration engineer",
            OwnerRole::EhrVendor => "Practice-system vendor",
            OwnerRole::Patient => "Patient",
            OwnerRole::Nobody => "Nobody",
        }
    }
}

impl fmt::Display for OwnerRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl OwnerRole {
    /// Who of a practice acts for a role that nobody is named for: somebody stands in for whoever is not of it.
    pub const fn stand_in(self) -> Option<OwnerRole> {
        match self {
            OwnerRole::Patient => Some(OwnerRole::Desk),
            OwnerRole::EhrVendor => Some(OwnerRole::Admin),
            OwnerRole::Engine
            | OwnerRole::Desk
            | OwnerRole::Admin
            | OwnerRole::Support
            | OwnerRole::Engineer
            | OwnerRole::Nobody => None,
        }
    }

    /// Somebody of this role has to act.
    pub const fn acts(self) -> bool {
        !matches!(self, OwnerRole::Engine | OwnerRole::Nobody)
    }
}

/// The person behind a role at one practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Which kind of cause.
    pub role: OwnerRole,
    /// Only causes of this reason.
    pub code: Option<Reason>,
    /// Only what this data check found; the code is that of such causes then.
    pub check: Option<DataCheck>,
    /// Their place on the path of such causes; 0: they are the first to act.
    pub step: u32,
    /// Who.
    pub name: Text,
    /// Where to write.
    pub email: Option<Text>,
}

impl Owner {
    /// As a document names them.
    pub(crate) fn of(doc: &OwnerDoc) -> Result<Owner, SetupError> {
        let code = match (doc.check, doc.code) {
            (Some(check), Some(code)) if code != Reason::DataCheckFailed => {
                return Err(SetupError::CheckOfAnotherCode { check: check.word(), code });
            }
            (Some(_), _) => Some(Reason::DataCheckFailed),
            (None, code) => code,
        };
        let OwnerDoc { role, check, step, .. } = *doc;
        Ok(Owner { role, code, check, step, name: doc.name.clone(), email: doc.email.clone() })
    }
}
