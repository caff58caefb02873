//! What an engine needs of the world outside, in its simplest form.

use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Moment;
use engine::deliver::{Answer, Parcel};
use engine::ports::{Announcement, Carrier, Chance, Clock, PortFuture, Secret, Secrets};

/// Saturday, 21 November 2026, 09:04:05 in Chicago, for ever.
pub(crate) struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Moment {
        let instant: jiff::Timestamp = "2026-11-21T15:04:05Z".parse().unwrap();
        Moment::from_micros(instant.as_microsecond())
    }
}

/// Every secret can be read.
pub(crate) struct OneSecret;

impl Secrets for OneSecret {
    fn read(&self, _: &SecretRef) -> Result<Secret, Text> {
        Ok(Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    }
}

/// The same each time.
pub(crate) struct NoChance;

impl Chance for NoChance {
    fn fraction(&self) -> f64 {
        0.5
    }

    fn bytes(&self) -> [u8; 32] {
        [0x5a; 32]
    }
}

/// A platform that takes every card and names it.
pub(crate) struct TakesAll;

impl Carrier for TakesAll {
    fn carry<'a>(&'a self, parcel: &'a Parcel) -> PortFuture<'a, Answer> {
        let platform_id = Some(Text::from(format!("card_{}", parcel.key.source_id)));
        Box::pin(async move { Answer::Accepted { answer: Text::literal("200 OK"), platform_id } })
    }

    fn announce<'a>(&'a self, _: &'a Announcement) -> PortFuture<'a, Answer> {
        Box::pin(std::future::ready(Answer::Accepted { answer: Text::literal("200 OK"), platform_id: None }))
    }

    fn check_address(&self, _: &str) -> Result<(), Text> {
        Ok(())
    }
}
