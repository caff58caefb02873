//! The change feed (confirmed): subscribe, then read; reading consumes. Rows are snapshots without an event name,
//! several events on one row collapse, nothing from before the subscription is there.

use super::rows::{read_stamp, row};
use super::{Ask, booked, error, invalid, people, slots};
use crate::diary::{Change, Standing, What};
use crate::vendors::VendorFault;
use crate::vendors::call::{Call, empty, json};
use crate::vendors::office::Office;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json as value};
use std::collections::{BTreeSet, HashSet};

/// What one feed is about.
pub(super) struct Subject {
    events: &'static [&'static str],
    key: &'static str,
    is_of_patients: bool,
}

pub(super) const APPOINTMENTS: Subject = Subject {
    events: &[
        "ScheduleAppointment",
        "CheckIn",
        "CheckOut",
        "UpdateAppointment",
        "CancelAppointment",
        "FreezeAppointment",
        "UnfreezeAppointment",
        "DeleteAppointment",
        "AddAppointmentSlot",
    ],
    key: "appointments",
    is_of_patients: false,
};

/// The sibling feed: same contract (confirmed); its event names are our choice.
pub(super) const PATIENTS: Subject =
    Subject { events: &["AddPatient", "UpdatePatient", "MergePatient"], key: "patients", is_of_patients: true };

/// Something that waits to be read, or was.
struct Entry {
    id: u64,
    at: Timestamp,
    processed: Option<Timestamp>,
}

pub(super) struct Feed {
    subject: Subject,
    subscribed: BTreeSet<&'static str>,
    entries: Vec<Entry>,
}

/// Which event a change is (our choice where the desk does what athenaOne calls otherwise).
fn event(change: &Change, office: &Office) -> Option<&'static str> {
    let standing = change.visit.and_then(|id| office.diary.visits.get(&id)).map(|visit| &visit.standing);
    Some(match change.what {
        What::Booked => "ScheduleAppointment",
        What::Arrived if standing == Some(&Standing::CheckedIn) => "CheckIn",
        What::Completed => "CheckOut",
        What::Cancelled | What::NoShow | What::Replaced => "CancelAppointment",
        What::Deleted | What::Purged => "DeleteAppointment",
        What::PatientAdded => "AddPatient",
        What::PatientEdited => "UpdatePatient",
        What::PatientMerged => "MergePatient",
        _ => "UpdateAppointment",
    })
}

impl Feed {
    pub(super) fn new(subject: Subject) -> Feed {
        Feed { subject, subscribed: BTreeSet::new(), entries: Vec::new() }
    }

    pub(super) fn told(&mut self, office: &mut Office, change: &Change) {
        let Some(event) = event(change, office) else { return };
        if !self.subscribed.contains(event) {
            return;
        }
        let id = if self.subject.is_of_patients { change.patient } else { change.visit };
        let Some(id) = id else { return };
        let subject = format!("feed {}", change.number);
        if office.hit(VendorFault::LostEvent, &subject, "/appointments/changed").is_some() {
            return;
        }
        self.entries.push(Entry { id, at: change.at, processed: None });
        // A time that is free again is a new open row.
        if event == "CancelAppointment" && self.subscribed.contains("AddAppointmentSlot") {
            let visit = office.diary.visits.get(&id);
            if let Some(slot) = visit.and_then(|visit| slots::at(office, visit.provider, visit.start)) {
                self.entries.push(Entry { id: slot.id, at: change.at, processed: None });
            }
        }
    }

    pub(super) fn answer(&mut self, office: &mut Office, call: &Call, ask: &Ask, rest: &[&str]) -> Response {
        match (call.method.as_str(), rest) {
            ("GET", []) => self.read(office, call, ask).unwrap_or_else(|answer| answer),
            ("GET", ["subscription", "events"]) => {
                let all = self.subject.events.iter().map(|name| value!({"eventname": name}));
                json(200, &value!({"subscriptions": all.collect::<Vec<_>>()}))
            }
            ("GET", ["subscription"]) => {
                let status = match self.subscribed.len() {
                    0 => "INACTIVE",
                    n if n == self.subject.events.len() => "ACTIVE",
                    _ => "PARTIAL",
                };
                let names = self.subscribed.iter().map(|name| value!({"eventname": name}));
                json(200, &value!({"status": status, "subscriptions": names.collect::<Vec<_>>()}))
            }
            ("POST" | "DELETE", ["subscription"]) => self.subscribe(office, call, ask),
            _ => error(404, "Invalid URL."),
        }
    }

    fn subscribe(&mut self, office: &Office, call: &Call, ask: &Ask) -> Response {
        let is_new = call.method == "POST";
        let named: Vec<&'static str> = match ask.get("eventname") {
            None if is_new && office.is_on("refuses_all") => return error(403, "Incorrect permissions."),
            None => self.subject.events.to_vec(),
            Some(name) => match self.subject.events.iter().find(|known| **known == name) {
                Some(known) => vec![*known],
                None => return invalid("eventname", name),
            },
        };
        for name in named {
            if is_new {
                self.subscribed.insert(name);
            } else {
                self.subscribed.remove(name);
            }
        }
        json(200, &value!({"success": true}))
    }

    fn read(&mut self, office: &mut Office, call: &Call, ask: &Ask) -> Result<Response, Response> {
        let stamp = |name: &str| {
            let text = ask.get(name);
            text.map(|text| read_stamp(text).ok_or_else(|| invalid("timestamp", text))).transpose()
        };
        let (from, to) = (stamp("showprocessedstartdatetime")?, stamp("showprocessedenddatetime")?);
        let lag = SignedDuration::from_secs(office.number("feed_lag_seconds") as i64);
        let ready = office.now.saturating_sub(lag).unwrap_or(office.now);
        let limit = ask.number("limit").unwrap_or(booked::PAGE.0).clamp(1, booked::PAGE.1) as usize;
        let (mut shown, mut rows) = (HashSet::new(), Vec::new());
        for entry in &mut self.entries {
            let is_wanted = match (from, to, entry.processed) {
                (None, None, None) => entry.at <= ready,
                (None, None, Some(_)) => false,
                // Whole seconds, as the parameters are.
                (.., Some(at)) => {
                    from.is_none_or(|from| at.as_second() >= from.as_second())
                        && to.is_none_or(|to| at.as_second() <= to.as_second())
                }
                (.., None) => false,
            };
            if !is_wanted {
                continue;
            }
            if !shown.contains(&entry.id) {
                if shown.len() == limit {
                    continue;
                }
                let row = if self.subject.is_of_patients {
                    office.diary.patients.get(&entry.id).map(people::row)
                } else {
                    snapshot(office, ask, entry.id)
                };
                let Some(row) = row.filter(|row| fits(ask, row)) else { continue };
                shown.insert(entry.id);
                rows.push(row);
            }
            if !ask.is_set("leaveunprocessed") && entry.processed.is_none() {
                entry.processed = Some(office.now);
            }
        }
        let total = rows.len();
        if let Some(status) = office.spoil(call, &mut rows) {
            return Err(empty(status));
        }
        Ok(json(200, &value!({self.subject.key: rows, "totalcount": total})))
    }
}

/// The filters of the feed.
fn fits(ask: &Ask, row: &Value) -> bool {
    ["departmentid", "providerid", "patientid"].iter().all(|name| {
        let wanted = ask.numbers(name);
        wanted.is_empty()
            || row[*name].as_str().and_then(|id| id.parse().ok()).is_some_and(|id: u64| wanted.contains(&id))
    })
}

/// The row as it is now, not as it was when the event happened.
fn snapshot(office: &Office, ask: &Ask, id: u64) -> Option<Value> {
    if let Some(visit) = office.diary.visits.get(&id) {
        return Some(booked::shown(office, ask, visit));
    }
    if let Some(gone) = office.diary.gone.get(&id) {
        let mut last = gone.clone();
        last.is_deleted = true;
        return Some(row(&office.diary, &last));
    }
    slots::find(office, id).map(|slot| slot.row(office, false))
}
