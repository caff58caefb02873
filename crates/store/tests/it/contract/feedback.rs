//! What people said of explanations: listed and counted.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::ids::EntryId;
use domain::reasons::Reason;
use store::{FeedbackCount, FeedbackRow};

contract![
    what_was_said_of_a_visit_is_found_however_much_was_said_since,
    what_was_said_reads_back_newest_first_and_in_pages,
    what_was_said_is_counted_by_reason_since_an_instant,
];

fn what_was_said_reads_back_newest_first_and_in_pages(on: &dyn Fixture) {
    let rows: Vec<FeedbackRow> = (1..=3).map(|id| feedback(HERE, id)).collect();
    let none = FeedbackRow { reason: None, right: false, ..feedback(HERE, 4) };
    write(on.store(), |writer| {
        rows.iter().chain([&none, &feedback(NEXT_DOOR, 5)]).try_for_each(|row| writer.put_feedback(row))
    });
    look(on.store(), |reader| {
        let all = reader.feedback(HERE, None, 9)?;
        assert_eq!(all, [none.clone(), rows[2].clone(), rows[1].clone(), rows[0].clone()]);
        assert_eq!(reader.feedback(HERE, None, 2)?, all[..2]);
        assert_eq!(reader.feedback(HERE, Some(EntryId(3)), 1)?, all[2..3]);
        assert_eq!(reader.feedback(ELSEWHERE, None, 9)?, []);
        Ok(())
    });
}

fn what_was_said_is_counted_by_reason_since_an_instant(on: &dyn Fixture) {
    let said = |id, minute, reason, right| FeedbackRow { at: at(minute), reason, right, ..feedback(HERE, id) };
    let (missing, unmapped) = (Some(Reason::PatientEmailMissing), Some(Reason::StatusUnmapped));
    write(on.store(), |writer| {
        for row in [
            said(1, 0, missing, true),
            said(2, 10, missing, true),
            said(3, 10, missing, false),
            said(4, 20, unmapped, false),
            said(5, 20, None, true),
        ] {
            writer.put_feedback(&row)?;
        }
        writer.put_feedback(&feedback(ELSEWHERE, 6))
    });
    look(on.store(), |reader| {
        let count = |reason, right, wrong| FeedbackCount { reason, right, wrong };
        let mut counts = reader.feedback_counts(HERE, at(10))?;
        counts.sort_by_key(|count| count.reason);
        let mut expected = [count(None, 1, 0), count(missing, 1, 1), count(unmapped, 0, 1)];
        expected.sort_by_key(|count| count.reason);
        assert_eq!(counts, expected);
        assert_eq!(reader.feedback_counts(HERE, at(21))?, []);
        Ok(())
    });
}

fn what_was_said_of_a_visit_is_found_however_much_was_said_since(on: &dyn Fixture) {
    let of = |id, visit: &str| FeedbackRow { source_id: visit.into(), ..feedback(HERE, id) };
    write(on.store(), |writer| {
        writer.put_feedback(&of(1, "A1"))?;
        writer.put_feedback(&FeedbackRow { source_id: "A1".into(), ..feedback(NEXT_DOOR, 2) })?;
        (3..1_100).try_for_each(|id| writer.put_feedback(&of(id, "A2")))?;
        writer.put_feedback(&of(1_100, "A1"))
    });
    look(on.store(), |reader| {
        assert_eq!(reader.feedback_of(&visit("A1"), 9)?, [of(1_100, "A1"), of(1, "A1")]);
        assert_eq!(reader.feedback_of(&visit("A1"), 1)?, [of(1_100, "A1")]);
        assert_eq!(reader.feedback_of(&visit("A3"), 9)?, []);
        Ok(())
    });
}
