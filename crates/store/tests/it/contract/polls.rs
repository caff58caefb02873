//! Reading sources by asking: who is due, and that one change is never made over another.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use domain::polling::{PaceState, ReadKind};
use domain::profile::RateLimit;
use store::{PaceRow, PollRow, Retry};

contract![
    a_row_reads_back_as_it_was_put,
    those_due_come_longest_due_first_and_those_of_never_do_not,
    a_change_over_an_unseen_one_is_refused,
    of_two_processes_that_claim_one_row_one_gets_it,
    limits_of_vendors_are_changed_one_after_another,
    a_row_is_forgotten,
];

fn a_row_reads_back_as_it_was_put(on: &dyn Fixture) {
    let mut row = PollRow { fence: 7, ..poll(HERE, 5) };
    row.state.feed_mut(ReadKind::Near).cursor = Some("page 2".into());
    row.state.heard_not_found("A1", &domain::profile::PollingRules::default(), at(9));
    write(on.store(), |writer| writer.put_poll(&row));
    look(on.store(), |reader| {
        assert_eq!(reader.poll(HERE)?, Some(PollRow { revision: 1, ..row.clone() }));
        assert_eq!(reader.poll(NEXT_DOOR)?, None);
        assert_eq!(reader.polled()?, [HERE]);
        Ok(())
    });
}

fn those_due_come_longest_due_first_and_those_of_never_do_not(on: &dyn Fixture) {
    write(on.store(), |writer| {
        assert_eq!(writer.next_poll(&[])?, None);
        writer.put_poll(&PollRow { due_at: PollRow::NEVER, ..poll(ELSEWHERE, 1) })?;
        assert_eq!(writer.next_poll(&[])?, None);
        writer.put_poll(&poll(HERE, 20))?;
        writer.put_poll(&poll(NEXT_DOOR, 10))
    });
    look(on.store(), |reader| {
        assert_eq!(reader.next_poll(&[])?, Some(at(10)));
        let due = |now, limit| -> Vec<_> {
            reader.polls_due(at(now), &[], limit).unwrap().into_iter().map(|row| row.integration).collect()
        };
        let (none, first, both, one) = {
            let mut due = due;
            (due(9, 9), due(10, 9), due(99_999_999, 9), due(20, 1))
        };
        assert_eq!(none, []);
        assert_eq!(first, [NEXT_DOOR]);
        assert_eq!(both, [NEXT_DOOR, HERE]);
        assert_eq!(one, [NEXT_DOOR]);
        let without: Vec<_> =
            reader.polls_due(at(20), &[NEXT_DOOR], 1)?.into_iter().map(|row| row.integration).collect();
        assert_eq!(without, [HERE], "who is left out takes nobody's place");
        assert_eq!(reader.next_poll(&[NEXT_DOOR])?, Some(at(20)));
        assert_eq!(reader.next_poll(&[NEXT_DOOR, HERE])?, None);
        Ok(())
    });
}

fn a_change_over_an_unseen_one_is_refused(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_poll(&poll(HERE, 1)));
    write(on.store(), |writer| writer.put_poll(&PollRow { revision: 1, ..poll(HERE, 2) }));
    for seen in [0, 1, 3] {
        let mut writer = on.store().writer().unwrap();
        writer.begin(&mut |_| {}).unwrap();
        let refused = writer.put_poll(&PollRow { revision: seen, ..poll(HERE, 9) }).unwrap_err();
        assert_eq!(refused.retry(), Retry::Now, "revision {seen}");
        writer.rollback();
    }
    assert_eq!(look(on.store(), |reader| reader.poll(HERE)).unwrap().due_at, at(2));
}

fn of_two_processes_that_claim_one_row_one_gets_it(on: &dyn Fixture) {
    write(on.store(), |writer| writer.put_poll(&poll(HERE, 1)));
    let claim = |store: &dyn store::Store| {
        write(store, |writer| {
            let mut claimed = 0;
            for mut row in writer.polls_due(at(1), &[], 9)? {
                (row.due_at, row.fence) = (at(100), row.fence + 1);
                writer.put_poll(&row)?;
                claimed += 1;
            }
            Ok(claimed)
        })
    };
    let claimed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let other = on.opened_again();
                    claim(&*other)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(claimed, 1);
    assert_eq!(look(on.store(), |reader| reader.poll(HERE)).unwrap().fence, 1);
}

fn limits_of_vendors_are_changed_one_after_another(on: &dyn Fixture) {
    let limits = [RateLimit { requests: 1, seconds: 10, burst: 1 }];
    let take = |store: &dyn store::Store| {
        write(store, |writer| {
            let mut row = writer.pace("kareo")?.unwrap_or_default();
            let when = row.state.allowed_at(&limits, at(0));
            row.state.take(&limits, when);
            writer.put_pace("kareo", &row)?;
            Ok(when)
        })
    };
    let mut times: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| take(&*on.opened_again()))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    times.sort_unstable();
    let apart: Vec<_> = (0..4).map(|n| at(0).plus_secs(10 * n)).collect();
    assert_eq!(times, apart, "nobody takes a turn that was taken");
    let mut writer = on.store().writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    let stale = PaceRow { revision: 1, state: PaceState::default() };
    assert_eq!(writer.put_pace("kareo", &stale).unwrap_err().retry(), Retry::Now);
}

fn a_row_is_forgotten(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_poll(&poll(HERE, 1))?;
        writer.put_poll(&poll(NEXT_DOOR, 1))
    });
    write(on.store(), |writer| writer.delete_poll(HERE));
    assert_eq!(look(on.store(), |reader| reader.polled()), [NEXT_DOOR]);
}
