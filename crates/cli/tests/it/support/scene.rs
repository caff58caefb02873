//! A service with a practice set up, and messages for it. Everybody in them is made up.

use crate::support::{Client, Finished, Mllp, Punctual, punctual, until};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The integration of every scene.
pub(crate) const INTEGRATION: &str = "northside-chiron";
/// The signing secret of every scene.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The set-up of a practice whose cards go to `hook`, with `more` at its end. `platform` is the platform's profile.
pub(crate) fn document(platform: &str, hook: &str, more: &str) -> String {
    format!(
        r#"[practice]
id = "northside"
name = "Northside Family Clinic"
time_zone = "America/Chicago"

[[integration]]
id = "{INTEGRATION}"
lifecycle = "live"
source = {{ profile = "kareo", route = "hl7v2", facility = "NORTHSIDE" }}
platform = {{ profile = "{platform}", route = "webhook", url = "{hook}", secret = {{ env = "HOOK_SECRET" }} }}
[[integration.type]]
source_name = "Telemedicine Visit"
source_id = "TV30"
modality = "video"
[[integration.provider]]
source_id = "DR7"
platform_id = "prov_7"
name = "Imani Cole"
[[integration.provider]]
source_id = "DR9"
name = "Kim Lee"
[[integration.override]]
path = "platform.delivery.jitter_percent"
value = 0
author = "Test"
reason = "Waits are to be known exactly."
{more}"#
    )
}

/// Another schedule of tries, and another patience, for the end of a document.
pub(crate) fn schedule(waits: &[u32], timeout_secs: u32) -> String {
    format!(
        r#"[[integration.override]]
path = "platform.delivery.retry_after_secs"
value = {waits:?}
author = "Test"
reason = "A test does not wait for minutes."
[[integration.override]]
path = "platform.delivery.timeout_secs"
value = {timeout_secs}
author = "Test"
reason = "A test does not wait for long."
"#
    )
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A visit, for building its message. Everything about it is in order unless a test says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) source_id: String,
    pub(crate) provider: &'static str,
    /// The day of the visit, so many days from today, and its minute.
    pub(crate) day: i64,
    pub(crate) minute: u32,
    pub(crate) email: String,
}

impl Visit {
    pub(crate) fn new(source_id: &str) -> Visit {
        let email = format!("{}@example.com", source_id.to_lowercase());
        Visit { source_id: source_id.to_owned(), provider: "DR7", day: 2, minute: 0, email }
    }

    pub(crate) fn with(self, provider: &'static str) -> Visit {
        Visit { provider, ..self }
    }

    /// The message with its control id. `trigger`: `S12` booked, `S13` moved, `S14` changed, `S15` called off.
    pub(crate) fn message(&self, trigger: &str) -> (String, String) {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let control_id = format!("M{}-{number:06}", std::process::id());
        let Visit { source_id, provider, email, minute, .. } = self;
        let now = now_in_chicago();
        let day = now.date().saturating_add(jiff::Span::new().days(self.day));
        let day = day.strftime("%Y%m%d");
        // MSH-7 rises with every message, as from a system that stamps them.
        let sent = now.strftime("%Y%m%d%H%M%S");
        let start = format!("{day}15{minute:02}00");
        let end = format!("{day}16{minute:02}00");
        let status = if trigger == "S15" { "Cancelled" } else { "Scheduled" };
        let message = [
            format!("MSH|^~\\&|PM|NORTHSIDE|PUNCTUAL|HUB|{sent}||SIU^{trigger}^SIU_S12|{control_id}|P|2.5.1"),
            format!("SCH||{source_id}||||||TV30^Telemedicine Visit|60|MIN|^^60^{start}^{end}||||||||||||||{status}"),
            format!(
                "PID|1||P-{source_id}^^^PM^MR||Fam{source_id}^Ada||19800229|F|||1 Main St^^Springfield^IL^62701||\
                 ^NET^Internet^{email}"
            ),
            "RGS|1|A".to_owned(),
            format!("AIP|1|A|{provider}^Cole^Imani"),
        ];
        (control_id, message.join("\r") + "\r")
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the service under test has the machine's clock, so its visits follow it"
)]
fn now_in_chicago() -> jiff::civil::DateTime {
    jiff::Timestamp::now().in_tz("America/Chicago").expect("the zone is known").datetime()
}

/// A running service with the practice set up.
pub(crate) struct Scene {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) service: Punctual,
    pub(crate) api: Client,
    pub(crate) token: String,
    feed: Option<Mllp>,
}

impl Scene {
    /// Sets a practice up by its document and serves it.
    pub(crate) fn of(document: &str) -> Scene {
        Scene::served_by(document, serve)
    }

    /// The same, with the service started by the test.
    pub(crate) fn served_by(document: &str, serve: impl FnOnce(&Path) -> Punctual) -> Scene {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        std::fs::write(folder.path().join("practice.toml"), document).expect("the document can be written");
        Finished::of(command(folder.path()).args(["apply", "practice.toml"])).done();
        let made =
            command(folder.path()).args(["token", "create", "--role", "admin", "--name", "Test", "--json"]).output();
        let made: Value = serde_json::from_slice(&made.expect("the binary runs").stdout).expect("the token is JSON");
        let token = made["token"].as_str().expect("there is a token").to_owned();
        let service = serve(folder.path());
        let api = Client::new(service.told("http")).token(&token);
        Scene { folder, service, api, token, feed: None }
    }

    /// A command on the same data.
    pub(crate) fn command(&self) -> std::process::Command {
        command(self.folder.path())
    }

    /// Sends a message over MLLP and expects `AA`.
    pub(crate) fn tell(&mut self, visit: &Visit, trigger: &str) {
        let (_, message) = visit.message(trigger);
        let address = self.service.told("mllp").to_owned();
        let feed = self.feed.get_or_insert_with(|| Mllp::connect(&address).expect("the feed is open"));
        let (code, _, answer) = feed.send(&message).expect("the message is answered");
        assert_eq!(code, "AA", "{answer}");
    }

    pub(crate) fn explanation(&self, source_id: &str) -> Value {
        self.api.json(&format!("/api/v1/integrations/{INTEGRATION}/appointments/{source_id}"))
    }

    /// The explanation, as soon as this is true of it.
    pub(crate) fn when(&self, source_id: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        until(&format!("{source_id} {what}"), || {
            let explanation = self.explanation(source_id);
            if is_so(&explanation) { Ok(explanation) } else { Err(explanation.to_string()) }
        })
    }

    /// The explanation, as soon as it has this verdict.
    pub(crate) fn becomes(&self, source_id: &str, verdict: &str) -> Value {
        self.when(source_id, &format!("becomes {verdict}"), |explanation| explanation["verdict"] == verdict)
    }
}

/// A command on the data in a folder.
pub(crate) fn command(folder: &Path) -> std::process::Command {
    let mut command = punctual(folder);
    command.env("HOOK_SECRET", SECRET).env("PUNCTUAL_DATA", data(folder));
    command
}

/// Where the data are.
pub(crate) fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// The service on the data in a folder, on ports of its own.
pub(crate) fn serve(folder: &Path) -> Punctual {
    Punctual::start(command(folder).args(["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"]))
}

/// The timeline's entries of one kind.
pub(crate) fn entries<'e>(explanation: &'e Value, what: &str) -> Vec<&'e Value> {
    let timeline = explanation["timeline"].as_array().expect("the timeline is a list");
    timeline.iter().filter(|entry| entry["what"] == what).collect()
}
