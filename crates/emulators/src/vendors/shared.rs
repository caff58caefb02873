//! A twin that runs: one lock around the office and the vendor, a log of requests, and a task that pushes.

use crate::clock::{Clock, TwinClock};
use crate::diary::Diary;
use crate::http::HangUp;
use crate::vendors::call::{Call, empty};
use crate::vendors::office::{Office, Vendor};
use crate::vendors::{VendorFault, post};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// So many requests are kept in the log.
const LOGGED: usize = 2000;

/// The running twin.
pub(crate) struct Shared {
    pub(crate) name: &'static str,
    pub(crate) seed: u64,
    pub(crate) clock: TwinClock,
    room: Mutex<Room>,
    changes: watch::Sender<u64>,
}

/// What is behind the lock.
pub(crate) struct Room {
    pub(crate) office: Office,
    pub(crate) vendor: Box<dyn Vendor>,
    pub(crate) requests: VecDeque<Logged>,
    /// Requests that were answered, also those that the log has let go of.
    pub(crate) answered: u64,
}

/// One request in the log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Logged {
    pub(crate) at: Timestamp,
    pub(crate) method: String,
    pub(crate) target: String,
    /// The operation, for vendors whose paths do not tell.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) action: String,
    /// 0: hung up.
    pub(crate) status: u16,
}

impl Shared {
    pub(crate) fn new(
        name: &'static str,
        seed: u64,
        clock: TwinClock,
        office: Office,
        vendor: Box<dyn Vendor>,
    ) -> Shared {
        let room = Mutex::new(Room { office, vendor, requests: VecDeque::new(), answered: 0 });
        Shared { name, seed, clock, room, changes: watch::Sender::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, Room> {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        room.office.now = self.clock.now();
        room
    }

    /// Looks at everything as it is now.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Room) -> R) -> R {
        look(&self.lock())
    }

    /// Does something at the desk; what it changes is told in the vendor's way.
    pub(crate) fn at_desk<R>(&self, act: impl FnOnce(&mut Diary, Timestamp) -> R) -> R {
        let mut room = self.lock();
        let now = room.office.now;
        let number = room.office.diary.changes.len();
        let is_back = room.office.hit(VendorFault::ClockChange, &format!("act {number}"), "").is_some();
        let stamp = now.saturating_sub(SignedDuration::from_hours(i64::from(is_back))).unwrap_or(now);
        let result = act(&mut room.office.diary, stamp);
        tell(&mut room, number);
        drop(room);
        self.changed();
        result
    }

    /// Does something to the office: faults, switches, the clock.
    pub(crate) fn set<R>(&self, set: impl FnOnce(&mut Room, &TwinClock) -> R) -> R {
        let mut room = self.lock();
        let result = set(&mut room, &self.clock);
        room.office.now = self.clock.now();
        let Room { office, vendor, .. } = &mut *room;
        vendor.tick(office);
        drop(room);
        self.changed();
        result
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Answers a request at the vendor's own paths, with whatever goes wrong.
    pub(crate) async fn answer(&self, call: Call) -> Response {
        let (answer, pause) = self.answer_now(&call);
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
        answer
    }

    fn answer_now(&self, call: &Call) -> (Response, Option<Duration>) {
        let mut room = self.lock();
        let Room { office, vendor, .. } = &mut *room;
        vendor.tick(office);
        let number = office.diary.changes.len();
        let subject = format!("{} {}", call.method, call.target());
        let pause = office.hit(VendorFault::Latency, &subject, &call.path);
        let pause = pause.map(|fault| crate::faults::Faults::duration(VendorFault::Latency, &fault));
        let answer = if let Some(fault) = office.hit(VendorFault::Outage, &subject, &call.path) {
            match fault.status {
                Some(status) => empty(status),
                None => hung_up(),
            }
        } else if let Some(fault) = office.hit(VendorFault::Throttle, &subject, &call.path) {
            vendor.throttled(call, fault.retry_after_secs.unwrap_or(1))
        } else if office.hit(VendorFault::TokenExpired, &subject, &call.path).is_some() {
            vendor.expired(call)
        } else {
            vendor.answer(office, call)
        };
        tell(&mut room, number);
        let status = if answer.extensions().get::<HangUp>().is_some() { 0 } else { answer.status().as_u16() };
        if room.requests.len() == LOGGED {
            room.requests.pop_front();
        }
        let (at, method, target) = (room.office.now, call.method.clone(), call.target());
        let action = call.header("soapaction").trim_matches('"').rsplit('/').next().unwrap_or_default().to_owned();
        room.answered += 1;
        room.requests.push_back(Logged { at, method, target, action, status });
        drop(room);
        self.changed();
        (answer, pause)
    }

    /// Sends what is due, and lets time pass, until it is aborted. `glance`: so often it looks at its clock.
    pub(crate) async fn run(self: Arc<Shared>, glance: Duration) {
        let mut changes = self.changes.subscribe();
        loop {
            changes.mark_unchanged();
            let due = {
                let mut room = self.lock();
                let Room { office, vendor, .. } = &mut *room;
                vendor.tick(office);
                office.outbox.take(office.now)
            };
            if let Some((at, push)) = due {
                let answer = post::send(&push).await;
                let mut room = self.lock();
                let now = room.office.now;
                room.office.outbox.settle(at, answer, now);
                continue;
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(glance) => {}
            }
        }
    }
}

/// Tells the vendor what changed since.
fn tell(room: &mut Room, since: usize) {
    let news = room.office.diary.changes.get(since..).unwrap_or_default().to_vec();
    let Room { office, vendor, .. } = room;
    for change in &news {
        vendor.told(office, change);
    }
}

fn hung_up() -> Response {
    let mut answer = empty(503);
    answer.extensions_mut().insert(HangUp);
    answer
}
