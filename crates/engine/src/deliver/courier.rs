//! The courier: carries parcels side by side, a bounded number at a time, and brings the outcomes to the scribe.

use crate::deliver::breaker::{Breakers, Passage};
use crate::deliver::outcome::Outcome;
use crate::deliver::{Answer, Parcel};
use crate::ports::{Carrier, Chance, Clock};
use crate::scribe::{News, Scribe};
use crate::setup::{Endpoint, SetupRegistry};
use crate::tasks::Stop;
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::setup::Lifecycle;
use domain::time::Moment;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, Semaphore, broadcast, mpsc};

/// Bounds of the courier.
#[derive(Clone, Copy, Debug)]
pub struct CourierOptions {
    /// Parcels in hand at most, waiting or on their way; what is more waits in the outbox.
    pub in_hand: usize,
    /// Parcels on their way to one endpoint at most.
    pub at_once: usize,
}

impl Default for CourierOptions {
    fn default() -> CourierOptions {
        CourierOptions { in_hand: 1024, at_once: 32 }
    }
}

/// Hands parcels to the courier, and bells to those who wait for work.
#[derive(Clone)]
pub struct CourierHandle {
    parcels: mpsc::Sender<Parcel>,
    in_hand: Arc<AtomicUsize>,
    capacity: usize,
    breakers: Arc<Breakers>,
    recalled: Arc<Mutex<HashSet<(AppointmentKey, u32)>>>,
    news: broadcast::Sender<News>,
    /// Rings when facts changed.
    pub(crate) fired: Arc<Notify>,
    /// Rings when a timer was set.
    pub(crate) timers: Arc<Notify>,
    pub(crate) notices: Arc<Notify>,
    /// Rings when events wait for platforms.
    pub(crate) events: Arc<Notify>,
    /// Rings when causes were opened or closed.
    pub(crate) causes: Arc<Notify>,
    /// Where.
    minded: Arc<Mutex<BTreeSet<IntegrationKey>>>,
    /// Rings when cards wait in the outbox and there is room.
    pub(crate) outbox: Arc<Notify>,
}

/// The courier itself, before it starts.
pub(crate) struct Courier {
    parcels: mpsc::Receiver<Parcel>,
    handle: CourierHandle,
    at_once: usize,
}

/// A courier and its handle.
pub(crate) fn courier(options: CourierOptions) -> (CourierHandle, Courier) {
    let (sender, receiver) = mpsc::channel(options.in_hand.max(1));
    let handle = CourierHandle {
        parcels: sender,
        in_hand: Arc::default(),
        capacity: options.in_hand,
        breakers: Arc::default(),
        recalled: Arc::default(),
        news: broadcast::channel(1024).0,
        fired: Arc::default(),
        timers: Arc::default(),
        notices: Arc::default(),
        events: Arc::default(),
        causes: Arc::default(),
        minded: Arc::default(),
        outbox: Arc::default(),
    };
    (handle.clone(), Courier { parcels: receiver, handle, at_once: options.at_once })
}

impl CourierHandle {
    /// Keeps a place for a parcel to this endpoint. `Err`: not before this instant, or not before a place is free.
    pub(super) fn reserve(&self, endpoint: &Endpoint, now: Moment) -> Result<(), Moment> {
        let taken =
            self.in_hand.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < self.capacity).then_some(n + 1));
        if taken.is_err() {
            return Err(now);
        }
        match self.breakers.pass(endpoint.key, now) {
            Passage::Open => Ok(()),
            Passage::Closed(until) => {
                self.release(1);
                Err(until)
            }
        }
    }

    /// Whether a parcel to this endpoint could go now, without keeping a place.
    pub(super) fn could_carry(&self, endpoint: &Endpoint, now: Moment) -> Result<(), Moment> {
        if self.room() == 0 {
            return Err(now);
        }
        match self.breakers.look(endpoint.key, now) {
            Passage::Open => Ok(()),
            Passage::Closed(until) => Err(until),
        }
    }

    /// So many places kept are not needed after all.
    fn release(&self, places: usize) {
        self.in_hand.fetch_sub(places, Ordering::Relaxed);
    }

    /// A parcel is out of hand: another one may have its place.
    fn free_place(&self) {
        if self.in_hand.fetch_sub(1, Ordering::Relaxed) == self.capacity {
            self.outbox.notify_one();
        }
    }

    /// A place kept for an endpoint is not needed after all.
    pub(crate) fn cancel(&self, key: IntegrationKey) {
        self.breakers.give_back(key);
        self.release(1);
    }

    /// This process leaves all cards to others.
    pub(super) fn carries_nothing(&self) -> bool {
        self.capacity == 0
    }

    /// Another process did something.
    pub(crate) fn hear(&self, bells: store::Bells) {
        self.nudge(bells.facts, false, bells.outbox, false);
        self.tell(bells.visits.into_iter().map(News::Elsewhere).collect());
    }

    /// How many more parcels there is room for.
    pub(crate) fn room(&self) -> usize {
        self.capacity.saturating_sub(self.in_hand.load(Ordering::Relaxed))
    }

    fn recalls(&self) -> MutexGuard<'_, HashSet<(AppointmentKey, u32)>> {
        // A panic while the lock is held leaves a set behind that is as good as before.
        self.recalled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The parcel of this lease is not to set out, if it has not.
    pub(super) fn recall(&self, key: &AppointmentKey, fence: u32) {
        self.recalls().insert((key.clone(), fence));
    }

    /// The outcome of the parcel is known: nothing to call back any more.
    pub(super) fn forget_recall(&self, key: &AppointmentKey, fence: u32) {
        let mut recalls = self.recalls();
        if !recalls.is_empty() {
            recalls.remove(&(key.clone(), fence));
        }
    }

    fn is_recalled(&self, parcel: &Parcel) -> bool {
        let recalls = self.recalls();
        !recalls.is_empty() && recalls.contains(&(parcel.key.clone(), parcel.fence))
    }

    pub(crate) fn carry(&self, parcels: Vec<Parcel>) {
        for parcel in parcels {
            // A place was kept for each, so the channel has room; it is closed only while shutting down, and then the
            // lease in the outbox runs out and another process sends it.
            if self.parcels.try_send(parcel).is_err() {
                self.release(1);
            }
        }
    }

    pub(crate) fn nudge(&self, fired: bool, timers: bool, outbox: bool, notices: bool) {
        let bells = [(&self.fired, fired), (&self.timers, timers), (&self.outbox, outbox), (&self.notices, notices)];
        for (bell, rings) in bells {
            if rings {
                bell.notify_one();
            }
        }
    }

    /// Causes may have been opened or closed at these integrations.
    pub(crate) fn mind(&self, integrations: BTreeSet<IntegrationKey>) {
        if !integrations.is_empty() {
            self.minded.lock().unwrap_or_else(PoisonError::into_inner).extend(integrations);
            self.causes.notify_one();
        }
    }

    /// Where causes may have been opened or closed since this was asked last.
    pub(crate) fn take_causes(&self) -> BTreeSet<IntegrationKey> {
        std::mem::take(&mut *self.minded.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn tell(&self, news: Vec<News>) {
        if self.news.receiver_count() > 0 {
            for item in news {
                // Nobody listening any more is no error.
                drop(self.news.send(item));
            }
        }
    }

    /// Listens to what changes from now on.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }
}

impl Courier {
    /// Carries until every handle is gone, or `stop` says so; what is on its way is brought to an end.
    pub(crate) async fn run(
        mut self,
        scribe: Scribe,
        carrier: Arc<dyn Carrier>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        registry: Arc<SetupRegistry>,
        mut stop: Stop,
    ) {
        let mut lanes: HashMap<IntegrationKey, Arc<Semaphore>> = HashMap::new();
        let mut under_way = tokio::task::JoinSet::new();
        loop {
            let parcel = tokio::select! {
                parcel = self.parcels.recv() => parcel,
                Some(_) = under_way.join_next(), if !under_way.is_empty() => continue,
                () = stop.requested() => None,
            };
            let Some(parcel) = parcel else { break };
            let lane =
                lanes.entry(parcel.endpoint.key).or_insert_with(|| Arc::new(Semaphore::new(self.at_once))).clone();
            let (scribe, carrier, clock, chance, registry, handle) =
                (scribe.clone(), carrier.clone(), clock.clone(), chance.clone(), registry.clone(), self.handle.clone());
            under_way.spawn(async move {
                // The semaphore is never closed.
                let place = lane.acquire().await;
                let key = parcel.endpoint.key;
                // It may have waited for its place while the visit was stopped or the integration paused, or for longer
                // than its lease.
                let too_late = !in_time(&parcel, clock.now());
                let outcome = if too_late || handle.is_recalled(&parcel) || !is_live(&registry, key) {
                    handle.breakers.give_back(key);
                    Outcome::unsent(parcel)
                } else {
                    let answer = carrier.carry(&parcel).await;
                    match &answer {
                        Answer::Unreachable { .. } => handle.breakers.unanswered(key, clock.now()),
                        _ if handle.breakers.answered(key) => handle.outbox.notify_one(),
                        _ => {}
                    }
                    Outcome::new(parcel, answer, chance.fraction())
                };
                drop(place);
                // While shutting down nobody takes the outcome: the lease runs out and the card is sent again.
                drop(scribe.submit(Box::new(outcome)).await);
                handle.free_place();
            });
        }
        while under_way.join_next().await.is_some() {}
    }
}

fn is_live(registry: &SetupRegistry, key: IntegrationKey) -> bool {
    registry.book().get(key).is_some_and(|integration| integration.rules.lifecycle == Lifecycle::Live)
}

/// Whether the lease outlasts an attempt made now. A parcel that waited long for its place must not set out: its
/// outcome would come under an old fence and count for nothing, and somebody else may be sending by then.
fn in_time(parcel: &Parcel, now: Moment) -> bool {
    now.plus_secs(i64::from(parcel.endpoint.rules.timeout_secs)) <= parcel.until
}
