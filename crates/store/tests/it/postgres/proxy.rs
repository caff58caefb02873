//! A way to the database that can be cut at the moment of a commit.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

/// What happens at the next commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Cut {
    /// Nothing.
    Never,
    /// The connection is cut before the server hears of it.
    BeforeCommit,
    /// The server does it, and the connection is cut before its answer comes back.
    BeforeAnswer,
    /// The same, and nobody gets through any more.
    BeforeAnswerForGood,
    /// Nobody gets through.
    Closed,
}

const CUTS: [Cut; 5] = [Cut::Never, Cut::BeforeCommit, Cut::BeforeAnswer, Cut::BeforeAnswerForGood, Cut::Closed];

/// The way.
pub(crate) struct Proxy {
    address: String,
    next: Arc<AtomicU8>,
    server: String,
}

impl Proxy {
    /// To the server at an address of the form `postgres://user:password@host:port/database?options`.
    pub(crate) fn to(server: &str) -> Proxy {
        let (_, rest) = server.split_once('@').unwrap();
        let (host, _) = rest.split_once('/').unwrap();
        let (host, next) = (host.to_owned(), Arc::new(AtomicU8::new(Cut::Never as u8)));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (seen, to) = (next.clone(), host.clone());
        // The thread ends with the test's process.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if cut(&seen) == Cut::Closed {
                    continue;
                }
                let server = TcpStream::connect(&to).unwrap();
                carry(client, server, seen.clone());
            }
        });
        Proxy { address: server.replacen(&host, &address, 1), next, server: server.to_owned() }
    }

    /// The address of the database by this way.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The address of the database itself.
    pub(crate) fn straight(&self) -> &str {
        &self.server
    }

    /// From now on.
    pub(crate) fn at_the_next_commit(&self, cut: Cut) {
        self.next.store(cut as u8, Ordering::SeqCst);
    }
}

fn cut(next: &AtomicU8) -> Cut {
    CUTS[usize::from(next.load(Ordering::SeqCst))]
}

fn carry(client: TcpStream, server: TcpStream, next: Arc<AtomicU8>) {
    // Once a commit went through, its answer does not.
    let withheld = Arc::new(Mutex::new(false));
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (mut from_server, mut to_client) = (server, client);
    let hold = withheld.clone();
    std::thread::spawn(move || {
        let mut chunk = [0; 65536];
        while let Ok(read) = from_client.read(&mut chunk) {
            let commits = chunk[..read].windows(7).any(|bytes| bytes == b"COMMIT\0");
            let what = if commits { cut(&next) } else { Cut::Never };
            match what {
                Cut::BeforeCommit => {
                    next.store(Cut::Never as u8, Ordering::SeqCst);
                    break;
                }
                Cut::BeforeAnswer | Cut::BeforeAnswerForGood => {
                    *hold.lock().unwrap() = true;
                    let then = if what == Cut::BeforeAnswer { Cut::Never } else { Cut::Closed };
                    next.store(then as u8, Ordering::SeqCst);
                }
                Cut::Never | Cut::Closed => {}
            }
            if read == 0 || to_server.write_all(&chunk[..read]).is_err() {
                break;
            }
        }
        drop(to_server.shutdown(Shutdown::Both));
        drop(from_client.shutdown(Shutdown::Both));
    });
    std::thread::spawn(move || {
        let mut chunk = [0; 65536];
        while let Ok(read) = from_server.read(&mut chunk) {
            if read == 0 || *withheld.lock().unwrap() || to_client.write_all(&chunk[..read]).is_err() {
                break;
            }
        }
        drop(to_client.shutdown(Shutdown::Both));
        drop(from_server.shutdown(Shutdown::Both));
    });
}
