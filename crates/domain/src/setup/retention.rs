//! How long messages are kept as they came.

use crate::time::Moment;

/// Days for which messages are kept unless the installation says otherwise: a year and a month, so that "the same visit
/// last year" can still be looked at.
pub const KEEP_DAYS: u32 = 400;

/// How long messages are kept as they came. Decisions, the ledger and the audit log are kept for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Days; 0: for ever.
    pub keep_days: u32,
}

impl Retention {
    /// Messages that came before this are removed; `None`: none is.
    pub fn before(self, now: Moment) -> Option<Moment> {
        (self.keep_days > 0).then(|| now.plus_secs(-86_400 * i64::from(self.keep_days)))
    }
}

impl Default for Retention {
    fn default() -> Retention {
        Retention { keep_days: KEEP_DAYS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_too_old_where_messages_are_kept_for_ever() {
        let now = Moment::from_micros(0).plus_secs(500 * 86_400);
        assert_eq!(Retention::default().before(now), Some(Moment::from_micros(0).plus_secs(100 * 86_400)));
        assert_eq!(Retention { keep_days: 0 }.before(now), None);
    }
}
