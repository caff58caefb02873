//! One file a command.

mod apply;
mod serve;

use crate::args::{Cli, Command};
use crate::exit::{Failure, Outcome};

/// Runs a command on a runtime of its own.
pub(crate) fn run(cli: Cli) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::could("the runtime cannot be started", &error))?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(args) => serve::run(args).await,
            Command::Apply(args) => apply::run(args).await,
        }
    })
}
