//! Any bytes as a file: messages come in order, none overlaps, and each begins with its header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::hl7::batch::Batch;
use wire::hl7::{Message, Reason};

fuzz_target!(|bytes: &[u8]| {
    let mut batch = Batch::new(bytes);
    let mut end = 0;
    let mut count = 0;
    for entry in &mut batch {
        count += 1;
        assert!(entry.range.start >= end);
        assert_eq!(&bytes[entry.range.clone()], entry.bytes);
        assert_eq!(entry.ordinal, count);
        assert!(entry.bytes.starts_with(b"MSH"));
        // The cut is right: nothing before the header, and no second one.
        match Message::parse(entry.bytes) {
            Ok(message) => assert_eq!(message.header().offset(), 0),
            Err(error) => {
                assert!(matches!(
                    error.reason,
                    Reason::HeaderTruncated | Reason::FieldSeparator | Reason::EncodingCharacters
                ));
            }
        }
        end = entry.range.end;
    }
    for note in batch.notes() {
        assert!(note.position.offset <= bytes.len());
    }
    if let Some(header) = batch.file_header() {
        assert!(header.field(1).raw().len() == 1);
    }
    // A lone message that can be read is the one message of the file.
    if Message::parse(bytes).is_ok() {
        assert_eq!(count, 1);
    }
});
