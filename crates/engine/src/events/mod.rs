//! Events that a platform is told besides cards: that something needs a person, that it no longer does, that its
//! integration is live. Each is stored in the batch that makes it so, told behind those before it, and recognised by
//! its id when it is told again ([ADR 0033](../../../../docs/adr/0033-an-item-follows-what-is-seen.md)).

mod tell;

pub(crate) use tell::tell_platforms;

use crate::Result;
use crate::exceptions::Seen;
use crate::ops::{CauseOwner, cause_item};
use crate::ports::Announcement;
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::exception::{Item, Told};
use domain::reasons::Reason;
use domain::setup::Lifecycle;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use store::EventRow;

/// What a platform is told of a cause, in the words of the list of causes: ids, counts and times. A subject may be the
/// source's id of a patient; there is never a name of one.
#[derive(Serialize)]
struct ExceptionTold<'a> {
    integration: &'a str,
    id: &'a str,
    code: &'a str,
    subject: &'a str,
    count: u64,
    coming: u64,
    blocking: bool,
    whole_feed: bool,
    first_seen: Moment,
    next_start: Option<Moment>,
    due_at: Moment,
    owner: &'a CauseOwner,
    state: &'a str,
}

#[derive(Serialize)]
struct LiveTold<'a> {
    integration: &'a str,
    since: Moment,
}

#[derive(Serialize)]
struct Body<'a, T> {
    #[serde(rename = "type")]
    event: &'a str,
    timestamp: Moment,
    data: T,
}

/// Whether somebody is there who hears of a cause that was opened. That an integration is not live is no news to a
/// platform: it hears when it is.
pub(crate) fn hears_of(integration: &Integration, reason: Reason) -> bool {
    integration.rules.lifecycle == Lifecycle::Live && hears(integration) && reason != Reason::IntegrationNotLive
}

/// Platforms that ask for themselves are not told, nor those that said that their endpoint is gone.
fn hears(integration: &Integration) -> bool {
    integration.endpoint.is_some() && integration.rules.gone_since.is_none()
}

/// Something needs a person, or no longer does. `item`: its item, which remembers what was told.
pub(crate) fn queue_exception(
    batch: &mut Batch<'_>,
    integration: &Integration,
    seen: &Seen,
    item: &mut Item,
    opened: bool,
) -> Result<()> {
    let (reason, subject) = (seen.cause.reason, seen.cause.subject.clone());
    item.told = opened.then_some(Told { reason, subject, whole_feed: seen.whole_feed });
    let cause = cause_item(integration, seen, Some(item), batch.now);
    let told = ExceptionTold {
        integration: &integration.rules.integration,
        id: &cause.id,
        code: cause.code.code(),
        subject: &cause.subject,
        count: cause.count,
        coming: cause.coming,
        blocking: cause.blocking,
        whole_feed: cause.whole_feed,
        first_seen: cause.first_seen,
        next_start: cause.next_start,
        due_at: cause.due_at,
        owner: &cause.owner,
        state: if opened { "open" } else { "closed" },
    };
    let name = if opened { "exception.opened" } else { "exception.closed" };
    queue(batch, integration, name, &format!("{}/{}", cause.id, item.opened_at), &told)
}

/// It became live.
pub(crate) fn queue_live_event(batch: &mut Batch<'_>, integration: &Integration) -> Result<()> {
    if !hears(integration) {
        return Ok(());
    }
    let since = integration.rules.lifecycle_since;
    let told = LiveTold { integration: &integration.rules.integration, since };
    queue(batch, integration, "integration.live", &since.to_string(), &told)
}

/// Stores an event. `once`: what tells it from others of its name.
fn queue(
    batch: &mut Batch<'_>,
    integration: &Integration,
    name: &'static str,
    once: &str,
    data: &impl Serialize,
) -> Result<()> {
    let (now, key) = (batch.now, integration.key());
    let body = serde_json::to_string(&Body { event: name, timestamp: now, data });
    // Ids, numbers and times: there is nothing in it that cannot be written.
    let body = body.map_err(|error| crate::Error::Invalid(format!("an event could not be written: {error}")))?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&key.practice.0.to_le_bytes());
    hasher.update(&key.integration.to_le_bytes());
    for part in [name, "\0", once] {
        hasher.update(part.as_bytes());
    }
    let row = EventRow {
        id: batch.entry_id(),
        integration: key,
        due_at: now,
        once: Text::from(format!("evt_{}", &hasher.finalize().to_hex()[..24])),
        name: Text::literal(name),
        at: now,
        attempts: 0,
        data: Text::from(body),
    };
    batch.writer().put_event(&row)?;
    batch.effects.events = true;
    Ok(())
}

/// An event on its way; `None`: there is nobody to tell.
fn announcement(integration: &Integration, row: &EventRow) -> Option<Announcement> {
    let endpoint = integration.endpoint.clone()?;
    Some(Announcement { endpoint, id: row.once.clone(), body: row.data.as_bytes().to_vec() })
}
