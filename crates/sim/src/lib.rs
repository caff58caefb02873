//! The real engine under seeded clocks, networks, stores and crashes.
//!
//! A [`plan`](plan::Plan) is drawn from a seed: clinics with their diaries, what happens in them, what people do, and
//! what goes wrong. A [`world`](world::run) lives through it: real HL7 v2 bytes go through the real intake into the
//! real engine on the real SQLite store, and cards come out. Then nothing goes wrong any more, people put right what
//! only people can, and [`verify`] looks whether everything is as it must be. The same seed gives the same bytes.

pub mod asked;
pub mod carrier;
pub mod clock;
pub mod disk;
pub mod mutant;
pub mod plan;
pub mod platform;
pub mod process;
pub mod shrink;
pub mod source;
pub mod story;
pub mod verify;
pub mod world;
