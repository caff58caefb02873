//! The vendor's own words, and the credentials of a document.

use domain::setup::SecretRef;
use domain::text::Text;
use serde::Deserialize;

/// The `[api]` table of the profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Where tokens are given out; absent where there are none.
    #[serde(default)]
    pub(super) token_url: Option<Text>,
    /// What is asked for.
    #[serde(default)]
    pub(super) scope: Option<Text>,
    /// The version that each call names.
    #[serde(default)]
    pub(super) version: Option<Text>,
    /// How a site stands that can be read.
    pub(super) operational: Text,
    /// A patient is read again after so many seconds.
    #[serde(default)]
    pub(super) patient_seconds: i64,
    /// So many patients are read with one page, so that it stays within its time.
    #[serde(default)]
    pub(super) patients_a_page: usize,
}

/// The `auth` table of a source.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Credentials {
    /// The site interface.
    Site {
        /// The site's short name.
        slug: Text,
        /// Its key; the second one while the first is being replaced.
        key: SecretRef,
    },
    /// EXACT's own interface.
    Api {
        /// The practice's id: `AUABC123`.
        practice: Text,
        /// As the vendor gave it out.
        client_id: Text,
        /// Where its secret is kept.
        secret: SecretRef,
        /// Another token endpoint than the profile's.
        #[serde(default)]
        token_url: Option<Text>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_of_a_site_or_of_the_interface_and_hold_no_secret() {
        let read = |text: &str| toml::from_str::<Credentials>(text);
        assert!(matches!(
            read("kind = \"site\"\nslug = \"oharbour1\"\nkey = { env = \"KEY\" }"),
            Ok(Credentials::Site { .. })
        ));
        let literal = read("kind = \"site\"\nslug = \"oharbour1\"\nkey = \"abc123\"").unwrap_err();
        assert!(!literal.message().contains("abc123"), "{literal}");
        assert!(read("kind = \"api\"\nslug = \"oharbour1\"").is_err());
    }
}
