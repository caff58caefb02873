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

/// Which list is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    Patients,
    Visits,
}

/// Where reading goes on. Times are the vendor's own, by a clock that nobody names: they are compared with one another
/// and handed back, and never compared with ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Everything of visits that was changed up to this has been read.
    pub(super) visits: DateTime,
    /// The same of patients.
    pub(super) patients: DateTime,
    /// In the middle of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) page: Option<Middle>,
}

/// In the middle of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Middle {
    pub(super) what: What,
    /// The list is one of everybody: nothing was read before.
    #[serde(default)]
    pub(super) all: bool,
    /// The newest change seen in it: lists are not in the order of changes, so it counts only at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) newest: Option<DateTime>,
    /// The vendor's cursor of the next page; none at the beginning of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cursor: Option<String>,
}

impl Place {
    /// Where reading begins: so far back that it is before now by any clock.
    pub(super) fn start(now: Moment) -> Place {
        let from = shown_by(now, -FURTHEST_BEHIND);
        let page = Middle { what: What::Patients, all: true, newest: None, cursor: None };
        Place { visits: from, patients: from, page: Some(page) }
    }

    /// As it is kept.
    pub(super) fn write(&self) -> Text {
        Text::from(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads what was kept; `None`: nobody kept that.
    pub(super) fn read(text: &str) -> Option<Place> {
        serde_json::from_str(text).ok()
    }

    /// The watermark of a list.
    pub(super) fn since(&self, what: What) -> DateTime {
        match what {
            What::Patients => self.patients,
            What::Visits => self.visits,
        }
    }

    /// What comes after a page of a list; `newest`: the newest change on it, `cursor`: of the next page.
    pub(super) fn after(mut self, middle: Middle, newest: Option<DateTime>, cursor: Option<String>) -> Place {
        let newest = newest.max(middle.newest);
        if cursor.is_some() {
            self.page = Some(Middle { newest, cursor, ..middle });
            return self;
        }
        let mark = match middle.what {
            What::Patients => &mut self.patients,
            What::Visits => &mut self.visits,
        };
        *mark = newest.map_or(*mark, |newest| newest.max(*mark));
        let more = middle.what == What::Patients && !middle.all;
        self.page = more.then_some(Middle { what: What::Visits, all: false, newest: None, cursor: None });
        self
    }
}

/// A time of change, unless it lies ahead of every clock: such a one would hide what is changed until then.
pub(super) fn believed(text: &str, now: Moment) -> Option<DateTime> {
    let at: DateTime = text.parse().ok()?;
    (at <= shown_by(now, FURTHEST_AHEAD)).then_some(at)
}

/// What a clock so many hours ahead of universal time shows.
fn shown_by(now: Moment, hours: i64) -> DateTime {
    let shown = TimeZone::UTC.to_datetime(now.timestamp());
    shown.saturating_add(SignedDuration::from_hours(hours))
}

/// As the vendor takes times: without a zone, which it refuses.
pub(super) fn naive(at: DateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    fn now() -> Moment {
        Moment::from("2026-11-22T10:00:00Z".parse::<jiff::Timestamp>().unwrap())
    }

    #[test]
    fn everybody_is_read_first_and_then_changes_of_patients_before_those_of_visits() {
        let start = Place::start(now());
        assert_eq!(start.visits, datetime(2026, 11, 21, 22, 0, 0, 0));
        let newest = datetime(2026, 11, 22, 1, 30, 0, 0);
        let middle = start.page.clone().unwrap();
        let second = start.after(middle, Some(newest), Some("c2".into()));
        assert_eq!(second.patients, datetime(2026, 11, 21, 22, 0, 0, 0), "a watermark moves at the end of a list only");
        let middle = second.page.clone().unwrap();
        let later = Place::read(&second.after(middle, None, None).write()).unwrap();
        assert_eq!((later.page.is_none(), later.patients), (true, newest));
        let middle = Middle { what: What::Patients, all: false, newest: None, cursor: None };
        let visits = later.clone().after(middle, None, None);
        assert_eq!(visits.page.clone().unwrap().what, What::Visits);
        let middle = visits.page.clone().unwrap();
        assert_eq!(visits.after(middle, Some(newest), None), Place { visits: newest, ..later });
    }

    #[test]
    fn a_change_ahead_of_every_clock_moves_no_watermark() {
        assert_eq!(believed("2026-11-22T23:59:00", now()), Some(datetime(2026, 11, 22, 23, 59, 0, 0)));
        assert_eq!(believed("2026-11-23T00:01:00", now()), None);
        assert_eq!(believed("2026-11-22T10:00:00.250000", now()).map(naive).as_deref(), Some("2026-11-22T10:00:00"));
    }
}
