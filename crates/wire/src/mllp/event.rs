//! What a decoder reports.

use std::fmt;

/// One thing that happened on the stream, in the order of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A whole block.
    Block {
        /// What stood between the framing bytes; may be empty.
        content: &'a [u8],
        /// It came without framing, which only [`Config::tolerate_unframed`](super::Config) allows.
        is_unframed: bool,
    },
    /// A commit block of release 2. One that was not asked for is to be taken as a commit, not as a broken message.
    Commit(Commit),
    /// A block over the limit ended. It was not kept, save for its head, in which the control id may be found.
    Oversize {
        /// The first bytes, at most 4 KiB.
        head: &'a [u8],
        /// The size it would have had.
        total: u64,
    },
    /// The connection ended in the middle of a block, which therefore must not be acknowledged.
    Partial {
        /// What had come, or the head of it if it was over the limit.
        head: &'a [u8],
        /// How many bytes had come.
        total: u64,
    },
    /// Something about the framing that is worth a warning.
    Note(FramingNote),
}

/// A commit block of release 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Commit {
    /// The block before is stored.
    Ack,
    /// It is not.
    Nak,
}

/// Oddities of framing. The blocks around them are sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramingNote {
    /// Bytes between blocks, not counting CR, LF, NUL and blanks.
    Garbage {
        /// How many.
        count: u64,
        /// The first of them.
        sample: Sample,
    },
    /// No CR after the end of the block before. The block was reported all the same.
    MissingCarriageReturn,
    /// A block began within a block: the sender started over, and what had come was dropped.
    Restarted {
        /// How many bytes were dropped.
        count: u64,
        /// The first of them.
        sample: Sample,
    },
}

impl FramingNote {
    /// A stable word for logs and counters.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Garbage { .. } => "garbage",
            Self::MissingCarriageReturn => "missing_carriage_return",
            Self::Restarted { .. } => "restarted",
        }
    }
}

/// The first few bytes of something that was dropped, shown as hex.
///
/// They may belong to a message and so to a patient: show them to an engineer who asks, and keep them out of logs.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    bytes: [u8; 16],
    length: u8,
}

impl Sample {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut sample = Self::default();
        bytes.iter().take(16).for_each(|byte| sample.push(*byte));
        sample
    }

    /// Takes a byte if there is room.
    pub(crate) fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(usize::from(self.length)) {
            *slot = byte;
            self.length += 1;
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.as_bytes().iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Sample {
    /// How many, and not which: `Debug` ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sample({} bytes)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_short_and_is_not_in_debug_output() {
        let sample = Sample::of(b"\x01\xffABCDEFGHIJKLMNOPQRS");
        assert_eq!(sample.as_bytes().len(), 16);
        assert!(sample.to_string().starts_with("01 FF 41 42 "));
        assert_eq!(format!("{sample:?}"), "Sample(16 bytes)");
        assert_eq!(Sample::default().to_string(), "");
    }
}
