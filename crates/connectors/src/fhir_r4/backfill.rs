//! A whole diary from NDJSON files: read and understood on a thread of its own while the scribe is at the chunk before.

use crate::fhir_r4::bundle::decode_bundle;
use crate::fhir_r4::chunks::{Chunks, RawChunk};
use crate::fhir_r4::decode::{Decoded, decode_resource};
use crate::fhir_r4::{Included, Terms};
use domain::model::Record;
use domain::text::Text;
use engine::Engine;
use engine::backfill::{Backfill, Chunk, ChunkLine, ChunkReport, HandedChunk};
use engine::ingest::EnvelopeFormat;
use engine::setup::Integration;
use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;
use tokio::sync::mpsc;
use wire::fhir::{Line, resource_type};

/// So many chunks are understood ahead.
const AHEAD: usize = 2;
/// So many are with the scribe at a time.
const IN_HAND: usize = 2;

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
    /// A chunk, and its bytes.
    Fresh(Box<Chunk>, u64),
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
    let mut in_hand: VecDeque<(HandedChunk, u64)> = VecDeque::with_capacity(IN_HAND);
    while let Some(next) = understood.recv().await {
        match next {
            Understood::Known(bytes, lines) => {
                progress.bytes += bytes;
                progress.known_lines += lines;
                told(&mut progress);
            }
            Understood::Fresh(chunk, bytes) => {
                if in_hand.len() == IN_HAND {
                    settle(&mut in_hand, &mut progress, &mut told).await?;
                }
                in_hand.push_back((backfill.hand_in(*chunk).await?, bytes));
            }
            Understood::Failed(error) => return Err(error),
        }
    }
    while !in_hand.is_empty() {
        settle(&mut in_hand, &mut progress, &mut told).await?;
    }
    thread.await.map_err(|_| engine::Error::Invalid("the reading thread panicked".to_owned()))?;
    Ok(progress)
}

async fn settle(
    in_hand: &mut VecDeque<(HandedChunk, u64)>,
    progress: &mut BackfillProgress,
    told: &mut impl FnMut(&mut BackfillProgress),
) -> Result<(), BackfillError> {
    if let Some((handed, bytes)) = in_hand.pop_front() {
        progress.report.add(handed.report().await?);
        progress.bytes += bytes;
        told(progress);
    }
    Ok(())
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
        while let Some(raw) = chunks.next_chunk()? {
            let bytes = raw.body.len() as u64;
            let known = !options.every_line && Backfill::knows(&mut *reader, owner.key(), &raw.body)?;
            let next = if known {
                Understood::Known(bytes, raw.lines().count() as u64)
            } else {
                Understood::Fresh(Box::new(decode(engine, owner, raw)), bytes)
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
        body: raw.body.into(),
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
