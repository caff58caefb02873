//! MSH-7 and MSH-10: both rise from message to message.

use jiff::{SignedDuration, Timestamp};

/// What one message is stamped with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// MSH-7.
    pub(super) at: Timestamp,
    /// MSH-10.
    pub(super) control_id: String,
}

/// Gives out stamps.
#[derive(Clone, Debug)]
pub(super) struct Stamps {
    /// When the system was set up: control ids of two set-ups never meet, as in a system whose counter is kept.
    epoch: i64,
    count: u32,
    last: Timestamp,
}

impl Stamps {
    pub(super) fn since(epoch: Timestamp) -> Stamps {
        Stamps { epoch: epoch.as_second(), count: 0, last: Timestamp::MIN }
    }

    /// The stamp of a message that is made now. Two within a millisecond are a millisecond apart all the same.
    pub(super) fn next(&mut self, now: Timestamp) -> Stamp {
        let after = self.last.saturating_add(SignedDuration::from_millis(1)).unwrap_or(self.last);
        let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        self.last = now.max(after);
        self.count += 1;
        Stamp { at: self.last, control_id: format!("{:010}{:06}", self.epoch, self.count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_rise_even_when_the_clock_does_not() {
        let start: Timestamp = "2026-11-21T15:00:00Z".parse().unwrap();
        let mut stamps = Stamps::since(start);
        let given: Vec<Stamp> = [0, 0, -60, 5].map(|s| stamps.next(start + SignedDuration::from_secs(s))).into();
        assert!(given.windows(2).all(|pair| pair[0].at < pair[1].at && pair[0].control_id < pair[1].control_id));
        assert_eq!(given[0].control_id, "1795273200000001");
        assert_eq!(given[3].at, start + SignedDuration::from_secs(5));
    }
}
