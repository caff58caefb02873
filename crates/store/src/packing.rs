//! Bodies made smaller on their way to the disk: LZ4 with a dictionary of what every message and every decision has.
//!
//! A packed body is the length it had, as a number of seven bits a byte, and one LZ4 block. It can only be read with
//! the dictionary it was made with, so a dictionary never changes once it was shipped: a better one gets the next
//! number, and the old one stays. Dictionaries are made of synthetic messages and hold nobody's data, which is why none
//! is learned from what is stored: it would outlive the messages that retention removes.

use crate::{Error, Result};
use std::borrow::Cow;

/// What a body is likely to have in common with others.
pub(crate) struct Dictionary {
    /// Stands beside bodies that were packed with it; from 1.
    number: u8,
    text: &'static [u8],
}

/// Of messages: the words and separators of HL7 v2.
pub(crate) const MESSAGES: Dictionary = Dictionary { number: 1, text: include_bytes!("../dictionaries/message-1.hl7") };

/// Of ledger entries: a decision about an ordinary visit.
pub(crate) const DECISIONS: Dictionary =
    Dictionary { number: 1, text: include_bytes!("../dictionaries/decision-1.cbor") };

/// Stands beside a body that is as it was given.
pub(crate) const AS_IT_IS: u8 = 0;
/// Shorter bodies are not worth the time.
const SHORTEST: usize = 96;
/// LZ4 makes nothing shorter than by this factor: what claims more is damaged, and must not cost that much memory.
const BEST_RATIO: usize = 255;
/// The most bytes that the length in front takes.
const LENGTH_BYTES: usize = 5;

impl Dictionary {
    /// A body as it is stored, and the number to stand beside it. `room` is overwritten.
    pub(crate) fn pack<'a>(&self, plain: &'a [u8], room: &'a mut Vec<u8>) -> (u8, &'a [u8]) {
        match self.shorter(plain, room) {
            Some(packed) => (self.number, &room[..packed]),
            None => (AS_IT_IS, plain),
        }
    }

    /// Packs into `room`; how many bytes of it, or `None` when that would not be shorter.
    fn shorter(&self, plain: &[u8], room: &mut Vec<u8>) -> Option<usize> {
        let length = u32::try_from(plain.len()).ok().filter(|_| plain.len() >= SHORTEST)?;
        room.clear();
        put_length(length, room);
        let block = room.len();
        room.resize(block + lz4_flex::block::get_maximum_output_size(plain.len()), 0);
        let written = lz4_flex::block::compress_into_with_dict(plain, &mut room[block..], self.text).ok()?;
        Some(block + written).filter(|packed| *packed < plain.len())
    }

    /// The body that was stored beside `number`.
    pub(crate) fn unpack<'a>(&self, what: &'static str, number: u8, stored: &'a [u8]) -> Result<Cow<'a, [u8]>> {
        if number == AS_IT_IS {
            return Ok(Cow::Borrowed(stored));
        }
        if number != self.number {
            return Err(Error::unreadable(what, "packed with a dictionary that is not known"));
        }
        let damaged = || Error::unreadable(what, "its packed form is damaged");
        let (length, block) = take_length(stored).ok_or_else(damaged)?;
        if length / BEST_RATIO > block.len() {
            return Err(damaged());
        }
        let plain = lz4_flex::block::decompress_with_dict(block, length, self.text).map_err(|_| damaged())?;
        if plain.len() == length { Ok(Cow::Owned(plain)) } else { Err(damaged()) }
    }
}

fn put_length(mut length: u32, out: &mut Vec<u8>) {
    while length > 0x7f {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

fn take_length(packed: &[u8]) -> Option<(usize, &[u8])> {
    let mut length = 0_usize;
    for (place, byte) in packed.iter().take(LENGTH_BYTES).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((length, &packed[place + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packed(plain: &[u8]) -> (u8, Vec<u8>) {
        let mut room = vec![7; 9];
        let (number, stored) = MESSAGES.pack(plain, &mut room);
        (number, stored.to_vec())
    }

    #[test]
    fn what_resembles_the_dictionary_becomes_much_shorter() {
        let message = "MSH|^~\\&|A|B|C|D|20261121083000||SIU^S12^SIU_S12|M1|P|2.5.1\rSCH|1^EHR|||||||OFFICE^Office visit^L|30|\
                       min^minutes^UCUM|^^30^20261124100000\rRGS|1|A\rAIS|1|A|OFFICE^Office visit^L|20261124100000|0|min|30|min||Booked\r";
        let (number, stored) = packed(message.as_bytes());
        assert!(stored.len() * 2 < message.len(), "{} of {}", stored.len(), message.len());
        assert_eq!(MESSAGES.unpack("message", number, &stored).unwrap(), message.as_bytes());
    }

    #[test]
    fn what_is_short_or_without_pattern_stays_as_it_is() {
        assert_eq!(packed(b"MSH|^~\\&|A|B"), (AS_IT_IS, b"MSH|^~\\&|A|B".to_vec()));
        let mut noise = [0; 400];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        assert_eq!(packed(&noise), (AS_IT_IS, noise.to_vec()));
    }

    #[test]
    fn a_damaged_body_is_an_error_and_costs_no_memory() {
        let (number, good) = packed(&b"abcdefgh".repeat(100));
        assert!(number == 1 && MESSAGES.unpack("message", number, &good).is_ok());
        for damaged in [&good[..good.len() - 1], &[], &[0xff, 0xff, 0xff, 0xff, 0x0f, 0], &[0xff; 9]] {
            assert!(MESSAGES.unpack("message", number, damaged).is_err(), "{damaged:?}");
        }
        assert!(MESSAGES.unpack("message", 2, &good).is_err(), "a dictionary of later");
    }

    /// Dictionaries that were shipped are as they were: everything packed with them hangs on each of their bytes.
    #[test]
    fn shipped_dictionaries_did_not_change() {
        let digest = |dictionary: &Dictionary| blake3::hash(dictionary.text).to_hex()[..16].to_owned();
        assert_eq!([digest(&MESSAGES), digest(&DECISIONS)], ["8e268877b93c22ee", "9e4bc711764715e4"]);
    }

    proptest! {
        #[test]
        fn whatever_is_packed_comes_back(
            plain in proptest::collection::vec(0_u8..4, 0..3000),
            all in any::<Vec<u8>>(),
        ) {
            for body in [plain, all] {
                let (number, stored) = packed(&body);
                prop_assert!(stored.len() < body.len() || (number, &stored) == (AS_IT_IS, &body));
                prop_assert_eq!(MESSAGES.unpack("message", number, &stored).unwrap(), body);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
            let plain = DECISIONS.unpack("entry", DECISIONS.number, &bytes);
            let longest = bytes.len() * (BEST_RATIO + 1);
            prop_assert!(plain.map_or(true, |plain| plain.len() <= longest));
        }
    }
}
