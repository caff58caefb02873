//! Character sets: which one a message is in (MSH-18, HL7 table 0211), and reading it without ever failing.

use super::message::{lead, read_header};
use super::segment::Segment;
use encoding_rs::{
    BIG5, EUC_KR, EncoderResult, Encoding, GB18030, GBK, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_8, UTF_16BE,
    UTF_16LE, WINDOWS_1252, X_USER_DEFINED,
};
use std::borrow::Cow;

/// The set that a message's text is read with, and how we came to it.
///
/// A configured set wins, then the first repetition of MSH-18, then UTF-8 if all bytes are valid UTF-8, then
/// windows-1252, which gives every byte a meaning (our rule; the standard says 7-bit ASCII when MSH-18 is empty, and
/// too few senders keep to it). A value that is not valid in UTF-8 although the message should be is read as
/// windows-1252 by itself: one old record in an otherwise sound feed. [`Message::notes`](super::Message::notes)
/// reports both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset {
    encoding: &'static Encoding,
    origin: CharsetOrigin,
    problem: Option<CharsetProblem>,
}

/// What decided on the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CharsetOrigin {
    /// The caller.
    Configured,
    /// MSH-18.
    Declared,
    /// The bytes: they are valid UTF-8 (plain ASCII included).
    Recognised,
    /// Nothing: the bytes are not UTF-8, and windows-1252 was assumed.
    Assumed,
}

/// Why MSH-18 could not be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CharsetProblem {
    /// A word that is not in table 0211 and names no set we know.
    Unknown,
    /// UTF-16 and UTF-32, whose bytes may equal framing bytes, or CNS 11643.
    Unsupported,
    /// MSH-18 says ASCII, and there are bytes above 127.
    NotAscii,
}

/// What a name stands for.
enum Named {
    Set(&'static Encoding),
    Ascii,
    /// `UNICODE` alone, long deprecated: no encoding is named.
    Any,
    Unsupported,
}

impl Charset {
    /// UTF-8 as the caller's choice: the set we write in unless told otherwise.
    pub const UTF_8: Self = Self::configured(UTF_8);

    /// windows-1252 as the caller's choice; a superset of ISO 8859-1.
    pub const WINDOWS_1252: Self = Self::configured(WINDOWS_1252);

    const fn configured(encoding: &'static Encoding) -> Self {
        Self { encoding, origin: CharsetOrigin::Configured, problem: None }
    }

    /// A set by name, for configuration: a value of table 0211 (`8859/1`, `UNICODE UTF-8`) or a usual label
    /// (`iso-8859-15`, `windows-1252`, `shift_jis`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match lookup(name.as_bytes())? {
            Named::Set(encoding) => Some(Self::configured(encoding)),
            Named::Ascii => Some(Self::WINDOWS_1252),
            Named::Any | Named::Unsupported => None,
        }
    }

    /// The set of a message: `declared` is the first repetition of MSH-18, `bytes` the whole.
    pub(crate) fn of(declared: &[u8], bytes: &[u8]) -> Self {
        let declared = declared.trim_ascii();
        let problem = match lookup(declared) {
            Some(Named::Set(encoding)) => return Self { encoding, origin: CharsetOrigin::Declared, problem: None },
            Some(Named::Ascii) if bytes.is_ascii() => {
                return Self { encoding: UTF_8, origin: CharsetOrigin::Declared, problem: None };
            }
            Some(Named::Ascii) => Some(CharsetProblem::NotAscii),
            Some(Named::Unsupported) => Some(CharsetProblem::Unsupported),
            Some(Named::Any) => None,
            None => (!declared.is_empty() && declared != b"\"\"").then_some(CharsetProblem::Unknown),
        };
        match std::str::from_utf8(bytes) {
            Ok(_) => Self { encoding: UTF_8, origin: CharsetOrigin::Recognised, problem },
            Err(_) => Self { encoding: WINDOWS_1252, origin: CharsetOrigin::Assumed, problem },
        }
    }

    /// What decided on the set.
    #[must_use]
    pub fn origin(&self) -> CharsetOrigin {
        self.origin
    }

    /// Why MSH-18 was not followed, if it was not.
    #[must_use]
    pub fn problem(&self) -> Option<CharsetProblem> {
        self.problem
    }

    /// The set's name as the web has it, such as `UTF-8` or `windows-1252` (which stands for 8859/1 too).
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.encoding.name()
    }

    /// Whether a byte that looks like a delimiter always is one. Not so in Shift JIS, ISO 2022-JP, GB 18030 and
    /// Big5, where it may be the second half of a letter; see [`to_utf8`].
    #[must_use]
    pub fn is_splittable(&self) -> bool {
        ![SHIFT_JIS, ISO_2022_JP, GB18030, GBK, BIG5].contains(&self.encoding)
    }

    /// Decodes bytes. Never fails: see [`Charset`] for what becomes of bytes that do not belong.
    #[must_use]
    #[inline]
    pub fn decode<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        if self.encoding == UTF_8
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return Cow::Borrowed(text);
        }
        self.decode_other(bytes)
    }

    #[inline(never)]
    fn decode_other<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        let encoding = if self.encoding == UTF_8 { WINDOWS_1252 } else { self.encoding };
        encoding.decode_without_bom_handling(bytes).0
    }

    pub(crate) fn decode_owned(&self, bytes: Vec<u8>) -> String {
        if self.encoding == UTF_8 {
            String::from_utf8(bytes).unwrap_or_else(|error| self.decode_other(error.as_bytes()).into_owned())
        } else {
            self.decode_other(&bytes).into_owned()
        }
    }

    /// Whether all bytes have a meaning in this set.
    #[must_use]
    pub(crate) fn covers(&self, bytes: &[u8]) -> bool {
        if self.encoding == UTF_8 {
            std::str::from_utf8(bytes).is_ok()
        } else {
            bytes.is_ascii() && self.encoding != ISO_2022_JP || !self.encoding.decode_without_bom_handling(bytes).1
        }
    }

    /// Hands over the bytes of some letters, piece by piece and never within a letter; `?` for one that the set lacks.
    pub(crate) fn encode(&self, text: &str, mut write: impl FnMut(&[u8])) {
        if self.encoding == UTF_8 {
            return write(text.as_bytes());
        }
        let mut encoder = self.encoding.new_encoder();
        let mut buffer = [0; 64];
        let mut rest = text;
        loop {
            let (result, read, written) = encoder.encode_from_utf8_without_replacement(rest, &mut buffer, true);
            write(&buffer[..written]);
            rest = &rest[read..];
            match result {
                EncoderResult::InputEmpty => return,
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(_) => write(b"?"),
            }
        }
    }
}

/// Looks a name up; blanks, hyphens, underscores and case do not count.
fn lookup(name: &[u8]) -> Option<Named> {
    let mut plain = [0; 24];
    let mut length = 0;
    for byte in name.iter().filter(|byte| !matches!(byte, b' ' | b'_' | b'-')) {
        *plain.get_mut(length)? = byte.to_ascii_uppercase();
        length += 1;
    }
    Some(match &plain[..length] {
        b"" => return None,
        b"ASCII" | b"USASCII" => Named::Ascii,
        b"UNICODE" => Named::Any,
        b"UNICODEUTF8" | b"UTF8" => Named::Set(UTF_8),
        b"UNICODEUTF16" | b"UNICODEUTF32" | b"UTF32" | b"CNS116431992" => Named::Unsupported,
        b"ISOIR14" => Named::Set(SHIFT_JIS),
        b"ISOIR87" | b"ISOIR159" => Named::Set(ISO_2022_JP),
        b"GB180302000" | b"GB18030" => Named::Set(GB18030),
        b"KSX1001" => Named::Set(EUC_KR),
        b"BIG5" => Named::Set(BIG5),
        other => return latin(other).or_else(|| Encoding::for_label(name)).map(supported),
    })
}

/// `8859/1` with or without `ISO` and the slash.
fn latin(name: &[u8]) -> Option<&'static Encoding> {
    let part = name.strip_prefix(b"ISO").unwrap_or(name).strip_prefix(b"8859")?;
    let label: &[u8] = match part.strip_prefix(b"/").unwrap_or(part) {
        b"1" => b"iso-8859-1",
        b"2" => b"iso-8859-2",
        b"3" => b"iso-8859-3",
        b"4" => b"iso-8859-4",
        b"5" => b"iso-8859-5",
        b"6" => b"iso-8859-6",
        b"7" => b"iso-8859-7",
        b"8" => b"iso-8859-8",
        b"9" => b"iso-8859-9",
        b"15" => b"iso-8859-15",
        _ => return None,
    };
    Encoding::for_label(label)
}

fn supported(encoding: &'static Encoding) -> Named {
    if [UTF_16LE, UTF_16BE, REPLACEMENT, X_USER_DEFINED].contains(&encoding) {
        Named::Unsupported
    } else {
        Named::Set(encoding)
    }
}

/// Rewrites a message in UTF-8 when its set has letters that contain delimiter bytes, so that it can be split.
///
/// Call it before [`Message::parse`](super::Message::parse) for sources that may send such sets; it looks at MSH
/// only, and gives `None` when the message can be parsed as it is. What it gives is to be read with
/// [`Charset::UTF_8`], for MSH-18 still names the old set.
#[must_use]
pub fn to_utf8(bytes: &[u8], configured: Option<Charset>) -> Option<Vec<u8>> {
    let charset = configured.or_else(|| {
        let body = &bytes[lead(bytes)..];
        let header = &body[..memchr::memchr2(b'\r', b'\n', body).unwrap_or(body.len())];
        let segment = Segment { bytes: header, delimiters: read_header(header).ok()?, offset: 0, ordinal: 1 };
        Some(Charset::of(segment.field(18).repetition(1).raw(), header))
    })?;
    (!charset.is_splittable()).then(|| charset.decode(bytes).into_owned().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(declared: &str, bytes: &[u8]) -> (&'static str, CharsetOrigin, Option<CharsetProblem>) {
        let charset = Charset::of(declared.as_bytes(), bytes);
        (charset.name(), charset.origin(), charset.problem())
    }

    #[test]
    fn every_name_of_table_0211_is_known() {
        use CharsetOrigin::Declared;
        for (name, expected) in [
            ("ASCII", "UTF-8"),
            ("8859/1", "windows-1252"),
            ("8859/2", "ISO-8859-2"),
            ("8859/3", "ISO-8859-3"),
            ("8859/4", "ISO-8859-4"),
            ("8859/5", "ISO-8859-5"),
            ("8859/6", "ISO-8859-6"),
            ("8859/7", "ISO-8859-7"),
            ("8859/8", "ISO-8859-8"),
            ("8859/9", "windows-1254"),
            ("8859/15", "ISO-8859-15"),
            ("UNICODE UTF-8", "UTF-8"),
            ("ISO IR14", "Shift_JIS"),
            ("ISO IR87", "ISO-2022-JP"),
            ("ISO IR159", "ISO-2022-JP"),
            ("GB 18030-2000", "gb18030"),
            ("KS X 1001", "EUC-KR"),
            ("BIG-5", "Big5"),
            // Not in the table, but sent.
            ("utf-8", "UTF-8"),
            ("ISO-8859-1", "windows-1252"),
            ("WINDOWS-1252", "windows-1252"),
            ("ISO8859/15", "ISO-8859-15"),
        ] {
            assert_eq!(of(name, b"x"), (expected, Declared, None), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        use CharsetOrigin::{Assumed, Recognised};
        use CharsetProblem::{NotAscii, Unknown, Unsupported};
        assert_eq!(of("", b"plain"), ("UTF-8", Recognised, None));
        assert_eq!(of("\"\"", b"plain"), ("UTF-8", Recognised, None));
        assert_eq!(of("UNICODE", "Zoë".as_bytes()), ("UTF-8", Recognised, None));
        assert_eq!(of("", b"Zo\xeb"), ("windows-1252", Assumed, None));
        assert_eq!(of("ASCII", b"Zo\xeb"), ("windows-1252", Assumed, Some(NotAscii)));
        assert_eq!(of("ASCII", "Zoë".as_bytes()), ("UTF-8", Recognised, Some(NotAscii)));
        for name in ["UNICODE UTF-16", "UNICODE UTF-32", "CNS 11643-1992", "utf-16le"] {
            assert_eq!(of(name, b"x").2, Some(Unsupported), "{name}");
        }
        for name in ["LATIN ONE", "8859/99", "a name that is much longer than any set's"] {
            assert_eq!(of(name, b"x").2, Some(Unknown), "{name}");
        }
        assert_eq!(Charset::named("8859/1"), Some(Charset::WINDOWS_1252));
        assert_eq!(Charset::named("utf-16"), None);
    }

    #[test]
    fn a_value_that_is_not_utf_8_is_read_as_windows_1252_by_itself() {
        assert_eq!(Charset::UTF_8.decode(b"Zo\xeb \x80"), "Zoë €");
        assert_eq!(Charset::UTF_8.decode_owned(b"Zo\xeb".to_vec()), "Zoë");
        assert!(!Charset::UTF_8.covers(b"Zo\xeb"));
        assert!(Charset::WINDOWS_1252.covers(b"Zo\xeb"));
    }

    #[test]
    fn letters_that_contain_delimiters_are_rewritten_before_splitting() {
        // In Big5 U+529F is A5 5C: its second byte is a backslash; U+8A31 is B3 5C.
        let message = b"MSH|^~\\&|A|B|||20270401||SIU^S12|1|P|2.5||||||BIG-5\rPID|1||9||\xa5\x5c^\xb3\x5c\r";
        let utf8 = to_utf8(message, None).unwrap();
        let message = super::super::Message::parse(&utf8).unwrap();
        let name = message.get(b"PID").field(5);
        assert_eq!(name.component(1).text(&Charset::UTF_8), "功");
        assert_eq!(name.component(2).text(&Charset::UTF_8), "許");
        assert_eq!(to_utf8(b"MSH|^~\\&|A|B|||20270401||SIU^S12|1|P|2.5\r", None), None);
        assert_eq!(to_utf8(b"nonsense", None), None);
    }

    #[test]
    fn letters_are_written_in_the_set_or_as_a_question_mark() {
        let bytes = |charset: Charset, text| {
            let mut out = Vec::new();
            charset.encode(text, |bytes| out.extend_from_slice(bytes));
            out
        };
        assert_eq!(bytes(Charset::UTF_8, "ë"), "ë".as_bytes());
        assert_eq!(bytes(Charset::WINDOWS_1252, "ë許ë"), b"\xeb?\xeb");
        assert_eq!(bytes(Charset::named("BIG-5").unwrap(), "許"), b"\xb3\x5c");
        let long = "ë".repeat(1000);
        assert_eq!(bytes(Charset::WINDOWS_1252, &long), [0xeb; 1000]);
    }
}
