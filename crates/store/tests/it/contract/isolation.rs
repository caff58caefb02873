//! Practices never meet: the same ids in two practices, and in two integrations of one, are different things.

use crate::backends::{Fixture, contract, look, write};
use crate::everything::{Answers, ask, fill, unanswered};
use crate::rows::*;
use domain::ids::{EntryId, IntegrationKey};
use store::Store;

contract![
    what_is_said_of_one_practice_is_not_changed_by_the_same_ids_in_another,
    what_is_said_of_one_integration_is_not_changed_by_the_same_ids_in_another,
    removing_in_one_practice_leaves_the_other_as_it_was,
];

fn answers(store: &dyn Store, integration: IntegrationKey, mark: u32) -> Answers {
    look(store, |reader| ask(reader, integration, mark))
}

/// The answers that differ.
fn differences(before: &Answers, after: &Answers) -> Vec<&'static str> {
    assert_eq!(before.len(), after.len());
    let pairs = before.iter().zip(after);
    pairs.filter(|(before, after)| before != after).map(|(before, _)| before.0).collect()
}

fn what_is_said_of_one_practice_is_not_changed_by_the_same_ids_in_another(on: &dyn Fixture) {
    write(on.store(), |writer| fill(writer, HERE, 5));
    let before = answers(on.store(), HERE, 5);
    assert_eq!(unanswered(&before), [""; 0]);
    write(on.store(), |writer| fill(writer, ELSEWHERE, 6));
    // The hash of an audit row covers the row before it, whoever's that is: the first one's does not change.
    assert_eq!(differences(&before, &answers(on.store(), HERE, 5)), [""; 0]);
    let elsewhere = answers(on.store(), ELSEWHERE, 6);
    assert_eq!(unanswered(&elsewhere), [""; 0]);
    for (question, answer) in elsewhere {
        assert!(!answer.contains("mark 5"), "{question}: {answer}");
    }
}

fn what_is_said_of_one_integration_is_not_changed_by_the_same_ids_in_another(on: &dyn Fixture) {
    write(on.store(), |writer| fill(writer, HERE, 5));
    let before = answers(on.store(), HERE, 5);
    write(on.store(), |writer| fill(writer, NEXT_DOOR, 6));
    let of_the_practice = ["audit"];
    assert_eq!(differences(&before, &answers(on.store(), HERE, 5)), of_the_practice);
}

fn removing_in_one_practice_leaves_the_other_as_it_was(on: &dyn Fixture) {
    write(on.store(), |writer| {
        fill(writer, HERE, 5)?;
        fill(writer, ELSEWHERE, 6)
    });
    let before = answers(on.store(), ELSEWHERE, 6);
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    let held = writer.appointment(&visit("A1")).unwrap().unwrap();
    writer.put_appointment(&visit("A1"), Some(&held), &row()).unwrap();
    writer.delete_participant(&visit("A1"), "P1").unwrap();
    writer.delete_account(HERE, "acc 1").unwrap();
    writer.delete_account(HERE, "acc 2").unwrap();
    keep_patient(&mut *writer, HERE, &unknown_patient("P1")).unwrap();
    writer.delete_stop(&visit("A1"), &stop("DR9"), at(9)).unwrap();
    writer.delete_wait(&visit("A1"), "provider:DR9").unwrap();
    writer.delete_timer(&visit("A1"), at(5)).unwrap();
    writer.delete_timer(&visit("A1"), at(6)).unwrap();
    writer.delete_outbox(HERE, at(0), EntryId(5)).unwrap();
    writer.put_control(HERE, "M1", &control(99)).unwrap();
    writer.put_coverage(HERE, &stretch("feed", 0, 99)).unwrap();
    writer.delete_session(&digest("mark 5")).unwrap();
    writer.delete_link(HERE, domain::setup::LinkKind::Provider, "DR9").unwrap();
    writer.commit().unwrap();
    assert_eq!(differences(&before, &answers(on.store(), ELSEWHERE, 6)), [""; 0]);
}
