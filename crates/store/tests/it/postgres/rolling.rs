//! A process of the schema before, and one of the newest, on one store.

use crate::backends::{Fixture, Postgres, administer, look, write};
use crate::everything::{ask, ask_overall, fill, fill_as_before, fill_newest};
use crate::rows::*;
use store::postgres::PostgresStore;
use store::{AppointmentRow, Error, Store};

/// The newest schema that a store has.
fn schema_of(on: &Postgres) -> i32 {
    let behind = |number: i32| {
        administer(&format!("SELECT 1 FROM {}.refinery_schema_history WHERE version > {number}", on.name())) > 0
    };
    (0..).find(|number| !behind(*number)).unwrap()
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn an_older_process_works_on_while_and_after_the_store_is_brought_up_to_date() {
    let on = Postgres::closed();
    let newest = {
        let other = Postgres::fresh();
        schema_of(&other)
    };
    let known = newest - 1;
    let old = PostgresStore::open_knowing(&on.address(), known).unwrap();
    assert_eq!(schema_of(&on), known, "it makes the schema that it knows");
    write(&old, |writer| fill_as_before(writer, HERE, 5));
    let mut writer = old.writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    writer.put_appointment(&visit("open"), None, &row()).unwrap();
    writer.commit().unwrap();

    let new = PostgresStore::open(&on.address()).unwrap();
    assert_eq!(schema_of(&on), newest);
    // Both go on, the old one on its open connection too, and each sees what the other does.
    writer.begin(&mut |_| {}).unwrap();
    let held = writer.appointment(&visit("open")).unwrap().unwrap();
    let next = AppointmentRow { version: 2, ..held.clone() };
    writer.put_appointment(&visit("open"), Some(&held), &next).unwrap();
    writer.commit().unwrap();
    assert_eq!(look(&new, |reader| reader.appointment(&visit("open"))), Some(next));
    write(&new, |writer| fill_newest(writer, HERE, 5));
    write(&new, |writer| fill(writer, ELSEWHERE, 6));
    for store in [&old, &new] {
        let answers =
            look(store, |reader| Ok((ask(reader, HERE, 5)?, ask(reader, ELSEWHERE, 6)?, ask_overall(reader)?)));
        assert_eq!(
            answers,
            look(&new, |reader| Ok((ask(reader, HERE, 5)?, ask(reader, ELSEWHERE, 6)?, ask_overall(reader)?)))
        );
    }
    // One of the old ones is started again in the middle of it.
    let again = PostgresStore::open_knowing(&on.address(), known).unwrap();
    write(&again, |writer| fill(writer, NEXT_DOOR, 7));
    assert_eq!(schema_of(&on), newest, "and leaves the schema as it is");
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_process_that_the_schema_has_left_behind_is_refused() {
    let on = Postgres::fresh();
    let newest = schema_of(&on);
    administer(&format!("UPDATE {}.meta SET value = {newest} WHERE name = 'oldest_schema'", on.name()));
    let error = PostgresStore::open_knowing(&on.address(), newest - 1).err().unwrap();
    assert!(matches!(error, Error::Migration(_)), "{error:?}");
    assert_eq!(look(on.opened_again().as_ref(), |reader| reader.practices()), []);
}
