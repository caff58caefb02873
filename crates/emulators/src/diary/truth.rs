//! The diary as neutral JSON: what tests compare a vendor's answers with.

use crate::diary::{Diary, Patient, Visit};
use serde_json::{Value, json};

impl Diary {
    /// A visit. `vendor_id` is what the vendor's interface calls it.
    #[must_use]
    pub fn visit_truth(&self, visit: &Visit, vendor_id: &str) -> Value {
        let people = visit.people.iter().map(|person| {
            json!({
                "id": person.id.to_string(), "patient": person.patient.to_string(), "status": person.standing,
                "removed": person.is_removed,
            })
        });
        let place = self.place_of(visit);
        json!({
            "id": visit.id.to_string(),
            "vendor_id": vendor_id,
            "patient": visit.patient().map(|id| id.to_string()),
            "patients": people.collect::<Vec<_>>(),
            "provider": visit.provider.to_string(),
            "type": visit.kind.to_string(),
            "modality": self.kind_of(visit).modality,
            "department": visit.place.to_string(),
            "start": visit.start,
            "time_zone": place.zone_name,
            "starts_at": self.starts_at(visit),
            "ends_at": self.ends_at(visit),
            "minutes": visit.minutes,
            "status": visit.standing,
            "called_off": visit.called_off,
            "reason": visit.reason,
            "note": visit.note,
            "group": visit.is_group,
            "block": visit.is_block(),
            "series": visit.series.map(|id| id.to_string()),
            "occurrence": visit.occurrence,
            "replaces": visit.replaces.map(|id| id.to_string()),
            "replaced_by": visit.replaced_by.map(|id| id.to_string()),
            "deleted": visit.is_deleted,
            "created_at": visit.created_at,
            "changed_at": visit.changed_at,
        })
    }

    /// A patient.
    #[must_use]
    pub fn patient_truth(patient: &Patient) -> Value {
        json!({
            "id": patient.id.to_string(), "family": patient.family, "given": patient.given,
            "birth_date": patient.birth_date, "sex": patient.sex, "street": patient.street, "city": patient.city,
            "state": patient.state, "postal_code": patient.postal_code, "phone": patient.phone,
            "mobile": patient.mobile, "email": patient.email, "language": patient.language,
            "merged_into": patient.merged_into.map(|id| id.to_string()), "changed_at": patient.changed_at,
        })
    }

    /// Providers, places and kinds of visit.
    #[must_use]
    pub fn directory_truth(&self) -> Value {
        let providers = self.providers.iter().map(|row| {
            json!({"id": row.id.to_string(), "name": row.name(), "degree": row.degree, "email": row.email,
                   "npi": row.npi, "active": row.is_active})
        });
        let places = self.places.iter().map(
            |row| json!({"id": row.id.to_string(), "code": row.code, "name": row.name, "time_zone": row.zone_name}),
        );
        let kinds = self.kinds.iter().map(|row| {
            json!({"id": row.id.to_string(), "code": row.code, "name": row.name, "minutes": row.minutes,
                   "modality": row.modality, "group": row.is_group})
        });
        json!({
            "name": self.name,
            "providers": providers.collect::<Vec<_>>(),
            "departments": places.collect::<Vec<_>>(),
            "types": kinds.collect::<Vec<_>>(),
        })
    }
}
