//! A sender's side of an MLLP connection, written by hand: it may send what no good sender sends.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::hl7::Message;
use wire::hl7::ack::Reply;

/// An answer later than this will not come.
const PATIENCE: Duration = Duration::from_secs(20);
/// After this long nothing more is on the way, where nothing is expected.
const QUIET: Duration = Duration::from_millis(300);

/// A connection.
pub(crate) struct Link {
    stream: TcpStream,
    waiting: Vec<u8>,
}

/// An answer, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// `AA`, `AE`, `AR`, or a commit code.
    pub(crate) code: String,
    /// MSA-2, byte for byte.
    pub(crate) answers: Vec<u8>,
    /// The places that ERR names, as `SCH-11.4`.
    pub(crate) places: Vec<String>,
    /// The error codes of table 0357.
    pub(crate) codes: Vec<u16>,
    /// The sentences: ERR-7, or MSA-3 of the older form.
    pub(crate) says: Vec<String>,
}

impl Link {
    pub(crate) async fn open(address: SocketAddr) -> Link {
        Link { stream: TcpStream::connect(address).await.unwrap(), waiting: Vec::new() }
    }

    /// Sends bytes as they are.
    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Sends a message in a frame.
    pub(crate) async fn send(&mut self, message: &[u8]) {
        let mut frame = vec![0x0b];
        frame.extend_from_slice(message);
        frame.extend_from_slice(b"\x1c\r");
        self.send_raw(&frame).await;
    }

    /// Sends a message and waits for its answer.
    pub(crate) async fn ask(&mut self, message: &[u8]) -> Heard {
        self.send(message).await;
        self.hear().await
    }

    /// The next answer.
    pub(crate) async fn hear(&mut self) -> Heard {
        tokio::time::timeout(PATIENCE, self.next()).await.expect("an answer in time").expect("an open connection")
    }

    /// Nothing comes.
    pub(crate) async fn hears_nothing(&mut self) {
        if let Ok(heard) = tokio::time::timeout(QUIET, self.next()).await {
            panic!("no answer was due: {heard:?}");
        }
    }

    /// The other side closes the connection.
    pub(crate) async fn is_closed(&mut self) {
        let end = tokio::time::timeout(PATIENCE, self.next()).await.expect("an end in time");
        assert_eq!(end, None, "the connection is closed without an answer");
    }

    /// Closes our side; what was sent so far has still to be dealt with.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some(end) = self.waiting.windows(2).position(|pair| pair == b"\x1c\r") {
                let frame: Vec<u8> = self.waiting.drain(..end + 2).collect();
                assert_eq!(frame[0], 0x0b, "an answer begins with a start byte");
                return Some(read(&frame[1..end]));
            }
            if self.stream.read_buf(&mut self.waiting).await.unwrap_or(0) == 0 {
                assert!(self.waiting.is_empty(), "half an answer: {:?}", String::from_utf8_lossy(&self.waiting));
                return None;
            }
        }
    }
}

fn read(answer: &[u8]) -> Heard {
    let message = Message::parse(answer).expect("an answer that can be read");
    let charset = message.charset(None);
    let reply = Reply::read(&message).expect("an answer");
    let mut says: Vec<String> = Reply::errors(&message)
        .map(|error| error.diagnostic.text(&charset).into_owned())
        .filter(|sentence| !sentence.is_empty())
        .collect();
    if reply.text.has_value() {
        says.push(reply.text.text(&charset).into_owned());
    }
    Heard {
        code: reply.code.as_str().to_owned(),
        answers: reply.answers.raw().to_vec(),
        places: Reply::errors(&message).filter_map(|error| Some(error.location?.to_string())).collect(),
        codes: Reply::errors(&message).filter_map(|error| Some(error.code?.0)).collect(),
        says,
    }
}
