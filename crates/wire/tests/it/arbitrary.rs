//! Bytes from strangers: nothing panics, and what is read is consistent with itself.

use proptest::collection::vec;
use proptest::prelude::*;
use wire::fhir::{Appointment, Bundle, DateTime, Lines, Patient, read, resource_type};
use wire::hl7::ack::{Ack, AckCode, AckRequest, ErrorCode, Origin, Outcome, Problem, Reply, write};
use wire::hl7::batch::Batch;
use wire::hl7::{Dtm, Message, Tm, to_utf8, tq_duration};

/// What messages are made of.
const PIECES: [&str; 18] = [
    "MSH|^~\\&|",
    "MSH",
    "\r",
    "\n",
    "|",
    "^",
    "~",
    "\\",
    "&",
    "SCH|",
    "PID",
    "\"\"",
    "FHS|",
    "BTS|2",
    "\\X0D\\",
    "\\.br\\",
    "\x0b",
    "\x1c\r",
];

/// Bytes that look like a message more often than noise does.
fn nearly_hl7() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => proptest::sample::select(&PIECES[..]).prop_map(|s| s.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..8),
        1 => "[A-Z0-9 ]{0,6}".prop_map(String::into_bytes),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Bytes that look like a date, a time or a length of time more often than noise does.
fn nearly_a_value() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![b'0'..=b'9', any::<u8>(), Just(b'.'), Just(b'-'), Just(b' ')], 0..24)
}

/// Uses everything that can be asked of a message.
fn read_all(bytes: &[u8]) {
    let Ok(message) = Message::parse(bytes) else { return };
    let charset = message.charset(None);
    for segment in message.segments() {
        assert_eq!(&bytes[segment.offset()..][..segment.raw().len()], segment.raw());
        let fields = segment.fields();
        for (number, field) in fields.iter() {
            assert_eq!(segment.field(number).raw(), field.raw());
            let parts = field.repetitions().flat_map(|r| r.components()).flat_map(|c| c.subcomponents());
            for part in parts {
                assert!(part.text(&charset).len() <= part.raw().len() * 4 + 4);
            }
            let at = segment.position(Some(u16::try_from(number).unwrap_or(u16::MAX))).offset;
            assert!(bytes[at..].starts_with(field.raw()));
            assert!(field.dtm().is_ok() || field.has_value());
        }
        assert!(message.all(segment.name()).any(|other| other.ordinal() == segment.ordinal()));
    }
    for note in message.notes(&charset) {
        assert!(note.position.offset <= bytes.len());
    }
    assert!(Reply::read(&message).is_ok() <= message.first(b"MSA").is_some());
    assert!(Reply::errors(&message).count() <= bytes.len());
    assert!(
        message.version().is_none_or(|version| message.header().field(12).raw().len() >= version.to_string().len())
    );
    let request = AckRequest::of(&message);
    assert!(request.is_enhanced || request.commit(Outcome::Accepted).is_none());
}

proptest! {
    #[test]
    fn messages_never_panic(bytes in nearly_hl7()) {
        read_all(&bytes);
        read_all(&[b"MSH|^~\\&|A|B\r", bytes.as_slice()].concat());
        prop_assert!(to_utf8(&bytes, None).is_none_or(|text| String::from_utf8(text).is_ok()));
    }

    #[test]
    fn an_answer_to_anything_is_a_message(bytes in nearly_hl7()) {
        let problems = [Problem::error(ErrorCode::INTERNAL, "a|b\rc")];
        let ack = Ack { code: AckCode::ApplicationReject, control_id: "1", time: "20270401", problems: &problems };
        let mut out = Vec::new();
        let origin = Origin::salvage(&bytes);
        write(&mut out, &origin, &ack);
        let answer = Message::parse(&out).unwrap();
        prop_assert_eq!(Reply::read(&answer).unwrap().answers.raw(), origin.control_id());
    }

    #[test]
    fn files_give_each_byte_to_one_message_at_most(bytes in nearly_hl7()) {
        let mut end = 0;
        for entry in Batch::new(&bytes) {
            prop_assert!(entry.range.start >= end && entry.range.end <= bytes.len());
            prop_assert!(entry.bytes.starts_with(b"MSH"));
            end = entry.range.end;
        }
    }

    #[test]
    fn values_never_panic(bytes in nearly_a_value()) {
        if let Ok(dtm) = Dtm::parse(&bytes) {
            let again = Dtm::parse(dtm.to_string().as_bytes()).unwrap();
            prop_assert_eq!((again.year, again.month, again.day, again.hour), (dtm.year, dtm.month, dtm.day, dtm.hour));
            prop_assert_eq!((again.precision, again.offset_minutes), (dtm.precision, dtm.offset_minutes));
        }
        prop_assert!(Tm::parse(&bytes).is_ok_and(|time| time.hour < 24) || Tm::parse(&bytes).is_err());
        prop_assert!(tq_duration(&bytes).is_err() || !bytes.is_empty());
    }
}

/// JSON of a visit with some bytes changed, or cut off.
fn nearly_fhir() -> impl Strategy<Value = Vec<u8>> {
    const VISIT: &[u8] = br##"{"resourceType":"Appointment","id":"a\u00e9","meta":{"lastUpdated":"2027-01-04T08:00:00Z"},
        "contained":[{"resourceType":"Patient","id":"p"}],"participant":[{"actor":{"reference":"#p"},"status":"accepted"}],
        "entry":[{"resource":{"a":[1,2,{}]}}],"name":[{"given":[null,"A"]}],"minutesDuration":15,"start":"2027-01-04"}"##;
    (vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(changes, end, cut)| {
            let mut bytes = VISIT.to_vec();
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            if cut {
                bytes.truncate(end.index(bytes.len()));
            }
            bytes
        },
    )
}

proptest! {
    #[test]
    fn any_bytes_are_a_resource_or_a_fault_that_quotes_nothing(
        bytes in prop_oneof![nearly_fhir(), vec(any::<u8>(), 0..200)],
    ) {
        for fault in [
            resource_type(&bytes).err(),
            read::<Appointment<'_>>(&bytes).err(),
            read::<Patient<'_>>(&bytes).err(),
            read::<Bundle<'_>>(&bytes).err(),
        ].into_iter().flatten() {
            // A path is made of names and indices.
            prop_assert!(fault.path().bytes().all(|b| b.is_ascii_alphanumeric() || b"._[]?".contains(&b)), "{fault}");
        }
        let lines: usize = Lines::new(&bytes).map(|line| line.json.len()).sum();
        prop_assert!(lines <= bytes.len());
    }

    #[test]
    fn any_text_is_a_date_or_not(text in "[0-9TZ:+. -]{0,30}") {
        if let Ok(date) = DateTime::parse(&text) {
            prop_assert!(date.month.is_none_or(|month| (1..=12).contains(&month)));
            prop_assert!(date.epoch_micros().is_none() || date.offset_minutes.is_some());
        }
    }
}
