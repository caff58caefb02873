//! Coverage: which stretches of which feeds were read.

use crate::backends::{Fixture, contract, for_all_in_a_batch, look, write};
use crate::rows::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;
use store::CoverageRow;

contract![
    a_stretch_reads_back_as_it_was_put,
    a_stretch_that_began_at_the_same_moment_is_replaced,
    stretches_that_reach_into_a_range_come_oldest_first,
    stretches_touch_a_range_also_at_its_ends,
    any_range_finds_what_looking_at_each_stretch_finds,
];

fn a_stretch_reads_back_as_it_was_put(on: &dyn Fixture) {
    let row = CoverageRow { read_at: at(77), complete: false, ..stretch("mllp 127.0.0.1:2575", 0, 10) };
    write(on.store(), |writer| writer.put_coverage(HERE, &row));
    look(on.store(), |reader| {
        assert_eq!(reader.coverage(HERE, at(0), at(10))?, [row]);
        assert_eq!(reader.coverage(NEXT_DOOR, at(0), at(10))?, []);
        Ok(())
    });
}

fn a_stretch_that_began_at_the_same_moment_is_replaced(on: &dyn Fixture) {
    // It grew; or it was read again and turned out to be shorter or to have a hole.
    let states = [
        stretch("a", 0, 10),
        stretch("a", 0, 20),
        CoverageRow { complete: false, read_at: at(99), ..stretch("a", 0, 20) },
        stretch("a", 0, 5),
    ];
    write(on.store(), |writer| writer.put_coverage(HERE, &stretch("b", 0, 1)));
    for state in states {
        write(on.store(), |writer| writer.put_coverage(HERE, &state));
        look(on.store(), |reader| {
            assert_eq!(reader.coverage(HERE, at(0), at(99))?, [state, stretch("b", 0, 1)]);
            Ok(())
        });
    }
    assert_eq!(
        look(on.store(), |reader| reader.coverage(HERE, at(6), at(99))),
        [],
        "nothing is left of the longer one"
    );
}

fn stretches_that_reach_into_a_range_come_oldest_first(on: &dyn Fixture) {
    let stored =
        [stretch("b", 0, 9), stretch("a", 5, 6), stretch("c", 5, 30), stretch("a", 20, 25), stretch("b", 22, 23)];
    write(on.store(), |writer| stored.iter().rev().try_for_each(|row| writer.put_coverage(HERE, row)));
    look(on.store(), |reader| {
        assert_eq!(reader.coverage(HERE, at(0), at(99))?, stored, "by their beginning, then by feed");
        assert_eq!(reader.coverage(HERE, at(10), at(19))?, [stored[2].clone()], "one may reach over the whole range");
        Ok(())
    });
}

fn stretches_touch_a_range_also_at_its_ends(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_coverage(HERE, &stretch("a", 10, 20)));
    look(on.store(), |reader| {
        for (from, to, found) in [(0, 9, 0), (0, 10, 1), (12, 13, 1), (20, 30, 1), (21, 30, 0)] {
            assert_eq!(reader.coverage(HERE, at(from), at(to))?.len(), found, "{from}–{to}");
        }
        Ok(())
    });
}

fn any_range_finds_what_looking_at_each_stretch_finds(on: &dyn Fixture) {
    let stretches = vec((select(&["a", "b", "ab"][..]), 0..30_i64, 0..15_i64, any::<bool>()), 0..25);
    for_all_in_a_batch(on.store(), 60, (stretches, vec((-1..32_i64, 0..20_i64), 6)), |writer, (stretches, ranges)| {
        let integration = somewhere_new();
        let mut held: BTreeMap<(i64, &str), CoverageRow> = BTreeMap::new();
        for (feed, from, length, complete) in stretches {
            let row = CoverageRow { complete, ..stretch(feed, from, from + length) };
            writer.put_coverage(integration, &row).unwrap();
            held.insert((from, feed), row);
        }
        for (from, length) in ranges {
            let (from, to) = (at(from), at(from + length));
            let expected: Vec<_> = held.values().filter(|row| row.to >= from && row.from <= to).cloned().collect();
            assert_eq!(writer.coverage(integration, from, to).unwrap(), expected);
        }
    });
}
