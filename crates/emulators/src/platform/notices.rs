//! Telling patients: one notice for each booking, move and cancellation, and never the same twice.

use crate::platform::event::CardData;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a patient is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// You have a visit.
    Booked,
    /// Your visit is at another time.
    Moved,
    /// Your visit does not take place.
    Cancelled,
}

impl NoticeKind {
    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            NoticeKind::Booked => "booked",
            NoticeKind::Moved => "moved",
            NoticeKind::Cancelled => "cancelled",
        }
    }
}

/// A notice that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: NoticeKind,
    /// About which visit.
    pub source_id: String,
    /// By which version of its card.
    pub version: u32,
    /// To which address.
    pub to: String,
    /// To whom.
    pub name: String,
    /// The start that was told.
    pub start: Timestamp,
}

/// What each person of a visit was told last.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    people: BTreeMap<String, (String, String, Timestamp)>,
}

impl Told {
    /// The notices that a card calls for, given what was told before.
    ///
    /// It looks at how things stand, and not at what kind of event said so: a booking that comes as an update is a
    /// booking all the same, and a state that was told is not told again.
    pub(super) fn due(&mut self, source_id: &str, version: u32, card: &CardData, now: Timestamp) -> Vec<Notice> {
        let mut notices = Vec::new();
        let mut tell = |kind, (to, name, start): &(String, String, Timestamp)| {
            let (source_id, to, name) = (source_id.to_owned(), to.clone(), name.clone());
            notices.push(Notice { at: now, kind, source_id, version, to, name, start: *start });
        };
        let coming = card.start.filter(|start| card.is_on() && !card.test && *start > now);
        if let Some(start) = coming {
            for (key, to, name) in addressed(card) {
                let news = (to, name, start);
                match self.people.get(&key) {
                    None => tell(NoticeKind::Booked, &news),
                    Some((.., told)) if *told != start => tell(NoticeKind::Moved, &news),
                    Some(_) => {}
                }
                self.people.insert(key, news);
            }
        }
        // Whoever was told of a visit that is off, or is no longer among its people, is told once more.
        if card.is_given_up() || card.is_on() {
            let staying: Vec<String> =
                if card.is_on() { addressed(card).map(|(key, ..)| key).collect() } else { Vec::new() };
            self.people.retain(|key, news| {
                let stays = staying.contains(key);
                if !stays && news.2 > now {
                    tell(NoticeKind::Cancelled, news);
                }
                stays
            });
        }
        notices
    }
}

/// The people of the source who have an address: key, address, name.
fn addressed(card: &CardData) -> impl Iterator<Item = (String, String, String)> {
    card.participants.iter().filter(|person| person.origin.as_deref() != Some("platform")).filter_map(|person| {
        let to = person.email.clone().filter(|email| !email.is_empty())?;
        let key = person.source_id.clone().unwrap_or_else(|| to.to_lowercase());
        Some((key, to, person.name.clone().unwrap_or_default()))
    })
}
