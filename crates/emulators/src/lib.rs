//! Vendor twins: the systems on either side of Punctual, each as its own small server with pages, and with faults on
//! demand.
//!
//! * [`practice`]: a practice system. Its front desk books, moves and cancels; every change leaves as an HL7 v2
//!   message over MLLP, as from a real one.
//! * [`platform`]: a patient platform. It takes signed webhooks, keeps cards, and tells patients.
//! * [`vendors`]: the interfaces of named vendors over a neutral [`diary`], with their shapes, quirks and limits.
//! * [`neighbours`]: four small practices on systems of four vendors, for a demonstration.
//!
//! A twin plays the other side, so it shares no code and no types with the connectors, the domain or the engine: it is
//! written from the standards and from the published contract alone. Where both sides read a page differently, a test
//! between them fails, and that is what twins are for. The one crate of ours used here is `wire`, which knows bytes
//! and nothing of appointments.
//!
//! Everything is deterministic by its seed and its [`clock`]: the same two give the same messages, byte for byte, and
//! the same faults. All people and addresses are made up.

pub mod clock;
pub mod diary;
pub mod faults;
mod http;
pub mod neighbours;
pub mod platform;
pub mod practice;
pub mod vendors;
