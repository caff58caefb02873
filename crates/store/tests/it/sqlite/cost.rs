//! What a question or a change costs does not grow with what else is stored.
//!
//! The same is done on a store with a little history and on one with three times as much, and SQLite's steps are
//! compared. Steps are the same on every machine, and they see what a query plan does not say: an index may be used and
//! still lead through a whole practice.

use super::listening::{Statements, listen};
use crate::backends::{Fixture, SqliteFile, write};
use crate::history::{CHANGES, LIMIT, OLD, YOUNG, live_long, question, questions};
use crate::rows::*;

/// Questions and changes that do cost more in an older store, and why that is borne.
const GROW: &[(&str, &str)] =
    &[("decisions of somebody new", "whoever begins to follow reads the log once, from its beginning")];

fn steps(statements: &Statements) -> u64 {
    statements.values().sum()
}

/// What was dearer where more is stored, and by which statements.
fn dearer(name: &str, young: &Statements, old: &Statements) -> Option<String> {
    // A few steps more are a row more or less on a page, or a level more of a tree.
    if steps(old) <= steps(young) + steps(young) / 4 + 40 {
        return None;
    }
    let mut told = format!("{name}: {} steps in a young store, {} in an old one", steps(young), steps(old));
    for (sql, now) in old {
        let then = young.get(sql).copied().unwrap_or_default();
        if *now > then + then / 4 {
            told.push_str(&format!("\n    {then} → {now}: {sql}"));
        }
    }
    Some(told)
}

#[test]
fn no_question_costs_more_in_an_old_store() {
    let (young, old) = (SqliteFile::fresh(), SqliteFile::fresh());
    live_long(young.store(), YOUNG);
    live_long(old.store(), OLD);
    let mut grown = Vec::new();
    for (name, ask) in questions() {
        let cost = |on: &SqliteFile| listen(|| ask(&mut *on.store().reader().unwrap()).unwrap()).1;
        let (then, now) = (cost(&young), cost(&old));
        assert!(steps(&then) > 0, "{name}: no statement was heard");
        let dearer = dearer(name, &then, &now);
        match GROW.iter().find(|(known, _)| *known == name) {
            Some((_, why)) => assert!(dearer.is_some(), "{name} costs the same in an old store: strike out “{why}”"),
            None => grown.extend(dearer),
        }
    }
    assert!(grown.is_empty(), "{} questions:\n{}", grown.len(), grown.join("\n"));
}

#[test]
fn no_change_costs_more_in_an_old_store() {
    let (young, old) = (SqliteFile::fresh(), SqliteFile::fresh());
    live_long(young.store(), YOUNG);
    live_long(old.store(), OLD);
    let mut grown = Vec::new();
    for &(name, change) in CHANGES {
        let cost = |on: &SqliteFile| listen(|| write(on.store(), change)).1;
        let (then, now) = (cost(&young), cost(&old));
        assert!(steps(&then) > 0, "{name}: no statement was heard");
        let dearer = dearer(name, &then, &now);
        match GROW.iter().find(|(known, _)| *known == name) {
            Some((_, why)) => assert!(dearer.is_some(), "{name} costs the same in an old store: strike out “{why}”"),
            None => grown.extend(dearer),
        }
    }
    assert!(grown.is_empty(), "{} changes:\n{}", grown.len(), grown.join("\n"));
}

#[test]
fn what_is_due_costs_the_same_however_many_cards_wait() {
    let waiting = |cards: u64| {
        let on = SqliteFile::fresh();
        write(on.store(), |writer| {
            // Those of one integration have long been due, because nobody answers there; the others come later.
            (1..=cards).try_for_each(|n| writer.put_outbox(&card(n, &visit(&format!("B{n}")), at(-5))))?;
            writer.put_outbox(&card(9_000_000, &visit_of(NEXT_DOOR, "A"), at(0)))?;
            writer.put_outbox(&card(9_000_001, &visit_of(ELSEWHERE, "A"), at(99)))
        });
        on
    };
    let (few, many) = (waiting(100), waiting(3_000));
    for (name, ask) in [
        question("whose cards are due", |reader| reader.outbox_turns(at(0), None, LIMIT)),
        question("cards of one behind them", |reader| reader.outbox_visible(at(0), &[NEXT_DOOR], LIMIT)),
        question("cards of all", |reader| reader.outbox_visible(at(0), &[HERE, NEXT_DOOR], LIMIT)),
        question("the next instant", |reader| reader.next_outbox()),
    ] {
        let cost = |on: &SqliteFile| listen(|| ask(&mut *on.store().reader().unwrap()).unwrap()).1;
        assert_eq!(dearer(name, &cost(&few), &cost(&many)), None);
    }
}
