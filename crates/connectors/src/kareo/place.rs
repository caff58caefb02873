//! Where reading goes on: what the engine keeps for us as a cursor.

use domain::text::Text;
use domain::time::Moment;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// No clock on Earth is further behind, in hours.
const FURTHEST_BEHIND: i64 = 12;
/// Nor further ahead.
const FURTHEST_AHEAD: i64 = 14;

/// Where the changes go on. Times are the vendor's own, by a clock that nobody names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Everything of visits that was changed up to this has been read.
    pub(super) visits: DateTime,
    /// The same of patients.
    pub(super) patients: DateTime,
    /// Patients have been read; so often was the list of visits, which is read again while details of it are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) round: Option<u32>,
}

impl Place {
    /// Where reading begins: so far back that it is before now by any clock.
    pub(super) fn start(now: Moment) -> Place {
        let from = shown_by(now, -FURTHEST_BEHIND);
        Place { visits: from, patients: from, round: None }
    }

    /// As it is kept.
    pub(super) fn write(&self) -> Text {
        Text::from(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads what was kept; `None`: nobody kept that.
    pub(super) fn read(text: &str) -> Option<Place> {
        serde_json::from_str(text).ok()
    }
}

/// The newest time of change of rows; one ahead of every clock would hide what is changed until then.
pub(super) fn newest<'t>(times: impl Iterator<Item = &'t str>, now: Moment) -> Option<DateTime> {
    let latest = shown_by(now, FURTHEST_AHEAD);
    times.filter_map(super::times::naive).filter(|at| *at <= latest).max()
}

/// What a clock so many hours ahead of universal time shows.
fn shown_by(now: Moment, hours: i64) -> DateTime {
    TimeZone::UTC.to_datetime(now.timestamp()).saturating_add(SignedDuration::from_hours(hours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn a_place_reads_back_and_no_time_ahead_of_every_clock_counts() {
        let now = Moment::from("2026-11-22T10:00:00Z".parse::<jiff::Timestamp>().unwrap());
        let place = Place { round: Some(3), ..Place::start(now) };
        assert_eq!(Place::read(&place.write()), Some(place));
        assert_eq!(Place::read("17"), None);
        let times = ["11/22/2026 1:00:00 AM", "11/22/2026 2:00:00 AM", "11/29/2026 2:00:00 AM", "odd"];
        assert_eq!(newest(times.into_iter(), now), Some(datetime(2026, 11, 22, 2, 0, 0, 0)));
    }
}
