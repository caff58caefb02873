//! Every scenario is a test of its own, so this binary has a harness of its own.

mod healing;
mod outage;
mod practices;
mod streams;
mod trials;

fn main() -> std::process::ExitCode {
    trials::run_all()
}
