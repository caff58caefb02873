//! What monitoring asks: does it answer, and how much of everything is there. Numbers and our own ids only.

use crate::poll::ReadMeasures;
pub use crate::shares::PlaceMeasures;
use crate::{Engine, Result};
use domain::decide::Verdict;
use domain::text::Text;
use domain::time::Moment;
use std::sync::atomic::Ordering;
use store::Reader;

/// The numbers of the whole installation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures {
    /// Cards that wait in the outbox, counted up to [`Measures::MOST`].
    pub outbox: usize,
    /// When the oldest message came that is still kept.
    pub oldest_message: Option<Moment>,
    /// Messages that this process removed because they had been kept long enough.
    pub messages_forgotten: u64,
    /// How punctually this process reads sources.
    pub reads: ReadMeasures,
    /// Places of this process for cards on their way and for reads under way.
    pub places: Vec<PlaceMeasures>,
    /// By integration.
    pub integrations: Vec<IntegrationMeasures>,
}

/// The numbers of one integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrationMeasures {
    /// Which.
    pub id: Text,
    /// Appointments by verdict; every verdict is there.
    pub verdicts: Vec<(Verdict, u64)>,
    /// Open causes, counted up to [`Measures::MOST`].
    pub causes: usize,
}

impl Measures {
    /// Nothing is counted beyond this: a number so large is the same news, and scraping stays cheap.
    pub const MOST: usize = 10_000;
}

impl Engine {
    /// Counts what monitoring wants to know.
    pub async fn measure(&self) -> Result<Measures> {
        let book = self.setup();
        let mut integrations: Vec<_> = book.integrations().cloned().collect();
        integrations.sort_by(|a, b| a.rules.integration.cmp(&b.rules.integration));
        let now = self.clock.now();
        let messages_forgotten = self.forgotten.load(Ordering::Relaxed);
        let reads = self.reads.measures();
        let places = vec![self.courier.shares.measures(), self.sources.measures()];
        self.read(move |reader| {
            let mut measures = Measures {
                outbox: reader.outbox_depth(Measures::MOST)?,
                oldest_message: reader.oldest_envelope()?.map(|(_, at)| at),
                messages_forgotten,
                reads,
                places,
                integrations: Vec::new(),
            };
            for integration in &integrations {
                let mut verdicts: Vec<(Verdict, u64)> = Verdict::ALL.iter().map(|verdict| (*verdict, 0)).collect();
                for tally in reader.tallies(integration.key())? {
                    if let Some(known) = verdicts.iter_mut().find(|(verdict, _)| *verdict == tally.verdict) {
                        known.1 = tally.count;
                    }
                }
                measures.integrations.push(IntegrationMeasures {
                    id: integration.rules.integration.clone(),
                    verdicts,
                    causes: reader.open_causes(integration.key(), now, Measures::MOST)?.len(),
                });
            }
            Ok(measures)
        })
        .await
    }

    /// `Ok` when the store answers a cheap question and takes changes. When the last change was not taken, another one
    /// is tried: nobody else may bring one to a service that says it is not ready.
    pub async fn check_store(&self) -> Result<()> {
        self.read(|reader: &mut dyn Reader| Ok(reader.setup_epoch().map(|_| ())?)).await?;
        if self.health.trouble().is_none() {
            return Ok(());
        }
        // Changes nothing that anybody sees, and is written all the same.
        self.scribe.run(|batch| Ok(batch.writer().raise_version_floor(0).map(|_| ())?)).await
    }

    /// Why the store takes no changes, if the last one was not taken. Names no data and no place.
    pub fn trouble(&self) -> Option<&'static str> {
        self.health.trouble()
    }
}
