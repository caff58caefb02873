//! Phrases that are looked for in free text.

use crate::profile::fold_word;
use crate::text::Text;

/// A phrase: words that follow one another, with `*` for any number of words between. Letter case and punctuation do
/// not count, parts of words do not match: `no show` is not in "no showers".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    words: Vec<Option<Text>>,
}

impl Phrase {
    /// Reads a phrase; `None` when there is no word in it.
    pub fn read(text: &str) -> Option<Phrase> {
        let words: Vec<Option<Text>> = text
            .split_whitespace()
            .map(|word| (word != "*").then(|| fold_word(word)))
            .filter(|word| word.as_ref().is_none_or(|word| !word.is_empty()))
            .collect();
        words.iter().any(Option::is_some).then_some(Phrase { words })
    }

    /// Whether the phrase stands anywhere in a text.
    pub fn stands_in(&self, text: &str) -> bool {
        let words: Vec<Text> = text
            .split(|c: char| c.is_whitespace() || ",;:/.()".contains(c))
            .map(fold_word)
            .filter(|word| !word.is_empty())
            .collect();
        (0..=words.len()).any(|from| follows(&self.words, &words[from..]))
    }
}

fn follows(phrase: &[Option<Text>], words: &[Text]) -> bool {
    match phrase {
        [] => true,
        [None, rest @ ..] => (0..=words.len()).any(|skipped| follows(rest, &words[skipped..])),
        [Some(wanted), rest @ ..] => match words {
            [word, others @ ..] => word == wanted && follows(rest, others),
            [] => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_order_match_and_parts_of_words_do_not() {
        let phrase = |text: &str| Phrase::read(text).unwrap();
        assert!(phrase("no show").stands_in("Pt was a NO-SHOW. no show again"));
        assert!(phrase("bumped").stands_in("bumped, doctor ill"));
        assert!(!phrase("no show").stands_in("no showers on this floor"));
        assert!(phrase("cancelled * patient").stands_in("Cancelled today by the patient, will call"));
        assert!(!phrase("cancelled * patient").stands_in("patient cancelled"));
        assert_eq!(Phrase::read(" * "), None);
    }
}
