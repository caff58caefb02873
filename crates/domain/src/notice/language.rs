//! The language of a notice.

use minicbor::{Decode, Encode};
use serde::Serialize;

/// A language that notices are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Encode, Decode, Serialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum Language {
    /// English.
    #[default]
    #[n(0)]
    English,
    /// Spanish.
    #[n(1)]
    Spanish,
    /// French.
    #[n(2)]
    French,
}

impl Language {
    /// Every language.
    pub const ALL: [Language; 3] = [Language::English, Language::Spanish, Language::French];

    /// The tag of RFC 5646.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Spanish => "es",
            Language::French => "fr",
        }
    }

    /// The language that a source means: a tag (`es-MX`), a code of three letters of ISO 639-2 (HL7 table 0296), or the
    /// language's own or English name. `None`: another one, in which no notice is written.
    pub fn of_source(word: &str) -> Option<Language> {
        let word = word.trim().to_lowercase();
        let first = word.split(['-', '_', ' ']).next().unwrap_or_default();
        match first {
            "en" | "eng" | "english" => Some(Language::English),
            "es" | "spa" | "spanish" | "español" | "espanol" | "castellano" => Some(Language::Spanish),
            "fr" | "fra" | "fre" | "french" | "français" | "francais" => Some(Language::French),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_name_languages_in_many_ways() {
        for (word, language) in [
            ("en", Some(Language::English)),
            ("es-MX", Some(Language::Spanish)),
            ("SPA", Some(Language::Spanish)),
            (" French ", Some(Language::French)),
            ("fr_CA", Some(Language::French)),
            ("Français", Some(Language::French)),
            ("de", None),
            ("", None),
        ] {
            assert_eq!(Language::of_source(word), language, "{word:?}");
        }
    }
}
