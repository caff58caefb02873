//! A platform that does as it is told.

use domain::text::Text;
use engine::deliver::{Answer, Parcel, payload};
use engine::ports::{Announcement, Carrier, PortFuture};
use std::sync::Mutex;

/// How the platform answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It takes the card and names it.
    #[default]
    Confirms,
    /// It takes the card and waits with naming it.
    Accepts,
    /// It never will.
    Refuses,
}

#[derive(Default)]
pub(crate) struct Platform {
    mood: Mutex<Mood>,
    /// The bodies of everything that was carried.
    carried: Mutex<Vec<serde_json::Value>>,
}

impl Platform {
    pub(crate) fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn carried(&self) -> Vec<serde_json::Value> {
        self.carried.lock().unwrap().clone()
    }
}

impl Carrier for Platform {
    fn carry<'a>(&'a self, parcel: &'a Parcel) -> PortFuture<'a, Answer> {
        let body = serde_json::from_slice(&payload(parcel)).unwrap();
        self.carried.lock().unwrap().push(body);
        let mood = *self.mood.lock().unwrap();
        let answer = Text::literal("200 OK");
        Box::pin(async move {
            match mood {
                Mood::Confirms => {
                    let platform_id = Some(Text::from(format!("card_{}", parcel.key.source_id)));
                    Answer::Accepted { answer, platform_id }
                }
                Mood::Accepts => Answer::Accepted { answer, platform_id: None },
                Mood::Refuses => Answer::Refused { answer: Text::literal("422: not_wanted") },
            }
        })
    }

    fn announce<'a>(&'a self, _: &'a Announcement) -> PortFuture<'a, Answer> {
        Box::pin(std::future::ready(Answer::Accepted { answer: Text::literal("200 OK"), platform_id: None }))
    }

    fn check_address(&self, url: &str) -> Result<(), Text> {
        if url.starts_with("http://127.0.0.1") { Ok(()) } else { Err(Text::literal("this address is not allowed")) }
    }
}
