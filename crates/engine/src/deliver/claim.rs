//! Claiming cards that wait in the outbox: due again, left over, or left behind by a process that died.

use crate::Result;
use crate::deliver::enqueue::{card_of, send_or_wait, wished_by};
use crate::scribe::Batch;

/// What a sweep found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Swept {
    /// Cards looked at.
    pub(crate) looked_at: usize,
    /// Cards that went on their way.
    pub(crate) sent: usize,
}

/// Claims up to `limit` cards that are due.
pub(crate) fn claim_visible(batch: &mut Batch<'_>, limit: usize) -> Result<Swept> {
    let now = batch.now;
    let due = batch.reader().outbox_visible(now, limit)?;
    let mut swept = Swept { looked_at: due.len(), sent: 0 };
    for waiting in due {
        let Some(before) = batch.reader().appointment(&waiting.key)? else {
            batch.writer().delete_outbox(waiting.entry)?;
            continue;
        };
        // A row that its appointment no longer wishes for has been overtaken.
        if before.wished != Some(waiting.entry) {
            batch.writer().delete_outbox(waiting.entry)?;
            continue;
        }
        let integration = batch.book().get(waiting.key.integration).cloned();
        let (Some(integration), Some(wish)) = (integration, wished_by(batch, waiting.entry)?) else { continue };
        let Some(endpoint) = &integration.endpoint else {
            batch.writer().delete_outbox(waiting.entry)?;
            continue;
        };
        let shown = match before.shown {
            Some(shown) => card_of(batch, shown)?,
            None => None,
        };
        let mut row = before.clone();
        // The visible time of a lease has passed with it: whoever held it is gone or late, and its fence is old.
        row.lease = row.lease.filter(|lease| lease.until > batch.now);
        let parcels = batch.effects.parcels.len();
        send_or_wait(batch, endpoint, &waiting.key, &mut row, wish, shown.as_ref())?;
        swept.sent += batch.effects.parcels.len() - parcels;
        if row != before {
            batch.writer().put_appointment(&waiting.key, Some(&before), &row)?;
        }
    }
    Ok(swept)
}
