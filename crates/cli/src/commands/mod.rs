//! One file a command.

mod apply;
mod backfill;
mod backup;
mod bench;
mod check;
mod checks;
mod demo;
mod emulate;
mod export;
mod migrate;
mod profiles;
mod reasons;
mod rejudge;
mod replay;
mod restore;
mod serve;
mod store;
mod token;
mod why;

pub(crate) use apply::ApplyArgs;
pub(crate) use backfill::BackfillArgs;
pub(crate) use backup::BackupArgs;
pub(crate) use bench::BenchArgs;
pub(crate) use check::CheckArgs;
pub(crate) use checks::ChecksArgs;
pub(crate) use demo::DemoArgs;
pub(crate) use emulate::EmulateArgs;
pub(crate) use export::ExportArgs;
pub(crate) use migrate::MigrateArgs;
pub(crate) use profiles::ProfilesArgs;
pub(crate) use reasons::ReasonsArgs;
pub(crate) use rejudge::RejudgeArgs;
pub(crate) use replay::ReplayArgs;
pub(crate) use restore::RestoreArgs;
pub(crate) use serve::ServeArgs;
pub(crate) use store::StoreCommandArgs;
pub(crate) use token::TokenArgs;
pub(crate) use why::WhyArgs;

use crate::args::{Cli, Command};
use crate::configuration::File;
use crate::exit::{Failure, Outcome};

/// Runs a command on a runtime of its own.
pub(crate) fn run(cli: Cli, file: &File) -> Outcome {
    // One core is the scribe's. With as many workers as cores, each message would wake one worker to hear of it and
    // another to read it.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = cores.saturating_sub(1).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::could("the runtime cannot be started", &error))?;
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Demo(args) => demo::run(args).await,
            Command::Serve(args) => serve::run(args, file).await,
            Command::Apply(args) => apply::run(args, file).await,
            Command::Export(args) => export::run(args, file).await,
            Command::Why(args) => why::run(args, file).await,
            Command::Check(args) => check::run(args, file).await,
            Command::Checks(args) => checks::run(args, file).await,
            Command::Replay(args) => replay::run(args, file).await,
            Command::Backfill(args) => backfill::run(args, file).await,
            Command::Rejudge(args) => rejudge::run(args, file).await,
            Command::Reasons(args) => reasons::run(&args),
            Command::Profiles(args) => profiles::run(&args),
            Command::Emulate(args) => emulate::run(args).await,
            Command::Token(args) => token::run(args, file).await,
            Command::Backup(args) => backup::run(&args, file),
            Command::Restore(args) => restore::run(&args, file).await,
            Command::Bench(args) => bench::run(args).await,
            Command::Store(args) => store::run(&args),
            Command::Migrate(args) => migrate::run(&args, file).await,
        }
    });
    if outcome.is_err() {
        // Whatever is still being read from a disk or a network that fails is not waited for.
        runtime.shutdown_background();
    }
    outcome
}
