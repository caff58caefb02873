//! The governor: lets requests to a vendor pass as fast as its limits allow, over all processes. Where the limits stand
//! is in the store; a turn is taken there before a request is made.

use crate::poll::{Failure, Pace};
use crate::ports::{Clock, PortFuture};
use crate::scribe::Scribe;
use crate::setup::Integration;
use domain::profile::{LimitScope, RateLimit};
use domain::text::Text;
use domain::time::Moment;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A turn that comes within so many seconds is waited for; one that comes later ends the read until then.
const PATIENCE_SECS: i64 = 10;

/// What became of asking for a turn.
#[derive(Clone, Copy)]
enum Turn {
    /// It is ours, at this instant.
    Taken(Moment),
    /// Not before this.
    NotBefore(Moment),
}

/// Keeps the limits of one scope.
pub(crate) struct Governor {
    scribe: Scribe,
    clock: Arc<dyn Clock>,
    scope: String,
    limits: Vec<RateLimit>,
    /// Milliseconds between two calls of one operation.
    gaps: BTreeMap<Text, u32>,
    /// The instant up to which the limits themselves made a read stop; 0: they did not.
    stopped_until: AtomicI64,
}

impl Governor {
    /// The governor of an integration's source.
    pub(crate) fn of(integration: &Integration, scribe: Scribe, clock: Arc<dyn Clock>) -> Governor {
        let rules = &integration.rules.source;
        Governor {
            scribe,
            clock,
            scope: scope(integration),
            limits: rules.polling.limits.clone(),
            gaps: rules.polling.gaps_millis.clone(),
            stopped_until: AtomicI64::new(0),
        }
    }

    /// The limits themselves, not the vendor, made the last read stop: until when.
    pub(crate) fn stopped_until(&self) -> Option<Moment> {
        match self.stopped_until.load(Ordering::Relaxed) {
            0 => None,
            until => Some(Moment::from_micros(until)),
        }
    }

    async fn take(&self, operation: Option<&str>) -> Result<(), Failure> {
        let (scope, limits) = (self.scope.clone(), self.limits.clone());
        let gap = operation.and_then(|operation| {
            let millis = *self.gaps.get(operation)?;
            Some((format!("{} {operation}", self.scope), i64::from(millis)))
        });
        let taken = self.scribe.run(move |batch| {
            let now = batch.now;
            let mut row = batch.reader().pace(&scope)?.unwrap_or_default();
            let mut at = row.state.allowed_at(&limits, now);
            let mut of_operation = match &gap {
                None => None,
                Some((scope, millis)) => Some((scope, *millis, batch.reader().pace(scope)?.unwrap_or_default())),
            };
            if let Some((_, _, row)) = &of_operation {
                at = at.max(row.state.allowed_at(&[], now));
            }
            if at.secs_since(now) > PATIENCE_SECS {
                return Ok(Turn::NotBefore(at));
            }
            row.state.take(&limits, at);
            batch.writer().put_pace(&scope, &row)?;
            if let Some((scope, millis, row)) = &mut of_operation {
                row.state.not_before = Some(at.plus_millis(*millis));
                batch.writer().put_pace(scope, row)?;
            }
            Ok(Turn::Taken(at))
        });
        match taken.await {
            Ok(Turn::Taken(at)) => {
                while self.clock.now() < at {
                    let micros = at.micros() - self.clock.now().micros();
                    tokio::time::sleep(Duration::from_micros(micros.max(1).unsigned_abs())).await;
                }
                Ok(())
            }
            Ok(Turn::NotBefore(at)) => {
                self.stopped_until.store(at.micros(), Ordering::Relaxed);
                let secs = at.secs_since(self.clock.now()).max(1);
                Err(Failure::Throttled { retry_after: u32::try_from(secs).ok() })
            }
            Err(error) => Err(Failure::NotReady { what: error.to_string().into() }),
        }
    }

    /// The vendor said that nothing is to be asked before `until`.
    pub(crate) async fn hold(&self, until: Moment) -> crate::Result<()> {
        let scope = self.scope.clone();
        let done = self.scribe.run(move |batch| {
            let mut row = batch.reader().pace(&scope)?.unwrap_or_default();
            row.state.not_before = Some(row.state.not_before.map_or(until, |before| before.max(until)));
            Ok(batch.writer().put_pace(&scope, &row)?)
        });
        done.await
    }
}

impl Pace for Governor {
    fn turn(&self) -> PortFuture<'_, Result<(), Failure>> {
        Box::pin(self.take(None))
    }

    fn turn_for<'a>(&'a self, operation: &'a str) -> PortFuture<'a, Result<(), Failure>> {
        Box::pin(self.take(Some(operation)))
    }
}

/// Under which name the limits of an integration's source are kept.
pub(crate) fn scope(integration: &Integration) -> String {
    let source = &integration.rules.source;
    match source.polling.limits_shared {
        LimitScope::Integration => format!("integration {}", integration.rules.integration),
        LimitScope::Host => {
            let url = integration.document.source.url.as_deref().unwrap_or_default();
            let host = url.split_once("://").map_or(url, |(_, rest)| rest);
            format!("{} {}", source.profile.id, host.split('/').next().unwrap_or_default())
        }
    }
}
