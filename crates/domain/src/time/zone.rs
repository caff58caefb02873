//! The zone of a place, and the two hours a year in which a local time is not one instant.

use crate::text::Text;
use crate::time::Moment;
use jiff::Zoned;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use minicbor::{Decode, Encode};

/// A zone name that the IANA time zone database does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone {0:?}: use an IANA name such as America/Chicago")]
pub struct UnknownZone(pub Text);

/// An IANA time zone with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    name: Text,
    rules: TimeZone,
}

/// How a local time fell on the universal time line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Placement {
    /// Exactly one instant has this local time.
    #[n(0)]
    Unique,
    /// The clocks jumped over it (spring); the instant is moved forward by the length of the gap.
    #[n(1)]
    Gap,
    /// The clocks showed it twice (autumn); the instant is the first of the two.
    #[n(2)]
    Fold,
    /// The source gave the offset or the instant itself.
    #[n(3)]
    Given,
}

/// A local time with the instant chosen for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The instant.
    pub moment: Moment,
    /// Whether there was a choice.
    pub placement: Placement,
}

impl Zone {
    /// Looks a zone up by its IANA name in the database inside the program.
    pub fn named(name: &str) -> Result<Zone, UnknownZone> {
        match TimeZone::get(name) {
            // `TimeZone::get` takes any letter case; the stored name is the database's own.
            Ok(rules) => Ok(Zone { name: Text::from(rules.iana_name().unwrap_or(name)), rules }),
            Err(_) => Err(UnknownZone(Text::from(name))),
        }
    }

    /// Universal time.
    pub fn utc() -> Zone {
        Zone { name: Text::literal("UTC"), rules: TimeZone::UTC }
    }

    /// The IANA name.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// The instant of a local time; a gap moves forward by its length, a fold takes the first instance.
    pub fn place(&self, local: DateTime) -> Placed {
        let ambiguous = self.rules.to_ambiguous_timestamp(local);
        let placement = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => Placement::Unique,
            AmbiguousOffset::Gap { .. } => Placement::Gap,
            AmbiguousOffset::Fold { .. } => Placement::Fold,
        };
        let timestamp = ambiguous.compatible().unwrap_or(jiff::Timestamp::MAX);
        Placed { moment: Moment::from(timestamp), placement }
    }

    /// What the clocks of this zone show at an instant.
    pub fn local(&self, moment: Moment) -> DateTime {
        self.rules.to_datetime(moment.timestamp())
    }

    /// The local calendar day of an instant.
    pub fn date(&self, moment: Moment) -> Date {
        self.local(moment).date()
    }

    /// The first instant of a local day (01:00 where the clocks jump over midnight).
    pub fn day_start(&self, date: Date) -> Moment {
        self.place(date.to_datetime(jiff::civil::Time::midnight())).moment
    }

    /// The instant with its zone, for calendar arithmetic.
    pub fn zoned(&self, moment: Moment) -> Zoned {
        moment.timestamp().to_zoned(self.rules.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn chicago() -> Zone {
        Zone::named("america/chicago").unwrap()
    }

    #[test]
    fn names_are_the_databases_own() {
        assert_eq!(chicago().name(), "America/Chicago");
        assert_eq!(Zone::named("Mars/Olympus").unwrap_err().0, "Mars/Olympus");
    }

    #[test]
    fn a_local_time_in_the_spring_gap_moves_forward_and_says_so() {
        let placed = chicago().place(date(2026, 3, 8).at(2, 30, 0, 0));
        assert_eq!(placed.placement, Placement::Gap);
        assert_eq!(placed.moment.to_string(), "2026-03-08T08:30:00Z");
        assert_eq!(chicago().local(placed.moment), date(2026, 3, 8).at(3, 30, 0, 0));
    }

    #[test]
    fn a_local_time_in_the_autumn_fold_is_the_first_instance_and_says_so() {
        let placed = chicago().place(date(2026, 11, 1).at(1, 30, 0, 0));
        assert_eq!(placed.placement, Placement::Fold);
        assert_eq!(placed.moment.to_string(), "2026-11-01T06:30:00Z");
    }

    #[test]
    fn every_other_local_time_is_one_instant() {
        let placed = chicago().place(date(2026, 11, 21).at(9, 0, 0, 0));
        assert_eq!(
            placed,
            Placed {
                moment: "2026-11-21T15:00:00Z".parse::<jiff::Timestamp>().unwrap().into(),
                placement: Placement::Unique
            }
        );
    }
}
