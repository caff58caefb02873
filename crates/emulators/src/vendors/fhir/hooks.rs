//! Classic subscriptions: criteria as a search, a rest-hook that is called with or without the resource.

use super::resources::appointment;
use super::{fhir, outcome};
use crate::diary::{Change, What};
use crate::vendors::VendorFault;
use crate::vendors::call::{Call, empty};
use crate::vendors::office::Office;
use axum::response::Response;
use serde_json::Value;

/// A few tries; then the subscription is in error, which its owner finds out by reading it (our choice).
const PAUSES: &[i64] = &[10, 60, 300];

struct Subscription {
    id: String,
    resource: Value,
}

#[derive(Default)]
pub(super) struct Hooks {
    subscriptions: Vec<Subscription>,
    made: u64,
}

impl Hooks {
    pub(super) fn answer(&mut self, office: &mut Office, call: &Call, rest: &[&str]) -> Response {
        match (call.method.as_str(), rest) {
            ("POST", []) => self.subscribe(call),
            ("GET", [id]) => {
                let expired = office.hit(VendorFault::CursorExpired, &call.target(), &call.path).is_some();
                match self.subscriptions.iter_mut().find(|row| row.id == *id) {
                    Some(row) => {
                        let endpoint = row.resource["channel"]["endpoint"].as_str().unwrap_or_default();
                        let gave_up = office.outbox.all().iter().any(|push| {
                            push.url == endpoint && push.state == crate::vendors::outbox::PushState::GivenUp
                        });
                        if expired || gave_up {
                            row.resource["status"] = "error".into();
                        }
                        fhir(200, &row.resource)
                    }
                    None => outcome(404, "not-found", "There is no such Subscription."),
                }
            }
            ("DELETE", [id]) => {
                self.subscriptions.retain(|row| row.id != *id);
                empty(204)
            }
            _ => outcome(405, "not-supported", "Not offered."),
        }
    }

    fn subscribe(&mut self, call: &Call) -> Response {
        let Some(mut resource) = call.json() else { return outcome(400, "invalid", "JSON is expected.") };
        let is_hook = resource["channel"]["type"].as_str() == Some("rest-hook");
        let is_ours = resource["criteria"].as_str().is_some_and(|criteria| criteria.starts_with("Appointment"));
        if !is_hook || !is_ours || !resource["channel"]["endpoint"].is_string() {
            return outcome(422, "not-supported", "Criteria on Appointment and a rest-hook endpoint are needed.");
        }
        self.made += 1;
        let id = format!("sub-{}", self.made);
        resource["id"] = id.as_str().into();
        resource["status"] = "active".into();
        let answer = fhir(201, &resource);
        self.subscriptions.push(Subscription { id, resource });
        answer
    }

    pub(super) fn told(&mut self, office: &mut Office, change: &Change) {
        // What is deleted matches no criteria any more: nobody is told.
        if matches!(change.what, What::Deleted | What::Purged) {
            return;
        }
        let Some(visit) = change.visit.and_then(|id| office.diary.visits.get(&id)) else { return };
        let resource = appointment(office, visit);
        let mut calls = Vec::new();
        for row in self.subscriptions.iter().filter(|row| row.resource["status"] == "active") {
            let criteria = row.resource["criteria"].as_str().unwrap_or_default();
            let wanted = criteria.split("status=").nth(1).and_then(|rest| rest.split('&').next());
            let status = resource["status"].as_str().unwrap_or_default();
            if wanted.is_some_and(|wanted| !wanted.split(',').any(|one| one == status)) {
                continue;
            }
            let channel = &row.resource["channel"];
            let mut headers: Vec<(String, String)> = channel["header"]
                .as_array()
                .map(|rows| rows.iter().filter_map(|row| row.as_str()?.split_once(": ")).collect::<Vec<_>>())
                .unwrap_or_default()
                .into_iter()
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let body = match channel["payload"].as_str() {
                Some(payload) if !payload.is_empty() => {
                    headers.push(("content-type".to_owned(), payload.to_owned()));
                    resource.to_string().into_bytes()
                }
                _ => Vec::new(),
            };
            calls.push((channel["endpoint"].as_str().unwrap_or_default().to_owned(), headers, body));
        }
        for (endpoint, headers, body) in calls {
            office.push("Appointment", &endpoint, headers, body, PAUSES);
        }
    }
}
