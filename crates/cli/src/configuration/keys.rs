//! The keys of the configuration as they are described to people; tests hold them equal with what is taken and with the
//! page in `docs/operating/configuration.md`.
#![cfg(test)]

/// One key.
pub(super) struct Key {
    /// In the file, with its table: `limits.message_bytes`.
    pub(super) name: &'static str,
    /// On the command line of `punctual serve`.
    pub(super) flag: &'static str,
    /// In the environment.
    pub(super) env: &'static str,
    /// When nobody says anything.
    pub(super) default: String,
}

fn key(name: &'static str, flag: &'static str, env: &'static str, default: impl ToString) -> Key {
    Key { name, flag, env, default: default.to_string() }
}

/// Every key.
pub(super) static KEYS: std::sync::LazyLock<Vec<Key>> = std::sync::LazyLock::new(|| {
    use super::{CONNECTIONS, DATA, HTTP, MESSAGE_BYTES, MESSAGE_DAYS, MLLP};
    vec![
        key("data", "--data", "PUNCTUAL_DATA", DATA),
        key("store", "--store", "PUNCTUAL_STORE", "in the data folder"),
        key("http", "--http", "PUNCTUAL_HTTP", HTTP),
        key("mllp", "--mllp", "PUNCTUAL_MLLP", MLLP),
        key("public_origin", "--public-origin", "PUNCTUAL_PUBLIC_ORIGIN", "none"),
        key("allow_private", "--allow-private", "PUNCTUAL_ALLOW_PRIVATE", "none"),
        key("retention.message_days", "--message-days", "PUNCTUAL_MESSAGE_DAYS", MESSAGE_DAYS),
        key("mail.server", "--smtp", "PUNCTUAL_SMTP", "none"),
        key("mail.from", "--mail-from", "PUNCTUAL_MAIL_FROM", "none"),
        key("mail.user", "--smtp-user", "PUNCTUAL_SMTP_USER", "none"),
        key("sms.gateway", "--sms", "PUNCTUAL_SMS", "none"),
        key("limits.message_bytes", "--message-bytes", "PUNCTUAL_MESSAGE_BYTES", MESSAGE_BYTES),
        key("limits.connections", "--connections", "PUNCTUAL_CONNECTIONS", CONNECTIONS),
        key("log.format", "--log-format", "PUNCTUAL_LOG_FORMAT", "text"),
        key("log.level", "--log-level", "PUNCTUAL_LOG_LEVEL", "info"),
    ]
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::CommandFactory;

    #[test]
    fn every_key_has_its_flag_and_its_variable() {
        let mut cli = Cli::command();
        cli.build();
        let serve = cli.find_subcommand("serve").expect("there is a command to serve");
        for Key { name, flag, env, .. } in KEYS.iter() {
            let found = serve.get_arguments().find(|argument| argument.get_long() == flag.strip_prefix("--"));
            let found = found.unwrap_or_else(|| panic!("{name}: serve has no {flag}"));
            assert_eq!(found.get_env().and_then(|name| name.to_str()), Some(*env), "{name}");
        }
    }

    #[test]
    fn the_page_about_the_configuration_lists_these_keys_and_no_others() {
        let page = include_str!("../../../../docs/operating/configuration.md");
        let rows = page.lines().filter(|line| line.starts_with("| `"));
        let written: Vec<Vec<&str>> = rows
            .map(|row| row.split('|').map(|cell| cell.trim().trim_matches('`')).skip(1).take(4).collect())
            .collect();
        let expected: Vec<Vec<&str>> =
            KEYS.iter().map(|key| vec![key.name, key.flag, key.env, key.default.as_str()]).collect();
        assert_eq!(written, expected);
    }
}
