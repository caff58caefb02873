//! `punctual apply`: practice documents in.

use crate::args::ApplyArgs;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::{Place, start};
use connectors::webhook::AddressPolicy;
use domain::setup::Document;
use engine::Duty;
use engine::ops::{Actor, ApplyReport};

pub(crate) async fn run(args: ApplyArgs) -> Outcome {
    let mut documents = Vec::new();
    for file in &args.files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::could(&format!("{} cannot be read", file.display()), &error))?;
        let document =
            Document::from_toml(&text).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
        documents.push(document);
    }
    let place = Place { data: args.store.data, store: args.store.store };
    let running = start(place.open()?, Duty::Visit, AddressPolicy::default())?;
    for document in documents {
        let report = running.engine.apply_document(&Actor::operator(), document, args.dry_run).await?;
        if args.json {
            say(&serde_json::to_string(&report).unwrap_or_default());
        } else {
            tell(&report);
        }
    }
    running.engine.settle_facts().await?;
    running.drain().await;
    Ok(Exit::Done)
}

fn tell(report: &ApplyReport) {
    let would = if report.dry_run { " (nothing was written)" } else { "" };
    say(&format!("practice {}: {}{would}", report.practice, report.action));
    for integration in &report.integrations {
        say(&format!("  integration {}: {}", integration.id, integration.action));
        for note in &integration.notes {
            say(&format!("    {note}"));
        }
    }
    let tense = if report.dry_run { "would change" } else { "change" };
    say(&format!("  {} visits {tense} their verdict", report.would_change));
    for step in &report.moves {
        say(&format!("    {} from {} to {}", step.count, step.from, step.to));
    }
}
