//! Sweeping the outbox: what is due again, left over or left behind is sent.

use crate::deliver::claim_visible;
use crate::tasks::{TaskContext, rest_after};
use std::time::Duration;

/// So many cards are claimed in one batch.
const PAGE: usize = 64;

/// Runs until told to stop.
pub(crate) async fn sweep_outbox(mut context: TaskContext) {
    // Whose turn it is: behind this integration, or from the beginning.
    let mut turn = None;
    loop {
        let room = context.courier.room().min(PAGE);
        let mut wait = context.sweeps.outbox;
        if room > 0 {
            let after = turn.take();
            let swept = context.scribe.run(move |batch| {
                let swept = claim_visible(batch, room, after)?;
                Ok((swept, batch.reader().next_outbox()?))
            });
            if let Some((swept, next)) = rest_after("outbox", swept.await).await {
                turn = swept.turn;
                if turn.is_some() || swept.sent > 0 && swept.more {
                    continue;
                }
                // What rests is looked at when its rest is over; anything else when it is due.
                let next = swept.not_before.or(next);
                let millis = next.map(|next| (next.micros() - context.clock.now().micros()) / 1000);
                // Cards of processes that died ring no bell.
                wait = millis.map_or(wait, |millis| Duration::from_millis(millis.max(5).unsigned_abs()).min(wait));
            }
        }
        tokio::select! {
            () = context.courier.outbox.notified() => {}
            () = tokio::time::sleep(wait) => {}
            () = context.stop.requested() => return,
        }
    }
}
