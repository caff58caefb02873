//! What the tests need: the binary as a process, small clients and a small platform, and patience.

mod browser;
mod cluster;
mod disk;
mod http;
mod ledger;
mod load;
mod mllp;
mod network;
mod post_office;
mod postgres;
mod practice;
mod process;
mod receiver;
mod rig;
mod scene;

pub(crate) use browser::{Browser, ENTER, TAB};
pub(crate) use cluster::Cluster;
pub(crate) use disk::{SmallDisk, WatchedDisk};
pub(crate) use http::Client;
pub(crate) use load::{Load, Plan};
pub(crate) use mllp::Mllp;
pub(crate) use network::{OTHER_HOST, Where, on_two_hosts};
pub(crate) use post_office::{PostOffice, header};
pub(crate) use postgres::{Database, Way};
pub(crate) use practice::{Node, Practice};
pub(crate) use process::{Finished, Punctual, punctual};
pub(crate) use receiver::{Delivery, Receiver, Reply};
pub(crate) use rig::{Rig, SENDERS};
pub(crate) use scene::{INTEGRATION, SECRET, Scene, Visit, command, data, document, entries, schedule, serve};

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

/// So long something may take that must happen; the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// Reads some bytes; a signal on the way is no end.
fn read_some(stream: &mut impl Read, chunk: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match stream.read(chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Looks until something is so; fails with what was seen last when it does not become so.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match look() {
            Ok(found) => return found,
            Err(seen) if Instant::now() > deadline => panic!("{what} did not happen; seen last: {seen}"),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}
