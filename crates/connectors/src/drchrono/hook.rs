//! Webhooks. The vendor tries the address with a message, which has to come back signed with the secret token, and then
//! shows that token in clear with every call: nothing vouches for the body, so it only says which visit to read.

use crate::drchrono::visits::id_in;
use engine::poll::{Heard, Knock};
use engine::ports::Secret;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Told<'b> {
    #[serde(borrow)]
    object: &'b RawValue,
}

/// What a call says, when it shows the secret token.
pub(super) fn hear(secret: &Secret, knock: &Knock<'_>) -> Heard {
    let token = secret.open().as_bytes();
    if !knock.brings {
        let mut pairs = knock.query.split('&');
        let Some(message) = pairs.find_map(|pair| pair.strip_prefix("msg=")).and_then(super::reader::unescaped) else {
            return Heard::Stranger;
        };
        let signed = hex(&hmac_sha256::HMAC::mac(message.as_bytes(), token));
        return Heard::Proof(json!({ "secret_token": signed }).to_string());
    }
    let shown = knock.header("x-drchrono-signature").unwrap_or_default().as_bytes();
    // Receivers of others assume a signature of the body; it would prove more, so it is taken too.
    let signed = hex(&hmac_sha256::HMAC::mac(knock.body, token));
    if !(is_same(shown, token) | is_same(shown, signed.as_bytes())) {
        return Heard::Stranger;
    }
    match knock.header("x-drchrono-event") {
        Some("PING") => Heard::Nothing,
        Some(event) if event.starts_with("APPOINTMENT_") => {
            let told: Option<Told<'_>> = serde_json::from_slice(knock.body).ok();
            Heard::Look(told.and_then(|told| id_in(told.object)))
        }
        _ => Heard::Look(None),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares in a time that depends on the lengths only. Nothing is the same as an empty secret.
fn is_same(shown: &[u8], secret: &[u8]) -> bool {
    let differ = shown.iter().zip(secret).fold(0, |differ, (a, b)| differ | (a ^ b));
    shown.len() == secret.len() && !secret.is_empty() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(brings: bool, query: &str, headers: &[(&str, &str)], body: &str) -> Heard {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        hear(&Secret::new("s3cret"), &Knock { brings, query, headers: &headers, body: body.as_bytes() })
    }

    #[test]
    fn a_try_is_answered_with_the_signed_message() {
        // HMAC-SHA256 of "abc def" with the key "s3cret".
        // As `openssl dgst -sha256 -hmac s3cret` signs it.
        let signed = "5e623855edee625e2de998aa9ff46ab65212b091e01ef45a045ca72b523bd2bd";
        let Heard::Proof(json) = heard(false, "a=1&msg=abc%20def", &[], "") else { panic!("it is answered") };
        let proof: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(proof["secret_token"], signed);
        assert_eq!(heard(false, "", &[], ""), Heard::Stranger);
    }

    #[test]
    fn only_who_shows_the_secret_is_heard_and_the_visit_is_named_by_its_stable_key() {
        let body = r#"{"receiver":{},"object":{"id":"5_2026-12-01","recurrence_instance_key":"5_20261201"}}"#;
        let call = |signature: &str, event: &str, body: &str| {
            heard(true, "", &[("x-drchrono-signature", signature), ("x-drchrono-event", event)], body)
        };
        assert_eq!(call("s3cret", "APPOINTMENT_MODIFY", body), Heard::Look(Some("5_20261201".into())));
        let signed = hex(&hmac_sha256::HMAC::mac(body.as_bytes(), b"s3cret"));
        assert_eq!(call(&signed, "APPOINTMENT_DELETE", body), Heard::Look(Some("5_20261201".into())));
        assert_eq!(call("s3cret", "PATIENT_MODIFY", body), Heard::Look(None));
        assert_eq!(call("s3cret", "APPOINTMENT_CREATE", "odd"), Heard::Look(None));
        assert_eq!(call("s3cret", "PING", ""), Heard::Nothing);
        for wrong in ["", "s3cre", "s3crex", "s3crets"] {
            assert_eq!(call(wrong, "APPOINTMENT_MODIFY", body), Heard::Stranger, "{wrong:?}");
        }
    }
}
