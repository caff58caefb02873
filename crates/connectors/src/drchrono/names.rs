//! Names that rows leave out: of doctors with their zones, and of appointment profiles, which are the visit types.

use domain::text::Text;
use domain::time::{Moment, Zone};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;

use crate::loose::Loose;

/// Names are read again after so long, in seconds.
const LAST_SECS: i64 = 3600;
/// A name that was not there is looked for again after so long, in seconds.
const AGAIN_SECS: i64 = 300;

#[derive(Clone, Debug)]
pub(super) struct Doctor {
    pub(super) name: Text,
    pub(super) zone: Option<Zone>,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    doctors: HashMap<Text, Doctor>,
    profiles: HashMap<Text, Text>,
    read_at: Option<Moment>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    id: Loose,
    first_name: Loose,
    last_name: Loose,
    timezone: Loose,
    name: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    doctor: Loose,
    profile: Loose,
}

/// The doctors and profiles that rows name.
pub(super) fn named_in(rows: &[Box<RawValue>]) -> impl Iterator<Item = (Option<Text>, Option<Text>)> + '_ {
    let named = rows.iter().filter_map(|row| serde_json::from_str::<Named>(row.get()).ok());
    named.map(|named| (named.doctor.id(), named.profile.id()))
}

impl Names {
    /// Names as they were kept with a page.
    pub(super) fn kept(doctors: HashMap<Text, Doctor>, profiles: HashMap<Text, Text>) -> Names {
        Names { doctors, profiles, read_at: None }
    }

    /// What lists of doctors and of profiles say; rows without an id say nothing.
    pub(super) fn of(doctors: &[Box<RawValue>], profiles: &[Box<RawValue>], now: Moment) -> Names {
        let rows = |rows: &[Box<RawValue>]| -> Vec<(Text, Row)> {
            let read = rows.iter().filter_map(|row| serde_json::from_str::<Row>(row.get()).ok());
            read.filter_map(|row| Some((row.id.id()?, row))).collect()
        };
        let doctors = rows(doctors).into_iter().map(|(id, row)| {
            let parts: Vec<&str> = [&row.first_name, &row.last_name]
                .into_iter()
                .filter_map(|part| part.text().map(Text::as_str))
                .collect();
            let zone = row.timezone.text().and_then(|zone| Zone::named(zone).ok());
            (id, Doctor { name: Text::from(parts.join(" ")), zone })
        });
        let profiles = rows(profiles).into_iter().filter_map(|(id, row)| Some((id, row.name.text()?.clone())));
        Names { doctors: doctors.collect(), profiles: profiles.collect(), read_at: Some(now) }
    }

    pub(super) fn doctor(&self, id: &str) -> Option<&Doctor> {
        self.doctors.get(id)
    }

    pub(super) fn profile(&self, id: &str) -> Option<Text> {
        self.profiles.get(id).cloned()
    }

    /// Whether they have to be read before these rows are: they are old, or a row names what is not among them.
    pub(super) fn are_stale(&self, rows: &[Box<RawValue>], now: Moment) -> bool {
        let Some(read_at) = self.read_at else { return true };
        let age = now.secs_since(read_at);
        let lacks = |(doctor, profile): (Option<Text>, Option<Text>)| {
            doctor.is_some_and(|id| !self.doctors.contains_key(&id))
                || profile.is_some_and(|id| !self.profiles.contains_key(&id))
        };
        age > LAST_SECS || (age > AGAIN_SECS && named_in(rows).any(lacks))
    }
}
