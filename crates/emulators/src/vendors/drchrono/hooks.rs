//! Webhooks (vendor's prose): a check of the address by a challenge, the secret in clear as "signature", retries
//! after 1, 3 and 7 hours. The address is set by the switch `webhook_url`, as staff set it by hand in the vendor's
//! pages.

use super::{people, rows};
use crate::diary::{Change, What};
use crate::vendors::call::hmac_hex;
use crate::vendors::office::Office;
use crate::vendors::outbox::{Push, PushState};
use serde_json::json;

const HOUR: i64 = 3600;
/// The vendor's patience; after that only by hand.
const PAUSES: &[i64] = &[HOUR, 3 * HOUR, 7 * HOUR];

#[derive(Debug, Default)]
pub(super) struct Hook {
    /// The address and secret that were checked last, and how often there was a check.
    checked: (String, String),
    checks: u64,
    deliveries: u64,
}

impl Hook {
    /// Asks a new address to prove that it knows the secret.
    pub(super) fn verify(&mut self, office: &mut Office) {
        let wanted = (office.text("webhook_url").to_owned(), office.text("webhook_secret").to_owned());
        if wanted == self.checked || wanted.0.is_empty() {
            return;
        }
        self.checks += 1;
        let message = format!("{:016x}", fastrand::Rng::with_seed(self.checks).u64(..));
        let glue = if wanted.0.contains('?') { '&' } else { '?' };
        office.outbox.put(Push {
            event: "VERIFY".to_owned(),
            url: format!("{}{glue}msg={message}", wanted.0),
            method: "GET",
            headers: Vec::new(),
            body: Vec::new(),
            expects: Some(hmac_hex(wanted.1.as_bytes(), message.as_bytes())),
            due: office.now,
            pauses: &[],
            tries: 0,
            answers: Vec::new(),
            state: PushState::Waiting,
        });
        self.checked = wanted;
    }

    /// Unverified hooks send nothing. The last check counts.
    fn is_verified(office: &Office) -> bool {
        let last = office.outbox.all().iter().rfind(|push| push.event == "VERIFY");
        last.is_some_and(|push| push.state == PushState::Delivered)
    }

    pub(super) fn told(&mut self, office: &mut Office, change: &Change) {
        if office.text("webhook_url").is_empty() || !Hook::is_verified(office) {
            return;
        }
        let visit = change.visit.and_then(|id| office.diary.visits.get(&id));
        let patient = change.patient.and_then(|id| office.diary.patients.get(&id));
        let (event, object) = match (change.what, visit, patient) {
            (What::Booked, Some(visit), _) => ("APPOINTMENT_CREATE", rows::row(office, visit, false)),
            (What::Deleted, Some(visit), _) => ("APPOINTMENT_DELETE", rows::row(office, visit, false)),
            (What::PatientAdded, _, Some(patient)) => ("PATIENT_CREATE", people::row(office, patient)),
            (What::PatientEdited, _, Some(patient)) => ("PATIENT_MODIFY", people::row(office, patient)),
            (What::PatientMerged | What::Purged, ..) => return,
            (_, Some(visit), _) => ("APPOINTMENT_MODIFY", rows::row(office, visit, false)),
            _ => return,
        };
        self.send(office, event, object);
    }

    fn send(&mut self, office: &mut Office, event: &str, mut object: serde_json::Value) {
        self.deliveries += 1;
        if event == "APPOINTMENT_DELETE" {
            // The webhook form of a deleted row has this mark as well.
            object["archived"] = true.into();
        }
        let url = office.text("webhook_url").to_owned();
        let secret = office.text("webhook_secret").to_owned();
        let receiver = json!({"id": 7301, "callback_url": url, "status": "Enabled", "verified": true});
        let body = json!({"receiver": receiver, "object": object}).to_string().into_bytes();
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("x-drchrono-event", event.to_owned()),
            ("x-drchrono-signature", secret),
            ("x-drchrono-delivery", format!("d-{:08}", self.deliveries)),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        office.push(event, &url, headers, body, PAUSES);
    }
}
