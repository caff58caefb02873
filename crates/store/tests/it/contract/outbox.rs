//! The outbox: what is due, in the order in which it became due.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::ids::EntryId;
use store::{OutboxRow, Reader, Result};

contract![
    a_card_reads_back_as_it_was_put,
    cards_become_visible_at_their_instant_and_come_longest_due_first,
    a_card_put_again_under_its_time_takes_the_place_of_the_older,
    a_card_moves_by_leaving_one_time_for_another,
    a_card_that_awaits_its_receipt_is_never_visible,
    the_next_instant_is_the_earliest,
    a_card_taken_off_is_gone,
    depth_is_counted_up_to_a_limit,
    cards_wished_for_long_ago_are_listed_oldest_first,
    reclaiming_makes_visible_what_was_being_sent,
    integrations_with_cards_that_are_due_are_named_in_turn,
    many_cards_of_one_integration_hide_none_of_another,
];

fn visible(reader: &mut dyn Reader, minute: i64, limit: usize) -> Result<Vec<u64>> {
    Ok(reader.outbox_visible(at(minute), &[HERE], limit)?.iter().map(|row| row.entry.0).collect())
}

fn a_card_reads_back_as_it_was_put(on: &dyn Fixture) {
    let row = OutboxRow {
        entry: EntryId(i64::MAX as u64),
        key: visit_of(ELSEWHERE, "A1"),
        version: u32::MAX,
        visible_at: at(5),
        since: at(-5),
    };
    write(on.store(), |writer| writer.put_outbox(&row));
    look(on.store(), |reader| {
        assert_eq!(reader.outbox_visible(at(5), &[ELSEWHERE], 9)?, std::slice::from_ref(&row));
        assert_eq!(reader.outbox_older_than(ELSEWHERE, at(0), 9)?, [row]);
        Ok(())
    });
}

fn cards_become_visible_at_their_instant_and_come_longest_due_first(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for (entry, minute) in [(1, 30), (2, 10), (3, 20), (4, 10)] {
            writer.put_outbox(&card(entry, &visit(&entry.to_string()), at(minute)))?;
        }
        writer.put_outbox(&card(5, &visit_of(ELSEWHERE, "5"), at(15)))
    });
    look(on.store(), |reader| {
        assert_eq!(visible(reader, 9, 99)?, [0; 0]);
        assert_eq!(visible(reader, 10, 99)?, [2, 4]);
        assert_eq!(visible(reader, 29, 99)?, [2, 4, 3]);
        assert_eq!(visible(reader, 30, 99)?, [2, 4, 3, 1]);
        assert_eq!(visible(reader, 30, 3)?, [2, 4, 3]);
        assert_eq!(visible(reader, 30, 0)?, [0; 0]);
        Ok(())
    });
}

fn a_card_put_again_under_its_time_takes_the_place_of_the_older(on: &dyn Fixture) {
    let next = OutboxRow { since: at(99), version: 99, ..card(1, &visit("A"), at(0)) };
    write(on.store(), |writer| writer.put_outbox(&card(1, &visit("A"), at(0))));
    write(on.store(), |writer| writer.put_outbox(&next));
    look(on.store(), |reader| {
        assert_eq!(reader.outbox_visible(at(0), &[HERE], 9)?, [next]);
        assert_eq!(reader.outbox_depth(9)?, 1);
        Ok(())
    });
}

fn a_card_moves_by_leaving_one_time_for_another(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_outbox(&card(1, &visit("A"), at(0))));
    for (from, to) in [(at(0), at(5)), (at(5), OutboxRow::NEVER), (OutboxRow::NEVER, at(7))] {
        write(on.store(), |writer| {
            writer.delete_outbox(HERE, from, EntryId(1))?;
            writer.put_outbox(&card(1, &visit("A"), to))
        });
        look(on.store(), |reader| {
            assert_eq!(reader.next_outbox()?, Some(to));
            assert_eq!(reader.outbox_depth(9)?, 1);
            Ok(())
        });
    }
    look(on.store(), |reader| {
        assert_eq!(visible(reader, 6, 9)?, [0; 0]);
        assert_eq!(reader.outbox_visible(at(7), &[HERE], 9)?, [card(1, &visit("A"), at(7))]);
        Ok(())
    });
}

fn a_card_that_awaits_its_receipt_is_never_visible(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_outbox(&card(1, &visit("A"), OutboxRow::NEVER)));
    look(on.store(), |reader| {
        assert_eq!(reader.outbox_visible(OutboxRow::NEVER.plus_millis(-1), &[HERE], 9)?, []);
        assert_eq!(reader.next_outbox()?, Some(OutboxRow::NEVER), "nothing to wake up for");
        assert_eq!(reader.outbox_depth(9)?, 1, "but still on its way");
        assert_eq!(reader.outbox_older_than(HERE, at(0), 9)?.len(), 1);
        Ok(())
    });
}

fn the_next_instant_is_the_earliest(on: &dyn Fixture) {
    let next = || look(on.store(), |reader| reader.next_outbox());
    assert_eq!(next(), None);
    for (entry, minute, expected) in [(1, 10, 10), (2, 20, 10), (3, 5, 5)] {
        write(on.store(), |writer| writer.put_outbox(&card(entry, &visit("A"), at(minute))));
        assert_eq!(next(), Some(at(expected)));
    }
    write(on.store(), |writer| {
        writer.delete_outbox(HERE, at(5), EntryId(3))?;
        writer.put_outbox(&card(3, &visit("A"), OutboxRow::NEVER))
    });
    assert_eq!(next(), Some(at(10)));
}

fn a_card_taken_off_is_gone(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_outbox(&card(1, &visit("A"), at(0)))?;
        writer.put_outbox(&card(2, &visit("B"), at(0)))?;
        writer.delete_outbox(HERE, at(0), EntryId(9))?;
        writer.delete_outbox(HERE, at(1), EntryId(2))?;
        writer.delete_outbox(HERE, at(0), EntryId(1))
    });
    look(on.store(), |reader| {
        assert_eq!(visible(reader, 0, 9)?, [2]);
        Ok(())
    });
    write(on.store(), |writer| writer.put_outbox(&card(1, &visit("A"), at(-1))));
    assert_eq!(look(on.store(), |reader| visible(reader, 0, 9)), [1, 2]);
}

fn depth_is_counted_up_to_a_limit(on: &dyn Fixture) {
    write(on.store(), |writer| (1..6).try_for_each(|entry| writer.put_outbox(&card(entry, &visit("A"), at(0)))));
    look(on.store(), |reader| {
        assert_eq!([reader.outbox_depth(99)?, reader.outbox_depth(5)?, reader.outbox_depth(3)?], [5, 5, 3]);
        Ok(())
    });
}

fn cards_wished_for_long_ago_are_listed_oldest_first(on: &dyn Fixture) {
    // A card that was given up and is tried again is wished for anew under its old entry.
    write(on.store(), |writer| {
        for (entry, since) in [(1, 40), (2, 10), (3, 30), (4, 20)] {
            writer.put_outbox(&OutboxRow { since: at(since), ..card(entry, &visit("A"), at(0)) })?;
        }
        writer.put_outbox(&OutboxRow { since: at(0), ..card(5, &visit_of(NEXT_DOOR, "A"), at(0)) })
    });
    look(on.store(), |reader| {
        let older = |reader: &mut dyn Reader, minute, limit| -> Result<Vec<u64>> {
            Ok(reader.outbox_older_than(HERE, at(minute), limit)?.iter().map(|row| row.entry.0).collect())
        };
        assert_eq!(older(reader, 99, 99)?, [2, 4, 3, 1]);
        assert_eq!(older(reader, 30, 99)?, [2, 4], "not those since that very moment");
        assert_eq!(older(reader, 99, 1)?, [2]);
        assert_eq!(older(reader, 10, 99)?, [0; 0]);
        assert_eq!(reader.outbox_older_than(NEXT_DOOR, at(99), 9)?.len(), 1);
        assert_eq!(reader.outbox_older_than(ELSEWHERE, at(99), 9)?, []);
        Ok(())
    });
}

fn reclaiming_makes_visible_what_was_being_sent(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_outbox(&card(1, &visit("A"), at(-5)))?;
        writer.put_outbox(&card(2, &visit("B"), at(60)))?;
        writer.put_outbox(&card(3, &visit("C"), OutboxRow::NEVER))
    });
    assert_eq!(write(on.store(), |writer| writer.reclaim_outbox(at(0))), 1, "what was visible stays, receipts too");
    look(on.store(), |reader| {
        assert_eq!(
            reader.outbox_visible(at(0), &[HERE], 9)?,
            [card(1, &visit("A"), at(-5)), card(2, &visit("B"), at(0))],
            "those that have waited longer still come first"
        );
        assert_eq!(reader.outbox_depth(9)?, 3);
        Ok(())
    });
    assert_eq!(write(on.store(), |writer| writer.reclaim_outbox(at(0))), 0);
}

fn integrations_with_cards_that_are_due_are_named_in_turn(on: &dyn Fixture) {
    let turns = |minute, after, limit| look(on.store(), |reader| reader.outbox_turns(at(minute), after, limit));
    assert_eq!(turns(99, None, 9), []);
    write(on.store(), |writer| {
        writer.put_outbox(&card(1, &visit_of(ELSEWHERE, "A"), at(0)))?;
        writer.put_outbox(&card(2, &visit_of(HERE, "A"), at(5)))?;
        writer.put_outbox(&card(3, &visit_of(HERE, "B"), at(50)))?;
        writer.put_outbox(&card(4, &visit_of(NEXT_DOOR, "A"), at(20)))?;
        writer.put_outbox(&card(5, &visit_of(NEXT_DOOR, "B"), OutboxRow::NEVER))
    });
    let mut all = [HERE, NEXT_DOOR, ELSEWHERE];
    all.sort_unstable();
    assert_eq!(turns(99, None, 9), all);
    assert_eq!(turns(99, None, 2), all[..2]);
    assert_eq!(turns(99, Some(all[0]), 9), all[1..]);
    assert_eq!(turns(99, Some(all[1]), 1), all[2..]);
    assert_eq!(turns(99, Some(all[2]), 9), []);
    assert_eq!(turns(99, None, 0), []);
    let due = |minute| turns(minute, None, 9).into_iter().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(due(-1), [].into(), "nothing is due yet");
    assert_eq!(due(5), [HERE, ELSEWHERE].into(), "and that of one not before its instant");
}

fn many_cards_of_one_integration_hide_none_of_another(on: &dyn Fixture) {
    write(on.store(), |writer| {
        (1..=200).try_for_each(|n| writer.put_outbox(&card(n, &visit(&n.to_string()), at(-5))))?;
        writer.put_outbox(&card(201, &visit_of(NEXT_DOOR, "A"), at(0)))
    });
    look(on.store(), |reader| {
        let entries = |rows: Vec<OutboxRow>| rows.iter().map(|row| row.entry.0).collect::<Vec<_>>();
        assert_eq!(entries(reader.outbox_visible(at(0), &[NEXT_DOOR, HERE], 2)?), [201, 1, 2], "in the order asked");
        assert_eq!(entries(reader.outbox_visible(at(0), &[ELSEWHERE, NEXT_DOOR], 2)?), [201]);
        assert_eq!(reader.outbox_visible(at(0), &[], 2)?, []);
        Ok(())
    });
}
