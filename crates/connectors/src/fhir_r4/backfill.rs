//! A whole diary from NDJSON files: read and understood on a thread of its own while the scribe is at the chunk before.

use crate::fhir_r4::bundle::decode_bundle;
use crate::fhir_r4::chunks::{Chunks, RawChunk};
use crate::fhir_r4::decode::{Decoded, decode_resource};
use crate::fhir_r4::{Included, Terms};
use domain::model::Record;
use domain::text::Text;
use engine::Engine;
use engine::backfill::{Backfill, Chunk, ChunkLine, ChunkReport};
use engine::ingest::EnvelopeFormat;
use engine::setup::Integration;
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use std::io::Read;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use wire::fhir::{Line, resource_type};

/// So many chunks are understood ahead.
const AHEAD: usize = 2;
/// So many are with the scribe at a time.
const IN_HAND: usize = 2;
/// So many lines are between the file and the disk at a time, those of more than a kibibyte counted more than once.
/// Chunks are of different lengths, and in a long file the longest meet: counted by chunks, what is held at the worst
/// moment would grow with the file.
const UNDER_WAY: usize = 4096;

/// Why a file could not be taken over to its end. What came before is durable.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// The file.
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// The engine or its store.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

/// How a file is taken over.
#[derive(Clone, Copy, Debug, Default)]
pub struct BackfillOptions {
    /// Nothing is written; it is only found out what would come of it.
    pub dry_run: bool,
    /// Every line is looked at, also in chunks that were taken in before.
    pub every_line: bool,
}

/// So far.
#[derive(Clone, Debug, Default)]
pub struct BackfillProgress {
    /// Bytes of the file that are dealt with.
    pub bytes: u64,
    /// Lines in chunks that were known as a whole.
    pub known_lines: u64,
    /// What came of the others.
    pub report: ChunkReport,
}

/// What the reading thread hands on.
enum Understood {
    /// A chunk that was taken in before: bytes and lines.
    Known(u64, u64),
    /// A chunk, its bytes, and its share of what may be under way.
    Fresh(Box<Chunk>, u64, OwnedSemaphorePermit),
    Failed(BackfillError),
}

/// Takes a file over. `told` hears of every chunk that is durable, and may take the rejected lines away: nobody else
/// bounds how many they are.
pub async fn take_over(
    engine: &Engine,
    owner: &Arc<Integration>,
    file: impl Read + Send + 'static,
    options: BackfillOptions,
    mut told: impl FnMut(&mut BackfillProgress),
) -> Result<BackfillProgress, BackfillError> {
    let backfill = Backfill::new(engine.clone(), options.dry_run);
    let (hand_on, mut understood) = mpsc::channel(AHEAD);
    let (reading, owner) = (engine.clone(), owner.clone());
    let thread = tokio::task::spawn_blocking(move || understand(&reading, &owner, file, options, &hand_on));
    let mut progress = BackfillProgress::default();
    // In the order in which they stand in the file.
    let mut in_hand = FuturesOrdered::new();
    let mut ended = false;
    while !(ended && in_hand.is_empty()) {
        tokio::select! {
            biased;
            Some(settled) = in_hand.next() => {
                let (report, bytes): (engine::Result<ChunkReport>, u64) = settled;
                progress.report.add(report?);
                progress.bytes += bytes;
                told(&mut progress);
            }
            next = understood.recv(), if !ended && in_hand.len() < IN_HAND => match next {
                None => ended = true,
                Some(Understood::Known(bytes, lines)) => {
                    progress.bytes += bytes;
                    progress.known_lines += lines;
                    told(&mut progress);
                }
                Some(Understood::Fresh(chunk, bytes, share)) => {
                    let handed = backfill.hand_in(*chunk).await?;
                    in_hand.push_back(async move {
                        let report = handed.report().await;
                        drop(share);
                        (report, bytes)
                    });
                }
                Some(Understood::Failed(error)) => return Err(error),
            },
        }
    }
    thread.await.map_err(|_| engine::Error::Invalid("the reading thread panicked".to_owned()))?;
    Ok(progress)
}

/// Reads, recognises and decodes, chunk by chunk, until the file ends or nobody listens.
fn understand(
    engine: &Engine,
    owner: &Integration,
    file: impl Read,
    options: BackfillOptions,
    hand_on: &mpsc::Sender<Understood>,
) {
    let outcome = (|| -> Result<(), BackfillError> {
        let mut reader = engine.store().reader().map_err(engine::Error::from)?;
        let mut chunks = Chunks::of(file);
        let waiting = tokio::runtime::Handle::current();
        let shares = Arc::new(Semaphore::new(UNDER_WAY));
        while let Some(raw) = chunks.next_chunk()? {
            let bytes = raw.body.len() as u64;
            let known = !options.every_line && Backfill::knows(&mut *reader, owner.key(), &raw.body)?;
            let next = if known {
                Understood::Known(bytes, raw.lines().count() as u64)
            } else {
                let weight = u32::try_from(raw.weight().min(UNDER_WAY)).unwrap_or(1);
                // Nobody closes it; whoever listened and went has let go of all shares.
                let Ok(share) = waiting.block_on(shares.clone().acquire_many_owned(weight)) else { return Ok(()) };
                Understood::Fresh(Box::new(decode(engine, owner, raw)), bytes, share)
            };
            if hand_on.blocking_send(next).is_err() {
                return Ok(());
            }
        }
        Ok(())
    })();
    if let Err(error) = outcome {
        // Whoever listened may have gone for a reason of its own.
        drop(hand_on.blocking_send(Understood::Failed(error)));
    }
}

fn decode(engine: &Engine, owner: &Integration, raw: RawChunk) -> Chunk {
    let received = engine.clock().now();
    let terms = Terms::of(owner, received);
    let lines = raw
        .lines()
        .map(|line| ChunkLine {
            number: line.number,
            place: line.offset..line.offset + line.json.len(),
            content: decode_line(&line, &terms),
        })
        .collect();
    Chunk {
        integration: owner.key(),
        channel: Text::literal("backfill"),
        format: EnvelopeFormat::FhirJson,
        received,
        lines,
        body: raw.body,
    }
}

/// What a line says. Types that tell nothing of visits are passed over: an export has many.
fn decode_line(line: &Line<'_>, terms: &Terms<'_>) -> Result<Vec<Record>, String> {
    if resource_type(line.json).is_ok_and(|kind| &*kind == "Bundle") {
        let bundle = decode_bundle(line.json, terms).map_err(|problem| problem.to_string())?;
        // A line is applied as a whole or not at all.
        if let Some(problem) = bundle.problems().next() {
            return Err(problem.to_string());
        }
        return Ok(bundle.records().cloned().collect());
    }
    match decode_resource(line.json, terms, &Included::none()) {
        Ok(Decoded::Records(records)) => Ok(records),
        Ok(Decoded::Ignored(_)) => Ok(Vec::new()),
        Err(problem) => Err(problem.to_string()),
    }
}
