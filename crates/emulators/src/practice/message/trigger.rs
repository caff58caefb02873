//! The events that the system tells of.

/// An event, by its trigger (MSH-9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::practice) enum Trigger {
    /// A visit was booked.
    S12,
    /// A visit was moved.
    S13,
    /// A visit was changed otherwise.
    S14,
    /// A visit was called off.
    S15,
    /// A visit was taken out of the diary.
    S17,
    /// Nobody came.
    S26,
    /// A patient who is expected was edited.
    A08,
    /// A patient was added.
    A28,
    /// A patient was edited.
    A31,
}

impl Trigger {
    /// MSH-9.1.
    pub(in crate::practice) fn code(self) -> &'static str {
        match self {
            Trigger::A08 | Trigger::A28 | Trigger::A31 => "ADT",
            _ => "SIU",
        }
    }

    /// MSH-9.2.
    pub(in crate::practice) fn event(self) -> &'static str {
        match self {
            Trigger::S12 => "S12",
            Trigger::S13 => "S13",
            Trigger::S14 => "S14",
            Trigger::S15 => "S15",
            Trigger::S17 => "S17",
            Trigger::S26 => "S26",
            Trigger::A08 => "A08",
            Trigger::A28 => "A28",
            Trigger::A31 => "A31",
        }
    }

    /// MSH-9.3: one structure serves several events (HL7 v2.5.1, table 0354).
    pub(super) fn structure(self) -> &'static str {
        match self {
            Trigger::A08 => "ADT_A01",
            Trigger::A28 | Trigger::A31 => "ADT_A05",
            _ => "SIU_S12",
        }
    }

    /// SCH-6: why this message is sent.
    pub(super) fn reason(self) -> [&'static str; 2] {
        match self {
            Trigger::S12 => ["NEW", "New booking"],
            Trigger::S13 => ["MOVE", "Moved"],
            Trigger::S15 => ["CALLEDOFF", "Called off"],
            Trigger::S17 => ["DELETE", "Taken out of the diary"],
            Trigger::S26 => ["NOTHERE", "Patient did not come"],
            Trigger::S14 | Trigger::A08 | Trigger::A28 | Trigger::A31 => ["EDIT", "Edited"],
        }
    }
}
