//! Fields of a row: times, days, flags; and what is wrong with one.

use crate::files::table::{Row, Table};
use domain::model::{BirthDate, Sex};
use domain::text::Text;
use domain::time::{Moment, Placement, Zone};
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::BrokenDownTime;

/// What is wrong with a field. Holds no value: that may be a patient's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowFault {
    pub(super) line: u64,
    pub(super) column: Text,
    pub(super) what: &'static str,
}

/// A time as a file writes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Time {
    /// An instant.
    At(Moment, Placement),
    /// A day alone.
    Day(Date),
}

/// A row that is being read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'r> {
    pub(super) table: &'r Table<'r>,
    pub(super) row: &'r Row<'r>,
}

impl Reading<'_> {
    /// The text of a column that the contract names.
    pub(super) fn text(&self, column: Option<&Text>) -> Option<Text> {
        self.table.text(self.row, column.map(Text::as_str)).map(Text::from)
    }

    /// The same with the blanks around it.
    pub(super) fn exact(&self, column: Option<&Text>) -> Option<Text> {
        self.table.exact(self.row, column.map(Text::as_str)).map(Text::from)
    }

    pub(super) fn fault(&self, column: Option<&Text>, what: &'static str) -> RowFault {
        RowFault { line: self.row.line, column: column.cloned().unwrap_or_default(), what }
    }

    /// A text without which the row says nothing.
    pub(super) fn demanded(&self, column: Option<&Text>) -> Result<Text, RowFault> {
        self.text(column).ok_or_else(|| self.fault(column, "it is empty, and the row says nothing without it"))
    }

    /// A time with the text it was read from.
    pub(super) fn time(&self, column: Option<&Text>, zone: &Zone) -> Result<Option<(Text, Time)>, RowFault> {
        let Some(text) = self.text(column) else { return Ok(None) };
        let kind = self.table.kind;
        for format in &kind.times {
            if let Some(seconds) = seconds_of_day(format, &text) {
                let local = seconds.ok_or_else(|| self.fault(column, "it is no time of the agreed form"))?;
                let placed = zone.place(local);
                return Ok(Some((text, Time::At(placed.moment, placed.placement))));
            }
            let Ok(broken) = BrokenDownTime::parse(format.as_str(), text.as_str()) else { continue };
            if let Ok(instant) = broken.to_timestamp() {
                return Ok(Some((text, Time::At(instant.into(), Placement::Given))));
            }
            if let Ok(local) = broken.to_datetime() {
                let placed = zone.place(local);
                return Ok(Some((text, Time::At(placed.moment, placed.placement))));
            }
        }
        match day(&kind.dates, &text) {
            Some(day) => Ok(Some((text, Time::Day(day)))),
            None => Err(self.fault(column, "it is no time of the agreed form, or there is no such time")),
        }
    }

    /// An instant; a day begins with its first.
    pub(super) fn moment(&self, column: Option<&Text>, zone: &Zone) -> Result<Option<Moment>, RowFault> {
        Ok(self.time(column, zone)?.map(|(_, time)| match time {
            Time::At(moment, _) => moment,
            Time::Day(day) => zone.day_start(day),
        }))
    }

    /// A time by the file's own clock, only to be compared with others of it.
    pub(super) fn local(&self, column: &Text) -> Result<Option<DateTime>, RowFault> {
        Ok(self.time(Some(column), &Zone::utc())?.map(|(_, time)| match time {
            Time::At(moment, _) => Zone::utc().local(moment),
            Time::Day(day) => day.at(0, 0, 0, 0),
        }))
    }

    pub(super) fn is_yes(&self, column: Option<&Text>) -> bool {
        let text = self.text(column).map(|text| text.to_lowercase());
        text.is_some_and(|text| self.table.kind.yes.iter().any(|yes| yes.to_lowercase() == text))
    }

    pub(super) fn minutes(&self, column: Option<&Text>) -> Result<Option<i64>, RowFault> {
        let Some(text) = self.text(column) else { return Ok(None) };
        let minutes = text.parse::<i64>().ok().filter(|minutes| (0..=10_000).contains(minutes));
        minutes.map(Some).ok_or_else(|| self.fault(column, "it is no number of minutes"))
    }

    pub(super) fn birth_date(&self, column: Option<&Text>) -> Result<Option<BirthDate>, RowFault> {
        let Some(text) = self.text(column) else { return Ok(None) };
        let day = day(&self.table.kind.dates, &text);
        day.map(|day| Some(BirthDate(day)))
            .ok_or_else(|| self.fault(column, "it is no day of the agreed form, or there is no such day"))
    }

    pub(super) fn sex(&self, column: Option<&Text>) -> Result<Option<Sex>, RowFault> {
        let Some(text) = self.text(column) else { return Ok(None) };
        match text.to_lowercase().as_str() {
            "f" | "female" => Ok(Some(Sex::Female)),
            "m" | "male" => Ok(Some(Sex::Male)),
            "o" | "other" | "x" => Ok(Some(Sex::Other)),
            "u" | "unknown" => Ok(Some(Sex::Unknown)),
            _ => Err(self.fault(column, "it is none of female, male, other, unknown, nor their first letters")),
        }
    }
}

/// A day and the seconds since its midnight, as clocks show them: `%Y-%m-%d {seconds}`. Nothing when the form is
/// another one; nothing inside when the text does not follow it.
fn seconds_of_day(format: &str, text: &str) -> Option<Option<DateTime>> {
    let format = format.strip_suffix("{seconds}")?;
    let read = || {
        let at = text.rfind(|letter: char| !letter.is_ascii_digit())? + 1;
        let day = BrokenDownTime::parse(format, &text[..at]).ok()?.to_date().ok()?;
        let seconds: i64 = text[at..].parse().ok().filter(|seconds| (0..86_400).contains(seconds))?;
        day.at(0, 0, 0, 0).checked_add(jiff::SignedDuration::from_secs(seconds)).ok()
    };
    Some(read())
}

fn day(formats: &[Text], text: &str) -> Option<Date> {
    formats.iter().find_map(|format| BrokenDownTime::parse(format.as_str(), text).ok()?.to_date().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn a_day_and_the_seconds_since_its_midnight_are_a_time() {
        let read = |text| seconds_of_day("%Y-%m-%d {seconds}", text);
        assert_eq!(read("2026-03-04 52200"), Some(Some(datetime(2026, 3, 4, 14, 30, 0, 0))));
        assert_eq!(read("2026-03-04 0"), Some(Some(datetime(2026, 3, 4, 0, 0, 0, 0))));
        for odd in ["2026-03-04 86400", "2026-03-04 ", "2026-03-04", "x 5"] {
            assert_eq!(read(odd), Some(None), "{odd}");
        }
        assert_eq!(seconds_of_day("%Y-%m-%d %H%M", "2026-03-04 1430"), None);
    }
}
