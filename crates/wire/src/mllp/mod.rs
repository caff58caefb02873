//! MLLP: how HL7 messages are told apart on a byte stream.
//!
//! Release 1: a block is `0x0B` (VT), the message, `0x1C` (FS), `0x0D` (CR); one connection carries many, and the
//! answer to each goes back on it. Release 2 adds commit blocks of one byte, `0x06` or `0x15`. Source: HL7 MLLP
//! Release 2 transport specification, whose first part describes release 1.
//!
//! Nothing here reads a socket or a clock. The caller feeds a [`Decoder`] and decides how long it waits; the decoder
//! says whether it is in the middle of a block.

mod decoder;
mod encode;
mod event;

pub use decoder::{Config, Decoder};
pub use encode::{ForbiddenByte, begin, encode, end, write_commit};
pub use event::{Commit, Event, FramingNote, Sample};

/// Start of a block (VT).
pub const START: u8 = 0x0B;
/// End of a block (FS); a CR follows.
pub const END: u8 = 0x1C;
/// After the end of a block.
pub const CARRIAGE_RETURN: u8 = b'\r';
/// The one byte of a positive commit block.
pub(crate) const ACK: u8 = 0x06;
/// The one byte of a negative commit block.
pub(crate) const NAK: u8 = 0x15;
