//! The ledger and the audit log: whole, in order, and nobody told twice.

use crate::disk::Told;
use crate::verify::rows::entries;
use crate::world::World;
use domain::ids::{AppointmentKey, EnvelopeId};
use domain::ledger::{Cause, Entry};
use engine::ops::{Actor, WhyAnswer, WhyAsked};
use std::collections::BTreeSet;
use store::AppointmentFilter;

/// Looks at the ledger, the audit log and the answers about visits that never were.
pub(super) async fn look(world: &World) -> Told<Vec<String>> {
    let mut faults = Vec::new();
    visits(world, &mut faults)?;
    audit(world, &mut faults).await?;
    messages(world, &mut faults)?;
    absence(world, &mut faults).await?;
    Ok(faults)
}

fn visits(world: &World, faults: &mut Vec<String>) -> Told {
    let mut reader = world.disk().reader()?;
    let trouble = |error: store::Error| error.to_string();
    for integration in reader.integrations().map_err(trouble)? {
        let listed =
            reader.appointments(integration.key, &AppointmentFilter::default(), None, 10_000).map_err(trouble)?;
        for listed in listed {
            let key = AppointmentKey { integration: integration.key, source_id: listed.source_id.clone() };
            let entries = entries(&mut *reader, &key, listed.row.last)?;
            let mut say =
                |what: String| faults.push(format!("{}/{}: {what}", integration.document.id, listed.source_id));
            if entries.last().is_none_or(|first| first.prev.is_some()) {
                say("its entries do not reach back to the first".to_owned());
            }
            if entries.windows(2).any(|pair| pair[0].id <= pair[1].id) {
                say("its entries are not in order".to_owned());
            }
            let told = entries.iter().filter(|row| match &row.entry {
                Entry::Attempted(attempt) => attempt.told.is_some(),
                Entry::Told { .. } => true,
                _ => false,
            });
            if told.count() > 1 {
                say("it was settled twice who tells the patient".to_owned());
            }
            let mut version = u32::MAX;
            for row in &entries {
                if let Entry::Decided { decision, .. } = &row.entry {
                    if decision.version > version {
                        say(format!("version {} was decided before {version}", decision.version));
                    }
                    version = decision.version;
                }
            }
            let heard: BTreeSet<EnvelopeId> = entries.iter().filter_map(|row| heard_in(&row.entry)).collect();
            for envelope in heard {
                if reader.envelope_digest(envelope).map_err(trouble)?.is_none() {
                    say(format!("its envelope {envelope} is not there"));
                }
            }
        }
    }
    Ok(())
}

fn heard_in(entry: &Entry) -> Option<EnvelopeId> {
    match entry {
        Entry::Decided { cause: Cause::Envelope { id, .. }, .. } => Some(*id),
        Entry::Heard { envelope, .. } => Some(*envelope),
        _ => None,
    }
}

async fn audit(world: &World, faults: &mut Vec<String>) -> Told {
    let chain = world.engine()?.check_audit().await.map_err(|error| error.to_string())?;
    if let Some(row) = chain.broken_at {
        faults.push(format!("the audit log is broken at {row}"));
    }
    for action in ["apply", "link", "unlink", "lifecycle", "redrive", "receipt"] {
        let rows: i64 = world.disk().look(|probe| {
            probe.query_row("SELECT count(*) FROM audit WHERE action = ?1", [action], |row| row.get(0))
        })?;
        let done = world.done(action);
        // What was refused, or was so already, leaves no row; what changed something does.
        if rows == 0 && done > 0 && !matches!(action, "lifecycle" | "unlink" | "redrive") {
            faults.push(format!("{done} times something was done ({action}), and the audit log knows nothing of it"));
        }
    }
    Ok(())
}

/// Every acknowledged message is in the store, byte for byte.
fn messages(world: &World, faults: &mut Vec<String>) -> Told {
    let mut reader = world.disk().reader()?;
    for (control_id, body) in world.acknowledged() {
        // Bodies are packed on the disk: found by their digest, and compared as they are read back.
        let digest = blake3::hash(body);
        let digest = &digest.as_bytes()[..16];
        let ids: Vec<i64> = world.disk().look(|probe| {
            probe.prepare("SELECT id FROM envelope WHERE digest = ?1")?.query_map([digest], |row| row.get(0))?.collect()
        })?;
        let mut kept = false;
        for id in ids {
            let envelope = reader.envelope(EnvelopeId(id.unsigned_abs())).map_err(|error| error.to_string())?;
            kept |= envelope.is_some_and(|envelope| envelope.body == body);
        }
        if !kept {
            faults.push(format!("message {control_id} was acknowledged and is not there"));
        }
    }
    Ok(())
}

/// A visit that was never sent is not found, and nothing is claimed without proof.
async fn absence(world: &World, faults: &mut Vec<String>) -> Told {
    let engine = world.engine()?;
    for clinic in &world.plan().clinics {
        for feed in &clinic.feeds {
            let asked = WhyAsked { source_id: Some("NEVER-1".into()), ..WhyAsked::default() };
            let answer = engine.answer_why(&Actor::operator(), &feed.id, asked).await;
            let word = match answer.map_err(|error| error.to_string())? {
                WhyAnswer::Found(_) => "found",
                WhyAnswer::Absent(absent) => absent.answer,
            };
            // Whoever only listens cannot know what was not sent; whoever has read everything can.
            let proven = if clinic.asked { "never_received" } else { "not_yet_looked" };
            if word != proven {
                faults.push(format!("{}: about a visit that never was it says {word} instead of {proven}", feed.id));
            }
        }
    }
    Ok(())
}
