//! The users that the platform knows, as the set-up lists them; of a visit, those whose address its patient carries
//! (requirement S1-14).

use crate::ops::explain_appointment::stored;
use crate::ops::{Actor, Listing};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::ids::AppointmentKey;
use domain::setup::{UserRole, fold_email};
use domain::text::Text;
use serde::Serialize;
use std::collections::BTreeSet;
use store::Reader;

/// A user of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct UserItem {
    pub email: String,
    pub name: Option<String>,
    pub role: UserRole,
    /// The practice system's id, when it knows them too.
    pub source_id: Option<Text>,
}

impl Engine {
    /// The platform's users of an integration, in the order of the set-up. `visit`: those only whose address stands in
    /// the record of one of its patients. The view is noted.
    pub async fn list_users(&self, actor: &Actor, integration: &str, visit: Option<&str>) -> Result<Listing<UserItem>> {
        let integration = self.integration_for(actor, integration)?;
        let (sight, practice) = (actor.sight(), integration.key().practice);
        let whose = visit.map_or_else(String::new, |visit| format!("/{visit}"));
        let subject = format!("{}{whose}/users", integration.rules.integration);
        let visit = visit.map(Text::from);
        let items = self.read(move |reader| {
            let only = visit.map(|visit| addresses_of(reader, &integration, visit)).transpose()?;
            let users = integration.document.users.iter();
            let listed = users.filter(|user| only.as_ref().is_none_or(|only| only.contains(&fold_email(&user.email))));
            Ok(listed
                .map(|user| UserItem {
                    email: sight.private(&user.email),
                    name: user.name.as_ref().map(|name| sight.name(name)),
                    role: user.role,
                    source_id: user.source_id.clone(),
                })
                .collect())
        });
        let items = items.await?;
        self.note_view(actor, practice, subject).await?;
        Ok(Listing { items, next_cursor: None })
    }
}

/// The addresses of a visit's patients, folded.
fn addresses_of(reader: &mut dyn Reader, integration: &Integration, visit: Text) -> Result<BTreeSet<Text>> {
    let key = AppointmentKey { integration: integration.key(), source_id: visit };
    let Some(known) = stored(reader, &key)? else {
        return Err(Error::NotFound { what: "appointment", id: key.source_id });
    };
    let mut addresses = BTreeSet::new();
    for member in known.decision.appointment.participants.members() {
        let mut row = reader.patient(key.integration, &member.source_id)?;
        // What was merged away is told of by the record that is left.
        if let Some(survivor) = row.as_ref().and_then(|row| row.patient.merged_into.clone()) {
            row = reader.patient(key.integration, &survivor)?;
        }
        addresses.extend(row.and_then(|row| row.email_key()));
    }
    Ok(addresses)
}
