//! `punctual bench cadence`: many sources, each read as often as its profile wants.

use super::meters::{Meters, Scraper};
use super::{GLANCE, PATIENCE, Scene};
use crate::bench::Child;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::progress::Progress;
use clap::Args;
use emulators::faults::{Fault, Faults};
use emulators::neighbours::{Haste, Neighbour};
use emulators::vendors::VendorFault;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Args, Debug)]
pub(crate) struct CadenceArgs {
    /// Whose twin is read; else the one whose profile wants to be asked most often
    #[arg(long, default_value_t = Neighbour::strictest().to_owned())]
    vendor: String,
    /// Integrations, each of a practice of its own
    #[arg(long, default_value_t = 1000)]
    integrations: u32,
    /// So often each is asked what changed, in seconds
    #[arg(long, default_value_t = 30)]
    every: u32,
    /// Visits in the diary that all of them read
    #[arg(long, default_value_t = 20)]
    visits: u32,
    /// So long is measured, once every diary has been read
    #[arg(long, default_value_t = 300)]
    seconds: u32,
    /// So late the twin answers each request, in milliseconds
    #[arg(long, default_value_t = 0)]
    latency_millis: u64,
    /// The folder, on the disk to be measured, in which data are kept meanwhile
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Sets them up, waits until each has been read, and measures.
pub(crate) async fn cadence(args: &CadenceArgs) -> Outcome {
    let scene = Scene::set(&args.vendor, args.visits, &args.dir).await?;
    if args.latency_millis > 0 {
        let late = Fault::always().millis(args.latency_millis);
        scene.neighbour.twin().set_faults(Faults::none(1).with(VendorFault::Latency, late));
    }
    let setting_up = Instant::now();
    scene.join(args.integrations, Haste::Every(args.every))?;
    let set_up_secs = setting_up.elapsed().as_secs_f64();
    let (scraper, child) = (Scraper::new()?, Child::serve(scene.folder.path())?);
    let first_secs = all_read(args, &scraper, &child).await?;

    let (before, used, began) = (scraper.read(child.http).await?, child.used(), Instant::now());
    let asked = scene.neighbour.twin().answered();
    let bar = Progress::of("Measuring", "seconds");
    let (mut memory, time) = (used.memory, Duration::from_secs(u64::from(args.seconds)));
    while began.elapsed() < time {
        tokio::time::sleep(GLANCE.min(time.saturating_sub(began.elapsed()))).await;
        bar.at(began.elapsed().as_secs(), u64::from(args.seconds));
        memory = memory.max(child.used().memory);
    }
    bar.done();
    let (after, end, seconds) = (scraper.read(child.http).await?, child.used(), began.elapsed().as_secs_f64());
    let requests = scene.neighbour.twin().answered() - asked;
    let planned = f64::from(args.integrations) * seconds / f64::from(args.every.max(1));
    let done = |kind| after.reads(kind) - before.reads(kind);
    let late = Late::between(&before, &after);
    let cores = (end.cpu - used.cpu) / seconds;
    let bound = |share| late.bound(share).map_or("more than all bounds".to_owned(), |bound| format!("≤ {bound} s"));
    let line = format!(
        "{} integrations, changes every {} s: {planned:.0} reads planned in {seconds:.0} s, {} done, and {} of the near and \
         {} of the far window; begun late p50 {}, p99 {}, all {}; {requests} requests, {:.2} cores, {} MiB at most; set up \
         in {set_up_secs:.0} s, every diary read in {first_secs:.0} s",
        args.integrations,
        args.every,
        done("changes"),
        done("near"),
        done("far"),
        bound(500),
        bound(990),
        bound(1000),
        cores,
        memory / (1 << 20),
    );
    let told = json!({
        "integrations": args.integrations, "every_s": args.every, "seconds": seconds, "planned": planned,
        "changes": done("changes"), "near": done("near"), "far": done("far"), "late_p50_s": late.bound(500),
        "late_p99_s": late.bound(990), "late_most_s": late.bound(1000), "requests": requests, "cores": cores,
        "memory": memory, "peak": end.peak, "set_up_s": set_up_secs, "first_s": first_secs,
    });
    say(&if args.json { told.to_string() } else { line });
    Ok(Exit::Done)
}

/// Waits until every window of every integration has been read once; gives the seconds.
async fn all_read(args: &CadenceArgs, scraper: &Scraper, child: &Child) -> Result<f64, Failure> {
    let (began, bar) = (Instant::now(), Progress::of("Reading every diary", "visits"));
    let (all, wanted) = (u64::from(args.integrations), u64::from(args.integrations) * u64::from(args.visits));
    let (mut last, mut moved) = (0, Instant::now());
    loop {
        // Counting a thousand integrations is work as well.
        tokio::time::sleep(GLANCE * 8).await;
        let meters = scraper.read(child.http).await?;
        let (known, far) = (meters.visits(), meters.reads("far"));
        bar.at(known, wanted);
        if known >= wanted && far >= all {
            bar.done();
            return Ok(began.elapsed().as_secs_f64());
        }
        if known + far != last {
            (last, moved) = (known + far, Instant::now());
        } else if moved.elapsed() > PATIENCE {
            return Err(Failure::Could(format!(
                "it stands still at {known} of {wanted} visits, {far} of {all} far windows"
            )));
        }
    }
}

/// How late reads began.
struct Late {
    /// By bound: how many were no later.
    within: Vec<(f64, u64)>,
    all: u64,
}

impl Late {
    fn between(before: &Meters, after: &Meters) -> Late {
        let known = before.within();
        let base = |bound: f64| known.iter().find(|(known, _)| *known == bound).map_or(0, |(_, count)| *count);
        let within = after.within().into_iter().map(|(bound, count)| (bound, count - base(bound)));
        let all =
            |meters: &Meters| ["changes", "near", "far", "census"].map(|kind| meters.reads(kind)).iter().sum::<u64>();
        Late { within: within.collect(), all: all(after) - all(before) }
    }

    /// The least bound that so many of a thousand keep; `None`: none is kept by so many.
    fn bound(&self, per_mille: u64) -> Option<f64> {
        self.within.iter().find(|(_, count)| count * 1000 >= self.all * per_mille).map(|(bound, _)| *bound)
    }
}

#[cfg(test)]
mod tests {
    use super::Late;

    #[test]
    fn a_share_is_kept_by_the_least_bound_that_holds_it() {
        let late = Late { within: vec![(0.1, 500), (1.0, 990), (5.0, 999)], all: 1000 };
        assert_eq!((late.bound(500), late.bound(990), late.bound(999)), (Some(0.1), Some(1.0), Some(5.0)));
        assert_eq!(late.bound(1000), None);
    }
}
