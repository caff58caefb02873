//! How queues are used: counted by day and practice.

use crate::backends::{Fixture, contract, look, write};
use domain::exception::{Lasted, QueueUse};
use domain::ids::PracticeNo;
use store::UseRow;

contract![counts_add_up_by_day_and_practice, what_is_old_is_forgotten,];

const ONE: PracticeNo = PracticeNo(1);
const OTHER: PracticeNo = PracticeNo(2);

fn counts_add_up_by_day_and_practice(on: &dyn Fixture) {
    let within = QueueUse::ClosedWithin(Lasted::Hour);
    write(on.store(), |writer| {
        writer.add_use(ONE, 20_000, &[(QueueUse::Looked, 1), (within, 2)])?;
        writer.add_use(ONE, 20_001, &[(QueueUse::Looked, 5)])?;
        writer.add_use(OTHER, 20_000, &[(QueueUse::Looked, 9)])
    });
    write(on.store(), |writer| writer.add_use(ONE, 20_000, &[(QueueUse::Looked, 3)]));
    look(on.store(), |reader| {
        let row = |day, what, count| UseRow { day, what, count };
        let all = [row(20_000, QueueUse::Looked, 4), row(20_000, within, 2), row(20_001, QueueUse::Looked, 5)];
        assert_eq!(reader.queue_use(ONE, 20_000)?, all);
        assert_eq!(reader.queue_use(ONE, 20_001)?, all[2..]);
        assert_eq!(reader.queue_use(PracticeNo(3), 0)?, []);
        Ok(())
    });
}

fn what_is_old_is_forgotten(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for practice in [ONE, OTHER] {
            writer.add_use(practice, 19_999, &[(QueueUse::Opened, 1)])?;
            writer.add_use(practice, 20_000, &[(QueueUse::Opened, 1)])?;
        }
        writer.forget_use(ONE, 20_000)
    });
    look(on.store(), |reader| {
        assert_eq!(reader.queue_use(ONE, 0)?.len(), 1);
        assert_eq!(reader.queue_use(OTHER, 0)?.len(), 2, "others keep theirs");
        Ok(())
    });
}
