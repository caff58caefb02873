//! What a question or a change costs does not grow with what else is stored.
//!
//! The same is done on a store with a little history and on one with three times as much, and the pages that the server
//! looks at are compared: they are the same on every machine, and they see what a plan does not say.

use crate::backends::{Fixture, Postgres, administer, ask_server, write};
use crate::contract::undecided::keep_by;
use crate::history::{CHANGES, OLD, YOUNG, live_long, questions};
use crate::rows::{HERE, at};
use domain::ids::EnvelopeId;
use std::time::Duration;
use store::UndecidedRow;

/// Questions and changes that do cost more in an older store, and why that is borne.
const GROW: &[(&str, &str)] =
    &[("decisions of somebody new", "whoever begins to follow reads the log once, from its beginning")];

fn lived(years: u64) -> Postgres {
    let on = Postgres::fresh();
    live_long(on.store(), years);
    let tables =
        format!("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = '{}'", on.name());
    for table in ask_server::<String>(&tables) {
        // Nothing but what is asked shall look at pages from here on.
        administer(&format!("ALTER TABLE {table} SET (autovacuum_enabled = off)"));
        clean(&table);
    }
    on
}

/// Has a table cleaned of rows that are no more. The server keeps them while anybody on it has a transaction open that
/// could see them, be it another test's: then it is done again.
fn clean(table: &str) {
    let dead = format!("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = '{table}'::regclass");
    for _ in 0..3000 {
        administer(&format!("VACUUM ANALYZE {table}"));
        if ask_server::<i64>(&dead)[0] == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{table} keeps rows that are no more");
}

/// Pages of tables and of their indices that were looked at, all sessions together, once all have ended.
fn pages(on: &Postgres) -> i64 {
    let name = on.name();
    let others = format!("SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'");
    let looked = format!(
        "SELECT coalesce(sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit + idx_blks_read, 0)), 0)::bigint
           FROM pg_statio_user_tables WHERE schemaname = '{name}'"
    );
    // A session hands in what it has counted when it ends, and a store keeps none that nobody uses.
    for _ in 0..3000 {
        if ask_server::<i64>(&others)[0] == 0 {
            return ask_server(&looked)[0];
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("a session goes on");
}

/// What was dearer where more is stored.
fn dearer(name: &str, then: i64, now: i64) -> Option<String> {
    // A few pages more are a level more of a tree.
    (now > then + then / 4 + 12).then(|| format!("{name}: {then} pages in a young store, {now} in an old one"))
}

fn compare(names: impl Iterator<Item = &'static str>, mut cost: impl FnMut(usize, bool) -> i64) {
    let mut grown = Vec::new();
    for (place, name) in names.enumerate() {
        let (then, now) = (cost(place, false), cost(place, true));
        assert!(then > 0, "{name}: no page was looked at");
        let dearer = dearer(name, then, now);
        match GROW.iter().find(|(known, _)| *known == name) {
            Some((_, why)) => assert!(dearer.is_some(), "{name} costs the same in an old store: strike out “{why}”"),
            None => grown.extend(dearer),
        }
    }
    assert!(grown.is_empty(), "{} of them:\n{}", grown.len(), grown.join("\n"));
}

/// A store, and the pages that were looked at so far.
struct Lived {
    on: Postgres,
    pages: i64,
}

impl Lived {
    fn new(years: u64) -> Lived {
        let on = lived(years);
        let pages = pages(&on);
        Lived { on, pages }
    }

    /// The pages that something looks at.
    fn cost(&mut self, doing: impl FnOnce(&Postgres)) -> i64 {
        doing(&self.on);
        let before = std::mem::replace(&mut self.pages, pages(&self.on));
        self.pages - before
    }
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn no_question_costs_more_in_an_old_store() {
    let (mut young, mut old, questions) = (Lived::new(YOUNG), Lived::new(OLD), questions());
    compare(questions.iter().map(|(name, _)| *name), |place, is_old| {
        let lived = if is_old { &mut old } else { &mut young };
        lived.cost(|on| questions[place].1(&mut *on.store().reader().unwrap()).unwrap())
    });
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn no_change_costs_more_in_an_old_store() {
    let (mut young, mut old) = (Lived::new(YOUNG), Lived::new(OLD));
    compare(CHANGES.iter().map(|(name, _)| *name), |place, is_old| {
        let lived = if is_old { &mut old } else { &mut young };
        lived.cost(|on| write(on.store(), CHANGES[place].1))
    });
}

/// Pages that are looked at while messages are kept one by one, after so many were decided on. Their rows are still
/// there when the plans are made, as they are when statistics of a new database are gathered.
fn kept_after(decided: u64, keeping: u64) -> i64 {
    let on = Postgres::fresh();
    administer(&format!("ALTER TABLE {}.undecided SET (autovacuum_enabled = off)", on.name()));
    let subjects = |id: u64| [id, id + 1_000_000].map(|subject| i64::try_from(subject).unwrap());
    let ids: Vec<u64> = (1..=decided).collect();
    for some in ids.chunks(100) {
        let row = |id: u64| UndecidedRow { envelope: EnvelopeId(id), integration: HERE, at: at(0), control_id: None };
        write(on.store(), |writer| some.iter().try_for_each(|id| writer.put_undecided(&row(*id), &subjects(*id))));
        write(on.store(), |writer| {
            some.iter().try_for_each(|id| writer.decided(HERE.practice, EnvelopeId(*id), &subjects(*id)))
        });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut porter = on.store().porter().unwrap().unwrap();
    for id in decided + 1..=decided + keeping {
        assert!(keep_by(&mut *porter, &runtime, id, None, &subjects(id)).unwrap().is_empty());
    }
    drop((porter, runtime));
    pages(&on)
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn keeping_costs_the_same_however_many_were_decided_on_since_the_table_was_cleaned() {
    let [few, many] = [300, 900].map(|decided| kept_after(decided, 20) - kept_after(decided, 0));
    assert!(dearer("keeping", few, many).is_none(), "{few} pages after 300 messages, {many} after 900");
}
