//! The event subscription platform (vendor's document, a limited alpha): signed pushes with ids only. At least once,
//! in no order; the content is to be read by id.

use super::PRACTICE;
use crate::diary::{Change, Standing, What};
use crate::vendors::call::{Call, empty, hmac_hex, typed};
use crate::vendors::office::Office;
use axum::response::Response;
use serde_json::{Value, json};

/// One hour of tries, then the vendor's dead letters.
const PAUSES: &[i64] = &[30, 60, 120, 240, 480, 900, 1500];

struct Subscription {
    id: String,
    topic: String,
    endpoint: String,
    secret: String,
    resource: Value,
}

#[derive(Default)]
pub(super) struct Push {
    subscriptions: Vec<Subscription>,
    made: u64,
    events: u64,
}

const TOPICS: [&str; 10] = [
    "Appointment.schedule",
    "Appointment.update",
    "Appointment.reschedule",
    "Appointment.cancel",
    "Appointment.check-in",
    "Appointment.check-out",
    "Patient.create",
    "Patient.update",
    "Patient.delete",
    "Patient.merge",
];

fn topic(change: &Change, office: &Office) -> &'static str {
    let standing = change.visit.and_then(|id| office.diary.visits.get(&id)).map(|visit| &visit.standing);
    match change.what {
        What::Booked => "Appointment.schedule",
        What::Moved | What::Replaced => "Appointment.reschedule",
        What::Cancelled | What::NoShow => "Appointment.cancel",
        What::Arrived if standing == Some(&Standing::CheckedIn) => "Appointment.check-in",
        What::Completed => "Appointment.check-out",
        What::PatientAdded => "Patient.create",
        What::PatientEdited => "Patient.update",
        What::PatientMerged => "Patient.merge",
        _ => "Appointment.update",
    }
}

impl Push {
    pub(super) fn answer(&mut self, office: &mut Office, call: &Call, rest: &[&str]) -> Response {
        match (call.method.as_str(), rest) {
            ("GET", ["SubscriptionTopic"]) => {
                let entries =
                    TOPICS.map(|topic| json!({"resource": {"resourceType": "SubscriptionTopic", "id": topic}}));
                fhir(200, &json!({"resourceType": "Bundle", "type": "searchset", "total": 10, "entry": entries}))
            }
            ("GET", ["Subscription"]) => {
                let entries: Vec<Value> =
                    self.subscriptions.iter().map(|row| json!({"resource": row.resource})).collect();
                fhir(
                    200,
                    &json!({"resourceType": "Bundle", "type": "searchset", "total": entries.len(), "entry": entries}),
                )
            }
            ("POST", ["Subscription"]) => self.subscribe(office, call),
            ("DELETE", ["Subscription", id]) => {
                let before = self.subscriptions.len();
                self.subscriptions.retain(|row| row.id != *id);
                empty(if self.subscriptions.len() < before { 204 } else { 404 })
            }
            _ => fhir(404, &outcome("Unknown resource.")),
        }
    }

    /// One subscription for each topic and practice. The secret comes in `X-Hub-Secret`.
    fn subscribe(&mut self, _: &Office, call: &Call) -> Response {
        let Some(mut resource) = call.json() else { return fhir(400, &outcome("JSON is expected.")) };
        let criteria = resource["criteria"].as_str().unwrap_or_default();
        let topic = criteria.rsplit('/').next().unwrap_or_default().to_owned();
        let endpoint = resource["channel"]["endpoint"].as_str().unwrap_or_default().to_owned();
        let secret = call.header("x-hub-secret").to_owned();
        let is_hook = resource["channel"]["type"].as_str() == Some("rest-hook");
        if !TOPICS.contains(&topic.as_str()) || endpoint.is_empty() || secret.is_empty() || !is_hook {
            return fhir(400, &outcome("A topic, a rest-hook endpoint and X-Hub-Secret are needed."));
        }
        if self.subscriptions.iter().any(|row| row.topic == topic) {
            return fhir(409, &outcome("There is a subscription to this topic."));
        }
        self.made += 1;
        let id = format!("sub-{}", self.made);
        resource["id"] = id.as_str().into();
        resource["status"] = "active".into();
        let answer = fhir(201, &resource);
        self.subscriptions.push(Subscription { id, topic, endpoint, secret, resource });
        answer
    }

    pub(super) fn told(&mut self, office: &mut Office, change: &Change) {
        let topic = topic(change, office);
        let is_patient = topic.starts_with("Patient");
        let subject = if is_patient { change.patient } else { change.visit };
        let (Some(subject), Some(row)) = (subject, self.subscriptions.iter().find(|row| row.topic == topic)) else {
            return;
        };
        self.events += 1;
        let event = format!("ev-{:06}", self.events);
        let place = change.visit.and_then(|id| office.diary.visits.get(&id)).map(|visit| visit.place);
        let kind = if is_patient { "patient" } else { "appointment" };
        let focus = json!({
            "identifier": {"system": format!("urn:athenahealth:athenanet:{kind}:{PRACTICE}"), "value": subject.to_string()},
        });
        let status = json!({
            "resourceType": "SubscriptionStatus", "type": "event-notification", "topic": row.resource["criteria"],
            "subscription": {"reference": format!("Subscription/{}", row.id)},
            "notificationEvent": [
                {"id": event, "eventNumber": self.events.to_string(), "timestamp": change.at.to_string(), "focus": focus},
            ],
        });
        let mut extensions = Vec::new();
        if let Some(place) = place {
            extensions.push(reference("ah-department", &format!("Organization/a-{PRACTICE}.Department-{place}")));
        }
        if let Some(patient) = change.patient {
            extensions.push(reference("ah-patient", &format!("Patient/a-{PRACTICE}.E-{patient}")));
        }
        let audit = json!({"resourceType": "AuditEvent", "id": event, "extension": extensions});
        let bundle = json!({
            "resourceType": "Bundle", "type": "history", "timestamp": office.now.to_string(),
            "entry": [{"resource": status}, {"resource": audit}],
        });
        let body = bundle.to_string().into_bytes();
        let signature = format!("sha256={}", hmac_hex(row.secret.as_bytes(), &body));
        let headers = vec![
            ("content-type".to_owned(), "application/fhir+json".to_owned()),
            ("x-hub-signature".to_owned(), signature),
        ];
        let endpoint = row.endpoint.clone();
        office.push(topic, &endpoint, headers, body, PAUSES);
    }
}

fn reference(name: &str, value: &str) -> Value {
    json!({"url": format!("https://fhir.athena.io/StructureDefinition/{name}"), "valueReference": {"reference": value}})
}

fn outcome(text: &str) -> Value {
    json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid", "diagnostics": text}]})
}

fn fhir(status: u16, body: &Value) -> Response {
    typed(status, "application/fhir+json", body.to_string())
}
