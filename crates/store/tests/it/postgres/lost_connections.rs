//! A connection that is lost: what was not committed is gone, what was is found, and the next batch finds its way.

use super::proxy::{Cut, Proxy};
use crate::backends::{Fixture, Postgres, administer, look, write};
use crate::rows::*;
use store::postgres::PostgresStore;
use store::{Error, Retry, Store};

/// A store behind a way that can be cut.
fn behind_a_proxy() -> (Postgres, Proxy, PostgresStore) {
    let on = Postgres::fresh();
    let proxy = Proxy::to(&on.address());
    let store = PostgresStore::open(proxy.address()).unwrap();
    (on, proxy, store)
}

/// Stores a visit in a batch whose commit meets the cut.
fn commit_into(store: &dyn Store, proxy: &Proxy, id: &str, cut: Cut) -> store::Result<()> {
    let mut writer = store.writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    writer.put_appointment(&visit(id), None, &row()).unwrap();
    proxy.at_the_next_commit(cut);
    let committed = writer.commit();
    proxy.at_the_next_commit(Cut::Never);
    // Whatever came of it, the same writer goes on.
    writer.rollback();
    writer.begin(&mut |_| {}).unwrap();
    writer.put_participant(&visit(id), "P").unwrap();
    writer.commit().unwrap();
    committed
}

fn is_there(on: &Postgres, id: &str) -> bool {
    look(on.store(), |reader| reader.appointment(&visit(id))).is_some()
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_commit_whose_answer_was_lost_is_looked_up_and_found() {
    let (on, proxy, store) = behind_a_proxy();
    commit_into(&store, &proxy, "A", Cut::BeforeAnswer).unwrap();
    assert!(is_there(&on, "A"));
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_commit_that_never_arrived_is_looked_up_and_known_not_to_have_happened() {
    let (on, proxy, store) = behind_a_proxy();
    let error = commit_into(&store, &proxy, "A", Cut::BeforeCommit).unwrap_err();
    assert!(matches!(error.retry(), Retry::After(_)), "{error:?}");
    assert!(!is_there(&on, "A"));
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_commit_that_cannot_be_looked_up_has_an_unknown_outcome() {
    let (on, proxy, store) = behind_a_proxy();
    let error = commit_into(&store, &proxy, "A", Cut::BeforeAnswerForGood).unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown(_)), "{error:?}");
    assert!(is_there(&on, "A"), "it did happen: nothing is assumed");
    assert_ne!(proxy.straight(), proxy.address());
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_connection_lost_in_the_middle_of_a_batch_leaves_nothing_and_the_next_batch_goes_well() {
    let on = Postgres::fresh();
    let mut reader = on.store().reader().unwrap();
    assert_eq!(reader.tallies(HERE).unwrap(), []);
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    writer.put_appointment(&visit("A"), None, &row()).unwrap();
    let name = on.name();
    administer(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"));
    let error = writer.commit().unwrap_err();
    assert!(matches!(error.retry(), Retry::After(_)), "{error:?}");
    writer.rollback();
    writer.begin(&mut |_| {}).unwrap();
    assert_eq!(writer.appointment(&visit("A")).unwrap(), None);
    writer.put_appointment(&visit("A"), None, &row()).unwrap();
    writer.commit().unwrap();
    assert_eq!(reader.appointment(&visit("A")).unwrap(), Some(row()), "a reader finds its way by itself");
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn an_address_is_told_without_its_password_and_a_wrong_one_is_not_repeated() {
    let on = Postgres::fresh();
    let told = on.store().describe();
    assert!(told.starts_with("PostgreSQL"), "{told}");
    let secret = on.address();
    let secret = secret.split_once('@').unwrap().0.rsplit_once(':').unwrap().1.to_owned();
    assert!(!told.contains(&secret) || secret.is_empty());
    for wrong in ["postgres://u:hunter2@host:port/x", "postgres://u:hunter2@127.0.0.1:1/x?sslmode=disable"] {
        let error = PostgresStore::open(wrong).err().unwrap();
        let mut told = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(next) = cause {
            told.push_str(&next.to_string());
            cause = next.source();
        }
        assert!(!told.contains("hunter2"), "{told}");
    }
    write(on.store(), |writer| writer.next_boot());
}
