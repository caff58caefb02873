//! `punctual`: the one binary, and the only place where everything is wired together.

mod args;
mod bench;
mod commands;
mod configuration;
mod demo;
mod exit;
mod logging;
mod open;
mod post;
mod profile_page;
mod progress;
mod remote;
mod service;
mod show;
mod system;
mod table;
mod worlds;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // One TLS provider for the whole program, chosen before anything can ask for one.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        exit::say_error("the TLS provider could not be installed");
        return ExitCode::from(3);
    }
    let cli = args::Cli::parse();
    match run(cli) {
        Ok(exit) => exit.code(),
        Err(failure) => failure.report(),
    }
}

fn run(cli: args::Cli) -> exit::Outcome {
    let file = match &cli.config {
        Some(path) => configuration::File::read(path)?,
        None => configuration::File::default(),
    };
    let level = cli.log_level.as_deref().or(file.log.level.as_deref()).unwrap_or(cli.command.usual_log_level());
    logging::start(cli.log_format.or(file.log.format).unwrap_or_default(), level)?;
    commands::run(cli, &file)
}
