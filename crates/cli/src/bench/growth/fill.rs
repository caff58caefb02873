//! Filling a store with a history, through the engine's own door and as fast as the machine takes it: the rows are
//! those of a service, only the batches are larger and the pages in memory more.

use super::history::History;
use super::world::{HistoryClock, KnownSecret, Platform};
use crate::bench::document;
use crate::exit::Failure;
use crate::open::{Outside, Place, start_with};
use crate::progress::Progress;
use crate::system::SystemChance;
use connectors::hl7v2::Intake;
use domain::setup::{Document, LinkKind};
use domain::text::Text;
use engine::deliver::CourierOptions;
use engine::ops::Actor;
use engine::poll::NoReaders;
use engine::{Duty, Engine, Sweeps};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::sqlite::SqliteOptions;

/// The integration that everything belongs to.
pub(super) const INTEGRATION: &str = "bench";
/// Steps that happen at one instant of the clock; a fill that goes on repeats those it finds half done.
const PORTION: u32 = 4096;
/// Messages are handed in on so many channels.
const LANES: u32 = 8;

/// What a fill did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filled {
    /// Messages taken in.
    pub(super) messages: u64,
    /// In so many seconds.
    pub(super) seconds: f64,
}

/// Fills the store up to `size` visits, from wherever it is.
pub(super) async fn fill(place: &Place, history: &History, size: u32) -> Result<Filled, Failure> {
    let options = SqliteOptions { writer_cache_kib: 512 << 10, checkpoint_pages: 128_000, ..SqliteOptions::default() };
    let clock = Arc::new(HistoryClock::at(history.instant(0)));
    let outside = Outside {
        clock: clock.clone(),
        carrier: Arc::new(Platform),
        readers: Arc::new(NoReaders),
        secrets: Arc::new(KnownSecret),
        chance: Arc::new(SystemChance),
        courier: CourierOptions { in_hand: 4 * PORTION as usize, at_once: 256 },
        sweeps: Sweeps::default(),
    };
    let running = start_with(place.open_as(options)?, Duty::Serve, outside)?;
    let engine = running.engine.clone();
    let begun = begun(&engine).await?;
    if begun == 0 {
        apply(&engine).await?;
    }
    // Of the last portion some may be missing: what is there already is answered as a repetition.
    let mut from = begun.saturating_sub(PORTION) / PORTION * PORTION;
    let intake = Intake::new(engine.clone());
    let (bar, began, messages) = (Progress::of("Filling", "visits"), Instant::now(), AtomicU64::new(0));
    while from < size {
        let to = size.min(from + PORTION);
        clock.set(history.instant(to));
        hand_in(&intake, history, from, to, &messages).await;
        delivered(&engine).await?;
        if let Some(newcomer) = history.linked_within(from, to) {
            let linked = format!("prov_{newcomer}");
            engine.set_link(&Actor::operator(), INTEGRATION, LinkKind::Provider, &newcomer, &linked).await?;
        }
        bar.at(u64::from(to), u64::from(size));
        from = to;
    }
    bar.done();
    let seconds = began.elapsed().as_secs_f64();
    drop((intake, engine));
    running.drain().await;
    Ok(Filled { messages: messages.into_inner(), seconds })
}

/// Takes the practice's set-up in.
async fn apply(engine: &Engine) -> Result<(), Failure> {
    let document = Document::from_toml(&document("http://127.0.0.1:9/hook"));
    let document =
        document.map_err(|error| Failure::could("the practice of the measurement cannot be read", &error))?;
    engine.apply_document(&Actor::operator(), document, false).await?;
    Ok(())
}

/// Hands in all messages of a portion and waits until they are durable. What is told of one visit travels on one
/// channel, in order.
async fn hand_in(intake: &Intake, history: &History, from: u32, to: u32, messages: &AtomicU64) {
    let lane = |lane: u32| {
        let texts: Vec<String> = (from..to).filter(|n| n % LANES == lane).flat_map(|n| history.step(n)).collect();
        messages.fetch_add(texts.len() as u64, Ordering::Relaxed);
        async move {
            let channel = Text::from(format!("mllp bench:{lane}"));
            intake.take_all(texts.iter().map(String::as_bytes), &channel, None, |_| {}).await;
        }
    };
    tokio::join!(lane(0), lane(1), lane(2), lane(3), lane(4), lane(5), lane(6), lane(7));
}

/// Waits until no card is under way.
pub(super) async fn delivered(engine: &Engine) -> Result<(), Failure> {
    while engine.read(|reader| Ok(reader.outbox_depth(1)?)).await? > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// How many steps were begun: the first whose visit is not there, found by halving.
pub(super) async fn begun(engine: &Engine) -> Result<u32, Failure> {
    let Some(integration) = engine.setup().named(INTEGRATION).map(|integration| integration.key()) else {
        return Ok(0);
    };
    let found = engine.read(move |reader| {
        let (mut there, mut missing) = (0, u32::MAX / 2);
        while there < missing {
            let middle = there + (missing - there) / 2;
            let key = domain::ids::AppointmentKey { integration, source_id: History::visit(middle).into() };
            if reader.appointment(&key)?.is_some() {
                there = middle + 1;
            } else {
                missing = middle;
            }
        }
        Ok(there)
    });
    Ok(found.await?)
}
