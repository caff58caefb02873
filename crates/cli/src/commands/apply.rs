//! `punctual apply`: practice documents in.

use crate::args::{ReachArgs, RemoteArgs, StoreArgs};
use crate::configuration::File;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::{Place, start};
use crate::remote::Remote;
use clap::Args;
use domain::setup::Document;
use engine::Duty;
use engine::ops::Actor;
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

#[derive(Args, Debug)]
pub(crate) struct ApplyArgs {
    /// Practice documents (TOML)
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    reach: ReachArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

pub(crate) async fn run(args: ApplyArgs, file: &File) -> Outcome {
    let documents = args.files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    let reports = match Remote::named(&args.remote)? {
        Some(remote) => into_service(&remote, &documents, args.dry_run).await?,
        None => into_store(&args, file, documents).await?,
    };
    for report in reports {
        if args.json {
            say(&report.to_string());
        } else {
            let report = Report::deserialize(report);
            tell(&report.map_err(|error| Failure::could("the report cannot be read", &error))?);
        }
    }
    Ok(Exit::Done)
}

fn read(file: &Path) -> Result<Document, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::could(&format!("{} cannot be read", file.display()), &error))?;
    Document::from_toml(&text).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

async fn into_store(args: &ApplyArgs, file: &File, documents: Vec<Document>) -> Result<Vec<Value>, Failure> {
    let running = start(Place::of(&args.store, file).open()?, Duty::Visit, args.reach.policy(file))?;
    let mut reports = Vec::new();
    for document in documents {
        let report = running.engine.apply_document(&Actor::operator(), document, args.dry_run).await?;
        reports.push(serde_json::to_value(report).unwrap_or_default());
    }
    running.engine.settle_facts().await?;
    running.drain().await;
    Ok(reports)
}

async fn into_service(remote: &Remote, documents: &[Document], dry_run: bool) -> Result<Vec<Value>, Failure> {
    let path = if dry_run { "/api/v1/apply?dry_run=true" } else { "/api/v1/apply" };
    let mut reports = Vec::new();
    for document in documents {
        let document = serde_json::to_value(document)
            .map_err(|error| Failure::could("the document cannot be written as JSON", &error))?;
        reports.push(remote.post(path, &document).await?);
    }
    Ok(reports)
}

/// What of a report is told.
#[derive(Deserialize)]
struct Report {
    practice: String,
    action: String,
    dry_run: bool,
    integrations: Vec<Applied>,
    would_change: u64,
    moves: Vec<Move>,
}

#[derive(Deserialize)]
struct Applied {
    id: String,
    action: String,
    notes: Vec<String>,
}

#[derive(Deserialize)]
struct Move {
    from: String,
    to: String,
    count: u64,
}

fn tell(report: &Report) {
    let would = if report.dry_run { " (nothing was written)" } else { "" };
    say(&format!("practice {}: {}{would}", report.practice, report.action));
    for integration in &report.integrations {
        say(&format!("  integration {}: {}", integration.id, integration.action));
        for note in &integration.notes {
            say(&format!("    {note}"));
        }
    }
    let changes = match (report.dry_run, report.would_change) {
        (true, 1) => "visit would change its verdict",
        (true, _) => "visits would change their verdict",
        (false, 1) => "visit changes its verdict",
        (false, _) => "visits change their verdict",
    };
    say(&format!("  {} {changes}", report.would_change));
    for Move { from, to, count } in &report.moves {
        say(&format!("    {count} from {} to {}", from.replace('_', " "), to.replace('_', " ")));
    }
}
