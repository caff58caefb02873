//! Writing an answer.

use super::{AckCode, ErrorCode, Origin, Severity};
use crate::hl7::position::Location;
use crate::hl7::version::Version;
use crate::hl7::write::MessageWriter;

/// One thing that was wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem<'a> {
    /// Where, if it has a place.
    pub location: Option<Location>,
    /// What, as a code of table 0357.
    pub code: ErrorCode,
    /// How bad.
    pub severity: Severity,
    /// For the sender's engineer (ERR-7). Never a patient's data: answers end up in logs.
    pub diagnostic: &'a str,
    /// For the sender's user (ERR-8). The same.
    pub user_message: &'a str,
}

impl<'a> Problem<'a> {
    /// An error with a code and a sentence for the sender's engineer.
    #[must_use]
    pub fn error(code: ErrorCode, diagnostic: &'a str) -> Self {
        Self { location: None, code, severity: Severity::Error, diagnostic, user_message: "" }
    }

    /// The same, with its place.
    #[must_use]
    pub fn at(self, location: Location) -> Self {
        Self { location: Some(location), ..self }
    }
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack<'a> {
    /// MSA-1.
    pub code: AckCode,
    /// Our own MSH-10.
    pub control_id: &'a str,
    /// Our own MSH-7, with its offset.
    pub time: &'a str,
    /// What was wrong; nothing when all is well.
    pub problems: &'a [Problem<'a>],
}

/// What is echoed as MSH-12 when the sender's was not there.
const DEFAULT_VERSION: &str = "2.5.1";

/// Appends an answer to `out`, without framing. Uses no memory but `out`.
///
/// The answer goes back where the message came from, in its version, delimiters and character set, and repeats its
/// control id byte for byte (HL7 v2.5.1 §2.9.2, §2.15.8). Through 2.4 the places of problems go in one ERR-1 and the
/// first sentence in MSA-3; from 2.5 there is one ERR for each problem (§2.15.5).
pub fn write(out: &mut Vec<u8>, origin: &Origin<'_>, ack: &Ack<'_>) {
    let has_long_err = origin.version().is_none_or(Version::has_long_err);
    let header = origin.header.up_to_field(18).fields();
    let echo = |number: usize| header.get(number).raw();
    let mut writer = MessageWriter::new(out, origin.delimiters, origin.charset);

    writer.header();
    for (ours, theirs) in [(3, 5), (4, 6), (5, 3), (6, 4)] {
        writer.field(ours).raw(echo(theirs));
    }
    writer.field(7).text(ack.time);
    writer.field(9).text("ACK");
    let event = header.get(9).component(2).raw();
    if !event.is_empty() {
        writer.component(2).raw(event).component(3).text("ACK");
    }
    writer.field(10).text(ack.control_id).field(11).raw(echo(11)).field(12);
    match echo(12) {
        [] => writer.text(DEFAULT_VERSION),
        version => writer.raw(version),
    };
    writer.field(18).raw(echo(18));

    writer.segment(b"MSA").field(1).text(ack.code.as_str()).field(2).raw(origin.control_id());
    if has_long_err {
        for problem in ack.problems {
            long_err(&mut writer, problem);
        }
    } else if let Some(first) = ack.problems.first() {
        let sentence = if first.diagnostic.is_empty() { first.user_message } else { first.diagnostic };
        writer.field(3).text(sentence);
        short_err(&mut writer, ack.problems);
    }
}

/// ERR from 2.5 on.
fn long_err(writer: &mut MessageWriter<'_>, problem: &Problem<'_>) {
    writer.segment(b"ERR");
    if let Some(location) = problem.location {
        writer.field(2).raw(location.segment.as_bytes()).component(2).number(u32::from(location.sequence));
        let levels = [location.field, location.repetition, location.component, location.subcomponent];
        for (component, level) in (3..).zip(levels) {
            if let Some(level) = level {
                writer.component(component).number(u32::from(level));
            }
        }
    }
    writer.field(3).number(u32::from(problem.code.0)).component(2).text(problem.code.text());
    writer.component(3).text("HL70357").field(4).text(problem.severity.as_str());
    writer.field(7).text(problem.diagnostic).field(8).text(problem.user_message);
}

/// ERR through 2.4: one field, a repetition for each problem, code and text as subcomponents.
fn short_err(writer: &mut MessageWriter<'_>, problems: &[Problem<'_>]) {
    writer.segment(b"ERR").field(1);
    for (repetition, problem) in (1..).zip(problems) {
        writer.repetition(repetition);
        if let Some(location) = problem.location {
            writer.raw(location.segment.as_bytes()).component(2).number(u32::from(location.sequence));
            if let Some(field) = location.field {
                writer.component(3).number(u32::from(field));
            }
        }
        writer.component(4).number(u32::from(problem.code.0)).subcomponent(2).text(problem.code.text());
        writer.subcomponent(3).text("HL70357");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hl7::{Charset, Message};

    const OK: Ack<'_> =
        Ack { code: AckCode::ApplicationAccept, control_id: "P1", time: "20270401080001+0000", problems: &[] };

    fn answer(message: &str, ack: &Ack<'_>) -> String {
        let message = Message::parse(message.as_bytes()).unwrap();
        let mut out = Vec::new();
        write(&mut out, &Origin::of(&message, message.charset(None)), ack);
        String::from_utf8(out).unwrap().replace('\r', "\n")
    }

    fn message(version: &str) -> String {
        format!("MSH|^~\\&|EHR^1.2^ISO|EAST|PUNCTUAL|WEST|20270401||SIU^S12^SIU_S12|aB\\T\\7|P^T|{version}||||||8859/1")
    }

    #[test]
    fn an_answer_goes_back_to_the_sender_with_its_own_id() {
        let header =
            "MSH|^~\\&|PUNCTUAL|WEST|EHR^1.2^ISO|EAST|20270401080001+0000||ACK^S12^ACK|P1|P^T|2.5.1||||||8859/1\n";
        assert_eq!(answer(&message("2.5.1"), &OK), format!("{header}MSA|AA|aB\\T\\7\n"));
    }

    #[test]
    fn from_2_5_each_problem_has_its_segment() {
        let problems = [
            Problem::error(ErrorCode::DATA_TYPE, "No such month.").at(Location::field(b"SCH", 1, 11).component(4)),
            Problem {
                location: None,
                code: ErrorCode(999),
                severity: Severity::Warning,
                diagnostic: "",
                user_message: "Tell us & wait",
            },
        ];
        let ack = Ack { code: AckCode::ApplicationError, problems: &problems, ..OK };
        for version in ["2.5", "2.5.1", "2.8.2", "2.5^DEU&&HL70399", "", "odd"] {
            let text = answer(&message(version), &ack);
            let expected = "MSA|AE|aB\\T\\7\n\
                ERR||SCH^1^11^1^4|102^Data type error^HL70357|E|||No such month.\n\
                ERR|||999^^HL70357|W||||Tell us \\T\\ wait\n";
            assert!(text.ends_with(expected), "{version}: {text}");
        }
    }

    #[test]
    fn through_2_4_problems_share_one_field_and_the_first_has_a_sentence() {
        let problems = [
            Problem::error(ErrorCode::REQUIRED_FIELD_MISSING, "SCH-2 is empty.").at(Location::field(b"SCH", 1, 2)),
            Problem::error(ErrorCode::UNSUPPORTED_EVENT, ""),
        ];
        let ack = Ack { code: AckCode::ApplicationReject, problems: &problems, ..OK };
        for version in ["2.2", "2.3", "2.3.1", "2.4"] {
            let text = answer(&message(version), &ack);
            let expected = "MSA|AR|aB\\T\\7|SCH-2 is empty.\n\
                ERR|SCH^1^2^101&Required field missing&HL70357~^^^201&Unsupported event code&HL70357\n";
            assert!(text.ends_with(expected), "{version}: {text}");
        }
    }

    #[test]
    fn the_senders_delimiters_and_letters_are_used() {
        let problems = [Problem::error(ErrorCode::INTERNAL, "Später % noch 許 mal")];
        let ack = Ack { code: AckCode::CommitError, problems: &problems, ..OK };
        let bytes = "MSH$%*/@$A$B$C$D$1$$SIU%S12$9$P$2.5$$$$$$8859/1\r";
        let message = Message::parse(bytes.as_bytes()).unwrap();
        let mut out = Vec::new();
        write(&mut out, &Origin::of(&message, message.charset(None)), &ack);
        let expected = b"MSH$%*/@$C$D$A$B$20270401080001+0000$$ACK%S12%ACK$P1$P$2.5$$$$$$8859/1\rMSA$CE$9\r\
            ERR$$$207%Application internal error%HL70357$E$$$Sp\xe4ter /S/ noch ? mal\r";
        assert_eq!(out, expected, "{}", String::from_utf8_lossy(&out));
    }

    #[test]
    fn an_event_that_is_missing_is_not_made_up() {
        let text = answer("MSH|^~\\&|A|B|C|D|1||SIU|9|P|2.3\r", &OK);
        assert!(text.contains("||ACK|P1|P|2.3\nMSA|AA|9\n"), "{text}");
        let bare = answer("MSH|^|A|B|C|D|1||SIU^S12|9|P|2.3\r", &OK);
        assert!(bare.starts_with("MSH|^|C|D|A|B|20270401080001+0000||ACK^S12^ACK|P1|"), "{bare}");
    }

    #[test]
    fn what_could_not_be_read_is_answered_with_what_was_found() {
        let problems = [Problem::error(ErrorCode::SEGMENT_SEQUENCE, "The message does not begin with MSH.")];
        let ack = Ack { code: AckCode::ApplicationReject, problems: &problems, ..OK };
        let answer = |bytes: &[u8]| {
            let mut out = Vec::new();
            write(&mut out, &Origin::salvage(bytes), &ack);
            String::from_utf8(out).unwrap().replace('\r', "\n")
        };
        let err = "ERR|||100^Segment sequence error^HL70357|E|||The message does not begin with MSH.\n";
        assert_eq!(answer(b"Dear Sir"), format!("MSH|^~\\&|||||20270401080001+0000||ACK|P1||2.5.1\nMSA|AR\n{err}"));
        assert_eq!(
            answer(b"?MSH|^~\\&|A|B|C|D|1||SIU^S12|9|P|2.5\rSCH"),
            format!("MSH|^~\\&|C|D|A|B|20270401080001+0000||ACK^S12^ACK|P1|P|2.5\nMSA|AR|9\n{err}")
        );
    }

    #[test]
    fn writing_uses_no_memory_but_the_buffer() {
        let text = message("2.5.1");
        let message = Message::parse(text.as_bytes()).unwrap();
        let mut out = Vec::with_capacity(1024);
        let before = (out.as_ptr(), out.capacity());
        write(&mut out, &Origin::of(&message, Charset::UTF_8), &OK);
        assert_eq!((out.as_ptr(), out.capacity()), before);
    }
}
