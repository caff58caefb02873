//! Writing blocks.

use super::event::Commit;
use super::{ACK, CARRIAGE_RETURN, END, NAK, START};
use std::fmt;

/// The content holds a framing byte, so the receiver would cut it in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForbiddenByte {
    /// Bytes from the start of the content.
    pub at: usize,
}

impl fmt::Display for ForbiddenByte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The message holds a framing byte (0x0B or 0x1C) at byte {}.", self.at)
    }
}

impl std::error::Error for ForbiddenByte {}

/// Appends one block. Send it in one write: a start byte in a packet of its own upsets weak receivers.
///
/// # Errors
///
/// When the content holds a framing byte; nothing is then written.
pub fn encode(out: &mut Vec<u8>, content: &[u8]) -> Result<(), ForbiddenByte> {
    if let Some(at) = memchr::memchr2(START, END, content) {
        return Err(ForbiddenByte { at });
    }
    out.reserve(content.len() + 3);
    begin(out);
    out.extend_from_slice(content);
    end(out);
    Ok(())
}

/// Appends the start of a block whose content the caller writes next, such as an answer that our own writer makes:
/// that never holds framing bytes.
pub fn begin(out: &mut Vec<u8>) {
    out.push(START);
}

/// Appends the end of a block.
pub fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(&[END, CARRIAGE_RETURN]);
}

/// Appends a commit block of release 2.
pub fn write_commit(out: &mut Vec<u8>, commit: Commit) {
    let byte = match commit {
        Commit::Ack => ACK,
        Commit::Nak => NAK,
    };
    out.extend_from_slice(&[START, byte, END, CARRIAGE_RETURN]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_framing() {
        let mut out = Vec::new();
        encode(&mut out, b"MSH|").unwrap();
        write_commit(&mut out, Commit::Ack);
        write_commit(&mut out, Commit::Nak);
        assert_eq!(out, b"\x0bMSH|\x1c\r\x0b\x06\x1c\r\x0b\x15\x1c\r");
    }

    #[test]
    fn content_that_would_break_the_framing_is_refused() {
        let mut out = vec![1];
        assert_eq!(encode(&mut out, b"MSH\x1c|"), Err(ForbiddenByte { at: 3 }));
        assert_eq!(encode(&mut out, b"\x0bMSH|"), Err(ForbiddenByte { at: 0 }));
        assert_eq!(out, [1]);
    }
}
