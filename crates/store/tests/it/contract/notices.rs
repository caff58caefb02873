//! Notices: what people are to be told, at most one under a key.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::notice::NoticeState;
use store::NoticeRow;

contract![
    a_notice_reads_back_as_it_was_put,
    a_notice_is_replaced_by_the_one_with_its_id,
    no_second_notice_has_the_same_key,
    notices_of_a_subject_come_newest_first,
    what_is_due_comes_by_its_time_and_what_is_closed_never,
];

fn closed(row: NoticeRow) -> NoticeRow {
    NoticeRow { state: NoticeState::Sent, due_at: None, closed_at: Some(at(9)), ..row }
}

fn a_notice_reads_back_as_it_was_put(on: &dyn Fixture) {
    let full = notice(HERE, 7, "k");
    let bare =
        NoticeRow { about: None, channel: None, language: None, answer: None, ..closed(notice(HERE, 8, "other")) };
    write(on.store(), |writer| [&full, &bare].into_iter().try_for_each(|row| writer.put_notice(row)));
    look(on.store(), |reader| {
        assert_eq!(reader.notice_once(HERE, "k")?, Some(full));
        assert_eq!(reader.notice_once(HERE, "other")?, Some(bare));
        assert_eq!(reader.notice_once(HERE, "none")?, None);
        assert_eq!(reader.notice_once(NEXT_DOOR, "k")?, None);
        assert_eq!(reader.notice_once(ELSEWHERE, "k")?, None);
        Ok(())
    });
}

fn a_notice_is_replaced_by_the_one_with_its_id(on: &dyn Fixture) {
    let due = notice(HERE, 7, "k");
    write(on.store(), |writer| writer.put_notice(&due));
    let sent = closed(due);
    write(on.store(), |writer| writer.put_notice(&sent));
    look(on.store(), |reader| {
        assert_eq!(reader.notices_of(HERE, "A1", 9)?, [sent]);
        assert_eq!(reader.next_notice()?, None, "it is closed");
        Ok(())
    });
}

fn no_second_notice_has_the_same_key(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_notice(&notice(HERE, 7, "k")));
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    let second = writer.put_notice(&notice(HERE, 8, "k")).and_then(|()| writer.commit());
    assert!(second.is_err(), "one notice a key");
    drop(writer);
    look(on.store(), |reader| {
        assert_eq!(reader.notices_of(HERE, "A1", 9)?, [notice(HERE, 7, "k")]);
        Ok(())
    });
    // Another integration has keys of its own.
    write(on.store(), |writer| writer.put_notice(&notice(NEXT_DOOR, 7, "k")));
}

fn notices_of_a_subject_come_newest_first(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for (id, subject) in [(1, "A1"), (3, "A1"), (2, "A1"), (4, "A10"), (5, "A")] {
            writer.put_notice(&NoticeRow { subject: subject.into(), ..notice(HERE, id, &format!("k{id}")) })?;
        }
        writer.put_notice(&notice(ELSEWHERE, 6, "k"))
    });
    look(on.store(), |reader| {
        let ids = |rows: Vec<NoticeRow>| rows.into_iter().map(|row| row.id.0).collect::<Vec<_>>();
        assert_eq!(ids(reader.notices_of(HERE, "A1", 9)?), [3, 2, 1]);
        assert_eq!(ids(reader.notices_of(HERE, "A1", 2)?), [3, 2]);
        assert!(reader.notices_of(HERE, "A2", 9)?.is_empty());
        Ok(())
    });
}

fn what_is_due_comes_by_its_time_and_what_is_closed_never(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for (id, due) in [(1, 30), (2, 10), (3, 20)] {
            writer.put_notice(&NoticeRow { due_at: Some(at(due)), ..notice(HERE, id, &format!("k{id}")) })?;
        }
        writer.put_notice(&NoticeRow { due_at: Some(at(15)), ..notice(ELSEWHERE, 4, "k") })?;
        writer.put_notice(&closed(notice(HERE, 5, "k5")))
    });
    look(on.store(), |reader| {
        let ids = |rows: Vec<NoticeRow>| rows.into_iter().map(|row| row.id.0).collect::<Vec<_>>();
        assert!(reader.notices_due(at(9), 9)?.is_empty());
        assert_eq!(ids(reader.notices_due(at(20), 9)?), [2, 4, 3], "of all practices, the earliest first");
        assert_eq!(ids(reader.notices_due(at(99), 2)?), [2, 4]);
        assert_eq!(reader.next_notice()?, Some(at(10)));
        Ok(())
    });
}
