//! Exception items: one a cause, found by their integration and by when they are to be looked at.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::exception::MoveKind;
use store::ExceptionRow;

contract![
    an_item_reads_back_as_it_was_put,
    an_item_is_replaced_by_the_one_of_its_cause,
    open_items_are_those_that_are_not_closed,
    integrations_are_due_with_their_first_item_each_once,
];

fn closed(mut row: ExceptionRow) -> ExceptionRow {
    row.item.close(at(9));
    ExceptionRow { look_at: None, ..row }
}

fn an_item_reads_back_as_it_was_put(on: &dyn Fixture) {
    let full = exception(HERE, "cau_1");
    assert!(full.item.by.is_some() && full.item.until.is_some() && full.item.history.len() > 1, "{full:?}");
    let other = closed(exception(HERE, "cau_2"));
    write(on.store(), |writer| [&full, &other].into_iter().try_for_each(|row| writer.put_exception(row)));
    look(on.store(), |reader| {
        assert_eq!(reader.exception(HERE, "cau_1")?, Some(full));
        assert_eq!(reader.exception(HERE, "cau_2")?, Some(other));
        assert_eq!(reader.exception(HERE, "cau_3")?, None);
        assert_eq!(reader.exception(NEXT_DOOR, "cau_1")?, None);
        assert_eq!(reader.exception(ELSEWHERE, "cau_1")?, None);
        Ok(())
    });
}

fn an_item_is_replaced_by_the_one_of_its_cause(on: &dyn Fixture) {
    let first = exception(HERE, "cau_1");
    write(on.store(), |writer| writer.put_exception(&first));
    let mut next = closed(first);
    next.item.note(at(10), MoveKind::Opened, None, "again".into());
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    writer.put_exception(&next).unwrap();
    assert_eq!(writer.exception(HERE, "cau_1").unwrap().as_ref(), Some(&next), "the batch sees what it did");
    writer.commit().unwrap();
    drop(writer);
    look(on.store(), |reader| {
        assert_eq!(reader.exception(HERE, "cau_1")?, Some(next));
        assert_eq!(reader.open_exceptions(HERE, 9)?, []);
        assert_eq!(reader.next_exception()?, None);
        Ok(())
    });
}

fn open_items_are_those_that_are_not_closed(on: &dyn Fixture) {
    let quiet = ExceptionRow { look_at: Some(ExceptionRow::NEVER), ..exception(HERE, "cau_b") };
    write(on.store(), |writer| {
        writer.put_exception(&exception(HERE, "cau_c"))?;
        writer.put_exception(&quiet)?;
        writer.put_exception(&closed(exception(HERE, "cau_a")))?;
        writer.put_exception(&exception(NEXT_DOOR, "cau_d"))
    });
    look(on.store(), |reader| {
        let causes = |rows: Vec<ExceptionRow>| rows.into_iter().map(|row| row.cause).collect::<Vec<_>>();
        assert_eq!(causes(reader.open_exceptions(HERE, 9)?), texts(["cau_b", "cau_c"]));
        assert_eq!(causes(reader.open_exceptions(HERE, 1)?), texts(["cau_b"]));
        assert_eq!(causes(reader.open_exceptions(ELSEWHERE, 9)?), texts([""; 0]));
        Ok(())
    });
}

fn integrations_are_due_with_their_first_item_each_once(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for (integration, cause, minute) in
            [(HERE, "a", 20), (NEXT_DOOR, "b", 10), (HERE, "c", 5), (ELSEWHERE, "d", 30)]
        {
            writer.put_exception(&ExceptionRow { look_at: Some(at(minute)), ..exception(integration, cause) })?;
        }
        writer.put_exception(&closed(exception(ELSEWHERE, "e")))
    });
    look(on.store(), |reader| {
        assert_eq!(reader.exceptions_due(at(4), 9)?, []);
        assert_eq!(reader.exceptions_due(at(5), 9)?, [HERE]);
        assert_eq!(reader.exceptions_due(at(99), 9)?, [HERE, NEXT_DOOR, ELSEWHERE]);
        assert_eq!(reader.exceptions_due(at(99), 2)?, [HERE, NEXT_DOOR]);
        assert_eq!(reader.next_exception()?, Some(at(5)));
        Ok(())
    });
}
