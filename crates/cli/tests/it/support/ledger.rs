//! What senders were told and what the platform was sent, and whether the two agree.
//!
//! A fault test writes down here every message that was acknowledged and every delivery that arrived. In the end
//! [`Ledger::settle`] waits until the service says that all is in sync, and compares: every acknowledged message is
//! there, byte for byte and once; every visit's last delivery shows what its last message said; versions arrived in
//! order, each under one id with one body; every delivery was signed.

use crate::support::receiver::Delivery;
use crate::support::scene::{INTEGRATION, SECRET, Visit};
use crate::support::{Client, until};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A digest: a long run keeps hundreds of thousands of them.
type Digest = [u8; 32];

/// A message that was acknowledged.
struct Told {
    visit: String,
    message: Digest,
    /// The minute of the visit's start, which tells its messages apart.
    minute: u32,
}

/// A delivery that arrived.
#[derive(Clone)]
struct Arrival {
    version: u64,
    id: String,
    body: Digest,
    minute: Option<u32>,
}

#[derive(Default)]
struct Book {
    told: Vec<Told>,
    /// By visit, in the order in which they came.
    arrived: BTreeMap<String, Vec<Arrival>>,
    unsigned: usize,
    refused: usize,
    longest_wait: Duration,
}

/// The ledger of one test; whoever has a clone writes into the same one.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Book>>);

/// What a test came to: the line that it prints, and that docs/reliability.md quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// Messages that were answered `AA`.
    pub(crate) acknowledged: usize,
    /// Of those, how many are there as they were sent.
    pub(crate) present: usize,
    /// Different deliveries, by their ids.
    pub(crate) delivered: usize,
    /// Deliveries that came again under the same id.
    pub(crate) duplicated: usize,
    /// Acknowledged and not present.
    pub(crate) lost: usize,
    /// From the end of the last fault until every visit was in sync.
    pub(crate) settled: Duration,
    /// Answers that said "not stored".
    pub(crate) refused: usize,
    /// What the slowest answer took, `AA` or not.
    pub(crate) longest_wait: Duration,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Account { acknowledged, present, delivered, duplicated, lost, refused, .. } = self;
        let (settled, longest) = (self.settled.as_secs_f64(), self.longest_wait.as_secs_f64());
        write!(
            f,
            "acknowledged {acknowledged}, present {present}, delivered {delivered}, duplicated {duplicated}, lost {lost}, \
             settled in {settled:.1} s (refused and sent again {refused}, longest wait for an answer {longest:.1} s)"
        )
    }
}

fn digest(text: &str) -> Digest {
    hmac_sha256::Hash::hash(text.as_bytes())
}

impl Ledger {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message was answered `AA`.
    pub(crate) fn acknowledged(&self, visit: &Visit, message: &str) {
        let told = Told { visit: visit.source_id.clone(), message: digest(message), minute: visit.minute };
        self.book().told.push(told);
    }

    /// A message was answered, and not with `AA`.
    pub(crate) fn refused(&self) {
        self.book().refused += 1;
    }

    /// So long somebody waited for an answer, or for the end of the connection.
    pub(crate) fn waited(&self, wait: Duration) {
        let mut book = self.book();
        book.longest_wait = book.longest_wait.max(wait);
    }

    /// How many messages were acknowledged so far.
    pub(crate) fn count(&self) -> usize {
        self.book().told.len()
    }

    /// Waits until more messages are acknowledged than `before`, however slow the machine is.
    pub(crate) fn grows_beyond(&self, before: usize) {
        until("messages are acknowledged", || {
            let now = self.count();
            if now > before { Ok(()) } else { Err(format!("{now} acknowledged")) }
        });
    }

    /// How many answers said "not stored" so far.
    pub(crate) fn refusals(&self) -> usize {
        self.book().refused
    }

    /// A delivery arrived.
    pub(crate) fn arrived(&self, delivery: &Delivery) {
        let start = delivery.json["data"]["card"]["start"].as_str();
        let arrival = Arrival {
            version: delivery.version(),
            id: delivery.id.clone(),
            body: digest(&delivery.body),
            minute: start.and_then(minute_of),
        };
        let mut book = self.book();
        book.unsigned += usize::from(!is_signed(delivery));
        book.arrived.entry(delivery.source_id().to_owned()).or_default().push(arrival);
    }

    /// Waits until all visits are in sync, and compares everything. `since` is when the last fault ended.
    pub(crate) fn settle(&self, api: &Client, since: Instant) -> Account {
        until("everything is on the platform", || {
            let path = format!("/api/v1/integrations/{INTEGRATION}");
            let answer = api.try_send("GET", &path, "", "").map_err(|error| error.to_string())?;
            let counts = if answer.status == 200 { answer.json()["counts"].clone() } else { Value::Null };
            let all: u64 = counts.as_object().into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum();
            let settled = all > 0 && counts["in_sync"].as_u64() == Some(all);
            settled.then_some(()).ok_or_else(|| format!("{} {counts}", answer.status))
        });
        let settled = since.elapsed();
        let (acknowledged, present) = (self.count(), self.present(api));
        assert_eq!(present, acknowledged, "what was acknowledged is there: {} lost", acknowledged - present);
        let (delivered, duplicated) = self.check_deliveries(api);
        let book = self.book();
        assert_eq!(book.unsigned, 0, "every delivery is signed");
        let account = Account {
            acknowledged,
            present,
            delivered,
            duplicated,
            lost: acknowledged - present,
            settled,
            refused: book.refused,
            longest_wait: book.longest_wait,
        };
        println!("{account}");
        account
    }

    /// How many of the acknowledged messages are there, each as an envelope with the bytes that were sent, once.
    pub(crate) fn present(&self, api: &Client) -> usize {
        let mut bodies: HashMap<Digest, usize> = HashMap::new();
        for visit in self.visits() {
            // A visit that is not there is counted as what was lost with it.
            let Some(explanation) = explanation(api, &visit) else { continue };
            let mut envelopes: HashSet<&str> = HashSet::new();
            for entry in explanation["timeline"].as_array().into_iter().flatten() {
                envelopes.extend(entry["envelope"].as_str());
            }
            for id in envelopes {
                let envelope = api.json(&format!("/api/v1/envelopes/{id}"));
                *bodies.entry(digest(envelope["body"].as_str().unwrap_or_default())).or_default() += 1;
            }
        }
        let twice = bodies.values().filter(|count| **count > 1).count();
        assert_eq!(twice, 0, "no message was taken in twice");
        self.book().told.iter().filter(|told| bodies.contains_key(&told.message)).count()
    }

    fn visits(&self) -> Vec<String> {
        let visits: HashSet<String> = self.book().told.iter().map(|told| told.visit.clone()).collect();
        visits.into_iter().collect()
    }

    /// Every visit's newest version arrived and shows its newest message; versions in order, each under one id.
    fn check_deliveries(&self, api: &Client) -> (usize, usize) {
        let newest: HashMap<String, u32> = {
            let book = self.book();
            book.told.iter().map(|told| (told.visit.clone(), told.minute)).collect()
        };
        let (mut all, mut once) = (0, 0);
        for (visit, minute) in newest {
            let explanation = explanation(api, &visit).unwrap_or_else(|| panic!("{visit} is not there"));
            let arrived = self.book().arrived.get(&visit).cloned();
            let arrived = arrived.unwrap_or_else(|| panic!("{visit} never arrived"));
            let versions: Vec<u64> = arrived.iter().map(|arrival| arrival.version).collect();
            let held = explanation["appointment"]["version"].as_u64();
            assert_eq!(versions.last().copied(), held, "{visit}: the newest version is the last: {versions:?}");
            assert!(versions.is_sorted(), "{visit}: in order: {versions:?}");
            let shown = arrived.last().and_then(|arrival| arrival.minute);
            assert_eq!(shown, Some(minute), "{visit}: the platform shows what was said last");
            let mut keys: HashMap<u64, (&str, Digest)> = HashMap::new();
            for Arrival { version, id, body, .. } in &arrived {
                let first = keys.entry(*version).or_insert((id, *body));
                assert_eq!(*first, (id.as_str(), *body), "{visit}: a version has one id and one body");
            }
            let ids: HashSet<&str> = keys.values().map(|(id, _)| *id).collect();
            assert_eq!(ids.len(), keys.len(), "{visit}: each version has an id of its own");
            all += arrived.len();
            once += ids.len();
        }
        (once, all - once)
    }
}

fn explanation(api: &Client, visit: &str) -> Option<Value> {
    let answer = api.get(&format!("/api/v1/integrations/{INTEGRATION}/appointments/{visit}"));
    assert!(matches!(answer.status, 200 | 404), "{visit}: {} {}", answer.status, answer.body);
    (answer.status == 200).then(|| answer.json())
}

/// The minute of an instant: `2026-11-24T21:10:00Z`.
fn minute_of(instant: &str) -> Option<u32> {
    instant.get(14..16)?.parse().ok()
}

/// The algorithm of Standard Webhooks, written out: base64 of HMAC-SHA256 over `id.timestamp.body`.
fn is_signed(delivery: &Delivery) -> bool {
    let key = SECRET.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok()).unwrap_or_default();
    let Some(timestamp) = delivery.headers.get("webhook-timestamp") else { return false };
    let content = format!("{}.{timestamp}.{}", delivery.id, delivery.body);
    let expected = format!("v1,{}", STANDARD.encode(hmac_sha256::HMAC::mac(content.as_bytes(), &key)));
    delivery.headers.get("webhook-signature") == Some(&expected)
}
