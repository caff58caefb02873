//! What the platform decides itself about a card: staff complete visits there, put third parties on cards, update
//! addresses by hand. It tells of it with a receipt, and we look at the visit again.

use crate::Result;
use crate::decide::{commit_decision, load_before};
use crate::scribe::Batch;
use domain::ids::AppointmentKey;
use domain::ledger::Cause;
use domain::model::{Guest, Portal, PortalStatus, Ruling};
use domain::reasons::Reason;
use domain::status::Status;
use domain::text::Text;

/// What a receipt tells besides what it confirms.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToldThere {
    /// The status that staff gave the visit there: an end.
    pub(crate) status: Option<Status>,
    /// Everybody whom the platform put on the card itself.
    pub(crate) guests: Option<Vec<Guest>>,
    /// Patients by source id with the address that the platform has for them now.
    pub(crate) addresses: Vec<(Text, Text)>,
}

impl ToldThere {
    /// In words, without patient data; `None` when it tells nothing.
    pub(crate) fn words(&self) -> Option<Text> {
        let status = self.status.map(|status| format!("{} there", status.label().to_lowercase()));
        let guests = self.guests.as_ref().map(|guests| match guests.len() {
            1 => "1 person of its own on the card".to_owned(),
            many => format!("{many} people of its own on the card"),
        });
        let addresses = (!self.addresses.is_empty()).then(|| "addresses of patients".to_owned());
        let told: Vec<String> = [status, guests, addresses].into_iter().flatten().collect();
        (!told.is_empty()).then(|| Text::from(told.join(", ")))
    }
}

/// Takes in what the platform told, and decides again.
pub(crate) fn learn(batch: &mut Batch<'_>, key: &AppointmentKey, told: ToldThere, who: &Text) -> Result<()> {
    let Some(mut before) = load_before(batch, key)? else { return Ok(()) };
    let integration = batch.integration(key.integration)?;
    let held = before.row.portal.as_deref().cloned().unwrap_or_default();
    let mut portal = held.clone();
    if let Some(guests) = told.guests {
        portal.guests = guests;
    }
    if let Some(status) = told.status.filter(|status| status.is_ended()) {
        // The first end that staff gave stays, as on the platform.
        portal.status.get_or_insert(PortalStatus { status, at: batch.now });
    }
    if portal != held {
        let row_before = before.row.clone();
        before.row.portal = (portal != Portal::default()).then(|| Box::new(portal));
        batch.writer().put_appointment(key, Some(&row_before), &before.row)?;
        batch.tell(key);
    }
    let mut appointment = before.decision.appointment.clone();
    if updated_there(batch, key, &told.addresses)? {
        appointment.rulings.retain(|ruling| ruling.reason != Reason::EmailChangedOldAppts);
        appointment.rulings.push(Ruling { reason: Reason::EmailChangedOldAppts, go_ahead: true });
    }
    let cause = Cause::Person { actor: who.clone(), what: Text::literal("told what it shows") };
    commit_decision(batch, &integration, key, Some(before), &appointment, false, cause)?;
    Ok(())
}

/// Whether the platform has the present address of a patient it told of.
fn updated_there(batch: &mut Batch<'_>, key: &AppointmentKey, addresses: &[(Text, Text)]) -> Result<bool> {
    for (patient, address) in addresses {
        let row = batch.reader().patient(key.integration, patient)?;
        let present = row.as_ref().and_then(store::PatientRow::email_key);
        if present.is_some_and(|present| present == domain::setup::fold_email(address)) {
            return Ok(true);
        }
    }
    Ok(false)
}
