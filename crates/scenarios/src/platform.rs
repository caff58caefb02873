//! A platform that does as it is told, and remembers what it shows.

use domain::text::Text;
use engine::deliver::{Answer, Parcel, payload};
use engine::ports::{Announcement, Carrier, PortFuture};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How the platform answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It shows the visit and says under which id.
    #[default]
    Names,
    /// It takes the visit, shows it, and does not say under which id.
    Accepts,
    /// It will never take this visit.
    Refuses(String),
    /// Not now; with the seconds it asks to be left alone.
    Busy(Option<u32>),
    /// It takes no more at all.
    Gone,
    /// Nobody is there.
    Absent,
    /// It shows the visit, and its answer gets lost.
    AnswersGetLost,
    /// It takes its time, and answers as it pleases afterwards.
    Ponders,
}

/// What one platform has seen and shows.
#[derive(Default)]
struct Memory {
    mood: Mood,
    /// What it shows, by the source's id.
    cards: BTreeMap<String, Value>,
    /// Ids of the events it acted on: a repetition changes nothing.
    events: BTreeMap<String, usize>,
    /// Attempts, by the source's id.
    attempts: BTreeMap<String, usize>,
    /// Bodies of events that are no cards, in order.
    announced: Vec<(String, Value)>,
}

/// The platform as the engine meets it.
#[derive(Default)]
pub struct Platform {
    memory: Mutex<Memory>,
    changed: tokio::sync::Notify,
}

impl Platform {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it answers so.
    pub fn be(&self, mood: Mood) {
        self.memory().mood = mood;
        self.changed.notify_waiters();
    }

    /// How it answers, once it has made up its mind.
    async fn mood(&self) -> Mood {
        loop {
            let changed = self.changed.notified();
            let mood = self.memory().mood.clone();
            if mood != Mood::Ponders {
                return mood;
            }
            changed.await;
        }
    }

    /// What it shows of a visit: the body's `data` as it came.
    pub fn card(&self, source_id: &str) -> Option<Value> {
        self.memory().cards.get(source_id).cloned()
    }

    /// Everything it shows.
    pub fn cards(&self) -> BTreeMap<String, Value> {
        self.memory().cards.clone()
    }

    /// The names of the events it was told that are no cards, each once, in order.
    pub fn announced(&self) -> Vec<String> {
        let name = |(_, body): &(String, Value)| body["type"].as_str().unwrap_or_default().to_owned();
        self.memory().announced.iter().map(name).collect()
    }

    /// How often it was told of a visit, repetitions included.
    pub fn attempts(&self, source_id: &str) -> usize {
        self.memory().attempts.get(source_id).copied().unwrap_or(0)
    }

    /// How many different things it was told of a visit.
    pub fn events(&self, source_id: &str) -> usize {
        let memory = self.memory();
        memory.events.iter().filter(|(id, _)| id.split_once('/').is_some_and(|(visit, _)| visit == source_id)).count()
    }
}

impl Carrier for Platform {
    fn carry<'a>(&'a self, parcel: &'a Parcel) -> PortFuture<'a, Answer> {
        Box::pin(async move {
            let source_id = parcel.key.source_id.to_string();
            *self.memory().attempts.entry(source_id.clone()).or_default() += 1;
            let mood = self.mood().await;
            let mut memory = self.memory();
            if matches!(mood, Mood::Names | Mood::Accepts | Mood::AnswersGetLost) {
                let body: Value = serde_json::from_slice(&payload(parcel)).unwrap_or_default();
                let event = format!("{source_id}/{}", parcel.id);
                let seen = memory.events.entry(event).or_default();
                *seen += 1;
                if *seen == 1 {
                    memory.cards.insert(source_id.clone(), body["data"].clone());
                }
            }
            match mood {
                Mood::Names => Answer::Accepted {
                    answer: Text::literal("200 OK"),
                    platform_id: Some(Text::from(format!("card_{source_id}"))),
                },
                Mood::Accepts => Answer::Accepted { answer: Text::literal("200 OK"), platform_id: None },
                Mood::Refuses(why) => Answer::Refused { answer: Text::from(format!("422: {why}")) },
                Mood::Busy(retry_after_secs) => {
                    Answer::Again { answer: Text::literal("503 Service Unavailable"), retry_after_secs }
                }
                Mood::Gone => Answer::Gone,
                Mood::Absent => Answer::Unreachable { answer: Text::literal("connection refused") },
                Mood::AnswersGetLost | Mood::Ponders => Answer::Unknown { answer: Text::literal("no answer in time") },
            }
        })
    }

    fn announce<'a>(&'a self, announcement: &'a Announcement) -> PortFuture<'a, Answer> {
        Box::pin(async move {
            let mood = self.mood().await;
            if !matches!(mood, Mood::Names | Mood::Accepts) {
                return Answer::Unreachable { answer: Text::literal("connection refused") };
            }
            let body: Value = serde_json::from_slice(&announcement.body).unwrap_or_default();
            let mut memory = self.memory();
            if !memory.announced.iter().any(|(id, _)| *id == *announcement.id) {
                memory.announced.push((announcement.id.to_string(), body));
            }
            Answer::Accepted { answer: Text::literal("200 OK"), platform_id: None }
        })
    }

    fn check_address(&self, url: &str) -> Result<(), Text> {
        if url.starts_with("https://") { Ok(()) } else { Err(Text::literal("only https is allowed")) }
    }
}
