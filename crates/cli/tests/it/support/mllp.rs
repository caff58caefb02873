//! A sender of a few lines: MLLP frames over TCP, one message at a time.

use crate::support::read_some;
use std::io::{Error, Write};
use std::net::TcpStream;
use std::time::Duration;

const BEGIN: u8 = 0x0b;
const END: [u8; 2] = [0x1c, 0x0d];

/// A connection to a listener.
pub(crate) struct Mllp {
    stream: TcpStream,
    /// What was read behind the last answer.
    rest: Vec<u8>,
}

impl Mllp {
    /// Connects to `host:port`.
    pub(crate) fn connect(address: &str) -> std::io::Result<Mllp> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Mllp { stream, rest: Vec::new() })
    }

    /// Sends a message and waits for its answer: the code (`AA`), the control id it answers, and the whole answer.
    pub(crate) fn send(&mut self, message: &str) -> std::io::Result<(String, String, String)> {
        self.put([message])?;
        self.answer()
    }

    /// Sends messages, all in one go, and waits for none of their answers.
    pub(crate) fn put<'a>(&mut self, messages: impl IntoIterator<Item = &'a str>) -> std::io::Result<()> {
        let mut frames = Vec::new();
        for message in messages {
            frames.push(BEGIN);
            frames.extend_from_slice(message.as_bytes());
            frames.extend_from_slice(&END);
        }
        self.stream.write_all(&frames)
    }

    /// Waits for the next answer.
    pub(crate) fn answer(&mut self) -> std::io::Result<(String, String, String)> {
        let mut chunk = [0; 4096];
        let end = loop {
            if let Some(end) = self.rest.windows(END.len()).position(|two| two == END) {
                break end;
            }
            match read_some(&mut self.stream, &mut chunk)? {
                0 => return Err(Error::other("the connection ended before the answer")),
                n => self.rest.extend_from_slice(&chunk[..n]),
            }
        };
        let frame: Vec<u8> = self.rest.drain(..end + END.len()).collect();
        let answer = String::from_utf8_lossy(&frame[1..end]).into_owned();
        let msa = answer.split('\r').find(|segment| segment.starts_with("MSA|"));
        let mut fields = msa.ok_or_else(|| Error::other("an answer without MSA"))?.split('|').skip(1);
        let mut field = || fields.next().unwrap_or_default().to_owned();
        Ok((field(), field(), answer))
    }
}
