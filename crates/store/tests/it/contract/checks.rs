//! Runs of data-quality checks: one an hour, the newest first, forgotten after a while.

use crate::backends::{Fixture, contract, look, write};
use crate::rows::*;
use store::CheckRunRow;

contract![runs_read_back_newest_first_each_integration_its_own, an_hour_has_one_run, what_is_old_is_forgotten,];

fn runs_read_back_newest_first_each_integration_its_own(on: &dyn Fixture) {
    let rows: Vec<CheckRunRow> = (1..=3).map(|n: u32| check_run(HERE, 60 * i64::from(n), u64::from(n))).collect();
    write(on.store(), |writer| {
        rows.iter().chain([&check_run(NEXT_DOOR, 999, 9)]).try_for_each(|row| writer.put_check_run(row))
    });
    look(on.store(), |reader| {
        assert_eq!(reader.last_check_run(HERE)?, Some(rows[2].clone()));
        assert_eq!(reader.check_runs(HERE, at(120), 9)?, [rows[2].clone(), rows[1].clone()]);
        assert_eq!(reader.check_runs(HERE, at(0), 1)?, rows[2..]);
        assert_eq!(reader.last_check_run(ELSEWHERE)?, None);
        Ok(())
    });
}

fn an_hour_has_one_run(on: &dyn Fixture) {
    let (first, second) = (check_run(HERE, 60, 1), check_run(HERE, 60, 2));
    write(on.store(), |writer| writer.put_check_run(&first));
    write(on.store(), |writer| writer.put_check_run(&second));
    look(on.store(), |reader| {
        let kept = reader.check_runs(HERE, at(0), 9)?;
        assert_eq!(kept, std::slice::from_ref(&first), "whoever comes later changes nothing");
        Ok(())
    });
}

fn what_is_old_is_forgotten(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for integration in [HERE, NEXT_DOOR] {
            writer.put_check_run(&check_run(integration, 60, 1))?;
            writer.put_check_run(&check_run(integration, 120, 2))?;
        }
        writer.forget_check_runs(HERE, at(120))
    });
    look(on.store(), |reader| {
        assert_eq!(reader.check_runs(HERE, at(0), 9)?, [check_run(HERE, 120, 2)]);
        assert_eq!(reader.check_runs(NEXT_DOOR, at(0), 9)?.len(), 2, "others keep theirs");
        Ok(())
    });
}
