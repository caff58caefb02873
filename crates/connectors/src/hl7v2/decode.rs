//! A message into records, or the reason why not, with its place.

use crate::hl7v2::paths::Hl7Paths;
use crate::hl7v2::patient::{patient_id, patient_record};
use crate::hl7v2::siu;
use crate::hl7v2::timing::Placing;
use crate::hl7v2::values::Reading;
use domain::model::{MergeRecord, Record, Stamp};
use domain::setup::RuleSet;
use domain::text::Text;
use domain::time::Moment;
use wire::hl7::ack::ErrorCode;
use wire::hl7::{Charset, Location, Message};

/// What is wrong with a message, for the sender's engineer. Holds no patient data.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Code of HL7 table 0357.
    pub code: ErrorCode,
    /// Where.
    pub location: Option<Location>,
    /// In a sentence.
    pub diagnostic: Text,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Decoded {
    /// It speaks of these.
    Records(Vec<Record>),
    /// It will never be applied.
    Refused(Problem),
    /// It cannot be applied as it is.
    SetAside(Problem),
}

/// Decodes a message of an integration's feed, whose text is in `charset`. `received` stands in for a message time that
/// was not sent.
pub fn decode(message: &Message<'_>, charset: Charset, paths: &Hl7Paths, rules: &RuleSet, received: Moment) -> Decoded {
    if let Some(problem) = unwelcome(message, rules) {
        return Decoded::Refused(problem);
    }
    if let Some(problem) = zero_byte(message, charset) {
        return Decoded::SetAside(problem);
    }
    let reading = Reading { message, charset };
    let (stamp, offset) = match stamp(&reading, rules, received) {
        Ok(stamp) => stamp,
        Err(problem) => return Decoded::SetAside(problem),
    };
    let records = match siu::event_of(message.trigger()).filter(|_| message.code().eq_ignore_ascii_case(b"SIU")) {
        Some(event) => siu::records(&reading, paths, rules, event, stamp, offset),
        None => patient_records(&reading, paths, rules, stamp),
    };
    match records {
        Ok(records) => Decoded::Records(records),
        Err(problem) => Decoded::SetAside(problem),
    }
}

/// The first field with a zero byte in it, plain or as an escape: not every store can keep one in an id, and to leave
/// it out would make another id of an id. Names, addresses and comments of a person are no ids.
fn zero_byte(message: &Message<'_>, charset: Charset) -> Option<Problem> {
    let escape = message.delimiters().escape();
    let may_hold_one = |bytes: &[u8]| {
        bytes.contains(&0)
            || bytes.windows(2).any(|pair| Some(pair[0]) == escape && pair[1].eq_ignore_ascii_case(&b'X'))
    };
    let (segment, number) = message.segments().filter(|segment| may_hold_one(segment.raw())).find_map(|segment| {
        // The encoding characters hold the escape character itself.
        let first = if segment.name() == b"MSH" { 3 } else { 0 };
        let is_free = |number: usize| match segment.name() {
            b"NTE" => true,
            b"PID" => matches!(number, 5 | 9 | 11),
            _ => false,
        };
        let fields = segment.raw().iter().filter(|byte| **byte == message.delimiters().field()).count();
        let holds = |number: &usize| !is_free(*number) && segment.field(*number).text(&charset).contains('\0');
        (first..=fields + 1).find(holds).map(|number| (segment, number))
    })?;
    let location = match u16::try_from(number) {
        Ok(0) | Err(_) => Location::segment(segment.name(), 1),
        Ok(number) => message.location(&segment, number),
    };
    let sentence = "There is a zero byte in this field, which no text can hold; nothing of the message was applied.";
    Some(Problem { code: ErrorCode::DATA_TYPE, location: Some(location), diagnostic: Text::literal(sentence) })
}

/// Why a message of this kind is not for us at all.
fn unwelcome(message: &Message<'_>, rules: &RuleSet) -> Option<Problem> {
    let (code, trigger) = (message.code(), message.trigger());
    let place = |component| Some(Location::field(b"MSH", 1, 9).component(component));
    if !code.eq_ignore_ascii_case(b"SIU") && !code.eq_ignore_ascii_case(b"ADT") {
        return Some(Problem {
            code: ErrorCode::UNSUPPORTED_MESSAGE_TYPE,
            location: place(1),
            diagnostic: Text::literal("Only SIU and ADT messages are taken; this one is kept and not applied."),
        });
    }
    let known =
        if code.eq_ignore_ascii_case(b"SIU") { siu::event_of(trigger).is_some() } else { is_patient_trigger(trigger) };
    if !known {
        return Some(Problem {
            code: ErrorCode::UNSUPPORTED_EVENT,
            location: place(2),
            diagnostic: Text::literal(
                "Taken are SIU S12 to S24, S26 and S27, and ADT A04, A08, A28, A31 and A40; this one is kept and not applied.",
            ),
        });
    }
    let processing = message.header().field(11).component(1).raw().trim_ascii();
    let taken = &rules.source.hl7v2.processing_ids;
    if !processing.is_empty() && !taken.iter().any(|id| processing.eq_ignore_ascii_case(id.as_bytes())) {
        return Some(Problem {
            code: ErrorCode::UNSUPPORTED_PROCESSING_ID,
            location: Some(Location::field(b"MSH", 1, 11).component(1)),
            diagnostic: Text::literal("Messages with this processing id are not taken on this feed."),
        });
    }
    None
}

fn is_patient_trigger(trigger: &[u8]) -> bool {
    [&b"A04"[..], b"A08", b"A28", b"A31", b"A40"].iter().any(|known| trigger.eq_ignore_ascii_case(known))
}

/// The source's version of the statement: MSH-7 and, where it is a number, MSH-13; and the offset of MSH-7.
fn stamp(reading: &Reading<'_, '_>, rules: &RuleSet, received: Moment) -> Result<(Stamp, Option<i16>), Problem> {
    let header = reading.message.header();
    let dtm = header.field(7).dtm().map_err(|error| Problem {
        code: ErrorCode::DATA_TYPE,
        location: Some(Location::field(b"MSH", 1, 7)),
        diagnostic: Text::from(error.to_string()),
    })?;
    let placing = Placing { zone: &rules.zone, message_offset: None };
    let at = dtm.as_ref().and_then(|dtm| placing.stamp(dtm)).unwrap_or(received);
    let sequence = reading.trimmed(&header.field(13), 1).and_then(|number| number.parse().ok()).unwrap_or(0);
    Ok((Stamp { at, sequence }, dtm.and_then(|dtm| dtm.offset_minutes)))
}

/// What an ADT message says: patients, and for A40 the merge (HL7 v2.5.1 §3.3.40: PID survives, MRG-1 is gone).
fn patient_records(
    reading: &Reading<'_, '_>,
    paths: &Hl7Paths,
    rules: &RuleSet,
    stamp: Stamp,
) -> Result<Vec<Record>, Problem> {
    let mut records = Vec::new();
    for (n, pid) in reading.message.all(b"PID").enumerate() {
        let sequence = u16::try_from(n + 1).unwrap_or(u16::MAX);
        let (record, _) = patient_record(reading, paths, rules, &pid, sequence, stamp)?;
        records.push(Record::Patient(Box::new(record)));
        if reading.message.trigger().eq_ignore_ascii_case(b"A40") {
            let behind = reading.message.segments().skip_while(|segment| segment.ordinal() <= pid.ordinal());
            let merged =
                behind.take_while(|segment| segment.name() != b"PID").filter(|segment| segment.name() == b"MRG");
            let survivor = patient_id(reading, rules, &pid).map(|(id, _)| id);
            let before = records.len();
            for mrg in merged {
                let gone = reading
                    .trimmed(&mrg.field(1), 1)
                    .ok_or_else(|| nobody_merged(reading.message.location(&mrg, 1)))?;
                records.extend(survivor.clone().map(|survivor| Record::Merge(MergeRecord { gone, survivor, stamp })));
            }
            if records.len() == before {
                return Err(nobody_merged(Location::segment(b"MRG", 1)));
            }
        }
    }
    if records.is_empty() {
        return Err(Problem {
            code: ErrorCode::SEGMENT_SEQUENCE,
            location: Some(Location::segment(b"PID", 1)),
            diagnostic: Text::literal("There is no PID segment: the message tells of no patient."),
        });
    }
    Ok(records)
}

/// A merge that does not say who is gone. Taking the rest would acknowledge a merge that never happened.
fn nobody_merged(location: Location) -> Problem {
    let (code, sentence) = match location.field {
        Some(_) => (ErrorCode::REQUIRED_FIELD_MISSING, "The merged patient has no identifier: MRG-1 is empty."),
        None => (ErrorCode::SEGMENT_SEQUENCE, "There is no MRG segment: the message does not say who was merged."),
    };
    Problem { code, location: Some(location), diagnostic: Text::literal(sentence) }
}
