//! The file: copied while others work, refused when it is not one of ours.

use crate::backends::{Fixture, SqliteFile, look, write};
use crate::everything::{Answers, ask, ask_overall, fill};
use crate::rows::*;
use std::time::Duration;
use store::sqlite::{SqliteOptions, SqliteStore};
use store::{Error, Reader, Store};

fn everything(store: &dyn Store) -> (Answers, Answers) {
    look(store, |reader: &mut dyn Reader| Ok((ask(reader, HERE, 5)?, ask_overall(reader)?)))
}

#[test]
fn a_copy_holds_what_was_committed_and_nothing_of_an_open_batch() {
    let on = SqliteFile::fresh();
    write(on.store(), |writer| fill(writer, HERE, 5));
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    fill(&mut *writer, ELSEWHERE, 6).unwrap();

    let to = on.folder().join("copy.db");
    let mut told = Vec::new();
    on.store().backup(&to, &mut |done, all| told.push((done, all))).unwrap();
    writer.rollback();

    let (done, all) = told.last().copied().unwrap();
    assert!(all > 0 && done == all, "the last thing told is that all is done: {told:?}");
    let copy = SqliteStore::open(&to, SqliteOptions::default()).unwrap();
    assert_eq!(everything(&copy), everything(on.store()));
}

#[test]
fn a_store_moved_into_one_file_is_whole_without_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("punctual.db");
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    write(&store, |writer| fill(writer, HERE, 5));
    let before = everything(&store);
    let mut reader = store.reader().unwrap();
    ask_overall(&mut *reader).unwrap();
    drop(store);
    let held = SqliteStore::into_one_file(&path, Duration::from_millis(30));
    assert!(matches!(held, Err(Error::Busy(_))), "somebody has it open: {held:?}");

    let closing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        drop(reader);
    });
    SqliteStore::into_one_file(&path, Duration::from_secs(30)).unwrap();
    closing.join().unwrap();
    let alone = folder.path().join("alone.db");
    std::fs::copy(&path, &alone).unwrap();
    assert_eq!(everything(&SqliteStore::open(&alone, SqliteOptions::default()).unwrap()), before);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    let text = b"Dear all, this is not a database. ".repeat(64);
    std::fs::write(&path, &text).unwrap();
    let error = SqliteStore::open(&path, SqliteOptions::default()).err().unwrap();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert_eq!(std::fs::read(&path).unwrap(), text);
}

#[test]
fn a_store_of_a_newer_version_that_suits_this_one_is_used_as_it_is() {
    let on = SqliteFile::fresh();
    write(on.store(), |writer| fill(writer, HERE, 5));
    let before = everything(on.store());
    // A migration that only adds.
    let newer = "ALTER TABLE appointment ADD COLUMN colour TEXT; CREATE TABLE novelty (id INTEGER PRIMARY KEY);
                 INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
                 SELECT version + 1, 'of_the_future', applied_on, '1' FROM refinery_schema_history ORDER BY version DESC LIMIT 1";
    rusqlite::Connection::open(on.path()).unwrap().execute_batch(newer).unwrap();
    let store = SqliteStore::open(&on.path(), SqliteOptions::default()).unwrap();
    assert_eq!(everything(&store), before);
    write(&store, |writer| fill(writer, ELSEWHERE, 6));
}

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let on = SqliteFile::fresh();
    // It took away what this version needs, and says so.
    let newer = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
                 SELECT version + 1000, 'of_the_future', applied_on, '1' FROM refinery_schema_history LIMIT 1;
                 UPDATE meta SET value = 900 WHERE name = 'oldest_schema'";
    rusqlite::Connection::open(on.path()).unwrap().execute_batch(newer).unwrap();
    let error = SqliteStore::open(&on.path(), SqliteOptions::default()).err().unwrap();
    assert!(matches!(error, Error::Migration(_)), "{error:?}");
}

/// The schema as it is written down, in one order.
fn schema(path: &std::path::Path) -> Vec<(String, String)> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut asked =
        connection.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
    let rows = asked.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Questions about what later schemas added: a store of the first one has nothing to answer them with.
const LATER: [&str; 24] = [
    "undecided",
    "undecided_about",
    "notice_once",
    "notices_of",
    "notices_due",
    "feedback",
    "feedback_of",
    "feedback_counts",
    "exception",
    "open_exceptions",
    "exceptions_due",
    "last_check_run",
    "check_runs",
    "queue_use",
    "events_due",
    "event",
    "poll",
    "polls_due",
    "polled",
    "pace",
    "next_notice",
    "next_exception",
    "next_event",
    "next_poll",
];

/// A store as the first version left it, with what the store at `of` holds of it.
fn of_the_first_schema(of: &std::path::Path, at: &std::path::Path) {
    let first = rusqlite::Connection::open(at).unwrap();
    first.execute_batch(include_str!("../../../migrations/sqlite/V0001__create_store.sql")).unwrap();
    first.execute("ATTACH ?1 AS full", [of.to_str().unwrap()]).unwrap();
    let list = |sql: &str| -> Vec<String> {
        let mut asked = first.prepare(sql).unwrap();
        asked.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    for table in list("SELECT name FROM main.sqlite_schema WHERE type = 'table'") {
        let columns = list(&format!("SELECT '\"' || name || '\"' FROM pragma_table_info('{table}')")).join(", ");
        first.execute_batch(&format!("DELETE FROM main.{table}")).unwrap();
        let copy = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM full.{table}");
        first.execute_batch(&copy).unwrap();
    }
    let history = "CREATE TABLE main.refinery_schema_history AS
                   SELECT * FROM full.refinery_schema_history WHERE version = 1";
    first.execute_batch(history).unwrap();
}

#[test]
fn a_store_of_the_first_schema_opens_with_its_data_and_ends_in_that_of_a_fresh_one() {
    let (full, fresh) = (SqliteFile::unpacked(), SqliteFile::fresh());
    write(full.store(), |writer| fill(writer, HERE, 5));
    let all = |(one, overall): (Answers, Answers)| [one, overall].concat();
    let before = all(everything(full.store()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("first.db");
    of_the_first_schema(&full.path(), &path);
    assert_ne!(schema(&path), schema(&fresh.path()));
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let after = all(everything(&store));
    let lost: Vec<_> = before.iter().filter(|answer| !after.contains(answer)).map(|(question, _)| *question).collect();
    assert_eq!(
        lost,
        LATER.into_iter().filter(|later| lost.contains(later)).collect::<Vec<_>>(),
        "nothing else is lost"
    );
    let history = |(name, _): &(String, String)| name != "refinery_schema_history";
    let tables = |path: &std::path::Path| schema(path).into_iter().filter(history).collect::<Vec<_>>();
    assert_eq!(tables(&path), tables(&fresh.path()));
}
