//! The configuration file (TOML). Every key may be left out; `docs/operating/configuration.md` describes them.

use crate::exit::Failure;
use crate::logging::LogFormat;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What a configuration file says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct File {
    /// The data folder.
    pub(crate) data: Option<PathBuf>,
    /// The store's address, when it is not in the data folder.
    pub(crate) store: Option<String>,
    /// Where the API and the console listen.
    pub(crate) http: Option<SocketAddr>,
    /// Where HL7 v2 messages are taken.
    pub(crate) mllp: Option<SocketAddr>,
    /// Where people reach the console.
    pub(crate) public_origin: Option<String>,
    /// Hosts on private networks that may be called.
    pub(crate) allow_private: Option<Vec<String>>,
    /// How long messages are kept.
    pub(crate) retention: Retention,
    /// Who takes our e-mail.
    pub(crate) mail: Mail,
    /// Who takes our text messages.
    pub(crate) sms: Sms,
    /// Bounds.
    pub(crate) limits: Limits,
    /// Logs.
    pub(crate) log: Log,
}

/// How long messages are kept.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Retention {
    /// Days for which messages are kept as they came; 0: for ever.
    pub(crate) message_days: Option<u32>,
}

/// Who takes our e-mail. The password is in `PUNCTUAL_SMTP_PASSWORD`, never here.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mail {
    /// `smtp://host:port` or `smtps://host:port`.
    pub(crate) server: Option<String>,
    /// Who the letters come from: `Northside Clinic <post@northside.example>`.
    pub(crate) from: Option<String>,
    /// The login.
    pub(crate) user: Option<String>,
}

/// Who takes our text messages. The token is in `PUNCTUAL_SMS_TOKEN`, never here.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sms {
    /// The gateway's address.
    pub(crate) gateway: Option<String>,
}

/// Bounds on what others may take.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Bytes of the largest message.
    pub(crate) message_bytes: Option<usize>,
    /// MLLP connections at one time.
    pub(crate) connections: Option<usize>,
}

/// Logs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// `text` or `json`.
    pub(crate) format: Option<LogFormat>,
    /// What is logged.
    pub(crate) level: Option<String>,
}

impl File {
    /// Reads a file. What cannot be read is told with its line and the keys that are known there.
    pub(crate) fn read(path: &Path) -> Result<File, Failure> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::could(&format!("the configuration {} cannot be read", path.display()), &error))?;
        toml::from_str(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::keys::KEYS;

    const FULL: &str = r#"
        data = "/var/lib/punctual"
        store = "sqlite:/var/lib/punctual/other.db"
        http = "0.0.0.0:8080"
        mllp = "0.0.0.0:2575"
        public_origin = "https://punctual.example"
        allow_private = ["10.0.0.5"]
        [retention]
        message_days = 30
        [mail]
        server = "smtps://mail.example"
        from = "Punctual <post@clinic.example>"
        user = "post"
        [sms]
        gateway = "https://sms.example/send"
        [limits]
        message_bytes = 65536
        connections = 16
        [log]
        format = "json"
        level = "warn"
    "#;

    fn names(table: &toml::Table, prefix: &str) -> Vec<String> {
        let name = |key: &str| format!("{prefix}{key}");
        let inner = |(key, value): (&String, &toml::Value)| match value {
            toml::Value::Table(table) => names(table, &name(&format!("{key}."))),
            _ => vec![name(key)],
        };
        table.iter().flat_map(inner).collect()
    }

    #[test]
    fn the_keys_that_are_taken_are_the_keys_that_are_described() {
        let file: File = toml::from_str(FULL).unwrap();
        let mut taken = names(&toml::Table::try_from(&file).unwrap(), "");
        let mut described: Vec<String> = KEYS.iter().map(|key| key.name.to_owned()).collect();
        taken.sort();
        described.sort();
        assert_eq!(taken, described);
    }

    #[test]
    fn an_unknown_key_is_told_with_its_line_and_the_known_ones() {
        let error = toml::from_str::<File>("http = \"127.0.0.1:1\"\nmlpp = \"127.0.0.1:2\"\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("`mlpp`") && error.contains("`mllp`"), "{error}");
        let error = toml::from_str::<File>("[limits]\nbytes = 1\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("`message_bytes`"), "{error}");
    }
}
