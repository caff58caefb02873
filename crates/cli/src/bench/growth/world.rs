//! What the engine under measurement is told of the world: a clock that goes through the years of the history, and a
//! platform that takes what it is sent.

use crate::bench::messages::SECRET_VALUE;
use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Moment;
use engine::deliver::{Answer, Parcel};
use engine::ports::{Announcement, Carrier, Clock, PortFuture, Secret, Secrets};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A clock that is set, and goes on from there as fast as the machine's.
pub(super) struct HistoryClock(Mutex<(Moment, Instant)>);

impl HistoryClock {
    /// A clock that shows `now`.
    pub(super) fn at(now: Moment) -> HistoryClock {
        HistoryClock(Mutex::new((now, Instant::now())))
    }

    /// Sets it, forward only.
    pub(super) fn set(&self, to: Moment) {
        let now = self.now();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (now.max(to), Instant::now());
    }
}

impl Clock for HistoryClock {
    fn now(&self) -> Moment {
        let (base, since) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Moment::from_micros(base.micros() + i64::try_from(since.elapsed().as_micros()).unwrap_or(i64::MAX / 2))
    }
}

/// A platform in this very process: names every card, and refuses one in five thousand for good.
pub(super) struct Platform;

impl Carrier for Platform {
    fn carry<'a>(&'a self, parcel: &'a Parcel) -> PortFuture<'a, Answer> {
        // Ids of events are as good as random, and the same again for the same card.
        let id = parcel.id.as_bytes();
        let draw = id.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
        let answer = if draw.is_multiple_of(5000) {
            Answer::Refused { answer: Text::literal("422") }
        } else {
            let card = parcel.id.get(4..16).unwrap_or_default();
            Answer::Accepted { answer: Text::literal("200"), platform_id: Some(Text::from(format!("crd_{card}"))) }
        };
        Box::pin(std::future::ready(answer))
    }

    fn announce<'a>(&'a self, _: &'a Announcement) -> PortFuture<'a, Answer> {
        Box::pin(std::future::ready(Answer::Accepted { answer: Text::literal("200 OK"), platform_id: None }))
    }

    fn check_address(&self, _: &str) -> Result<(), Text> {
        Ok(())
    }
}

/// The secret of the measurement, whatever it is called.
pub(super) struct KnownSecret;

impl Secrets for KnownSecret {
    fn read(&self, _: &SecretRef) -> Result<Secret, Text> {
        Ok(Secret::new(SECRET_VALUE))
    }
}
