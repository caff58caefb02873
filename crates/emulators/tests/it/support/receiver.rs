//! A tiny MLLP server: keeps what comes, and answers as it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wire::hl7::Message;
use wire::hl7::ack::{Ack, AckCode, ErrorCode, Origin, Problem, write};
use wire::mllp::{Config, Decoder, Event, begin, end};

/// How a message is answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reply {
    Accept,
    /// AE: could not be stored, send it again.
    Again,
    /// AE: kept, not applied.
    Aside,
    Refuse,
    /// No answer at all.
    Silence,
    /// Hang up without an answer.
    HangUp,
    /// Hang up in the middle of the answer.
    HalfAnAnswer,
    /// First an answer to another message, then the right one.
    WrongFirst,
    /// The answer byte by byte.
    Trickle,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) connection: usize,
    pub(crate) bytes: Vec<u8>,
}

impl Got {
    pub(crate) fn message(&self) -> Message<'_> {
        Message::parse(&self.bytes).unwrap()
    }

    pub(crate) fn control_id(&self) -> String {
        String::from_utf8(self.message().control_id().raw().to_vec()).unwrap()
    }

    pub(crate) fn trigger(&self) -> String {
        String::from_utf8(self.message().trigger().to_vec()).unwrap()
    }

    /// One field's component as text.
    pub(crate) fn text(&self, segment: &str, field: usize, component: usize) -> String {
        let message = self.message();
        let found = message.get(segment.as_bytes()).field(field).component(component);
        found.text(&message.charset(None)).into_owned()
    }
}

struct Kept {
    got: Vec<Got>,
    connections: usize,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

impl Receiver {
    /// `reply` is asked for each message with its number, from 0.
    pub(crate) async fn start(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Receiver {
            address: listener.local_addr().unwrap(),
            kept: Arc::new(Mutex::new(Kept { got: Vec::new(), connections: 0 })),
        };
        tokio::spawn(receiver.clone().listen(listener, Arc::new(reply)));
        receiver
    }

    async fn listen(self, listener: TcpListener, reply: Arc<dyn Fn(usize) -> Reply + Send + Sync>) {
        let mut number = 0;
        while let Ok((stream, _)) = listener.accept().await {
            number += 1;
            self.kept.lock().unwrap().connections = number;
            tokio::spawn(self.clone().converse(stream, number, reply.clone()));
        }
    }

    async fn converse(
        self,
        mut stream: TcpStream,
        connection: usize,
        reply: Arc<dyn Fn(usize) -> Reply + Send + Sync>,
    ) {
        let mut decoder = Decoder::new(Config::default());
        loop {
            while let Some(event) = decoder.next_event() {
                let Event::Block { content, is_unframed: false } = event else { panic!("framing: {event:?}") };
                let got = Got { connection, bytes: content.to_vec() };
                let reply = {
                    let mut kept = self.kept.lock().unwrap();
                    kept.got.push(got.clone());
                    reply(kept.got.len() - 1)
                };
                if !answer(&mut stream, &got.bytes, reply).await {
                    return;
                }
            }
            match stream.read_buf(decoder.space(4096)).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.kept.lock().unwrap().got.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.kept.lock().unwrap().connections
    }

    pub(crate) fn forget(&self) {
        self.kept.lock().unwrap().got.clear();
    }

    /// Waits until so many messages came.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Got> {
        super::within(&format!("{count} messages"), async {
            while self.got().len() < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
        self.got()
    }
}

/// False: the connection is over.
async fn answer(stream: &mut TcpStream, message: &[u8], reply: Reply) -> bool {
    let right = |code| frame(message, code, None, &[]);
    match reply {
        Reply::Accept => stream.write_all(&right(AckCode::ApplicationAccept)).await.is_ok(),
        Reply::Refuse => stream.write_all(&right(AckCode::ApplicationReject)).await.is_ok(),
        Reply::Again => {
            let problems = [Problem::error(ErrorCode::INTERNAL, "The message could not be stored; send it again.")];
            stream.write_all(&frame(message, AckCode::ApplicationError, None, &problems)).await.is_ok()
        }
        Reply::Aside => {
            let problems = [Problem::error(ErrorCode::DATA_TYPE, "The month has no such day.")];
            stream.write_all(&frame(message, AckCode::ApplicationError, None, &problems)).await.is_ok()
        }
        Reply::Silence => true,
        Reply::HangUp => false,
        Reply::HalfAnAnswer => {
            let block = right(AckCode::ApplicationAccept);
            stream.write_all(&block[..block.len() / 2]).await.unwrap();
            false
        }
        Reply::WrongFirst => {
            let wrong = frame(message, AckCode::ApplicationReject, Some("SOMETHINGELSE"), &[]);
            stream.write_all(&wrong).await.unwrap();
            stream.write_all(&right(AckCode::ApplicationAccept)).await.is_ok()
        }
        Reply::Trickle => {
            stream.set_nodelay(true).unwrap();
            for byte in right(AckCode::CommitAccept) {
                stream.write_all(&[byte]).await.unwrap();
            }
            true
        }
    }
}

/// A framed answer; to another control id if one is given.
fn frame(message: &[u8], code: AckCode, control_id: Option<&str>, problems: &[Problem<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    begin(&mut out);
    let parsed = Message::parse(message).unwrap();
    let ack = Ack { code, control_id: "R1", time: "20261119150000+0000", problems };
    let from = out.len();
    write(&mut out, &Origin::of(&parsed, parsed.charset(None)), &ack);
    if let Some(other) = control_id {
        let own = String::from_utf8(parsed.control_id().raw().to_vec()).unwrap();
        let text = String::from_utf8(out.split_off(from)).unwrap().replace(&own, other);
        out.extend_from_slice(text.as_bytes());
    }
    end(&mut out);
    out
}
