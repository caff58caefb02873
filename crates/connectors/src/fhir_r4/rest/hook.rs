//! The classic R4 subscription (rest-hook): the server tells that something changed, and the read decides what.

use super::reader::FhirReader;
use crate::rest::failure;
use domain::text::Text;
use engine::poll::{Ask, Failure};
use hyper::Method;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    resource: Option<Subscription>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    #[serde(default)]
    resource_type: String,
    id: Option<String>,
    status: Option<String>,
    channel: Option<Channel>,
}

#[derive(Deserialize)]
struct Channel {
    endpoint: Option<String>,
}

/// Sees to it that the server calls the address that the set-up names, for every change of a visit, whatever its
/// status: a visit that stops matching a criterion is not told of.
pub(super) async fn keep_subscription(reader: &FhirReader, ask: Ask<'_>) -> Result<(), Failure> {
    let Some(hook) = reader.tokens.auth.hook() else { return Ok(()) };
    let token = reader.tokens.caller.secret(&hook.token)?;
    let url = format!("{}/Subscription?_count=200", reader.base());
    let listed = reader.request(&ask, Method::GET, &url, None, None).await?;
    if let Some(failure) = failure(&listed, ask.now) {
        return Err(failure);
    }
    let found: Found = serde_json::from_slice(&listed.body)
        .map_err(|_| Failure::Malformed { what: Text::literal("the list of subscriptions is no bundle") })?;
    let ours = found.entry.into_iter().filter_map(|entry| entry.resource).find(|subscription| {
        let endpoint = subscription.channel.as_ref().and_then(|channel| channel.endpoint.as_deref());
        subscription.resource_type == "Subscription" && endpoint == Some(hook.url.as_str())
    });
    let alive = |subscription: &Subscription| matches!(subscription.status.as_deref(), Some("active" | "requested"));
    if ours.as_ref().is_some_and(alive) {
        return Ok(());
    }
    let mut wanted = json!({
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "appointments are synchronised",
        "criteria": "Appointment?",
        "channel": {
            "type": "rest-hook",
            "endpoint": hook.url.as_str(),
            "header": [format!("Authorization: Bearer {}", token.open())],
        },
    });
    let (method, url) = match ours.and_then(|subscription| subscription.id) {
        Some(id) => {
            wanted["id"] = json!(id);
            (Method::PUT, format!("{}/Subscription/{id}", reader.base()))
        }
        None => (Method::POST, format!("{}/Subscription", reader.base())),
    };
    let made = reader.request(&ask, method, &url, Some(wanted.to_string()), None).await?;
    failure(&made, ask.now).map_or(Ok(()), Err)
}
