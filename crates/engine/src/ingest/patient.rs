//! One record about one patient, and the visits it wakes.

use crate::Result;
use crate::decide::doubles_of;
use crate::scribe::Batch;
use crate::setup::Integration;
use domain::gates::WakeKey;
use domain::ids::AppointmentKey;
use domain::merge::{Arrival, forget_absent, merge_patient};
use domain::model::{MergeRecord, Patient, PatientRecord};
use domain::profile::PatientStyle;
use domain::setup::PatientNotices;
use domain::text::Text;
use store::{PatientRow, WakeScope};

/// What a record about a patient was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PatientNews {
    /// Anything about the person is new.
    pub(crate) changed: bool,
    /// The person was known before.
    pub(crate) known: bool,
}

/// Takes a record in.
pub(crate) fn apply_patient(
    batch: &mut Batch<'_>,
    integration: &Integration,
    mut record: PatientRecord,
    arrival: &Arrival,
) -> Result<PatientNews> {
    let key = integration.key();
    // Other routes say in the record itself what is gone.
    let hl7v2 = integration.rules.route == "hl7v2";
    if hl7v2 && integration.rules.source.hl7v2.patient == PatientStyle::Snapshot {
        forget_absent(&mut record);
    }
    let held = batch.reader().patient(key, &record.source_id)?;
    let mut row =
        held.clone().unwrap_or_else(|| PatientRow { patient: Patient::unknown(record.source_id.clone()), link: None });
    let (old_email, old_name) = (row.email_key(), row.name_key());
    let changed = merge_patient(&mut row.patient, record, arrival);
    if held.as_ref() != Some(&row) {
        batch.writer().put_patient(key, held.as_ref(), &row)?;
    }
    // Whoever was held back for sharing the old address may go on now.
    let new_email = row.email_key();
    if let Some(old) = old_email.filter(|old| Some(old) != new_email.as_ref()) {
        for other in batch.reader().patients_with_email(key, &old, 64)? {
            if other != row.patient.source_id {
                fire(
                    batch,
                    integration,
                    &WakeKey::Patient(other),
                    "another patient gave the shared e-mail address up",
                )?;
            }
        }
    }
    if integration.rules.patient_notices == PatientNotices::Punctual && old_name != row.name_key() {
        // Somebody else of this name has a double now.
        for double in doubles_of(batch.reader(), key, &row)? {
            wake_visits_of(
                batch,
                integration,
                &double.source_id,
                None,
                "another record has the same name and birth date",
            )?;
        }
    }
    Ok(PatientNews { changed, known: held.is_some() })
}

/// Has the visits of a patient decided again, those that wait and those still to come, except the one that is being
/// decided on anyway.
pub(crate) fn wake_visits_of(
    batch: &mut Batch<'_>,
    integration: &Integration,
    patient: &Text,
    except: Option<&Text>,
    why: &str,
) -> Result<()> {
    let visits = batch.reader().appointments_of_patient(integration.key(), patient, 2)?;
    let others = visits.iter().any(|visit| Some(visit) != except);
    let waits = {
        let key = WakeKey::Patient(patient.clone()).to_string();
        batch.reader().waiting(integration.key(), &key, None, 2)?.iter().any(|visit| Some(visit) != except)
    };
    if others || waits {
        fire(batch, integration, &WakeKey::Patient(patient.clone()), why)?;
    }
    Ok(())
}

/// Visits of one patient that a merge moves at most.
const VISITS: usize = 1000;

/// Two records became one: the visits of the one that is gone hang on the other from now on.
pub(crate) fn apply_merge(
    batch: &mut Batch<'_>,
    integration: &Integration,
    merge: &MergeRecord,
    arrival: &Arrival,
) -> Result<()> {
    let key = integration.key();
    let held = batch.reader().patient(key, &merge.gone)?;
    let mut row =
        held.clone().unwrap_or_else(|| PatientRow { patient: Patient::unknown(merge.gone.clone()), link: None });
    if row.patient.merged_into.as_ref() == Some(&merge.survivor) {
        return Ok(());
    }
    row.patient.merged_into = Some(merge.survivor.clone());
    row.patient.read_at = arrival.at;
    row.patient.envelope = arrival.envelope;
    batch.writer().put_patient(key, held.as_ref(), &row)?;
    // From now on they follow the record that is left, also when only that one changes.
    for source_id in batch.reader().appointments_of_patient(key, &merge.gone, VISITS)? {
        batch.writer().put_participant(&AppointmentKey { integration: key, source_id }, &merge.survivor)?;
    }
    fire(batch, integration, &WakeKey::Patient(merge.gone.clone()), "the patient's record was merged into another")
}

fn fire(batch: &mut Batch<'_>, integration: &Integration, wake_key: &WakeKey, why: &str) -> Result<()> {
    let now = batch.now;
    batch.writer().fire(integration.key(), &wake_key.to_string(), WakeScope::Waiting, why, now)?;
    batch.effects.fired = true;
    Ok(())
}
