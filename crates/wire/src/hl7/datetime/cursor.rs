//! Reading a date and time from the left, part by part.

use super::{DtmError, DtmReason, Precision};

/// The days of a month in the Gregorian calendar.
pub(super) fn days_in(year: u16, month: u8) -> u8 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads a value from the left; blanks around it do not count.
pub(super) struct Cursor<'a> {
    value: &'a [u8],
    at: usize,
}

/// A run of digits and where it starts.
pub(super) struct Run<'a> {
    pub(super) digits: &'a [u8],
    at: usize,
}

pub(super) struct Clock {
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) next_day: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(value: &'a [u8]) -> Result<Self, DtmError> {
        let value = value.trim_ascii_end();
        let at = value.len() - value.trim_ascii_start().len();
        if at == value.len() { Err(DtmError { reason: DtmReason::Empty, at: 0 }) } else { Ok(Self { value, at }) }
    }

    pub(super) fn fail<T>(&self, reason: DtmReason) -> Result<T, DtmError> {
        Err(DtmError { reason, at: self.at })
    }

    pub(super) fn digits(&mut self) -> Run<'a> {
        let rest = &self.value[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let run = Run { digits: &rest[..length], at: self.at };
        self.at += length;
        run
    }

    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.value.get(self.at) == Some(&byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// A point and digits, after exactly 14 digits of date and time. More than nine are cut off.
    pub(super) fn fraction(
        &mut self,
        precision: Precision,
        digits_before: usize,
    ) -> Result<(Precision, u32), DtmError> {
        if !self.skip(b'.') {
            return Ok((precision, 0));
        }
        if digits_before != 14 {
            self.at -= 1;
            return self.fail(DtmReason::Fraction);
        }
        let run = self.digits();
        let nanosecond = (0..9).fold(0, |sum, i| sum * 10 + run.digits.get(i).map_or(0, |d| u32::from(d - b'0')));
        Ok((if run.digits.is_empty() { precision } else { Precision::Fraction }, nanosecond))
    }

    /// `+HHMM`, `+HH:MM`, `+HH`, `Z`, or nothing; then the value must end. The flag says that it was `-0000`.
    pub(super) fn offset(&mut self) -> Result<(Option<i16>, bool), DtmError> {
        let start = self.at;
        let west = match self.value.get(self.at) {
            None => return Ok((None, false)),
            Some(b'Z') if self.at + 1 == self.value.len() => return Ok((Some(0), false)),
            Some(b'+') => false,
            Some(b'-') => true,
            // After a fraction or a whole date something else follows.
            Some(_) => return self.fail(DtmReason::NotADigit),
        };
        self.at += 1;
        let run = self.digits();
        let (hours, minutes) = match run.digits.len() {
            4 => (run.pair(0), run.pair(2)),
            2 if self.skip(b':') => match self.digits() {
                minutes if minutes.digits.len() == 2 => (run.pair(0), minutes.pair(0)),
                _ => return self.fail(DtmReason::Offset),
            },
            2 => (run.pair(0), 0),
            _ => return Err(DtmError { reason: DtmReason::Offset, at: start }),
        };
        if self.at != self.value.len() {
            return self.fail(DtmReason::Offset);
        }
        let total = i16::from(hours) * 60 + i16::from(minutes);
        // The widest in use is +14:00.
        if minutes > 59 || total > 14 * 60 {
            return Err(DtmError { reason: DtmReason::Offset, at: start });
        }
        Ok((Some(if west { -total } else { total }), west && total == 0))
    }
}

impl Run<'_> {
    /// Two digits as a number; the run is long enough where this is called.
    pub(super) fn pair(&self, at: usize) -> u8 {
        self.pair_or(at, 0)
    }

    pub(super) fn pair_or(&self, at: usize, otherwise: u8) -> u8 {
        match self.digits.get(at..at + 2) {
            Some([tens, ones]) => (tens - b'0') * 10 + (ones - b'0'),
            _ => otherwise,
        }
    }

    pub(super) fn check(&self, holds: bool, reason: DtmReason, at: usize) -> Result<(), DtmError> {
        if holds { Ok(()) } else { Err(DtmError { reason, at: self.at + at }) }
    }

    /// Hours, minutes and seconds from a place in the run; those beyond its end are zero.
    pub(super) fn clock(&self, at: usize) -> Result<Clock, DtmError> {
        let (hour, minute, second) = (self.pair_or(at, 0), self.pair_or(at + 2, 0), self.pair_or(at + 4, 0));
        self.check(hour <= 24, DtmReason::Hour, at)?;
        self.check(minute <= 59, DtmReason::Minute, at + 2)?;
        self.check(second <= 59, DtmReason::Second, at + 4)?;
        Ok(Clock { hour: hour % 24, minute, second, next_day: hour == 24 })
    }
}
