//! A sender of a few lines: MLLP frames over TCP, one message at a time.

use crate::support::read_some;
use std::io::{Error, Write};
use std::net::TcpStream;
use std::time::Duration;

const BEGIN: u8 = 0x0b;
const END: [u8; 2] = [0x1c, 0x0d];

/// A connection to a listener.
pub(crate) struct Mllp(TcpStream);

impl Mllp {
    /// Connects to `host:port`.
    pub(crate) fn connect(address: &str) -> std::io::Result<Mllp> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Mllp(stream))
    }

    /// Sends a message and waits for its answer: the code (`AA`), the control id it answers, and the whole answer.
    pub(crate) fn send(&mut self, message: &str) -> std::io::Result<(String, String, String)> {
        let mut frame = vec![BEGIN];
        frame.extend_from_slice(message.as_bytes());
        frame.extend_from_slice(&END);
        self.0.write_all(&frame)?;
        let mut answer = Vec::new();
        let mut chunk = [0; 4096];
        while !answer.ends_with(&END) {
            match read_some(&mut self.0, &mut chunk)? {
                0 => return Err(Error::other("the connection ended before the answer")),
                n => answer.extend_from_slice(&chunk[..n]),
            }
        }
        let answer = String::from_utf8_lossy(&answer[1..answer.len() - END.len()]).into_owned();
        let msa = answer.split('\r').find(|segment| segment.starts_with("MSA|"));
        let mut fields = msa.ok_or_else(|| Error::other("an answer without MSA"))?.split('|').skip(1);
        let mut field = || fields.next().unwrap_or_default().to_owned();
        Ok((field(), field(), answer))
    }
}
