//! HL7 v2: scheduling (SIU) and patient (ADT) messages over MLLP, by file, or handed in over HTTP.
//!
//! Facts: HL7 v2.5.1 chapters 2 (control), 3 (ADT) and 10 (scheduling). Where real senders differ, the source profile
//! says how ([`domain::profile::Hl7Rules`]).

mod again;
mod answer;
mod channels;
mod decode;
mod door;
mod intake;
mod listener;
mod paths;
mod patient;
mod repeats;
mod siu;
mod timing;
mod values;

pub(crate) use again::read_again;
pub use channels::Channels;
pub use decode::{Decoded, Problem, decode};
pub use intake::{Answered, Intake};
pub use listener::{ListenerOptions, listen, listen_on_own_ports, prove_coverage};
pub use paths::Hl7Paths;
