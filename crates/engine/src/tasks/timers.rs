//! Keeping time: appointments that wait for an instant are decided again when it has come.

use crate::Result;
use crate::decide::redecide;
use crate::ingest::go_on;
use crate::scribe::Batch;
use crate::tasks::{TaskContext, rest_after};
use domain::gates::WakeKey;
use domain::ledger::Cause;
use domain::text::Text;
use domain::time::Moment;
use std::time::Duration;

const PAGE: usize = 200;
/// When series that go on made so many visits, the rest of a page waits for the next batch.
const MADE: usize = 500;

/// Runs until told to stop.
pub(crate) async fn keep_time(mut context: TaskContext) {
    loop {
        let next = rest_after("timers", context.scribe.run(one_page).await).await.flatten();
        // The clock may be set, and another process may set timers: what is due later is looked for all the same.
        let sweep = context.sweeps.facts;
        let wait = next.map_or(sweep, |next| {
            let millis = (next.micros() - context.clock.now().micros()) / 1000;
            Duration::from_millis(millis.max(0).unsigned_abs()).min(sweep)
        });
        tokio::select! {
            () = context.courier.timers.notified() => {}
            () = tokio::time::sleep(wait) => {}
            () = context.stop.requested() => return,
        }
    }
}

/// Decides one page of those whose instant has come; the next instant somebody waits for.
pub(crate) fn one_page(batch: &mut Batch<'_>) -> Result<Option<Moment>> {
    let (now, mut made) = (batch.now, 0);
    for (due_at, key) in batch.reader().timers_due(now, PAGE)? {
        let wake_key = Text::from(WakeKey::Time(due_at).to_string());
        made += go_on(batch, &key, &wake_key)?;
        redecide(batch, &key, &Cause::Wake { key: wake_key, why: Text::literal("the date was reached") })?;
        // The decision itself took the timer off unless it came to nothing new.
        batch.writer().delete_timer(&key, due_at)?;
        if made >= MADE {
            break;
        }
    }
    Ok(batch.reader().next_timer()?)
}
