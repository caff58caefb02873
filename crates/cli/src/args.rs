//! The command line.

use crate::commands;
use crate::configuration::File;
use crate::logging::LogFormat;
use clap::{Args, Parser, Subcommand};
use connectors::http::AddressPolicy;
use std::path::PathBuf;

/// Keeps the appointments of practice systems and of patient platforms the same, and answers for every one of them: did
/// it sync, why or why not, who must do what, when will it heal by itself.
#[derive(Debug, Parser)]
#[command(name = "punctual", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// A configuration file (TOML)
    #[arg(long, global = true, env = "PUNCTUAL_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// How logs are written
    #[arg(long, global = true, env = "PUNCTUAL_LOG_FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
    /// What is logged: error, warn, info, debug, trace, or a filter such as warn,engine=debug
    #[arg(long, global = true, env = "PUNCTUAL_LOG_LEVEL")]
    pub(crate) log_level: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Command {
    /// What is logged unless said otherwise: a service tells what happens, a command that answers tells only trouble.
    pub(crate) fn usual_log_level(&self) -> &'static str {
        if matches!(self, Command::Serve(_)) { "info" } else { "warn" }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// See it at work: emulated practices, an emulated platform and the console, with nothing to set up
    #[command(after_help = "Example:\n  punctual demo")]
    Demo(commands::DemoArgs),
    /// Run the service
    #[command(
        after_help = "Example:\n  punctual serve --data /var/lib/punctual --http 127.0.0.1:8080 --mllp 0.0.0.0:2575"
    )]
    Serve(commands::ServeArgs),
    /// Take practice documents in
    #[command(after_help = "Example:\n  punctual apply northside.toml --dry-run")]
    Apply(commands::ApplyArgs),
    /// Write a practice out as a document
    #[command(after_help = "Example:\n  punctual export northside > northside.toml")]
    Export(commands::ExportArgs),
    /// Explain one visit: did it sync, why or why not, who must do what
    #[command(after_help = "Examples:\n  punctual why northside-chiron A-1001\n  \
                            punctual why northside-chiron --patient \"Okafor, Ada\" --birth-date 1980-02-29 --start 2026-11-24T10:00")]
    Why(commands::WhyArgs),
    /// Say whether an integration may go live, and what is missing, who does it and how
    #[command(after_help = "Example:\n  punctual check northside-chiron")]
    Check(commands::CheckArgs),
    /// Ask the data checks of an integration now, or tell what they found last
    #[command(
        after_help = "Examples:\n  punctual checks run northside-chiron\n  punctual checks list northside-chiron\n\n\
                      Ends with 1 when some check fails."
    )]
    Checks(commands::ChecksArgs),
    /// Put kept messages through the same way as live ones
    #[command(
        after_help = "Example:\n  punctual replay monday.hl7 tuesday.hl7 --integration northside-chiron --dry-run"
    )]
    Replay(commands::ReplayArgs),
    /// Judge kept messages again under today's rules, and list the visits that would be judged otherwise
    #[command(after_help = "Example:\n  punctual rejudge northside-chiron --since 2026-11-20T00:00-06:00\n\n\
                      Nothing is changed and nothing is sent. Ends with 1 when some visit would be judged otherwise.")]
    Rejudge(commands::RejudgeArgs),
    /// Take over a whole diary from FHIR NDJSON files; go on where it was interrupted
    #[command(
        after_help = "Example:\n  punctual backfill Patient.ndjson Appointment.ndjson --integration northside-chiron\n\n\
                      Files are taken in the given order: patients first. It may be interrupted and repeated at any \
                      time: what was taken in is passed over."
    )]
    Backfill(commands::BackfillArgs),
    /// List the reasons for which a visit may not sync, or explain one
    #[command(after_help = "Examples:\n  punctual reasons\n  punctual reasons PATIENT_EMAIL_MISSING")]
    Reasons(commands::ReasonsArgs),
    /// List the systems that are known, or show what is known of one
    #[command(after_help = "Examples:\n  punctual profiles\n  punctual profiles kareo")]
    Profiles(commands::ProfilesArgs),
    /// Run an emulated practice system or platform on its own
    #[command(after_help = "Examples:\n  punctual emulate kareo --feed 127.0.0.1:2575\n  \
                            punctual emulate webhook --http 127.0.0.1:9900 --fault outage=0.1")]
    Emulate(commands::EmulateArgs),
    /// Make, list and revoke API tokens
    #[command(after_help = "Example:\n  punctual token create --role desk --name \"Front desk\" --practice northside")]
    Token(commands::TokenArgs),
    /// Write a complete copy of the store into a file, beside a running service
    #[command(after_help = "Example:\n  punctual backup /backups/punctual-2026-11-21.db")]
    Backup(commands::BackupArgs),
    /// Put a copy back into an empty data folder
    #[command(after_help = "Example:\n  punctual restore /backups/punctual-2026-11-21.db --data ./restored")]
    Restore(commands::RestoreArgs),
    /// Copy a whole store into another one
    #[command(after_help = "Example:\n  \
        punctual store copy --from /var/lib/punctual --to postgres://punctual@db.example/punctual")]
    Store(commands::StoreCommandArgs),
    /// Measure what this machine reaches
    #[command(after_help = "Examples:\n  punctual bench ingest --connections 1 --messages 5000\n  \
                            punctual bench delivery --rate 500")]
    Bench(commands::BenchArgs),
    /// Bring the store's schema up to date and end
    #[command(after_help = "Example:\n  punctual migrate --data /var/lib/punctual")]
    Migrate(commands::MigrateArgs),
}

/// Where the data are.
#[derive(Args, Clone, Debug)]
pub(crate) struct StoreArgs {
    /// The data folder [default: punctual-data]
    #[arg(long, env = "PUNCTUAL_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The store's address (sqlite:PATH); in the data folder unless given
    #[arg(long, env = "PUNCTUAL_STORE", hide_env_values = true)]
    pub(crate) store: Option<String>,
}

/// Which addresses may be called.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReachArgs {
    /// Hosts on private networks that webhooks and sources may be called on, separated by commas
    #[arg(long, env = "PUNCTUAL_ALLOW_PRIVATE", value_delimiter = ',', value_name = "HOST")]
    allow_private: Option<Vec<String>>,
}

impl ReachArgs {
    /// The rule that follows.
    pub(crate) fn policy(&self, file: &File) -> AddressPolicy {
        AddressPolicy::allowing(self.allow_private.clone().or_else(|| file.allow_private.clone()).unwrap_or_default())
    }
}

/// A running service to ask instead of the store.
#[derive(Args, Clone, Debug)]
pub(crate) struct RemoteArgs {
    /// Ask a running service at this address instead of the store
    #[arg(long, env = "PUNCTUAL_URL")]
    pub(crate) url: Option<String>,
    /// The token for the service
    #[arg(long, env = "PUNCTUAL_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
}
