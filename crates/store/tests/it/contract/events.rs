//! Events for platforms: told one after another, each until it is told.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::ids::EntryId;
use store::EventRow;

contract![
    the_first_event_of_each_integration_is_due,
    an_event_is_replaced_by_the_one_with_its_id_and_gone_once_it_was_told,
];

fn the_first_event_of_each_integration_is_due(on: &dyn Fixture) {
    let due = |integration, id, minute| EventRow { due_at: at(minute), ..event(integration, id) };
    write(on.store(), |writer| {
        for row in [due(HERE, 2, 0), due(HERE, 1, 20), due(NEXT_DOOR, 3, 10), due(ELSEWHERE, 4, 5)] {
            writer.put_event(&row)?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        let ids = |rows: Vec<EventRow>| rows.into_iter().map(|row| row.id.0).collect::<Vec<_>>();
        assert_eq!(reader.next_event()?, Some(at(5)), "the second one of an integration waits for the first");
        assert_eq!(reader.events_due(at(4), 9)?, []);
        assert_eq!(ids(reader.events_due(at(10), 9)?), [4, 3]);
        assert_eq!(ids(reader.events_due(at(99), 9)?), [4, 3, 1]);
        assert_eq!(ids(reader.events_due(at(99), 1)?), [4]);
        Ok(())
    });
}

fn an_event_is_replaced_by_the_one_with_its_id_and_gone_once_it_was_told(on: &dyn Fixture) {
    let first = event(HERE, 7);
    let again = EventRow { attempts: 1, due_at: at(9), ..first.clone() };
    write(on.store(), |writer| {
        writer.put_event(&first)?;
        writer.put_event(&event(NEXT_DOOR, 7))?;
        writer.put_event(&again)
    });
    assert_eq!(look(on.store(), |reader| reader.events_due(at(9), 9)), [event(NEXT_DOOR, 7), again.clone()]);
    assert_eq!(look(on.store(), |reader| reader.event(HERE, EntryId(7))), Some(again));
    assert_eq!(look(on.store(), |reader| reader.event(HERE, EntryId(8))), None);
    write(on.store(), |writer| writer.delete_event(HERE, EntryId(7)));
    assert_eq!(look(on.store(), |reader| reader.events_due(at(99), 9)), [event(NEXT_DOOR, 7)]);
    write(on.store(), |writer| writer.delete_event(NEXT_DOOR, EntryId(7)));
    assert_eq!(look(on.store(), |reader| reader.next_event()), None);
}
