//! Text out of bytes: escapes resolved, then the character set decoded.
//!
//! In that order, because `\Xhh\` gives bytes *of the message's character set*: `\XC3\\XA9\` is one letter in UTF-8.

use super::charset::Charset;
use super::delimiters::Delimiters;
use super::escape::{Escapes, Part, Sequence};
use super::scan;
use std::borrow::Cow;

/// Decodes one value. Free when there is no escape and the set agrees with UTF-8.
#[inline]
pub(crate) fn decode<'a>(bytes: &'a [u8], delimiters: &Delimiters, charset: &Charset) -> Cow<'a, str> {
    match delimiters.escape() {
        Some(escape) if scan::first(bytes, escape).is_some() => {
            Cow::Owned(charset.decode_owned(unescape(bytes, delimiters)))
        }
        _ => charset.decode(bytes),
    }
}

fn unescape(bytes: &[u8], delimiters: &Delimiters) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    // CR and LF are one line break even when each has an escape of its own.
    let mut after_cr = false;
    for part in Escapes::new(bytes, delimiters) {
        let was_after_cr = std::mem::take(&mut after_cr);
        match part {
            Part::Text(text) | Part::Escape { sequence: Sequence::PassedThrough | Sequence::Unknown, raw: text } => {
                out.extend_from_slice(text);
            }
            Part::Escape { sequence: Sequence::Delimiter(byte), .. } => out.push(byte),
            Part::Escape { sequence: Sequence::LineBreak, .. } => out.push(b'\n'),
            Part::Escape { sequence: Sequence::Formatting, .. } => {}
            Part::Escape { sequence: Sequence::Hex(digits), .. } => after_cr = push_hex(&mut out, digits, was_after_cr),
        }
    }
    out
}

/// Appends the bytes that pairs of hex digits stand for. `0D`, `0A` and `0D0A` become one line break, also with
/// zeros before them (`000d`, from senders that write UTF-16 units). Returns whether a CR came last.
fn push_hex(out: &mut Vec<u8>, digits: &[u8], mut after_cr: bool) -> bool {
    let (pairs, _) = digits.as_chunks::<2>();
    let byte_at = |index: usize| pairs.get(index).map(|pair| hex(pair[0]) << 4 | hex(pair[1]));
    let mut index = 0;
    while let Some(byte) = byte_at(index) {
        index += 1;
        match byte {
            0 if matches!(byte_at(index), Some(b'\r' | b'\n')) => continue,
            b'\n' if after_cr => {}
            b'\r' | b'\n' => out.push(b'\n'),
            _ => out.push(byte),
        }
        after_cr = byte == b'\r';
    }
    after_cr
}

/// The value of a hex digit. Letters in either case end in the bits 1 to 6.
fn hex(digit: u8) -> u8 {
    (digit & 0xF) + if digit.is_ascii_digit() { 0 } else { 9 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wire: &str, expected: &str) {
        assert_eq!(decode(wire.as_bytes(), &Delimiters::default(), &Charset::UTF_8), expected, "{wire}");
    }

    #[test]
    fn delimiters_come_back() {
        check(r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f");
        check(r"\F\", "|");
        check(r"no\P\", "no#");
        let own = Delimiters::new(b'$', b"%*/@").unwrap();
        assert_eq!(decode(b"1/S/2/F/3\\F\\", &own, &Charset::UTF_8), r"1%2$3\F\");
        let fifth = Delimiters::new(b'|', b"^~\\&+").unwrap();
        assert_eq!(decode(b"\\P\\", &fifth, &Charset::UTF_8), "+");
    }

    #[test]
    fn hex_is_bytes_of_the_message_and_line_ends_are_breaks() {
        check(r"\X41\\X4243\", "ABC");
        check(r"Ren\XC3A9\", "René");
        check(r"Ren\XC3\\XA9\", "René");
        for line_end in [r"\X0D\", r"\X0A\", r"\X0D0A\", r"\X0D\\X0A\", r"\X000d\", r"\X000D000A\"] {
            check(&format!("one{line_end}two"), "one\ntwo");
        }
        check(r"\X0D0D\", "\n\n");
        check(r"\X0D\x\X0A\", "\nx\n");
        check(r"\X0A0D\", "\n\n");
        check(r"\X4a4A4f4F\", "JJOO");
        check(r"\X410D42\", "A\nB");
    }

    #[test]
    fn formatting_goes_and_breaks_stay() {
        check(r"one\.br\two\.sp\three\.sp2\four\.BR\", "one\ntwo\nthree\nfour\n");
        check(r"\H\bold\N\ \.in+4\in\.ti-2\\.sk3\\.fi\\.nf\\.ce\", "bold in");
    }

    #[test]
    fn what_is_not_ours_to_read_stays_verbatim() {
        check(r"\C2842\k\M242A\\Zab\", r"\C2842\k\M242A\\Zab\");
        check(r"\Q\ \XABC\ \XZZ\ \X\ \.xx\ \f\", r"\Q\ \XABC\ \XZZ\ \X\ \.xx\ \f\");
    }

    #[test]
    fn a_lone_escape_character_is_text() {
        check(r"N\A", r"N\A");
        check(r"C:\", r"C:\");
        check(r"C:\Temp\F\x", r"C:\Temp\F\x");
        check(r"back \ slash \T\ more", r"back \ slash & more");
        check(r"\\server\share", r"\\server\share");
        check(r"\\T\", r"\&");
        // The closing character must be in the same component.
        check(r"a\F^T\b", r"a\F^T\b");
    }

    #[test]
    fn untouched_text_is_borrowed() {
        let plain = decode("Zoë".as_bytes(), &Delimiters::default(), &Charset::UTF_8);
        assert!(matches!(plain, Cow::Borrowed(_)));
    }
}
