//! Senders as they are in practices: one message at a time on each connection, and what got no `AA` is sent again.

use crate::support::ledger::Ledger;
use crate::support::{Mllp, PATIENCE, Visit};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A port that was free a moment ago: a service that is started again comes back on the same one.
pub(crate) fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("its address is known").to_string()
}

/// Senders at work.
pub(crate) struct Load {
    senders: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
}

/// What senders do.
#[derive(Clone)]
pub(crate) struct Plan {
    /// Where messages are taken. Where there are several addresses, each message goes to another one than the message
    /// before it.
    pub(crate) addresses: Vec<String>,
    /// So many senders, each with connections and visits of its own.
    pub(crate) senders: usize,
    /// What the ids of the visits begin with.
    pub(crate) prefix: &'static str,
    /// What a sender waits after each answer.
    pub(crate) pace: Duration,
}

impl Load {
    /// Sends until [`Load::finish`] is called.
    pub(crate) fn start(plan: &Plan, ledger: &Ledger) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let senders = (0..plan.senders)
            .map(|number| {
                let sender = Sender {
                    plan: plan.clone(),
                    number,
                    feeds: plan.addresses.iter().map(|_| None).collect(),
                    turn: number,
                    ledger: ledger.clone(),
                };
                let stop = stop.clone();
                thread::spawn(move || sender.send_until(&stop))
            })
            .collect();
        Load { senders, stop }
    }

    /// Lets every sender finish the message that it is at, and waits for that.
    pub(crate) fn finish(self) {
        self.stop.store(true, Ordering::Relaxed);
        for sender in self.senders {
            sender.join().expect("every message was answered in the end");
        }
    }
}

struct Sender {
    plan: Plan,
    number: usize,
    feeds: Vec<Option<Mllp>>,
    turn: usize,
    ledger: Ledger,
}

impl Sender {
    fn send_until(mut self, stop: &AtomicBool) {
        for number in 0.. {
            let mut visit = Visit::new(&format!("{}-{}-{number}", self.plan.prefix, self.number));
            let mut versions = vec![(visit.clone(), "S12")];
            // Two of three visits are moved, and one of them twice.
            for step in 0..[2, 0, 1][number % 3] {
                visit.minute += 10 + step;
                versions.push((visit.clone(), "S13"));
            }
            for (visit, trigger) in versions {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                self.tell(&visit, trigger);
                thread::sleep(self.plan.pace);
            }
        }
    }

    /// Sends a message until it is answered `AA`: unchanged each time.
    fn tell(&mut self, visit: &Visit, trigger: &str) {
        let (control_id, message) = visit.message(trigger);
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.turn = (self.turn + 1) % self.feeds.len();
            let (address, feed) = (&self.plan.addresses[self.turn], &mut self.feeds[self.turn]);
            let began = Instant::now();
            let sent = match feed.as_mut() {
                Some(feed) => feed.send(&message),
                None => Mllp::connect(address).and_then(|fresh| feed.insert(fresh).send(&message)),
            };
            self.ledger.waited(began.elapsed());
            match sent {
                Ok((code, answered, answer)) => {
                    assert_eq!(answered, control_id, "the answer is to the message it is for: {answer}");
                    if code == "AA" {
                        return self.ledger.acknowledged(visit, &message);
                    }
                    assert_eq!(code, "AE", "nothing is wrong with the message: {answer}");
                    self.ledger.refused();
                    thread::sleep(Duration::from_millis(50));
                }
                Err(_) => {
                    *feed = None;
                    thread::sleep(Duration::from_millis(10));
                }
            }
            assert!(Instant::now() < deadline, "{} was not taken by anybody", visit.source_id);
        }
    }
}
