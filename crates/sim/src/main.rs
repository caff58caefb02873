//! Runs worlds by their seeds: `punctual-sim --seed 7` tells the story of one, `punctual-sim --seeds 1..10000` runs
//! many, and makes the first that fails as small as it can.

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use sim::disk::Told;
use sim::mutant::Mutant;
use sim::plan::{Plan, plan_of};
use sim::shrink::{read_numbers, shrink, write_numbers};
use sim::world::{Figures, run};
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

/// The real engine under seeded clocks, networks, stores and crashes.
#[derive(Parser)]
#[command(after_help = "Examples:\n  cargo run -p punctual-sim --release -- --seed 7\n  \
                        cargo run -p punctual-sim --release -- --seeds 1..1000")]
struct Args {
    /// Tells the story of one world.
    #[arg(long, value_name = "N", required_unless_present = "seeds")]
    seed: Option<u64>,
    /// Runs the worlds from A up to, not including, B.
    #[arg(long, value_name = "A..B", conflicts_with = "seed", value_parser = range)]
    seeds: Option<(u64, u64)>,
    /// Leaves these items of the plan out: `0-3,7`.
    #[arg(long, value_name = "NUMBERS", requires = "seed", value_parser = read_numbers)]
    without: Option<Numbers>,
    /// Plants a fault at a port, to see that it is noticed.
    #[arg(long, value_name = "NAME", value_parser = mutant)]
    mutant: Option<Mutant>,
    /// Goes on after a failure, and makes none smaller.
    #[arg(long, requires = "seeds")]
    keep_going: bool,
}

/// Where no bar can be drawn, progress is told after so many worlds.
const SAYS_EVERY: u64 = 500;

type Numbers = Vec<usize>;

fn range(text: &str) -> Result<(u64, u64), String> {
    let parts = text.split_once("..").and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    parts.ok_or_else(|| format!("{text:?} is no range: write 1..1000"))
}

fn mutant(name: &str) -> Result<Mutant, String> {
    let names = || Mutant::ALL.map(Mutant::name).join(", ");
    Mutant::named(name).ok_or_else(|| format!("there is no {name:?}; there are {}", names()))
}

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match (args.seed, args.seeds) {
        (Some(seed), _) => one(seed, args.without.as_deref().unwrap_or_default(), args.mutant),
        (None, Some(seeds)) => many(seeds, args.mutant, args.keep_going),
        (None, None) => Ok(true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            say(&why);
            ExitCode::from(3)
        }
    }
}

/// A line on standard output. Whoever closed it does not want to hear.
fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

fn one(seed: u64, without: &[usize], mutant: Option<Mutant>) -> Told<bool> {
    let plan = plan_of(seed).without(without);
    let clinics = plan.clinics.iter().map(|clinic| {
        let feeds: Vec<String> =
            clinic.feeds.iter().map(|feed| format!("{} to {}", feed.source, feed.platform)).collect();
        format!("{} ({}; {})", clinic.facility, clinic.zone, feeds.join(", "))
    });
    say(&format!("Seed {seed}: {} process(es); {}", plan.nodes, clinics.collect::<Vec<_>>().join("; ")));
    let outcome = run(&plan, mutant, true)?;
    outcome.story.lines().iter().for_each(|line| say(line));
    say(&outcome.figures.to_string());
    say(&format!("digest {}", outcome.digest));
    outcome.faults.iter().for_each(|fault| say(&format!("WRONG: {fault}")));
    Ok(outcome.faults.is_empty())
}

fn many((from, to): (u64, u64), mutant: Option<Mutant>, keep_going: bool) -> Told<bool> {
    let bar = ProgressBar::new(to.saturating_sub(from));
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} worlds, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let (mut figures, mut failed, began) = (Figures::default(), 0, Instant::now());
    for seed in from..to {
        let plan = plan_of(seed);
        let outcome = run(&plan, mutant, false)?;
        figures += outcome.figures;
        bar.inc(1);
        let done = bar.position();
        if bar.is_hidden() && done.is_multiple_of(SAYS_EVERY) {
            say(&format!("{done} worlds, {failed} failed"));
        }
        if outcome.faults.is_empty() {
            continue;
        }
        failed += 1;
        bar.set_message(format!("{failed} failed"));
        bar.suspend(|| {
            say(&format!("Seed {seed} fails:"));
            outcome.faults.iter().take(5).for_each(|fault| say(&format!("  {fault}")));
        });
        if !keep_going {
            bar.finish_and_clear();
            return smallest(&plan, mutant, &outcome.faults).map(|()| false);
        }
    }
    bar.finish_and_clear();
    let (worlds, took) = (to.saturating_sub(from), began.elapsed().as_secs_f64());
    let a_second = worlds as f64 / took.max(0.001);
    say(&format!("{worlds} worlds in {took:.0} s ({a_second:.1} a second), {failed} failed: {figures}"));
    Ok(failed == 0)
}

/// Makes a failing world as small as it can be made, and says how to see it again.
fn smallest(plan: &Plan, mutant: Option<Mutant>, faults: &[String]) -> Told {
    let planted = mutant.map_or_else(String::new, |mutant| format!(" --mutant {}", mutant.name()));
    let command = format!("cargo run -p punctual-sim --release -- --seed {}{planted}", plan.seed);
    say(&format!("To see it again:\n  {command}"));
    let bar = ProgressBar::new_spinner();
    let shrunk = shrink(plan, mutant, faults, |left| {
        bar.set_message(format!("{left} of {} things left", plan.items.len()));
        bar.tick();
    })?;
    bar.finish_and_clear();
    say(&format!("After {} runs this is left of it:", shrunk.runs));
    shrunk.plan.items.iter().for_each(|item| say(&format!("  {item}")));
    shrunk.faults.iter().take(5).for_each(|fault| say(&format!("  {fault}")));
    say(&format!("To see only that:\n  {command} --without {}", write_numbers(&shrunk.without)));
    Ok(())
}
