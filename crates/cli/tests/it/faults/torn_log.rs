//! The power goes while SQLite's write-ahead log is being written: what was not synced is torn.
//!
//! `kill -9` alone shows nothing of it, because the system keeps what a process has written. Here every sync is noted
//! with the length that the log had, and after `kill -9` everything beyond the last synced byte is at our mercy, as it
//! is at a disk's: cut off, cut in the middle of a frame, zeroed, or turned around bit by bit.

use super::{either, millis, seeded};
use crate::support::{Load, Punctual, Rig, SENDERS, WatchedDisk, data, until};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// What happens to bytes that were written and never synced.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// None of them arrived.
    Cut,
    /// Some of them arrived, up to the middle of a frame.
    Torn,
    /// The file has its length, its last pages do not have their bytes.
    Zeroed,
    /// Bits are wrong here and there.
    Flipped,
    /// All arrived, and half a frame more that nobody wrote.
    Garbage,
}

const DAMAGES: [Damage; 5] = [Damage::Cut, Damage::Torn, Damage::Zeroed, Damage::Flipped, Damage::Garbage];

/// Tears the log beyond its first `promised` bytes; how many bytes that concerned.
fn tear(log: &mut Vec<u8>, promised: usize, damage: Damage, rng: &mut fastrand::Rng) -> usize {
    let promised = promised.min(log.len());
    let unsynced = log.len() - promised;
    match damage {
        Damage::Cut => log.truncate(promised),
        Damage::Torn => log.truncate(promised + rng.usize(..=unsynced)),
        Damage::Zeroed => {
            let from = promised + rng.usize(..=unsynced);
            log[from..].fill(0);
        }
        Damage::Flipped => {
            for _ in 0..unsynced.div_ceil(500) {
                let at = promised + rng.usize(..unsynced);
                log[at] ^= 1 << rng.u32(..8);
            }
        }
        Damage::Garbage => log.extend((0..2000).map(|_| rng.u8(..))),
    }
    unsynced
}

fn serve(rig: &Rig, disk: &WatchedDisk) -> Punctual {
    let mut serving = rig.serving(0);
    disk.under(&mut serving);
    Punctual::start(&mut serving)
}

fn log_of(rig: &Rig) -> std::path::PathBuf {
    data(rig.folder.path()).join("punctual.db-wal")
}

#[test]
fn everything_acknowledged_outlives_a_power_cut() {
    let mut rng = seeded();
    let rig = Rig::on(None, 1, 5);
    let disk = WatchedDisk::in_folder(rig.folder.path());
    let log_path = log_of(&rig);
    let load = Load::start(&rig.plan(), &rig.ledger);
    let (mut torn, mut synced) = (0, 0);
    for round in 0..either(10, 200) {
        let service = serve(&rig, &disk);
        let before = rig.ledger.count();
        until("messages are acknowledged", || {
            let now = rig.ledger.count();
            if now > before { Ok(()) } else { Err(format!("{now} acknowledged")) }
        });
        thread::sleep(millis(&mut rng, 0..300));
        service.kill();
        let mut log = fs::read(&log_path).unwrap();
        let promised = disk.promised(&log);
        torn += tear(&mut log, promised, DAMAGES[round % DAMAGES.len()], &mut rng);
        synced += promised;
        fs::write(&log_path, &log).unwrap();
    }
    let service = serve(&rig, &disk);
    let since = Instant::now();
    thread::sleep(Duration::from_millis(300));
    load.finish();
    println!("{synced} bytes were synced, {torn} bytes were torn");
    assert!(synced > 0, "syncs were noted");
    let account = rig.ledger.settle(&rig.api(0), since);
    assert!(account.acknowledged > SENDERS * 5, "the senders did send: {account}");
    service.stop();
}

#[test]
fn a_log_that_ends_in_half_a_frame_is_read_up_to_there() {
    let mut rng = seeded();
    let rig = Rig::on(None, 1, 5);
    let log_path = log_of(&rig);
    for _ in 0..either(3, 30) {
        let service = rig.serve(0);
        let load = Load::start(&rig.plan(), &rig.ledger);
        thread::sleep(millis(&mut rng, 200..400));
        // Everybody has an answer, and only then something more is on its way to the disk.
        load.finish();
        service.kill();
        append_half_a_frame(&log_path, &mut rng);
    }
    let service = rig.serve(0);
    let account = rig.ledger.settle(&rig.api(0), Instant::now());
    assert!(account.acknowledged > SENDERS, "the senders did send: {account}");
    service.stop();
}

/// A frame as the log's last one, without its end: its head is whole and says that a commit follows.
fn append_half_a_frame(log_path: &Path, rng: &mut fastrand::Rng) {
    const HEAD: usize = 32;
    const FRAME: usize = 24 + 4096;
    let mut log = fs::read(log_path).unwrap();
    let frames = (log.len() - HEAD) / FRAME;
    assert!(frames > 0, "the log holds something");
    let last = HEAD + (frames - 1) * FRAME;
    let half = log[last..last + rng.usize(1..FRAME)].to_vec();
    log.truncate(last + FRAME);
    log.extend(half);
    fs::write(log_path, log).unwrap();
}

#[test]
fn a_disk_that_fails_to_sync_ends_the_service_and_the_next_one_goes_on() {
    let rig = Rig::on(None, 1, 5);
    let disk = WatchedDisk::in_folder(rig.folder.path());
    let load = Load::start(&rig.plan(), &rig.ledger);
    let mut since = Instant::now();
    for _ in 0..either(2, 20) {
        let service = serve(&rig, &disk);
        let before = rig.ledger.count();
        until("messages are acknowledged", || {
            let now = rig.ledger.count();
            if now > before + 10 { Ok(()) } else { Err(format!("{now} acknowledged")) }
        });
        disk.set_failing(true);
        let (status, _, log) = service.wait();
        assert_eq!(status.code(), Some(3), "it ends by itself, as one that could not:\n{log}");
        assert!(log.contains("the disk failed to keep what was written"), "and says why:\n{log}");
        disk.set_failing(false);
        since = Instant::now();
    }
    let service = serve(&rig, &disk);
    load.finish();
    rig.ledger.settle(&rig.api(0), since);
    service.stop();
}
