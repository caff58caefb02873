//! The disk of the embedded store is full, and then has room again.

use super::{either, millis, seeded};
use crate::support::{INTEGRATION, Load, Mllp, Punctual, Rig, SmallDisk, Visit, data, until};
use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What `/readyz` says: the status, and why.
fn ready(rig: &Rig) -> (u16, String) {
    let answer = rig.api(0).get("/readyz");
    (answer.status, if answer.status == 200 { String::new() } else { answer.json()["detail"].to_string() })
}

fn is_ready_again(rig: &Rig) {
    until("it is ready again, by itself", || {
        let (status, why) = ready(rig);
        if status == 200 { Ok(()) } else { Err(why) }
    });
}

/// Starts the service so that a file that may not become longer is an error of writing and not the end of the process.
fn serve(rig: &Rig) -> Punctual {
    let serving = rig.serving(0);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(serving.get_program()).args(serving.get_args());
    for (name, value) in serving.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    Punctual::start(shell.current_dir(rig.folder.path()).stdin(Stdio::null()))
}

/// Fills the disk until messages are refused, and makes room again; what happened is in the ledger.
fn under_load(rig: &Rig, rounds: usize, fill: impl Fn(&Punctual), make_room: impl Fn(&Punctual), says: &str) {
    let mut rng = seeded();
    let service = serve(rig);
    let load = Load::start(&rig.plan(), &rig.ledger);
    let mut since = Instant::now();
    for _ in 0..rounds {
        thread::sleep(millis(&mut rng, 100..600));
        let (refused, told) = (rig.ledger.refusals(), rig.ledger.count());
        fill(&service);
        until("messages are refused", || {
            let now = rig.ledger.refusals();
            if now > refused + 10 { Ok(()) } else { Err(format!("{now} refused")) }
        });
        until("it says that it is not ready, and why", || {
            let (status, why) = ready(rig);
            if status == 503 && why.contains(says) { Ok(()) } else { Err(format!("{status} {why}")) }
        });
        assert_eq!(rig.api(0).get("/healthz").status, 200, "it lives");
        let pages = rig.api(0).get(&format!("/api/v1/integrations/{INTEGRATION}"));
        assert_eq!(pages.status, 200, "it can be looked at: {}", pages.body);
        make_room(&service);
        since = Instant::now();
        is_ready_again(rig);
        until("messages are taken again", || {
            let now = rig.ledger.count();
            if now > told + 10 { Ok(()) } else { Err(format!("{now} acknowledged, {told} before")) }
        });
    }
    load.finish();
    let account = rig.ledger.settle(&rig.api(0), since);
    assert!(account.refused > 0, "{account}");
    let (_, log) = service.stop();
    assert!(log.contains(says), "the log says what is wrong:\n{log}");
}

#[test]
fn a_full_disk_is_said_to_the_sender_and_to_monitoring_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(data(folder.path())).unwrap();
    let Some(disk) = SmallDisk::mount_on(&data(folder.path()), either(64, 512)) else {
        println!("skipped: mounting a small disk needs root; the test with a limit on files does the same without");
        return;
    };
    let rig = Rig::in_folder(folder, None, 1, 5);
    under_load(&rig, either(2, 20), |_| disk.fill(), |_| disk.make_room(), "the disk is full");
}

#[test]
fn a_disk_with_little_room_is_not_filled_by_what_is_needed_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(data(folder.path())).unwrap();
    let Some(_disk) = SmallDisk::mount_on(&data(folder.path()), 8) else {
        println!("skipped: mounting a small disk needs root");
        return;
    };
    let rig = Rig::in_folder(folder, None, 1, 5);
    let service = serve(&rig);
    let load = Load::start(&rig.plan(), &rig.ledger);
    // Each message is some 20 kB of log, and 2 kB of what is kept.
    until("more has gone through the log than the disk could hold", || {
        let now = rig.ledger.count();
        if now > 700 { Ok(()) } else { Err(format!("{now} acknowledged, {} refused", rig.ledger.refusals())) }
    });
    load.finish();
    let account = rig.ledger.settle(&rig.api(0), Instant::now());
    assert_eq!(account.refused, 0, "{account}");
    service.stop();
}

/// Sets how long a file of a process may become; needs no rights.
fn limit_files(service: &Punctual, bytes: &str) {
    let limit = format!("--fsize={bytes}:");
    let set = Command::new("prlimit").arg("--pid").arg(service.id().to_string()).arg(limit).status();
    assert!(set.expect("prlimit is there").success());
}

#[test]
fn a_log_that_may_not_grow_is_a_failing_store_and_recovers_by_itself() {
    let rig = Rig::on(None, 1, 5);
    let log = data(rig.folder.path()).join("punctual.db-wal");
    let fill = |service: &Punctual| {
        let size = fs::metadata(&log).map_or(0, |log| log.len());
        limit_files(service, &size.to_string());
    };
    under_load(&rig, either(2, 20), fill, |service| limit_files(service, "unlimited"), "the store failed");
}

#[test]
fn whatever_is_answered_while_the_disk_fills_byte_by_byte_is_true() {
    let rig = Rig::on(None, 1, 5);
    let mut service = serve(&rig);
    let log = data(rig.folder.path()).join("punctual.db-wal");
    let mut feed = Mllp::connect(service.told("mllp")).unwrap();
    // The limit falls into each part of what a batch writes: frame heads, pages, the last frame of a commit.
    for step in 0..either(24, 400) {
        let size = fs::metadata(&log).map_or(0, |log| log.len());
        limit_files(&service, &(size + step * 4001).to_string());
        for number in 0..3 {
            let visit = Visit::new(&format!("B-{step}-{number}"));
            let (_, message) = visit.message("S12");
            let (code, ..) = feed.send(&message).unwrap();
            match code.as_str() {
                "AA" => rig.ledger.acknowledged(&visit, &message),
                other => assert_eq!(other, "AE"),
            }
        }
        limit_files(&service, "unlimited");
        if step % 5 == 4 {
            service.kill();
            service = serve(&rig);
            feed = Mllp::connect(service.told("mllp")).unwrap();
        }
    }
    is_ready_again(&rig);
    let account = rig.ledger.settle(&rig.api(0), Instant::now());
    assert!(account.settled < Duration::from_secs(300), "{account}");
    service.stop();
}
