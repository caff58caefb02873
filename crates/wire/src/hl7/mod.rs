//! HL7 version 2, ER7 encoding ("pipes and hats"), versions 2.1 to 2.9.
//!
//! [`Message::parse`] makes one pass over the bytes to find where segments end, and stops there. Fields,
//! repetitions, components and subcomponents are slices cut when asked for; text is decoded (character set, then
//! escapes) when asked for. A reader of twenty-five fields therefore never pays for the other two hundred.
//!
//! ```
//! use wire::hl7::{Message, Presence};
//!
//! let bytes = b"MSH|^~\\&|EHR|EAST|||20270401080000||SIU^S12|7|P|2.3\rSCH||36996^PM|||||\"\"|CHECKUP\r";
//! let message = Message::parse(bytes)?;
//! let charset = message.charset(None);
//! let sch = message.get(b"SCH");
//! assert_eq!(sch.field(2).component(1).text(&charset), "36996");
//! assert_eq!(sch.field(7).presence(), Presence::Null);
//! assert_eq!(sch.field(25).presence(), Presence::NotSent);
//! # Ok::<(), wire::hl7::ParseError>(())
//! ```
//!
//! The version in MSH-12 never decides whether a message can be read: one tolerant reader keyed by field number
//! serves them all. It decides only the layout of ERR in our [answers](ack).

pub mod ack;
pub mod batch;
mod charset;
mod datetime;
mod delimiters;
mod duration;
mod error;
mod escape;
mod field;
mod message;
mod notes;
mod position;
mod scan;
mod segment;
mod text;
mod version;
mod write;

pub use charset::{Charset, CharsetOrigin, CharsetProblem, to_utf8};
pub use datetime::{Dtm, DtmError, DtmReason, Precision, Tm};
pub use delimiters::Delimiters;
pub use duration::{DurationError, DurationValue, Unit, amount, offset, tq_duration};
pub use error::{ParseError, Reason};
pub use escape::LineBreak;
pub use field::{Component, Field, Presence, Repetition, Subcomponent};
pub use message::Message;
pub use notes::{Note, NoteKind};
pub use position::{Location, Position, SegmentName, SegmentPosition};
pub use segment::{Fields, Segment};
pub use version::Version;
pub use write::MessageWriter;
