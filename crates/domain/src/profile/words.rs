//! Status words: many spellings of one meaning.

use crate::status::Status;
use crate::text::Text;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::collections::HashMap;

/// The form in which words are compared: lower case, letters and digits only. `No-Show`, `NO SHOW` and `noshow` are
/// one word (senders differ in case and in punctuation; docs/profiles.md).
pub fn fold_word(word: &str) -> Text {
    let folded: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    Text::from(folded)
}

/// A table from words to canonical statuses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusWords {
    by_word: HashMap<Text, Status, foldhash::fast::FixedState>,
    spelled: Vec<(Text, Status)>,
}

impl StatusWords {
    /// A table of these words.
    pub fn new(words: impl IntoIterator<Item = (Text, Status)>) -> StatusWords {
        let spelled: Vec<(Text, Status)> = words.into_iter().collect();
        let by_word = spelled.iter().map(|(word, status)| (fold_word(word), *status)).collect();
        StatusWords { by_word, spelled }
    }

    /// The meaning of a word, if the table has it. Unknown is `None`, never a guess (invariant 7).
    pub fn meaning(&self, word: &str) -> Option<Status> {
        // Most words arrive in the spelling of the table or already folded; folding again is cheap and inline.
        self.by_word.get(fold_word(word).as_str()).copied()
    }

    /// The words as the profile or document spells them.
    pub fn spelled(&self) -> &[(Text, Status)] {
        &self.spelled
    }

    /// No word is in the table.
    pub fn is_empty(&self) -> bool {
        self.spelled.is_empty()
    }
}

impl<'de> Deserialize<'de> for StatusWords {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<StatusWords, D::Error> {
        BTreeMap::<Text, Status>::deserialize(deserializer).map(StatusWords::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_variants_are_one_word_and_unknown_ones_have_no_meaning() {
        let words = StatusWords::new([("No-show".into(), Status::NoShow)]);
        for word in ["No-show", "NO SHOW", " noshow ", "no_show"] {
            assert_eq!(words.meaning(word), Some(Status::NoShow), "{word}");
        }
        assert_eq!(words.meaning("bumped"), None);
        assert_eq!(words.meaning(""), None);
    }
}
