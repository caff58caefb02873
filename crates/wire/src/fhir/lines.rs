//! NDJSON: one resource a line.

/// A line with something on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1, empty lines included, so that an editor finds it.
    pub number: u64,
    /// Where it begins.
    pub offset: usize,
    /// Without the line break and the blanks around it.
    pub json: &'a [u8],
}

/// The lines of a text, empty ones left out. A byte order mark in front is skipped.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: u64,
}

impl<'a> Lines<'a> {
    /// The lines of a whole text.
    pub fn new(bytes: &'a [u8]) -> Lines<'a> {
        let at = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        Lines { bytes, at, number: 0 }
    }

    /// The lines of a piece of a text, which begins behind line `number`.
    pub fn behind(bytes: &'a [u8], number: u64) -> Lines<'a> {
        Lines { bytes, at: 0, number }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        loop {
            let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let (line, offset) = (rest.get(..end)?, self.at);
            self.at += end + 1;
            self.number += 1;
            let json = line.trim_ascii();
            if !json.is_empty() {
                return Some(Line { number: self.number, offset, json });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let lines: Vec<_> =
            Lines::new(b"\xEF\xBB\xBF{}\r\n\n  \n {1}\n{2}").map(|l| (l.number, l.offset, l.json)).collect();
        assert_eq!(lines, [(1, 3, &b"{}"[..]), (4, 11, b"{1}"), (5, 16, b"{2}")]);
        assert_eq!(Lines::behind(b"{}\n", 7).next().map(|line| line.number), Some(8));
    }
}
