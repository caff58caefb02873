//! Exact sentences with places for values. No grammar: a sentence is known or it is not, and then the nearest is shown.

/// What stands at a place of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// `{word}`: up to the next blank, without a comma at its end.
    Word,
    /// `{quoted}`: between quotation marks.
    Quoted,
    /// `{time}`: a day and a time of day, `2026-11-24 10:00` or with seconds.
    Time,
    /// `{rest}`: everything up to what follows in the sentence.
    Rest,
}

/// A known sentence.
#[derive(Clone, Copy, Debug)]
pub struct Pattern(&'static str);

/// The values at the places of a sentence, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values(Vec<String>);

impl Values {
    /// The value at a place, counted from 0.
    ///
    /// # Panics
    ///
    /// When the sentence has no such place: a mistake in the table of sentences.
    pub fn at(&self, place: usize) -> &str {
        &self.0[place]
    }

    /// The values of a list: `A, B and C`; `nothing` is the empty list.
    pub fn list(&self, place: usize) -> Vec<String> {
        let text = self.at(place);
        if text == "nothing" {
            return Vec::new();
        }
        let ends = text.replace(" and ", ", ");
        ends.split(", ").map(|item| item.trim().trim_matches('"').to_owned()).collect()
    }
}

impl Pattern {
    /// A sentence with places in braces.
    pub const fn new(text: &'static str) -> Pattern {
        Pattern(text)
    }

    /// The sentence with its places.
    pub const fn text(self) -> &'static str {
        self.0
    }

    /// The values, when `sentence` is this one.
    pub fn matches(self, sentence: &str) -> Option<Values> {
        let mut values = Vec::new();
        follow(self.0, sentence, &mut values).then_some(Values(values))
    }

    /// How far a sentence is from this one, for naming the nearest.
    pub fn distance(self, sentence: &str) -> usize {
        let bare = |text: &str| -> Vec<String> {
            text.split_whitespace().filter(|word| !word.starts_with('{')).map(str::to_owned).collect()
        };
        let (known, given) = (bare(self.0), bare(sentence));
        let missing = known.iter().filter(|word| !given.contains(word)).count();
        let extra = given.iter().filter(|word| !known.contains(word)).count();
        1000 * missing.max(1) + 100 * extra.min(9) + strsim::levenshtein(self.0, sentence).min(99)
    }
}

fn follow(pattern: &'static str, sentence: &str, values: &mut Vec<String>) -> bool {
    let Some(open) = pattern.find('{') else { return pattern == sentence };
    let (literal, rest) = pattern.split_at(open);
    let Some(sentence) = sentence.strip_prefix(literal) else { return false };
    let Some((name, rest)) = rest[1..].split_once('}') else { return false };
    let place = match name {
        "word" => Place::Word,
        "quoted" => Place::Quoted,
        "time" => Place::Time,
        _ => Place::Rest,
    };
    let ends: Vec<usize> = sentence.char_indices().map(|(at, _)| at).chain([sentence.len()]).skip(1).collect();
    let count = values.len();
    for end in ends {
        let (value, behind) = sentence.split_at(end);
        let Some(value) = fits(place, value) else { continue };
        values.push(value.to_owned());
        if follow(rest, behind, values) {
            return true;
        }
        values.truncate(count);
    }
    false
}

fn fits(place: Place, value: &str) -> Option<&str> {
    match place {
        Place::Word => (!value.contains(char::is_whitespace) && !value.ends_with(',')).then_some(value),
        Place::Quoted => {
            let inner = value.strip_prefix('"')?.strip_suffix('"')?;
            (!inner.contains('"')).then_some(inner)
        }
        Place::Time => {
            let (day, time) = value.split_once(' ')?;
            let digits = |text: &str, sign: char| text.chars().all(|c| c.is_ascii_digit() || c == sign);
            let whole = day.len() == 10 && (time.len() == 5 || time.len() == 8);
            (whole && digits(day, '-') && digits(time, ':')).then_some(value)
        }
        Place::Rest => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pattern: &'static str, sentence: &str) -> Option<Vec<String>> {
        Pattern::new(pattern).matches(sentence).map(|values| values.0)
    }

    #[test]
    fn places_take_what_fits_and_nothing_else() {
        let taken = |texts: &[&str]| Some(texts.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(values("visit {word} is held", "visit A-1 is held"), taken(&["A-1"]));
        assert_eq!(values("visit {word} is held", "visit A 1 is held"), None);
        assert_eq!(values("visit {word} is held", "visit A-1 is held now"), None);
        assert_eq!(values("the type {quoted} is known", "the type \"A  b \" is known"), taken(&["A  b "]));
        assert_eq!(values("the type {quoted} is known", "the type \"A\" or \"B\" is known"), None);
        assert_eq!(values("it is {time} there", "it is 2026-11-24 10:00 there"), taken(&["2026-11-24 10:00"]));
        assert_eq!(values("it is {time} there", "it is tomorrow 10:00 there"), None);
        assert_eq!(values("{word} says {rest}", "A says B, C and D"), taken(&["A", "B, C and D"]));
    }

    #[test]
    fn lists_are_read_as_people_write_them() {
        let list = |text: &str| Values(vec![text.to_owned()]).list(0);
        assert_eq!(list("A, B and C"), ["A", "B", "C"]);
        assert_eq!(list("\"A b\" and \"C\""), ["A b", "C"]);
        assert_eq!(list("A"), ["A"]);
        assert!(list("nothing").is_empty());
    }
}
