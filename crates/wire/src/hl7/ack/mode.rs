//! Which answers a sender wants, from MSH-15 and MSH-16.

use super::AckCode;
use crate::hl7::message::Message;
use crate::hl7::segment::Segment;

/// When an answer is wanted (HL7 table 0155).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// `AL`
    Always,
    /// `NE`
    Never,
    /// `ER`: only when something went wrong.
    OnError,
    /// `SU`: only when nothing did.
    OnSuccess,
}

/// What became of a message, at one of the two levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Stored, or processed.
    Accepted,
    /// Not now: understood, but there was trouble.
    Failed,
    /// Never: not for us, or not readable.
    Rejected,
}

/// The answers that a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AckRequest {
    /// Whether MSH-15 or MSH-16 was valued.
    pub is_enhanced: bool,
    /// When a commit answer is due.
    pub commit: Condition,
    /// When an application answer is due.
    pub application: Condition,
}

impl Condition {
    /// A word that is not in the table counts as always: an answer too many does less harm than a sender that waits.
    fn parse(value: &[u8]) -> Self {
        let is = |word: &[u8]| value.trim_ascii().eq_ignore_ascii_case(word);
        match () {
            () if is(b"NE") || is(b"") || is(b"\"\"") => Self::Never,
            () if is(b"ER") => Self::OnError,
            () if is(b"SU") => Self::OnSuccess,
            () => Self::Always,
        }
    }

    /// Whether an answer is due for an outcome.
    #[must_use]
    pub fn applies(self, outcome: Outcome) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::OnError => outcome != Outcome::Accepted,
            Self::OnSuccess => outcome == Outcome::Accepted,
        }
    }
}

impl AckRequest {
    /// For bytes in which nothing could be read: as in original mode.
    pub const ORIGINAL: Self = Self { is_enhanced: false, commit: Condition::Never, application: Condition::Always };

    /// No answer at all.
    pub const NONE: Self = Self { is_enhanced: false, commit: Condition::Never, application: Condition::Never };

    /// What a message asks for. An answer is never answered, save that an application answer sent as a message of
    /// its own may ask for a commit answer.
    #[must_use]
    pub fn of(message: &Message<'_>) -> Self {
        let header = message.header();
        let Some(msa) = message.first(b"MSA") else {
            return if is_ack(&header) { Self::NONE } else { Self::of_header(&header) };
        };
        let is_application = AckCode::parse(msa.field(1).raw()).is_some_and(|code| !code.is_commit());
        let asked = Self::of_header(&header);
        if asked.is_enhanced && is_application { Self { application: Condition::Never, ..asked } } else { Self::NONE }
    }

    pub(crate) fn of_header(header: &Segment<'_>) -> Self {
        let fields = [15, 16].map(|number| header.field(number));
        // Null says "clear", which for a switch is the same as not to set it.
        let is_enhanced = fields.iter().any(|field| field.has_value() && !field.raw().trim_ascii().is_empty());
        if !is_enhanced {
            return Self::ORIGINAL;
        }
        let [commit, application] = fields.map(|field| Condition::parse(field.raw()));
        Self { is_enhanced, commit, application }
    }

    /// The commit answer to give for an outcome of storing, if one is due.
    #[must_use]
    pub fn commit(&self, outcome: Outcome) -> Option<AckCode> {
        self.commit.applies(outcome).then_some(match outcome {
            Outcome::Accepted => AckCode::CommitAccept,
            Outcome::Failed => AckCode::CommitError,
            Outcome::Rejected => AckCode::CommitReject,
        })
    }

    /// The application answer to give for an outcome of processing, if one is due.
    #[must_use]
    pub fn application(&self, outcome: Outcome) -> Option<AckCode> {
        self.application.applies(outcome).then_some(match outcome {
            Outcome::Accepted => AckCode::ApplicationAccept,
            Outcome::Failed => AckCode::ApplicationError,
            Outcome::Rejected => AckCode::ApplicationReject,
        })
    }
}

fn is_ack(header: &Segment<'_>) -> bool {
    header.field(9).component(1).raw().trim_ascii().eq_ignore_ascii_case(b"ACK")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Outcome::{Accepted, Failed, Rejected};

    fn request(code: &str, accept: &str, application: &str, more: &str) -> AckRequest {
        let text = format!("MSH|^~\\&|A|B|C|D|20270401||{code}|1|P|2.5|||{accept}|{application}\r{more}");
        AckRequest::of(&Message::parse(text.as_bytes()).unwrap())
    }

    /// `commit application` for accepted, failed, rejected at both levels.
    fn answers(accept: &str, application: &str) -> String {
        let request = request("SIU^S12", accept, application, "");
        let word = |code: Option<AckCode>| code.map_or("--", AckCode::as_str);
        [Accepted, Failed, Rejected]
            .map(|o| format!("{} {}", word(request.commit(o)), word(request.application(o))))
            .join(", ")
    }

    #[test]
    fn original_mode_gets_one_application_answer() {
        assert_eq!(answers("", ""), "-- AA, -- AE, -- AR");
        assert_eq!(answers("\"\"", " "), "-- AA, -- AE, -- AR");
    }

    #[test]
    fn enhanced_mode_gets_what_it_asks_for() {
        for (accept, application, expected) in [
            ("AL", "NE", "CA --, CE --, CR --"),
            ("AL", "", "CA --, CE --, CR --"),
            ("NE", "AL", "-- AA, -- AE, -- AR"),
            ("", "AL", "-- AA, -- AE, -- AR"),
            ("AL", "AL", "CA AA, CE AE, CR AR"),
            ("ER", "ER", "-- --, CE AE, CR AR"),
            ("SU", "SU", "CA AA, -- --, -- --"),
            ("ER", "SU", "-- AA, CE --, CR --"),
            ("SU", "ER", "CA --, -- AE, -- AR"),
            ("NE", "NE", "-- --, -- --, -- --"),
            ("al", "ne", "CA --, CE --, CR --"),
            ("??", "", "CA --, CE --, CR --"),
        ] {
            assert_eq!(answers(accept, application), expected, "{accept} {application}");
        }
    }

    #[test]
    fn an_answer_is_never_answered_except_to_say_it_was_stored() {
        assert_eq!(request("ACK", "", "", "MSA|AA|1"), AckRequest::NONE);
        assert_eq!(request("ACK", "AL", "AL", ""), AckRequest::NONE);
        assert_eq!(request("SRR^S01", "", "", "MSA|AA|1"), AckRequest::NONE);
        assert_eq!(request("ACK", "AL", "AL", "MSA|CA|1"), AckRequest::NONE);
        let deferred = request("ACK^S12", "AL", "AL", "MSA|AA|1");
        assert_eq!((deferred.commit, deferred.application), (Condition::Always, Condition::Never));
    }
}
