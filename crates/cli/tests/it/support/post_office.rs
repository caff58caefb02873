//! A mail server that we did not write: `aiosmtpd`, a Python package, which keeps what it takes in a folder; and a
//! gateway for text messages.

use crate::support::until;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A mail server with its letters.
pub(crate) struct PostOffice {
    pub(crate) port: u16,
    folder: TempDir,
    server: Option<Child>,
}

/// The server, where `./test` has put it.
#[expect(clippy::disallowed_methods, reason = "which server to use is said by the environment of the tests")]
fn server() -> PathBuf {
    let named = std::env::var_os("PUNCTUAL_TEST_MAIL_SERVER").map(PathBuf::from);
    let installed = || {
        let target = PathBuf::from(env!("CARGO_BIN_EXE_punctual")).ancestors().nth(2).map(PathBuf::from);
        target.map(|target| target.join("hl7-client/bin/aiosmtpd"))
    };
    match named.or_else(installed) {
        Some(server) if server.exists() => server,
        _ => panic!(
            "aiosmtpd is missing. `./test needs` installs it; or install the Python package aiosmtpd and set \
             PUNCTUAL_TEST_MAIL_SERVER to the path of its aiosmtpd."
        ),
    }
}

impl PostOffice {
    /// A port for a mail server that is not open yet.
    pub(crate) fn closed() -> PostOffice {
        // Below the ports that systems give out by themselves: nobody is given this one before the server has it.
        let first = 10_000 + std::process::id() % 20_000;
        let mut ports = (first..32_000).chain(10_000..first).filter_map(|port| u16::try_from(port).ok());
        let free = ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
        let port = free.expect("there is a free port");
        PostOffice { port, folder: tempfile::tempdir().expect("there is room for letters"), server: None }
    }

    /// An open mail server.
    pub(crate) fn open() -> PostOffice {
        let mut office = PostOffice::closed();
        office.start();
        office
    }

    /// Opens it.
    pub(crate) fn start(&mut self) {
        let address = format!("127.0.0.1:{}", self.port);
        let mut command = Command::new(server());
        command.args(["-n", "-l", &address, "-c", "aiosmtpd.handlers.Mailbox"]).arg(self.folder.path().join("mail"));
        let server = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.server = Some(server.expect("the mail server can be started"));
        until("the mail server is open", || TcpStream::connect(&address).map(drop).map_err(|error| error.to_string()));
    }

    /// Where it is.
    pub(crate) fn address(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The letters it took, in no order.
    pub(crate) fn letters(&self) -> Vec<String> {
        let new = std::fs::read_dir(self.folder.path().join("mail/new"));
        let files = new.into_iter().flatten().map(|file| file.expect("the folder can be read").path());
        files.map(|path| std::fs::read_to_string(path).expect("a letter can be read")).collect()
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            drop(server.kill());
            drop(server.wait());
        }
    }
}

/// A header of a letter, with its continued lines.
pub(crate) fn header(letter: &str, name: &str) -> String {
    let start = format!("{}: ", name.to_lowercase());
    let mut lines = letter.lines().take_while(|line| !line.is_empty());
    let first =
        lines.find(|line| line.to_lowercase().starts_with(&start)).unwrap_or_else(|| panic!("{name}: {letter}"));
    let more: Vec<&str> = lines.take_while(|line| line.starts_with([' ', '\t'])).map(str::trim).collect();
    [&[&first[start.len()..]], more.as_slice()].concat().join(" ")
}
