//! A chunk of lines as a connector hands it in, and what came of it.

use crate::ingest::EnvelopeFormat;
use domain::decide::Verdict;
use domain::ids::IntegrationKey;
use domain::model::Record;
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Some lines of a file that belong together because they stand together.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Whose they are.
    pub integration: IntegrationKey,
    /// By which way they came.
    pub channel: Text,
    /// How they are encoded.
    pub format: EnvelopeFormat,
    /// The lines exactly as they stand in the file.
    pub body: Arc<[u8]>,
    /// When they were read. A record with this stamp has none of its own.
    pub received: Moment,
    /// What the lines say, in their order.
    pub lines: Vec<ChunkLine>,
}

/// One line of a chunk.
#[derive(Clone, Debug)]
pub struct ChunkLine {
    /// Its number in the file, counted from 1.
    pub number: u64,
    /// Where it stands in the chunk's body.
    pub place: Range<usize>,
    /// What it says; else what is wrong with it, without patient data.
    pub content: Result<Vec<Record>, String>,
}

/// A line that was not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its number in the file.
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
    /// The line itself.
    pub json: Vec<u8>,
}

/// What came of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChunkReport {
    /// Lines.
    pub lines: u64,
    /// Visits that were new or changed.
    pub visits: u64,
    /// Visits that were known as they are.
    pub same_visits: u64,
    /// Patients that were new or changed.
    pub patients: u64,
    /// Patients that were known as they are.
    pub same_patients: u64,
    /// Verdicts on the visits that were new or changed.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// Their primary reasons, of those that are not on their way.
    pub reasons: BTreeMap<Reason, u64>,
    /// Lines that were not applied.
    pub rejected: Vec<Rejected>,
}

impl ChunkReport {
    /// Adds another one to this.
    pub fn add(&mut self, other: ChunkReport) {
        self.lines += other.lines;
        self.visits += other.visits;
        self.same_visits += other.same_visits;
        self.patients += other.patients;
        self.same_patients += other.same_patients;
        for (verdict, count) in other.verdicts {
            *self.verdicts.entry(verdict).or_default() += count;
        }
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        self.rejected.extend(other.rejected);
    }
}
