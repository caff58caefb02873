//! Between a process and the platforms: carries cards over a network that may fail, and watches what is sent.

use crate::mutant::Mutant;
use crate::process::Life;
use domain::text::Text;
use engine::deliver::{Answer, Parcel, payload};
use engine::ports::{Announcement, Carrier, PortFuture};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// A card that left a process and waits for what becomes of it.
pub struct Sent {
    /// The integration's id.
    pub integration: String,
    /// The address.
    pub url: String,
    /// The id of the event.
    pub id: String,
    /// The source's id.
    pub source_id: String,
    /// Its version.
    pub version: u32,
    /// Which attempt.
    pub attempt: u32,
    /// Which process sent it.
    pub node: usize,
    /// The longest the process waits, in milliseconds.
    pub patience_ms: u64,
    /// The body.
    pub body: Vec<u8>,
    /// To the process that waits.
    pub answer: oneshot::Sender<Answer>,
}

/// What is on its way from all processes, and what was ever sent.
#[derive(Default)]
pub struct Post(Mutex<Held>);

#[derive(Default)]
struct Held {
    sent: Vec<Sent>,
    /// By integration and visit: the greatest version that left.
    versions: BTreeMap<(String, String), u32>,
    /// By integration, visit and version: the id and the card.
    bodies: BTreeMap<(String, String, u32), (String, blake3::Hash)>,
    /// By integration and visit, for the mutants: the id and body that went before.
    before: BTreeMap<(String, String), (String, Vec<u8>)>,
    complaints: Vec<String>,
    /// Versions that went out after later ones.
    out_of_order: Vec<String>,
}

impl Post {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was sent since the last time.
    pub fn collect(&self) -> Vec<Sent> {
        std::mem::take(&mut self.held().sent)
    }

    /// What was sent that can never be right.
    pub fn complaints(&self) -> Vec<String> {
        self.held().complaints.clone()
    }

    /// Versions that went out after later ones.
    pub fn out_of_order(&self) -> Vec<String> {
        self.held().out_of_order.clone()
    }
}

impl Held {
    /// Versions of a visit go out in their order, and a version is the same card under the same id every time.
    fn watch(&mut self, sent: &Sent) {
        let visit = (sent.integration.clone(), sent.source_id.clone());
        let greatest = self.versions.entry(visit.clone()).or_default();
        if sent.version < *greatest {
            let what = format!("{} went out as version {} after {greatest}", sent.source_id, sent.version);
            self.out_of_order.push(what);
        }
        *greatest = sent.version.max(*greatest);
        let event: serde_json::Value = serde_json::from_slice(&sent.body).unwrap_or_default();
        let hash = blake3::hash(event["data"]["card"].to_string().as_bytes());
        let key = (visit.0, visit.1, sent.version);
        let (id, first) = self.bodies.entry(key).or_insert_with(|| (sent.id.clone(), hash));
        if *id != sent.id {
            let what = format!("{} version {} went out as {id} and as {}", sent.source_id, sent.version, sent.id);
            self.complaints.push(what);
        }
        if *first != hash {
            let what = format!("{} version {} went out with two cards", sent.source_id, sent.version);
            self.complaints.push(what);
        }
    }
}

/// The carrier of one process.
pub struct SimCarrier {
    post: Arc<Post>,
    life: Arc<Life>,
    mutant: Option<Mutant>,
}

impl SimCarrier {
    /// Of a process.
    pub fn new(post: Arc<Post>, life: Arc<Life>, mutant: Option<Mutant>) -> Arc<SimCarrier> {
        Arc::new(SimCarrier { post, life, mutant })
    }

    async fn send(&self, parcel: &Parcel) -> Answer {
        if self.life.is_over() {
            return std::future::pending().await;
        }
        let (answer, waiting) = oneshot::channel();
        let mut sent = Sent {
            integration: parcel.endpoint.integration.to_string(),
            url: parcel.endpoint.url.to_string(),
            id: parcel.id.to_string(),
            source_id: parcel.key.source_id.to_string(),
            version: parcel.version,
            attempt: parcel.attempt,
            node: self.life.node,
            patience_ms: u64::from(parcel.endpoint.rules.timeout_secs) * 1000,
            body: payload(parcel),
            answer,
        };
        {
            let mut held = self.post.held();
            self.tamper(&mut held, &mut sent);
            held.watch(&sent);
            held.sent.push(sent);
        }
        match waiting.await {
            Ok(answer) => self.reported(answer),
            // The world ended before an answer came.
            Err(_) => std::future::pending().await,
        }
    }

    fn tamper(&self, held: &mut Held, sent: &mut Sent) {
        let visit = (sent.integration.clone(), sent.source_id.clone());
        match self.mutant {
            Some(Mutant::ReusesKeys) => {
                sent.id = held.before.entry(visit).or_insert((sent.id.clone(), Vec::new())).0.clone();
            }
            Some(Mutant::ChangesKeys) => sent.id = format!("{}-{}", sent.id, sent.attempt),
            Some(Mutant::SendsStaleCards) => {
                let (id, own) = (sent.id.clone(), sent.body.clone());
                if let Some((before, stale)) = held.before.get(&visit).filter(|(before, _)| *before != id) {
                    let _ = before;
                    sent.body = with_version(stale, sent.version);
                }
                held.before.insert(visit, (id, own));
            }
            _ => {}
        }
    }

    fn reported(&self, answer: Answer) -> Answer {
        match answer {
            Answer::Accepted { .. } => answer,
            _ if self.mutant == Some(Mutant::ReportsDelivered) => {
                Answer::Accepted { answer: Text::literal("200 OK"), platform_id: Some(Text::literal("card_unheard")) }
            }
            _ => answer,
        }
    }
}

/// A body under another version.
fn with_version(body: &[u8], version: u32) -> Vec<u8> {
    let mut event: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    event["data"]["version"] = version.into();
    event.to_string().into_bytes()
}

impl Carrier for SimCarrier {
    fn carry<'a>(&'a self, parcel: &'a Parcel) -> PortFuture<'a, Answer> {
        Box::pin(self.send(parcel))
    }

    fn announce<'a>(&'a self, _: &'a Announcement) -> PortFuture<'a, Answer> {
        Box::pin(std::future::ready(Answer::Accepted { answer: Text::literal("200 OK"), platform_id: None }))
    }

    fn check_address(&self, url: &str) -> Result<(), Text> {
        if url.starts_with("https://") { Ok(()) } else { Err(Text::literal("only https is allowed")) }
    }
}
