//! How a server is convinced of who asks: the `auth` table of a source.

use domain::setup::SecretRef;
use domain::text::Text;
use serde::Deserialize;

/// How a server is convinced of who asks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Auth {
    /// A token that does not change.
    Bearer {
        /// Where it is kept.
        token: SecretRef,
        /// Where the server tells us of changes.
        hook: Option<Hook>,
    },
    /// SMART Backend Services: a signed assertion buys a short-lived token.
    Smart {
        /// As registered with the server.
        client_id: Text,
        /// The private key, PEM (PKCS #8).
        key: SecretRef,
        /// The id of its public half in our key set, where the server wants one.
        kid: Option<Text>,
        /// How is signed.
        #[serde(default)]
        algorithm: SignedBy,
        /// The token endpoint; absent: the server's `.well-known/smart-configuration` tells it.
        token_url: Option<Text>,
        /// What is asked for.
        #[serde(default = "scope")]
        scope: Text,
        /// Where the server tells us of changes.
        hook: Option<Hook>,
    },
    /// OAuth 2 client credentials with a shared secret.
    ClientSecret {
        /// As registered with the server.
        client_id: Text,
        /// Where the secret is kept.
        secret: SecretRef,
        /// The token endpoint; absent: the server's `.well-known/smart-configuration` tells it.
        token_url: Option<Text>,
        /// What is asked for.
        #[serde(default = "scope")]
        scope: Text,
        /// Where the server tells us of changes.
        hook: Option<Hook>,
    },
    /// Nobody asks.
    Open {
        /// Where the server tells us of changes.
        hook: Option<Hook>,
    },
}

/// Signature algorithms that SMART asks every server to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
pub(super) enum SignedBy {
    /// RSA with SHA-384.
    #[serde(rename = "RS384")]
    Rs384,
    /// P-384 with SHA-384.
    #[default]
    #[serde(rename = "ES384")]
    Es384,
}

/// Where the server tells us of changes, as it reaches us, and how it shows that it is allowed to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hook {
    /// Address of this service's call `…/integrations/ID/look`.
    pub(super) url: Text,
    /// A token of this service.
    pub(super) token: SecretRef,
}

fn scope() -> Text {
    Text::literal("system/Appointment.read system/Patient.read")
}

impl Auth {
    /// Reads the table of a source; none means that nobody asks.
    pub(super) fn read(table: Option<&toml::Table>) -> Result<Auth, Text> {
        let Some(table) = table else { return Ok(Auth::Open { hook: None }) };
        let mut table = table.clone();
        table.entry("kind").or_insert_with(|| "open".into());
        // The reader's message quotes the table's own words, which hold no secret: those are references.
        toml::Value::Table(table)
            .try_into()
            .map_err(|error: toml::de::Error| Text::from(format!("source.auth cannot be used: {}", error.message())))
    }

    /// Where the server tells us of changes.
    pub(super) fn hook(&self) -> Option<&Hook> {
        match self {
            Auth::Bearer { hook, .. }
            | Auth::Smart { hook, .. }
            | Auth::ClientSecret { hook, .. }
            | Auth::Open { hook } => hook.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_and_a_literal_secret_is_refused() {
        let read = |text: &str| Auth::read(Some(&toml::from_str(text).unwrap()));
        let smart = read(
            r#"kind = "smart"
            client_id = "punctual"
            key = { file = "/run/secrets/key.pem" }"#,
        );
        let Ok(Auth::Smart { algorithm, scope, .. }) = smart else { panic!("{smart:?}") };
        assert_eq!((algorithm, scope.as_str()), (SignedBy::Es384, "system/Appointment.read system/Patient.read"));
        let literal = read("kind = \"bearer\"\ntoken = \"abc123\"").unwrap_err();
        assert!(!literal.contains("abc123"), "{literal}");
        assert_eq!(Auth::read(None), Ok(Auth::Open { hook: None }));
    }
}
