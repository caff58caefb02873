//! `punctual migrate`: the store's schema brought up to date. Serving does the same when it starts.

use crate::args::StoreArgs;
use crate::commands::restore::mark_restored;
use crate::configuration::File;
use crate::exit::{Exit, Outcome, say};
use crate::open::Place;
use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct MigrateArgs {
    /// The store was put back from an older copy by other means than `punctual restore` (a snapshot, pg_restore): no
    /// version that was given since that copy is given again
    #[arg(long)]
    restored: bool,
    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) async fn run(args: &MigrateArgs, file: &File) -> Outcome {
    let place = Place::of(&args.store, file);
    say(&format!("{} is up to date.", place.open()?.describe()));
    if args.restored {
        mark_restored(&place).await?;
        say("Versions go on above those that were given before it was put back.");
    }
    Ok(Exit::Done)
}
