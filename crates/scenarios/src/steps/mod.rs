//! The sentences of scenarios and what they do.

mod answers;
mod asked;
mod checks;
mod clinic;
mod happenings;
mod identity;
mod items;
mod letters;
mod people;
mod platform_side;
mod records;
mod rejudge;
mod series;
mod setup;
mod when;

use crate::sentence::{Pattern, Values};
use crate::world::{Told, World};
use std::future::Future;
use std::pin::Pin;

/// What a sentence does, when it needs the engine.
pub type Doing<'w> = Pin<Box<dyn Future<Output = Told> + 'w>>;

/// What a sentence does.
#[derive(Clone, Copy)]
pub enum Do {
    /// It says how things stand in the practice document or the practice system; nobody is told of it yet.
    Note(fn(&mut World, &Values) -> Told),
    /// It happens, or it is looked at. The practice document is applied before.
    Act(for<'w> fn(&'w mut World, Values) -> Doing<'w>),
}

/// A sentence with what it does.
#[derive(Clone, Copy)]
pub struct Known {
    /// The sentence.
    pub pattern: Pattern,
    /// What it does.
    pub run: Do,
}

/// A sentence that notes something.
const fn note(text: &'static str, run: fn(&mut World, &Values) -> Told) -> Known {
    Known { pattern: Pattern::new(text), run: Do::Note(run) }
}

/// A sentence that does something: `act!("staff book visit {word}", book)` with `async fn book(&mut World, Values)`.
macro_rules! act {
    ($text:literal, $run:expr) => {
        $crate::steps::Known {
            pattern: $crate::sentence::Pattern::new($text),
            run: $crate::steps::Do::Act(|world, values| Box::pin($run(world, values))),
        }
    };
}
pub(crate) use act;

/// Every sentence.
pub fn all() -> impl Iterator<Item = &'static Known> {
    [
        asked::SENTENCES,
        checks::SENTENCES,
        clinic::SENTENCES,
        setup::SENTENCES,
        records::SENTENCES,
        rejudge::SENTENCES,
        items::SENTENCES,
        letters::SENTENCES,
        series::SENTENCES,
        when::SENTENCES,
        happenings::SENTENCES,
        answers::SENTENCES,
        platform_side::SENTENCES,
        people::SENTENCES,
        identity::SENTENCES,
    ]
    .into_iter()
    .flatten()
}

/// The sentence that `text` is, with its values. The error names the nearest known one.
pub fn find(text: &str) -> Told<(&'static Known, Values)> {
    let mut found = all().filter_map(|known| known.pattern.matches(text).map(|values| (known, values)));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some((one, _)), Some((other, _))) => {
            Err(format!("{text:?} is both {:?} and {:?}", one.pattern.text(), other.pattern.text()))
        }
        (None, _) => {
            let nearest = all().min_by_key(|known| known.pattern.distance(text));
            let nearest = nearest.map_or("", |known| known.pattern.text());
            Err(format!("nobody knows the sentence {text:?}; the nearest is {nearest:?}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_sentence_is_told_with_the_nearest_known_one() {
        let nearest = |text: &str| find(text).map(|_| ()).unwrap_err();
        assert!(nearest("visit A-1 is in synk").contains("\"visit {word} is in sync\""));
        assert!(nearest("staff books visit A-1").contains("\"staff book visit {word}\""));
        assert!(nearest("it is 2026-11-21 at the clinic").contains("\"it is {time} at the clinic\""));
    }

    #[test]
    fn a_sentence_stands_once_in_the_table() {
        let mut texts: Vec<&str> = all().map(|known| known.pattern.text()).collect();
        texts.sort_unstable();
        let count = texts.len();
        texts.dedup();
        assert_eq!(texts.len(), count);
    }
}
