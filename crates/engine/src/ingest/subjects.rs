//! What a message speaks of, as numbers by which another process finds what has to be decided first.

use domain::ids::IntegrationKey;
use domain::model::Record;
use domain::text::Text;
use store::Subject;

/// Of a visit.
pub(super) fn visit(integration: IntegrationKey, source_id: &str) -> Subject {
    number(b"visit", integration, source_id)
}

fn patient(integration: IntegrationKey, source_id: &str) -> Subject {
    number(b"patient", integration, source_id)
}

fn number(kind: &[u8], integration: IntegrationKey, source_id: &str) -> Subject {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind);
    hasher.update(&integration.integration.to_le_bytes());
    hasher.update(source_id.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    Subject::from_le_bytes(bytes)
}

/// All that records speak of: each once, ascending.
pub(super) fn subjects_of(integration: IntegrationKey, records: &[Record]) -> Vec<Subject> {
    let person = |id: &Text| patient(integration, id);
    let mut subjects = Vec::with_capacity(2);
    for record in records {
        match record {
            Record::Appointment(record, patients) => {
                subjects.push(visit(integration, &record.source_id));
                subjects.extend(patients.iter().map(|patient| person(&patient.source_id)));
            }
            Record::Patient(patient) => subjects.push(person(&patient.source_id)),
            Record::Merge(merge) => subjects.extend([person(&merge.survivor), person(&merge.gone)]),
        }
    }
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}
