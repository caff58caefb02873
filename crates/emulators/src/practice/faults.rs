//! What can go wrong with a system that pushes messages.

use crate::faults::FaultKind;

/// A fault of the practice system's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PracticeFault {
    /// A message leaves late.
    Latency,
    /// A message is never sent, and nobody notices.
    LostEvent,
    /// A message is sent twice.
    DuplicateEvent,
    /// A message is overtaken by the one behind it.
    Reorder,
    /// The interface is down: it hangs up, rests, and tries again.
    Outage,
    /// A message is stamped (MSH-7) by a clock that was put back an hour.
    ClockChange,
}

impl FaultKind for PracticeFault {
    const ALL: &'static [PracticeFault] = &[
        PracticeFault::Latency,
        PracticeFault::LostEvent,
        PracticeFault::DuplicateEvent,
        PracticeFault::Reorder,
        PracticeFault::Outage,
        PracticeFault::ClockChange,
    ];

    fn word(self) -> &'static str {
        match self {
            PracticeFault::Latency => "latency",
            PracticeFault::LostEvent => "lost_event",
            PracticeFault::DuplicateEvent => "duplicate_event",
            PracticeFault::Reorder => "reorder",
            PracticeFault::Outage => "outage",
            PracticeFault::ClockChange => "clock_change",
        }
    }

    fn usual_millis(self) -> u64 {
        match self {
            PracticeFault::Latency => 1500,
            PracticeFault::Reorder => 2000,
            PracticeFault::Outage => 3000,
            PracticeFault::LostEvent | PracticeFault::DuplicateEvent | PracticeFault::ClockChange => 0,
        }
    }
}
