//! Lengths of time: an amount with a unit (SCH-9 and 10, TQ1-6, AIS-7 and 8), and the grammar of TQ.3.
//!
//! A unit that was not sent is reported as not sent. `30` may be minutes or, from some senders, seconds; only the
//! source's profile can say, and it is not known here.

use super::field::Field;
use std::fmt;

/// A unit of time, read from the many spellings in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `s`, `sec`, `seconds`
    Second,
    /// `m`, `min`, `MN`, `minutes`
    Minute,
    /// `h`, `hr`, `hours`
    Hour,
    /// `d`, `days`
    Day,
    /// `w`, `wk`, `weeks`
    Week,
    /// `L`, `mo`, `months`: no fixed length.
    Month,
}

/// A length of time as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DurationValue {
    /// With a unit that has a fixed length.
    Seconds(u32),
    /// In calendar months (`L1` in TQ.3).
    Months(u32),
    /// A number without a unit: what it means is the source's to say.
    Unitless(u32),
    /// `X` in TQ.3: no end is planned.
    Indefinite,
}

/// Why a length of time could not be read. Holds no part of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DurationError {
    /// Nothing was sent.
    Empty,
    /// The amount is not a number, or not a whole number of seconds (or, without a unit, not whole).
    Amount,
    /// Below zero where that makes no sense.
    Negative,
    /// A word that is no unit of time.
    Unit,
    /// More than fits: over 136 years.
    TooLong,
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "No length of time was sent.",
            Self::Amount => "The length of time is not a usable number.",
            Self::Negative => "The length of time is below zero.",
            Self::Unit => "The unit of the length of time is unknown.",
            Self::TooLong => "The length of time is out of range.",
        })
    }
}

impl std::error::Error for DurationError {}

impl Unit {
    /// Reads a unit word. Case, blanks around it and a closing point do not count.
    #[must_use]
    pub fn parse(word: &[u8]) -> Option<Self> {
        let word = word.trim_ascii();
        let word = word.strip_suffix(b".").unwrap_or(word);
        let mut lower = [0; 8];
        let lower = lower.get_mut(..word.len())?;
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        Some(match &*lower {
            b"s" | b"sec" | b"secs" | b"second" | b"seconds" => Self::Second,
            b"m" | b"mn" | b"min" | b"mins" | b"minute" | b"minutes" => Self::Minute,
            b"h" | b"hr" | b"hrs" | b"hour" | b"hours" => Self::Hour,
            b"d" | b"day" | b"days" => Self::Day,
            b"w" | b"wk" | b"wks" | b"week" | b"weeks" => Self::Week,
            b"l" | b"mo" | b"mos" | b"month" | b"months" => Self::Month,
            _ => return None,
        })
    }

    /// Reads a unit from a coded field: the code, else the text (`^MIN` is met). `None` when neither was sent.
    ///
    /// # Errors
    ///
    /// [`DurationError::Unit`] when something was sent that is no unit of time.
    pub fn of(field: &Field<'_>) -> Result<Option<Self>, DurationError> {
        let parts = [field.component(1), field.component(2)].map(|part| part.subcomponent(1));
        if let Some(unit) = parts.iter().find_map(|part| Self::parse(part.raw())) {
            return Ok(Some(unit));
        }
        let was_sent = parts.iter().any(|part| part.has_value() && !part.raw().trim_ascii().is_empty());
        if was_sent { Err(DurationError::Unit) } else { Ok(None) }
    }

    /// Seconds in one, where that is fixed.
    #[must_use]
    pub fn seconds(self) -> Option<u32> {
        match self {
            Self::Second => Some(1),
            Self::Minute => Some(60),
            Self::Hour => Some(3600),
            Self::Day => Some(86_400),
            Self::Week => Some(604_800),
            Self::Month => None,
        }
    }
}

/// Reads an amount (type NM, such as `30` or `1.5`) with the unit that was sent for it, if one was.
///
/// # Errors
///
/// When the amount is missing, below zero, or no usable number.
pub fn amount(amount: &[u8], unit: Option<Unit>) -> Result<DurationValue, DurationError> {
    match offset(amount, unit)? {
        (true, _) => Err(DurationError::Negative),
        (false, value) => Ok(value),
    }
}

/// Reads an amount that may be below zero, as the start offsets of AIS, AIG, AIL and AIP may be; the flag says that
/// it is. Zero is never below zero.
///
/// # Errors
///
/// When the amount is missing or no usable number.
pub fn offset(amount: &[u8], unit: Option<Unit>) -> Result<(bool, DurationValue), DurationError> {
    let text = amount.trim_ascii();
    if text.is_empty() || text == b"\"\"" {
        return Err(DurationError::Empty);
    }
    let (minus, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let thousandths = thousandths(digits)?;
    let whole = |thousandths: u64| match thousandths % 1000 {
        0 => u32::try_from(thousandths / 1000).map_err(|_| DurationError::TooLong),
        _ => Err(DurationError::Amount),
    };
    let value = match unit {
        None => DurationValue::Unitless(whole(thousandths)?),
        Some(unit) => match unit.seconds() {
            None => DurationValue::Months(whole(thousandths)?),
            Some(seconds) => {
                let total = thousandths.checked_mul(u64::from(seconds)).ok_or(DurationError::TooLong)?;
                DurationValue::Seconds(whole(total)?)
            }
        },
    };
    Ok((minus && thousandths > 0, value))
}

/// Reads TQ.3 (HL7 v2.5.1 chapter 2A, TQ): a letter and a number (`M30`, `S1800`, `H2`, `D1`, `W1`, `L1`), `X`, a
/// number alone (the unit is then not known here), or a number and a word (`30M`, `2 hours`).
///
/// # Errors
///
/// When it is none of these.
pub fn tq_duration(value: &[u8]) -> Result<DurationValue, DurationError> {
    let text = value.trim_ascii();
    match text {
        [] | b"\"\"" => Err(DurationError::Empty),
        [b'x' | b'X'] => Ok(DurationValue::Indefinite),
        [letter, digits @ ..] if letter.is_ascii_alphabetic() => {
            let unit = Unit::parse(&[*letter]).ok_or(DurationError::Unit)?;
            amount(digits, Some(unit)).map_err(|error| match error {
                // A letter and nothing after it.
                DurationError::Empty => DurationError::Amount,
                other => other,
            })
        }
        _ => {
            let end = text.iter().position(u8::is_ascii_alphabetic).unwrap_or(text.len());
            let (number, word) = text.split_at(end);
            let unit = if word.is_empty() { None } else { Some(Unit::parse(word).ok_or(DurationError::Unit)?) };
            amount(number, unit)
        }
    }
}

/// A number without a sign and with at most three places that matter, times a thousand.
fn thousandths(text: &[u8]) -> Result<u64, DurationError> {
    let point = text.iter().position(|byte| *byte == b'.');
    let (whole, places) = text.split_at(point.unwrap_or(text.len()));
    let places = places.strip_prefix(b".").unwrap_or(places);
    let is_number = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
    if !is_number(whole) || !is_number(places) || whole.is_empty() && places.is_empty() {
        return Err(DurationError::Amount);
    }
    if places.iter().skip(3).any(|digit| *digit != b'0') {
        return Err(DurationError::Amount);
    }
    let add = |sum: u64, digit: u8| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
    let shifted = whole.iter().copied().chain((0..3).map(|i| places.get(i).copied().unwrap_or(b'0')));
    shifted.into_iter().try_fold(0, add).ok_or(DurationError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::super::delimiters::Delimiters;
    use super::DurationError as E;
    use super::DurationValue::{Indefinite, Months, Seconds, Unitless};
    use super::*;

    #[test]
    fn every_spelling_of_a_unit_is_read() {
        for (words, unit) in [
            ("s S sec SEC Seconds", Unit::Second),
            ("m M min MIN MN Minutes min.", Unit::Minute),
            ("h H hr HR hours", Unit::Hour),
            ("d DAYS", Unit::Day),
            ("w wk", Unit::Week),
            ("L mo months", Unit::Month),
        ] {
            for word in words.split(' ') {
                assert_eq!(Unit::parse(word.as_bytes()), Some(unit), "{word}");
            }
        }
        for word in ["", "minutos!", "fortnight", "a very long word"] {
            assert_eq!(Unit::parse(word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn the_unit_of_a_field_is_its_code_or_its_text() {
        let of = |wire: &'static str| Unit::of(&Field::new(wire.as_bytes(), Delimiters::default()));
        assert_eq!(of("min^minutes^UCUM"), Ok(Some(Unit::Minute)));
        assert_eq!(of("^MIN"), Ok(Some(Unit::Minute)));
        assert_eq!(of("17^Minutes^L"), Ok(Some(Unit::Minute)));
        assert_eq!(of(""), Ok(None));
        assert_eq!(of("\"\""), Ok(None));
        assert_eq!(of("slots"), Err(E::Unit));
    }

    #[test]
    fn a_missing_unit_is_missing_and_never_minutes() {
        assert_eq!(amount(b"30", None), Ok(Unitless(30)));
        assert_eq!(tq_duration(b"30"), Ok(Unitless(30)));
        assert_eq!(amount(b"1800", None), Ok(Unitless(1800)));
    }

    #[test]
    fn amounts_are_whole_seconds() {
        assert_eq!(amount(b"30", Some(Unit::Minute)), Ok(Seconds(1800)));
        assert_eq!(amount(b" 1.5 ", Some(Unit::Hour)), Ok(Seconds(5400)));
        assert_eq!(amount(b"30.000", None), Ok(Unitless(30)));
        assert_eq!(amount(b"+45", Some(Unit::Second)), Ok(Seconds(45)));
        assert_eq!(amount(b"0", Some(Unit::Minute)), Ok(Seconds(0)));
        assert_eq!(amount(b"2", Some(Unit::Month)), Ok(Months(2)));
        for (wire, error) in [
            ("", E::Empty),
            ("\"\"", E::Empty),
            ("half", E::Amount),
            (".", E::Amount),
            ("1.2.3", E::Amount),
            ("0.0001", E::Amount),
            ("-5", E::Negative),
            ("99999999999999999999", E::TooLong),
            ("4294967296", E::TooLong),
        ] {
            assert_eq!(amount(wire.as_bytes(), Some(Unit::Second)), Err(error), "{wire}");
        }
        assert_eq!(amount(b"0.5", None), Err(E::Amount));
        assert_eq!(amount(b"99999999", Some(Unit::Week)), Err(E::TooLong));
    }

    #[test]
    fn each_error_has_its_own_sentence() {
        let errors = [E::Empty, E::Amount, E::Negative, E::Unit, E::TooLong].map(|error| error.to_string());
        assert!(errors.iter().all(|text| text.ends_with('.')));
        assert_eq!(errors.iter().collect::<std::collections::BTreeSet<_>>().len(), errors.len());
    }

    #[test]
    fn start_offsets_may_be_below_zero() {
        assert_eq!(offset(b"-15", Some(Unit::Minute)), Ok((true, Seconds(900))));
        assert_eq!(offset(b"-0", Some(Unit::Minute)), Ok((false, Seconds(0))));
        assert_eq!(offset(b"15", None), Ok((false, Unitless(15))));
        assert_eq!(offset(b"--1", None), Err(E::Amount));
    }

    #[test]
    fn tq_durations_are_read_letter_first_then_number_and_word() {
        for (wire, expected) in [
            ("M30", Ok(Seconds(1800))),
            ("S1800", Ok(Seconds(1800))),
            ("H2", Ok(Seconds(7200))),
            ("D1", Ok(Seconds(86_400))),
            ("W1", Ok(Seconds(604_800))),
            ("L1", Ok(Months(1))),
            ("X", Ok(Indefinite)),
            ("60", Ok(Unitless(60))),
            ("30M", Ok(Seconds(1800))),
            ("2 hours", Ok(Seconds(7200))),
            (" m30 ", Ok(Seconds(1800))),
            ("", Err(E::Empty)),
            ("\"\"", Err(E::Empty)),
            ("M", Err(E::Amount)),
            ("Q30", Err(E::Unit)),
            ("30 slots", Err(E::Unit)),
            ("M-5", Err(E::Negative)),
            ("X5", Err(E::Unit)),
        ] {
            assert_eq!(tq_duration(wire.as_bytes()), expected, "{wire}");
        }
    }
}
