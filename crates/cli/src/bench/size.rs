//! Numbers of visits as people write them.

/// Reads one: `500`, `10k`, `1m`.
pub(crate) fn size(text: &str) -> Result<u32, String> {
    let lower = text.to_lowercase();
    let (digits, times) = match lower.strip_suffix('k') {
        Some(digits) => (digits, 1000),
        None => lower.strip_suffix('m').map_or((lower.as_str(), 1), |digits| (digits, 1_000_000)),
    };
    let number = digits.parse::<u32>().ok().and_then(|number| number.checked_mul(times));
    number.filter(|number| (1..1_000_000_000).contains(number)).ok_or_else(|| "a number of visits: 10k, 1m, 10m".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!([size("10k"), size("1M"), size("500")], [Ok(10_000), Ok(1_000_000), Ok(500)]);
        for wrong in ["", "k", "10g", "-5", "0", "9999m"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
