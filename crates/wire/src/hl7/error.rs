//! Why bytes could not be read as one message.

use super::position::Position;
use std::fmt;

/// What was wrong. Everything milder is a [note](super::Note) on a message that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Nothing but blanks and line breaks.
    Empty,
    /// Bytes as UTF-16 or UTF-32 would have them; those sets do not travel as single bytes.
    WideCharacters,
    /// The first segment is not MSH.
    NoHeader,
    /// MSH ends before MSH-2 does.
    HeaderTruncated,
    /// The byte after `MSH` is a letter, a digit, a blank or a line break and cannot separate fields.
    FieldSeparator,
    /// MSH-2 holds letters or digits where delimiters are declared.
    EncodingCharacters,
    /// The bytes begin with FHS or BHS: a file of messages, to be read with [`batch`](super::batch).
    Batch,
    /// A second MSH follows. Reading on would mix two patients, so nothing is read; see [`batch`](super::batch).
    SecondHeader,
    /// More than 4 GiB.
    TooLong,
}

impl Reason {
    /// A plain sentence for the person who has to talk to the sender.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "The message is empty.",
            Self::WideCharacters => "The message is in UTF-16 or UTF-32; send UTF-8 or a single-byte set.",
            Self::NoHeader => "The message does not begin with MSH.",
            Self::HeaderTruncated => "The MSH segment ends before its second field does.",
            Self::FieldSeparator => "The byte after MSH cannot be a field separator.",
            Self::EncodingCharacters => "MSH-2 does not declare delimiters: it holds letters or digits.",
            Self::Batch => "This is a file of messages (FHS or BHS), not one message.",
            Self::SecondHeader => "A second MSH follows; each message must be sent by itself.",
            Self::TooLong => "The message is too long.",
        }
    }

    /// A stable word for logs and counters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::WideCharacters => "wide_characters",
            Self::NoHeader => "no_header",
            Self::HeaderTruncated => "header_truncated",
            Self::FieldSeparator => "field_separator",
            Self::EncodingCharacters => "encoding_characters",
            Self::Batch => "batch",
            Self::SecondHeader => "second_header",
            Self::TooLong => "too_long",
        }
    }
}

/// Bytes that are not one readable message, with the place that shows it. Holds no part of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What was wrong.
    pub reason: Reason,
    /// Where.
    pub position: Position,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} At {}.", self.reason.sentence(), self.position)
    }
}

impl std::error::Error for ParseError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_own_word_and_sentence() {
        use Reason::*;
        let reasons = [
            Empty,
            WideCharacters,
            NoHeader,
            HeaderTruncated,
            FieldSeparator,
            EncodingCharacters,
            Batch,
            SecondHeader,
            TooLong,
        ];
        for (index, reason) in reasons.iter().enumerate() {
            assert!(reason.sentence().ends_with('.') && reason.as_str().is_ascii());
            for other in &reasons[..index] {
                assert_ne!(reason.as_str(), other.as_str());
                assert_ne!(reason.sentence(), other.sentence());
            }
        }
    }
}
