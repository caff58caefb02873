//! The courier: carries parcels side by side, a bounded number at a time, and brings the outcomes to the scribe.

use crate::deliver::breaker::{Breakers, Passage};
use crate::deliver::outcome::Outcome;
use crate::deliver::{Answer, Parcel};
use crate::ports::{Carrier, Chance, Clock};
use crate::scribe::{News, Scribe};
use crate::setup::{Endpoint, SetupRegistry};
use crate::shares::{Bounds, Shares};
use crate::tasks::Stop;
use domain::ids::{AppointmentKey, IntegrationKey};
use domain::setup::Lifecycle;
use domain::time::Moment;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, Semaphore, broadcast, mpsc};

/// A card whose host has no place for it is looked at again after so long, if no place comes free before.
const LOOK_AGAIN_SECS: i64 = 1;
/// So many cards in a row that nobody answered make a host silent.
const SILENT_AFTER: u32 = 3;

/// Bounds of the courier.
#[derive(Clone, Copy, Debug)]
pub struct CourierOptions {
    /// Parcels in hand at most, waiting or on their way; what is more waits in the outbox. One host has half of these
    /// places at most, and the last quarter is for hosts that have less in hand than may be on their way.
    pub in_hand: usize,
    /// Parcels on their way to one endpoint at most.
    pub at_once: usize,
}

impl Default for CourierOptions {
    fn default() -> CourierOptions {
        CourierOptions { in_hand: 1024, at_once: 32 }
    }
}

impl CourierOptions {
    fn bounds(self) -> Bounds {
        let CourierOptions { in_hand, at_once } = self;
        Bounds {
            places: in_hand,
            most: in_hand.div_ceil(2),
            spare: in_hand / 4,
            few: at_once.max(1),
            silent: (at_once / 4).max(1),
            silent_after: SILENT_AFTER,
        }
    }
}

/// Hands parcels to the courier, and bells to those who wait for work.
#[derive(Clone)]
pub struct CourierHandle {
    parcels: mpsc::Sender<Parcel>,
    pub(crate) shares: Shares,
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
        shares: Shares::new("cards", options.bounds()),
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
        if !self.shares.places().take(&endpoint.host) {
            return Err(now);
        }
        match self.breakers.pass(endpoint.key, now) {
            Passage::Open => Ok(()),
            Passage::Closed(until) => {
                self.free_place(endpoint);
                Err(until)
            }
        }
    }

    /// Whether a parcel to this endpoint could go now, without keeping a place.
    pub(super) fn could_carry(&self, endpoint: &Endpoint, now: Moment) -> Result<(), Moment> {
        if !self.shares.places().look(&endpoint.host) {
            // Whoever gives such a place back rings for the sweep.
            return Err(now.plus_secs(LOOK_AGAIN_SECS));
        }
        match self.breakers.look(endpoint.key, now) {
            Passage::Open => Ok(()),
            Passage::Closed(until) => Err(until),
        }
    }

    /// A parcel is out of hand: another one may have its place.
    fn free_place(&self, endpoint: &Endpoint) {
        if self.shares.places().give_back(&endpoint.host) {
            self.outbox.notify_one();
        }
    }

    /// A place kept for an endpoint is not needed after all.
    pub(crate) fn cancel(&self, endpoint: &Endpoint) {
        self.breakers.give_back(endpoint.key);
        self.free_place(endpoint);
    }

    /// Notes whether somebody answered a parcel.
    fn heard(&self, endpoint: &Endpoint, answer: &Answer, now: Moment) {
        let (integration, host) = (&endpoint.integration, &endpoint.host);
        if let Answer::Unreachable { .. } | Answer::Unknown { .. } = answer {
            if self.shares.places().unanswered(host) {
                tracing::warn!(%integration, "the platform does not answer; until it does few of its cards are in hand");
            }
        } else if self.shares.places().answered(host) {
            tracing::info!(%integration, "the platform answers again");
            self.outbox.notify_one();
        }
        match answer {
            Answer::Unreachable { .. } => self.breakers.unanswered(endpoint.key, now),
            _ if self.breakers.answered(endpoint.key) => self.outbox.notify_one(),
            _ => {}
        }
    }

    /// This process leaves all cards to others.
    pub(super) fn carries_nothing(&self) -> bool {
        self.shares.are_none()
    }

    /// Another process did something.
    pub(crate) fn hear(&self, bells: store::Bells) {
        self.nudge(bells.facts, false, bells.outbox, false);
        self.tell(bells.visits.into_iter().map(News::Elsewhere).collect());
    }

    /// How many more parcels there is room for.
    pub(crate) fn room(&self) -> usize {
        self.shares.places().room()
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
            if let Err(refused) = self.parcels.try_send(parcel) {
                let (TrySendError::Full(parcel) | TrySendError::Closed(parcel)) = refused;
                self.free_place(&parcel.endpoint);
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
                // Or while its host stopped answering: then it waits in the outbox, where it takes nobody's place.
                let crowded = handle.shares.places().exceeds(&parcel.endpoint.host);
                let endpoint = parcel.endpoint.clone();
                let outcome = if crowded || too_late || handle.is_recalled(&parcel) || !is_live(&registry, key) {
                    handle.breakers.give_back(key);
                    Outcome::unsent(parcel)
                } else {
                    let answer = carrier.carry(&parcel).await;
                    handle.heard(&endpoint, &answer, clock.now());
                    Outcome::new(parcel, answer, chance.fraction())
                };
                drop(place);
                // While shutting down nobody takes the outcome: the lease runs out and the card is sent again.
                drop(scribe.submit(Box::new(outcome)).await);
                handle.free_place(&endpoint);
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
