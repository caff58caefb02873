//! What an answer needs to know of the message it answers, also when that message could not be read.

use crate::hl7::charset::Charset;
use crate::hl7::delimiters::Delimiters;
use crate::hl7::message::Message;
use crate::hl7::segment::Segment;
use crate::hl7::version::Version;

/// The header of the message that is answered, as far as there is one.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub(super) header: Segment<'a>,
    pub(super) delimiters: Delimiters,
    pub(super) charset: Charset,
}

impl<'a> Origin<'a> {
    /// Of a message that was read.
    #[must_use]
    pub fn of(message: &Message<'a>, charset: Charset) -> Self {
        Self { header: message.header(), delimiters: message.delimiters(), charset }
    }

    /// Of bytes that were not: the first `MSH` whose delimiters can be read, looked for in the first 4 KiB. Without
    /// one the answer has the usual delimiters and no addresses.
    ///
    /// Also for the head of a frame that was refused for its size.
    #[must_use]
    pub fn salvage(bytes: &'a [u8]) -> Self {
        let head = &bytes[..bytes.len().min(4096)];
        let found = memchr::memmem::find_iter(head, b"MSH").find_map(|at| header_at(bytes, at));
        let delimiters = found.map(|header| header.delimiters).unwrap_or_default();
        let header = found.unwrap_or_else(|| Segment::missing(delimiters));
        Self { header, delimiters, charset: Charset::of(header.field(18).repetition(1).raw(), head) }
    }

    /// The header segment; without fields if none was found.
    #[must_use]
    pub fn header(&self) -> Segment<'a> {
        self.header
    }

    /// MSH-10 as received; empty if it was not found.
    #[must_use]
    pub fn control_id(&self) -> &'a [u8] {
        self.header.field(10).raw()
    }

    /// MSH-12 as a version, if it is one.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        Version::parse(self.header.field(12).component(1).raw())
    }

    /// What the header asks for; as in original mode if there is none.
    #[must_use]
    pub fn ack_request(&self) -> super::AckRequest {
        super::AckRequest::of_header(&self.header)
    }
}

fn header_at(bytes: &[u8], at: usize) -> Option<Segment<'_>> {
    let line = &bytes[at..];
    // A header is a few hundred bytes; one that has no end within 4 KiB is not one.
    let window = &line[..line.len().min(4096)];
    // Framing bytes cannot be part of a value.
    let end = window.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0x0B | 0x1C)).unwrap_or(window.len());
    let header = &line[..end];
    let (separator, rest) = header.get(3..)?.split_first()?;
    let stop = rest.iter().position(|byte| byte == separator)?;
    let delimiters = Delimiters::new(*separator, &rest[..stop]).ok()?;
    Some(Segment { bytes: header, delimiters, offset: at, ordinal: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_id_is_found_in_what_could_not_be_read() {
        for (bytes, expected) in [
            (&b"x\x01MSH|^~\\&|A|B|C|D|1||SIU^S12|ID7|P|2.3\rSCH|1"[..], &b"ID7"[..]),
            (b"MSH|^~\\&|A|B|C|D|1||SIU^S12|ID8\x1c\r", b"ID8"),
            (b"MSH|^~\\&|A|B|C|D|1||SIU^S12|ID9|P|2.3\rMSH|^~\\&|A|B|C|D|1||SIU^S12|no|", b"ID9"),
            (b"MSHello MSH|^~\\&|A|B|C|D|1||SIU^S12|ID2|", b"ID2"),
            (b"MSH|EHR|EAST|A|B|C|D|E|F|G", b""),
            (b"MSH|^~\\&|A", b""),
            (b"Dear Sir", b""),
            (b"", b""),
        ] {
            let origin = Origin::salvage(bytes);
            assert_eq!(origin.control_id(), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn the_head_of_a_large_frame_is_enough() {
        let mut head = b"MSH$%*/@$A$B$C$D$1$$SIU%S12$ID7$P$2.3$\rOBX$".to_vec();
        head.resize(4096, b'x');
        let origin = Origin::salvage(&head);
        assert_eq!(origin.control_id(), b"ID7");
        assert_eq!(origin.delimiters.component(), Some(b'%'));
        assert_eq!(origin.version().unwrap().minor, 3);
    }
}
