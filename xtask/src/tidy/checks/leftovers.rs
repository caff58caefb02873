//! No notes to oneself.

use crate::repo::Repo;
use crate::rust;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "leftovers",
    why: "A note in the code is found by nobody who plans; half-done work is called done.",
    fix: "Do it now, or open an issue and say in the code what holds today.",
    look,
};

/// Put together here so that this file does not find itself.
const WORDS: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
const MACROS: [&str; 3] = [concat!("dbg", "!"), concat!("todo", "!"), concat!("unimplemented", "!")];

fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in repo.texts().filter(|file| !file.is_as_it_is()) {
        if file.extension() == "rs" {
            for (number, line) in (1..).zip(rust::lines(file.text)) {
                let words = WORDS.iter().filter(|word| has_word(&line.comment, word) || has_word(&line.code, word));
                let macros = MACROS.iter().filter(|name| line.code.contains(*name));
                found.extend(words.chain(macros).map(|word| Finding::at(file.path, number, format!("{word:?}"))));
            }
        } else if file.is(&["sql", "toml", "sh", "py", "js", "css", "html"]) {
            for (number, line) in file.lines() {
                let words = WORDS.iter().filter(|word| has_word(line, word));
                found.extend(words.map(|word| Finding::at(file.path, number, format!("{word:?}"))));
            }
        }
    }
    found
}

fn has_word(text: &str, word: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word)
        .any(|(at, _)| !letter(text[..at].chars().last()) && !letter(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_to_oneself_are_found_and_words_that_hold_them_are_not() {
        let code = format!("// {}: later\nlet x = {}(y); // MASTODON\n", WORDS[0], MACROS[0]);
        let script = format!("#!/bin/sh\n# {} this\nmktemp -d x{}{}\n", WORDS[1], WORDS[2], WORDS[2]);
        let report: Vec<String> =
            look(&Repo::of(&[("a.rs", &code), ("run", &script)])).iter().map(ToString::to_string).collect();
        let expected = [("a.rs:1", WORDS[0]), ("a.rs:2", MACROS[0]), ("run:2", WORDS[1])];
        assert_eq!(report, expected.map(|(place, word)| format!("{place}: {word:?}")));
    }
}
