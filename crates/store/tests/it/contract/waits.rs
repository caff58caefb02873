//! What waits for facts and instants, and facts that changed.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use store::{FiredRow, Reader, WakeScope};

contract![
    visits_under_a_wake_key_come_page_by_page,
    a_visit_waits_once_however_often_it_is_said,
    a_visit_that_waits_no_longer_is_not_found,
    wake_keys_are_exact,
    a_timer_is_due_at_its_instant_and_the_earliest_comes_first,
    a_visit_may_wait_for_several_instants,
    a_timer_taken_off_is_gone,
    the_next_timer_is_the_earliest,
    facts_that_changed_come_oldest_first,
    a_fact_is_worked_off_step_by_step_and_then_gone,
    a_fact_that_changes_again_is_worked_off_again,
];

const KEY: &str = "provider:DR9";

fn visits_under_a_wake_key_come_page_by_page(on: &dyn Fixture) {
    let waiting = ["", "1", "10", "2", "a", "ä"];
    write(on.store(), |writer| waiting.iter().rev().try_for_each(|id| writer.put_wait(&visit(id), KEY)));
    look(on.store(), |reader| {
        assert_eq!(reader.waiting(HERE, KEY, None, 99)?, texts(waiting));
        assert_eq!(reader.waiting(HERE, KEY, None, 2)?, texts(&waiting[..2]));
        assert_eq!(reader.waiting(HERE, KEY, Some(""), 2)?, texts(&waiting[1..3]));
        assert_eq!(reader.waiting(HERE, KEY, Some("100"), 99)?, texts(&waiting[3..]), "behind one that is gone");
        assert_eq!(reader.waiting(HERE, KEY, Some("ä"), 99)?, texts([""; 0]));
        Ok(())
    });
}

fn a_visit_waits_once_however_often_it_is_said(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_wait(&visit("A"), KEY)?;
        writer.put_wait(&visit("A"), KEY)
    });
    write(on.store(), |writer| writer.put_wait(&visit("A"), KEY));
    assert_eq!(look(on.store(), |reader| reader.waiting(HERE, KEY, None, 9)), texts(["A"]));
    write(on.store(), |writer| writer.delete_wait(&visit("A"), KEY));
    assert_eq!(look(on.store(), |reader| reader.waiting(HERE, KEY, None, 9)), texts([""; 0]));
}

fn a_visit_that_waits_no_longer_is_not_found(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_wait(&visit("A"), KEY)?;
        writer.put_wait(&visit("B"), KEY)?;
        writer.put_wait(&visit("A"), "integration")?;
        writer.delete_wait(&visit("A"), KEY)?;
        writer.delete_wait(&visit("C"), KEY)
    });
    look(on.store(), |reader| {
        assert_eq!(reader.waiting(HERE, KEY, None, 9)?, texts(["B"]));
        assert_eq!(reader.waiting(HERE, "integration", None, 9)?, texts(["A"]));
        Ok(())
    });
}

fn wake_keys_are_exact(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_wait(&visit("A"), KEY));
    look(on.store(), |reader| {
        for key in ["provider:DR", "provider:dr9", "provider:DR9 ", "provider:%", ""] {
            assert_eq!(reader.waiting(HERE, key, None, 9)?, texts([""; 0]), "{key:?}");
        }
        Ok(())
    });
}

fn due(reader: &mut dyn Reader, minute: i64, limit: usize) -> Vec<(i64, String)> {
    let due = reader.timers_due(at(minute), limit).unwrap();
    due.into_iter().map(|(due_at, key)| (due_at.secs_since(at(0)) / 60, key.source_id.to_string())).collect()
}

fn a_timer_is_due_at_its_instant_and_the_earliest_comes_first(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_timer(&visit("C"), at(30))?;
        writer.put_timer(&visit("B"), at(10))?;
        writer.put_timer(&visit("A"), at(10))?;
        writer.put_timer(&visit_of(ELSEWHERE, "D"), at(20))
    });
    let all = [(10, "A".into()), (10, "B".into()), (20, "D".into()), (30, "C".into())];
    look(on.store(), |reader| {
        assert_eq!(due(reader, 9, 99), []);
        assert_eq!(due(reader, 10, 99), all[..2]);
        assert_eq!(due(reader, 30, 99), all);
        assert_eq!(due(reader, 30, 3), all[..3]);
        assert_eq!(reader.timers_due(at(20), 99)?[2], (at(20), visit_of(ELSEWHERE, "D")));
        Ok(())
    });
}

fn a_visit_may_wait_for_several_instants(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for minute in [5, 5, 7] {
            writer.put_timer(&visit("A"), at(minute))?;
        }
        Ok(())
    });
    assert_eq!(look(on.store(), |reader| Ok(due(reader, 9, 9))), [(5, "A".into()), (7, "A".into())]);
}

fn a_timer_taken_off_is_gone(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_timer(&visit("A"), at(5))?;
        writer.put_timer(&visit("A"), at(7))?;
        writer.put_timer(&visit("B"), at(5))?;
        writer.delete_timer(&visit("A"), at(5))?;
        writer.delete_timer(&visit("A"), at(6))?;
        writer.delete_timer(&visit_of(NEXT_DOOR, "B"), at(5))
    });
    assert_eq!(look(on.store(), |reader| Ok(due(reader, 9, 9))), [(5, "B".into()), (7, "A".into())]);
}

fn the_next_timer_is_the_earliest(on: &dyn Fixture) {
    let next = || look(on.store(), |reader| reader.next_timer());
    assert_eq!(next(), None);
    for (minute, expected) in [(10, 10), (20, 10), (-5, -5)] {
        write(on.store(), |writer| writer.put_timer(&visit("A"), at(minute)));
        assert_eq!(next(), Some(at(expected)));
    }
}

fn facts_that_changed_come_oldest_first(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.fire(HERE, KEY, WakeScope::Waiting, "linked by Sam", at(9))?;
        writer.fire(ELSEWHERE, "integration", WakeScope::Upcoming, "set live", at(1))
    });
    write(on.store(), |writer| writer.fire(HERE, KEY, WakeScope::Waiting, "", at(0)));
    look(on.store(), |reader| {
        let fired = reader.fired(99)?;
        let first = FiredRow {
            id: fired[0].id,
            integration: HERE,
            wake_key: KEY.into(),
            scope: WakeScope::Waiting,
            why: "linked by Sam".into(),
            at: at(9),
            after: None,
        };
        let second = FiredRow {
            id: fired[1].id,
            integration: ELSEWHERE,
            wake_key: "integration".into(),
            scope: WakeScope::Upcoming,
            why: "set live".into(),
            at: at(1),
            after: None,
        };
        let third = FiredRow { id: fired[2].id, why: "".into(), at: at(0), ..first.clone() };
        assert_eq!(fired, [first, second, third], "in the order in which it was said");
        assert_eq!(reader.fired(2)?, fired[..2]);
        assert_eq!(reader.fired(0)?, []);
        Ok(())
    });
}

fn a_fact_is_worked_off_step_by_step_and_then_gone(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.fire(HERE, "one", WakeScope::Waiting, "", at(0))?;
        writer.fire(HERE, "two", WakeScope::Waiting, "", at(0))
    });
    let place = |text: &str| {
        let fired = look(on.store(), |reader| reader.fired(9));
        write(on.store(), |writer| writer.advance_fired(fired[0].id, Some(text)));
        look(on.store(), |reader| reader.fired(9))
    };
    for after in ["w A", "", "u 17 ü"] {
        let fired = place(after);
        assert_eq!(fired.len(), 2);
        assert_eq!((&*fired[0].wake_key, fired[0].after.as_deref()), ("one", Some(after)), "it keeps its turn");
        assert_eq!(fired[1].after, None);
    }
    let fired = look(on.store(), |reader| reader.fired(9));
    write(on.store(), |writer| writer.advance_fired(fired[0].id, None));
    write(on.store(), |writer| writer.advance_fired(fired[0].id, Some("too late")));
    assert_eq!(look(on.store(), |reader| reader.fired(9)), fired[1..]);
}

fn a_fact_that_changes_again_is_worked_off_again(on: &dyn Fixture) {
    write(on.store(), |writer| writer.fire(HERE, KEY, WakeScope::Waiting, "once", at(0)));
    let first = look(on.store(), |reader| reader.fired(9)).remove(0);
    write(on.store(), |writer| {
        writer.advance_fired(first.id, Some("w M"))?;
        writer.fire(HERE, KEY, WakeScope::Waiting, "twice", at(1))
    });
    let fired = look(on.store(), |reader| reader.fired(9));
    assert_eq!(fired.len(), 2, "visits that were passed already are looked at for the second change");
    assert_eq!((fired[0].id, &*fired[1].why, fired[1].after.as_deref()), (first.id, "twice", None));
    assert_ne!(fired[1].id, first.id);
}
