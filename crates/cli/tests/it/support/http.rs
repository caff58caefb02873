//! A client of a few lines, so that nothing of ours stands between a test and the socket.

use crate::support::read_some;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Whom to ask, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: String,
    token: Option<String>,
    cookie: Option<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A stream of events.
pub(crate) struct Events(BufReader<TcpStream>);

impl Events {
    /// The next event's name or sign of life; what holds the stream together is passed over.
    pub(crate) fn next(&mut self) -> String {
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line).expect("the stream can be read");
            assert!(read > 0, "the stream ended");
            if line.starts_with(": ") || line.starts_with("event:") {
                return line.trim_end().to_owned();
            }
        }
    }
}

impl Client {
    /// Asks this `host:port` (or `http://host:port`).
    pub(crate) fn new(address: &str) -> Client {
        let address = address.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Client { address, token: None, cookie: None }
    }

    /// The same with a bearer token.
    pub(crate) fn token(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same with the session of a browser.
    pub(crate) fn cookie(&self, cookie: &str) -> Client {
        Client { cookie: Some(cookie.to_owned()), ..self.clone() }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", "")
    }

    /// The JSON behind a path that must answer 200.
    pub(crate) fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.json()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "application/json", &body.to_string())
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, "application/json", &body.to_string())
    }

    /// Sends a form, as a page does.
    pub(crate) fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send("POST", path, "application/x-www-form-urlencoded", &form(fields))
    }

    /// Opens a stream of events, as a page that stays open does.
    pub(crate) fn events(&self, path: &str) -> Events {
        let mut stream = TcpStream::connect(&self.address).expect("somebody is there");
        let cookie = self.cookie.as_deref().unwrap_or_default();
        let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).expect("it can be asked");
        Events(BufReader::new(stream))
    }

    /// Sends anything and waits for the answer.
    pub(crate) fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> Answer {
        self.try_send(method, path, kind, body)
            .unwrap_or_else(|error| panic!("{method} {}{path}: {error}", self.address))
    }

    /// The same, where nobody may be there.
    pub(crate) fn try_send(&self, method: &str, path: &str, kind: &str, body: &str) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        if let Some(token) = &self.token {
            head.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        if let Some(cookie) = &self.cookie {
            head.push_str(&format!("cookie: {cookie}\r\n"));
        }
        if !kind.is_empty() {
            head.push_str(&format!("content-type: {kind}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        let mut answer = Vec::new();
        let mut chunk = [0; 16 * 1024];
        // Not everybody hangs up when asked to; whoever said how long the answer is has said when it ends.
        while !is_complete(&answer) {
            match read_some(&mut stream, &mut chunk)? {
                0 => break,
                n => answer.extend_from_slice(&chunk[..n]),
            }
        }
        Answer::read(&answer).ok_or_else(|| std::io::Error::other("the answer is no HTTP"))
    }
}

impl Answer {
    fn read(bytes: &[u8]) -> Option<Answer> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let head = head.to_ascii_lowercase();
        let body = if head.contains("transfer-encoding: chunked") { unchunked(body) } else { body.to_owned() };
        Some(Answer { status, head, body })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The cookie that it sets.
    pub(crate) fn cookie(&self) -> Option<String> {
        let line = self.head.lines().find_map(|line| line.strip_prefix("set-cookie: "))?;
        Some(line.split(';').next()?.to_owned())
    }
}

fn is_complete(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| answer.len() >= end + 4 + length)
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let Some(chunk) = usize::from_str_radix(size, 16).ok().and_then(|size| rest.get(..size)) else { break };
        whole.push_str(chunk);
        body = rest.get(chunk.len() + 2..).unwrap_or_default();
    }
    whole
}

/// Fields as a browser sends them.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        let byte = |byte: u8| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        };
        text.bytes().map(byte).collect::<String>()
    };
    let fields = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    fields.collect::<Vec<_>>().join("&")
}
