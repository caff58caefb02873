//! Dates and times: `date`, `dateTime`, `instant` (FHIR R4 §2.24.0).

use std::fmt;

/// Why a text is no date or time. Does not quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFault {
    /// It is not of the form that FHIR has.
    Form,
    /// There is no such day, or no such time of day.
    Range,
}

impl fmt::Display for DateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DateFault::Form => "This is not a date or time as FHIR R4 writes them.",
            DateFault::Range => "There is no such date or time.",
        })
    }
}

/// A date with as much of it as was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    /// Year.
    pub year: i16,
    /// Month, when written.
    pub month: Option<u8>,
    /// Day, when written.
    pub day: Option<u8>,
    /// Seconds since midnight, when a time of day was written.
    pub second_of_day: Option<u32>,
    /// Nanoseconds of the second.
    pub nanosecond: u32,
    /// Minutes east of Greenwich, when written.
    pub offset_minutes: Option<i16>,
}

impl DateTime {
    /// Reads `2027`, `2027-01`, `2027-01-04`, or any of `2027-01-04T08:00:00[.5][Z|-05:00]`. Seconds may be missing,
    /// as some servers leave them out.
    pub fn parse(text: &str) -> Result<DateTime, DateFault> {
        let mut scan = Scan(text.as_bytes());
        let year = i16::try_from(scan.digits(4)?).map_err(|_| DateFault::Form)?;
        let mut date =
            DateTime { year, month: None, day: None, second_of_day: None, nanosecond: 0, offset_minutes: None };
        if year == 0 {
            return Err(DateFault::Range);
        }
        if scan.is_done() {
            return Ok(date);
        }
        scan.expect(b"-")?;
        date.month = Some(scan.in_range(1, 12)?);
        if scan.is_done() {
            return Ok(date);
        }
        scan.expect(b"-")?;
        date.day = Some(scan.in_range(1, days_in(year, date.month.unwrap_or(1)))?);
        if scan.is_done() {
            return Ok(date);
        }
        scan.expect(b"T")?;
        let hour = u32::from(scan.in_range(0, 23)?);
        scan.expect(b":")?;
        let minute = u32::from(scan.in_range(0, 59)?);
        let mut second = 0;
        if scan.take(b":") {
            // A leap second is the second before it here: no diary cares, and nothing else has a place for it.
            second = u32::from(scan.in_range(0, 60)?).min(59);
            if scan.take(b".") {
                date.nanosecond = scan.fraction()?;
            }
        }
        date.second_of_day = Some(hour * 3600 + minute * 60 + second);
        if scan.is_done() {
            return Ok(date);
        }
        if scan.take(b"Z") {
            date.offset_minutes = Some(0);
        } else {
            let west = scan.take(b"-");
            if !west {
                scan.expect(b"+")?;
            }
            let hours = i16::from(scan.in_range(0, 14)?);
            scan.expect(b":")?;
            let minutes = hours * 60 + i16::from(scan.in_range(0, 59)?);
            date.offset_minutes = Some(if west { -minutes } else { minutes });
        }
        if scan.is_done() { Ok(date) } else { Err(DateFault::Form) }
    }

    /// Microseconds since 1970-01-01T00:00:00Z; `None` unless day, time of day and offset were written.
    pub fn epoch_micros(&self) -> Option<i64> {
        let (month, day, second) = (self.month?, self.day?, self.second_of_day?);
        let offset = i64::from(self.offset_minutes?) * 60;
        let seconds = days_since_epoch(self.year, month, day) * 86_400 + i64::from(second) - offset;
        Some(seconds * 1_000_000 + i64::from(self.nanosecond / 1000))
    }
}

fn days_in(year: i16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar: years begin in March, eras have 400 of them.
fn days_since_epoch(year: i16, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, token: &[u8; 1]) -> bool {
        match self.0.strip_prefix(token) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &[u8; 1]) -> Result<(), DateFault> {
        if self.take(token) { Ok(()) } else { Err(DateFault::Form) }
    }

    fn digits(&mut self, count: usize) -> Result<u32, DateFault> {
        let (digits, rest) = self.0.split_at_checked(count).ok_or(DateFault::Form)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, digit| match digit {
            b'0'..=b'9' => Ok(number * 10 + u32::from(digit - b'0')),
            _ => Err(DateFault::Form),
        })
    }

    fn in_range(&mut self, least: u8, most: u8) -> Result<u8, DateFault> {
        let number = u8::try_from(self.digits(2)?).map_err(|_| DateFault::Form)?;
        if (least..=most).contains(&number) { Ok(number) } else { Err(DateFault::Range) }
    }

    /// The digits behind the point, as nanoseconds; what is finer is left out.
    fn fraction(&mut self) -> Result<u32, DateFault> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(count).filter(|_| count > 0).ok_or(DateFault::Form)?;
        self.0 = rest;
        let kept = digits.iter().chain(std::iter::repeat(&b'0')).take(9);
        Ok(kept.fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Option<i64> {
        DateTime::parse(text).unwrap().epoch_micros()
    }

    #[test]
    fn instants_are_the_instants_of_other_calendars() {
        assert_eq!(micros("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(micros("2027-01-04T08:00:00-05:00"), Some(1_799_067_600_000_000));
        assert_eq!(micros("2027-01-04T13:00:00.25Z"), Some(1_799_067_600_250_000));
        assert_eq!(micros("2000-02-29T23:59:60+05:45"), Some(951_848_099_000_000));
        assert_eq!(micros("1969-12-31T23:59:59.999999Z"), Some(-1));
        assert_eq!(micros("2027-01-04T13:00Z"), Some(1_799_067_600_000_000), "seconds left out");
    }

    #[test]
    fn what_was_not_written_is_not_made_up() {
        assert_eq!(micros("2027-01-04T13:00:00"), None, "no offset, no instant");
        assert_eq!(micros("2027-01-04"), None);
        assert_eq!(DateTime::parse("2027-01").unwrap().day, None);
    }

    #[test]
    fn what_is_no_date_says_which_way() {
        for text in [
            "",
            "27-01-04",
            "2027-1-4",
            "2027-01-04 08:00:00Z",
            "2027-01-04T08",
            "2027-01-04T08:00:00z",
            "2027-01-04T08:00:00Z ",
        ] {
            assert_eq!(DateTime::parse(text), Err(DateFault::Form), "{text}");
        }
        for text in ["2027-13-01", "2027-02-29", "1900-02-29", "2027-01-04T24:00:00Z", "2027-01-04T08:00:00+15:00"] {
            assert_eq!(DateTime::parse(text), Err(DateFault::Range), "{text}");
        }
    }
}
