//! An instant on the universal time line, small enough to be kept with every fact.

use jiff::{SignedDuration, Timestamp};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Microseconds since 1970-01-01T00:00:00Z. HL7 v2 carries at most a ten-thousandth of a second, so nothing is lost.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode, Default)]
#[cbor(transparent)]
pub struct Moment(#[n(0)] i64);

impl Moment {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Moment {
        Moment(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The same instant for calendar work. Saturates at the ends of jiff's range (years -9999 to 9999).
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }

    /// This instant moved by so many seconds (negative: earlier).
    pub const fn plus_secs(self, secs: i64) -> Moment {
        Moment(self.0.saturating_add(secs.saturating_mul(1_000_000)))
    }

    /// This instant moved by so many minutes (negative: earlier).
    pub const fn plus_minutes(self, minutes: i64) -> Moment {
        self.plus_secs(minutes.saturating_mul(60))
    }

    /// This instant moved by so many milliseconds (negative: earlier).
    pub const fn plus_millis(self, millis: i64) -> Moment {
        Moment(self.0.saturating_add(millis.saturating_mul(1000)))
    }

    /// Seconds from `earlier` to this instant, rounded down; negative when `earlier` is later.
    pub const fn secs_since(self, earlier: Moment) -> i64 {
        (self.0 - earlier.0).div_euclid(1_000_000)
    }

    /// The span from `earlier` to this instant.
    pub fn since(self, earlier: Moment) -> SignedDuration {
        SignedDuration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl From<Timestamp> for Moment {
    fn from(timestamp: Timestamp) -> Moment {
        Moment(timestamp.as_microsecond())
    }
}

/// RFC 3339 in UTC with as many fractional digits as needed.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.timestamp(), f)
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        Timestamp::deserialize(deserializer).map(Moment::from)
    }
}
