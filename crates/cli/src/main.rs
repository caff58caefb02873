//! `punctual`: the one binary, and the only place where everything is wired together.

mod args;
mod commands;
mod exit;
mod logging;
mod open;
mod progress;
mod remote;
mod show;
mod system;
mod table;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // One TLS provider for the whole program, chosen before anything can ask for one.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        exit::say_error("the TLS provider could not be installed");
        return ExitCode::from(3);
    }
    let cli = args::Cli::parse();
    logging::start(cli.log_json);
    match commands::run(cli) {
        Ok(exit) => exit.code(),
        Err(failure) => failure.report(),
    }
}
