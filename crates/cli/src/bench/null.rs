//! The yardstick: an MLLP server that keeps bytes and answers, and nothing else. It parses only what its answer
//! repeats.

use std::fs::File;
use std::io::Write;
use std::sync::mpsc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// How it keeps what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// Each message is written and synced for itself.
    Each,
    /// All that is waiting is written and synced together.
    Group,
}

type Kept = (Vec<u8>, oneshot::Sender<()>);

/// Serves until the runtime ends.
pub(crate) async fn null_server(listener: TcpListener, mut file: File, keeping: Keeping) {
    let (queue, waiting) = mpsc::channel::<Kept>();
    std::thread::spawn(move || {
        while let Ok(first) = waiting.recv() {
            let mut batch = vec![first];
            if keeping == Keeping::Group {
                batch.extend(waiting.try_iter());
            }
            let bytes: Vec<u8> = batch.iter().flat_map(|(message, _)| message.iter().copied()).collect();
            if file.write_all(&bytes).and_then(|()| file.sync_data()).is_err() {
                return;
            }
            for (_, kept) in batch {
                if kept.send(()).is_err() {
                    tracing::debug!("a sender went away");
                }
            }
        }
    });
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, queue.clone()));
    }
}

async fn serve(mut stream: TcpStream, queue: mpsc::Sender<Kept>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4096);
    loop {
        while let Some(end) = buffer.windows(2).position(|pair| pair == b"\x1c\r") {
            let rest = buffer.split_off(end + 2);
            let message = std::mem::replace(&mut buffer, rest);
            let control = message.split(|byte| *byte == b'|').nth(9).unwrap_or_default().to_vec();
            let (kept, durable) = oneshot::channel();
            if queue.send((message, kept)).is_err() || durable.await.is_err() {
                return Ok(());
            }
            let mut answer = b"\x0bMSH|^~\\&|||||||ACK|1|P|2.5.1\rMSA|AA|".to_vec();
            answer.extend_from_slice(&control);
            answer.extend_from_slice(b"\r\x1c\r");
            stream.write_all(&answer).await?;
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
}
