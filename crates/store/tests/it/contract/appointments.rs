//! Appointments: held, listed, counted.

use crate::backends::{Fixture, contract, for_all_in_a_batch, look, write};
use crate::rows::*;
use domain::decide::Verdict;
use domain::ids::IntegrationKey;
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use std::collections::BTreeMap;
use store::{AppointmentFilter, AppointmentRow, ListedAppointment, Page, Reader, Result, Retry, Tally, Writer};

contract![
    an_appointment_reads_back_as_it_was_put,
    a_newer_state_takes_the_place_of_the_older,
    putting_as_new_what_is_held_is_a_conflict,
    replacing_what_is_not_held_is_a_conflict,
    lists_are_in_order_of_start_then_id_and_unknown_starts_come_last,
    pages_follow_each_other_without_gap_or_repeat,
    a_page_begins_behind_a_row_that_is_no_longer_there,
    every_filter_finds_what_looking_at_each_row_finds,
    visits_on_their_way_are_listed_whether_or_not_a_card_waits_in_the_outbox,
    a_visit_is_listed_once_while_its_card_moves_in_the_outbox,
    a_moved_visit_is_found_at_its_new_start_only,
    counts_equal_a_recount_after_any_changes,
    counts_inside_a_batch_follow_its_changes,
    visits_of_a_patient_are_found_until_the_patient_leaves_them,
    source_ids_are_found_by_their_beginning,
];

fn put(writer: &mut dyn Writer, id: &str, row: &AppointmentRow) -> Result<()> {
    writer.put_appointment(&visit(id), None, row)
}

fn list(reader: &mut dyn Reader, filter: &AppointmentFilter) -> Result<Vec<Text>> {
    Ok(ids(&reader.appointments(HERE, filter, None, 99)?))
}

fn ids(rows: &[ListedAppointment]) -> Vec<Text> {
    rows.iter().map(|listed| listed.source_id.clone()).collect()
}

fn verdicts(verdicts: &[Verdict]) -> AppointmentFilter {
    AppointmentFilter { verdicts: verdicts.to_vec(), ..AppointmentFilter::default() }
}

fn an_appointment_reads_back_as_it_was_put(on: &dyn Fixture) {
    let plain = AppointmentRow { start: None, ..row() };
    write(on.store(), |writer| {
        put(writer, "full", &full_row())?;
        put(writer, "plain", &plain)
    });
    look(on.store(), |reader| {
        assert_eq!(reader.appointment(&visit("full"))?, Some(full_row()));
        assert_eq!(reader.appointment(&visit("plain"))?, Some(plain));
        assert_eq!(reader.appointment(&visit("FULL"))?, None, "ids are exact");
        assert_eq!(reader.appointment(&visit("ful"))?, None);
        let listed = reader.appointments(HERE, &AppointmentFilter::default(), None, 1)?;
        assert_eq!(listed, [ListedAppointment { source_id: "full".into(), row: full_row() }]);
        Ok(())
    });
}

fn a_newer_state_takes_the_place_of_the_older(on: &dyn Fixture) {
    // Each step changes something else that lists go by, or nothing they go by.
    let held = row_with(Verdict::Held, Some(Reason::StatusUnmapped), Some(at(0)));
    let steps = [
        row(),
        held.clone(),
        AppointmentRow { reason: Some(Reason::PatientEmailMissing), ..held.clone() },
        AppointmentRow { start: Some(at(5)), ..held.clone() },
        AppointmentRow { start: None, told: true, ..held.clone() },
        AppointmentRow { start: None, version: 9, ..held },
        full_row(),
    ];
    write(on.store(), |writer| put(writer, "A", &steps[0]));
    for step in steps.windows(2) {
        write(on.store(), |writer| writer.put_appointment(&visit("A"), Some(&step[0]), &step[1]));
        look(on.store(), |reader| {
            assert_eq!(reader.appointment(&visit("A"))?.as_ref(), Some(&step[1]));
            let exact = AppointmentFilter {
                verdicts: vec![step[1].verdict],
                reason: step[1].reason,
                from: step[1].start,
                to: step[1].start.map(|start| start.plus_millis(1)),
            };
            assert_eq!(list(reader, &exact)?, texts(["A"]), "found by what it is now");
            assert_eq!(list(reader, &AppointmentFilter::default())?, texts(["A"]), "once");
            assert_eq!(reader.tallies(HERE)?.iter().map(|tally| tally.count).sum::<u64>(), 1);
            Ok(())
        });
    }
}

fn putting_as_new_what_is_held_is_a_conflict(on: &dyn Fixture) {
    write(on.store(), |writer| put(writer, "A", &row()));
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    let error = put(&mut *writer, "A", &full_row()).and_then(|()| writer.commit()).unwrap_err();
    assert_eq!(error.retry(), Retry::Now, "whoever reads anew succeeds");
    writer.rollback();
    assert_eq!(writer.appointment(&visit("A")).unwrap(), Some(row()));
    assert_eq!(writer.tallies(HERE).unwrap(), [Tally { verdict: Verdict::InSync, count: 1 }]);
}

fn replacing_what_is_not_held_is_a_conflict(on: &dyn Fixture) {
    for (id, next) in [("a", full_row()), ("b", row()), ("c", AppointmentRow { verdict: Verdict::Held, ..row() })] {
        let mut writer = on.store().writer().unwrap();
        writer.begin(&mut |_| {}).unwrap();
        let put = writer.put_appointment(&visit(id), Some(&row()), &next);
        let error = put.and_then(|()| writer.commit()).unwrap_err();
        assert_eq!(error.retry(), Retry::Now, "whoever reads anew succeeds");
        writer.rollback();
        assert_eq!(writer.appointment(&visit(id)).unwrap(), None);
        assert_eq!(writer.tallies(HERE).unwrap(), [], "nothing was counted");
    }
}

fn lists_are_in_order_of_start_then_id_and_unknown_starts_come_last(on: &dyn Fixture) {
    let starts = [
        ("z", Some(Moment::from_micros(i64::MIN))),
        ("y", Some(at(-1))),
        ("A", Some(at(0))),
        ("B", Some(at(0))),
        ("a", Some(at(0))),
        ("ä", Some(at(0))),
        ("x", Some(at(0).plus_millis(1))),
        ("C", None),
        ("c", None),
    ];
    write(on.store(), |writer| {
        for (id, start) in starts.iter().rev() {
            put(writer, id, &row_with(Verdict::Held, None, *start))?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        let expected = texts(starts.map(|(id, _)| id));
        assert_eq!(list(reader, &AppointmentFilter::default())?, expected);
        assert_eq!(list(reader, &verdicts(&[Verdict::Held]))?, expected);
        assert_eq!(ids(&reader.appointments(HERE, &AppointmentFilter::default(), None, 3)?), expected[..3]);
        assert_eq!(reader.appointments(HERE, &AppointmentFilter::default(), None, 0)?, []);
        Ok(())
    });
}

/// What a property is about: visits of one integration.
#[derive(Clone, Debug)]
struct Visits(BTreeMap<Text, AppointmentRow>);

/// Few values, so that rows often meet: equal starts, unknown ones, ids of different lengths.
fn any_start() -> impl Strategy<Value = Option<Moment>> {
    prop_oneof![2 => Just(None), 8 => (-2..3_i64).prop_map(|hours| Some(at(60 * hours)))]
}

fn any_verdict() -> impl Strategy<Value = (Verdict, Option<Reason>)> {
    // The store does not know which reasons go with which verdicts.
    const REASONS: &[Reason] =
        &[Reason::OnTimeWaiting, Reason::StatusUnmapped, Reason::DeliveryExhausted, Reason::PastAtBooking];
    (select(&Verdict::ALL[..]), proptest::option::weighted(0.8, select(REASONS)))
}

fn any_row() -> impl Strategy<Value = AppointmentRow> {
    (any_verdict(), any_start()).prop_map(|((verdict, reason), start)| row_with(verdict, reason, start))
}

fn any_visits() -> impl Strategy<Value = Visits> {
    proptest::collection::btree_map("[a-c]{1,3}", any_row(), 0..40)
        .prop_map(|rows| Visits(rows.into_iter().map(|(id, row)| (Text::from(id), row)).collect()))
}

fn any_filter() -> impl Strategy<Value = AppointmentFilter> {
    let verdicts = prop_oneof![
        Just(vec![]),
        select(&Verdict::ALL[..]).prop_map(|verdict| vec![verdict]),
        subsequence(Verdict::ALL.to_vec(), 2..=8).prop_shuffle(),
    ];
    let reason = prop_oneof![2 => Just(None), 1 => any_verdict().prop_map(|(_, reason)| reason)];
    let bound = || prop_oneof![2 => Just(None), 1 => (-3..4_i64).prop_map(|hours| Some(at(60 * hours)))];
    (verdicts, reason, bound(), bound()).prop_map(|(verdicts, reason, from, to)| AppointmentFilter {
        verdicts,
        reason,
        from,
        to,
    })
}

impl Visits {
    fn store_at(&self, writer: &mut dyn Writer, integration: IntegrationKey) -> Result<()> {
        for (id, row) in &self.0 {
            writer.put_appointment(&visit_of(integration, id), None, row)?;
        }
        Ok(())
    }

    /// What a list should be, found by looking at each row.
    fn naive(&self, filter: &AppointmentFilter, after: Option<&Page>) -> Vec<Text> {
        let place = |start: Option<Moment>, id: &Text| (start.is_none(), start, id.clone());
        let wanted = |row: &AppointmentRow| {
            (filter.verdicts.is_empty() || filter.verdicts.contains(&row.verdict))
                && (filter.reason.is_none() || filter.reason == row.reason)
                && filter.from.is_none_or(|from| row.start.is_none_or(|start| start >= from))
                && filter.to.is_none_or(|to| row.start.is_some_and(|start| start < to))
        };
        let mut found: Vec<_> = self
            .0
            .iter()
            .filter(|(_, row)| wanted(row))
            .map(|(id, row)| place(row.start, id))
            .filter(|found| after.is_none_or(|page| *found > place(page.start, &page.source_id)))
            .collect();
        found.sort();
        found.into_iter().map(|(_, _, id)| id).collect()
    }
}

fn place_of(listed: &ListedAppointment) -> Page {
    Page { start: listed.row.start, source_id: listed.source_id.clone() }
}

fn pages_follow_each_other_without_gap_or_repeat(on: &dyn Fixture) {
    for_all_in_a_batch(on.store(), 60, (any_visits(), any_filter(), 1..7_usize), |writer, (visits, filter, limit)| {
        let integration = somewhere_new();
        visits.store_at(writer, integration).unwrap();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = writer.appointments(integration, &filter, after.as_ref(), limit).unwrap();
            assert!(page.len() <= limit);
            for listed in &page {
                assert_eq!(visits.0.get(&listed.source_id), Some(&listed.row));
            }
            found.extend(ids(&page));
            // A page that is not full is the last one.
            let Some(last) = page.last().filter(|_| page.len() == limit) else { break };
            after = Some(place_of(last));
        }
        assert_eq!(found, visits.naive(&filter, None));
    });
}

fn a_page_begins_behind_a_row_that_is_no_longer_there(on: &dyn Fixture) {
    write(on.store(), |writer| {
        put(writer, "a", &row_with(Verdict::InSync, None, Some(at(0))))?;
        put(writer, "c", &row_with(Verdict::InSync, None, Some(at(0))))?;
        put(writer, "d", &row_with(Verdict::InSync, None, None))
    });
    let behind = |start, id: &str| Page { start, source_id: id.into() };
    look(on.store(), |reader| {
        for (page, expected) in [
            (behind(Some(at(0)), "b"), vec!["c", "d"]),
            (behind(Some(at(0)), ""), vec!["a", "c", "d"]),
            (behind(Some(at(-1)), "zzz"), vec!["a", "c", "d"]),
            (behind(Some(at(1)), ""), vec!["d"]),
            (behind(None, "c"), vec!["d"]),
            (behind(None, "d"), vec![]),
        ] {
            let found = reader.appointments(HERE, &AppointmentFilter::default(), Some(&page), 9)?;
            assert_eq!(ids(&found), texts(expected), "{page:?}");
        }
        Ok(())
    });
}

fn every_filter_finds_what_looking_at_each_row_finds(on: &dyn Fixture) {
    let after = proptest::option::of((any_start(), "[a-c]{0,3}"));
    let asked = vec((any_filter(), after, 0..50_usize), 12);
    for_all_in_a_batch(on.store(), 150, (any_visits(), asked), |writer, (visits, asked)| {
        let integration = somewhere_new();
        visits.store_at(writer, integration).unwrap();
        for (filter, after, limit) in asked {
            let after = after.map(|(start, id)| Page { start, source_id: id.into() });
            let found = writer.appointments(integration, &filter, after.as_ref(), limit).unwrap();
            let mut expected = visits.naive(&filter, after.as_ref());
            expected.truncate(limit);
            assert_eq!(ids(&found), expected, "{filter:?} {after:?} {limit}");
        }
    });
}

fn visits_on_their_way_are_listed_whether_or_not_a_card_waits_in_the_outbox(on: &dyn Fixture) {
    // A platform that pulls has no outbox; its visits are on their way until it asks, and are counted as such.
    let on_its_way = row_with(Verdict::OnTime, Some(Reason::OnTimeWaiting), Some(at(0)));
    write(on.store(), |writer| {
        put(writer, "pulled", &on_its_way)?;
        put(writer, "pushed", &on_its_way)?;
        writer.put_outbox(&card(1, &visit("pushed"), at(0)))
    });
    look(on.store(), |reader| {
        assert_eq!(list(reader, &verdicts(&[Verdict::OnTime]))?, texts(["pulled", "pushed"]));
        assert_eq!(reader.tallies(HERE)?, [Tally { verdict: Verdict::OnTime, count: 2 }]);
        Ok(())
    });
}

fn a_visit_is_listed_once_while_its_card_moves_in_the_outbox(on: &dyn Fixture) {
    write(on.store(), |writer| {
        put(writer, "A", &row_with(Verdict::OnTime, Some(Reason::OnTimeWaiting), Some(at(0))))?;
        writer.put_outbox(&card(1, &visit("A"), at(0)))?;
        writer.put_outbox(&card(2, &visit("A"), at(0)))
    });
    look(on.store(), |reader| {
        assert_eq!(list(reader, &verdicts(&[Verdict::OnTime]))?, texts(["A"]));
        assert_eq!(list(reader, &verdicts(&[Verdict::OnTime, Verdict::OnTime]))?, texts(["A"]));
        Ok(())
    });
}

fn a_moved_visit_is_found_at_its_new_start_only(on: &dyn Fixture) {
    let day = |day: i64| AppointmentFilter {
        from: Some(at(1440 * day)),
        to: Some(at(1440 * (day + 1))),
        ..AppointmentFilter::default()
    };
    let starts = [Some(at(0)), Some(at(1440)), None, Some(at(2 * 1440))];
    let rows = starts.map(|start| row_with(Verdict::Held, None, start));
    write(on.store(), |writer| put(writer, "A", &rows[0]));
    for (n, step) in rows.windows(2).enumerate() {
        write(on.store(), |writer| writer.put_appointment(&visit("A"), Some(&step[0]), &step[1]));
        look(on.store(), |reader| {
            for asked in 0..3 {
                let there = step[1].start == Some(at(1440 * asked));
                assert_eq!(list(reader, &day(asked))?.len(), usize::from(there), "step {n}, day {asked}");
            }
            Ok(())
        });
    }
}

fn recount(reader: &mut dyn Reader, integration: IntegrationKey) -> Vec<Tally> {
    let rows = reader.appointments(integration, &AppointmentFilter::default(), None, 999).unwrap();
    let mut counts: BTreeMap<Verdict, u64> = BTreeMap::new();
    for listed in rows {
        *counts.entry(listed.row.verdict).or_default() += 1;
    }
    counts.into_iter().map(|(verdict, count)| Tally { verdict, count }).collect()
}

fn counts_equal_a_recount_after_any_changes(on: &dyn Fixture) {
    #[derive(Clone, Debug)]
    enum Step {
        Put(Index, Box<AppointmentRow>),
        Commit,
        Rollback,
    }
    let step = prop_oneof![
        12 => (any::<Index>(), any_row()).prop_map(|(id, row)| Step::Put(id, Box::new(row))),
        1 => Just(Step::Commit),
        1 => Just(Step::Rollback),
    ];
    for_all_in_a_batch(on.store(), 40, vec(step, 0..60), |writer, steps| {
        let integrations = [somewhere_new(), somewhere_new()];
        for step in steps {
            match step {
                Step::Put(id, row) => {
                    // Five ids in two integrations, so that most puts meet something held.
                    let key = visit_of(integrations[id.index(2)], &id.index(5).to_string());
                    let held = writer.appointment(&key).unwrap();
                    writer.put_appointment(&key, held.as_ref(), &row).unwrap();
                }
                Step::Commit => {
                    writer.commit().unwrap();
                    writer.begin(&mut |_| {}).unwrap();
                }
                Step::Rollback => {
                    writer.rollback();
                    writer.begin(&mut |_| {}).unwrap();
                }
            }
            for integration in integrations {
                assert_eq!(writer.tallies(integration).unwrap(), recount(writer, integration));
            }
        }
        writer.commit().unwrap();
        for integration in integrations {
            assert_eq!(writer.tallies(integration).unwrap(), recount(writer, integration));
        }
    });
}

fn counts_inside_a_batch_follow_its_changes(on: &dyn Fixture) {
    write(on.store(), |writer| put(writer, "A", &row()));
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    let held = row_with(Verdict::Held, None, None);
    writer.put_appointment(&visit("A"), Some(&row()), &held).unwrap();
    put(&mut *writer, "B", &held).unwrap();
    assert_eq!(writer.tallies(HERE).unwrap(), [Tally { verdict: Verdict::Held, count: 2 }], "none are left in sync");
    writer.rollback();
    assert_eq!(writer.tallies(HERE).unwrap(), [Tally { verdict: Verdict::InSync, count: 1 }]);
}

fn visits_of_a_patient_are_found_until_the_patient_leaves_them(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for id in ["C", "A", "B"] {
            writer.put_participant(&visit(id), "P1")?;
            writer.put_participant(&visit(id), "P1")?;
        }
        writer.put_participant(&visit("A"), "P2")
    });
    look(on.store(), |reader| {
        assert_eq!(reader.appointments_of_patient(HERE, "P1", 9)?, texts(["A", "B", "C"]));
        assert_eq!(reader.appointments_of_patient(HERE, "P1", 2)?, texts(["A", "B"]));
        assert_eq!(reader.appointments_of_patient(HERE, "P2", 9)?, texts(["A"]));
        assert_eq!(reader.appointments_of_patient(HERE, "P", 9)?, texts([""; 0]));
        Ok(())
    });
    write(on.store(), |writer| {
        writer.delete_participant(&visit("A"), "P1")?;
        writer.delete_participant(&visit("A"), "P1")?;
        writer.delete_participant(&visit("B"), "P2")
    });
    look(on.store(), |reader| {
        assert_eq!(reader.appointments_of_patient(HERE, "P1", 9)?, texts(["B", "C"]));
        assert_eq!(reader.appointments_of_patient(HERE, "P2", 9)?, texts(["A"]));
        Ok(())
    });
}

fn source_ids_are_found_by_their_beginning(on: &dyn Fixture) {
    let stored = ["", "A", "A-1", "A-10", "A-2", "a-1", "A%", "A_", "Ä", "B", "\u{10FFFF}", "\u{10FFFF}x"];
    write(on.store(), |writer| {
        for id in stored {
            put(writer, id, &row())?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        for prefix in ["", "A", "A-", "A-1", "A%", "A_", "_", "Ä", "B", "C", "\u{10FFFF}", "\u{10FFFF}x", "\u{10FFFF}y"]
        {
            let mut expected: Vec<_> = stored.into_iter().filter(|id| id.starts_with(prefix)).collect();
            expected.sort_unstable();
            assert_eq!(reader.source_ids_like(HERE, prefix, 99)?, texts(&expected), "{prefix:?}");
            assert_eq!(reader.source_ids_like(HERE, prefix, 2)?, texts(expected.iter().take(2)), "{prefix:?}");
        }
        Ok(())
    });
}
