//! The command line.

use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Keeps the appointments of practice systems and of patient platforms the same, and answers for every one of them: did
/// it sync, why or why not, who must do what, when will it heal by itself.
#[derive(Debug, Parser)]
#[command(name = "punctual", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Write logs as JSON
    #[arg(long, global = true, env = "PUNCTUAL_LOG_JSON")]
    pub(crate) log_json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the service
    #[command(
        after_help = "Example:\n  punctual serve --data /var/lib/punctual --http 127.0.0.1:8080 --mllp 0.0.0.0:2575"
    )]
    Serve(ServeArgs),
    /// Take practice documents in
    #[command(after_help = "Example:\n  punctual apply northside.toml --dry-run")]
    Apply(ApplyArgs),
}

/// Where the data are.
#[derive(Args, Clone, Debug)]
pub(crate) struct StoreArgs {
    /// The data folder
    #[arg(long, env = "PUNCTUAL_DATA", default_value = crate::open::DATA)]
    pub(crate) data: PathBuf,
    /// The store's address (sqlite:PATH); in the data folder unless given
    #[arg(long, env = "PUNCTUAL_STORE")]
    pub(crate) store: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// A configuration file (TOML)
    #[arg(long, env = "PUNCTUAL_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Where the API and the console listen (port 0: any)
    #[arg(long, env = "PUNCTUAL_HTTP")]
    pub(crate) http: Option<SocketAddr>,
    /// Where HL7 v2 messages are taken by MLLP (port 0: any)
    #[arg(long, env = "PUNCTUAL_MLLP")]
    pub(crate) mllp: Option<SocketAddr>,
}

#[derive(Args, Debug)]
pub(crate) struct ApplyArgs {
    /// Practice documents (TOML)
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Only say what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}
