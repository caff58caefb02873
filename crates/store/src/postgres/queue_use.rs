//! How queues are used, in PostgreSQL.

use crate::postgres::session::Session;
use crate::postgres::values::{column, number, small};
use crate::{Result, UseReads, UseRow, UseWrites};
use domain::exception::QueueUse;
use domain::ids::PracticeNo;

impl UseReads for Session {
    fn queue_use(&mut self, practice: PracticeNo, since: i32) -> Result<Vec<UseRow>> {
        let rows = self.all(
            &[],
            "SELECT day, what, sum(count)::bigint FROM queue_use WHERE practice = $1 AND day >= $2
             GROUP BY day, what ORDER BY day, what",
            &[&i64::from(practice.0), &i64::from(since)],
        )?;
        let mut found = Vec::new();
        for row in &rows {
            // A newer version may count what this one does not know.
            let Some(what) = QueueUse::from_number(small("queue use", row, 1)?) else { continue };
            let count = column::<i64>(row, 2)?.max(0).unsigned_abs();
            found.push(UseRow { day: number("queue use", row, 0)?, what, count });
        }
        Ok(found)
    }
}

impl UseWrites for Session {
    fn add_use(&mut self, practice: PracticeNo, day: i32, counts: &[(QueueUse, u64)]) -> Result<()> {
        let slot = self.slot();
        for (what, count) in counts {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            self.change(
                &[],
                "INSERT INTO queue_use (practice, day, what, count, slot) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (practice, day, what, slot) DO UPDATE SET count = queue_use.count + excluded.count",
                &[&i64::from(practice.0), &i64::from(day), &i16::from(what.number()), &count, &slot],
            )?;
        }
        Ok(())
    }

    fn forget_use(&mut self, practice: PracticeNo, before: i32) -> Result<()> {
        self.change(
            &[],
            "DELETE FROM queue_use WHERE practice = $1 AND day < $2",
            &[&i64::from(practice.0), &i64::from(before)],
        )
        .map(|_| ())
    }
}
