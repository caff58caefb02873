//! Signatures of the Standard Webhooks specification: HMAC-SHA256 over `{id}.{timestamp}.{body}`.

use engine::ports::Secret;
use standardwebhooks::Webhook;

/// A secret that is not what it says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnusableSecret;

/// The value of `webhook-signature`: one signature for each secret, the newest first, separated by a blank.
///
/// A secret that begins with `whsec_` is base64 behind that; any other is taken as it is.
pub fn sign(secrets: &[Secret], id: &str, timestamp: i64, body: &[u8]) -> Result<String, UnusableSecret> {
    let mut signatures = Vec::with_capacity(secrets.len());
    for secret in secrets {
        let secret = secret.open().trim();
        let key = if secret.starts_with("whsec_") {
            Webhook::new(secret)
        } else {
            Webhook::from_bytes(secret.as_bytes().to_vec())
        };
        let signature = key.and_then(|key| key.sign(id, timestamp, body)).map_err(|_| UnusableSecret)?;
        signatures.push(signature);
    }
    Ok(signatures.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_is_reproduced() {
        // From the specification's own libraries.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature = sign(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn while_a_secret_is_changed_both_sign() {
        let secrets = [Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Secret::new("a plain secret")];
        let both = sign(&secrets, "msg_1", 1, b"{}").unwrap();
        let each: Vec<String> =
            secrets.iter().map(|secret| sign(std::slice::from_ref(secret), "msg_1", 1, b"{}").unwrap()).collect();
        assert_eq!(both, each.join(" "));
        assert_ne!(each[0], each[1]);
    }

    #[test]
    fn a_broken_secret_is_an_error_and_not_a_wrong_signature() {
        assert_eq!(sign(&[Secret::new("whsec_not base64!")], "msg_1", 1, b"{}"), Err(UnusableSecret));
    }
}
