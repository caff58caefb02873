//! `punctual bench growth`: a store that grows from size to size through the engine's own door, measured at each.

mod charts;
mod fill;
mod history;
mod measure;
mod questions;
mod svg;
mod world;

use crate::bench::size;
use crate::exit::{Exit, Failure, Outcome, say, say_error};
use crate::open::{Place, ServingLock};
use crate::table::table;
use charts::charts;
use clap::Args;
use fill::fill;
use history::History;
use measure::{Plan, measure};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use store::sqlite::{SqliteOptions, SqliteStore};

/// What is measured is kept here, a line a size, beside the store.
const RESULTS: &str = "growth.jsonl";

#[derive(Args, Debug)]
pub(crate) struct GrowthArgs {
    /// Visits to be stored when it is measured: 10k, 1m, 10m. A visit takes about 1.8 kB
    #[arg(long, value_delimiter = ',', value_parser = size, default_values = ["10k", "1m"])]
    sizes: Vec<u32>,
    /// The folder for the store and the results; a fill that was interrupted there goes on
    #[arg(long, default_value = "growth")]
    folder: PathBuf,
    /// Fill and measure this store (sqlite:PATH, postgres://…) instead of one in the folder
    #[arg(long)]
    store: Option<String>,
    /// Leave the store there for the next time
    #[arg(long)]
    keep: bool,
    /// Draw the curves into this folder
    #[arg(long, value_name = "FOLDER")]
    svg: Option<PathBuf>,
    /// Measure nothing: draw the curves of results that were measured before
    #[arg(long, value_name = "FILE", requires = "svg")]
    from: Option<PathBuf>,
    /// Bookings on each day of the history
    #[arg(long, default_value_t = 5000)]
    per_day: u32,
    /// Messages that are sent one after another
    #[arg(long, default_value_t = 3000)]
    single: u32,
    /// Messages that are sent on many connections
    #[arg(long, default_value_t = 20_000)]
    many: u32,
    /// So many connections
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// Explanations that are asked for; of the other questions there are fewer, in proportion
    #[arg(long, default_value_t = 1000)]
    asked: u32,
    /// Explanations that are asked for besides, before each of which the system is told to forget the store's file:
    /// what a visit costs that nobody has looked at for years (Linux)
    #[arg(long, default_value_t = 0)]
    cold: u32,
    /// Tell at each size what every table and index takes; reads the whole file
    #[arg(long)]
    where_bytes_go: bool,
}

/// A number as people write it: 10k, 1m.
/// Fills, measures, draws.
pub(crate) async fn growth(args: &GrowthArgs) -> Outcome {
    let results = args.from.clone().unwrap_or_else(|| args.folder.join(RESULTS));
    if args.from.is_none() {
        run(args, &results).await?;
    }
    if let Some(folder) = &args.svg {
        draw(&read(&results)?, folder)?;
    }
    Ok(Exit::Done)
}

async fn run(args: &GrowthArgs, results: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(&args.folder).map_err(|error| trouble(&args.folder, &error))?;
    let place = Place { data: args.folder.clone(), store: args.store.clone() };
    let _lock = place.is_embedded().then(|| ServingLock::take(&place)).transpose()?;
    let history = History::of(args.per_day);
    let plan = Plan {
        single: args.single,
        many: args.many,
        connections: args.connections,
        asked: args.asked,
        cold: args.cold,
    };
    let mut sizes = args.sizes.clone();
    sizes.sort_unstable();
    sizes.dedup();
    // Messages of earlier measurements, which are stored as well.
    let mut measured = 0_u64;
    for size in sizes {
        let known = if results.exists() { read(results)? } else { Vec::new() };
        if known.iter().any(|line| line["size"] == size) {
            say_error(&format!("{size} visits were measured before; {} has the figures", results.display()));
            measured += u64::from(plan.messages());
            continue;
        }
        let filled = fill(&place, &history, size).await?;
        let events = history.messages(size) + measured;
        let bytes = if place.is_embedded() { file_size(&place.sqlite_file()) } else { 0 };
        if args.where_bytes_go && place.is_embedded() {
            tell_space(&place, events)?;
        }
        let figures = measure(&place, &history, size, plan).await?;
        measured += u64::from(plan.messages());
        let line = json!({
            "size": size,
            "events": events,
            "fill": { "messages": filled.messages, "seconds": filled.seconds },
            "disk": { "bytes": bytes, "bytes_per_event": bytes as f64 / events as f64 },
            "figures": figures,
        });
        say(&line.to_string());
        let file = std::fs::OpenOptions::new().create(true).append(true).open(results);
        file.and_then(|mut file| writeln!(file, "{line}")).map_err(|error| trouble(results, &error))?;
    }
    if !args.keep && args.store.is_none() {
        for end in ["", "-wal", "-shm"] {
            let mut name = place.sqlite_file().into_os_string();
            name.push(end);
            match std::fs::remove_file(&name) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(trouble(name.as_ref(), &error));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn trouble(path: &Path, error: &std::io::Error) -> Failure {
    Failure::could(&path.display().to_string(), error)
}

fn file_size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

fn read(results: &Path) -> Result<Vec<Value>, Failure> {
    let text = std::fs::read_to_string(results).map_err(|error| trouble(results, &error))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str);
    let mut lines = lines
        .collect::<Result<Vec<Value>, _>>()
        .map_err(|error| Failure::could(&format!("{} holds no results", results.display()), &error))?;
    lines.sort_by_key(|line| line["size"].as_u64());
    Ok(lines)
}

fn draw(lines: &[Value], folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| trouble(folder, &error))?;
    for (name, chart) in charts(lines) {
        let path = folder.join(format!("growth-{name}.svg"));
        std::fs::write(&path, chart.svg()).map_err(|error| trouble(&path, &error))?;
    }
    Ok(())
}

/// What every table and index takes, for each event that is kept.
fn tell_space(place: &Place, events: u64) -> Result<(), Failure> {
    let could = |error: store::Error| Failure::could("the store's pages cannot be counted", &error);
    let store = SqliteStore::open(&place.sqlite_file(), SqliteOptions::default()).map_err(could)?;
    let mut table = table(["table or index", "pages", "entries", "bytes an event", "of them unused"]);
    let share = |bytes: u64| format!("{:.1}", bytes as f64 / events.max(1) as f64);
    for space in store.space().map_err(could)? {
        let (pages, cells) = (space.pages.to_string(), space.cells.to_string());
        table.add_row([space.name, pages, cells, share(space.bytes), share(space.unused)]);
    }
    say_error(&table.to_string());
    Ok(())
}
