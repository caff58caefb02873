//! Dates and times as sent: civil parts, how precise, and the offset if there is one.
//!
//! No zone is applied here, and no clock is read. `20270401` is a date and stays one: it is never midnight.

mod cursor;

use cursor::{Clock, Cursor, days_in};
use std::fmt;

/// How much of a date and time was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    /// `YYYY`
    Year,
    /// `YYYYMM`
    Month,
    /// `YYYYMMDD`
    Day,
    /// `YYYYMMDDHH`
    Hour,
    /// `YYYYMMDDHHMM`
    Minute,
    /// `YYYYMMDDHHMMSS`
    Second,
    /// Seconds with a fraction.
    Fraction,
}

/// A date and time (HL7 v2.5.1 chapter 2A, TS and DTM; DT is the same to the day).
///
/// Parts beyond the precision are at their lowest value, so that the type can be compared and converted; look at
/// `precision` before you believe them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dtm {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31, valid for its month.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999 999 999.
    pub nanosecond: u32,
    /// How much was sent.
    pub precision: Precision,
    /// Hour 24 was sent. `hour` is then 0, and the moment is on the day after the one given.
    pub next_day: bool,
    /// Minutes east of UTC, if an offset was sent. Missing is not zero.
    pub offset_minutes: Option<i16>,
    /// The offset was `-0000`: the time is UTC and the local offset is not known (2.9).
    pub offset_unknown: bool,
    /// More than 14 digits stood without a point; those after the seconds were ignored.
    pub extra_digits: bool,
}

/// A time of day (HL7 v2.5.1 chapter 2A, TM). The same rules as for [`Dtm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tm {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999 999 999.
    pub nanosecond: u32,
    /// [`Precision::Hour`] or finer.
    pub precision: Precision,
    /// Hour 24 was sent, and `hour` is 0.
    pub next_day: bool,
    /// Minutes east of UTC, if an offset was sent.
    pub offset_minutes: Option<i16>,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DtmReason {
    /// Nothing but blanks.
    Empty,
    /// A character that is no digit where one is needed.
    NotADigit,
    /// The digits end in the middle of a part.
    Length,
    /// Year 0.
    Year,
    /// A month above 12, or 0.
    Month,
    /// A day that the month does not have.
    Day,
    /// An hour above 24.
    Hour,
    /// A minute above 59.
    Minute,
    /// A second above 59.
    Second,
    /// A fraction that does not follow seconds, or is not digits.
    Fraction,
    /// An offset that is not `+HHMM`, `+HH:MM` or `+HH`, or is out of range.
    Offset,
}

/// A value that is not a date and time. Holds no part of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DtmError {
    /// What is wrong.
    pub reason: DtmReason,
    /// Bytes from the start of the value.
    pub at: usize,
}

impl fmt::Display for DtmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.reason {
            DtmReason::Empty => "The value is empty",
            DtmReason::NotADigit => "A digit is expected",
            DtmReason::Length => "The digits end in the middle of a part",
            DtmReason::Year => "There is no such year",
            DtmReason::Month => "There is no such month",
            DtmReason::Day => "The month has no such day",
            DtmReason::Hour => "There is no such hour",
            DtmReason::Minute => "There is no such minute",
            DtmReason::Second => "There is no such second",
            DtmReason::Fraction => "The fraction of a second cannot be read",
            DtmReason::Offset => "The offset from UTC cannot be read",
        };
        write!(f, "{what}, at character {} of the date and time.", self.at + 1)
    }
}

impl std::error::Error for DtmError {}

impl Dtm {
    /// Reads `YYYY[MM[DD[HH[MM[SS[.S+]]]]]][+/-ZZZZ]`.
    ///
    /// Also read, because senders write them: blanks around the value, an offset of hours only or with a colon or
    /// `Z`, hour 24, and more than 14 digits without a point, of which the first 14 count.
    ///
    /// # Errors
    ///
    /// When the value is something else or names a moment that does not exist.
    pub fn parse(value: &[u8]) -> Result<Self, DtmError> {
        let mut cursor = Cursor::new(value)?;
        let run = cursor.digits();
        let length = run.digits.len();
        let precision = match length {
            0 => return cursor.fail(DtmReason::NotADigit),
            4 => Precision::Year,
            6 => Precision::Month,
            8 => Precision::Day,
            10 => Precision::Hour,
            12 => Precision::Minute,
            14.. => Precision::Second,
            _ => return cursor.fail(DtmReason::Length),
        };
        let year = u16::from(run.pair(0)) * 100 + u16::from(run.pair(2));
        let (month, day) = (run.pair_or(4, 1), run.pair_or(6, 1));
        run.check(year >= 1, DtmReason::Year, 0)?;
        run.check((1..=12).contains(&month), DtmReason::Month, 4)?;
        run.check((1..=days_in(year, month)).contains(&day), DtmReason::Day, 6)?;
        let clock = run.clock(8)?;
        let (precision, nanosecond) = cursor.fraction(precision, length)?;
        let (offset_minutes, offset_unknown) = cursor.offset()?;
        Ok(Self {
            year,
            month,
            day,
            hour: clock.hour,
            minute: clock.minute,
            second: clock.second,
            nanosecond,
            precision,
            next_day: clock.next_day,
            offset_minutes,
            offset_unknown,
            extra_digits: length > 14,
        })
    }

    /// Whether a time of day was sent, at least to the minute.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.precision >= Precision::Minute
    }

    /// Applies the degree of precision that TS had as a second component through 2.6: `Y L D H M S`.
    /// It can only make a value less precise.
    #[must_use]
    pub fn limited_to(mut self, degree: u8) -> Self {
        let limit = match degree.to_ascii_uppercase() {
            b'Y' => Precision::Year,
            b'L' => Precision::Month,
            b'D' => Precision::Day,
            b'H' => Precision::Hour,
            b'M' => Precision::Minute,
            b'S' => Precision::Second,
            _ => return self,
        };
        self.precision = self.precision.min(limit);
        self.month = if limit < Precision::Month { 1 } else { self.month };
        self.day = if limit < Precision::Day { 1 } else { self.day };
        self.hour = if limit < Precision::Hour { 0 } else { self.hour };
        self.next_day &= limit >= Precision::Hour;
        self.minute = if limit < Precision::Minute { 0 } else { self.minute };
        self.second = if limit < Precision::Second { 0 } else { self.second };
        self.nanosecond = 0;
        self
    }
}

impl fmt::Display for Dtm {
    /// The wire form, with the precision and the offset it has; fractions to four digits, as the standard allows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        let hour = if self.next_day { 24 } else { self.hour };
        let parts = [
            (Precision::Month, self.month),
            (Precision::Day, self.day),
            (Precision::Hour, hour),
            (Precision::Minute, self.minute),
            (Precision::Second, self.second),
        ];
        for (_, part) in parts.iter().filter(|(precision, _)| *precision <= self.precision) {
            write!(f, "{part:02}")?;
        }
        if self.precision == Precision::Fraction {
            write!(f, ".{:04}", self.nanosecond / 100_000)?;
        }
        let Some(offset) = self.offset_minutes else { return Ok(()) };
        let sign = if offset < 0 || self.offset_unknown { '-' } else { '+' };
        write!(f, "{sign}{:02}{:02}", offset.unsigned_abs() / 60, offset.unsigned_abs() % 60)
    }
}

impl Tm {
    /// Reads `HH[MM[SS[.S+]]][+/-ZZZZ]`.
    ///
    /// # Errors
    ///
    /// When the value is something else.
    pub fn parse(value: &[u8]) -> Result<Self, DtmError> {
        let mut cursor = Cursor::new(value)?;
        let run = cursor.digits();
        let precision = match run.digits.len() {
            0 => return cursor.fail(DtmReason::NotADigit),
            2 => Precision::Hour,
            4 => Precision::Minute,
            6 => Precision::Second,
            _ => return cursor.fail(DtmReason::Length),
        };
        let clock = run.clock(0)?;
        let (precision, nanosecond) = cursor.fraction(precision, run.digits.len() + 8)?;
        let (offset_minutes, _) = cursor.offset()?;
        let Clock { hour, minute, second, next_day } = clock;
        Ok(Self { hour, minute, second, nanosecond, precision, next_day, offset_minutes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Dtm {
        Dtm::parse(value.as_bytes()).unwrap_or_else(|error| panic!("{value}: {error}"))
    }

    #[test]
    fn precision_is_what_is_present() {
        for (value, precision) in [
            ("2027", Precision::Year),
            ("202704", Precision::Month),
            ("20270401", Precision::Day),
            ("2027040109", Precision::Hour),
            ("202704010930", Precision::Minute),
            ("20270401093015", Precision::Second),
            ("20270401093015.1234", Precision::Fraction),
        ] {
            assert_eq!(parse(value).precision, precision, "{value}");
            assert_eq!(parse(value).to_string(), value);
        }
        assert!(!parse("20270401").has_time());
        assert!(parse("202704010000").has_time());
        assert_ne!(parse("20270401"), parse("20270401000000"));
    }

    #[test]
    fn offsets_are_minutes_east_and_missing_is_not_zero() {
        for (value, expected) in [
            ("20270401090000", None),
            ("20270401090000+0000", Some(0)),
            ("20270401090000Z", Some(0)),
            ("20270401090000-0400", Some(-240)),
            ("202704010900-04", Some(-240)),
            ("202704010900+05:45", Some(345)),
            ("20270401090000.000-0400", Some(-240)),
            ("20270401+1400", Some(840)),
        ] {
            assert_eq!(parse(value).offset_minutes, expected, "{value}");
        }
        let unknown = parse("20270401090000-0000");
        assert_eq!((unknown.offset_minutes, unknown.offset_unknown), (Some(0), true));
        assert_eq!(unknown.to_string(), "20270401090000-0000");
        for value in ["20270401090000+0000", "20270401090000-0430", "20270401090000+0545"] {
            assert_eq!(parse(value).to_string(), value);
        }
        assert!(!parse("20270401090000+0000").offset_unknown);
    }

    #[test]
    fn odd_input_that_senders_write_is_read() {
        assert_eq!(parse("200803061000 "), parse("200803061000"));
        assert_eq!(parse("  20080306"), parse("20080306"));
        let epic = parse("2010052711090000");
        assert_eq!((epic.hour, epic.minute, epic.second, epic.extra_digits), (11, 9, 0, true));
        assert_eq!(epic.precision, Precision::Second);
        let midnight = parse("20270401240000");
        assert_eq!((midnight.day, midnight.hour, midnight.next_day), (1, 0, true));
        assert_eq!(midnight.to_string(), "20270401240000");
        assert_eq!(parse("20270401090000.").precision, Precision::Second);
        assert_eq!(parse("20270401090000.5").nanosecond, 500_000_000);
        assert_eq!(parse("20270401090000.1234567899").nanosecond, 123_456_789);
    }

    #[test]
    fn what_does_not_exist_is_an_error_with_its_place() {
        use DtmReason::*;
        for (value, reason, at) in [
            ("", Empty, 0),
            ("   ", Empty, 0),
            ("soon", NotADigit, 0),
            ("2027-04-01", Offset, 7),
            ("202", Length, 3),
            ("20274", Length, 5),
            ("2027040109000", Length, 13),
            ("00000000", Year, 0),
            ("20271301", Month, 4),
            ("20270001", Month, 4),
            ("20270231", Day, 6),
            ("20270229", Day, 6),
            ("21000229", Day, 6),
            ("20270400", Day, 6),
            (" 2027040125", Hour, 9),
            ("202704010960", Minute, 10),
            ("20270401095960", Second, 12),
            ("202704010930.5", Fraction, 12),
            ("2010052711090000.5", Fraction, 16),
            ("20270401093015.5x", NotADigit, 16),
            ("20270401T0930", NotADigit, 8),
            ("202704010930+", Offset, 12),
            ("202704010930+400", Offset, 12),
            ("202704010930+2400", Offset, 12),
            ("202704010930+0460", Offset, 12),
            ("202704010930-0400x", Offset, 17),
            ("202704010930Zulu", NotADigit, 12),
        ] {
            assert_eq!(Dtm::parse(value.as_bytes()), Err(DtmError { reason, at }), "{value:?}");
        }
        assert_eq!(parse("20280229").day, 29);
        assert_eq!(parse("20000229").day, 29);
        let error = Dtm::parse(b"20270231").unwrap_err();
        assert_eq!(error.to_string(), "The month has no such day, at character 7 of the date and time.");
    }

    #[test]
    fn a_degree_only_takes_away() {
        let full = "20271112093015.5-0430";
        for (degree, left) in
            [(b'Y', "2027"), (b'L', "202711"), (b'D', "20271112"), (b'H', "2027111209"), (b'm', "202711120930")]
        {
            assert_eq!(parse(full).limited_to(degree), parse(&format!("{left}-0430")), "{left}");
        }
        assert_eq!(parse(full).limited_to(b'S'), parse("20271112093015-0430"));
        assert_eq!(parse(full).limited_to(b'?'), parse(full));
        assert_eq!(parse("20270401").limited_to(b'S'), parse("20270401"));
        assert!(parse("2027040124").limited_to(b'H').next_day);
        assert!(!parse("2027040124").limited_to(b'D').next_day);
    }

    #[test]
    fn times_of_day_follow_the_same_rules() {
        let time = Tm::parse(b"0800").unwrap();
        assert_eq!((time.hour, time.minute, time.precision), (8, 0, Precision::Minute));
        assert_eq!(Tm::parse(b"083015.25-0500").unwrap().offset_minutes, Some(-300));
        assert_eq!(Tm::parse(b"083015.25").unwrap().nanosecond, 250_000_000);
        assert!(Tm::parse(b"2400").unwrap().next_day);
        for (value, precision) in
            [("08", Precision::Hour), ("080000", Precision::Second), ("080000.1", Precision::Fraction)]
        {
            assert_eq!(Tm::parse(value.as_bytes()).unwrap().precision, precision);
        }
        assert_eq!(Tm::parse(b"soon"), Err(DtmError { reason: DtmReason::NotADigit, at: 0 }));
        assert_eq!(Tm::parse(b"0830.5"), Err(DtmError { reason: DtmReason::Fraction, at: 4 }));
        assert_eq!(Tm::parse(b"2500"), Err(DtmError { reason: DtmReason::Hour, at: 0 }));
        assert_eq!(Tm::parse(b"800"), Err(DtmError { reason: DtmReason::Length, at: 3 }));
    }
}
