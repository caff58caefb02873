//! A tiny web server that keeps what is pushed to it, and answers as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What was pushed.
#[derive(Clone, Debug)]
pub(crate) struct Pushed {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Pushed {
    pub(crate) fn header(&self, name: &str) -> String {
        let found = self.head.lines().filter_map(|line| line.split_once(": "));
        found.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next().unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

type Reply = dyn Fn(&Pushed) -> (u16, String) + Send + Sync;

#[derive(Clone)]
pub(crate) struct Hooked {
    pub(crate) url: String,
    got: Arc<Mutex<Vec<Pushed>>>,
}

impl Hooked {
    pub(crate) async fn start(reply: impl Fn(&Pushed) -> (u16, String) + Send + Sync + 'static) -> Hooked {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let hooked = Hooked { url, got: Arc::default() };
        let (kept, reply): (_, Arc<Reply>) = (hooked.got.clone(), Arc::new(reply));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, kept.clone(), reply.clone()));
            }
        });
        hooked
    }

    pub(crate) fn got(&self) -> Vec<Pushed> {
        self.got.lock().unwrap().clone()
    }

    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Pushed> {
        crate::support::within(&format!("{count} pushes"), async {
            while self.got().len() < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
        self.got()
    }
}

async fn answer(mut stream: TcpStream, kept: Arc<Mutex<Vec<Pushed>>>, reply: Arc<Reply>) {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            break (head.to_owned(), length.unwrap_or(0));
        }
    };
    while bytes.len() < head.len() + 4 + length {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let mut first = head.split(' ');
    let pushed = Pushed {
        method: first.next().unwrap().to_owned(),
        target: first.next().unwrap().to_owned(),
        body: String::from_utf8(bytes[head.len() + 4..].to_vec()).unwrap(),
        head,
    };
    let (status, body) = reply(&pushed);
    kept.lock().unwrap().push(pushed);
    let text = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    // The twin may have hung up: that is its business.
    stream.write_all(text.as_bytes()).await.ok();
}
