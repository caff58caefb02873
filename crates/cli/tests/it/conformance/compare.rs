//! What is true at the practice against what the platform shows.

use super::world::{ID, World};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Statuses under which a visit is still to take place, or taking place.
const ON: [&str; 5] = ["proposed", "booked", "confirmed", "checked_in", "in_progress"];
/// The practice's own words for how a visit stands, which everybody understands.
const NEUTRAL: [&str; 12] = [
    "proposed",
    "booked",
    "confirmed",
    "checked_in",
    "in_progress",
    "completed",
    "no_show",
    "cancelled_by_patient",
    "cancelled_by_provider",
    "cancelled",
    "rescheduled",
    "entered_in_error",
];

/// One side's idea of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Idea {
    pub(crate) status: String,
    pub(crate) start: Option<jiff::Timestamp>,
    pub(crate) end: Option<jiff::Timestamp>,
    pub(crate) provider: Option<String>,
    pub(crate) people: BTreeSet<String>,
}

impl Idea {
    pub(crate) fn is_on(&self) -> bool {
        ON.contains(&self.status.as_str())
    }
}

/// Both sides' ideas, by source id. A visit that was taken out for good is nobody's idea.
#[derive(Debug, Default)]
pub(crate) struct Sides {
    pub(crate) practice: BTreeMap<String, Idea>,
    pub(crate) platform: BTreeMap<String, Idea>,
    /// When each visit was changed at the practice.
    pub(crate) changed: BTreeMap<String, jiff::Timestamp>,
    /// Words of the practice's own stand here.
    pub(crate) own_words: BTreeSet<String>,
}

/// Looks at both sides. Visits of the practice that began before `since` are left alone.
pub(crate) async fn look(world: &World, since: jiff::Timestamp) -> Sides {
    let state = world.state().await;
    let mut sides = Sides::default();
    let people: BTreeMap<&str, &Value> =
        state["patients"].as_array().unwrap().iter().map(|row| (row["id"].as_str().unwrap(), row)).collect();
    let providers: Vec<&str> =
        state["practice"]["providers"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    let gone = state["gone"].as_array().unwrap().iter().map(|visit| (visit, true));
    let there = state["appointments"].as_array().unwrap().iter();
    for (visit, purged) in there.map(|visit| (visit, visit["deleted"] == true)).chain(gone) {
        let start = time(&visit["starts_at"]);
        if visit["block"] == true || start.is_none_or(|start| start < since) {
            continue;
        }
        let id = world.source_id(visit);
        sides.changed.insert(id.clone(), time(&visit["changed_at"]).unwrap());
        if purged {
            continue;
        }
        let word = visit["status"].as_str().unwrap();
        if !NEUTRAL.contains(&word) {
            sides.own_words.insert(id.clone());
        }
        let status = world.system.says.get(word).map_or(word, String::as_str).to_owned();
        let stays = |row: &&Value| row["removed"] != true && !is_off(&row["status"]);
        let named = |row: &Value| name_of(&people, row["patient"].as_str().unwrap());
        let rows = visit["patients"].as_array().unwrap().iter();
        let provider = providers.iter().position(|id| visit["provider"] == **id);
        let idea = Idea {
            status,
            start,
            end: time(&visit["ends_at"]),
            provider: provider.map(|n| format!("prov_{n}")),
            people: rows.filter(stays).map(named).collect(),
        };
        sides.practice.insert(id, world.reduced(idea));
    }
    let cards = world.platform.look(|platform| {
        let ours = platform.cards().filter(|card| card.integration == ID);
        ours.map(|card| serde_json::to_value(card).unwrap()).collect::<Vec<_>>()
    });
    for card in cards {
        let stays = |row: &&Value| !is_off(&row["status"]) && row["origin"] != "platform";
        let rows = card["participants"].as_array().unwrap().iter();
        let idea = Idea {
            status: card["status"].as_str().unwrap().to_owned(),
            start: time(&card["start"]),
            end: time(&card["end"]),
            provider: card["provider"]["platform_id"].as_str().map(str::to_owned),
            people: rows.filter(stays).map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect(),
        };
        sides.platform.insert(card["source_id"].as_str().unwrap().to_owned(), world.reduced(idea));
    }
    sides
}

impl Sides {
    /// Where they differ, by source id. What ended without the platform ever having heard of it is no difference.
    pub(crate) fn differences(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for (id, there) in &self.practice {
            let here = self.platform.get(id);
            let same = match here {
                Some(here) if there.is_on() => here == there,
                // Who was on a visit that is over, and until when, is history.
                Some(here) => here.status == there.status && !here.is_on(),
                None => !there.is_on(),
            };
            if !same {
                found.insert(id.clone(), format!("practice {there:?}, platform {here:?}"));
            }
        }
        // A zombie: shown as taking place, and the practice does not have it.
        for (id, here) in self.platform.iter().filter(|(id, idea)| idea.is_on() && !self.practice.contains_key(*id)) {
            found.insert(id.clone(), format!("the practice does not have it, platform {here:?}"));
        }
        found
    }

    /// Two cards for the same people at the same time with the same provider, where the practice has one visit.
    pub(crate) fn doubles(&self) -> Vec<String> {
        let count = |ideas: &BTreeMap<String, Idea>, one: &Idea| {
            let same = |other: &&Idea| {
                other.is_on()
                    && (other.start, &other.provider, &other.people) == (one.start, &one.provider, &one.people)
            };
            ideas.values().filter(same).count()
        };
        let on = self.platform.iter().filter(|(_, idea)| idea.is_on());
        on.filter(|(_, idea)| count(&self.platform, idea) > count(&self.practice, idea).max(1))
            .map(|(id, idea)| format!("{id} is shown more than once: {idea:?}"))
            .collect()
    }
}

impl World {
    /// The source id of a visit of the twin.
    pub(crate) fn source_id(&self, visit: &Value) -> String {
        self.system.ids.visit.replace("{id}", visit["vendor_id"].as_str().unwrap())
    }

    /// Without what the vendor cannot say.
    fn reduced(&self, mut idea: Idea) -> Idea {
        for what in &self.system.leaves_out {
            match what.as_str() {
                "end" => idea.end = None,
                "provider" => idea.provider = None,
                "people" => idea.people.clear(),
                other => panic!("leaves_out knows no {other:?}"),
            }
        }
        idea
    }
}

fn is_off(status: &Value) -> bool {
    let word = status.as_str().unwrap_or_default();
    NEUTRAL.contains(&word) && !ON.contains(&word) && word != "completed"
}

fn time(value: &Value) -> Option<jiff::Timestamp> {
    value.as_str().and_then(|text| text.parse().ok())
}

/// The name under which a patient is known by now.
fn name_of(people: &BTreeMap<&str, &Value>, id: &str) -> String {
    let mut row = people[id];
    while let Some(into) = row["merged_into"].as_str() {
        row = people[into];
    }
    format!("{} {}", row["given"].as_str().unwrap(), row["family"].as_str().unwrap())
}
