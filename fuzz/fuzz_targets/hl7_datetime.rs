//! Any value as a date, a time, a length of time: no panic, parts in range, and what is printed reads the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::hl7::{Dtm, DurationValue, Precision, Tm, Unit, Version, amount, offset, tq_duration};

fuzz_target!(|bytes: &[u8]| {
    match Dtm::parse(bytes) {
        Ok(dtm) => {
            assert!((1..=12).contains(&dtm.month) && (1..=31).contains(&dtm.day) && dtm.year > 0);
            assert!(dtm.hour < 24 && dtm.minute < 60 && dtm.second < 60 && dtm.nanosecond < 1_000_000_000);
            assert!(dtm.offset_minutes.is_none_or(|minutes| minutes.abs() <= 14 * 60));
            let again = Dtm::parse(dtm.to_string().as_bytes()).expect("what we print we read");
            let printed = Dtm { nanosecond: dtm.nanosecond / 100_000 * 100_000, extra_digits: false, ..dtm };
            assert_eq!(again, printed);
            for degree in b"YLDHMS?" {
                let limited = dtm.limited_to(*degree);
                assert!(limited.precision <= dtm.precision);
                assert!(limited.precision > Precision::Day || (limited.hour, limited.next_day) == (0, false));
            }
        }
        Err(error) => assert!(error.at <= bytes.len()),
    }
    if let Ok(time) = Tm::parse(bytes) {
        assert!(time.hour < 24 && time.minute < 60 && time.second < 60);
    }
    if let Ok(DurationValue::Seconds(_) | DurationValue::Months(_)) = tq_duration(bytes) {
        assert!(bytes.iter().any(u8::is_ascii_alphabetic));
    }
    for unit in [None, Some(Unit::Second), Some(Unit::Week), Some(Unit::Month)] {
        let (unsigned, signed) = (amount(bytes, unit), offset(bytes, unit));
        assert_eq!(unsigned.ok(), signed.ok().filter(|(minus, _)| !minus).map(|(_, value)| value));
        assert!(unit.is_some() || !matches!(signed, Ok((_, DurationValue::Seconds(_)))));
    }
    if let Some(version) = Version::parse(bytes) {
        assert_eq!(Version::parse(version.to_string().as_bytes()), Some(version));
    }
});
