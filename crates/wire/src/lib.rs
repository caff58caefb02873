//! What is on the wire: HL7 v2 (read, written, answered), MLLP framing, and the part of FHIR R4 that tells of visits.
//!
//! This crate turns bytes into views and values into bytes. It does no IO, starts no task, reads no clock, and
//! knows nothing of appointments: an offset is a number of minutes here, a status is a word, and whether a
//! message is welcome is decided elsewhere.
//!
//! Three promises hold for everything public:
//!
//! * **No input panics.** Bytes come from strangers. What cannot be read is an error with a position; what is odd
//!   but readable is a [note](hl7::Note) with a position.
//! * **Work is linear in the input**, and memory is bounded by limits that the caller sets.
//! * **No patient data in errors and notes.** They carry positions, counts and the names of things. The two
//!   exceptions say so where they are defined: the samples that [`mllp`] keeps of bytes outside a block.

pub mod fhir;
pub mod hl7;
pub mod mllp;
