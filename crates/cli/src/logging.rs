//! Logs: to standard error, for people or as JSON. Ids of ours only, never patient data.

use tracing_subscriber::EnvFilter;

/// Starts logging. `PUNCTUAL_LOG` filters, in the syntax of tracing (`info`, `engine=debug`).
pub(crate) fn start(json: bool) {
    let filter = EnvFilter::try_from_env("PUNCTUAL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    // A subscriber is set once, here; a second one would be a programming error that only costs the logs.
    if json {
        drop(logs.json().try_init());
    } else {
        drop(logs.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init());
    }
}
