//! Logs: to standard error, for people or as JSON. Ids of ours only, never patient data.

use crate::exit::Failure;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging. `level` is a word (`info`) or a filter in the syntax of tracing (`warn,engine=debug`).
pub(crate) fn start(format: LogFormat, level: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(level).map_err(|error| {
        Failure::Usage(format!("log.level: {level:?} cannot be read ({error}); such as info, or warn,engine=debug"))
    })?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    // A subscriber is set once, here; a second one would be a programming error that only costs the logs.
    match format {
        LogFormat::Json => drop(logs.json().try_init()),
        LogFormat::Text => drop(logs.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init()),
    }
    Ok(())
}
