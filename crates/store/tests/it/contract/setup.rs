//! The set-up: practices, integrations, links made by people, and the epoch by which others notice a change.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::ids::{IntegrationKey, PracticeNo};
use domain::setup::{Lifecycle, LinkFact, LinkKind, PracticeDoc};
use domain::time::Moment;
use std::sync::Barrier;
use store::{IntegrationRow, PracticeRow, Result, Retry, Store, Writer};

contract![
    versions_go_on_above_a_floor_that_only_rises,
    a_practice_gets_a_number_and_keeps_it,
    practices_are_listed_by_id,
    an_integration_gets_a_number_of_its_own_and_reads_back,
    an_integration_changes_in_place,
    an_id_of_an_integration_is_unique_in_the_installation,
    integrations_are_listed_by_id,
    links_read_back_by_integration_kind_and_source_id,
    a_link_is_replaced_by_a_newer_one,
    a_link_taken_off_is_gone,
    the_epoch_rises_with_every_change_and_with_nothing_else,
    the_epoch_of_a_batch_that_is_rolled_back_is_not_used,
    processes_are_numbered_from_one_and_no_number_is_given_twice,
];

fn a_practice_gets_a_number_and_keeps_it(on: &dyn Fixture) {
    let put = |document: &PracticeDoc, now: Moment| write(on.store(), |writer| writer.put_practice(document, now));
    let first = put(&practice("a"), at(0));
    let second = put(&practice("b"), at(1));
    assert!(first != second && ![first, second].contains(&PracticeNo::UNROUTED));
    let renamed = PracticeDoc { name: "Other \"name\"".into(), holidays: vec![].into(), ..practice("a") };
    assert_eq!(put(&renamed, at(2)), first);
    look(on.store(), |reader| {
        assert_eq!(
            reader.practice("a")?,
            Some(PracticeRow { practice: first, document: renamed.clone(), changed_at: at(2) })
        );
        assert_eq!(
            reader.practice("b")?,
            Some(PracticeRow { practice: second, document: practice("b"), changed_at: at(1) })
        );
        assert_eq!(reader.practice("A")?, None);
        assert_eq!(reader.practices()?.len(), 2);
        Ok(())
    });
}

fn practices_are_listed_by_id(on: &dyn Fixture) {
    let ids = ["B", "a", "b", "ä"];
    write(on.store(), |writer| {
        ids.iter().rev().try_for_each(|id| writer.put_practice(&practice(id), at(0)).map(|_| ()))
    });
    let listed = look(on.store(), |reader| reader.practices());
    assert_eq!(listed.into_iter().map(|row| row.document.id).collect::<Vec<_>>(), texts(ids));
}

fn put_new(writer: &mut dyn Writer, practice: PracticeNo, id: &str) -> Result<IntegrationKey> {
    writer.put_integration(practice, &integration(practice, id), true)
}

fn an_integration_gets_a_number_of_its_own_and_reads_back(on: &dyn Fixture) {
    let (keys, practices) = write(on.store(), |writer| {
        let practices = [writer.put_practice(&practice("a"), at(0))?, writer.put_practice(&practice("b"), at(0))?];
        let keys = [
            put_new(writer, practices[0], "a1")?,
            put_new(writer, practices[0], "a2")?,
            put_new(writer, practices[1], "b1")?,
        ];
        Ok((keys, practices))
    });
    assert_eq!(keys.map(|key| key.practice), [practices[0], practices[0], practices[1]]);
    assert!(keys[0] != keys[1] && keys.iter().all(|key| *key != IntegrationKey::UNROUTED));
    look(on.store(), |reader| {
        for (key, id) in keys.iter().zip(["a1", "a2", "b1"]) {
            let row = IntegrationRow { key: *key, ..integration(key.practice, id) };
            assert_eq!(reader.integration(id)?, Some(row));
        }
        assert_eq!(reader.integration("A1")?, None);
        Ok(())
    });
}

fn an_integration_changes_in_place(on: &dyn Fixture) {
    let key = write(on.store(), |writer| {
        let practice = writer.put_practice(&practice("a"), at(0))?;
        put_new(writer, practice, "other")?;
        put_new(writer, practice, "a1")
    });
    let lifecycles =
        [Lifecycle::Initiated, Lifecycle::Authorized, Lifecycle::Configured, Lifecycle::Live, Lifecycle::Paused];
    for (n, lifecycle) in (1..).zip(lifecycles) {
        let mut row = IntegrationRow {
            key,
            lifecycle,
            lifecycle_since: at(n),
            gone_since: Some(at(n)).filter(|_| n % 2 == 1),
            version: u64::from(u32::MAX) + n.unsigned_abs(),
            changed_at: at(10 * n),
            ..integration(key.practice, "a1")
        };
        row.document.source.poll_seconds = Some(n.unsigned_abs() as u32);
        assert_eq!(write(on.store(), |writer| writer.put_integration(key.practice, &row, false)), key);
        assert_eq!(look(on.store(), |reader| reader.integration("a1")), Some(row));
    }
    assert_eq!(look(on.store(), |reader| reader.integrations()).len(), 2);
}

fn an_id_of_an_integration_is_unique_in_the_installation(on: &dyn Fixture) {
    let (first, second) = write(on.store(), |writer| {
        let practices = (writer.put_practice(&practice("a"), at(0))?, writer.put_practice(&practice("b"), at(0))?);
        put_new(writer, practices.0, "same")?;
        Ok(practices)
    });
    for practice in [first, second] {
        let mut writer = on.store().writer().unwrap();
        writer.begin(&mut |_| {}).unwrap();
        let error = put_new(&mut *writer, practice, "same").and_then(|_| writer.commit()).unwrap_err();
        assert_eq!(error.retry(), Retry::Now, "whoever reads anew finds it");
    }
    assert_eq!(look(on.store(), |reader| reader.integration("same")).unwrap().key.practice, first);
}

fn integrations_are_listed_by_id(on: &dyn Fixture) {
    let ids = ["B", "a", "b", "ä"];
    write(on.store(), |writer| {
        for id in ids.iter().rev() {
            let practice = writer.put_practice(&practice(id), at(0))?;
            put_new(writer, practice, id)?;
        }
        Ok(())
    });
    let listed = look(on.store(), |reader| reader.integrations());
    assert_eq!(listed.into_iter().map(|row| row.document.id).collect::<Vec<_>>(), texts(ids));
}

fn links_read_back_by_integration_kind_and_source_id(on: &dyn Fixture) {
    let mut links: Vec<LinkFact> = Vec::new();
    for kind in LinkKind::ALL {
        links.extend(["1", "2"].map(|id| LinkFact { author: "O'Neil".into(), ..link(kind, id, kind.word()) }));
    }
    write(on.store(), |writer| {
        links.iter().rev().try_for_each(|link| writer.put_link(HERE, link))?;
        writer.put_link(NEXT_DOOR, &link(LinkKind::Provider, "1", "next door"))
    });
    look(on.store(), |reader| {
        links.sort_by_key(|link| (link.kind.word(), link.source_id.clone()));
        assert_eq!(reader.links(HERE)?, links);
        assert_eq!(reader.links(NEXT_DOOR)?, [link(LinkKind::Provider, "1", "next door")]);
        assert_eq!(reader.links(ELSEWHERE)?, []);
        Ok(())
    });
}

fn a_link_is_replaced_by_a_newer_one(on: &dyn Fixture) {
    let newer = LinkFact { author: "Kim".into(), at: at(5), ..link(LinkKind::Provider, "DR9", "new") };
    for link in [link(LinkKind::Provider, "DR9", "old"), newer] {
        write(on.store(), |writer| writer.put_link(HERE, &link));
        assert_eq!(look(on.store(), |reader| reader.links(HERE)), [link]);
    }
}

fn a_link_taken_off_is_gone(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_link(HERE, &link(LinkKind::Provider, "1", "x"))?;
        writer.put_link(HERE, &link(LinkKind::Department, "1", "x"))?;
        writer.put_link(NEXT_DOOR, &link(LinkKind::Provider, "1", "x"))
    });
    let delete = |kind| write(on.store(), |writer| writer.delete_link(HERE, kind, "1"));
    assert!(delete(LinkKind::Provider));
    assert!(!delete(LinkKind::Provider), "there is none any more");
    assert!(!delete(LinkKind::Type));
    look(on.store(), |reader| {
        assert_eq!(reader.links(HERE)?, [link(LinkKind::Department, "1", "x")]);
        assert_eq!(reader.links(NEXT_DOOR)?.len(), 1);
        Ok(())
    });
}

fn epoch(store: &dyn Store) -> u64 {
    look(store, |reader| reader.setup_epoch())
}

fn the_epoch_rises_with_every_change_and_with_nothing_else(on: &dyn Fixture) {
    let practice_no = write(on.store(), |writer| writer.put_practice(&practice("a"), at(0)));
    let key = write(on.store(), |writer| put_new(writer, practice_no, "a1"));
    let row = IntegrationRow { key, ..integration(practice_no, "a1") };
    let provider = link(LinkKind::Provider, "1", "x");
    type Change<'a> = (&'static str, &'a dyn Fn(&mut dyn Writer) -> Result<()>);
    let changes: [Change<'_>; 6] = [
        ("a practice", &|writer| writer.put_practice(&practice("b"), at(0)).map(|_| ())),
        ("the same practice", &|writer| writer.put_practice(&practice("b"), at(0)).map(|_| ())),
        ("an integration", &|writer| put_new(writer, practice_no, "a2").map(|_| ())),
        ("a changed integration", &|writer| writer.put_integration(practice_no, &row, false).map(|_| ())),
        ("a link", &|writer| writer.put_link(HERE, &provider)),
        ("a link taken off", &|writer| writer.delete_link(HERE, LinkKind::Provider, "1").map(|_| ())),
    ];
    let mut last = epoch(on.store());
    assert!(last > 0);
    for (what, change) in changes {
        write(on.store(), change);
        let now = epoch(on.store());
        assert!(now > last, "{what}");
        last = now;
    }
    write(on.store(), |writer| {
        writer.put_appointment(&visit("A"), None, &row_with(domain::decide::Verdict::Held, None, None))?;
        keep_patient(writer, HERE, &linked(patient("P1", "a@example.com")))?;
        writer.put_account(HERE, &account("acc"))?;
        writer.put_token(&token("t"))?;
        writer.next_boot().map(|_| ())
    });
    assert_eq!(epoch(on.store()), last);
    assert_eq!(epoch(&*on.opened_again()), last, "for whoever looks");
}

fn the_epoch_of_a_batch_that_is_rolled_back_is_not_used(on: &dyn Fixture) {
    let before = epoch(on.store());
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    writer.put_practice(&practice("a"), at(0)).unwrap();
    assert!(writer.setup_epoch().unwrap() > before, "inside the batch it is a new one");
    writer.rollback();
    assert_eq!(epoch(on.store()), before);
}

fn processes_are_numbered_from_one_and_no_number_is_given_twice(on: &dyn Fixture) {
    assert_eq!(write(on.store(), |writer| writer.next_boot()), 1);
    let other = on.opened_again();
    let ready = Barrier::new(2);
    let boots = |store: &dyn Store| -> Vec<u32> {
        ready.wait();
        (0..10).map(|_| write(store, |writer| writer.next_boot())).collect()
    };
    let mut numbers = std::thread::scope(|threads| {
        let one = threads.spawn(|| boots(on.store()));
        let two = threads.spawn(|| boots(&*other));
        [one.join().unwrap(), two.join().unwrap()].concat()
    });
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 20);
    assert!(numbers[0] > 1);
}

fn versions_go_on_above_a_floor_that_only_rises(on: &dyn Fixture) {
    assert_eq!(look(on.store(), |reader| reader.version_floor()), 0);
    let before = epoch(on.store());
    assert_eq!(write(on.store(), |writer| writer.raise_version_floor(1000)), 1000);
    assert_eq!(write(on.store(), |writer| writer.raise_version_floor(1000)), 2000);
    assert_eq!(look(&*on.opened_again(), |reader| reader.version_floor()), 2000);
    assert!(epoch(on.store()) > before, "processes that run see it");
}
