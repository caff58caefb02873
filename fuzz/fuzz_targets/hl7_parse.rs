//! Any bytes as a message: no panic, and all ways to the same field agree.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::hl7::{Message, Presence, to_utf8};

fuzz_target!(|bytes: &[u8]| {
    if let Some(text) = to_utf8(bytes, None) {
        assert!(std::str::from_utf8(&text).is_ok());
    }
    let Ok(message) = Message::parse(bytes) else { return };
    let charset = message.charset(None);
    for segment in message.segments() {
        assert_eq!(&bytes[segment.offset()..][..segment.raw().len()], segment.raw());
        let fields = segment.fields();
        for (number, field) in fields.iter() {
            assert_eq!(segment.field(number).raw(), field.raw());
            let at = segment.position(u16::try_from(number).ok()).offset;
            assert!(number > usize::from(u16::MAX) || bytes[at..].starts_with(field.raw()));
            for repetition in field.repetitions() {
                for (j, component) in (1..).zip(repetition.components()) {
                    assert_eq!(repetition.component(j).raw(), component.raw());
                    for (k, subcomponent) in (1..).zip(component.subcomponents()) {
                        assert_eq!(component.subcomponent(k).raw(), subcomponent.raw());
                        let text = subcomponent.text(&charset);
                        assert!(text.len() <= subcomponent.raw().len() * 4);
                        assert_eq!(subcomponent.presence() == Presence::Null, subcomponent.raw() == b"\"\"");
                    }
                }
            }
            assert!(field.dtm().is_ok() || field.has_value());
        }
    }
    for note in message.notes(&charset) {
        assert!(note.position.offset <= bytes.len());
        assert!(!note.to_string().is_empty());
    }
});
