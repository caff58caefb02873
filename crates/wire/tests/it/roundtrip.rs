//! What is written is read back: text through escapes and character sets, whole messages through any delimiters.

use proptest::collection::vec;
use proptest::prelude::*;
use wire::hl7::{Charset, Delimiters, LineBreak, Message, MessageWriter, Presence};

/// Punctuation that may serve as a delimiter.
const MARKS: &[u8] = b"|^~\\&#$%*/@!+=:;,.<>()[]{}?_-'`";

fn delimiters() -> impl Strategy<Value = Delimiters> {
    Just(MARKS.to_vec()).prop_shuffle().prop_flat_map(|marks| {
        (4..=5_usize).prop_map(move |count| Delimiters::new(marks[0], &marks[1..=count]).unwrap())
    })
}

/// Text with all that needs escaping in it, often.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9 ]{1,6}",
        3 => proptest::sample::select(MARKS).prop_map(|byte| char::from(byte).to_string()),
        1 => Just("\"".to_owned()),
        1 => Just("\r\n".to_owned()),
        1 => any::<char>().prop_map(String::from),
        1 => proptest::char::range('\0', '\x1f').prop_map(String::from),
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// CR LF, CR and LF are one kind of line break.
fn one_kind_of_break(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Repetitions of components of subcomponents.
type FieldValue = Vec<Vec<Vec<String>>>;

fn field() -> impl Strategy<Value = FieldValue> {
    vec(vec(vec(text(), 1..3), 1..4), 1..3)
}

fn write(fields: &[FieldValue], delimiters: Delimiters, charset: Charset, breaks: LineBreak) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = MessageWriter::new(&mut out, delimiters, charset);
    writer.line_breaks(breaks).header().field(3).text("APP").field(12).text("2.5.1");
    writer.segment(b"ZZT");
    for (number, repetitions) in (1..).zip(fields) {
        writer.field(number);
        for (number, components) in (1..).zip(repetitions) {
            writer.repetition(number);
            for (number, subcomponents) in (1..).zip(components) {
                writer.component(number);
                for (number, text) in (1..).zip(subcomponents) {
                    writer.subcomponent(number).text(text);
                }
            }
        }
    }
    drop(writer);
    out
}

proptest! {
    #[test]
    fn values_come_back_whatever_the_delimiters(
        fields in vec(field(), 0..6),
        delimiters in delimiters(),
        formatted in any::<bool>(),
    ) {
        let breaks = if formatted { LineBreak::Formatted } else { LineBreak::Hex };
        let bytes = write(&fields, delimiters, Charset::UTF_8, breaks);
        prop_assert!(memchr::memchr3(b'\n', 0x0b, 0x1c, &bytes).is_none());
        let message = Message::parse(&bytes).unwrap();
        prop_assert_eq!(message.delimiters(), delimiters);
        prop_assert_eq!(message.segments().count(), 2);
        let segment = message.get(b"ZZT");
        for (number, repetitions) in (1..).zip(&fields) {
            for (i, components) in (1..).zip(repetitions) {
                for (j, subcomponents) in (1..).zip(components) {
                    for (k, text) in (1..).zip(subcomponents) {
                        let level = segment.field(number).repetition(i).component(j).subcomponent(k);
                        prop_assert_eq!(level.text(&Charset::UTF_8), one_kind_of_break(text));
                        prop_assert_ne!(level.presence(), Presence::Null);
                    }
                }
            }
        }
    }

    #[test]
    fn reading_and_writing_again_changes_no_value(wire in "[ -~]{0,40}") {
        // Any printable text as it may come, escapes right and wrong; `|` and CR would end the field.
        let wire = wire.replace('|', "\\");
        let read = |wire: &str| {
            let bytes = format!("MSH|^~\\&|A|\rZZT|{wire}");
            let message = Message::parse(bytes.as_bytes()).unwrap();
            message.get(b"ZZT").field(1).component(1).subcomponent(1).text(&Charset::UTF_8).into_owned()
        };
        let once = read(&wire);
        let mut out = Vec::new();
        MessageWriter::new(&mut out, Delimiters::default(), Charset::UTF_8).segment(b"ZZT").field(1).text(&once);
        let again = String::from_utf8(out).unwrap();
        let again = again.strip_prefix("ZZT|").map_or("", |field| field.trim_end_matches('\r'));
        prop_assert_eq!(read(again), once);
    }

    #[test]
    fn letters_come_back_in_any_set_that_has_them(
        name in proptest::sample::select(vec!["UNICODE UTF-8", "8859/1", "8859/2", "8859/5", "8859/15", "KS X 1001", "GB 18030-2000", "BIG-5", "ISO IR14", "ISO IR87"]),
        text in "[a-z|\\\\^ àéîöüČŘžбвгд한국語学校許功 ]{0,12}",
    ) {
        let charset = Charset::named(name).unwrap();
        let bytes = write(&[vec![vec![vec![text.clone()]]]], Delimiters::default(), charset, LineBreak::Hex);
        let message = Message::parse(&bytes).unwrap();
        let back = message.get(b"ZZT").field(1).text(&charset).into_owned();
        prop_assert_eq!(back.chars().count(), text.chars().count());
        // A letter that the set lacks is a question mark; all others are themselves.
        prop_assert!(back.chars().zip(text.chars()).all(|(b, t)| b == t || b == '?'), "{back} {text}");
        if name.starts_with("UNICODE") || name.starts_with("GB") {
            prop_assert_eq!(back, text);
        }
    }
}
