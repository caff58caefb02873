//! `punctual backfill`: a whole diary from files, by its own fast way.

use crate::args::StoreArgs;
use crate::configuration;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::visit;
use crate::progress::Progress;
use clap::Args;
use connectors::fhir_r4::{BackfillError, BackfillOptions, BackfillProgress, take_over};
use domain::reasons::Reason;
use engine::backfill::{ChunkReport, Rejected};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// So many rejected lines are told one by one; the others are counted, and stand in the file of rejected lines.
const TOLD: usize = 100;
/// So many reasons are told.
const TOP: usize = 10;

#[derive(Args, Debug)]
pub(crate) struct BackfillArgs {
    /// FHIR NDJSON files (Appointment, Patient; other types are passed over), in the order in which they are taken
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Whose diary it is
    #[arg(long)]
    integration: String,
    /// Only say what would come of it; nothing is written and nothing is sent
    #[arg(long)]
    dry_run: bool,
    /// Look at every line, also of what was taken in before
    #[arg(long)]
    every_line: bool,
    /// Write the lines that were not taken into this file, to be corrected and taken in on their own
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// What came of it.
#[derive(Debug, Default, Serialize)]
struct Report {
    dry_run: bool,
    /// Lines of parts that had been taken in before.
    known_lines: u64,
    /// Lines that were looked at.
    lines: u64,
    /// Visits that were new or changed, and those that were known as they are.
    visits: u64,
    same_visits: u64,
    /// The same of patients.
    patients: u64,
    same_patients: u64,
    rejected: u64,
    /// Visits that were new or changed, by verdict and by primary reason.
    verdicts: BTreeMap<&'static str, u64>,
    reasons: Vec<Cause>,
    /// The first of the rejected lines.
    problems: Vec<Trouble>,
}

#[derive(Debug, Serialize)]
struct Cause {
    code: &'static str,
    label: &'static str,
    visits: u64,
}

#[derive(Debug, Serialize)]
struct Trouble {
    file: String,
    line: u64,
    problem: String,
}

/// Where rejected lines go.
struct Rejects {
    file: Option<BufWriter<File>>,
    count: u64,
    problems: Vec<Trouble>,
    failed: Option<std::io::Error>,
}

pub(crate) async fn run(args: BackfillArgs, file: &configuration::File) -> Outcome {
    let mut diaries = Vec::new();
    for path in &args.files {
        let could_not = |error| Failure::could(&format!("{} cannot be read", path.display()), &error);
        let diary = File::open(path).map_err(could_not)?;
        let bytes = diary.metadata().map_err(could_not)?.len();
        diaries.push((path.display().to_string(), diary, bytes));
    }
    let mut rejects = Rejects::to(args.rejected.as_deref())?;
    let running = visit(&args.store, file)?;
    let Some(owner) = running.engine.setup().named(&args.integration).cloned() else {
        running.drain().await;
        return Err(Failure::Usage(format!("there is no integration {}", args.integration)));
    };
    let options = BackfillOptions { dry_run: args.dry_run, every_line: args.every_line };
    let bar = Progress::of_bytes();
    let total: u64 = diaries.iter().map(|(.., bytes)| bytes).sum();
    let (mut before, mut sum, mut known_lines, mut failure) = (0, ChunkReport::default(), 0, None);
    for (name, diary, bytes) in diaries {
        let told = |progress: &mut BackfillProgress| {
            rejects.take(&name, std::mem::take(&mut progress.report.rejected));
            bar.at(before + progress.bytes, total);
            let visits = sum.visits + sum.same_visits + progress.report.visits + progress.report.same_visits;
            bar.doing(format!("{visits} visits"));
        };
        match take_over(&running.engine, &owner, diary, options, told).await {
            Ok(progress) => {
                known_lines += progress.known_lines;
                sum.add(progress.report);
                before += bytes;
            }
            Err(error) => {
                failure = Some(could_not(&name, error));
                break;
            }
        }
    }
    if failure.is_none() && !args.dry_run {
        // Visits that waited for a patient who came later in the files.
        failure = running.engine.settle_facts().await.err().map(Failure::from);
    }
    bar.done();
    drop(owner);
    running.drain().await;
    if let Some(failure) = failure {
        return Err(failure);
    }
    let report = Report::of(args.dry_run, known_lines, sum, rejects.end()?);
    if args.json {
        say(&serde_json::to_string(&report).unwrap_or_default());
    } else {
        report.tell();
    }
    Ok(if report.rejected == 0 { Exit::Done } else { Exit::No })
}

fn could_not(name: &str, error: BackfillError) -> Failure {
    let what = format!("{name} was not taken to its end; repeat the command and it goes on where it stopped");
    match error {
        BackfillError::File(error) => Failure::could(&what, &error),
        BackfillError::Engine(error) => Failure::could(&what, &error),
    }
}

impl Rejects {
    fn to(path: Option<&Path>) -> Result<Rejects, Failure> {
        let file = path.map(File::create).transpose();
        let file = file.map_err(|error| Failure::could("the file for rejected lines cannot be made", &error))?;
        Ok(Rejects { file: file.map(BufWriter::new), count: 0, problems: Vec::new(), failed: None })
    }

    fn take(&mut self, name: &str, rejected: Vec<Rejected>) {
        for Rejected { line, problem, json } in rejected {
            self.count += 1;
            if let Some(file) = &mut self.file
                && let Err(error) = file.write_all(&json).and_then(|()| file.write_all(b"\n"))
            {
                self.failed.get_or_insert(error);
            }
            if self.problems.len() < TOLD {
                self.problems.push(Trouble { file: name.to_owned(), line, problem });
            }
        }
    }

    fn end(mut self) -> Result<Rejects, Failure> {
        let flushed = self.file.as_mut().map_or(Ok(()), BufWriter::flush);
        match self.failed.take().or(flushed.err()) {
            Some(error) => Err(Failure::could("the rejected lines cannot be written", &error)),
            None => Ok(self),
        }
    }
}

impl Report {
    fn of(dry_run: bool, known_lines: u64, sum: ChunkReport, rejects: Rejects) -> Report {
        let mut reasons: Vec<(Reason, u64)> = sum.reasons.into_iter().collect();
        reasons.sort_by_key(|(_, visits)| std::cmp::Reverse(*visits));
        let cause =
            |(reason, visits): (Reason, u64)| Cause { code: reason.code(), label: reason.entry().label, visits };
        Report {
            dry_run,
            known_lines,
            lines: sum.lines,
            visits: sum.visits,
            same_visits: sum.same_visits,
            patients: sum.patients,
            same_patients: sum.same_patients,
            rejected: rejects.count,
            verdicts: sum.verdicts.into_iter().map(|(verdict, visits)| (verdict.word(), visits)).collect(),
            reasons: reasons.into_iter().take(TOP).map(cause).collect(),
            problems: rejects.problems,
        }
    }

    fn tell(&self) {
        let would = if self.dry_run { "would be " } else { "" };
        say(&format!("{} visits {would}new or changed, {} known as they are", self.visits, self.same_visits));
        if self.patients + self.same_patients > 0 {
            say(&format!("{} patients {would}new or changed, {} known as they are", self.patients, self.same_patients));
        }
        if self.known_lines > 0 {
            say(&format!("{} lines were taken in before and passed over", self.known_lines));
        }
        for (verdict, visits) in &self.verdicts {
            say(&format!("  {}: {visits} visits", verdict.replace('_', " ")));
        }
        for Cause { code, label, visits } in &self.reasons {
            say(&format!("    {code}: {visits} visits ({label})"));
        }
        if self.rejected > 0 {
            say(&format!("{} lines {would}not taken in, and kept with their reasons", self.rejected));
        }
        for Trouble { file, line, problem } in &self.problems {
            say(&format!("  {file}, line {line}: {problem}"));
        }
    }
}
