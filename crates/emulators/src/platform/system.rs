//! The platform without its sockets.

use crate::faults::Faults;
use crate::platform::cards::unmet_demand;
use crate::platform::event::{AppointmentData, Event};
use crate::platform::{Card, Counters, Notice, PlatformFault, Received, ReceivedEvent, Secret};
use hmac_sha256::Hash;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// So many events and notices are kept for whoever looks.
const KEPT: usize = 10_000;

/// A patient platform: its cards, and what it told patients.
#[derive(Clone, Debug)]
pub struct Platform {
    pub(super) name: String,
    pub(super) seed: u64,
    pub(super) secrets: Vec<Secret>,
    pub(super) demanding: bool,
    pub(super) faults: Faults<PlatformFault>,
    cards: BTreeMap<(String, String), Card>,
    notices: VecDeque<Notice>,
    events: VecDeque<ReceivedEvent>,
    counters: Counters,
    /// How often each event was tried, and the platform's id that answered it once it was handled.
    seen: HashMap<String, Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    attempts: u32,
    handled: Option<Option<String>>,
}

/// What an event came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Handled {
    /// Its card is shown under this id.
    Kept { platform_id: String },
    /// It is about something other than a visit.
    Noted,
    /// It was handled before, with this answer.
    Duplicate { platform_id: Option<String> },
    /// It is not newer than what is shown.
    OutOfOrder,
    /// It cannot be understood or shown.
    Refused { outcome: Received, reason: String },
}

impl Platform {
    /// A platform without cards. It takes what is signed with `secret`; its ids follow from the seed.
    #[must_use]
    pub fn new(seed: u64, secret: Secret) -> Platform {
        Platform {
            name: "Lakeview Telehealth".to_owned(),
            seed,
            secrets: vec![secret],
            demanding: false,
            faults: Faults::none(seed),
            cards: BTreeMap::new(),
            notices: VecDeque::new(),
            events: VecDeque::new(),
            counters: Counters::default(),
            seen: HashMap::new(),
        }
    }

    /// The same, taking another secret besides: for a change of secrets.
    #[must_use]
    pub fn also_with(mut self, secret: Secret) -> Platform {
        self.secrets.push(secret);
        self
    }

    /// All cards, by integration and source id.
    pub fn cards(&self) -> impl Iterator<Item = &Card> {
        self.cards.values()
    }

    /// The card of a visit.
    #[must_use]
    pub fn card(&self, integration: &str, source_id: &str) -> Option<&Card> {
        self.cards.get(&(integration.to_owned(), source_id.to_owned()))
    }

    /// The notices sent to patients, oldest first.
    pub fn notices(&self) -> impl DoubleEndedIterator<Item = &Notice> {
        self.notices.iter()
    }

    /// The requests to the hook, oldest first.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &ReceivedEvent> {
        self.events.iter()
    }

    /// How often each thing happened.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The platform's id of a visit: the same whenever it is asked for.
    pub(super) fn platform_id(&self, integration: &str, source_id: &str) -> String {
        let digest = Hash::hash(format!("{}\0{integration}\0{source_id}", self.seed).as_bytes());
        let hex: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("visit_{hex}")
    }

    /// Counts an attempt at an event.
    pub(super) fn attempt(&mut self, webhook_id: &str) -> u32 {
        let seen = self.seen.entry(webhook_id.to_owned()).or_default();
        seen.attempts += 1;
        seen.attempts
    }

    /// Takes in an event whose signature holds.
    pub(super) fn handle(&mut self, webhook_id: &str, body: &[u8], now: Timestamp) -> Handled {
        if let Some(platform_id) = self.seen.get(webhook_id).and_then(|seen| seen.handled.clone()) {
            return Handled::Duplicate { platform_id };
        }
        let malformed = |reason: String| Handled::Refused { outcome: Received::Malformed, reason };
        let data = match Event::read(body).and_then(|event| event.appointment()) {
            Err(error) => return malformed(error.to_string()),
            Ok(None) => {
                self.handled(webhook_id, None);
                return Handled::Noted;
            }
            Ok(Some(data)) => data,
        };
        let held = self.card(&data.integration, &data.source_id);
        if held.is_some_and(|card| card.version >= data.version) {
            return Handled::OutOfOrder;
        }
        if self.demanding
            && let Some(reason) = unmet_demand(&data, self.cards.values())
        {
            return Handled::Refused { outcome: Received::Refused, reason: reason.to_owned() };
        }
        let platform_id = self.keep(data, now);
        self.handled(webhook_id, Some(platform_id.clone()));
        Handled::Kept { platform_id }
    }

    fn keep(&mut self, data: AppointmentData, now: Timestamp) -> String {
        let platform_id = self.platform_id(&data.integration, &data.source_id);
        let key = (data.integration.clone(), data.source_id.clone());
        let held = self.cards.remove(&key);
        let (created_at, mut told) = held.map_or((now, Default::default()), |card| (card.created_at, card.told));
        let due = told.due(&data.source_id, data.version, &data.card, now);
        self.counters.notices += due.len() as u64;
        self.notices.extend(due);
        shorten(&mut self.notices);
        let card = Card { created_at, told, ..Card::new(data, platform_id.clone(), now) };
        self.cards.insert(key, card);
        platform_id
    }

    fn handled(&mut self, webhook_id: &str, platform_id: Option<String>) {
        self.seen.entry(webhook_id.to_owned()).or_default().handled = Some(platform_id);
    }

    /// Writes down what became of a request.
    pub(super) fn record(&mut self, event: ReceivedEvent) {
        self.counters.count(event.outcome);
        self.events.push_back(event);
        shorten(&mut self.events);
    }
}

fn shorten<T>(list: &mut VecDeque<T>) {
    while list.len() > KEPT {
        list.pop_front();
    }
}
