//! The practices next door: read by asking, each on another system.

use crate::demo::{ZONE, any_port};
use crate::exit::Failure;
use domain::setup::Document;
use emulators::neighbours::{Haste, Joining, Neighbour};
use emulators::practice::believable::SecretReference;
use engine::Engine;
use engine::ops::Actor;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;

/// Starts all of them; nobody reads them yet.
pub(super) async fn start_all(seed: u64, now: Timestamp) -> Result<Vec<Neighbour>, Failure> {
    let mut neighbours = Vec::new();
    for number in 0..Neighbour::COUNT {
        let started = Neighbour::start(number, any_port().await?, seed, now, ZONE);
        neighbours.push(started.map_err(|error| Failure::could("an emulated practice cannot be started", &error))?);
    }
    Ok(neighbours)
}

/// Joins one to the platform, live. Its secrets are kept below `folder`.
pub(super) async fn join(
    neighbour: &Neighbour,
    engine: &Engine,
    folder: &Path,
    hook_url: &str,
    secret: &SecretReference,
) -> Result<(), Failure> {
    let folder = folder.join(neighbour.practice());
    std::fs::create_dir(&folder)
        .and_then(|()| {
            let mut secrets = neighbour.secrets().into_iter();
            secrets.try_for_each(|(name, value)| std::fs::write(folder.join(name), value))
        })
        .map_err(|error| Failure::could("the secrets of an emulated system cannot be kept", &error))?;
    let folder = folder.display().to_string();
    let (platform, number) = (None, None);
    let joining = Joining { platform, hook_url, secret, folder: &folder, haste: Haste::Shown, number };
    let text = neighbour.document(&joining);
    let document = Document::from_toml(&text)
        .map_err(|error| Failure::could(&format!("the document of {} cannot be read", neighbour.clinic()), &error))?;
    engine.apply_document(&Actor::operator(), document, false).await?;
    Ok(())
}

/// What is printed of one once it listens.
pub(super) fn listening(neighbour: &Neighbour) -> Value {
    json!({
        "vendor": neighbour.vendor(),
        "integration": neighbour.integration(),
        "front_desk": neighbour.desk(),
        "planted": neighbour.planted(),
    })
}
