//! The MLLP listener: many connections, many messages on each, answers in order and only after the commit.

use crate::hl7v2::channels::Channels;
use crate::hl7v2::intake::{Intake, Pending};
use domain::ids::IntegrationKey;
use domain::text::Text;
use domain::time::Moment;
use engine::ingest::Line;
use engine::ops::Coverage;
use engine::setup::Integration;
use engine::{Engine, Stop};
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use wire::mllp::{Config, Decoder, Event};

/// Bounds of a listener.
#[derive(Clone, Copy, Debug)]
pub struct ListenerOptions {
    /// The largest message; a larger one is refused without being held in memory.
    pub largest_message: usize,
    /// A message that has begun must go on within so many seconds.
    pub stall_secs: u64,
    /// Connections at one time.
    pub connections: usize,
    /// Messages of one connection that may wait for their answers.
    pub in_flight: usize,
}

impl Default for ListenerOptions {
    fn default() -> ListenerOptions {
        ListenerOptions { largest_message: 1024 * 1024, stall_secs: 30, connections: 1024, in_flight: 256 }
    }
}

/// Coverage is written this often.
const COVERAGE_EVERY: Duration = Duration::from_secs(15);
/// Ports of their own are looked for this often.
const PORTS_EVERY: Duration = Duration::from_secs(2);

/// Ids of our own answers, unique within this process.
static ANSWERS: AtomicU64 = AtomicU64::new(1);

/// Listens until told to stop. `owner`: whose feed everything on this port is; `None`: MSH-4 says.
pub async fn listen(
    listener: TcpListener,
    intake: Arc<Intake>,
    channels: Arc<Channels>,
    owner: Option<Text>,
    options: ListenerOptions,
    mut stop: Stop,
) {
    let places = Arc::new(Semaphore::new(options.connections));
    let mut connections = tokio::task::JoinSet::new();
    let mut number = 0_u32;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            () = stop.requested() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of sockets, most likely: let some connections end.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            tracing::warn!(%peer, limit = options.connections, "too many connections: one was turned away");
            continue;
        };
        number = number.wrapping_add(1);
        let connection = Connection {
            intake: intake.clone(),
            channels: channels.clone(),
            owner: owner.clone(),
            options,
            channel: Text::from(format_args!("mllp {}", peer.ip())),
            number,
            connected_at: intake.engine().clock().now(),
            feeds: HashSet::new(),
            unanswered: VecDeque::new(),
        };
        let stop = stop.clone();
        connections.spawn(async move {
            connection.serve(stream, peer, stop).await;
            drop(place);
        });
    }
    while connections.join_next().await.is_some() {}
}

/// Listens on the ports that integrations have of their own, as the set-up names them.
pub async fn listen_on_own_ports(
    host: std::net::IpAddr,
    intake: Arc<Intake>,
    channels: Arc<Channels>,
    options: ListenerOptions,
    mut stop: Stop,
) {
    let mut open: HashMap<(Text, u16), tokio::task::JoinHandle<()>> = HashMap::new();
    loop {
        let book = intake.engine().setup();
        let wanted: HashSet<(Text, u16)> = book
            .integrations()
            .filter_map(|integration| {
                Some((integration.rules.integration.clone(), integration.document.source.mllp_port?))
            })
            .collect();
        open.retain(|port, task| {
            let keep = wanted.contains(port);
            if !keep {
                task.abort();
            }
            keep
        });
        for (id, port) in wanted {
            if open.contains_key(&(id.clone(), port)) {
                continue;
            }
            match TcpListener::bind(SocketAddr::new(host, port)).await {
                Ok(listener) => {
                    tracing::info!(integration = %id, port, "listening for HL7 v2 of one integration");
                    let task = tokio::spawn(listen(
                        listener,
                        intake.clone(),
                        channels.clone(),
                        Some(id.clone()),
                        options,
                        stop.clone(),
                    ));
                    open.insert((id, port), task);
                }
                Err(error) => {
                    tracing::error!(integration = %id, port, %error, "the integration's own port cannot be opened");
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PORTS_EVERY) => {}
            () = stop.requested() => break,
        }
    }
    for (_, task) in open {
        drop(task.await);
    }
}

/// Writes what the channels prove, until told to stop.
pub async fn prove_coverage(intake: Arc<Intake>, channels: Arc<Channels>, mut stop: Stop) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(COVERAGE_EVERY) => {}
            () = stop.requested() => return,
        }
        write_coverage(intake.engine(), &channels, channels.proven(intake.engine().clock().now())).await;
    }
}

/// What cannot be written now is written later: the next stretch of a feed goes on from where this one began.
async fn write_coverage(engine: &Engine, channels: &Channels, stretches: Vec<Coverage>) {
    match engine.note_coverage(stretches.clone()).await {
        Ok(()) => channels.written(&stretches),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "coverage could not be written");
        }
    }
}

struct Connection {
    intake: Arc<Intake>,
    channels: Arc<Channels>,
    owner: Option<Text>,
    options: ListenerOptions,
    channel: Text,
    /// Its number among the listener's connections.
    number: u32,
    connected_at: Moment,
    /// Feeds that this connection turned out to carry.
    feeds: HashSet<IntegrationKey>,
    /// When the messages came that are not answered yet, and the feeds they are for; in order.
    unanswered: VecDeque<(Moment, Vec<IntegrationKey>)>,
}

/// However a connection ends, also when its port is closed under it.
impl Drop for Connection {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Connection {
    async fn serve(mut self, stream: TcpStream, peer: SocketAddr, stop: Stop) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no delay could not be set");
        }
        if let Err(error) = self.talk(stream, stop).await {
            tracing::debug!(%peer, %error, "a connection ended");
        }
        self.leave();
        write_coverage(self.intake.engine(), &self.channels, self.channels.ended()).await;
    }

    fn leave(&mut self) {
        let now = self.intake.engine().clock().now();
        for (at, feeds) in self.unanswered.drain(..) {
            feeds.into_iter().for_each(|key| self.channels.abandoned(key, at));
        }
        for key in self.feeds.drain() {
            self.channels.left(key, now);
        }
    }

    /// Reads, hands in, answers.
    async fn talk(&mut self, stream: TcpStream, mut stop: Stop) -> std::io::Result<()> {
        let (mut incoming, mut outgoing) = stream.into_split();
        let mut decoder =
            Decoder::new(Config { max_block_bytes: self.options.largest_message, tolerate_unframed: false });
        let mut waiting: VecDeque<Pending> = VecDeque::new();
        let mut out = Vec::new();
        loop {
            // Everything that was read goes on its way at once; the answers follow in order, written together.
            loop {
                self.take_blocks(&mut decoder, &mut waiting).await;
                if waiting.is_empty() {
                    break;
                }
                while let Some(pending) = waiting.pop_front() {
                    self.answer(pending, &mut out).await;
                }
            }
            if !out.is_empty() {
                outgoing.write_all(&out).await?;
                out.clear();
            }
            let stall = Duration::from_secs(self.options.stall_secs);
            let in_block = decoder.in_block();
            let read = incoming.read_buf(decoder.space(16 * 1024));
            let read = tokio::select! {
                read = read => read?,
                () = tokio::time::sleep(stall), if in_block => {
                    self.keep_partial(&mut decoder).await;
                    return Err(std::io::Error::new(std::io::ErrorKind::TimedOut, "a message stopped in the middle"));
                }
                () = stop.requested() => return Ok(()),
            };
            if read == 0 {
                self.keep_partial(&mut decoder).await;
                return Ok(());
            }
        }
    }

    async fn take_blocks(&mut self, decoder: &mut Decoder, waiting: &mut VecDeque<Pending>) {
        let owner = self.owner.as_ref().and_then(|id| self.intake.engine().setup().named(id).cloned());
        while waiting.len() < self.options.in_flight {
            match decoder.next_event() {
                None => break,
                Some(Event::Block { content, .. }) => {
                    let line = Line { number: self.number, alone: waiting.is_empty() };
                    let pending = self.intake.hand_in(content, &self.channel, owner.as_ref(), line).await;
                    self.note_feeds(&pending, owner.as_ref());
                    waiting.push_back(pending);
                }
                Some(Event::Oversize { head, total }) => {
                    let why =
                        format!("The message has {total} bytes; at most {} are taken.", self.options.largest_message);
                    let pending = self.intake.keep_unreadable(head, &self.channel, &why).await;
                    self.note_feeds(&pending, owner.as_ref());
                    waiting.push_back(pending);
                }
                Some(Event::Partial { .. } | Event::Commit(_)) => {}
                Some(Event::Note(note)) => tracing::warn!(channel = %self.channel, note = note.as_str(), "odd framing"),
            }
        }
    }

    fn note_feeds(&mut self, pending: &Pending, owner: Option<&Arc<Integration>>) {
        let now = self.intake.engine().clock().now();
        let feeds: Vec<IntegrationKey> = match (pending.unreadable, owner) {
            (false, _) => pending.feeds().collect(),
            (true, Some(owner)) => vec![owner.key()],
            // It may have been for any of the feeds that come this way.
            (true, None) => self.feeds.iter().copied().collect(),
        };
        for &key in &feeds {
            if self.feeds.insert(key) {
                let book = self.intake.engine().setup();
                let integration = owner.or_else(|| book.get(key));
                let quiet_secs = integration.map_or(60, |integration| integration.rules.source.hl7v2.quiet_secs);
                self.channels.joined(key, self.connected_at, now, quiet_secs);
            }
            self.channels.heard(key, now);
        }
        self.unanswered.push_back((now, feeds));
    }

    async fn answer(&mut self, pending: Pending, out: &mut Vec<u8>) {
        let number = ANSWERS.fetch_add(1, Ordering::Relaxed);
        let now = self.intake.engine().clock().now();
        let unreadable = pending.unreadable;
        let lost = pending.answer(out, &format!("PCT{:x}{number:x}", now.seconds()), now).await;
        let Some((at, feeds)) = self.unanswered.pop_front() else { return };
        let now = self.intake.engine().clock().now();
        for key in feeds {
            if unreadable || lost.contains(&key) {
                self.channels.missed(key, at, now);
            } else {
                self.channels.kept(key, at);
            }
        }
    }

    /// The beginning of a message that never ended: kept for diagnosis, not acknowledged.
    async fn keep_partial(&self, decoder: &mut Decoder) {
        if let Some(Event::Partial { head, total }) = decoder.close() {
            tracing::warn!(channel = %self.channel, bytes = total, "a message broke off; it was not acknowledged");
            drop(self.intake.keep_unreadable(head, &self.channel, "The message broke off in the middle.").await);
        }
    }
}
