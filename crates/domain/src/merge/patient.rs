//! Patient + record → patient.

use crate::merge::Arrival;
use crate::model::{Fact, Patient, PatientRecord};

/// Takes a record in. A newer one replaces what it speaks of; an older one only fills what nobody spoke of yet.
/// `true` when anything about the person changed (not only when it was last told).
pub fn merge_patient(patient: &mut Patient, record: PatientRecord, arrival: &Arrival) -> bool {
    let newer = record.stamp >= patient.stamp;
    let mut changed = false;
    let email_spoken = !matches!(record.email, Fact::NotSaid);
    changed |= take(&mut patient.family, record.family, newer);
    changed |= take(&mut patient.given, record.given, newer);
    changed |= take(&mut patient.birth_date, record.birth_date, newer);
    changed |= take(&mut patient.sex, record.sex, newer);
    let email_changed = take(&mut patient.email, record.email, newer);
    let since = &mut patient.since;
    for (held_since, is_new) in [
        (&mut since.email, email_changed),
        (&mut since.mobile, take(&mut patient.mobile, record.mobile, newer)),
        (&mut since.phone, take(&mut patient.phone, record.phone, newer)),
        (&mut since.language, take(&mut patient.language, record.language, newer)),
        (&mut since.restrictions, take(&mut patient.restrictions, record.restrictions, newer)),
    ] {
        if is_new {
            *held_since = Some(arrival.at);
            changed = true;
        }
    }
    changed |= take(&mut patient.address, record.address, newer);
    changed |= take(&mut patient.coverage, record.coverage, newer);
    if email_changed || (newer && email_spoken && patient.email_place.is_none()) {
        patient.email_place = record.email_place;
    }
    if newer && record.stamp > patient.stamp {
        patient.stamp = record.stamp;
        patient.read_at = arrival.at;
        patient.envelope = arrival.envelope;
    } else if changed {
        patient.read_at = arrival.at;
        patient.envelope = arrival.envelope;
    }
    changed
}

/// For sources that send a patient as a snapshot: a field they do not send has no value (docs/systems/hl7v2.md).
pub fn forget_absent(record: &mut PatientRecord) {
    fn clear<T>(fact: &mut Fact<T>) {
        if matches!(fact, Fact::NotSaid) {
            *fact = Fact::Cleared;
        }
    }
    clear(&mut record.email);
    clear(&mut record.mobile);
    clear(&mut record.phone);
    clear(&mut record.address);
    clear(&mut record.language);
}

fn take<T: PartialEq>(held: &mut Fact<T>, said: Fact<T>, newer: bool) -> bool {
    let open = matches!(held, Fact::NotSaid);
    if matches!(said, Fact::NotSaid) || !(newer || open) || *held == said {
        return false;
    }
    *held = said;
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::EnvelopeId;
    use crate::model::Stamp;
    use crate::phi::Phi;
    use crate::text::Text;
    use crate::time::Moment;

    fn arrival() -> Arrival {
        Arrival { at: Moment::from_micros(9), envelope: EnvelopeId(9), control_id: None }
    }

    fn email(minute: i64, email: Fact<Phi<Text>>) -> PatientRecord {
        PatientRecord {
            source_id: "P1".into(),
            stamp: Stamp { at: Moment::from_micros(0).plus_minutes(minute), sequence: 0 },
            family: Fact::NotSaid,
            given: Fact::NotSaid,
            birth_date: Fact::NotSaid,
            sex: Fact::NotSaid,
            email,
            email_place: Some("PID-13.4".into()),
            mobile: Fact::NotSaid,
            phone: Fact::NotSaid,
            address: Fact::NotSaid,
            language: Fact::NotSaid,
            coverage: Fact::NotSaid,
            restrictions: Fact::NotSaid,
        }
    }

    fn is(address: &str) -> Fact<Phi<Text>> {
        Fact::Is(Phi::new(address.into()))
    }

    #[test]
    fn silence_keeps_null_clears_and_a_value_replaces() {
        let mut patient = Patient::unknown("P1".into());
        assert!(merge_patient(&mut patient, email(1, is("a@example.com")), &arrival()));
        assert!(!merge_patient(&mut patient, email(2, Fact::NotSaid), &arrival()), "silence");
        assert_eq!(patient.email, is("a@example.com"));
        assert_eq!((patient.since.email, patient.since.mobile), (Some(arrival().at), None));
        assert!(merge_patient(&mut patient, email(3, Fact::Cleared), &arrival()));
        assert_eq!(patient.email, Fact::Cleared);
        assert!(!merge_patient(&mut patient, email(2, is("old@example.com")), &arrival()), "old news");
        assert_eq!(patient.email, Fact::Cleared);
    }

    #[test]
    fn a_snapshot_source_clears_by_silence() {
        let mut patient = Patient::unknown("P1".into());
        merge_patient(&mut patient, email(1, is("a@example.com")), &arrival());
        let mut record = email(2, Fact::NotSaid);
        forget_absent(&mut record);
        assert!(merge_patient(&mut patient, record, &arrival()));
        assert_eq!(patient.email, Fact::Cleared);
    }
}
