//! Statements with an order: old news must never overwrite newer (invariant 4).

use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};

/// The source's own version of a statement. Later stamps win; equal stamps are settled by order of arrival.
///
/// HL7 v2: MSH-7 and MSH-13. FHIR: meta.lastUpdated and meta.versionId when it is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Default)]
#[cbor(array)]
pub struct Stamp {
    /// When the source made the statement.
    #[n(0)]
    pub at: Moment,
    /// The source's sequence number, 0 when it has none.
    #[n(1)]
    pub sequence: u64,
}

/// A value with the place it stood at in the envelope, for evidence: `DR9` at `AIP-3.1`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Seen {
    /// The value as the source wrote it, decoded to text.
    #[n(0)]
    pub value: Text,
    /// Field path in the source's own terms (`SCH-25.1`, `Appointment.status`, a column name).
    #[n(1)]
    pub place: Text,
}

/// A register that remembers the stamp of what it holds, so that late and repeated statements cannot move it back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Said<T> {
    /// What holds.
    #[n(0)]
    pub value: T,
    /// Since which statement.
    #[n(1)]
    pub stamp: Stamp,
}

impl<T> Said<T> {
    /// Takes `value` in unless something newer is held. `true` when it was taken in.
    pub fn hear(slot: &mut Option<Said<T>>, value: T, stamp: Stamp) -> bool {
        if slot.as_ref().is_some_and(|held| held.stamp > stamp) {
            return false;
        }
        *slot = Some(Said { value, stamp });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(minute: i64) -> Stamp {
        Stamp { at: Moment::from_micros(0).plus_minutes(minute), sequence: 0 }
    }

    #[test]
    fn newer_statements_win_in_any_order() {
        let mut slot = None;
        assert!(Said::hear(&mut slot, "b", stamp(2)));
        assert!(!Said::hear(&mut slot, "a", stamp(1)), "old news");
        assert!(Said::hear(&mut slot, "c", stamp(2)), "the same second: arrival decides");
        assert_eq!(slot.map(|said| said.value), Some("c"));
    }

    #[test]
    fn a_sequence_number_settles_equal_times() {
        let later = Stamp { sequence: 8, ..stamp(1) };
        assert!(later > Stamp { sequence: 7, ..stamp(1) });
        assert!(stamp(2) > later);
    }
}
