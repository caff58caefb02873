//! Ids for entries, envelopes and audit rows: ascending in time, different on every node.

use domain::ids::{AuditId, EntryId, EnvelopeId};
use domain::time::Moment;

/// 2020-01-01T00:00:00Z in milliseconds: ids count from here.
const EPOCH_MS: i64 = 1_577_836_800_000;
/// Ids of one millisecond on one node.
const SEQUENCE_BITS: u32 = 14;
/// Processes that may share a store at one time.
const NODE_BITS: u32 = 8;

/// Gives out ids. 41 bits of milliseconds, 8 bits of node, 14 bits of sequence: 63 bits, good until 2089.
///
/// The clock only moves ids forward. When it stands still or goes back, ids go on from the last one.
#[derive(Debug)]
pub struct IdSource {
    node: u64,
    millis: u64,
    sequence: u64,
}

impl IdSource {
    /// A source for one process; `greatest` is the greatest id the store holds.
    pub fn new(node: u32, greatest: u64) -> IdSource {
        let node = u64::from(node) & ((1 << NODE_BITS) - 1);
        IdSource { node, millis: (greatest >> (SEQUENCE_BITS + NODE_BITS)) + 1, sequence: 0 }
    }

    /// An id behind which everything of this moment and later stands: ids are never behind the clock.
    pub(crate) fn before(moment: Moment) -> EnvelopeId {
        let millis = u64::try_from(moment.micros() / 1000 - EPOCH_MS).unwrap_or(0);
        EnvelopeId((millis << (SEQUENCE_BITS + NODE_BITS)).saturating_sub(1))
    }

    /// When an id was given out, as far as it tells.
    pub(crate) fn millis_of(id: EnvelopeId) -> Moment {
        let millis = i64::try_from(id.0 >> (SEQUENCE_BITS + NODE_BITS)).unwrap_or(0);
        Moment::from_micros((millis + EPOCH_MS) * 1000)
    }

    /// Goes on above an id that another process gave out, whose clock is ahead of ours.
    pub fn rise_above(&mut self, greatest: u64) {
        let millis = greatest >> (SEQUENCE_BITS + NODE_BITS);
        if millis >= self.millis {
            (self.millis, self.sequence) = (millis + 1, 0);
        }
    }

    fn next(&mut self, now: Moment) -> u64 {
        let millis = u64::try_from(now.micros() / 1000 - EPOCH_MS).unwrap_or(0);
        if millis > self.millis {
            (self.millis, self.sequence) = (millis, 0);
        } else {
            self.sequence += 1;
            if self.sequence >> SEQUENCE_BITS != 0 {
                (self.millis, self.sequence) = (self.millis + 1, 0);
            }
        }
        (self.millis << (SEQUENCE_BITS + NODE_BITS)) | (self.node << SEQUENCE_BITS) | self.sequence
    }

    /// An id for a ledger entry.
    pub fn entry(&mut self, now: Moment) -> EntryId {
        EntryId(self.next(now))
    }

    /// An id for an envelope.
    pub fn envelope(&mut self, now: Moment) -> EnvelopeId {
        EnvelopeId(self.next(now))
    }

    /// An id for an audit row.
    pub fn audit(&mut self, now: Moment) -> AuditId {
        AuditId(self.next(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_when_the_clock_stands_still_jumps_back_or_runs_out_of_numbers() {
        let noon = Moment::from_micros(1_790_000_000_000_000);
        let mut ids = IdSource::new(3, 0);
        let mut last = 0;
        for step in 0..40_000 {
            let now = if step % 7 == 0 { noon.plus_secs(-3600) } else { noon };
            let id = ids.next(now);
            assert!(id > last);
            last = id;
        }
        let mut after_restart = IdSource::new(4, last);
        assert!(after_restart.next(noon.plus_secs(-86_400)) > last);
    }

    #[test]
    fn ids_rise_above_those_of_a_process_whose_clock_is_ahead_and_never_fall() {
        let noon = Moment::from_micros(1_790_000_000_000_000);
        let (mut behind, mut ahead) = (IdSource::new(1, 0), IdSource::new(2, 0));
        let theirs = ahead.next(noon.plus_secs(5));
        assert!(behind.next(noon) < theirs);
        behind.rise_above(theirs);
        let ours = behind.next(noon);
        assert!(ours > theirs);
        behind.rise_above(theirs - 1);
        assert!(behind.next(noon) > ours);
    }

    #[test]
    fn ids_of_two_nodes_differ() {
        let now = Moment::from_micros(1_790_000_000_000_000);
        assert_ne!(IdSource::new(1, 0).next(now), IdSource::new(2, 0).next(now));
        assert!(IdSource::new(255, 0).next(now) < i64::MAX as u64);
    }
}
