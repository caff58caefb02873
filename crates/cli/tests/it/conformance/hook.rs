//! Where vendors call us: hands each call to the engine, as the service's own address does.

use super::world::{ID, OnTheWire};
use engine::Engine;
use engine::ops::HookAnswer;
use engine::poll::Knock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The address that vendors are given.
#[derive(Clone, Default)]
pub(crate) struct Hook {
    engine: Arc<Mutex<Option<Engine>>>,
    /// So many calls were the vendor's.
    taken: Arc<AtomicUsize>,
}

impl Hook {
    /// Answers on a listener from now on.
    pub(crate) fn open(&self, listener: TcpListener, wire: OnTheWire) {
        let hook = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (hook, wire) = (hook.clone(), wire.clone());
                tokio::spawn(async move { wire.during(hook.answer(stream)).await });
            }
        });
    }

    /// Calls are for this process of ours; for none while it is away.
    pub(crate) fn lead_to(&self, engine: Option<Engine>) {
        *self.engine.lock().unwrap() = engine;
    }

    /// So many calls were the vendor's.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    async fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let mut read = Vec::new();
        let (head, body_at) = loop {
            if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break (String::from_utf8_lossy(&read[..at]).into_owned(), at + 4);
            }
            (stream.read_buf(&mut read).await.ok()? > 0).then_some(())?;
        };
        let mut lines = head.lines();
        let request = lines.next()?.to_owned();
        let header =
            |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        let headers: Vec<(String, String)> = lines.filter_map(header).collect();
        let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, n)| n.parse().ok());
        let end = body_at + length.unwrap_or(0);
        while read.len() < end {
            (stream.read_buf(&mut read).await.ok()? > 0).then_some(())?;
        }
        let target = request.split(' ').nth(1)?;
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let brings = request.starts_with("POST");
        let knock = Knock { brings, query, headers: &headers, body: &read[body_at..end] };
        let engine = self.engine.lock().unwrap().clone();
        let heard = match engine {
            Some(engine) => engine.hear_hook(ID, knock).await.unwrap(),
            None => HookAnswer::Nothing,
        };
        let (status, body) = match heard {
            HookAnswer::Taken => {
                self.taken.fetch_add(1, Ordering::Relaxed);
                ("204 No Content", String::new())
            }
            HookAnswer::Proof(json) => ("200 OK", json),
            HookAnswer::Nothing => ("404 Not Found", String::new()),
        };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.ok()
    }
}
