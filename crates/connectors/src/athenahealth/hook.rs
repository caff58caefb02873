//! The event subscription platform: a subscription for each topic, and signed calls that name what changed by its id.
//! They come at least once, in no order, and some never: each is a reason to read that visit, and no more.

use super::access::Access;
use super::words::Words;
use crate::rest::{Call, failure};
use domain::setup::SecretRef;
use domain::text::Text;
use engine::poll::{Ask, Failure, Heard, Knock};
use engine::ports::Secret;
use hyper::Method;
use serde::Deserialize;
use serde_json::json;

/// The media type of FHIR R4 in JSON.
const JSON: &str = "application/fhir+json";

/// Where the vendor calls us: the `hook` table of `auth`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hook {
    /// Address of this service's call `…/integrations/ID/hook`, as the vendor reaches it.
    pub(super) url: Text,
    /// What the vendor signs with; we choose it.
    pub(super) secret: SecretRef,
}

#[derive(Deserialize)]
struct Bundle {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    resource: Resource,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Resource {
    criteria: String,
    channel: Channel,
    notification_event: Vec<Event>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Channel {
    endpoint: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Event {
    focus: Focus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Focus {
    identifier: Identifier,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Identifier {
    system: String,
    value: String,
}

/// Sees to it that there is a subscription to each topic that the profile lists.
pub(super) async fn keep(access: &Access, words: &Words, hook: &Hook, ask: &Ask<'_>) -> Result<(), Failure> {
    let base = format!("{}{}", access.origin(), words.push);
    let listed = access.send(ask, words, Call::get(format!("{base}/Subscription"))).await?;
    let listed: Bundle = serde_json::from_slice(&listed.body)
        .map_err(|_| Failure::Malformed { what: Text::literal("the list of subscriptions is no bundle") })?;
    let secret = access.caller.secret(&hook.secret)?;
    for topic in &words.topics {
        let criteria = format!("{base}/SubscriptionTopic/{topic}");
        let ours = |entry: &Entry| {
            let resource = &entry.resource;
            resource.channel.endpoint == hook.url.as_str() && resource.criteria.ends_with(&format!("/{topic}"))
        };
        if listed.entry.iter().any(ours) {
            continue;
        }
        let wanted = json!({
            "resourceType": "Subscription",
            "status": "requested",
            "reason": "appointments are synchronised",
            "criteria": criteria,
            "_criteria": { "extension": [{
                "url": "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-filter-criteria",
                "valueString": format!("ah-practice=Organization/a-1.Practice-{}", access.practice()),
            }] },
            "channel": { "type": "rest-hook", "endpoint": hook.url.as_str(), "payload": JSON },
        });
        let call = Call::send(Method::POST, format!("{base}/Subscription"), JSON, wanted.to_string());
        let made = access.exchange(ask, words, call.header("x-hub-secret", secret.open())).await?;
        if let Some(failure) = failure(&made, ask.now) {
            return Err(failure);
        }
    }
    Ok(())
}

/// What a call says, when its signature holds: HMAC-SHA256 of the body as it came (WebSub, the vendor's document).
pub(super) fn hear(secret: &Secret, knock: &Knock<'_>) -> Heard {
    let shown = knock.header("x-hub-signature").and_then(|header| header.split_once('='));
    let Some(("sha256", shown)) = shown else { return Heard::Stranger };
    let own = hmac_sha256::HMAC::mac(knock.body, secret.open().as_bytes());
    let own: String = own.iter().map(|byte| format!("{byte:02x}")).collect();
    if !knock.brings || secret.open().is_empty() || !is_same(shown.as_bytes(), own.as_bytes()) {
        return Heard::Stranger;
    }
    let bundle: Option<Bundle> = serde_json::from_slice(knock.body).ok();
    let events = bundle.iter().flat_map(|bundle| &bundle.entry).flat_map(|entry| &entry.resource.notification_event);
    let named: Vec<&Identifier> = events.map(|event| &event.focus.identifier).collect();
    match named.as_slice() {
        // One visit is read by itself; of several, or of a patient, the feed and the windows tell.
        [one] if one.system.contains(":appointment:") && !one.value.is_empty() => {
            Heard::Look(Some(Text::from(one.value.as_str())))
        }
        _ => Heard::Look(None),
    }
}

/// Compares in a time that depends on the lengths only.
fn is_same(shown: &[u8], own: &[u8]) -> bool {
    let differ = shown.iter().zip(own).fold(0, |differ, (a, b)| differ | (a ^ b));
    shown.len() == own.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus",
        "notificationEvent":[{"id":"ev-1","focus":{"identifier":{"system":"urn:athenahealth:athenanet:appointment:1","value":"77"}}}]}},
        {"resource":{"resourceType":"AuditEvent","id":"ev-1"}}]}"#;

    fn heard(signature: &str, body: &str) -> Heard {
        let headers = [("x-hub-signature".to_owned(), signature.to_owned())];
        hear(&Secret::new("s3cret"), &Knock { brings: true, query: "", headers: &headers, body: body.as_bytes() })
    }

    fn signed(body: &str) -> String {
        let mac = hmac_sha256::HMAC::mac(body.as_bytes(), b"s3cret");
        format!("sha256={}", mac.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    #[test]
    fn a_signature_is_the_one_that_others_compute() {
        // As `openssl dgst -sha256 -hmac s3cret` signs it.
        assert_eq!(signed("abc def"), "sha256=5e623855edee625e2de998aa9ff46ab65212b091e01ef45a045ca72b523bd2bd");
    }

    #[test]
    fn only_what_is_signed_is_heard_and_it_names_its_visit() {
        assert_eq!(heard(&signed(BODY), BODY), Heard::Look(Some("77".into())));
        let of_patient = BODY.replace(":appointment:", ":patient:");
        assert_eq!(heard(&signed(&of_patient), &of_patient), Heard::Look(None));
        assert_eq!(heard(&signed("odd"), "odd"), Heard::Look(None));
        for wrong in ["", "sha256=", "sha1=00", &signed("other"), &signed(BODY)[..70]] {
            assert_eq!(heard(wrong, BODY), Heard::Stranger, "{wrong:?}");
        }
    }
}
