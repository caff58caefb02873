//! How punctually sources are read, counted since the process started: monitoring asks for it.

use domain::polling::ReadKind;
use domain::time::Moment;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bounds of the lateness that are told apart, in seconds.
pub const LATE_SECS: [f64; 12] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

/// Counts reads as they begin.
#[derive(Debug, Default)]
pub(crate) struct ReadMeter {
    /// By kind, in the order of [`ReadKind::ALL`].
    begun: [AtomicU64; ReadKind::ALL.len()],
    /// By bound: those that were later than the bound before, and not later than this one. The last: later than all.
    late: [AtomicU64; LATE_SECS.len() + 1],
    /// Microseconds.
    latest: AtomicU64,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadMeasures {
    /// Reads that began, by kind: `changes`, `near`, `far`, `census`.
    pub begun: Vec<(&'static str, u64)>,
    /// Of these, how many began no later than so many seconds after they were due.
    pub within: Vec<(f64, u64)>,
    /// Seconds by which the latest of them was late.
    pub latest: f64,
}

impl ReadMeter {
    /// A read that was due, and allowed, at `due` begins.
    pub(crate) fn begins(&self, kind: ReadKind, due: Moment, now: Moment) {
        let micros = now.micros().saturating_sub(due.micros()).max(0).unsigned_abs();
        #[allow(clippy::cast_precision_loss, reason = "a lateness of centuries is told to the second")]
        let secs = micros as f64 / 1e6;
        let bound = LATE_SECS.iter().position(|bound| secs <= *bound).unwrap_or(LATE_SECS.len());
        let kind = ReadKind::ALL.iter().position(|known| *known == kind).unwrap_or(0);
        self.begun[kind].fetch_add(1, Ordering::Relaxed);
        self.late[bound].fetch_add(1, Ordering::Relaxed);
        self.latest.fetch_max(micros, Ordering::Relaxed);
    }

    /// What was counted so far.
    pub(crate) fn measures(&self) -> ReadMeasures {
        let begun = ReadKind::ALL.iter().zip(&self.begun);
        let mut sum = 0;
        let within = LATE_SECS.iter().zip(&self.late).map(|(bound, count)| {
            sum += count.load(Ordering::Relaxed);
            (*bound, sum)
        });
        #[allow(clippy::cast_precision_loss, reason = "a lateness of centuries is told to the second")]
        let latest = self.latest.load(Ordering::Relaxed) as f64 / 1e6;
        ReadMeasures {
            within: within.collect(),
            begun: begun.map(|(kind, count)| (kind.word(), count.load(Ordering::Relaxed))).collect(),
            latest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_counted_by_kind_and_by_how_late_they_began() {
        let meter = ReadMeter::default();
        let due = Moment::from_micros(1_000_000_000);
        meter.begins(ReadKind::Changes, due, due);
        meter.begins(ReadKind::Changes, due, due.plus_millis(200));
        meter.begins(ReadKind::Near, due, due.plus_secs(400));
        // A clock that was put back makes nothing early.
        meter.begins(ReadKind::Far, due, due.plus_secs(-5));
        let told = meter.measures();
        assert_eq!(told.begun, [("changes", 2), ("near", 1), ("far", 1), ("census", 0)]);
        let at = |bound: f64| told.within.iter().find(|(known, _)| *known == bound).map(|(_, count)| *count);
        assert_eq!((at(0.01), at(0.1), at(0.25), at(300.0)), (Some(2), Some(2), Some(3), Some(3)));
        assert_eq!(told.latest, 400.0);
    }
}
