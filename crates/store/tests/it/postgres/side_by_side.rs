//! Batches of several nodes that are open at the same time.

use crate::backends::{Fixture, Postgres, look, write};
use crate::rows::*;
use std::sync::mpsc;
use std::time::Duration;
use store::{AppointmentRow, Hints, Retry, Store, WakeScope, Writer};

fn open(store: &dyn Store) -> Box<dyn Writer> {
    let mut writer = store.writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    writer
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn what_one_open_batch_claims_is_passed_over_by_another() {
    let on = Postgres::fresh();
    write(on.store(), |writer| {
        for n in 1..=4 {
            let key = visit(&n.to_string());
            writer.put_outbox(&card(n, &key, at(0)))?;
            writer.put_timer(&key, at(0))?;
            writer.fire(HERE, &n.to_string(), WakeScope::Waiting, "", at(0))?;
        }
        Ok(())
    });
    let (mut one, mut two) = (open(on.store()), open(on.store()));
    let claim = |writer: &mut dyn Writer| {
        let cards: Vec<u64> = writer.outbox_visible(at(1), &[HERE], 2).unwrap().iter().map(|row| row.entry.0).collect();
        let timers = writer.timers_due(at(1), 2).unwrap();
        let timers: Vec<String> = timers.iter().map(|(_, key)| key.source_id.to_string()).collect();
        let facts: Vec<String> = writer.fired(2).unwrap().iter().map(|row| row.wake_key.to_string()).collect();
        (cards, timers, facts)
    };
    let strings = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
    assert_eq!(claim(&mut *one), (vec![1, 2], strings(["1", "2"]), strings(["1", "2"])));
    assert_eq!(claim(&mut *two), (vec![3, 4], strings(["3", "4"]), strings(["3", "4"])));
    // A batch that ends without taking them off gives them back.
    one.rollback();
    two.commit().unwrap();
    let mut three = open(on.store());
    assert_eq!(claim(&mut *three).0, [1, 2]);
    assert_eq!(look(on.store(), |reader| reader.outbox_visible(at(1), &[HERE], 9)).len(), 4, "a reader sees all");
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn of_two_batches_that_replace_what_both_have_read_one_is_told_to_begin_anew() {
    let on = Postgres::fresh();
    write(on.store(), |writer| {
        writer.put_appointment(&visit("A"), None, &row())?;
        keep_patient(writer, HERE, &patient("P", "one@example.com"))
    });
    let (mut one, mut two) = (open(on.store()), open(on.store()));
    let replace = |writer: &mut dyn Writer, version: u32| {
        let held = writer.appointment(&visit("A"))?.unwrap();
        writer.put_appointment(&visit("A"), Some(&held), &AppointmentRow { version, ..held.clone() })
    };
    replace(&mut *one, 2).unwrap();
    replace(&mut *two, 3).unwrap();
    one.commit().unwrap();
    assert_eq!(two.commit().unwrap_err().retry(), Retry::Now);
    two.rollback();
    two.begin(&mut |_| {}).unwrap();
    assert_eq!(two.appointment(&visit("A")).unwrap().unwrap().version, 2);
    replace(&mut *two, 3).unwrap();
    two.commit().unwrap();
    assert_eq!(look(on.store(), |reader| reader.appointment(&visit("A"))).unwrap().version, 3);
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn the_same_message_at_two_nodes_at_once_is_taken_in_once() {
    let on = Postgres::fresh();
    let asked = Hints { controls: vec![(HERE, "M1".into())], ..Hints::default() };
    let take_in = |envelope| {
        let mut writer = on.store().writer().unwrap();
        writer.begin(&mut |hints| *hints = asked.clone()).unwrap();
        assert_eq!(writer.control(HERE, "M1").unwrap(), None);
        writer.put_control(HERE, "M1", &control(envelope)).unwrap();
        writer
    };
    let (mut one, mut two) = (take_in(1), take_in(2));
    one.commit().unwrap();
    assert_eq!(two.commit().unwrap_err().retry(), Retry::Now, "whoever looks again finds the first");
    assert_eq!(look(on.store(), |reader| reader.control(HERE, "M1")), Some(control(1)));
}

/// Does something on another thread that must wait for what this thread holds; gives what it came to after `release`.
fn waits_for<T: Send>(on: &Postgres, work: impl FnOnce() -> T + Send, release: impl FnOnce()) -> T {
    let (done, heard) = mpsc::channel();
    std::thread::scope(|threads| {
        threads.spawn(move || done.send(work()).unwrap());
        while !on.somebody_waits() {
            assert!(heard.recv_timeout(Duration::from_millis(20)).is_err(), "it did not wait");
        }
        release();
        heard.recv_timeout(Duration::from_secs(30)).expect("it goes on")
    })
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_change_of_the_set_up_waits_for_batches_that_decide_by_the_old_one() {
    // Otherwise a visit could begin to wait for a fact after everybody who waits for it was woken.
    let on = Postgres::fresh();
    let mut deciding = open(on.store());
    let epoch = deciding.setup_epoch().unwrap();
    deciding.put_wait(&visit("A"), "integration").unwrap();
    let woken = waits_for(
        &on,
        || {
            write(on.store(), |writer| {
                writer.put_practice(&practice("p"), at(0))?;
                writer.waiting(HERE, "integration", None, 9)
            })
        },
        || deciding.commit().unwrap(),
    );
    assert_eq!(woken, texts(["A"]), "whoever changes it finds everything that waits for it");
    assert_eq!(open(on.store()).setup_epoch().unwrap(), epoch + 1);
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn a_patient_does_not_become_known_while_somebody_decides_without() {
    let on = Postgres::fresh();
    let mut deciding = open(on.store());
    assert_eq!(deciding.patient(HERE, "P").unwrap(), None);
    deciding.put_wait(&visit("A"), "patient:P").unwrap();
    let hints = Hints { patients: vec![(HERE, "P".into())], ..Hints::default() };
    let woken = waits_for(
        &on,
        || {
            let mut writer = on.store().writer().unwrap();
            writer.begin(&mut |asked| *asked = hints.clone()).unwrap();
            keep_patient(&mut *writer, HERE, &patient("P", "p@example.com")).unwrap();
            let woken = writer.waiting(HERE, "patient:P", None, 9).unwrap();
            writer.commit().unwrap();
            woken
        },
        || deciding.commit().unwrap(),
    );
    assert_eq!(woken, texts(["A"]));
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual-store --run-ignored all"]
fn two_patients_do_not_get_one_address_at_the_same_time() {
    let on = Postgres::fresh();
    let mut one = open(on.store());
    assert_eq!(one.email_holders(HERE, "shared@example.com", "P1").unwrap(), texts([""; 0]));
    one.put_patient(HERE, None, &linked(patient("P1", "shared@example.com"))).unwrap();
    let holders = waits_for(
        &on,
        || {
            let mut two = open(on.store());
            two.email_holders(HERE, "shared@example.com", "P2").unwrap()
        },
        || one.commit().unwrap(),
    );
    assert_eq!(holders, texts(["P1"]));
}
