//! `punctual restore`: a copy back into an empty data folder.

use crate::args::StoreArgs;
use crate::configuration::File;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::{Place, start};
use clap::Args;
use connectors::http::AddressPolicy;
use engine::Duty;
use engine::ops::Actor;
use std::path::PathBuf;
use std::time::Duration;
use store::sqlite::SqliteStore;

/// How long the sessions of an engine that has ended may take to close.
const FOR_READERS: Duration = Duration::from_secs(30);

#[derive(Args, Debug)]
pub(crate) struct RestoreArgs {
    /// The copy that `punctual backup` wrote
    file: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) async fn run(args: &RestoreArgs, file: &File) -> Outcome {
    let place = Place::of(&args.store, file);
    if !place.is_embedded() {
        return Err(Failure::Usage(
            "a copy is restored into a data folder; a PostgreSQL database is restored with the tools of PostgreSQL, \
             and then `punctual migrate --restored` is called"
                .into(),
        ));
    }
    let target = place.sqlite_file();
    if target.exists() {
        return Err(Failure::Usage(format!(
            "{} exists already; restore into an empty folder (--data DIR), then start the service there",
            target.display()
        )));
    }
    let trouble = |doing: &str, error: &dyn std::error::Error| Failure::could(doing, error);
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| trouble(&format!("{} cannot be made", folder.display()), &error))?;
    }
    // The copy is checked under another name first: what ends up as the store has been opened and read.
    let part = target.with_extension("part");
    std::fs::copy(&args.file, &part)
        .map_err(|error| trouble(&format!("{} cannot be copied", args.file.display()), &error))?;
    let checked = Place { data: place.data.clone(), store: Some(format!("sqlite:{}", part.display())) };
    let checked = mark_restored(&checked).await.and_then(|()| {
        // Sessions that only read may end a moment after the engine: what was written is in the log until they have.
        SqliteStore::into_one_file(&part, FOR_READERS)
            .map_err(|error| trouble(&format!("{} cannot be completed", part.display()), &error))?;
        std::fs::rename(&part, &target)
            .map_err(|error| trouble(&format!("{} cannot be written", target.display()), &error))
    });
    if checked.is_err() {
        drop(std::fs::remove_file(&part));
    }
    checked?;
    say(&format!(
        "{} is restored. Start the service on it with: punctual serve --data {}",
        target.display(),
        place.data.display()
    ));
    Ok(Exit::Done)
}

/// Opens the store of a place, reads it, and has versions go on above whatever was given since the copy was made.
pub(crate) async fn mark_restored(place: &Place) -> Result<(), Failure> {
    let running = start(place.open()?, Duty::Visit, AddressPolicy::default())?;
    let marked = running.engine.mark_restored(&Actor::operator()).await;
    running.drain().await;
    marked.map(|_| ()).map_err(Failure::from)
}
