//! Batches: together or not at all, durable when told so, and one after the other where they meet.

use crate::backends::{Fixture, contract, look, write};
use crate::everything::{ask, ask_overall, fill, unanswered};
use crate::rows::*;
use domain::decide::Verdict;
use domain::ids::{AuditId, EntryId};
use domain::time::Moment;
use std::sync::Barrier;
use store::{AppointmentRow, Bells, Hints, OutboxRow, Reader, Retry, Store, Tally, Writer};

contract![
    what_is_rung_is_heard_by_others_once_it_is_committed_and_only_then,
    settling_a_store_changes_nothing_and_may_be_repeated,
    a_new_store_holds_nothing,
    a_batch_sees_its_own_changes,
    nobody_sees_a_batch_before_its_commit,
    a_commit_is_seen_by_readers_and_writers_that_were_open_before,
    a_batch_that_is_rolled_back_leaves_nothing,
    a_batch_whose_writer_is_dropped_leaves_nothing,
    rolling_back_without_a_batch_is_harmless,
    a_batch_that_failed_half_way_can_be_rolled_back_and_done_anew,
    a_second_begin_is_refused_and_the_first_batch_goes_on,
    a_change_without_a_batch_is_refused_and_leaves_nothing,
    a_commit_without_a_batch_is_refused,
    a_sync_keeps_what_was_committed_and_disturbs_no_batch,
    a_text_that_cannot_be_stored_fails_its_own_batch_and_no_other,
    messages_are_kept_by_themselves_where_processes_share_a_store,
    hints_are_advice_and_may_name_what_is_not_there,
    hints_may_name_what_no_store_could_hold,
    lists_of_a_patient_that_was_named_follow_the_batch,
    a_list_of_a_fact_that_was_named_follows_the_batch,
    what_a_batch_has_put_and_seen_may_be_put_again,
    two_writers_wait_for_each_other_and_nothing_is_lost,
    opening_again_finds_everything_and_changes_nothing,
    a_store_describes_itself,
];

fn everything(reader: &mut dyn Reader) -> (crate::everything::Answers, crate::everything::Answers) {
    (ask(reader, HERE, 5).unwrap(), ask_overall(reader).unwrap())
}

fn assert_empty(reader: &mut dyn Reader) {
    let (answers, overall) = everything(reader);
    assert_eq!(unanswered(&answers).len(), answers.len(), "{answers:?}");
    assert_eq!(unanswered(&overall).len(), overall.len(), "{overall:?}");
}

fn a_new_store_holds_nothing(on: &dyn Fixture) {
    assert_empty(&mut *on.store().reader().unwrap());
}

fn a_batch_sees_its_own_changes(on: &dyn Fixture) {
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    fill(&mut *writer, HERE, 5).unwrap();
    let inside = everything(&mut *writer);
    assert_eq!(unanswered(&inside.0), [""; 0]);
    assert_eq!(unanswered(&inside.1), [""; 0]);
    writer.commit().unwrap();
    assert_eq!(everything(&mut *on.store().reader().unwrap()), inside, "the commit changes nothing about the answers");
}

fn nobody_sees_a_batch_before_its_commit(on: &dyn Fixture) {
    if !on.reads_beside_a_batch() {
        return;
    }
    let mut reader = on.store().reader().unwrap();
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    fill(&mut *writer, HERE, 5).unwrap();
    assert_empty(&mut *reader);
    assert_empty(&mut *on.opened_again().reader().unwrap());
    assert_empty(&mut *on.opened_again().writer().unwrap());
}

fn a_commit_is_seen_by_readers_and_writers_that_were_open_before(on: &dyn Fixture) {
    let elsewhere = on.opened_again();
    let (mut reader, mut other_reader) = (on.store().reader().unwrap(), elsewhere.reader().unwrap());
    let mut other_writer = elsewhere.writer().unwrap();
    assert_empty(&mut *reader);
    assert_empty(&mut *other_reader);
    assert_empty(&mut *other_writer);
    write(on.store(), |writer| fill(writer, HERE, 5));
    let seen = everything(&mut *reader);
    assert_eq!(unanswered(&seen.0), [""; 0]);
    assert_eq!(everything(&mut *other_reader), seen);
    assert_eq!(everything(&mut *other_writer), seen);
}

fn a_batch_that_is_rolled_back_leaves_nothing(on: &dyn Fixture) {
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    fill(&mut *writer, HERE, 5).unwrap();
    writer.rollback();
    assert_empty(&mut *writer);
    assert_empty(&mut *on.store().reader().unwrap());

    // Neither do its counts come back with the next batch.
    writer.begin(&mut |_| {}).unwrap();
    writer.put_appointment(&visit("other"), None, &row()).unwrap();
    writer.commit().unwrap();
    assert_eq!(writer.tallies(HERE).unwrap(), [Tally { verdict: Verdict::InSync, count: 1 }]);
}

fn a_batch_whose_writer_is_dropped_leaves_nothing(on: &dyn Fixture) {
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    fill(&mut *writer, HERE, 5).unwrap();
    drop(writer);
    assert_empty(&mut *on.store().reader().unwrap());
    write(on.store(), |writer| fill(writer, HERE, 5));
}

fn rolling_back_without_a_batch_is_harmless(on: &dyn Fixture) {
    let mut writer = on.store().writer().unwrap();
    writer.rollback();
    writer.begin(&mut |_| {}).unwrap();
    fill(&mut *writer, HERE, 5).unwrap();
    writer.commit().unwrap();
    writer.rollback();
    assert_eq!(unanswered(&everything(&mut *writer).0), [""; 0]);
}

fn a_batch_that_failed_half_way_can_be_rolled_back_and_done_anew(on: &dyn Fixture) {
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    writer.put_entry(&visit("A"), EntryId(1), None, at(0), &told("once")).unwrap();
    let error = writer.put_entry(&visit("A"), EntryId(1), None, at(0), &told("twice")).and_then(|()| writer.commit());
    assert_eq!(error.unwrap_err().retry(), Retry::Now, "another id is all it takes");
    writer.rollback();
    assert_eq!(writer.entry(EntryId(1)).unwrap(), None);
    writer.begin(&mut |_| {}).unwrap();
    writer.put_entry(&visit("A"), EntryId(1), None, at(0), &told("again")).unwrap();
    writer.commit().unwrap();
    assert_eq!(look(on.store(), |reader| reader.entry(EntryId(1))).unwrap().entry, told("again"));
}

fn a_second_begin_is_refused_and_the_first_batch_goes_on(on: &dyn Fixture) {
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    writer.put_appointment(&visit("A"), None, &row()).unwrap();
    assert_eq!(writer.begin(&mut |_| {}).unwrap_err().retry(), Retry::Never);
    writer.put_appointment(&visit("B"), None, &row()).unwrap();
    writer.commit().unwrap();
    assert_eq!(look(on.store(), |reader| reader.tallies(HERE)), [Tally { verdict: Verdict::InSync, count: 2 }]);
}

fn a_change_without_a_batch_is_refused_and_leaves_nothing(on: &dyn Fixture) {
    // Done alone, an appointment would be stored and its count forgotten.
    let mut writer = on.store().writer().unwrap();
    assert_eq!(writer.put_appointment(&visit("A"), None, &row()).unwrap_err().retry(), Retry::Never);
    assert_eq!(writer.next_boot().unwrap_err().retry(), Retry::Never);
    assert_eq!(writer.put_practice(&practice("p"), at(0)).unwrap_err().retry(), Retry::Never);
    assert_eq!(writer.put_audit(&deed(1, "s")).unwrap_err().retry(), Retry::Never);
    assert_empty(&mut *writer);
    write(on.store(), |writer| fill(writer, HERE, 5));
    assert!(writer.delete_outbox(HERE, at(0), EntryId(5)).is_err());
    assert_eq!(writer.outbox_depth(9).unwrap(), 1);
}

fn a_commit_without_a_batch_is_refused(on: &dyn Fixture) {
    let mut writer = on.store().writer().unwrap();
    assert_eq!(writer.commit().unwrap_err().retry(), Retry::Never);
    write(on.store(), |writer| fill(writer, HERE, 5));
}

fn a_sync_keeps_what_was_committed_and_disturbs_no_batch(on: &dyn Fixture) {
    let mut syncer = on.store().syncer().unwrap();
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    fill(&mut *writer, HERE, 5).unwrap();
    let inside = everything(&mut *writer);
    writer.commit().unwrap();
    syncer.sync().unwrap();
    syncer.sync().unwrap();
    // The next batch is open while the disk is at the one before.
    writer.begin(&mut |_| {}).unwrap();
    fill(&mut *writer, ELSEWHERE, 6).unwrap();
    syncer.sync().unwrap();
    writer.rollback();
    assert_eq!(ask(&mut *on.opened_again().reader().unwrap(), HERE, 5).unwrap(), inside.0);
}

fn messages_are_kept_by_themselves_where_processes_share_a_store(on: &dyn Fixture) {
    let keeps = on.store().porter().unwrap().is_some();
    assert_eq!(keeps, on.store().lanes() > 1);
}

fn hints_are_advice_and_may_name_what_is_not_there(on: &dyn Fixture) {
    write(on.store(), |writer| fill(writer, HERE, 5));
    let here = (HERE, domain::Text::from("P1"));
    let hints = Hints {
        appointments: vec![visit("A1"), visit("A1"), visit("new"), visit_of(ELSEWHERE, "A1")],
        patients: vec![here.clone(), here, (HERE, "new".into())],
        facts: vec![(HERE, "given-up:P1".into()), (HERE, "patient:P1".into()), (ELSEWHERE, "".into())],
        addresses: vec![(HERE, "ada@example.com".into()), (NEXT_DOOR, "".into())],
        controls: vec![(HERE, "M1".into()), (NEXT_DOOR, "M1".into()), (HERE, "".into())],
        subjects: vec![(HERE.practice, 7), (HERE.practice, 7), (ELSEWHERE.practice, -1)],
    };
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |asked| *asked = hints.clone()).unwrap();
    let held = writer.appointment(&visit("A1")).unwrap().unwrap();
    let next = AppointmentRow { version: 77, ..held.clone() };
    writer.put_appointment(&visit("A1"), Some(&held), &next).unwrap();
    assert_eq!(writer.appointment(&visit("A1")).unwrap(), Some(next), "not what was fetched beforehand");
    assert_eq!(writer.appointment(&visit("new")).unwrap(), None);
    writer.put_appointment(&visit("new"), None, &row()).unwrap();
    assert_eq!(writer.appointment(&visit("new")).unwrap(), Some(row()));
    assert_eq!(writer.appointment(&visit_of(ELSEWHERE, "A1")).unwrap(), None);
    keep_patient(&mut *writer, HERE, &patient("P1", "new@example.com")).unwrap();
    assert_eq!(writer.patient(HERE, "P1").unwrap(), Some(patient("P1", "new@example.com")));
    keep_patient(&mut *writer, HERE, &unknown_patient("new")).unwrap();
    assert_eq!(writer.patient(HERE, "new").unwrap(), Some(unknown_patient("new")));
    writer.put_control(HERE, "M1", &control(99)).unwrap();
    assert_eq!(writer.control(HERE, "M1").unwrap(), Some(control(99)));
    assert_eq!(writer.control(NEXT_DOOR, "M1").unwrap(), None);
    writer.put_control(HERE, "", &control(98)).unwrap();
    assert_eq!(writer.control(HERE, "").unwrap(), Some(control(98)));
    writer.rollback();
    assert_eq!(writer.appointment(&visit("A1")).unwrap(), Some(held), "nor what was changed and taken back");
    assert_eq!(writer.appointment(&visit("new")).unwrap(), None);
}

fn hints_may_name_what_no_store_could_hold(on: &dyn Fixture) {
    // What a batch is told beforehand is what messages say; none of it may cost the batch.
    let odd = || (HERE, domain::Text::from("a\0b"));
    let hints = Hints {
        appointments: vec![visit("a\0b"), visit("A1")],
        patients: vec![odd(), (HERE, "P1".into())],
        facts: vec![odd(), (HERE, "given-up:\0".into())],
        addresses: vec![odd(), (HERE, "\0".into())],
        controls: vec![odd(), (HERE, "M1".into())],
        subjects: Vec::new(),
    };
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |asked| *asked = hints.clone()).unwrap();
    fill(&mut *writer, HERE, 5).unwrap();
    writer.commit().unwrap();
    assert_eq!(look(on.store(), |reader| reader.control(HERE, "M1")).unwrap().envelope.0, 5);
}

fn a_text_that_cannot_be_stored_fails_its_own_batch_and_no_other(on: &dyn Fixture) {
    // PostgreSQL holds no zero byte in a text; SQLite does. Neither may store something else instead.
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    let put = writer.put_appointment(&visit("a\0b"), None, &row()).and_then(|()| writer.commit());
    match put {
        Ok(()) => assert_eq!(look(on.store(), |reader| reader.appointment(&visit("a\0b"))), Some(row())),
        Err(error) => {
            assert_eq!(error.retry(), Retry::Never, "{error:?}");
            writer.rollback();
        }
    }
    writer.begin(&mut |_| {}).unwrap();
    writer.put_appointment(&visit("A1"), None, &row()).unwrap();
    writer.commit().unwrap();
    assert_eq!(look(on.store(), |reader| reader.appointment(&visit("A1"))), Some(row()));
}

fn lists_of_a_patient_that_was_named_follow_the_batch(on: &dyn Fixture) {
    const WAKE: &str = "patient:P1";
    write(on.store(), |writer| {
        for id in ["B", "D"] {
            writer.put_participant(&visit(id), "P1")?;
            writer.put_wait(&visit(id), WAKE)?;
        }
        // Of another one there are many.
        for n in 10..30 {
            writer.put_participant(&visit(&n.to_string()), "P2")?;
            writer.put_wait(&visit(&n.to_string()), "patient:P2")?;
        }
        Ok(())
    });
    let hints = Hints {
        patients: vec![(HERE, "P1".into()), (HERE, "P2".into()), (NEXT_DOOR, "P1".into())],
        ..Hints::default()
    };
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |asked| *asked = hints.clone()).unwrap();
    let see = |writer: &mut dyn Writer, expected: &[&str]| {
        assert_eq!(writer.appointments_of_patient(HERE, "P1", 9).unwrap(), texts(expected));
        assert_eq!(writer.waiting(HERE, WAKE, None, 9).unwrap(), texts(expected));
        let few = expected.len().min(2);
        assert_eq!(writer.appointments_of_patient(HERE, "P1", 2).unwrap(), texts(&expected[..few]));
        let behind: Vec<&str> = expected.iter().copied().filter(|id| *id > "B").collect();
        assert_eq!(writer.waiting(HERE, WAKE, Some("B"), 9).unwrap(), texts(behind));
    };
    see(&mut *writer, &["B", "D"]);
    for id in ["A", "C", "E"] {
        writer.put_participant(&visit(id), "P1").unwrap();
        writer.put_wait(&visit(id), WAKE).unwrap();
    }
    writer.delete_participant(&visit("B"), "P1").unwrap();
    writer.delete_wait(&visit("B"), WAKE).unwrap();
    see(&mut *writer, &["A", "C", "D", "E"]);
    // Looking at others, too, must not lose what was changed.
    assert_eq!(writer.appointments_of_patient(HERE, "P2", 99).unwrap().len(), 20);
    assert_eq!(writer.waiting(HERE, "patient:P2", None, 99).unwrap().len(), 20);
    see(&mut *writer, &["A", "C", "D", "E"]);
    writer.delete_participant(&visit("D"), "P1").unwrap();
    writer.delete_wait(&visit("D"), WAKE).unwrap();
    see(&mut *writer, &["A", "C", "E"]);
    assert_eq!(writer.appointments_of_patient(NEXT_DOOR, "P1", 9).unwrap(), texts([""; 0]));
    writer.commit().unwrap();
    see(&mut *writer, &["A", "C", "E"]);
}

fn a_list_of_a_fact_that_was_named_follows_the_batch(on: &dyn Fixture) {
    const FACT: &str = "given-up:P1";
    write(on.store(), |writer| {
        writer.put_wait(&visit("B"), FACT)?;
        writer.put_wait(&visit_of(NEXT_DOOR, "C"), FACT)
    });
    let facts = vec![(HERE, FACT.into()), (HERE, "given-up:P2".into()), (ELSEWHERE, FACT.into())];
    let hints = Hints { facts, patients: vec![(HERE, "P1".into())], ..Hints::default() };
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |asked| *asked = hints.clone()).unwrap();
    let waiting = |writer: &mut dyn Writer, integration, fact| writer.waiting(integration, fact, None, 9).unwrap();
    assert_eq!(waiting(&mut *writer, HERE, FACT), texts(["B"]));
    assert_eq!(waiting(&mut *writer, HERE, "given-up:P2"), texts([""; 0]));
    assert_eq!(waiting(&mut *writer, ELSEWHERE, FACT), texts([""; 0]));
    assert_eq!(waiting(&mut *writer, NEXT_DOOR, FACT), texts(["C"]), "which was not named");
    writer.delete_wait(&visit("B"), FACT).unwrap();
    writer.put_wait(&visit("A"), FACT).unwrap();
    writer.put_wait(&visit("A"), "given-up:P2").unwrap();
    assert_eq!(waiting(&mut *writer, HERE, FACT), texts(["A"]));
    assert_eq!(waiting(&mut *writer, HERE, "given-up:P2"), texts(["A"]));
    writer.commit().unwrap();
    assert_eq!(look(on.store(), |reader| reader.waiting(HERE, FACT, None, 9)), texts(["A"]));
}

fn what_a_batch_has_put_and_seen_may_be_put_again(on: &dyn Fixture) {
    const FACT: &str = "given-up:P1";
    let hints = Hints { facts: vec![(HERE, FACT.into())], patients: vec![(HERE, "P1".into())], ..Hints::default() };
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |asked| *asked = hints.clone()).unwrap();
    writer.put_entry(&visit("A"), EntryId(1), None, at(0), &told("once")).unwrap();
    for version in 1..4 {
        for id in ["A", "B"] {
            writer.put_participant(&visit(id), "P1").unwrap();
            writer.put_wait(&visit(id), FACT).unwrap();
        }
        writer.put_outbox(&OutboxRow { version, ..card(1, &visit("A"), at(0)) }).unwrap();
        // What was not named has to be looked for, behind everything of the batch.
        assert_eq!(writer.appointments_of_patient(HERE, "P2", 9).unwrap(), texts([""; 0]));
        assert_eq!(writer.waiting(HERE, "given-up:P2", None, 9).unwrap(), texts([""; 0]));
        assert_eq!(writer.outbox_visible(at(0), &[HERE], 9).unwrap()[0].version, version);
    }
    writer.commit().unwrap();
    look(on.store(), |reader| {
        assert_eq!(reader.appointments_of_patient(HERE, "P1", 9)?, texts(["A", "B"]));
        assert_eq!(reader.waiting(HERE, FACT, None, 9)?, texts(["A", "B"]));
        assert_eq!(reader.outbox_depth(9)?, 1);
        Ok(())
    });
}

/// One writer of a race: counts one appointment up and down between two verdicts and leaves a row of its own each time.
fn race(store: &dyn Store, number: u64, rounds: u64, ready: &Barrier) {
    ready.wait();
    for round in 0..rounds {
        write(store, |writer| {
            let held = writer.appointment(&visit("shared"))?;
            let version = held.as_ref().map_or(0, |held| held.version) + 1;
            let verdict = if version.is_multiple_of(2) { Verdict::Held } else { Verdict::InSync };
            writer.put_appointment(
                &visit("shared"),
                held.as_ref(),
                &AppointmentRow { version, ..row_with(verdict, None, None) },
            )?;
            let own = visit(&format!("{number}.{round}"));
            writer.put_appointment(&own, None, &row())?;
            writer.put_stop(&own, &stop("DR9"), None, at(0))?;
            let audit = 1 + writer.greatest_id()?;
            writer.put_audit(&deed(audit, "race"))
        });
    }
}

fn two_writers_wait_for_each_other_and_nothing_is_lost(on: &dyn Fixture) {
    const ROUNDS: u64 = 30;
    let ready = Barrier::new(2);
    let other = on.opened_again();
    std::thread::scope(|threads| {
        threads.spawn(|| race(on.store(), 1, ROUNDS, &ready));
        threads.spawn(|| race(&*other, 2, ROUNDS, &ready));
    });
    look(on.store(), |reader| {
        assert_eq!(u64::from(reader.appointment(&visit("shared"))?.unwrap().version), 2 * ROUNDS);
        let tally = |verdict, count| Tally { verdict, count };
        assert_eq!(reader.tallies(HERE)?, [tally(Verdict::InSync, 2 * ROUNDS), tally(Verdict::Held, 1)]);
        assert_eq!(reader.open_causes(HERE, at(0), 9)?[0].count, 2 * ROUNDS);
        let chain = reader.audit_chain(AuditId(0), 999)?;
        assert_eq!(chain.len() as u64, 2 * ROUNDS);
        super::audit::assert_whole(&chain);
        Ok(())
    });
}

fn opening_again_finds_everything_and_changes_nothing(on: &dyn Fixture) {
    write(on.store(), |writer| fill(writer, HERE, 5));
    let before = everything(&mut *on.store().reader().unwrap());
    for _ in 0..2 {
        let again = on.opened_again();
        assert_eq!(everything(&mut *again.reader().unwrap()), before);
    }
    assert_eq!(everything(&mut *on.store().reader().unwrap()), before);
}

fn a_store_describes_itself(on: &dyn Fixture) {
    assert!(!on.store().describe().is_empty());
    assert!(on.store().lanes() >= 1);
    let never: Moment = store::OutboxRow::NEVER;
    assert!(never > at(0));
}

fn settling_a_store_changes_nothing_and_may_be_repeated(on: &dyn Fixture) {
    write(on.store(), |writer| fill(writer, HERE, 5));
    let before = look(on.store(), |reader| ask(reader, HERE, 5));
    on.store().settle().unwrap();
    on.store().settle().unwrap();
    assert_eq!(look(on.store(), |reader| ask(reader, HERE, 5)), before);
}

fn what_is_rung_is_heard_by_others_once_it_is_committed_and_only_then(on: &dyn Fixture) {
    let other = on.opened_again();
    let (ring, heard) = std::sync::mpsc::channel();
    let listening = other.listen(Box::new(move |bells| drop(ring.send(bells)))).unwrap();
    let mut writer = on.store().writer().unwrap();
    let mut batch = |bells: Bells, commit: bool| {
        writer.begin(&mut |_| {}).unwrap();
        writer.put_timer(&visit("A1"), at(1)).unwrap();
        writer.ring(bells).unwrap();
        if commit { writer.commit().unwrap() } else { writer.rollback() }
    };
    let (facts, outbox) = (Bells { facts: true, ..Bells::default() }, Bells { outbox: true, ..Bells::default() });
    let Some(_listening) = listening else {
        // One process only: ringing does no harm.
        return batch(facts, true);
    };
    // Whoever begins to listen may miss the first of what is told.
    let told = (0..600).find_map(|_| {
        batch(facts.clone(), false);
        batch(outbox.clone(), true);
        heard.recv_timeout(std::time::Duration::from_millis(100)).ok()
    });
    assert_eq!(told, Some(outbox), "what was taken back is told to nobody");
}
