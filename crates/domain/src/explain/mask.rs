//! What a viewer may see of patient data. Masked unless said otherwise (requirement X-10).

use crate::text::Text;

/// How much of a patient's data a viewer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Everything: the clinic's own people, or someone who gave a reason that was recorded.
    Open,
    /// Identity masked.
    Masked,
}

impl Sight {
    /// A name as this viewer sees it: `A. O.` when masked.
    pub fn name(self, name: &str) -> String {
        match self {
            Sight::Open => name.to_owned(),
            Sight::Masked => {
                let initials = name.split_whitespace().filter_map(|word| word.chars().next());
                initials.map(|initial| format!("{initial}.")).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// A private value (mostly an e-mail address) as this viewer sees it.
    pub fn private(self, value: &str) -> String {
        match self {
            Sight::Open => value.to_owned(),
            Sight::Masked => mask_email(value),
        }
    }

    /// What a person typed, as this viewer sees it. Nobody knows what is in it: masked, nothing is left of it but that
    /// it is there.
    pub fn note(self, text: &str) -> Text {
        match self {
            Sight::Masked if !text.is_empty() => {
                Text::from(format!("(a note of {} characters, masked)", text.chars().count()))
            }
            Sight::Open | Sight::Masked => Text::from(text),
        }
    }
}

/// What a person typed to be handed on, with everything taken out that may tell who a patient is: the words in `known`
/// (names and ids of the patients it is about), addresses, and numbers of five digits and more, dates among them.
pub fn mask_known(text: &str, known: &[Text]) -> Text {
    let plain =
        |word: &str| -> String { word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let known: Vec<String> =
        known.iter().flat_map(|name| name.split_whitespace()).map(plain).filter(|name| name.len() > 1).collect();
    let tells = |word: &str| {
        let letters = plain(word);
        let digits = word.chars().filter(char::is_ascii_digit).count();
        // A possessive or a plural is still a name.
        let named = |name: &String| letters == *name || letters.strip_suffix('s').is_some_and(|stem| stem == name);
        word.contains('@') || digits >= 5 || known.iter().any(named)
    };
    let words: Vec<&str> = text.split(' ').collect();
    let digits_of = |word: &str| {
        let number = !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || "+-()./,".contains(c));
        number.then(|| word.chars().filter(char::is_ascii_digit).count()).filter(|digits| *digits > 0)
    };
    // A phone number is often written in several groups: a run of them counts as one word.
    let mut run = vec![0; words.len()];
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| run.get(before)).copied().unwrap_or(0);
        if let (Some(digits), Some(place)) = (digits_of(word), run.get_mut(at)) {
            *place = before + digits;
        }
    }
    for at in (1..run.len()).rev() {
        if let (Some(after), Some(this)) = (run.get(at).copied(), run.get_mut(at - 1))
            && after > 0
            && *this > 0
        {
            *this = after;
        }
    }
    let masked = words.iter().zip(run).map(|(word, run)| if tells(word) || run >= 5 { "***" } else { word });
    Text::from(masked.collect::<Vec<_>>().join(" "))
}

/// `a***@example.com`: enough to recognise for who knows it, not enough to write to.
pub fn mask_email(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = local.trim().chars().take(1).collect();
    // What is no domain may say anything.
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    if domain.is_empty() || !domain.chars().all(plain) { format!("{first}***") } else { format!("{first}***@{domain}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_values_are_recognisable_but_not_usable() {
        assert_eq!(Sight::Masked.private("ada.okafor@example.com"), "a***@example.com");
        assert_eq!(Sight::Masked.private("no address"), "n***");
        assert_eq!(Sight::Masked.private("write to ada@example.com or to her son Ben"), "w***");
        assert_eq!(Sight::Masked.name("Ada Okafor"), "A. O.");
        assert_eq!(Sight::Open.name("Ada Okafor"), "Ada Okafor");
    }

    #[test]
    fn of_what_a_person_typed_nothing_is_left_but_that_it_is_there() {
        assert_eq!(Sight::Masked.note("Ada Okafor called"), "(a note of 17 characters, masked)");
        assert_eq!(Sight::Masked.note(""), "");
        assert_eq!(Sight::Open.note("Ada Okafor called"), "Ada Okafor called");
    }

    #[test]
    fn what_is_handed_on_keeps_its_words_and_loses_who_it_is_about() {
        let known: Vec<Text> = ["Okafor", "Ada Mae", "P-1001"].map(Text::from).to_vec();
        for (typed, handed_on) in [
            ("still held after the merge", "still held after the merge"),
            ("Ada's visit: OKAFOR, called twice", "*** visit: *** called twice"),
            ("write to ada@example.com today", "write to *** today"),
            ("call 555-0172-33 or 312 555 0172, ext. 4", "call *** or *** *** *** ext. 4"),
            ("born 1980-02-29, record P-1001", "born *** record ***"),
            ("3 of 24 visits, twice in 15 minutes", "3 of 24 visits, twice in 15 minutes"),
        ] {
            assert_eq!(mask_known(typed, &known), handed_on);
        }
    }
}
