//! An emulated patient platform: it takes signed webhooks, keeps a card for each visit, and tells patients.
//!
//! It stands for the telehealth side of an integration. Everything it believes about events is written from the
//! Standard Webhooks specification and the published contract, down to its own check of signatures; and it is strict:
//! what is badly signed, replayed, out of order or unreadable is refused and counted, because the sender is what is
//! under test.

mod cards;
mod control;
mod event;
mod faults;
mod handle;
mod hook;
mod journal;
mod notices;
mod options;
mod signature;
mod site;
mod system;

pub use cards::Card;
pub use event::{Participant, Provider, VisitType};
pub use faults::PlatformFault;
pub use handle::PlatformHandle;
pub use journal::{Counters, Received, ReceivedEvent};
pub use notices::{Notice, NoticeKind};
pub use options::PlatformOptions;
pub use signature::{BadSecret, Rejected, Secret, Signed};
pub use system::Platform;

/// The names under which this twin is asked for: platforms that take webhooks, and the way itself.
pub const VENDORS: [&str; 2] = ["webhook", "chiron"];
