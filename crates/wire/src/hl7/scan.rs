//! Finding one separator byte in short slices where it is frequent.
//!
//! In a segment a separator comes every few bytes, often several in a row (`||||`). A SIMD search pays its set-up
//! for each hit, so eight bytes at a time in a plain `u64` is faster here: three to four times for all fields of an SCH
//! or MSH. `memchr` stays the tool for long gaps (segment ends, escapes, frames), where it is as much faster in turn.
//! `benches/scan.rs` holds both figures.

const ONES: u64 = 0x0101_0101_0101_0101;
const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;

/// The high bit of each byte of `word` that equals the byte repeated in `pattern`. Exact: no carry between bytes.
#[inline]
fn hits(word: u64, pattern: u64) -> u64 {
    let x = word ^ pattern;
    !(((x & LOW_BITS) + LOW_BITS) | x | LOW_BITS)
}

/// Fewer than eight bytes as a word, the rest zero. Two loads that overlap, because a copy of unknown length is a call.
#[inline]
fn short_word(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (first, last) = (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)));
        first | last << ((length - 4) * 8)
    } else if let ([first, ..], [.., last]) = (bytes, bytes) {
        u64::from(*first) | u64::from(bytes[length / 2]) << (length / 2 * 8) | u64::from(*last) << ((length - 1) * 8)
    } else {
        0
    }
}

/// The matches among the last bytes, of which there are fewer than eight.
#[inline]
fn tail_hits(tail: &[u8], pattern: u64) -> u64 {
    hits(short_word(tail), pattern) & ((1 << (tail.len() * 8)) - 1)
}

/// Calls `found` for each place of `byte`, in order.
#[inline]
pub(crate) fn each(haystack: &[u8], byte: u8, mut found: impl FnMut(usize)) {
    let pattern = u64::from(byte) * ONES;
    let (words, tail) = haystack.as_chunks::<8>();
    let mut at = 0;
    let mut report = |mut matches: u64, at: usize| {
        while matches != 0 {
            found(at + matches.trailing_zeros() as usize / 8);
            matches &= matches - 1;
        }
    };
    for word in words {
        report(hits(u64::from_le_bytes(*word), pattern), at);
        at += 8;
    }
    report(tail_hits(tail, pattern), at);
}

/// Where the first `byte` is.
#[inline]
pub(crate) fn first(haystack: &[u8], byte: u8) -> Option<usize> {
    let pattern = u64::from(byte) * ONES;
    let (words, tail) = haystack.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let matches = hits(u64::from_le_bytes(*word), pattern);
        if matches != 0 {
            return Some(at + matches.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let matches = tail_hits(tail, pattern);
    (matches != 0).then(|| at + matches.trailing_zeros() as usize / 8)
}

/// Where the `n`th `byte` is, counting from zero.
#[inline]
pub(crate) fn nth(haystack: &[u8], byte: u8, n: usize) -> Option<usize> {
    let pattern = u64::from(byte) * ONES;
    let (words, tail) = haystack.as_chunks::<8>();
    let mut at = 0;
    let mut left = n;
    for word in words {
        let matches = hits(u64::from_le_bytes(*word), pattern);
        // One bit in each matching byte; the multiplication adds them up in the top byte.
        let count = ((matches >> 7).wrapping_mul(ONES) >> 56) as usize;
        if left < count {
            return Some(at + nth_bit(matches, left));
        }
        left -= count;
        at += 8;
    }
    let matches = tail_hits(tail, pattern);
    (left < matches.count_ones() as usize).then(|| at + nth_bit(matches, left))
}

/// The byte of the `n`th set bit.
#[inline]
fn nth_bit(mut matches: u64, n: usize) -> usize {
    for _ in 0..n {
        matches &= matches - 1;
    }
    matches.trailing_zeros() as usize / 8
}

/// The `n`th piece (from one) between separators. Without a separator there is one piece, the whole.
#[inline]
pub(crate) fn piece(whole: &[u8], separator: Option<u8>, n: usize) -> Option<&[u8]> {
    let Some(separator) = separator else {
        return (n == 1).then_some(whole);
    };
    let start = match n {
        0 => return None,
        1 => 0,
        _ => nth(whole, separator, n - 2)? + 1,
    };
    let rest = &whole[start..];
    Some(first(rest, separator).map_or(rest, |end| &rest[..end]))
}

/// The pieces between separators, in order; at least one, which may be empty.
#[derive(Clone, Debug)]
pub(crate) struct Pieces<'a> {
    rest: Option<&'a [u8]>,
    separator: Option<u8>,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(whole: &'a [u8], separator: Option<u8>) -> Self {
        Self { rest: Some(whole), separator }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        if let Some(end) = self.separator.and_then(|separator| first(rest, separator)) {
            self.rest = Some(&rest[end + 1..]);
            Some(&rest[..end])
        } else {
            self.rest = None;
            Some(rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Many separators, and bytes that differ from one in a single bit.
    fn nearly_separators() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(prop_oneof![Just(b'|'), Just(0xfc_u8), Just(0x7d), any::<u8>()], 0..70)
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_loop(bytes in nearly_separators(), n in 0_usize..12) {
            let plain: Vec<usize> = bytes.iter().enumerate().filter(|(_, b)| **b == b'|').map(|(i, _)| i).collect();
            let mut all = Vec::new();
            each(&bytes, b'|', |at| all.push(at));
            prop_assert_eq!(&all, &plain);
            prop_assert_eq!(first(&bytes, b'|'), plain.first().copied());
            // A byte of zero must not be found in what pads the last word.
            prop_assert_eq!(first(&bytes, 0), bytes.iter().position(|b| *b == 0));
            prop_assert_eq!(nth(&bytes, b'|', n), plain.get(n).copied());
            let split: Vec<&[u8]> = bytes.split(|b| *b == b'|').collect();
            prop_assert_eq!(Pieces::new(&bytes, Some(b'|')).collect::<Vec<_>>(), split.clone());
            prop_assert_eq!(piece(&bytes, Some(b'|'), n + 1), split.get(n).copied());
        }
    }

    #[test]
    fn without_a_separator_the_whole_is_the_only_piece() {
        assert_eq!(piece(b"a^b", None, 1), Some(&b"a^b"[..]));
        assert_eq!(piece(b"a^b", None, 2), None);
        assert_eq!(piece(b"a^b", Some(b'^'), 0), None);
        assert_eq!(Pieces::new(b"", None).count(), 1);
    }
}
