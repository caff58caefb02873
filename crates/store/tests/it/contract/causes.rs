//! Causes: opened by the first visit that is stopped, closed by the last that is released.

use crate::backends::{Fixture, contract, for_all_in_a_batch, look, write};
use crate::rows::*;
use domain::Text;
use domain::reasons::Reason;
use domain::time::Moment;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;
use store::{CauseRow, Reader, Stop, cause_id};

contract![
    a_cause_opens_once_and_counts_every_visit_once,
    a_cause_closes_when_the_last_visit_is_released,
    a_cause_that_closed_opens_anew,
    releasing_what_was_not_stopped_changes_nothing,
    the_next_start_is_the_earliest_that_is_not_over,
    the_next_start_follows_a_visit_that_moves,
    open_causes_come_with_those_that_stop_most_first_then_the_oldest,
    visits_that_can_still_be_saved_count_before_those_that_began,
    reasons_and_subjects_make_causes_apart,
    the_visits_under_a_cause_come_page_by_page,
    a_cause_is_found_by_its_id_open_or_closed,
    causes_are_what_their_stops_say_after_any_changes,
];

fn open(reader: &mut dyn Reader) -> Vec<CauseRow> {
    reader.open_causes(HERE, at(0), 99).unwrap()
}

fn a_cause_opens_once_and_counts_every_visit_once(on: &dyn Fixture) {
    let put = |id: &str, now: i64| {
        let stop = stop("DR9");
        write(on.store(), |writer| writer.put_stop(&visit(id), &stop, Some(at(60)), at(now)))
    };
    assert!(put("A", 1), "the first opens it");
    assert!(!put("A", 2));
    assert!(!put("B", 3));
    let expected = CauseRow {
        id: cause_id(HERE, Reason::NoConnectedProviderAccount, "DR9"),
        integration: HERE,
        reason: Reason::NoConnectedProviderAccount,
        subject: "DR9".into(),
        count: 2,
        coming: 2,
        opened_at: at(1),
        next_start: Some(at(60)),
        closed_at: None,
    };
    look(on.store(), |reader| {
        assert_eq!(open(reader), std::slice::from_ref(&expected));
        assert_eq!(reader.cause(&expected.id, at(0))?, Some(expected));
        assert_eq!(reader.open_causes(NEXT_DOOR, at(0), 9)?, []);
        assert_eq!(reader.open_causes(ELSEWHERE, at(0), 9)?, []);
        Ok(())
    });
}

fn a_cause_closes_when_the_last_visit_is_released(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_stop(&visit("A"), &stop("DR9"), Some(at(60)), at(1))?;
        writer.put_stop(&visit("B"), &stop("DR9"), Some(at(60)), at(1))
    });
    assert!(!write(on.store(), |writer| writer.delete_stop(&visit("A"), &stop("DR9"), at(2))), "one is left");
    look(on.store(), |reader| {
        assert_eq!(open(reader)[0].count, 1);
        Ok(())
    });
    assert!(write(on.store(), |writer| writer.delete_stop(&visit("B"), &stop("DR9"), at(3))));
    assert!(!write(on.store(), |writer| writer.delete_stop(&visit("B"), &stop("DR9"), at(4))), "closed once");
    look(on.store(), |reader| {
        assert_eq!(open(reader), []);
        let closed = reader.cause(&cause_id(HERE, stop("").reason, "DR9"), at(0))?.unwrap();
        assert_eq!((closed.count, closed.coming, closed.next_start), (0, 0, None));
        assert_eq!((closed.opened_at, closed.closed_at), (at(1), Some(at(3))));
        Ok(())
    });
}

fn a_cause_that_closed_opens_anew(on: &dyn Fixture) {
    let id = cause_id(HERE, stop("").reason, "DR9");
    for round in [0, 10] {
        let (opened, closed) = (at(round), at(round + 5));
        assert!(write(on.store(), |writer| writer.put_stop(&visit("A"), &stop("DR9"), None, opened)));
        look(on.store(), |reader| {
            let cause = open(reader).remove(0);
            assert_eq!((cause.opened_at, cause.closed_at, cause.count), (opened, None, 1));
            assert_eq!(cause.id, id, "under the same id");
            Ok(())
        });
        assert!(write(on.store(), |writer| writer.delete_stop(&visit("A"), &stop("DR9"), closed)));
        assert_eq!(look(on.store(), |reader| reader.cause(&id, at(0))).unwrap().closed_at, Some(closed));
    }
}

fn releasing_what_was_not_stopped_changes_nothing(on: &dyn Fixture) {
    assert!(!write(on.store(), |writer| writer.delete_stop(&visit("A"), &stop("DR9"), at(0))));
    assert_eq!(look(on.store(), |reader| reader.cause(&cause_id(HERE, stop("").reason, "DR9"), at(0))), None);
    write(on.store(), |writer| writer.put_stop(&visit("A"), &stop("DR9"), None, at(1)));
    let others = [(visit("B"), stop("DR9")), (visit("A"), stop("DR8")), (visit_of(NEXT_DOOR, "A"), stop("DR9"))];
    for (key, stop) in others {
        assert!(!write(on.store(), |writer| writer.delete_stop(&key, &stop, at(2))));
    }
    assert_eq!(look(on.store(), |reader| Ok(open(reader)))[0].count, 1);
}

fn the_next_start_is_the_earliest_that_is_not_over(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for (id, start) in [("A", Some(at(-60))), ("B", Some(at(30))), ("C", Some(at(10))), ("D", None)] {
            writer.put_stop(&visit(id), &stop("DR9"), start, at(0))?;
        }
        writer.put_stop(&visit("E"), &stop("unknown only"), None, at(0)).map(|_| ())
    });
    let id = cause_id(HERE, stop("").reason, "DR9");
    look(on.store(), |reader| {
        for (now, next) in [
            (at(-61), Some(at(-60))),
            (at(0), Some(at(10))),
            (at(10), Some(at(10))),
            (at(11), Some(at(30))),
            (at(31), None),
        ] {
            let causes = reader.open_causes(HERE, now, 9)?;
            assert_eq!(causes[0].next_start, next, "{now}");
            assert_eq!(reader.cause(&id, now)?.unwrap().next_start, next, "{now}");
            assert_eq!((causes[0].count, causes[1].next_start), (4, None));
        }
        Ok(())
    });
}

fn the_next_start_follows_a_visit_that_moves(on: &dyn Fixture) {
    for start in [Some(at(10)), Some(at(5)), None, Some(at(20))] {
        write(on.store(), |writer| writer.put_stop(&visit("A"), &stop("DR9"), start, at(0)));
        assert_eq!(look(on.store(), |reader| Ok(open(reader)))[0].next_start, start);
    }
    assert_eq!(look(on.store(), |reader| Ok(open(reader)))[0].count, 1);
}

fn open_causes_come_with_those_that_stop_most_first_then_the_oldest(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for (subject, visits, opened) in [("one, new", 1, 9), ("three", 3, 8), ("one, old", 1, 1), ("two", 2, 7)] {
            for id in 0..visits {
                writer.put_stop(&visit(&format!("{subject} {id}")), &stop(subject), None, at(opened))?;
            }
        }
        Ok(())
    });
    look(on.store(), |reader| {
        let subjects = |causes: Vec<CauseRow>| -> Vec<Text> { causes.into_iter().map(|cause| cause.subject).collect() };
        assert_eq!(subjects(open(reader)), texts(["three", "two", "one, old", "one, new"]));
        assert_eq!(subjects(reader.open_causes(HERE, at(0), 2)?), texts(["three", "two"]));
        Ok(())
    });
}

fn visits_that_can_still_be_saved_count_before_those_that_began(on: &dyn Fixture) {
    let began = |id: &str| (visit(id), Some(at(-1)));
    write(on.store(), |writer| {
        for (subject, visits) in [
            ("three that began", vec![began("A"), began("B"), began("C")]),
            ("one to come, one that began", vec![began("A"), (visit("D"), Some(at(0)))]),
            ("two to come", vec![(visit("E"), Some(at(9))), (visit("F"), None)]),
        ] {
            for (key, start) in visits {
                writer.put_stop(&key, &stop(subject), start, at(-9))?;
            }
        }
        Ok(())
    });
    look(on.store(), |reader| {
        let told: Vec<_> = open(reader).into_iter().map(|cause| (cause.subject, cause.coming, cause.count)).collect();
        let expected = [("two to come", 2, 2), ("one to come, one that began", 1, 2), ("three that began", 0, 3)];
        assert_eq!(told, expected.map(|(subject, coming, count)| (Text::from(subject), coming, count)));
        Ok(())
    });
}

fn reasons_and_subjects_make_causes_apart(on: &dyn Fixture) {
    let stops = [
        Stop { reason: Reason::PatientEmailMissing, subject: "P1".into() },
        Stop { reason: Reason::PatientEmailMissing, subject: "P2".into() },
        Stop { reason: Reason::PatientEmailInvalid, subject: "P1".into() },
        Stop { reason: Reason::StatusUnmapped, subject: "".into() },
    ];
    write(on.store(), |writer| {
        for stop in &stops {
            assert!(writer.put_stop(&visit("A"), stop, None, at(0))?);
        }
        Ok(())
    });
    let mut ids: Vec<Text> = look(on.store(), |reader| Ok(open(reader))).into_iter().map(|cause| cause.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), stops.len());
    assert!(write(on.store(), |writer| writer.delete_stop(&visit("A"), &stops[0], at(1))));
    assert_eq!(look(on.store(), |reader| Ok(open(reader))).len(), stops.len() - 1);
}

fn the_visits_under_a_cause_come_page_by_page(on: &dyn Fixture) {
    let stopped = ["", "1", "10", "2", "a", "ä"];
    write(on.store(), |writer| {
        for id in stopped.iter().rev() {
            writer.put_stop(&visit(id), &stop("DR9"), None, at(0))?;
        }
        writer.put_stop(&visit("other"), &stop("DR"), None, at(0))?;
        writer.put_stop(&visit_of(NEXT_DOOR, "other"), &stop("DR9"), None, at(0)).map(|_| ())
    });
    look(on.store(), |reader| {
        assert_eq!(reader.stopped_by(HERE, &stop("DR9"), None, 99)?, texts(stopped));
        assert_eq!(reader.stopped_by(HERE, &stop("DR9"), None, 2)?, texts(&stopped[..2]));
        assert_eq!(reader.stopped_by(HERE, &stop("DR9"), Some(""), 2)?, texts(&stopped[1..3]));
        assert_eq!(reader.stopped_by(HERE, &stop("DR9"), Some("2"), 99)?, texts(&stopped[4..]));
        assert_eq!(reader.stopped_by(HERE, &stop("DR9"), Some("ä"), 99)?, texts([""; 0]));
        assert_eq!(reader.stopped_by(ELSEWHERE, &stop("DR9"), None, 99)?, texts([""; 0]));
        Ok(())
    });
}

fn a_cause_is_found_by_its_id_open_or_closed(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_stop(&visit("A"), &stop("DR9"), None, at(0))?;
        writer.put_stop(&visit_of(ELSEWHERE, "A"), &stop("DR9"), None, at(0))?;
        writer.delete_stop(&visit_of(ELSEWHERE, "A"), &stop("DR9"), at(1)).map(|_| ())
    });
    look(on.store(), |reader| {
        let mine = reader.cause(&cause_id(HERE, stop("").reason, "DR9"), at(0))?.unwrap();
        let theirs = reader.cause(&cause_id(ELSEWHERE, stop("").reason, "DR9"), at(0))?.unwrap();
        assert_eq!((mine.integration, mine.closed_at), (HERE, None));
        assert_eq!((theirs.integration, theirs.closed_at), (ELSEWHERE, Some(at(1))));
        assert_eq!(reader.cause("cau_0000000000000000", at(0))?, None);
        assert_eq!(reader.cause("", at(0))?, None);
        Ok(())
    });
}

fn causes_are_what_their_stops_say_after_any_changes(on: &dyn Fixture) {
    let what = (select(&[Reason::PatientEmailMissing, Reason::StatusUnmapped][..]), select(&["", "x"][..]));
    let start = prop_oneof![Just(None), (-2..3_i64).prop_map(|hours| Some(at(60 * hours)))];
    let step = (0..4_u8, what, proptest::option::weighted(0.6, start));
    for_all_in_a_batch(on.store(), 60, vec(step, 0..40), |writer, steps| {
        let integration = somewhere_new();
        let mut stops: BTreeMap<(Reason, &str), BTreeMap<u8, Option<Moment>>> = BTreeMap::new();
        let mut opened: BTreeMap<(Reason, &str), Moment> = BTreeMap::new();
        for (minute, (id, (reason, subject), put)) in (0..).zip(steps) {
            let (key, stop) = (visit_of(integration, &id.to_string()), Stop { reason, subject: subject.into() });
            let held = stops.entry((reason, subject)).or_default();
            let was_open = !held.is_empty();
            match put {
                Some(start) => {
                    held.insert(id, start);
                    assert_eq!(writer.put_stop(&key, &stop, start, at(minute)).unwrap(), !was_open);
                    if !was_open {
                        opened.insert((reason, subject), at(minute));
                    }
                }
                None => {
                    let removed = held.remove(&id).is_some();
                    let closes = removed && held.is_empty();
                    assert_eq!(writer.delete_stop(&key, &stop, at(minute)).unwrap(), closes);
                }
            }
        }
        let mut found = writer.open_causes(integration, at(0), 99).unwrap();
        found.sort_by(|a, b| (a.reason, &a.subject).cmp(&(b.reason, &b.subject)));
        let expected = stops.iter().filter(|(_, held)| !held.is_empty()).map(|((reason, subject), held)| CauseRow {
            id: cause_id(integration, *reason, subject),
            integration,
            reason: *reason,
            subject: Text::from(*subject),
            count: held.len() as u64,
            coming: held.values().filter(|start| start.is_none_or(|start| start >= at(0))).count() as u64,
            opened_at: opened[&(*reason, *subject)],
            next_start: held.values().flatten().filter(|start| **start >= at(0)).min().copied(),
            closed_at: None,
        });
        assert_eq!(found, expected.collect::<Vec<_>>());
    });
}
