//! Checking signatures by the Standard Webhooks specification.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac_sha256::HMAC;
use jiff::Timestamp;

/// A timestamp may be so many seconds off, in either direction.
const TOLERANCE_SECS: u64 = 300;

/// A signing secret: `whsec_` and the key in base64.
#[derive(Clone)]
pub struct Secret {
    text: String,
    key: Vec<u8>,
}

/// A text that is no signing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret is whsec_ and 24 to 64 bytes in base64")]
pub struct BadSecret;

impl Secret {
    /// Reads a secret.
    ///
    /// # Errors
    ///
    /// When it does not begin with `whsec_`, is no base64 behind it, or has a key of an unusual length.
    pub fn read(text: &str) -> Result<Secret, BadSecret> {
        let key = text.trim().strip_prefix("whsec_").ok_or(BadSecret)?;
        let key = STANDARD.decode(key).map_err(|_| BadSecret)?;
        if !(24..=64).contains(&key.len()) {
            return Err(BadSecret);
        }
        Ok(Secret { text: text.trim().to_owned(), key })
    }

    /// A secret made from a seed: good for demos and tests, and for nothing else.
    #[must_use]
    pub fn from_seed(seed: u64) -> Secret {
        let mut rng = fastrand::Rng::with_seed(seed);
        let key: Vec<u8> = (0..32).map(|_| rng.u8(..)).collect();
        Secret { text: format!("whsec_{}", STANDARD.encode(&key)), key }
    }

    /// The secret as it is handed to the sender.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The three headers and the raw body.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'r> {
    /// `webhook-id`
    pub id: Option<&'r str>,
    /// `webhook-timestamp`
    pub timestamp: Option<&'r str>,
    /// `webhook-signature`
    pub signature: Option<&'r str>,
    /// The body as it came.
    pub body: &'r [u8],
}

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// A header is missing or empty.
    #[error("header_missing")]
    HeaderMissing,
    /// The id holds a dot, so what was signed could be cut in two ways.
    #[error("id_unusable")]
    IdUnusable,
    /// The timestamp is no number of seconds.
    #[error("timestamp_unreadable")]
    TimestampUnreadable,
    /// The timestamp is too long ago: a replay, or a clock that is slow.
    #[error("timestamp_too_old")]
    TimestampTooOld,
    /// The timestamp is too far ahead.
    #[error("timestamp_in_future")]
    TimestampInFuture,
    /// None of the signatures is right.
    #[error("signature_wrong")]
    SignatureWrong,
}

impl Signed<'_> {
    /// Checks the signature by any of the secrets; gives the event's id.
    ///
    /// # Errors
    ///
    /// When it does not hold.
    pub fn verify(&self, secrets: &[Secret], now: Timestamp) -> Result<&str, Rejected> {
        let header = |value: Option<&'_ str>| value.filter(|value| !value.is_empty()).is_some();
        if ![self.id, self.timestamp, self.signature].into_iter().all(header) {
            return Err(Rejected::HeaderMissing);
        }
        let (id, timestamp) = (self.id.unwrap_or_default(), self.timestamp.unwrap_or_default());
        if id.contains('.') {
            return Err(Rejected::IdUnusable);
        }
        let at: i64 = timestamp.parse().map_err(|_| Rejected::TimestampUnreadable)?;
        if at.abs_diff(now.as_second()) > TOLERANCE_SECS {
            return Err(if at < now.as_second() { Rejected::TimestampTooOld } else { Rejected::TimestampInFuture });
        }
        // Every listed signature of a version that we know, against every secret; unknown versions are no errors.
        let listed = self.signature.unwrap_or_default().split(' ').filter_map(|entry| entry.strip_prefix("v1,"));
        for signature in listed.filter_map(|encoded| STANDARD.decode(encoded).ok()) {
            let Ok(signature) = <[u8; 32]>::try_from(signature) else { continue };
            for secret in secrets {
                let mut mac = HMAC::new(&secret.key);
                for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", self.body] {
                    mac.update(part);
                }
                // Compares in constant time.
                if mac.finalize_verify(&signature) {
                    return Ok(id);
                }
            }
        }
        Err(Rejected::SignatureWrong)
    }
}
