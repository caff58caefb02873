//! The practice document of a neighbour, as somebody would write it who looks at the practice's system.

use crate::diary::{Diary, Modality};
use crate::neighbours::{Neighbour, Part};
use crate::practice::believable::{SecretReference, quoted};
use serde_json::Value;
use std::fmt::Write as _;

/// What is secret of that which a twin tells those who want to come in.
pub(super) const SECRETS: [&str; 2] = ["client_secret", "refresh_token"];
/// So often each of them is asked while somebody looks on, in seconds: what is done at a front desk shows at once.
const SHOWN_SECS: u32 = 3;

/// How a neighbour is joined to a platform.
#[derive(Clone, Debug)]
pub struct Joining<'j> {
    /// The platform's profile; else the one that the practice has chosen.
    pub platform: Option<&'j str>,
    /// Where the platform listens.
    pub hook_url: &'j str,
    /// What signs the webhooks.
    pub secret: &'j SecretReference,
    /// Where the files of [`Neighbour::secrets`] are.
    pub folder: &'j str,
    /// How often its system is asked.
    pub haste: Haste,
    /// Sets one of several documents apart that join the same system again and again: ids end with it.
    pub number: Option<u32>,
}

/// How often a system is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// As its profile says.
    Profile,
    /// Every so many seconds, day and night, within its profile's limits.
    Every(u32),
    /// Every few seconds, and its limits are lifted: somebody looks on.
    Shown,
}

/// What a twin says to those who want to come in.
pub(super) struct Access {
    told: Value,
    /// Where the twin is.
    pub(super) address: String,
    /// Where its secrets are kept.
    folder: String,
}

impl Access {
    /// A text that may stand in a document.
    pub(super) fn text(&self, name: &str) -> String {
        quoted(self.told[name].as_str().unwrap_or_default())
    }

    /// A reference to a secret.
    pub(super) fn file(&self, name: &str) -> String {
        format!("{{ file = {} }}", quoted(&format!("{}/{name}", self.folder)))
    }
}

pub(super) fn document(neighbour: &Neighbour, joining: &Joining<'_>) -> String {
    let (part, diary) = (neighbour.part, neighbour.twin.diary());
    let access = Access {
        told: neighbour.twin.access(),
        address: format!("http://{}", neighbour.twin.http),
        folder: joining.folder.to_owned(),
    };
    let path = part.path.replace("{practice}", access.told["practice"].as_str().unwrap_or_default());
    let (kind, place) = match joining.secret {
        SecretReference::Env(name) => ("env", name),
        SecretReference::File(path) => ("file", path),
    };
    let polls = match joining.haste {
        Haste::Profile => String::new(),
        Haste::Every(seconds) => format!("poll_seconds = {seconds}, "),
        Haste::Shown => format!("poll_seconds = {SHOWN_SECS}, "),
    };
    let practice = match joining.number {
        None => part.practice.to_owned(),
        Some(number) => format!("{}-{number}", part.practice),
    };
    let mut text = format!(
        "[practice]\nid = {}\nname = {}\ntime_zone = {}\n\n[[integration]]\nid = {}\nlifecycle = \"live\"\n\
         source = {{ profile = {vendor}, route = {vendor}, url = {}, {polls}auth = {} }}\n\
         platform = {{ profile = {}, route = \"webhook\", url = {}, secret = {{ {kind} = {} }} }}\n",
        quoted(&practice),
        quoted(part.clinic),
        quoted(&diary.places[0].zone_name),
        quoted(&format!("{practice}-{}", part.vendor)),
        quoted(&format!("{}{path}", access.address)),
        (part.auth)(&access),
        quoted(joining.platform.unwrap_or(part.platform)),
        quoted(joining.hook_url),
        quoted(place),
        vendor = quoted(part.vendor),
    );
    // Writing to a string cannot fail.
    directory(&mut text, part, &diary).ok();
    if joining.haste == Haste::Shown {
        hurried(&mut text).ok();
    }
    text
}

fn directory(text: &mut String, part: &Part, diary: &Diary) -> std::fmt::Result {
    let [provider, department] = part.prefixes;
    for row in &diary.providers {
        let (id, name) = (row.id, quoted(&row.name()));
        writeln!(text, "[[integration.provider]]\nsource_id = \"{provider}{id}\"\nname = {name}")?;
        writeln!(text, "platform_id = \"prov_{}_{id}\"", part.practice)?;
    }
    for row in &diary.places {
        let (id, name, zone) = (row.id, quoted(&row.name), quoted(&row.zone_name));
        writeln!(
            text,
            "[[integration.department]]\nsource_id = \"{department}{id}\"\nname = {name}\ntime_zone = {zone}"
        )?;
    }
    // Visits at the office are none for the platform.
    for row in diary.kinds.iter().filter(|kind| kind.modality == Modality::Video && !kind.is_group) {
        let id = if part.kinds_by_code { row.code.clone() } else { row.id.to_string() };
        writeln!(text, "[[integration.type]]\nsource_name = {}\nsource_id = {}", quoted(&row.name), quoted(&id))?;
        writeln!(text, "modality = \"video\"")?;
    }
    text.push_str(part.words);
    Ok(())
}

fn hurried(text: &mut String) -> std::fmt::Result {
    for (path, value) in
        [("source.polling.min_seconds", "1"), ("source.polling.limits", "[{ requests = 20, seconds = 1, burst = 20 }]")]
    {
        writeln!(text, "[[integration.override]]\npath = \"{path}\"\nvalue = {value}\nauthor = \"Demo\"")?;
        writeln!(text, "reason = \"An emulated system may be asked every few seconds.\"")?;
    }
    Ok(())
}
