//! `punctual store`: what is done to a store as a whole.

mod copy;

use crate::exit::Outcome;
use clap::{Args, Subcommand};

#[derive(Args, Debug)]
pub(crate) struct StoreCommandArgs {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Copy a whole store into an empty one of another kind, and compare both
    #[command(after_help = "Example:\n  \
        punctual store copy --from /var/lib/punctual --to postgres://punctual@db.example/punctual\n\n\
        A copy that was stopped goes on where it was when the same command is called again.")]
    Copy(copy::CopyArgs),
}

pub(crate) fn run(args: &StoreCommandArgs) -> Outcome {
    match &args.command {
        StoreCommand::Copy(args) => copy::run(args),
    }
}
