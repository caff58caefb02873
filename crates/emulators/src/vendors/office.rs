//! What every vendor's twin has: a diary, faults, tokens, pushes, switches; and what a vendor adds to it.

use crate::diary::{Change, Diary, Ids, Visit};
use crate::faults::{Fault, Faults};
use crate::vendors::VendorFault;
use crate::vendors::call::Call;
use crate::vendors::outbox::{Outbox, Push, PushState};
use crate::vendors::tokens::Tokens;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A vendor's interface over a diary.
pub(crate) trait Vendor: Send + 'static {
    /// Answers a request at the vendor's own paths.
    fn answer(&mut self, office: &mut Office, call: &Call) -> Response;

    /// Says that there were too many calls, and when to come again.
    fn throttled(&self, call: &Call, seconds: u32) -> Response;

    /// Says that the token (or key) is no good.
    fn expired(&self, call: &Call) -> Response;

    /// What the vendor calls a visit.
    fn visit_id(&self, visit: &Visit) -> String {
        visit.id.to_string()
    }

    /// Something changed in the diary.
    fn told(&mut self, office: &mut Office, change: &Change) {
        let (_, _) = (office, change);
    }

    /// Time passed: for what happens by the clock.
    fn tick(&mut self, office: &mut Office) {
        let _ = office;
    }

    /// What a caller needs to know to come in, for the command line and the control plane.
    fn access(&self) -> Value;
}

/// How a vendor is set up.
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    /// Where its numbers begin.
    pub(crate) ids: Ids,
    /// Where its practices are unless said otherwise.
    pub(crate) zone: &'static str,
    /// What can be switched, with the usual setting. The first is always `limits`.
    pub(crate) switches: fn() -> Value,
    pub(crate) vendor: fn(seed: u64) -> Box<dyn Vendor>,
}

/// Everything behind a twin's lock but the vendor itself.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) diary: Diary,
    pub(crate) faults: Faults<VendorFault>,
    pub(crate) tokens: Tokens,
    pub(crate) outbox: Outbox,
    pub(crate) switches: Map<String, Value>,
    /// The time of what is done at present.
    pub(crate) now: Timestamp,
    /// When each bucket of calls began, and how many there were; see [`Office::is_over`].
    buckets: BTreeMap<String, (i64, u32)>,
    attempts: BTreeMap<(VendorFault, String), u32>,
}

impl Office {
    pub(crate) fn new(diary: Diary, seed: u64, now: Timestamp, switches: Map<String, Value>) -> Office {
        Office {
            diary,
            faults: Faults::none(seed),
            tokens: Tokens::new(seed),
            outbox: Outbox::default(),
            switches,
            now,
            buckets: BTreeMap::new(),
            attempts: BTreeMap::new(),
        }
    }

    /// Goes wrong like this from here on; attempts are counted anew.
    pub(crate) fn set_faults(&mut self, faults: Faults<VendorFault>) {
        self.faults = faults;
        self.attempts.clear();
    }

    /// A switch that is on or off.
    pub(crate) fn is_on(&self, switch: &str) -> bool {
        self.switches.get(switch).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A switch that is a number.
    pub(crate) fn number(&self, switch: &str) -> u64 {
        self.switches.get(switch).and_then(Value::as_u64).unwrap_or(0)
    }

    /// A switch that is a text.
    pub(crate) fn text(&self, switch: &str) -> &str {
        self.switches.get(switch).and_then(Value::as_str).unwrap_or_default()
    }

    /// The fault, if it hits this time. What it is drawn for is the subject and how often that was asked for.
    pub(crate) fn hit(&mut self, kind: VendorFault, subject: &str, path: &str) -> Option<Fault> {
        let attempt = self.attempts.entry((kind, subject.to_owned())).or_insert(0);
        *attempt += 1;
        self.faults.hit(kind, subject, path, *attempt).cloned()
    }

    /// Whether this call is one too many: at most `most` in each bucket of so many seconds, which begins on the full
    /// bucket (the full hour, say) or, of a rolling kind, with its first call. Gives the seconds to wait.
    pub(crate) fn is_over(&mut self, bucket: &str, most: u32, seconds: i64, on_the_full: bool) -> Option<u32> {
        if !self.is_on("limits") {
            return None;
        }
        let now = self.now.as_second();
        let begin = if on_the_full { now - now.rem_euclid(seconds) } else { now };
        let entry = self.buckets.entry(bucket.to_owned()).or_insert((begin, 0));
        if now >= entry.0 + seconds || now < entry.0 {
            *entry = (begin, 0);
        }
        entry.1 += 1;
        (entry.1 > most).then(|| u32::try_from(entry.0 + seconds - now).unwrap_or(1).max(1))
    }

    /// Milliseconds since the last call of this name; `None` for the first. Notes this call.
    pub(crate) fn millis_since(&mut self, name: &str) -> Option<i64> {
        let now = self.now.as_millisecond();
        let before = self.buckets.insert(format!("gap {name}"), (now, 0));
        before.map(|(before, _)| now - before)
    }

    /// Lets the faults at the rows of a list: empty, twice, in another order, of drifting types. Gives the status of a
    /// page that is to be answered by an error.
    #[must_use = "a lost page may be an error"]
    pub(crate) fn spoil(&mut self, call: &Call, rows: &mut Vec<Value>) -> Option<u16> {
        self.spoil_as(call, &call.target(), rows)
    }

    /// The same for calls whose address does not tell what is asked for.
    #[must_use = "a lost page may be an error"]
    pub(crate) fn spoil_as(&mut self, call: &Call, subject: &str, rows: &mut Vec<Value>) -> Option<u16> {
        if self.hit(VendorFault::EmptyList, subject, &call.path).is_some() {
            rows.clear();
        }
        if self.hit(VendorFault::DuplicateEvent, subject, &call.path).is_some()
            && let Some(last) = rows.last().cloned()
        {
            rows.push(last);
        }
        if self.hit(VendorFault::Reorder, subject, &call.path).is_some() {
            rows.reverse();
        }
        if self.hit(VendorFault::DriftingTypes, subject, &call.path).is_some() {
            rows.iter_mut().for_each(drift);
        }
        let lost = self.hit(VendorFault::LostPage, subject, &call.path)?;
        rows.clear();
        lost.status
    }

    /// Queues a push, unless a fault loses it; twice, late or behind the next if a fault says so.
    pub(crate) fn push(
        &mut self,
        event: &str,
        url: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        pauses: &'static [i64],
    ) {
        let number = self.outbox.all().len();
        let subject = format!("push {number}");
        if self.hit(VendorFault::LostEvent, &subject, event).is_some() {
            return;
        }
        let mut due = self.now;
        if let Some(late) = self.hit(VendorFault::Latency, &subject, event) {
            let millis = i64::try_from(late.millis.unwrap_or(1500)).unwrap_or(i64::MAX);
            due = due.saturating_add(SignedDuration::from_millis(millis)).unwrap_or(due);
        }
        if self.hit(VendorFault::Reorder, &subject, event).is_some() {
            // A moment behind whatever comes next.
            due = due.saturating_add(SignedDuration::from_secs(2)).unwrap_or(due);
        }
        let push = Push {
            event: event.to_owned(),
            url: url.to_owned(),
            method: "POST",
            headers,
            body,
            expects: None,
            due,
            pauses,
            tries: 0,
            answers: Vec::new(),
            state: PushState::Waiting,
        };
        if self.hit(VendorFault::DuplicateEvent, &subject, event).is_some() {
            self.outbox.put(push.clone());
        }
        self.outbox.put(push);
    }
}

/// Numbers become texts, and texts that are numbers become numbers.
pub(crate) fn drift(value: &mut Value) {
    match value {
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::String(text) => {
            // Only what reads back as it was written: not "007", not "1e3".
            if let Ok(number) = text.parse::<i64>()
                && number.to_string() == *text
            {
                *value = number.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(drift),
        Value::Object(fields) => fields.values_mut().for_each(drift),
        Value::Null | Value::Bool(_) => {}
    }
}
