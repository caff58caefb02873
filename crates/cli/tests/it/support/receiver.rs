//! A platform of a few lines: a real HTTP server that writes down what it is sent and answers as a test wants.

use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What was delivered.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// `webhook-id`: the idempotency key.
    pub(crate) id: String,
    /// Every header, its name in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body as it came.
    pub(crate) body: String,
    /// The body as JSON.
    pub(crate) json: Value,
    /// When it was read.
    pub(crate) at: Instant,
    /// How often a delivery with this id came, this one counted.
    pub(crate) attempt: usize,
}

impl Delivery {
    /// The visit it is about.
    pub(crate) fn source_id(&self) -> &str {
        self.json["data"]["source_id"].as_str().unwrap_or_default()
    }

    /// Its name, when it is about no visit: `exception.opened`.
    pub(crate) fn event(&self) -> Option<&str> {
        self.json["type"].as_str().filter(|name| !name.starts_with("appointment."))
    }

    /// The version of its card.
    pub(crate) fn version(&self) -> u64 {
        self.json["data"]["version"].as_u64().unwrap_or_default()
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: String,
    body: String,
    after: Duration,
    hang_up: bool,
}

impl Reply {
    /// 200, with the platform's own id of the card.
    pub(crate) fn confirmed(delivery: &Delivery) -> Reply {
        Reply::new(200, &format!("{{\"platform_id\": \"card_{}\"}}", delivery.source_id()))
    }

    /// Any status with a JSON body.
    pub(crate) fn new(status: u16, body: &str) -> Reply {
        Reply { status, headers: String::new(), body: body.to_owned(), after: Duration::ZERO, hang_up: false }
    }

    /// The connection is cut after the delivery was read.
    pub(crate) fn hang_up() -> Reply {
        Reply { hang_up: true, ..Reply::new(200, "") }
    }

    /// The same with a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Reply {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    /// The same, so much later.
    pub(crate) fn after(self, after: Duration) -> Reply {
        Reply { after, ..self }
    }
}

type Script = Box<dyn Fn(&Delivery) -> Reply + Send + Sync>;

struct Room {
    deliveries: Mutex<Log>,
    script: Mutex<Arc<Script>>,
    /// The same for events that are about no visit.
    events: Mutex<Arc<Script>>,
}

#[derive(Default)]
struct Log {
    /// The script alone keeps what it wants to know.
    forgetful: bool,
    deliveries: Vec<Delivery>,
    /// How often each id came.
    seen: HashMap<String, usize>,
}

/// A platform that listens until the test ends.
#[derive(Clone)]
pub(crate) struct Receiver {
    address: SocketAddr,
    room: Arc<Room>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Receiver {
    /// A platform that confirms everything.
    pub(crate) fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("its address is known");
        let script: Script = Box::new(Reply::confirmed);
        let events: Script = Box::new(|_| Reply::new(204, ""));
        let (script, events) = (Mutex::new(Arc::new(script)), Mutex::new(Arc::new(events)));
        let room = Arc::new(Room { deliveries: Mutex::default(), script, events });
        let shared = room.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let room = shared.clone();
                thread::spawn(move || drop(serve(stream, &room)));
            }
        });
        Receiver { address, room }
    }

    /// The same, keeping no delivery: a long run brings too many. The script writes down what is needed.
    pub(crate) fn forgetful() -> Receiver {
        let receiver = Receiver::start();
        locked(&receiver.room.deliveries).forgetful = true;
        receiver
    }

    /// From here on it answers events that are about no visit like this. Until then it takes them.
    pub(crate) fn answers_events(&self, script: impl Fn(&Delivery) -> Reply + Send + Sync + 'static) {
        *locked(&self.room.events) = Arc::new(Box::new(script));
    }

    /// From here on it answers deliveries of visits like this.
    pub(crate) fn answers(&self, script: impl Fn(&Delivery) -> Reply + Send + Sync + 'static) {
        *locked(&self.room.script) = Arc::new(Box::new(script));
    }

    /// Where it takes deliveries.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Every delivery of a visit, in order.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.all(|delivery| delivery.event().is_none())
    }

    /// Every event that is about no visit, in order.
    pub(crate) fn events(&self) -> Vec<Delivery> {
        self.all(|delivery| delivery.event().is_some())
    }

    fn all(&self, which: impl Fn(&Delivery) -> bool) -> Vec<Delivery> {
        locked(&self.room.deliveries).deliveries.iter().filter(|delivery| which(delivery)).cloned().collect()
    }

    /// What was delivered about a visit, in order.
    pub(crate) fn of(&self, source_id: &str) -> Vec<Delivery> {
        self.deliveries().into_iter().filter(|delivery| delivery.source_id() == source_id).collect()
    }
}

fn serve(stream: TcpStream, room: &Room) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut incoming = BufReader::new(stream.try_clone()?);
    let mut outgoing = stream;
    loop {
        let mut line = String::new();
        if incoming.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut headers = BTreeMap::new();
        loop {
            line.clear();
            incoming.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        incoming.read_exact(&mut body)?;
        let (delivery, script) = note(room, headers, body);
        let reply = script(&delivery);
        thread::sleep(reply.after);
        if reply.hang_up {
            return outgoing.shutdown(std::net::Shutdown::Both);
        }
        let Reply { status, headers, body, .. } = reply;
        let length = body.len();
        write!(outgoing, "HTTP/1.1 {status} -\r\ncontent-length: {length}\r\n{headers}\r\n{body}")?;
        outgoing.flush()?;
    }
}

fn note(room: &Room, headers: BTreeMap<String, String>, body: Vec<u8>) -> (Delivery, Arc<Script>) {
    let body = String::from_utf8_lossy(&body).into_owned();
    let id = headers.get("webhook-id").cloned().unwrap_or_default();
    let mut log = locked(&room.deliveries);
    let seen = log.seen.entry(id.clone()).or_default();
    *seen += 1;
    let attempt = *seen;
    let json = serde_json::from_str(&body).unwrap_or_default();
    let delivery = Delivery { id, headers, body, json, at: Instant::now(), attempt };
    if !log.forgetful {
        log.deliveries.push(delivery.clone());
    }
    let script = if delivery.event().is_some() { &room.events } else { &room.script };
    let script = locked(script).clone();
    (delivery, script)
}
