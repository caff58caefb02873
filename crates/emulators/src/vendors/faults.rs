//! What can go wrong with any vendor's interface.

use crate::faults::FaultKind;

/// A fault of a vendor's interface. `only` in a plan names paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VendorFault {
    /// An answer comes late (by `millis` of real time); a file or a push, by as much of the twin's time.
    Latency,
    /// Too many calls, says the vendor in its own way, although there were not.
    Throttle,
    /// The interface hangs up, or answers `status` when the plan names one.
    Outage,
    /// The token is refused before its time.
    TokenExpired,
    /// A list comes back empty, as if nothing were there.
    EmptyList,
    /// A page of a list lacks its rows; with a `status`, the page is answered by that instead.
    LostPage,
    /// A push, or an entry of a change feed, never leaves.
    LostEvent,
    /// A row of a list, an entry of a feed, a push or a file comes twice.
    DuplicateEvent,
    /// Rows of a list or entries of a feed come in another order; a push is overtaken by the next.
    Reorder,
    /// A cursor, a page link or a subscription is no longer known.
    CursorExpired,
    /// What changes is stamped by a clock that was put back an hour.
    ClockChange,
    /// Numbers come as texts, and texts that are numbers come as numbers.
    DriftingTypes,
    /// A file is cut off in the middle.
    PartialFile,
}

impl FaultKind for VendorFault {
    const ALL: &'static [VendorFault] = &[
        VendorFault::Latency,
        VendorFault::Throttle,
        VendorFault::Outage,
        VendorFault::TokenExpired,
        VendorFault::EmptyList,
        VendorFault::LostPage,
        VendorFault::LostEvent,
        VendorFault::DuplicateEvent,
        VendorFault::Reorder,
        VendorFault::CursorExpired,
        VendorFault::ClockChange,
        VendorFault::DriftingTypes,
        VendorFault::PartialFile,
    ];

    fn word(self) -> &'static str {
        match self {
            VendorFault::Latency => "latency",
            VendorFault::Throttle => "throttle",
            VendorFault::Outage => "outage",
            VendorFault::TokenExpired => "token_expired",
            VendorFault::EmptyList => "empty_list",
            VendorFault::LostPage => "lost_page",
            VendorFault::LostEvent => "lost_event",
            VendorFault::DuplicateEvent => "duplicate_event",
            VendorFault::Reorder => "reorder",
            VendorFault::CursorExpired => "cursor_expired",
            VendorFault::ClockChange => "clock_change",
            VendorFault::DriftingTypes => "drifting_types",
            VendorFault::PartialFile => "partial_file",
        }
    }

    fn usual_millis(self) -> u64 {
        if self == VendorFault::Latency { 1500 } else { 0 }
    }
}
