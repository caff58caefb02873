//! Escape sequences (HL7 v2.5.1 §2.7): telling them from text, and writing them.
//!
//! Splitting comes first: a sequence never reaches over a separator, and what it stands for is never split again.

use super::charset::Charset;
use super::delimiters::Delimiters;

/// What one escape sequence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sequence<'a> {
    /// `\F\ \S\ \T\ \R\ \E\ \P\`: the delimiter itself.
    Delimiter(u8),
    /// `\Xhh..\`: pairs of hex digits.
    Hex(&'a [u8]),
    /// `\.br\`, `\.sp\`.
    LineBreak,
    /// Highlighting and layout, which plain text does not have.
    Formatting,
    /// `\C..\ \M..\ \Z..\`: for the site that wrote them; kept as they are.
    PassedThrough,
    /// Shaped like a sequence but none of the standard's; kept as it is, and noted.
    Unknown,
}

/// A stretch of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Text(&'a [u8]),
    Escape { sequence: Sequence<'a>, raw: &'a [u8] },
}

/// Walks a value part by part; each byte is looked at a fixed number of times.
#[derive(Clone, Debug)]
pub(crate) struct Escapes<'a, 'd> {
    rest: &'a [u8],
    delimiters: &'d Delimiters,
}

impl<'a, 'd> Escapes<'a, 'd> {
    pub(crate) fn new(bytes: &'a [u8], delimiters: &'d Delimiters) -> Self {
        Self { rest: bytes, delimiters }
    }
}

impl<'a> Iterator for Escapes<'a, '_> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let opening = self.delimiters.escape().and_then(|escape| memchr::memchr(escape, self.rest));
        let taken = match opening {
            None => self.rest.len(),
            Some(0) => {
                let body = &self.rest[1..];
                let closing = self.delimiters.escape().and_then(|escape| memchr::memchr(escape, body));
                if let Some(end) = closing.filter(|end| is_sequence(&body[..*end], self.delimiters)) {
                    let (raw, rest) = self.rest.split_at(end + 2);
                    self.rest = rest;
                    return Some(Part::Escape { sequence: meaning(&body[..end], self.delimiters), raw });
                }
                // Alone, or closed too far away: text, and the next one may open a sequence. With no other escape
                // character the rest is text too, so that no search is made twice.
                closing.map_or(self.rest.len(), |_| 1)
            }
            Some(before) => before,
        };
        let (text, rest) = self.rest.split_at(taken);
        self.rest = rest;
        Some(Part::Text(text))
    }
}

/// Whether what stands between two escape characters can be a sequence: not empty, no blank, no separator. Paths and
/// stray backslashes in prose are told from sequences by this.
fn is_sequence(body: &[u8], delimiters: &Delimiters) -> bool {
    !body.is_empty() && body.iter().all(|byte| byte.is_ascii_graphic() && !delimiters.separates(*byte))
}

fn meaning<'a>(body: &'a [u8], delimiters: &Delimiters) -> Sequence<'a> {
    match body {
        [b'H' | b'N'] => Sequence::Formatting,
        [letter] => delimiters.escaped_byte(*letter).map_or(Sequence::Unknown, Sequence::Delimiter),
        [b'X', digits @ ..] if digits.len() % 2 == 0 && digits.iter().all(u8::is_ascii_hexdigit) => {
            Sequence::Hex(digits)
        }
        [b'C' | b'M', digits @ ..] if digits.iter().all(u8::is_ascii_hexdigit) => Sequence::PassedThrough,
        [b'Z', ..] => Sequence::PassedThrough,
        [b'.', a, b, argument @ ..] if is_number(argument) => match [a.to_ascii_lowercase(), b.to_ascii_lowercase()] {
            [b'b', b'r'] | [b's', b'p'] => Sequence::LineBreak,
            [b'i', b'n'] | [b't', b'i'] | [b's', b'k'] | [b'f', b'i'] | [b'n', b'f'] | [b'c', b'e'] => {
                Sequence::Formatting
            }
            _ => Sequence::Unknown,
        },
        _ => Sequence::Unknown,
    }
}

fn is_number(argument: &[u8]) -> bool {
    let digits = argument.strip_prefix(b"+").or_else(|| argument.strip_prefix(b"-")).unwrap_or(argument);
    digits.iter().all(u8::is_ascii_digit)
}

/// How a line break in text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineBreak {
    /// `\X0D\`, for any type.
    #[default]
    Hex,
    /// `\.br\`, for FT and TX.
    Formatted,
}

/// Appends text so that reading it gives the same text back: delimiters and the escape character as their letters,
/// line breaks as asked, other control characters as hex. CR LF, CR and LF are one kind of line break.
///
/// In a message that declares no escape character, what would need one becomes a blank.
pub(crate) fn write(out: &mut Vec<u8>, text: &str, delimiters: &Delimiters, charset: &Charset, breaks: LineBreak) {
    let mut rest = text;
    // Two double quotes alone would be read as null.
    if text == "\"\"" && delimiters.escape().is_some() {
        hex(out, delimiters, b"\"");
        rest = "\"";
    }
    while let Some(first) = rest.bytes().next() {
        let taken = match first {
            b'\r' | b'\n' => {
                // Where the point is a delimiter, `.br` would be cut in two.
                let is_hex = breaks == LineBreak::Hex || delimiters.escape_letter(b'.').is_some();
                sequence(out, delimiters, if is_hex { b"X0D" } else { b".br" });
                if rest.starts_with("\r\n") { 2 } else { 1 }
            }
            ..0x80 if !is_plain(first, delimiters) => {
                match delimiters.escape_letter(first) {
                    Some(letter) => sequence(out, delimiters, &[letter]),
                    None => hex(out, delimiters, &[first]),
                }
                1
            }
            ..0x80 => {
                let run = rest.bytes().position(|byte| !is_plain(byte, delimiters)).unwrap_or(rest.len());
                out.extend_from_slice(&rest.as_bytes()[..run]);
                run
            }
            _ => {
                let run = rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len());
                charset.encode(&rest[..run], |bytes| foreign(out, delimiters, bytes));
                run
            }
        };
        rest = &rest[taken..];
    }
}

/// Whether a byte of text is written as it is.
#[inline]
fn is_plain(byte: u8, delimiters: &Delimiters) -> bool {
    (byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t')) && delimiters.escape_letter(byte).is_none()
}

/// Appends encoded letters. In sets such as Big5 the second byte of one may look like a delimiter, and our reader, as
/// many, splits bytes.
fn foreign(out: &mut Vec<u8>, delimiters: &Delimiters, bytes: &[u8]) {
    if bytes.iter().any(|byte| delimiters.escape_letter(*byte).is_some() || byte.is_ascii_control()) {
        hex(out, delimiters, bytes);
    } else {
        out.extend_from_slice(bytes);
    }
}

/// Appends bytes as one hex sequence.
fn hex(out: &mut Vec<u8>, delimiters: &Delimiters, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let Some(escape) = delimiters.escape() else { return out.push(b' ') };
    out.extend_from_slice(&[escape, b'X']);
    for byte in bytes {
        out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xF)]]);
    }
    out.push(escape);
}

fn sequence(out: &mut Vec<u8>, delimiters: &Delimiters, body: &[u8]) {
    let Some(escape) = delimiters.escape() else { return out.push(b' ') };
    out.push(escape);
    out.extend_from_slice(body);
    out.push(escape);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, breaks: LineBreak) -> String {
        let mut out = Vec::new();
        write(&mut out, text, &Delimiters::default(), &Charset::UTF_8, breaks);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn delimiters_and_control_characters_are_escaped() {
        assert_eq!(written("a|b^c&d~e\\f", LineBreak::Hex), r"a\F\b\S\c\T\d\R\e\E\f");
        assert_eq!(written("a\x0b\x1c\0\tb", LineBreak::Hex), "a\\X0B\\\\X1C\\\\X00\\\tb");
        assert_eq!(written("#Zoë", LineBreak::Hex), "#Zoë");
    }

    #[test]
    fn a_declared_truncation_character_is_escaped_and_so_are_letters_that_look_like_delimiters() {
        let mut out = Vec::new();
        let fifth = Delimiters::new(b'|', b"^~\\&#").unwrap();
        write(&mut out, "7#", &fifth, &Charset::UTF_8, LineBreak::Hex);
        assert_eq!(out, b"7\\P\\");
        let mut out = Vec::new();
        let big5 = Charset::named("BIG-5").unwrap();
        write(&mut out, "許", &Delimiters::default(), &big5, LineBreak::Hex);
        assert_eq!(out, b"\\XB35C\\");
        let mut out = Vec::new();
        let japanese = Charset::named("ISO IR87").unwrap();
        write(&mut out, "語", &Delimiters::default(), &japanese, LineBreak::Hex);
        assert_eq!(out, b"\\X1B2442386C1B2842\\");
    }

    #[test]
    fn line_breaks_are_written_as_asked() {
        assert_eq!(written("a\nb\r\nc\rd", LineBreak::Formatted), r"a\.br\b\.br\c\.br\d");
        assert_eq!(written("a\nb\r\n\n", LineBreak::Hex), r"a\X0D\b\X0D\\X0D\");
    }

    #[test]
    fn two_quotes_as_text_are_not_null() {
        assert_eq!(written("\"\"", LineBreak::Hex), r#"\X22\""#);
        assert_eq!(written("\"\"\"", LineBreak::Hex), r#"""""#);
    }

    #[test]
    fn without_an_escape_character_delimiters_become_blanks() {
        let delimiters = Delimiters::new(b'|', b"^~").unwrap();
        let mut out = Vec::new();
        write(&mut out, "a|b\nc\\&", &delimiters, &Charset::UTF_8, LineBreak::Hex);
        assert_eq!(out, b"a b c\\&");
    }

    #[test]
    fn work_stays_linear_when_escapes_do_not_close() {
        // Every part takes at least one byte, and a search that found nothing ends the walk.
        let stray = b"\\ ".repeat(1000);
        assert_eq!(Escapes::new(&stray, &Delimiters::default()).count(), 1999);
        let text = [b"\\".as_slice(), &b"x ".repeat(1000)].concat();
        assert_eq!(Escapes::new(&text, &Delimiters::default()).count(), 1);
    }
}
