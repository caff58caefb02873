//! A batch is lost when the database crashes, and after that somebody else's is given its number.

use crate::support::Cluster;
use domain::ids::{IntegrationKey, PracticeNo};
use domain::time::Moment;
use store::postgres::PostgresStore;
use store::{Hints, Store, WakeScope, Writer};

const HERE: IntegrationKey = IntegrationKey { practice: PracticeNo(1), integration: 1 };

/// Opens a batch, whose number is asked for at once, and changes something in it.
fn begin(writer: &mut dyn Writer, what: &str) {
    let hints = &mut |hints: &mut Hints| hints.controls.push((HERE, what.into()));
    writer.begin(hints).expect("a batch can be opened");
    let now = Moment::from_micros(1_700_000_000_000_000);
    writer.fire(HERE, what, WakeScope::Upcoming, "because", now).expect("a fact can be told");
}

/// Batches of somebody else: one of them is given the number of the lost one.
fn others(store: &dyn Store) {
    let mut writer = store.writer().expect("there is a writer");
    for number in 0..20 {
        begin(&mut *writer, &format!("provider:OTHER{number}"));
        writer.commit().expect("nothing is in the way");
    }
}

#[test]
#[ignore = "needs a PostgreSQL server to start: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn a_number_that_is_given_again_after_a_crash_does_not_speak_for_the_batch_that_was_lost() {
    let mut cluster = Cluster::start();
    let store = PostgresStore::open(&cluster.address("")).expect("the store can be opened");
    let mut lost = store.writer().expect("there is a writer");
    // Once before, so that nothing has to be prepared and the commit is the first to meet the crash.
    begin(&mut *lost, "provider:BEFORE");
    lost.commit().expect("nothing is in the way");
    begin(&mut *lost, "provider:LOST");
    cluster.stop_immediately();
    cluster.start_again();

    // On a thread of its own, as every writer: what this one waits for, it does not notice the crash by.
    std::thread::scope(|scope| scope.spawn(|| others(&store)).join()).expect("nothing is in the way");
    let told = lost.commit();
    lost.rollback();
    let facts = store.reader().and_then(|mut reader| reader.fired(64)).expect("the store can be read");
    let facts: Vec<&str> = facts.iter().map(|fact| fact.wake_key.as_str()).collect();
    assert!(facts.contains(&"provider:BEFORE") && facts.contains(&"provider:OTHER19"), "{facts:?}");
    assert!(!facts.contains(&"provider:LOST"), "{facts:?}");
    assert!(told.is_err(), "it was said to be stored");
}
