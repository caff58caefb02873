//! Reading the answers to messages that we sent.

use super::{AckCode, ErrorCode, Severity};
use crate::hl7::field::{Component, Field, Repetition};
use crate::hl7::message::Message;
use crate::hl7::position::{Location, SegmentName};
use crate::hl7::segment::Segment;
use std::fmt;

/// An answer to a message of ours.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// MSA-1.
    pub code: AckCode,
    /// MSA-2 as received: the control id of the message that is answered. An answer with another id than the one
    /// waited for is late and belongs to an earlier message.
    pub answers: Field<'a>,
    /// MSA-3, a sentence that older systems send.
    pub text: Field<'a>,
}

/// The message is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAReply {
    /// It has no MSA segment.
    NoMsa,
    /// MSA-1 is not in table 0008.
    UnknownCode,
}

impl fmt::Display for NotAReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoMsa => "The message is no answer: it has no MSA segment.",
            Self::UnknownCode => "The answer's code (MSA-1) is unknown.",
        })
    }
}

impl std::error::Error for NotAReply {}

/// One problem that the other side reports, in either layout of ERR.
#[derive(Clone, Copy, Debug)]
pub struct ReportedError<'a> {
    /// Where, if it was said and makes sense.
    pub location: Option<Location>,
    /// The code of table 0357, if it is a number.
    pub code: Option<ErrorCode>,
    /// The code's text.
    pub text: Component<'a>,
    /// How bad, from 2.5 on.
    pub severity: Option<Severity>,
    /// ERR-7, from 2.5 on.
    pub diagnostic: Field<'a>,
    /// ERR-8, from 2.5 on.
    pub user_message: Field<'a>,
}

impl<'a> Reply<'a> {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// When the message is not one.
    pub fn read(message: &Message<'a>) -> Result<Self, NotAReply> {
        let msa = message.first(b"MSA").ok_or(NotAReply::NoMsa)?;
        let code = AckCode::parse(msa.field(1).component(1).raw()).ok_or(NotAReply::UnknownCode)?;
        Ok(Self { code, answers: msa.field(2), text: msa.field(3) })
    }

    /// The problems that the answer reports.
    pub fn errors(message: &Message<'a>) -> impl Iterator<Item = ReportedError<'a>> {
        let nothing = Field::new(&[], message.delimiters());
        message.all(b"ERR").flat_map(move |err| {
            // The layout is told by what is there: senders and their MSH-12 do not always agree.
            let is_long = (2..=12).any(|number| err.field(number).has_value());
            let long = is_long.then(|| long(&err));
            let short = (!is_long).then(|| err.field(1).repetitions()).into_iter().flatten();
            let short = short.filter(Repetition::has_value).map(move |repetition| {
                let code = repetition.component(4);
                ReportedError {
                    location: location([1, 2, 3, 0, 0, 0].map(|number| repetition.component(number))),
                    code: number(code.subcomponent(1).raw()).map(ErrorCode),
                    text: Component::new(code.subcomponent(2).raw(), message.delimiters()),
                    severity: None,
                    diagnostic: nothing,
                    user_message: nothing,
                }
            });
            long.into_iter().chain(short)
        })
    }
}

fn long<'a>(err: &Segment<'a>) -> ReportedError<'a> {
    let at = err.field(2).repetition(1);
    let code = err.field(3);
    ReportedError {
        location: location([1, 2, 3, 4, 5, 6].map(|number| at.component(number))),
        code: number(code.component(1).raw()).map(ErrorCode),
        text: code.component(2),
        severity: Severity::parse(err.field(4).raw()),
        diagnostic: err.field(7),
        user_message: err.field(8),
    }
}

fn location(parts: [Component<'_>; 6]) -> Option<Location> {
    let [segment, sequence, levels @ ..] = parts;
    if !segment.has_value() {
        return None;
    }
    let [field, repetition, component, subcomponent] = levels.map(|level| number(level.raw()));
    let sequence = number(sequence.raw()).unwrap_or(1);
    Some(Location { segment: SegmentName::new(segment.raw()), sequence, field, repetition, component, subcomponent })
}

fn number(value: &[u8]) -> Option<u16> {
    std::str::from_utf8(value.trim_ascii()).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::{Ack, Origin, Problem, write};
    use super::*;
    use crate::hl7::Charset;

    const HEADER: &str = "MSH|^~\\&|A|B|C|D|20270401||ACK^S01|9|P|2.5\r";

    fn reported(more: &str) -> Vec<(String, Option<u16>, String)> {
        let text = format!("{HEADER}MSA|AE|7\r{more}");
        let message = Message::parse(text.as_bytes()).unwrap();
        Reply::errors(&message)
            .map(|error| {
                let place = error.location.map_or(String::new(), |location| location.to_string());
                (place, error.code.map(|code| code.0), error.text.text(&Charset::UTF_8).into_owned())
            })
            .collect()
    }

    #[test]
    fn answers_are_read() {
        let text = format!("{HEADER}MSA|ae|aB7|No slot\r");
        let reply = Reply::read(&Message::parse(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(
            (reply.code, reply.answers.raw(), reply.text.raw()),
            (AckCode::ApplicationError, &b"aB7"[..], &b"No slot"[..])
        );
        assert!(!reply.code.is_accept() && !reply.code.is_commit());
    }

    #[test]
    fn what_is_no_answer_is_said() {
        for (more, expected) in [("", NotAReply::NoMsa), ("MSA|OK|7", NotAReply::UnknownCode)] {
            let text = format!("{HEADER}{more}");
            let message = Message::parse(text.as_bytes()).unwrap();
            assert_eq!(Reply::read(&message).unwrap_err(), expected);
        }
    }

    #[test]
    fn both_layouts_of_err_are_read() {
        let long = reported("ERR||SCH^1^11^1^4|102^Data type error^HL70357|E|||why|what\rERR|||207|F\r");
        let first = ("SCH-11.4".into(), Some(102), "Data type error".into());
        assert_eq!(long, [first, (String::new(), Some(207), String::new())]);
        let short = reported("ERR|SCH^1^2^101&Required field missing&HL70357~PID^2^3^204\r");
        let first = ("SCH-2".into(), Some(101), "Required field missing".into());
        assert_eq!(short, [first, ("PID[2]-3".into(), Some(204), String::new())]);
        assert_eq!(reported("ERR|\rERR\r"), []);
    }

    #[test]
    fn what_we_write_we_read() {
        let problem = Problem::error(ErrorCode::UNKNOWN_KEY, "No such id").at(Location::field(b"AIP", 2, 3));
        for version in ["2.3", "2.5.1"] {
            let text = format!("MSH|^~\\&|A|B|C|D|1||SRM^S01|q-1|P|{version}\r");
            let message = Message::parse(text.as_bytes()).unwrap();
            let ack = Ack { code: AckCode::ApplicationReject, control_id: "1", time: "2027", problems: &[problem] };
            let mut out = Vec::new();
            write(&mut out, &Origin::of(&message, Charset::UTF_8), &ack);
            let answer = Message::parse(&out).unwrap();
            assert_eq!(Reply::read(&answer).unwrap().answers.raw(), b"q-1");
            let errors: Vec<_> = Reply::errors(&answer).collect();
            assert_eq!(errors.len(), 1);
            assert_eq!(errors[0].code, Some(ErrorCode::UNKNOWN_KEY));
            assert_eq!(errors[0].location.unwrap().field, Some(3));
            assert!(!ErrorCode::UNKNOWN_KEY.may_pass_later() && ErrorCode::INTERNAL.may_pass_later());
        }
    }
}
