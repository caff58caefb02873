//! How queues are used, in SQLite.

use crate::sqlite::session::{Session, column};
use crate::{Result, UseReads, UseRow, UseWrites};
use domain::exception::QueueUse;
use domain::ids::PracticeNo;

impl UseReads for Session {
    fn queue_use(&mut self, practice: PracticeNo, since: i32) -> Result<Vec<UseRow>> {
        let rows = self.all(
            "SELECT day, what, count FROM queue_use WHERE practice = ?1 AND day >= ?2 ORDER BY day, what",
            (practice.0, since),
            |row| {
                let (day, what) = (column(row, 0)?, QueueUse::from_number(column(row, 1)?));
                let count = column::<i64>(row, 2)?.max(0).unsigned_abs();
                Ok(what.map(|what| UseRow { day, what, count }))
            },
        )?;
        // A newer version may count what this one does not know.
        Ok(rows.into_iter().flatten().collect())
    }
}

impl UseWrites for Session {
    fn add_use(&mut self, practice: PracticeNo, day: i32, counts: &[(QueueUse, u64)]) -> Result<()> {
        for (what, count) in counts {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            self.change(
                "INSERT INTO queue_use (practice, day, what, count) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (practice, day, what) DO UPDATE SET count = count + excluded.count",
                (practice.0, day, what.number(), count),
            )?;
        }
        Ok(())
    }

    fn forget_use(&mut self, practice: PracticeNo, before: i32) -> Result<()> {
        self.change("DELETE FROM queue_use WHERE practice = ?1 AND day < ?2", (practice.0, before)).map(|_| ())
    }
}
