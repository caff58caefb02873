//! `punctual replay`: kept messages through the same way as live ones.

use crate::args::{RemoteArgs, StoreArgs};
use crate::configuration;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::{Place, start, visit};
use crate::progress::Progress;
use crate::remote::{Remote, problem, segment};
use clap::Args;
use connectors::fhir_r4::{self, FhirIntake};
use connectors::hl7v2::{Answered, Intake};
use connectors::http::AddressPolicy;
use domain::text::Text;
use engine::ops::{Actor, IntegrationItem};
use engine::{Duty, Running};
use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wire::fhir::Lines;
use wire::hl7::batch::Batch;

#[derive(Args, Debug)]
pub(crate) struct ReplayArgs {
    /// Files of HL7 v2 messages (one or many, batches, dumps of an MLLP link), FHIR bundles or NDJSON
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Whose messages they are
    #[arg(long)]
    integration: String,
    /// Only say what would come of it: the messages go through a copy of the store, and nothing is sent
    #[arg(long)]
    dry_run: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// What came of it.
#[derive(Debug, Default, Serialize)]
struct Report {
    dry_run: bool,
    messages: u64,
    applied: u64,
    repeated: u64,
    refused: u64,
    problems: Vec<Trouble>,
    /// Visits by verdict, before and after; empty when a service was asked.
    verdicts: BTreeMap<String, Change>,
}

#[derive(Debug, Serialize)]
struct Trouble {
    file: String,
    message: u64,
    problem: String,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Change {
    before: u64,
    after: u64,
}

/// A file with its content.
struct File {
    name: String,
    kind: Kind,
    bytes: Vec<u8>,
}

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hl7,
    /// One FHIR resource or bundle.
    Fhir,
    /// One FHIR resource a line.
    FhirLines,
}

impl Kind {
    /// A file that begins with a brace holds JSON: one text, or one a line when the first line is whole.
    fn of(bytes: &[u8]) -> Kind {
        let mut lines = Lines::new(bytes);
        match lines.next() {
            Some(first) if first.json.starts_with(b"{") => {
                let whole = serde_json::from_slice::<serde::de::IgnoredAny>(first.json).is_ok();
                if whole && lines.next().is_some() { Kind::FhirLines } else { Kind::Fhir }
            }
            _ => Kind::Hl7,
        }
    }

    fn media_type(self) -> &'static str {
        if self == Kind::Hl7 { "application/hl7-v2" } else { "application/fhir+json" }
    }
}

impl File {
    fn read(path: &Path) -> Result<File, Failure> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| Failure::could(&format!("{name} cannot be read"), &error))?;
        let file = File { name, kind: Kind::of(&bytes), bytes };
        if file.messages().next().is_none() {
            return Err(Failure::Usage(format!(
                "{}: there is no HL7 v2 message or FHIR resource in it; a message begins with a line that begins with \
                 MSH, a resource with a brace",
                file.name
            )));
        }
        Ok(file)
    }

    fn messages(&self) -> Box<dyn Iterator<Item = &[u8]> + '_> {
        match self.kind {
            Kind::Hl7 => Box::new(Batch::new(&self.bytes).map(|entry| entry.bytes)),
            Kind::Fhir => Box::new(std::iter::once(self.bytes.as_slice())),
            Kind::FhirLines => Box::new(Lines::new(&self.bytes).map(|line| line.json)),
        }
    }
}

/// A FHIR answer in the words of HL7 v2, which the report counts by.
fn in_words(answered: fhir_r4::Answered) -> Answered {
    let code = if answered.problem.is_none() { "AA" } else { "AE" };
    Answered { code, envelope: answered.envelope, problem: answered.problem, repeated: answered.repeated }
}

pub(crate) async fn run(args: ReplayArgs, file: &configuration::File) -> Outcome {
    let files = args.files.iter().map(|path| File::read(path)).collect::<Result<Vec<_>, _>>()?;
    let total = files.iter().map(|file| u64::try_from(file.messages().count()).unwrap_or(u64::MAX)).sum();
    let bar = Progress::of("Replaying", "messages");
    bar.at(0, total);
    let mut report = Report { dry_run: args.dry_run, ..Report::default() };
    match (Remote::named(&args.remote)?, args.dry_run) {
        (Some(_), true) => {
            return Err(Failure::Usage("--dry-run works on the store itself; leave --url out".to_owned()));
        }
        (Some(remote), false) => into_service(&remote, &args.integration, &files, total, &bar, &mut report).await?,
        (None, false) => {
            let running = visit(&args.store, file)?;
            into_store(running, &args.integration, &files, total, &bar, &mut report).await?;
        }
        (None, true) => {
            let place = Place::of(&args.store, file);
            place.must_exist()?;
            let copy = Copy::of(&place)?;
            let running = start(copy.place.open()?, Duty::Visit, AddressPolicy::default())?;
            into_store(running, &args.integration, &files, total, &bar, &mut report).await?;
        }
    }
    bar.done();
    if args.json {
        say(&serde_json::to_string(&report).unwrap_or_default());
    } else {
        tell(&report);
    }
    Ok(if report.refused == 0 { Exit::Done } else { Exit::No })
}

impl Report {
    fn count(&mut self, file: &File, message: u64, answered: Answered) {
        self.messages += 1;
        self.repeated += u64::from(answered.repeated);
        if answered.code == "AA" {
            self.applied += u64::from(!answered.repeated);
            return;
        }
        self.refused += 1;
        let problem = format!("{}: {}", answered.code, answered.problem.unwrap_or_default());
        self.problems.push(Trouble { file: file.name.clone(), message, problem });
    }
}

async fn into_store(
    running: Running,
    integration: &str,
    files: &[File],
    total: u64,
    bar: &Progress,
    report: &mut Report,
) -> Result<(), Failure> {
    let actor = Actor::operator();
    let before = running.engine.show_integration(&actor, integration).await?;
    let owner = running.engine.setup().named(integration).cloned();
    let (intake, fhir) = (Intake::new(running.engine.clone()), FhirIntake::new(running.engine.clone()));
    for file in files {
        let channel = Text::literal("replay");
        let mut message = 0;
        let mut told = |number: Option<u64>, answered| {
            message = number.unwrap_or(message + 1);
            report.count(file, message, answered);
            bar.at(report.messages, total);
        };
        match (file.kind, &owner) {
            (Kind::Fhir, Some(owner)) => {
                for answered in fhir.take(&file.bytes, &channel, owner).await {
                    told(None, in_words(answered));
                }
            }
            (Kind::FhirLines, Some(owner)) => {
                let told = |number, answered| told(Some(number), in_words(answered));
                fhir.take_lines(&file.bytes, &channel, owner, told).await;
            }
            _ => intake.take_all(file.messages(), &channel, owner.as_ref(), |answered| told(None, answered)).await,
        }
    }
    running.engine.settle_facts().await?;
    let after = running.engine.show_integration(&actor, integration).await?;
    report.verdicts = changes(&before, &after);
    drop((intake, fhir));
    running.drain().await;
    Ok(())
}

fn changes(before: &IntegrationItem, after: &IntegrationItem) -> BTreeMap<String, Change> {
    let count = |item: &IntegrationItem, word: &str| item.counts.get(word).copied().unwrap_or(0);
    let words = after.counts.keys().copied();
    words
        .map(|word| (word.to_owned(), Change { before: count(before, word), after: count(after, word) }))
        .filter(|(_, change)| *change != Change::default())
        .collect()
}

async fn into_service(
    remote: &Remote,
    integration: &str,
    files: &[File],
    total: u64,
    bar: &Progress,
    report: &mut Report,
) -> Result<(), Failure> {
    let path = format!("/api/v1/integrations/{}/envelopes", segment(integration));
    for file in files {
        for (message, bytes) in (1..).zip(file.messages()) {
            let body = Bytes::copy_from_slice(bytes);
            let answer = remote.send(Method::POST, &path, file.kind.media_type(), body).await?;
            let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let text = |name| said.get(name).and_then(Value::as_str).map(str::to_owned);
            let (code, problem) = match answer.status {
                StatusCode::ACCEPTED | StatusCode::OK => ("AA", None),
                StatusCode::UNPROCESSABLE_ENTITY => ("refused", text("detail")),
                _ => return Err(problem(&answer)),
            };
            let repeated = said.get("repeated").and_then(Value::as_bool).unwrap_or(false);
            report.count(file, message, Answered { code, envelope: None, problem, repeated });
            bar.at(report.messages, total);
        }
    }
    Ok(())
}

/// A copy of the store. It holds patient data: it goes away with this value.
struct Copy {
    place: Place,
    _folder: tempfile::TempDir,
}

impl Copy {
    fn of(place: &Place) -> Result<Copy, Failure> {
        let folder = tempfile::Builder::new().prefix("punctual-replay-").tempdir();
        let folder = folder.map_err(|error| Failure::could("a folder for the copy cannot be made", &error))?;
        let copy = Copy { place: Place { data: folder.path().to_owned(), store: None }, _folder: folder };
        let bar = Progress::of("Copying", "pages");
        let copied = place.open()?.backup(&copy.place.sqlite_file(), &mut |done, total| bar.at(done, total));
        bar.done();
        copied.map_err(|error| Failure::could("the store cannot be copied", &error))?;
        Ok(copy)
    }
}

fn tell(report: &Report) {
    let would = if report.dry_run { " would be" } else { "" };
    say(&format!(
        "{} messages: {}{would} applied, {} known already, {}{would} refused or set aside",
        report.messages, report.applied, report.repeated, report.refused
    ));
    for trouble in &report.problems {
        say(&format!("  {}, message {}: {}", trouble.file, trouble.message, trouble.problem));
    }
    for (verdict, Change { before, after }) in &report.verdicts {
        say(&format!("  {}: {before} -> {after} visits", verdict.replace('_', " ")));
    }
}
