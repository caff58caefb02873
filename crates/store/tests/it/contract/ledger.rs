//! The ledger: append-only, chained by appointment, read forward by those who follow decisions.

use crate::backends::{Fixture, contract, for_all_in_a_batch, look, write};
use crate::rows::*;
use domain::ids::{AuditId, EntryId, IntegrationKey};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use store::{EntryRow, NewAudit, Retry};

contract![
    entries_of_every_kind_read_back_as_they_were_put,
    the_entries_of_an_appointment_come_newest_first_from_where_it_is_asked,
    a_chain_that_leads_to_another_appointment_is_not_followed,
    a_chain_that_leads_nowhere_ends,
    no_entry_is_written_twice,
    decisions_of_several_integrations_come_in_order_and_page_by_page,
    decisions_are_found_behind_many_entries_of_others,
    the_greatest_id_is_that_of_any_entry_envelope_or_audit_row,
];

fn entry_ids(rows: &[EntryRow]) -> Vec<u64> {
    rows.iter().map(|row| row.id.0).collect()
}

fn entries_of_every_kind_read_back_as_they_were_put(on: &dyn Fixture) {
    let entries = entries_of_every_kind();
    let ids = [1, 2, 1 << 40, i64::MAX as u64 - 1, i64::MAX as u64];
    assert_eq!(entries.len(), ids.len());
    let rows: Vec<EntryRow> = entries
        .into_iter()
        .zip(ids)
        .map(|(entry, id)| EntryRow {
            id: EntryId(id),
            integration: HERE,
            source_id: "A".into(),
            prev: Some(EntryId(id - 1)).filter(|prev| prev.0 > 0),
            at: at(-5),
            entry,
        })
        .collect();
    write(on.store(), |writer| {
        rows.iter().try_for_each(|row| writer.put_entry(&visit("A"), row.id, row.prev, row.at, &row.entry))
    });
    look(on.store(), |reader| {
        for row in &rows {
            assert_eq!(reader.entry(row.id)?.as_ref(), Some(row));
        }
        assert_eq!(reader.entry(EntryId(0))?, None);
        assert_eq!(reader.entry(EntryId(3))?, None);
        Ok(())
    });
}

fn the_entries_of_an_appointment_come_newest_first_from_where_it_is_asked(on: &dyn Fixture) {
    // Two appointments at the same time: their entries lie between each other's.
    write(on.store(), |writer| {
        for (id, prev) in [(1, None), (3, Some(1)), (5, Some(3)), (7, Some(5))] {
            writer.put_entry(&visit("A"), EntryId(id), prev.map(EntryId), at(0), &told("A"))?;
            writer.put_entry(&visit("B"), EntryId(id + 1), prev.map(|id| EntryId(id + 1)), at(0), &told("B"))?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        assert_eq!(entry_ids(&reader.entries(&visit("A"), EntryId(7), 99)?), [7, 5, 3, 1]);
        assert_eq!(entry_ids(&reader.entries(&visit("B"), EntryId(8), 3)?), [8, 6, 4]);
        assert_eq!(entry_ids(&reader.entries(&visit("A"), EntryId(5), 99)?), [5, 3, 1]);
        assert_eq!(entry_ids(&reader.entries(&visit("A"), EntryId(7), 0)?), [0; 0]);
        Ok(())
    });
}

fn a_chain_that_leads_to_another_appointment_is_not_followed(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_entry(&visit("A"), EntryId(1), None, at(0), &told("A"))?;
        writer.put_entry(&visit("B"), EntryId(2), Some(EntryId(1)), at(0), &told("B, wrongly behind A"))?;
        writer.put_entry(&visit_of(NEXT_DOOR, "B"), EntryId(3), Some(EntryId(2)), at(0), &told("B, next door"))?;
        writer.put_entry(&visit_of(ELSEWHERE, "B"), EntryId(4), Some(EntryId(2)), at(0), &told("B, elsewhere"))
    });
    look(on.store(), |reader| {
        assert_eq!(entry_ids(&reader.entries(&visit("B"), EntryId(2), 9)?), [2]);
        assert_eq!(entry_ids(&reader.entries(&visit_of(NEXT_DOOR, "B"), EntryId(3), 9)?), [3]);
        assert_eq!(entry_ids(&reader.entries(&visit_of(ELSEWHERE, "B"), EntryId(4), 9)?), [4]);
        assert_eq!(reader.entries(&visit("B"), EntryId(1), 9)?, [], "nor is it begun there");
        assert_eq!(reader.entries(&visit("B"), EntryId(3), 9)?, []);
        Ok(())
    });
}

fn a_chain_that_leads_nowhere_ends(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_entry(&visit("A"), EntryId(5), Some(EntryId(4)), at(0), &told("A")));
    look(on.store(), |reader| {
        assert_eq!(entry_ids(&reader.entries(&visit("A"), EntryId(5), 9)?), [5]);
        assert_eq!(reader.entries(&visit("A"), EntryId(6), 9)?, []);
        Ok(())
    });
}

fn no_entry_is_written_twice(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_entry(&visit("A"), EntryId(1), None, at(0), &told("first")));
    for key in [visit("A"), visit("B"), visit_of(ELSEWHERE, "A")] {
        let mut writer = on.store().writer().unwrap();
        writer.begin(&mut |_| {}).unwrap();
        let put = writer.put_entry(&key, EntryId(1), None, at(0), &told("second"));
        let error = put.and_then(|()| writer.commit()).unwrap_err();
        assert_eq!(error.retry(), Retry::Now, "another id is all it takes");
    }
    look(on.store(), |reader| {
        let row = reader.entry(EntryId(1))?.unwrap();
        assert_eq!((row.entry, row.integration), (told("first"), HERE));
        Ok(())
    });
}

fn decisions_of_several_integrations_come_in_order_and_page_by_page(on: &dyn Fixture) {
    let written = vec((0..4_usize, any::<bool>()), 0..60);
    let asked = (subsequence(vec![0, 1, 2, 3], 0..=4).prop_shuffle(), 0..70_u64, 1..9_usize);
    for_all_in_a_batch(on.store(), 40, (written, asked), |writer, (written, (asked, after, limit))| {
        let mut integrations: Vec<IntegrationKey> = (0..3).map(|_| somewhere_new()).collect();
        // Two integrations of one practice.
        integrations.push(IntegrationKey { integration: 7, ..integrations[0] });
        let mut expected = Vec::new();
        for (n, (whose, decides)) in written.iter().enumerate() {
            let (id, integration) = (n as u64 + 1, integrations[*whose]);
            let entry = if *decides { decided("A", 1) } else { told("no decision") };
            writer.put_entry(&visit_of(integration, "A"), EntryId(id), None, at(0), &entry).unwrap();
            if *decides && asked.contains(whose) && id > after {
                expected.push(id);
            }
        }
        let asked: Vec<IntegrationKey> = asked.into_iter().map(|whose| integrations[whose]).collect();
        let (mut found, mut after) = (Vec::new(), EntryId(after));
        loop {
            let page = writer.decisions_since(&asked, after, limit).unwrap();
            assert!(page.len() <= limit && page.iter().all(|row| asked.contains(&row.integration)));
            found.extend(entry_ids(&page));
            let Some(last) = page.last().filter(|_| page.len() == limit) else { break };
            after = last.id;
        }
        assert_eq!(found, expected);
    });
}

fn decisions_are_found_behind_many_entries_of_others(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for id in 1..500 {
            let (key, entry) = if id % 2 == 0 {
                (visit_of(NEXT_DOOR, "A"), decided("A", 1))
            } else {
                (visit("A"), told("no decision"))
            };
            writer.put_entry(&key, EntryId(id), None, at(0), &entry)?;
        }
        writer.put_entry(&visit("A"), EntryId(500), None, at(0), &decided("A", 1))
    });
    look(on.store(), |reader| {
        assert_eq!(entry_ids(&reader.decisions_since(&[HERE], EntryId(0), 5)?), [500]);
        assert_eq!(entry_ids(&reader.decisions_since(&[HERE, NEXT_DOOR], EntryId(495), 5)?), [496, 498, 500]);
        assert_eq!(reader.decisions_since(&[HERE], EntryId(500), 5)?, []);
        assert_eq!(reader.decisions_since(&[ELSEWHERE], EntryId(0), 5)?, []);
        assert_eq!(reader.decisions_since(&[], EntryId(0), 5)?, []);
        let row = reader.decisions_since(&[HERE], EntryId(0), 5)?.remove(0);
        assert_eq!(Some(row), reader.entry(EntryId(500))?, "with everything");
        Ok(())
    });
}

fn the_greatest_id_is_that_of_any_entry_envelope_or_audit_row(on: &dyn Fixture) {
    let greatest = || look(on.store(), |reader| reader.greatest_id());
    assert_eq!(greatest(), 0);
    write(on.store(), |writer| writer.put_entry(&visit("A"), EntryId(5), None, at(0), &told("A")));
    assert_eq!(greatest(), 5);
    write(on.store(), |writer| writer.put_envelope(&envelope(7, ELSEWHERE)));
    assert_eq!(greatest(), 7);
    write(on.store(), |writer| writer.put_entry(&visit("A"), EntryId(6), None, at(0), &told("A")));
    assert_eq!(greatest(), 7);
    let audit = NewAudit { id: AuditId(i64::MAX as u64), ..deed(0, "s") };
    write(on.store(), |writer| writer.put_audit(&audit));
    assert_eq!(greatest(), i64::MAX as u64);
}
