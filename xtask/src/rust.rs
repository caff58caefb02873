//! A Rust file taken apart as far as the house rules need it: code, strings, comments, and where its tests begin.

/// One line of a Rust file.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Line {
    /// The code, with the contents of strings and characters left out.
    pub(crate) code: String,
    /// What is written in comments.
    pub(crate) comment: String,
    /// The strings that begin here, as they stand between their quotes.
    pub(crate) strings: Vec<String>,
    /// It belongs to the unit tests at the end of the file.
    pub(crate) test: bool,
}

/// Takes a file apart; one entry a line.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    let mut reader = Reader { rest: text, lines: vec![Line::default()] };
    while reader.step() {}
    let mut lines = reader.lines;
    let tests = lines
        .windows(2)
        .position(|pair| pair[0].code.trim() == "#[cfg(test)]" && pair[1].code.trim_start().starts_with("mod "));
    for line in lines.iter_mut().skip(tests.unwrap_or(usize::MAX)) {
        line.test = true;
    }
    lines
}

struct Reader<'a> {
    rest: &'a str,
    lines: Vec<Line>,
}

impl Reader<'_> {
    fn line(&mut self) -> &mut Line {
        if self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }

    /// Takes the next piece; `false` at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest;
        let Some(first) = rest.chars().next() else { return false };
        if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            self.comment(end);
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |at| at + 2);
            self.comment(end);
        } else if let Some((opening, closing)) = string_start(rest).filter(|_| !self.in_a_word()) {
            self.string(opening, &closing);
        } else if first == '"' {
            self.string(1, "\"");
        } else if let Some(length) = character(rest) {
            self.line().code.push_str("' '");
            self.rest = &rest[length..];
        } else {
            if first == '\n' {
                self.lines.push(Line::default());
            } else {
                self.line().code.push(first);
            }
            self.rest = &rest[first.len_utf8()..];
        }
        true
    }

    /// The code so far ends in a letter: what follows is no prefix of a string.
    fn in_a_word(&mut self) -> bool {
        self.line().code.chars().last().is_some_and(|c| c.is_alphanumeric() || c == '_')
    }

    fn comment(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        for (n, part) in taken.split('\n').enumerate() {
            if n > 0 {
                self.lines.push(Line::default());
            }
            self.line().comment.push_str(part);
        }
        self.rest = rest;
    }

    /// A string whose opening takes so many bytes; only in one that ends with a plain quote a backslash escapes.
    fn string(&mut self, opening: usize, closing: &str) {
        let raw = self.rest[..opening].contains('r');
        let body = &self.rest[opening..];
        let end = if raw { body.find(closing).unwrap_or(body.len()) } else { unescaped_quote(body) };
        let content = &body[..end];
        self.line().code.push_str("\"\"");
        self.line().strings.push(content.to_owned());
        self.lines.extend(content.matches('\n').map(|_| Line::default()));
        self.rest = body.get(end + closing.len()..).unwrap_or("");
    }
}

/// `r"`, `r#"`, `b"`, `br##"`, `c"`: the length of the opening, and what closes it.
fn string_start(rest: &str) -> Option<(usize, String)> {
    let prefix = rest.find(|c| !matches!(c, 'r' | 'b' | 'c')).filter(|length| (1..=2).contains(length))?;
    let raw = rest[..prefix].contains('r');
    let hashes = rest[prefix..].chars().take_while(|c| *c == '#').count();
    let quoted = rest[prefix + hashes..].starts_with('"') && (raw || hashes == 0);
    quoted.then(|| (prefix + hashes + 1, format!("\"{}", "#".repeat(hashes))))
}

fn unescaped_quote(body: &str) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    body.len()
}

/// The length of a character literal; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let mut chars = inner.char_indices();
    let (_, first) = chars.next()?;
    if first == '\\' {
        let (after, _) = chars.next()?;
        let from = after + 1;
        return inner.get(from..)?.find('\'').map(|at| 1 + from + at + 1);
    }
    let (after, second) = chars.next()?;
    (second == '\'').then_some(1 + after + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        lines(text).into_iter().map(|line| line.code).collect()
    }

    #[test]
    fn strings_and_comments_are_told_from_code() {
        let text = "let a = \"x // \\\" y\"; // why\nlet b = r#\"one\n\"two\"#; /* and\nmore */ f('\"', '\\'', 'a);";
        assert_eq!(codes(text), ["let a = \"\"; ", "let b = \"\"", "; ", " f(' ', ' ', 'a);"]);
        let taken = lines(text);
        assert_eq!(taken[0].strings, ["x // \\\" y"]);
        assert_eq!(taken[0].comment, "// why");
        assert_eq!(taken[1].strings, ["one\n\"two"]);
        assert_eq!((taken[2].comment.as_str(), taken[3].comment.as_str()), ("/* and", "more */"));
    }

    #[test]
    fn a_word_that_ends_in_a_prefix_is_no_raw_string() {
        assert_eq!(codes("stringify!(br\"x\", number\"y\")"), ["stringify!(\"\", number\"\")"]);
        assert_eq!(lines("b\"MSH\"")[0].strings, ["MSH"]);
    }

    #[test]
    fn the_tests_of_a_file_begin_with_their_module() {
        let taken = lines("fn a() {}\n#[cfg(test)]\nfn helper() {}\n#[cfg(test)]\nmod tests {\n}\n");
        let tests: Vec<bool> = taken.iter().map(|line| line.test).collect();
        assert_eq!(tests, [false, false, false, true, true, true, true]);
    }
}
