//! Where the server calls: each call is a reason to look, or is dropped on the floor.

use super::world::ID;
use engine::Engine;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The place that is called.
pub(crate) struct Hooks {
    pub(crate) address: SocketAddr,
    /// So many calls came.
    pub(crate) calls: Arc<AtomicUsize>,
    listener: Option<TcpListener>,
}

impl Hooks {
    pub(crate) async fn open() -> Hooks {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Hooks { address, calls: Arc::default(), listener: Some(listener) }
    }

    /// Answers from now on. `heed`: a call is a reason to look.
    pub(crate) fn answer(&mut self, engine: Engine, heed: bool) -> tokio::task::JoinHandle<()> {
        let (listener, calls) = (self.listener.take().unwrap(), self.calls.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (engine, calls) = (engine.clone(), calls.clone());
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                        if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let text = String::from_utf8_lossy(&head).into_owned();
                    assert!(text.to_lowercase().contains("authorization: bearer whsec_"), "{text}");
                    calls.fetch_add(1, Ordering::Relaxed);
                    let path = text.split(' ').nth(1).unwrap_or_default();
                    let id = path.rsplit_once("/Appointment/").map(|(_, id)| id.into());
                    if heed {
                        engine.look_at(ID, id).await.unwrap();
                    }
                    let answer = if heed { "200 OK" } else { "500 Internal Server Error" };
                    let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                    drop(stream.write_all(answer.as_bytes()).await);
                });
            }
        })
    }
}
