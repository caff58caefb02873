//! Tasks around the code: `cargo xtask tidy` holds the house rules, `cargo xtask gates` writes the gates' pages,
//! `cargo xtask matrix` the matrix of systems.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these are commands; their reports are what they are for"
)]

mod gates;
mod matrix;
mod repo;
mod rust;
mod tidy;

use repo::Repo;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask TASK

Tasks:
  tidy    Check the house rules; each finding says where, what, why, and what to do
  gates   Write docs/gates/ from the gates' own documentation and the catalogue of reasons
  matrix  Write docs/systems/matrix.md from the files of the conformance suite";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["tidy"] => with_repo(tidy),
        ["gates"] => with_repo(|repo| wrote(gates::write(repo))),
        ["matrix"] => with_repo(|repo| wrote(matrix::write(repo))),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("There is no task {:?}.\n\n{HELP}", words.join(" "));
            ExitCode::from(2)
        }
    }
}

fn with_repo(task: fn(&Repo) -> ExitCode) -> ExitCode {
    match Repo::open() {
        Ok(repo) => task(&repo),
        Err(error) => {
            eprintln!("The repository cannot be read: {error}");
            ExitCode::from(3)
        }
    }
}

fn tidy(repo: &Repo) -> ExitCode {
    let report = tidy::run(repo);
    if report.is_clean() {
        println!("{report}");
        ExitCode::SUCCESS
    } else {
        eprintln!("{report}");
        ExitCode::FAILURE
    }
}

fn wrote(written: std::io::Result<String>) -> ExitCode {
    match written {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("The pages cannot be written: {error}");
            ExitCode::from(3)
        }
    }
}
