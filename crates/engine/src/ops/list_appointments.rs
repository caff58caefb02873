//! Lists of appointments: by verdict, reason and time, in pages.

use crate::ops::explain_appointment::{explanation_of, stored};
use crate::ops::people::people;
use crate::ops::{Actor, PersonView};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::decide::Verdict;
use domain::explain::{Sight, TypeView};
use domain::ids::AppointmentKey;
use domain::reasons::Reason;
use domain::status::Status;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use store::{AppointmentFilter, Page, Reader};

/// A page of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Listing<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Asks for the next page; `None`: this was the last.
    pub next_cursor: Option<String>,
}

/// One row of a list of appointments.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct AppointmentItem {
    pub integration: Text,
    pub source_id: Text,
    pub verdict: Verdict,
    pub primary: Option<Reason>,
    pub sentence: String,
    pub start: Option<Moment>,
    pub end: Option<Moment>,
    pub time_zone: Text,
    pub status: Status,
    #[serde(rename = "type")]
    pub visit_type: TypeView,
    pub provider: Option<Text>,
    pub participants: Vec<Text>,
    pub patients: Vec<PersonView>,
    pub owner: Option<Text>,
    pub fix: Option<&'static str>,
    pub expected_by: Option<Moment>,
    pub heals_at: Option<Moment>,
    pub delivery: &'static str,
    pub version: u32,
}

/// What a list wants.
#[derive(Clone, Debug, Default)]
pub struct AppointmentsAsked {
    /// Only these verdicts.
    pub verdicts: Vec<Verdict>,
    /// Only this primary reason.
    pub code: Option<Reason>,
    /// Starts from here on.
    pub from: Option<Moment>,
    /// Starts before this.
    pub to: Option<Moment>,
    /// The next page of an earlier answer.
    pub cursor: Option<String>,
    /// Rows at most; 100 unless said otherwise, 1,000 at most.
    pub limit: Option<usize>,
}

impl Engine {
    /// A page of appointments in order of start.
    pub async fn list_appointments(
        &self,
        actor: &Actor,
        integration: &str,
        asked: AppointmentsAsked,
    ) -> Result<Listing<AppointmentItem>> {
        let integration = self.integration_for(actor, integration)?;
        let (sight, now) = (actor.sight(), self.clock.now());
        let after = asked.cursor.as_deref().map(read_cursor).transpose()?;
        let limit = asked.limit.unwrap_or(100).clamp(1, 1000);
        let filter = AppointmentFilter { verdicts: asked.verdicts, reason: asked.code, from: asked.from, to: asked.to };
        let (practice, subject) =
            (integration.key().practice, format!("{}/appointments", integration.rules.integration));
        let listing = self
            .read(move |reader| {
                let rows = reader.appointments(integration.key(), &filter, after.as_ref(), limit)?;
                let next = rows.last().filter(|_| rows.len() == limit);
                let next_cursor =
                    next.map(|last| cursor(&Page { start: last.row.start, source_id: last.source_id.clone() }));
                let ids = rows.into_iter().map(|listed| listed.source_id);
                Ok(Listing { items: items(reader, &integration, ids, sight, now)?, next_cursor })
            })
            .await?;
        self.note_view(actor, practice, subject).await?;
        Ok(listing)
    }
}

/// Rows for these appointments, in their order.
pub(crate) fn items(
    reader: &mut dyn Reader,
    integration: &Integration,
    ids: impl IntoIterator<Item = Text>,
    sight: Sight,
    now: Moment,
) -> Result<Vec<AppointmentItem>> {
    let mut items = Vec::new();
    for source_id in ids {
        let key = AppointmentKey { integration: integration.key(), source_id };
        if let Some(stored) = stored(reader, &key)? {
            let mut item = item(integration, &stored, sight, now);
            item.patients = people(reader, integration, &item.participants, sight)?;
            items.push(item);
        }
    }
    Ok(items)
}

fn item(
    integration: &Integration,
    stored: &crate::ops::explain_appointment::Stored,
    sight: Sight,
    now: Moment,
) -> AppointmentItem {
    let explanation = explanation_of(integration, stored, sight, now);
    let primary =
        explanation.findings.iter().find(|finding| finding.code.is_some() && finding.code == explanation.primary);
    let owner = primary.and_then(|finding| finding.owner.as_ref());
    AppointmentItem {
        integration: explanation.integration.clone(),
        owner: owner.map(|owner| owner.name.clone().unwrap_or(Text::literal(owner.role.label()))),
        fix: primary.and_then(|finding| finding.fix),
        source_id: explanation.source_id,
        verdict: explanation.verdict,
        primary: explanation.primary,
        sentence: explanation.sentence,
        start: explanation.appointment.start,
        end: explanation.appointment.end,
        time_zone: explanation.appointment.time_zone,
        status: explanation.appointment.status,
        visit_type: explanation.appointment.visit_type,
        provider: explanation.appointment.provider.map(|provider| provider.name.unwrap_or(provider.source_id)),
        participants: explanation
            .appointment
            .participants
            .into_iter()
            .map(|participant| participant.source_id)
            .collect(),
        patients: Vec::new(),
        expected_by: explanation.expected_by,
        heals_at: explanation.heals_at,
        delivery: explanation.delivery.state,
        version: explanation.appointment.version,
    }
}

/// A cursor is opaque to whoever gets it; it holds no patient data.
fn cursor(page: &Page) -> String {
    let start = page.start.map_or_else(|| "-".to_owned(), |start| start.micros().to_string());
    format!("{start}.{}", hex(page.source_id.as_bytes()))
}

fn read_cursor(text: &str) -> Result<Page> {
    let unreadable = || Error::Invalid("this cursor is not one of ours: ask for the first page again".to_owned());
    let (start, id) = text.split_once('.').ok_or_else(unreadable)?;
    let start = match start {
        "-" => None,
        micros => Some(Moment::from_micros(micros.parse().map_err(|_| unreadable())?)),
    };
    let id = String::from_utf8(unhex(id).ok_or_else(unreadable)?).map_err(|_| unreadable())?;
    Ok(Page { start, source_id: id.into() })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_foreign_ones_are_refused() {
        for page in [
            Page { start: Some(Moment::from_micros(-5)), source_id: "A 1.ü".into() },
            Page { start: None, source_id: "x".into() },
        ] {
            assert_eq!(read_cursor(&cursor(&page)).unwrap(), page);
        }
        for foreign in ["", "5", "5.zz", "x.61", "5.6"] {
            assert!(read_cursor(foreign).is_err(), "{foreign}");
        }
    }
}
