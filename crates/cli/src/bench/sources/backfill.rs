//! `punctual bench source-backfill`: the first reading of a large diary.

use super::meters::Scraper;
use super::{GLANCE, PATIENCE, Scene};
use crate::bench::{Child, size};
use crate::exit::{Exit, Failure, Outcome, say};
use crate::progress::Progress;
use clap::Args;
use emulators::neighbours::{Haste, Neighbour};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args, Debug)]
pub(crate) struct BackfillArgs {
    /// Whose twin is read; else the one that hands out most
    #[arg(long, default_value_t = Neighbour::fastest().to_owned())]
    vendor: String,
    /// Visits in the diary, a run each
    #[arg(long, default_value = "10k,100k", value_delimiter = ',', value_parser = size)]
    sizes: Vec<u32>,
    /// Kill the service when it knows half of them, and start it again
    #[arg(long)]
    kill: bool,
    /// The folder, on the disk to be measured, in which data are kept meanwhile
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// What a run came to.
struct Run {
    visits: u32,
    /// Until all were known.
    read_secs: f64,
    /// Until the platform had a card of each.
    shown_secs: f64,
    /// CPU of the service, microseconds a visit.
    cpu_us: f64,
    /// The most memory that the service had, bytes.
    peak: u64,
    /// What the store takes on disk, bytes.
    disk: u64,
    /// Requests that the twin answered.
    requests: u64,
    /// Known when the service was killed, and when it was back.
    killed: Option<(u64, u64)>,
    /// Cards that came again in a version that had come.
    again: u64,
    /// Cards that came again in another version: something was decided anew.
    newer: u64,
    /// Visits of which no card came.
    missing: u64,
}

/// Reads each diary in a run of its own.
pub(crate) async fn backfill(args: &BackfillArgs) -> Outcome {
    let mut peaks = Vec::new();
    for visits in &args.sizes {
        let run = read_all(args, *visits).await?;
        peaks.push((run.visits, run.peak));
        say(&if args.json { run.json().to_string() } else { run.told() });
        if run.missing > 0 {
            return Ok(Exit::No);
        }
    }
    if let (Some((least, before)), Some((most, after))) = (peaks.iter().min(), peaks.iter().max())
        && most > least
    {
        #[allow(clippy::cast_precision_loss, reason = "bytes of memory")]
        let ratio = *after as f64 / (*before).max(1) as f64;
        let line = format!("peak memory with {most} visits: {ratio:.2} times that with {least}");
        say(&if args.json { json!({ "peak_ratio": ratio }).to_string() } else { line });
    }
    Ok(Exit::Done)
}

async fn read_all(args: &BackfillArgs, visits: u32) -> Result<Run, Failure> {
    let scene = Scene::set(&args.vendor, visits, &args.dir).await?;
    scene.join(1, Haste::Profile)?;
    let (scraper, bar, data) = (Scraper::new()?, Progress::of("Reading the diary", "visits"), scene.folder.path());
    let began = Instant::now();
    let mut child = Child::serve(data)?;
    let (mut cpu, mut peak, mut killed) = (0.0, 0, None);
    let (mut last, mut moved, mut read_secs) = ((0, 0), Instant::now(), None);
    let wanted = u64::from(visits);
    loop {
        tokio::time::sleep(GLANCE).await;
        let (known, shown) = (scraper.read(child.http).await?.visits(), scene.arrivals.arrived());
        bar.at(known, wanted);
        if args.kill && killed.is_none() && known >= wanted / 2 {
            let used = child.used();
            (cpu, peak) = (used.cpu, used.peak);
            drop(child);
            child = Child::serve(data)?;
            killed = Some((known, scraper.read(child.http).await?.visits()));
        }
        if known >= wanted && read_secs.is_none() {
            read_secs = Some(began.elapsed().as_secs_f64());
        }
        if known >= wanted && shown as u64 >= wanted {
            break;
        }
        if (known, shown) != last {
            (last, moved) = ((known, shown), Instant::now());
        } else if moved.elapsed() > PATIENCE {
            return Err(Failure::Could(format!("it stands still at {known} of {wanted} visits and {shown} cards")));
        }
    }
    bar.done();
    let (used, shown_secs) = (child.used(), began.elapsed().as_secs_f64());
    drop(child);
    let outcome = scene.arrivals.outcome();
    Ok(Run {
        visits,
        read_secs: read_secs.unwrap_or(shown_secs),
        shown_secs,
        cpu_us: (cpu + used.cpu) * 1e6 / f64::from(visits),
        peak: peak.max(used.peak),
        disk: bytes_in(data),
        requests: scene.neighbour.twin().answered(),
        killed,
        again: outcome.out_of_order,
        newer: outcome.newer,
        missing: u64::from(visits).saturating_sub(scene.arrivals.arrived() as u64),
    })
}

/// The bytes of the files of a store.
fn bytes_in(data: &Path) -> u64 {
    let files = std::fs::read_dir(data).into_iter().flatten().flatten();
    let ours = files.filter(|file| file.file_name().to_string_lossy().contains(".db"));
    ours.filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum()
}

impl Run {
    fn per_second(&self) -> f64 {
        f64::from(self.visits) / self.read_secs.max(0.001)
    }

    fn told(&self) -> String {
        let mib = self.peak / (1 << 20);
        let killed = self
            .killed
            .map_or_else(String::new, |(before, after)| format!("; killed at {before} visits, went on with {after}"));
        format!(
            "{} visits read in {:.1} s ({:.0}/s), all at the platform after {:.1} s; {} requests, {:.0} µs CPU a visit, \
             peak {mib} MiB, {} bytes on disk a visit; cards that came again as they were {}, changed {}, missing {}{killed}",
            self.visits,
            self.read_secs,
            self.per_second(),
            self.shown_secs,
            self.requests,
            self.cpu_us,
            self.disk / u64::from(self.visits.max(1)),
            self.again,
            self.newer,
            self.missing,
        )
    }

    fn json(&self) -> Value {
        json!({
            "visits": self.visits, "read_s": self.read_secs, "per_second": self.per_second(), "shown_s": self.shown_secs,
            "cpu_us": self.cpu_us, "peak": self.peak, "disk": self.disk, "requests": self.requests,
            "killed_at": self.killed.map(|(before, _)| before), "went_on_with": self.killed.map(|(_, after)| after),
            "again": self.again, "newer": self.newer, "missing": self.missing,
        })
    }
}
