//! What is read from a message, written again and read again is the same; and so is any text in any field.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::hl7::{Charset, Delimiters, LineBreak, Message, MessageWriter, Segment};

fuzz_target!(|bytes: &[u8]| {
    any_text(bytes);
    let Ok(message) = Message::parse(bytes) else { return };
    let charset = message.charset(None);
    let delimiters = message.delimiters();
    // Without an escape character, or with a delimiter left out of the middle, not all text can be written.
    let declared = [delimiters.component(), delimiters.repetition(), delimiters.escape(), delimiters.subcomponent()];
    if declared.contains(&None) {
        return;
    }
    let mut out = Vec::new();
    let mut writer = MessageWriter::new(&mut out, delimiters, Charset::UTF_8);
    for segment in message.segments().filter(can_be_written) {
        let Ok(name) = <&[u8; 3]>::try_from(segment.name()) else { continue };
        let is_header = matches!(name, b"MSH" | b"FHS" | b"BHS");
        if is_header {
            writer.header_named(name);
        } else {
            writer.segment(name);
        }
        for (number, field) in segment.fields().iter().skip(if is_header { 2 } else { 0 }) {
            writer.field(number);
            for (i, repetition) in (1..).zip(field.repetitions()) {
                writer.repetition(i);
                for (j, component) in (1..).zip(repetition.components()) {
                    writer.component(j);
                    for (k, subcomponent) in (1..).zip(component.subcomponents()) {
                        writer.subcomponent(k).text(&subcomponent.text(&charset));
                    }
                }
            }
        }
    }
    drop(writer);
    let again = Message::parse(&out).expect("what we write we read");
    assert_eq!(again.delimiters(), delimiters);
    let named = message.segments().filter(can_be_written);
    for (first, second) in named.zip(again.segments()) {
        let (first, second) = (first.fields(), second.fields());
        for (number, field) in first.iter() {
            let is_header = [b"MSH", b"FHS", b"BHS"].iter().any(|name| first.get(0).raw() == *name);
            if is_header && number <= 2 {
                continue;
            }
            let other = second.get(number);
            for (i, repetition) in (1..).zip(field.repetitions()) {
                for (j, component) in (1..).zip(repetition.components()) {
                    for (k, subcomponent) in (1..).zip(component.subcomponents()) {
                        let other = other.repetition(i).component(j).subcomponent(k);
                        let expected = subcomponent.text(&charset).replace("\r\n", "\n").replace('\r', "\n");
                        assert_eq!(other.text(&Charset::UTF_8), expected);
                    }
                }
            }
        }
    }
});

/// Names of three letters or digits (a line of three blanks would be left out); and a later `MSH` without fields,
/// written as a header, would be one.
fn can_be_written(segment: &Segment<'_>) -> bool {
    let name = segment.name();
    name.len() == 3 && name.iter().all(u8::is_ascii_alphanumeric) && (segment.ordinal() == 1 || name != b"MSH")
}

/// The first byte chooses delimiters and line breaks, the rest is text.
fn any_text(bytes: &[u8]) {
    let Some((choice, text)) = bytes.split_first() else { return };
    let sets: [(u8, &[u8]); 4] = [(b'|', b"^~\\&"), (b'|', b"^~\\&#"), (b'$', b"%*/@"), (b'"', b".X\\-")];
    let (separator, encoding) = sets[usize::from(choice % 4)];
    let Ok(delimiters) = Delimiters::new(separator, encoding) else { return };
    let breaks = if choice & 4 == 0 { LineBreak::Hex } else { LineBreak::Formatted };
    let text = String::from_utf8_lossy(text);
    let mut out = Vec::new();
    let mut writer = MessageWriter::new(&mut out, delimiters, Charset::UTF_8);
    writer.line_breaks(breaks).header().field(3).text("A").segment(b"NTE").field(3).component(2).text(&text);
    drop(writer);
    let message = Message::parse(&out).expect("what we write we read");
    let read = message.get(b"NTE").field(3).component(2);
    assert_eq!(read.text(&Charset::UTF_8), text.replace("\r\n", "\n").replace('\r', "\n"));
}
