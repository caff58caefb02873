//! A platform's endpoint that accepts cards and notes when they came.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What was sent and what arrived.
#[derive(Default)]
pub(crate) struct Arrivals {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By appointment: when its newest version was sent (or was due).
    sent: HashMap<String, Instant>,
    /// From there to here.
    latencies: Vec<Duration>,
    /// Cards whose first attempt was refused.
    refused: HashSet<String>,
    /// Versions by appointment, the last that came.
    versions: HashMap<String, u64>,
    out_of_order: u64,
    /// Cards of a second version.
    newer: u64,
    received: u64,
}

/// How a run ended.
pub(crate) struct Outcome {
    pub(crate) latencies: Vec<Duration>,
    pub(crate) received: u64,
    pub(crate) out_of_order: u64,
    /// Cards of a version after the first that came.
    pub(crate) newer: u64,
    /// Appointments that nothing arrived of.
    pub(crate) missing: usize,
}

impl Arrivals {
    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message of this appointment goes out.
    pub(crate) fn sent(&self, source_id: String, at: Instant) {
        self.inner().sent.insert(source_id, at);
    }

    /// Appointments of which something arrived.
    pub(crate) fn arrived(&self) -> usize {
        self.inner().versions.len()
    }

    /// What came of it all.
    pub(crate) fn outcome(&self) -> Outcome {
        let mut inner = self.inner();
        let missing = inner.sent.keys().filter(|id| !inner.versions.contains_key(*id)).count();
        Outcome {
            latencies: std::mem::take(&mut inner.latencies),
            received: inner.received,
            out_of_order: inner.out_of_order,
            newer: inner.newer,
            missing,
        }
    }

    /// A card came; whether it is accepted.
    fn take(&self, body: &[u8], refuse_percent: u32) -> bool {
        let Ok(event) = serde_json::from_slice::<serde_json::Value>(body) else { return false };
        let (id, version) = (event["data"]["source_id"].as_str(), event["data"]["version"].as_u64());
        let (Some(id), Some(version)) = (id, version) else { return false };
        let mut inner = self.inner();
        if inner.sent.contains_key(id) && chosen(id, refuse_percent) && inner.refused.insert(id.to_owned()) {
            return false;
        }
        inner.received += 1;
        match inner.versions.insert(id.to_owned(), version) {
            Some(before) if before >= version => inner.out_of_order += 1,
            Some(_) => inner.newer += 1,
            None => {}
        }
        if let Some(at) = inner.sent.get(id).copied() {
            inner.latencies.push(at.elapsed());
        }
        true
    }
}

/// Whether an appointment is among so many of a hundred.
fn chosen(id: &str, percent: u32) -> bool {
    let sum = id.bytes().fold(17_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    (sum ^ (sum >> 16)) % 100 < percent
}

/// Takes cards until the runtime ends. The first attempt of so many cards of a hundred gets a 503.
pub(crate) async fn receive(listener: TcpListener, arrivals: Arc<Arrivals>, refuse_percent: u32) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, arrivals.clone(), refuse_percent));
    }
}

async fn serve(mut stream: TcpStream, arrivals: Arc<Arrivals>, refuse_percent: u32) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8192);
    loop {
        let Some((head, length)) = head(&buffer) else {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        while buffer.len() < head + length {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        let accepted = arrivals.take(&buffer[head..head + length], refuse_percent);
        buffer.drain(..head + length);
        let status = if accepted { "200 OK" } else { "503 Service Unavailable" };
        stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}").as_bytes()).await?;
    }
}

/// Where the head of the first request ends, and how long its body is.
fn head(buffer: &[u8]) -> Option<(usize, usize)> {
    let end = buffer.windows(4).position(|piece| piece == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..end]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok()).flatten()
    });
    Some((end, length.unwrap_or(0)))
}
