//! `punctual migrate`: the store's schema brought up to date. Serving does the same when it starts.

use crate::args::StoreArgs;
use crate::configuration::File;
use crate::exit::{Exit, Outcome, say};
use crate::open::Place;
use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) fn run(args: &MigrateArgs, file: &File) -> Outcome {
    let store = Place::of(&args.store, file).open()?;
    say(&format!("{} is up to date.", store.describe()));
    Ok(Exit::Done)
}
