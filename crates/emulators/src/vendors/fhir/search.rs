//! Searching and histories. A search's result set is kept for its pages, and forgotten after a while: then its next
//! page is 410.

use super::resources::{SYSTEM, appointment, id, number, patient, version};
use super::{fhir, outcome};
use crate::diary::Visit;
use crate::vendors::VendorFault;
use crate::vendors::call::{Call, Params, encoded};
use crate::vendors::office::Office;
use axum::response::Response;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// No page is longer.
const MOST: u64 = 100;

/// The result set of a search.
struct Kept {
    ids: Vec<u64>,
    size: usize,
    made: Timestamp,
    includes_patients: bool,
}

#[derive(Default)]
pub(super) struct Pages {
    kept: Vec<Kept>,
}

/// A comparison of FHIR search: `ge2026-11-19T15:00:00Z`.
struct Compare {
    prefix: String,
    /// The interval that the written precision means.
    from: Timestamp,
    to: Timestamp,
}

impl Compare {
    fn read(text: &str) -> Option<Compare> {
        let split = text.find(|letter: char| letter.is_ascii_digit())?;
        let (prefix, value) = text.split_at(split);
        let utc = |date: Date| jiff::tz::TimeZone::UTC.to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().ok();
        let (from, to) = match value.parse::<Timestamp>() {
            Ok(at) => (at, at),
            Err(_) => {
                let date: Date = value.parse().ok()?;
                (utc(date)?, utc(date.tomorrow().ok()?)?.saturating_sub(SignedDuration::from_millis(1)).ok()?)
            }
        };
        Some(Compare { prefix: prefix.to_owned(), from, to })
    }

    fn takes(&self, at: Timestamp) -> bool {
        match self.prefix.as_str() {
            "ge" => at >= self.from,
            "gt" | "sa" => at > self.to,
            "le" => at <= self.to,
            "lt" | "eb" => at < self.from,
            "ne" => at < self.from || at > self.to,
            _ => at >= self.from && at <= self.to,
        }
    }
}

/// All comparisons of a parameter; an error names what cannot be read.
fn compares(query: &Params, name: &str) -> Result<Vec<Compare>, String> {
    let texts = query.pairs().iter().filter(|(key, _)| key == name).map(|(_, text)| text);
    texts.map(|text| Compare::read(text).ok_or_else(|| format!("{name}: {text} is no date"))).collect()
}

fn matches(office: &Office, query: &Params) -> Result<Vec<u64>, String> {
    let updated = if office.is_on("ignores_last_updated") { Vec::new() } else { compares(query, "_lastUpdated")? };
    let dates = compares(query, "date")?;
    let one_of =
        |name: &str, value: &str| query.get(name).is_none_or(|wanted| wanted.split(',').any(|one| one == value));
    let actor = |name: &str, kind: &str, value: &str| {
        query.get(name).is_none_or(|wanted| wanted.trim_start_matches(kind).trim_start_matches('/') == value)
    };
    let patient_of = |visit: &Visit| {
        query.get("patient").is_none_or(|wanted| {
            let wanted = wanted.trim_start_matches("Patient/");
            visit.present().any(|person| format!("pat-{}", person.patient) == wanted)
        })
    };
    let identifier = |visit: &Visit| {
        query.get("identifier").is_none_or(|wanted| match wanted.split_once('|') {
            Some((system, value)) => system == SYSTEM && value == visit.id.to_string(),
            None => wanted == visit.id.to_string(),
        })
    };
    let mut found: Vec<&Visit> = office
        .diary
        .visits
        .values()
        .filter(|visit| !visit.is_deleted && !visit.is_block())
        .filter(|visit| updated.iter().all(|compare| compare.takes(visit.changed_at)))
        .filter(|visit| dates.iter().all(|compare| compare.takes(office.diary.starts_at(visit))))
        .filter(|visit| one_of("status", appointment(office, visit)["status"].as_str().unwrap_or_default()))
        .filter(|visit| one_of("_id", &id(visit)) && identifier(visit) && patient_of(visit))
        .filter(|visit| actor("practitioner", "Practitioner", &format!("prac-{}", visit.provider)))
        .filter(|visit| actor("location", "Location", &format!("loc-{}", visit.place)))
        .collect();
    match query.get("_sort") {
        Some("date") => found.sort_by_key(|visit| (visit.start, visit.id)),
        Some("-_lastUpdated") => found.sort_by_key(|visit| std::cmp::Reverse((visit.changed_at, visit.id))),
        _ => found.sort_by_key(|visit| (visit.changed_at, visit.id)),
    }
    Ok(found.into_iter().map(|visit| visit.id).collect())
}

impl Pages {
    pub(super) fn search(&mut self, office: &mut Office, call: &Call) -> Response {
        let ids = match matches(office, &call.query) {
            Ok(ids) => ids,
            Err(text) => return outcome(400, "invalid", &text),
        };
        let size = call.query.number("_count").unwrap_or(office.number("page_size")).clamp(1, MOST) as usize;
        let includes_patients = call.query.get("_include") == Some("Appointment:patient");
        self.kept.push(Kept { ids, size, made: office.now, includes_patients });
        // What a lenient server ignored is not in the link to itself.
        let ignored = office.is_on("ignores_last_updated");
        let named = call.query.pairs().iter().filter(|(name, _)| !(ignored && name == "_lastUpdated"));
        let named: Vec<String> = named.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let this = format!("{}/Appointment?{}", call.origin, named.join("&"));
        self.page(office, call, self.kept.len() - 1, 0, &this)
    }

    /// The page behind a `next` link.
    pub(super) fn next(&mut self, office: &mut Office, call: &Call) -> Response {
        let number = call.query.number("_getpages").unwrap_or(u64::MAX) as usize;
        let offset = call.query.number("_getpagesoffset").unwrap_or(0) as usize;
        let gone = || outcome(410, "expired", "The search is no longer known; search again.");
        let live = SignedDuration::from_secs(office.number("pages_live_seconds") as i64);
        let is_live = self.kept.get(number).is_some_and(|kept| office.now.duration_since(kept.made) < live);
        if !is_live || office.hit(VendorFault::CursorExpired, &call.target(), &call.path).is_some() {
            return gone();
        }
        let this = format!("{}{}", call.origin, call.target());
        self.page(office, call, number, offset, &this)
    }

    fn page(&self, office: &mut Office, call: &Call, number: usize, offset: usize, this: &str) -> Response {
        let kept = &self.kept[number];
        let shown = kept.ids.iter().skip(offset).take(kept.size);
        let shown: Vec<&Visit> = shown.filter_map(|id| office.diary.visits.get(id)).collect();
        let people: BTreeSet<u64> = shown.iter().flat_map(|visit| visit.present()).map(|row| row.patient).collect();
        let mut entries: Vec<Value> = shown
            .into_iter()
            .map(|visit| {
                let full = format!("{}/Appointment/{}", call.origin, id(visit));
                json!({"fullUrl": full, "resource": appointment(office, visit), "search": {"mode": "match"}})
            })
            .collect();
        if kept.includes_patients {
            entries.extend(people.iter().filter_map(|id| office.diary.patients.get(id)).map(|row| {
                let full = format!("{}/Patient/pat-{}", call.origin, row.id);
                json!({"fullUrl": full, "resource": patient(row), "search": {"mode": "include"}})
            }));
        }
        if let Some(status) = office.spoil(call, &mut entries) {
            return outcome(status, "exception", "The page is lost.");
        }
        let mut links = vec![json!({"relation": "self", "url": this})];
        if offset + kept.size < kept.ids.len() {
            let next = format!("{}/?_getpages={number}&_getpagesoffset={}", call.origin, offset + kept.size);
            links.push(json!({"relation": "next", "url": next}));
        }
        let mut bundle = json!({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries});
        if office.is_on("has_total") {
            bundle["total"] = kept.ids.len().into();
        }
        fhir(200, &bundle)
    }
}

/// `GET /Appointment/_history?_since=`: the newest version of each that changed, and what was deleted.
pub(super) fn history(office: &Office, call: &Call) -> Response {
    let since = call.query.get("_since").and_then(|text| text.parse::<Timestamp>().ok()).unwrap_or(Timestamp::MIN);
    let mut visits: Vec<&Visit> =
        office.diary.visits.values().filter(|visit| visit.changed_at >= since && !visit.is_block()).collect();
    visits.sort_by_key(|visit| std::cmp::Reverse((visit.changed_at, visit.id)));
    let entries: Vec<Value> = visits
        .into_iter()
        .take(MOST as usize)
        .map(|visit| {
            let address = format!("Appointment/{}", id(visit));
            let full = format!("{}/{address}", call.origin);
            if visit.is_deleted {
                return json!({"fullUrl": full, "request": {"method": "DELETE", "url": address},
                              "response": {"status": "204", "lastModified": visit.changed_at.to_string()}});
            }
            let method = if version(&office.diary, visit) > 2 { "PUT" } else { "POST" };
            json!({"fullUrl": full, "resource": appointment(office, visit), "request": {"method": method, "url": address},
                   "response": {"status": "200", "lastModified": visit.changed_at.to_string()}})
        })
        .collect();
    let total = entries.len();
    fhir(200, &json!({"resourceType": "Bundle", "type": "history", "total": total, "entry": entries}))
}

/// The number of an appointment's id.
pub(super) fn visit_number(id: &str) -> Option<u64> {
    number(id, "appt-")
}
