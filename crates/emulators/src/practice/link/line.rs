//! The connection: blocks out, answers in.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::hl7::Message;
use wire::hl7::ack::{AckCode, Reply};
use wire::mllp::{self, Config, Decoder, Event};

/// An open connection.
#[derive(Debug)]
pub(super) struct Line {
    address: SocketAddr,
    stream: TcpStream,
    decoder: Decoder,
}

/// What came back.
#[derive(Debug)]
pub(super) enum Heard {
    /// The answer that was waited for.
    Answer {
        /// MSA-1.
        code: AckCode,
        /// What it says is wrong.
        text: String,
        /// The receiver could not take the message just now.
        again: bool,
    },
    /// Something else: an answer that comes too late, or no answer at all.
    Other,
}

impl Line {
    /// Connects, with this much patience.
    pub(super) async fn open(address: SocketAddr, patience: Duration) -> io::Result<Line> {
        let connected = tokio::time::timeout(patience, TcpStream::connect(address)).await;
        let stream = connected.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        stream.set_nodelay(true)?;
        Ok(Line { address, stream, decoder: Decoder::new(Config::default()) })
    }

    /// Where it leads.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a message as one block in one write.
    pub(super) async fn say(&mut self, message: &[u8]) -> io::Result<()> {
        let mut block = Vec::with_capacity(message.len() + 3);
        mllp::encode(&mut block, message).map_err(io::Error::other)?;
        self.stream.write_all(&block).await
    }

    /// Waits for the next thing that the other side says. May be dropped while it waits: nothing is lost.
    pub(super) async fn hear(&mut self, control_id: &str) -> io::Result<Heard> {
        loop {
            while let Some(event) = self.decoder.next_event() {
                if let Event::Block { content, .. } = event {
                    return Ok(read(content, control_id));
                }
            }
            if self.stream.read_buf(self.decoder.space(4096)).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
        }
    }
}

fn read(content: &[u8], control_id: &str) -> Heard {
    let Ok(message) = Message::parse(content) else { return Heard::Other };
    let Ok(reply) = Reply::read(&message) else { return Heard::Other };
    if reply.answers.raw().trim_ascii() != control_id.as_bytes() {
        return Heard::Other;
    }
    let charset = message.charset(None);
    let problems: Vec<_> = Reply::errors(&message).collect();
    let again = !reply.code.is_accept()
        && problems.iter().any(|problem| problem.code.is_some_and(wire::hl7::ack::ErrorCode::may_pass_later));
    let mut said: Vec<String> = Vec::new();
    for problem in &problems {
        let place = problem.location.map(|place| format!("{place}: ")).unwrap_or_default();
        let words =
            [problem.user_message.text(&charset), problem.diagnostic.text(&charset), problem.text.text(&charset)];
        said.extend(words.into_iter().find(|words| !words.is_empty()).map(|words| format!("{place}{words}")));
    }
    if said.is_empty() && reply.text.has_value() {
        said.push(reply.text.text(&charset).into_owned());
    }
    Heard::Answer { code: reply.code, text: said.join(" "), again }
}
