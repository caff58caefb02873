//! Two names that should be one: where they differ, mark by mark (requirement S1-6).

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

/// The form in which names are compared for likeness: compatibility-composed, look-alike letters replaced, lower case,
/// blanks collapsed.
pub fn plain_form(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for word in name.nfkc().collect::<String>().split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        for letter in word.chars() {
            // No key of a name holds what not every store can keep.
            if letter == '\0' {
                continue;
            }
            if letter.is_ascii() {
                plain.push(letter.to_ascii_lowercase());
            } else {
                let mut buffer = [0; 4];
                plain.extend(skeleton(letter.encode_utf8(&mut buffer)).flat_map(char::to_lowercase));
            }
        }
    }
    plain
}

/// What one stretch of a comparison is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// In both.
    Same,
    /// Expected, but not there.
    Missing,
    /// There, but not expected.
    Extra,
}

/// One stretch of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// What it is.
    pub mark: Mark,
    /// Its characters.
    pub text: String,
}

/// Longer names are not compared mark by mark: the work grows with the product of the lengths.
const LONGEST: usize = 200;

/// The way from `expected` to `observed` in the fewest inserted and left-out characters.
pub fn difference(expected: &str, observed: &str) -> Vec<Stretch> {
    let (expected, observed): (Vec<char>, Vec<char>) = (expected.chars().collect(), observed.chars().collect());
    if expected.len() > LONGEST || observed.len() > LONGEST {
        let whole = |mark, text: &[char]| Stretch { mark, text: text.iter().collect() };
        return vec![whole(Mark::Missing, &expected), whole(Mark::Extra, &observed)];
    }
    let width = observed.len() + 1;
    // common[i * width + j]: length of the longest common subsequence of expected[i..] and observed[j..].
    let mut common = vec![0u16; (expected.len() + 1) * width];
    for i in (0..expected.len()).rev() {
        for j in (0..observed.len()).rev() {
            common[i * width + j] = if expected[i] == observed[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let mut stretches: Vec<Stretch> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < expected.len() || j < observed.len() {
        if i < expected.len() && j < observed.len() && expected[i] == observed[j] {
            push(&mut stretches, Mark::Same, expected[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == observed.len()
            || (i < expected.len() && common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            push(&mut stretches, Mark::Missing, expected[i]);
            i += 1;
        } else {
            push(&mut stretches, Mark::Extra, observed[j]);
            j += 1;
        }
    }
    stretches
}

fn push(stretches: &mut Vec<Stretch>, mark: Mark, letter: char) {
    match stretches.last_mut() {
        Some(last) if last.mark == mark => last.text.push(letter),
        _ => stretches.push(Stretch { mark, text: letter.to_string() }),
    }
}

/// The difference in words, for people who listen rather than look: `"i" is missing after "Telemedicine V"`.
pub fn describe_difference(expected: &str, observed: &str) -> String {
    if expected.trim() == observed.trim() {
        return "only blanks at the beginning or end differ".to_owned();
    }
    if expected.to_lowercase() == observed.to_lowercase() {
        return "only capital and small letters differ".to_owned();
    }
    let collapsed = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ");
    if collapsed(expected) == collapsed(observed) {
        return "only the number of blanks differs".to_owned();
    }
    if plain_form(expected) == plain_form(observed) {
        return look_alike(expected, observed);
    }
    let stretches = difference(expected, observed);
    let mut so_far = String::new();
    let mut told = Vec::new();
    let mut rest = stretches.iter().peekable();
    while let Some(stretch) = rest.next() {
        match (stretch.mark, rest.peek().map(|next| next.mark)) {
            (Mark::Same, _) => so_far.push_str(&stretch.text),
            (Mark::Missing, Some(Mark::Extra)) => {
                let found = rest.next().map_or("", |next| next.text.as_str());
                told.push(format!("{found:?} instead of {:?}{}", stretch.text, after(&so_far)));
                so_far.push_str(found);
            }
            (Mark::Missing, _) => told.push(format!("{:?} is missing{}", stretch.text, after(&so_far))),
            (Mark::Extra, _) => {
                told.push(format!("{:?} is too much{}", stretch.text, after(&so_far)));
                so_far.push_str(&stretch.text);
            }
        }
    }
    told.join("; ")
}

fn after(so_far: &str) -> String {
    if so_far.is_empty() { " at the beginning".to_owned() } else { format!(" after {so_far:?}") }
}

fn look_alike(expected: &str, observed: &str) -> String {
    let strange: Vec<String> = observed
        .chars()
        .filter(|letter| !letter.is_ascii() && !expected.contains(*letter))
        .map(|letter| format!("{letter:?} (U+{:04X})", u32::from(letter)))
        .collect();
    if strange.is_empty() {
        "letters that look alike but are different characters".to_owned()
    } else {
        format!("{} only looks like the expected letter", strange.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn s1_6_the_difference_is_told_in_words() {
        let told = |observed| describe_difference("Telemedicine Visit", observed);
        assert_eq!(told("Telemedicine Vist"), r#""i" is missing after "Telemedicine Vis""#);
        assert_eq!(told("Telemedicine Visitt"), r#""t" is too much after "Telemedicine Visit""#);
        assert_eq!(told("Telemedicine Vizit"), r#""z" instead of "s" after "Telemedicine Vi""#);
        assert_eq!(told("Telemedicine visit"), "only capital and small letters differ");
        assert_eq!(told("Telemedicine  Visit"), "only the number of blanks differs");
        assert_eq!(told("Telemedicine Visit "), "only blanks at the beginning or end differ");
        assert_eq!(told("Telemedicine V\u{456}sit"), "'і' (U+0456) only looks like the expected letter");
    }

    proptest! {
        #[test]
        fn the_stretches_rebuild_both_names(expected in "[a-c ]{0,12}", observed in "[a-c ]{0,12}") {
            let stretches = difference(&expected, &observed);
            let kept = |left_out| stretches.iter().filter(move |s| s.mark != left_out);
            let rebuild = |left_out| kept(left_out).map(|s| s.text.as_str()).collect::<String>();
            prop_assert_eq!(rebuild(Mark::Extra), expected);
            prop_assert_eq!(rebuild(Mark::Missing), observed);
        }
    }
}
