//! Whole stores copied from one engine into the other.

use crate::backends::{Fixture, Locked, Postgres, SqliteFile, administer, look, write};
use crate::everything::{ask, ask_overall, fill};
use crate::rows::*;
use domain::ids::{EntryId, EnvelopeId};
use std::ops::ControlFlow;
use std::path::Path;
use store::copy::{Compared, Outcome, Place, Progress, Step, copy};
use store::postgres::PostgresStore;
use store::sqlite::{SqliteOptions, SqliteStore};
use store::{Error, Reader, Store, WakeScope, Writer};

/// More rows than are copied in one go.
const MANY: u64 = 1203;

fn fill_all(writer: &mut dyn Writer) -> store::Result<()> {
    fill(writer, HERE, 5)?;
    fill(writer, ELSEWHERE, 6)?;
    for n in 0..MANY {
        let key = visit(&format!("{n:x} é"));
        writer.put_appointment(&key, None, &row())?;
        writer.put_participant(&key, &format!("p{n}"))?;
        writer.put_entry(&key, EntryId(100 + n), None, at(0), &decided(&key.source_id, 1))?;
        writer.put_envelope(&envelope(100 + n, HERE))?;
        writer.put_wait(&key, "integration")?;
    }
    Ok(())
}

type Answers = (crate::everything::Answers, crate::everything::Answers, crate::everything::Answers);

fn answers(store: &dyn Store) -> Answers {
    look(store, |reader: &mut dyn Reader| Ok((ask(reader, HERE, 5)?, ask(reader, ELSEWHERE, 6)?, ask_overall(reader)?)))
}

/// Copies to the end; what both sides hold.
fn copied(from: Place<'_>, to: Place<'_>) -> Vec<Compared> {
    match copy(from, to, &mut |_| ControlFlow::Continue(())).unwrap() {
        Outcome::Complete(compared) => compared,
        Outcome::Stopped => panic!("nobody stopped it"),
    }
}

fn differing(compared: &[Compared]) -> Vec<&'static str> {
    compared.iter().filter(|table| !table.same()).map(|table| table.table).collect()
}

/// A filled store in a file, and a place in a database in which nothing is yet.
fn scene() -> (SqliteFile, Postgres) {
    let on = SqliteFile::fresh();
    write(on.store(), fill_all);
    (on, Postgres::closed())
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_copy_answers_everything_as_the_source_does_there_and_back() {
    let (on, there) = scene();
    let before = answers(on.store());
    let compared = copied(Place::File(&on.path()), Place::Database(&there.address()));
    assert_eq!(differing(&compared), [""; 0]);
    let rows = |name: &str| compared.iter().find(|table| table.table == name).unwrap().target.rows;
    assert_eq!((rows("entry"), rows("appointment"), rows("link")), (MANY + 2, MANY + 2, 2));
    let in_database = PostgresStore::open(&there.address()).unwrap();
    assert_eq!(answers(&in_database), before);
    drop(in_database);

    // A database may be used by older programs than the file that was copied into it.
    administer(&format!("UPDATE {}.meta SET value = 2 WHERE name = 'oldest_schema'", there.name()));
    let folder = tempfile::tempdir().unwrap();
    let back = folder.path().join("back.db");
    assert_eq!(differing(&copied(Place::Database(&there.address()), Place::File(&back))), [""; 0]);
    let in_file = |file: &Path, sql: &str| -> i64 {
        rusqlite::Connection::open(file).unwrap().query_row(sql, (), |row| row.get(0)).unwrap()
    };
    let oldest = "SELECT value FROM meta WHERE name = 'oldest_schema'";
    assert_eq!(in_file(&back, oldest), in_file(&on.path(), oldest), "what is packed is not for older programs");
    let packed = "SELECT sum(packed) FROM entry";
    assert_eq!(in_file(&back, packed), in_file(&on.path(), packed), "and is packed as in a file that grew by itself");
    assert_eq!(answers(&SqliteStore::open(&back, SqliteOptions::default()).unwrap()), before);
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn every_table_of_the_database_is_copied() {
    let (on, there) = scene();
    let compared = copied(Place::File(&on.path()), Place::Database(&there.address()));
    let names: Vec<String> = compared.iter().map(|table| format!("'{}'", table.table)).collect();
    let schema = there.name();
    let others = format!(
        "SELECT 1 FROM pg_tables WHERE schemaname = '{schema}' AND tablename NOT IN ('refinery_schema_history', 'latest_batch')
         AND tablename NOT IN ({})",
        names.join(", ")
    );
    assert_eq!(administer(&others), 0, "a table is left behind");
    for table in compared {
        assert!(table.source.rows > 0, "{} is empty: its copy says nothing", table.table);
    }
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_copy_does_not_wait_for_tables_of_others() {
    let (on, there) = scene();
    let others = Postgres::closed();
    administer(&format!("CREATE TABLE {}.theirs (n INT)", others.name()));
    let locked = Locked::hold(&format!("{}.theirs", others.name()));
    let (done, copied_all) = std::sync::mpsc::channel();
    let (from, to) = (on.path(), there.address());
    std::thread::spawn(move || done.send(copied(Place::File(&from), Place::Database(&to)).len()));
    let copied = copied_all.recv_timeout(std::time::Duration::from_secs(60));
    drop(locked);
    assert!(copied.is_ok_and(|tables| tables > 0), "the copy waits for a lock on a table that is not ours");
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn numbers_go_on_behind_those_that_were_copied() {
    let (on, there) = scene();
    let (boot, fact) = write(on.store(), |writer| Ok((writer.next_boot()?, writer.fired(9)?.last().unwrap().id)));
    copied(Place::File(&on.path()), Place::Database(&there.address()));
    let store = PostgresStore::open(&there.address()).unwrap();
    assert_eq!(write(&store, |writer| writer.next_boot()), boot + 1);
    write(&store, |writer| writer.fire(HERE, "provider:NEW", WakeScope::Waiting, "", at(0)));
    assert!(look(&store, |reader| reader.fired(9)).last().unwrap().id > fact);
    // Every row can be changed as one that was written here.
    write(&store, |writer| {
        let held = writer.appointment(&visit("A1"))?.unwrap();
        writer.put_appointment(&visit("A1"), Some(&held), &store::AppointmentRow { version: 99, ..held.clone() })?;
        keep_patient(writer, HERE, &patient("P1", "new@example.com"))
    });
    assert_eq!(look(&store, |reader| reader.appointment(&visit("A1"))).unwrap().version, 99);
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_copy_that_is_stopped_again_and_again_goes_on_and_is_not_opened_before_its_end() {
    let (on, there) = scene();
    let before = answers(on.store());
    let (mut runs, mut furthest) = (0, 0);
    loop {
        runs += 1;
        let mut steps = 0;
        // Each run gets a little further than the one before, and never begins anew.
        let mut told = |progress: Progress| {
            steps += 1;
            if progress.step == Step::Copying {
                assert!(progress.done >= furthest, "{progress:?} after {furthest}");
                furthest = progress.done;
            }
            if steps > 7 && progress.step == Step::Copying { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        match copy(Place::File(&on.path()), Place::Database(&there.address()), &mut told).unwrap() {
            Outcome::Complete(compared) => {
                assert_eq!(differing(&compared), [""; 0]);
                break;
            }
            Outcome::Stopped => {
                let error = PostgresStore::open(&there.address()).err().unwrap();
                assert!(matches!(&error, Error::Migration(why) if why.contains("not complete")), "{error:?}");
            }
        }
    }
    assert!(runs > 3, "it was stopped {runs} times");
    assert_eq!(answers(&PostgresStore::open(&there.address()).unwrap()), before);
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_row_that_was_tampered_with_is_found() {
    let (on, there) = scene();
    let until_compared = |progress: Progress| match progress.step {
        Step::Copying => ControlFlow::Continue(()),
        Step::Comparing => ControlFlow::Break(()),
    };
    let stopped = copy(Place::File(&on.path()), Place::Database(&there.address()), &mut { until_compared }).unwrap();
    assert!(matches!(stopped, Outcome::Stopped));
    let schema = there.name();
    administer(&format!("UPDATE {schema}.audit SET detail = detail || '.' WHERE id = 5"));
    administer(&format!("DELETE FROM {schema}.wait WHERE source_id = 'A1' AND integration = {}", HERE.integration));
    let compared = copied(Place::File(&on.path()), Place::Database(&there.address()));
    assert_eq!(differing(&compared), ["wait", "audit"]);
    let audit = compared.iter().find(|table| table.table == "audit").unwrap();
    assert_eq!(audit.source.rows, audit.target.rows, "its rows are as many as before");
    assert!(PostgresStore::open(&there.address()).is_err(), "what differs is not opened for use");
}

fn refusal(from: Place<'_>, to: Place<'_>) -> String {
    let mut never = |progress: Progress| panic!("it began: {progress:?}");
    match copy(from, to, &mut never).unwrap_err() {
        Error::Refused(why) | Error::Busy(why) => why.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_copy_never_mixes_two_stores() {
    let (on, there) = scene();
    let address = there.address();
    let used = PostgresStore::open(&address).unwrap();
    write(&used, |writer| writer.put_token(&token("somebody")));
    let somebody = used.reader().unwrap();
    let said = refusal(Place::File(&on.path()), Place::Database(&address));
    assert!(said.contains("another process has it open"), "{said}");
    drop((somebody, used));
    // The server notices a moment later that its clients have gone.
    let name = there.name();
    while administer(&format!("SELECT 1 FROM pg_stat_activity WHERE application_name = '{name}'")) > 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let said = refusal(Place::File(&on.path()), Place::Database(&address));
    assert!(said.contains("not empty (table token)"), "{said}");

    let half = Postgres::closed();
    let stop = |progress: Progress| if progress.done == 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    copy(Place::File(&on.path()), Place::Database(&half.address()), &mut { stop }).unwrap();
    write(on.store(), |writer| writer.put_envelope(&store::NewEnvelope { ..envelope(9999, HERE) }));
    let said = refusal(Place::File(&on.path()), Place::Database(&half.address()));
    assert!(said.contains("as it was before it was used again"), "{said}");
    let nowhere = Path::new("/nowhere/punctual.db");
    assert!(refusal(Place::File(nowhere), Place::Database(&half.address())).contains("no store at"));
    assert_eq!(look(on.store(), |reader| reader.envelope(EnvelopeId(9999))).unwrap().id, EnvelopeId(9999));
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn what_the_database_cannot_hold_is_said_and_not_changed() {
    let (on, there) = scene();
    write(on.store(), |writer| writer.put_wait(&visit("A1"), "provider:a\0b"));
    let failed = copy(Place::File(&on.path()), Place::Database(&there.address()), &mut |_| ControlFlow::Continue(()));
    let Err(Error::Refused(why)) = failed else { panic!("{failed:?}") };
    assert!(why.to_string().contains("table wait holds a text with a zero byte"), "{why}");
}
