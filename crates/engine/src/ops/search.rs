//! One search box: a name, a date, a source id, a patient id, an address or a message id.

use crate::ops::list_appointments::items;
use crate::ops::{Actor, AppointmentItem, Listing};
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::text::Text;
use jiff::civil::Date;
use store::{AppointmentFilter, Reader};

/// Rows of a search at most.
const MOST: usize = 50;

impl Engine {
    /// Finds appointments by anything a person types. What was typed is never logged.
    pub async fn search(&self, actor: &Actor, integration: &str, q: &str) -> Result<Listing<AppointmentItem>> {
        let integration = self.integration_for(actor, integration)?;
        let (sight, now, q) = (actor.sight(), self.clock.now(), q.trim().to_owned());
        let (practice, subject) = (integration.key().practice, format!("{}/search", integration.rules.integration));
        let listing = self
            .read(move |reader| {
                let ids = find(reader, &integration, &q)?;
                Ok(Listing { items: items(reader, &integration, ids, sight, now)?, next_cursor: None })
            })
            .await?;
        self.note_view(actor, practice, subject).await?;
        Ok(listing)
    }
}

/// Source ids that a typed text may mean, the surest first.
pub(crate) fn find(reader: &mut dyn Reader, integration: &Integration, q: &str) -> Result<Vec<Text>> {
    let key = integration.key();
    let mut found: Vec<Text> = Vec::new();
    if q.is_empty() {
        return Ok(found);
    }
    let add = |found: &mut Vec<Text>, ids: Vec<Text>| {
        for id in ids {
            if found.len() < MOST && !found.contains(&id) {
                found.push(id);
            }
        }
    };
    add(&mut found, reader.source_ids_like(key, q, 10)?);
    if let Some(about) = reader.control(key, q)?.and_then(|control| control.source_id) {
        add(&mut found, vec![about]);
    }
    add(&mut found, reader.appointments_of_patient(key, q, MOST)?);
    if let Some(date) = date_of(q) {
        let zone = &integration.rules.zone;
        let next = date.tomorrow().unwrap_or(date);
        let filter = AppointmentFilter {
            from: Some(zone.day_start(date)),
            to: Some(zone.day_start(next)),
            ..AppointmentFilter::default()
        };
        let day = reader.appointments(key, &filter, None, MOST)?;
        add(&mut found, day.into_iter().map(|listed| listed.source_id).collect());
    }
    for name in names_of(q) {
        for patient in reader.patients_like(key, &name, 20)? {
            add(&mut found, reader.appointments_of_patient(key, &patient.patient.source_id, MOST)?);
        }
    }
    Ok(found)
}

/// The ways in which a name may be typed, as the beginnings of name keys: `Family`, `Given Family`, `Family, Given`.
pub(super) fn names_of(q: &str) -> Vec<String> {
    if let Some((family, given)) = q.split_once(',') {
        return vec![format!("{}|{}", family.trim(), given.trim())];
    }
    let mut names = vec![q.to_owned()];
    if let Some((given, family)) = q.rsplit_once(' ') {
        names.push(format!("{}|{}", family.trim(), given.trim()));
    }
    names
}

/// A date as people type it: `2026-11-21` or `11/21/2026`.
fn date_of(q: &str) -> Option<Date> {
    q.parse().ok().or_else(|| Date::strptime("%m/%d/%Y", q).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_names_are_recognised_as_typed() {
        assert_eq!(date_of("2026-11-21"), Some(jiff::civil::date(2026, 11, 21)));
        assert_eq!(date_of("11/21/2026"), Some(jiff::civil::date(2026, 11, 21)));
        assert_eq!(date_of("A-1001"), None);
        assert_eq!(names_of("Ada Okafor"), ["Ada Okafor", "Okafor|Ada"]);
        assert_eq!(names_of("Okafor, Ada"), ["Okafor|Ada"]);
    }
}
