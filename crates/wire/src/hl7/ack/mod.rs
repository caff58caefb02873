//! Answers: which are due ([`AckRequest`]), writing them ([`write`](self::write())), and reading those that we get
//! ([`Reply`]).
//!
//! *Original mode* (HL7 v2.5.1 §2.9.2): MSH-15 and MSH-16 are both empty, and one application answer is due.
//! *Enhanced mode* (§2.9.3): MSH-15 says when a commit answer is due (the message is stored, or is not), MSH-16 when
//! an application answer is.

mod mode;
mod origin;
mod read;
mod write;

pub use mode::{AckRequest, Condition, Outcome};
pub use origin::Origin;
pub use read::{NotAReply, Reply, ReportedError};
pub use write::{Ack, Problem, write};

use std::fmt;

/// MSA-1 (HL7 table 0008).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AckCode {
    /// `AA`: processed.
    ApplicationAccept,
    /// `AE`: understood, but it could not be processed.
    ApplicationError,
    /// `AR`: refused before processing.
    ApplicationReject,
    /// `CA`: stored; the sender need not send it again.
    CommitAccept,
    /// `CE`: could not be stored.
    CommitError,
    /// `CR`: refused; it will not be stored.
    CommitReject,
}

impl AckCode {
    /// The two letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationAccept => "AA",
            Self::ApplicationError => "AE",
            Self::ApplicationReject => "AR",
            Self::CommitAccept => "CA",
            Self::CommitError => "CE",
            Self::CommitReject => "CR",
        }
    }

    /// Reads the two letters, in either case, blanks around them ignored.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let [a, b] = value.trim_ascii() else { return None };
        Some(match &[a.to_ascii_uppercase(), b.to_ascii_uppercase()] {
            b"AA" => Self::ApplicationAccept,
            b"AE" => Self::ApplicationError,
            b"AR" => Self::ApplicationReject,
            b"CA" => Self::CommitAccept,
            b"CE" => Self::CommitError,
            b"CR" => Self::CommitReject,
            _ => return None,
        })
    }

    /// Whether it answers only that the message was stored or not.
    #[must_use]
    pub fn is_commit(self) -> bool {
        matches!(self, Self::CommitAccept | Self::CommitError | Self::CommitReject)
    }

    /// `AA` or `CA`.
    #[must_use]
    pub fn is_accept(self) -> bool {
        matches!(self, Self::ApplicationAccept | Self::CommitAccept)
    }
}

/// ERR-3 (HL7 table 0357).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(pub u16);

impl ErrorCode {
    /// Nothing is wrong; for notices.
    pub const ACCEPTED: Self = Self(0);
    /// Segments are missing or in the wrong order.
    pub const SEGMENT_SEQUENCE: Self = Self(100);
    /// A field that is needed is empty.
    pub const REQUIRED_FIELD_MISSING: Self = Self(101);
    /// A value is not of the field's type.
    pub const DATA_TYPE: Self = Self(102);
    /// A code is not in its table.
    pub const TABLE_VALUE_NOT_FOUND: Self = Self(103);
    /// A value is too long.
    pub const VALUE_TOO_LONG: Self = Self(104);
    /// MSH-9.1 is not for us.
    pub const UNSUPPORTED_MESSAGE_TYPE: Self = Self(200);
    /// MSH-9.2 is not for us.
    pub const UNSUPPORTED_EVENT: Self = Self(201);
    /// MSH-11 is not for us, such as a test message on a live feed.
    pub const UNSUPPORTED_PROCESSING_ID: Self = Self(202);
    /// MSH-12 is not for us.
    pub const UNSUPPORTED_VERSION: Self = Self(203);
    /// The message names something that is not there.
    pub const UNKNOWN_KEY: Self = Self(204);
    /// The message adds something that is already there.
    pub const DUPLICATE_KEY: Self = Self(205);
    /// The record is locked; it may go better later.
    pub const RECORD_LOCKED: Self = Self(206);
    /// The receiver's own trouble.
    pub const INTERNAL: Self = Self(207);

    /// The table's text for the code, or nothing.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self.0 {
            0 => "Message accepted",
            100 => "Segment sequence error",
            101 => "Required field missing",
            102 => "Data type error",
            103 => "Table value not found",
            104 => "Value too long",
            200 => "Unsupported message type",
            201 => "Unsupported event code",
            202 => "Unsupported processing id",
            203 => "Unsupported version id",
            204 => "Unknown key identifier",
            205 => "Duplicate key identifier",
            206 => "Application record locked",
            207 => "Application internal error",
            _ => "",
        }
    }

    /// Whether the same message may be taken later: the other side's own trouble, or a lock.
    #[must_use]
    pub fn may_pass_later(self) -> bool {
        matches!(self, Self::RECORD_LOCKED | Self::INTERNAL)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// ERR-4 (HL7 table 0516).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// `E`
    Error,
    /// `W`
    Warning,
    /// `I`
    Information,
    /// `F`, in later versions.
    Fatal,
}

impl Severity {
    /// The letter.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "E",
            Self::Warning => "W",
            Self::Information => "I",
            Self::Fatal => "F",
        }
    }

    /// Reads the letter.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        Some(match value.trim_ascii() {
            b"E" | b"e" => Self::Error,
            b"W" | b"w" => Self::Warning,
            b"I" | b"i" => Self::Information,
            b"F" | b"f" => Self::Fatal,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_codes_are_read_as_they_are_written() {
        use AckCode::*;
        for code in [ApplicationAccept, ApplicationError, ApplicationReject, CommitAccept, CommitError, CommitReject] {
            let lower = format!(" {} ", code.as_str().to_lowercase());
            assert_eq!(AckCode::parse(lower.as_bytes()), Some(code));
            assert_eq!(code.is_commit(), code.as_str().starts_with('C'));
            assert_eq!(code.is_accept(), code.as_str().ends_with('A'));
        }
        assert_eq!(AckCode::parse(b"OK"), None);
        assert_eq!(AckCode::parse(b"AAA"), None);
    }

    #[test]
    fn severities_are_read_as_they_are_written() {
        for severity in [Severity::Error, Severity::Warning, Severity::Information, Severity::Fatal] {
            assert_eq!(Severity::parse(severity.as_str().as_bytes()), Some(severity));
            assert_eq!(Severity::parse(severity.as_str().to_lowercase().as_bytes()), Some(severity));
        }
        assert_eq!(Severity::parse(b"?"), None);
    }

    #[test]
    fn every_code_of_table_0357_has_its_text() {
        let texts: Vec<_> = (0..300).map(ErrorCode).filter(|code| !code.text().is_empty()).collect();
        assert_eq!(
            texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            "0 100 101 102 103 104 200 201 202 203 204 205 206 207"
        );
        let later: Vec<_> = texts.iter().filter(|code| code.may_pass_later()).map(|code| code.text()).collect();
        assert_eq!(later, ["Application record locked", "Application internal error"]);
    }
}
