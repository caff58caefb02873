//! `punctual bench source-backfill` and `cadence`: what they measure is real, and a first reading goes on after a kill.

use crate::support::{Finished, command};
use serde_json::Value;

fn bench(args: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let out = Finished::of(command(folder.path()).arg("bench").args(args).arg("--json")).done();
    out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn a_first_reading_that_is_killed_goes_on_from_its_checkpoint_and_doubles_no_card() {
    let runs = bench(&["source-backfill", "--sizes", "6000"]);
    let killed = bench(&["source-backfill", "--sizes", "6000", "--kill"]);
    let (whole, killed) = (&runs[0], &killed[0]);
    for run in [whole, killed] {
        // Every visit is known, and the platform has exactly one card of each: a card that came again said the same.
        assert_eq!((&run["visits"], &run["missing"], &run["newer"]), (&6000.into(), &0.into(), &0.into()), "{run}");
        assert!(run["peak"].as_u64().unwrap() > 0 && run["disk"].as_u64().unwrap() > 0, "{run}");
    }
    let (at, with) = (killed["killed_at"].as_u64().unwrap(), killed["went_on_with"].as_u64().unwrap());
    assert!((3000..6000).contains(&at) && with >= at, "nothing that was read is read anew: {killed}");
    // A new token, the page that was being read, and a look at what the feed handed out before; not the pages before.
    let (requests, more) = (whole["requests"].as_u64().unwrap(), killed["requests"].as_u64().unwrap());
    assert!(more <= requests + 6, "{requests} requests without a kill, {more} with one");
}

#[test]
fn a_measured_cadence_tells_what_was_planned_and_what_was_done() {
    let told = bench(&["cadence", "--integrations", "6", "--every", "2", "--seconds", "7", "--visits", "3"]);
    let told = &told[0];
    assert_eq!((&told["integrations"], &told["every_s"]), (&6.into(), &2.into()));
    assert!(told["changes"].as_u64().unwrap() > 0 && told["planned"].as_f64().unwrap() >= 21.0, "{told}");
    assert!(told["requests"].as_u64().unwrap() > 0 && told["memory"].as_u64().unwrap() > 0, "{told}");
    assert!(told["late_p50_s"].is_number() || told["late_p50_s"].is_null(), "{told}");
}
