//! The practice document that goes with the day: how Punctual is to be set up for this clinic.

use crate::practice::believable::clinic::{DESK_EMAIL, TEST_FAMILY, UNLINKED};
use crate::practice::believable::hours::holidays;
use crate::practice::{Patient, Practice};
use jiff::Timestamp;
use jiff::civil::Date;
use std::fmt::Write as _;

/// An account that the platform has already.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) platform_id: String,
    /// The patient it is linked with.
    pub(super) source_id: Option<String>,
    pub(super) family: String,
    pub(super) given: String,
    pub(super) birth_date: Option<Date>,
    pub(super) email: Option<String>,
}

impl Account {
    /// The linked account of a patient.
    pub(super) fn of(patient: &Patient) -> Account {
        let number = patient.id.trim_start_matches('P');
        Account { source_id: Some(patient.id.clone()), ..Account::unlinked(&format!("pat_{number}"), patient) }
    }

    /// An account with a patient's data that nobody linked.
    pub(super) fn unlinked(platform_id: &str, patient: &Patient) -> Account {
        Account {
            platform_id: platform_id.to_owned(),
            source_id: None,
            family: patient.family.clone(),
            given: patient.given.clone(),
            birth_date: patient.birth_date,
            email: patient.email.clone(),
        }
    }
}

/// Where the service finds the secret that signs its webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    /// In an environment variable of this name.
    Env(String),
    /// In a file at this path.
    File(String),
}

/// A practice document that lacks only the platform's address and secret.
#[derive(Clone, Debug)]
pub struct PracticeDocument {
    head: String,
    tail: String,
}

impl PracticeDocument {
    /// The practice's id in the document.
    pub const PRACTICE: &'static str = "northside";
    /// The integration's id in the document.
    pub const INTEGRATION: &'static str = "northside-chiron";

    /// The document as TOML, for a platform that listens at `hook_url` and checks signatures by that secret.
    #[must_use]
    pub fn to_toml(&self, hook_url: &str, secret: &SecretReference) -> String {
        let (kind, place) = match secret {
            SecretReference::Env(name) => ("env", name),
            SecretReference::File(path) => ("file", path),
        };
        format!(
            "{}platform = {{ profile = \"chiron\", route = \"webhook\", url = {}, secret = {{ {kind} = {} }} }}\n{}",
            self.head,
            quoted(hook_url),
            quoted(place),
            self.tail
        )
    }

    pub(super) fn of(practice: &Practice, now: Timestamp, accounts: Vec<Account>) -> PracticeDocument {
        let year = practice.clinic().local(now).year();
        PracticeDocument { head: head(practice, year), tail: tail(practice, &accounts) }
    }
}

fn head(practice: &Practice, year: i16) -> String {
    let clinic = practice.clinic();
    let free: Vec<String> = [holidays(year), holidays(year.saturating_add(1))]
        .concat()
        .iter()
        .map(|day| quoted(&day.to_string()))
        .collect();
    format!(
        "[practice]\nid = {}\nname = {}\ntime_zone = {}\nholidays = [{}]\n\n[[integration]]\nid = {}\n\
         lifecycle = \"live\"\nsource = {{ profile = \"kareo\", route = \"hl7v2\", facility = {} }}\n",
        quoted(PracticeDocument::PRACTICE),
        quoted(&clinic.name),
        quoted(&clinic.zone_name),
        free.join(", "),
        quoted(PracticeDocument::INTEGRATION),
        quoted(&clinic.facility),
    )
}

fn tail(practice: &Practice, accounts: &[Account]) -> String {
    let mut text = Section::default();
    text.open("type").text("source_name", "Telemedicine Visit").text("source_id", "TV30").text("modality", "video");
    for department in &practice.departments {
        text.open("department").text("source_id", &department.id).text("name", &department.name);
    }
    for provider in &practice.providers {
        text.open("provider").text("source_id", &provider.id);
        if provider.id != UNLINKED {
            text.text("platform_id", &provider.id.replace("DR", "prov_"));
        }
        text.text("name", &format!("{} {}", provider.given, provider.family)).line("active = true");
    }
    text.open("user").text("email", DESK_EMAIL).text("source_id", "U12").text("role", "staff");
    text.text("name", "Dolores Reyes");
    text.open("user").text("email", "p.lindgren@northside.example.org").text("source_id", "U14").text("role", "staff");
    text.text("name", "Peter Lindgren");
    for account in accounts {
        text.open("patient").text("platform_id", &account.platform_id);
        text.maybe("source_id", account.source_id.as_deref());
        text.text("family", &account.family).text("given", &account.given);
        text.maybe("birth_date", account.birth_date.map(|day| day.to_string()).as_deref());
        text.maybe("email", account.email.as_deref());
    }
    for [role, name, email] in [
        ["desk", "Front desk", DESK_EMAIL],
        ["admin", "Priya Raman", "p.raman@northside.example.org"],
        ["support", "Platform support", "support@platform.example.com"],
        ["engineer", "Ivo Tanner", "ivo.tanner@platform.example.com"],
    ] {
        text.open("owner").text("role", role).text("name", name).text("email", email);
    }
    text.open("override").text("path", "source.hl7v2.test_families");
    text.line(&format!("value = [{}]", quoted(TEST_FAMILY)));
    text.text("author", "Priya Raman").text("reason", "Our test patients are all called ZZTEST.");
    text.0
}

/// Tables of an integration, line by line.
#[derive(Default)]
struct Section(String);

impl Section {
    fn open(&mut self, table: &str) -> &mut Section {
        self.line(&format!("[[integration.{table}]]"))
    }

    fn text(&mut self, key: &str, value: &str) -> &mut Section {
        self.line(&format!("{key} = {}", quoted(value)))
    }

    fn maybe(&mut self, key: &str, value: Option<&str>) -> &mut Section {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    fn line(&mut self, line: &str) -> &mut Section {
        self.0.push_str(line);
        self.0.push('\n');
        self
    }
}

/// A basic string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            letter if letter.is_control() => {
                // Writing to a string cannot fail.
                write!(quoted, "\\u{:04X}", u32::from(letter)).ok();
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_survives_being_quoted() {
        for text in ["plain", "O'Rourke", "C:\\keys\\hook", "say \"hi\"", "tab\tand\nline", "Núñez", "\u{7f}"] {
            let table: toml::Table = toml::from_str(&format!("v = {}", quoted(text))).unwrap();
            assert_eq!(table["v"].as_str(), Some(text));
        }
    }
}
