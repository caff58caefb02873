//! What a page was read with besides its bytes, and reading it again: records tell ids of reasons and providers, whose
//! names stand in lists of their own, and a patient's whole record is another answer.

use super::names::Names;
use super::people::patient;
use super::token::Tokens;
use super::value::text;
use super::visit::{Terms, unwrapped, visit};
use crate::again::{Cannot, KeptPage, NO_NAMES, NO_PAGE, NOT_READY};
use domain::model::{Record, Stamp};
use domain::text::Text;
use engine::ingest::EnvelopeFormat;
use engine::poll::Sheet;
use engine::setup::Integration;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What a page was read with.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ReadWith {
    /// It is the whole record of this patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) patient: Option<Text>,
    /// Names of reasons that its rows name, by id.
    #[serde(default)]
    reasons: BTreeMap<Text, Text>,
    /// And of providers.
    #[serde(default)]
    providers: BTreeMap<Text, Text>,
    /// Answers about patients that were joined to it.
    #[serde(default)]
    patients: Vec<Told>,
}

/// An answer about a patient.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    id: Text,
    body: Box<RawValue>,
}

impl ReadWith {
    /// The names that rows need.
    pub(super) fn names(rows: &[Value], reasons: &Names, providers: &Names) -> ReadWith {
        let used = |names: &Names, field: &str| {
            let ids = rows.iter().filter_map(|row| text(&unwrapped(row)[field]));
            ids.filter_map(|id| names.get(&id).map(|name| (id.clone(), name.clone()))).collect()
        };
        let (reasons, providers) = (used(reasons, "visit_reason_id"), used(providers, "provider_id"));
        ReadWith { reasons, providers, ..ReadWith::default() }
    }

    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// What a page of visits says.
pub(super) fn visits(body: Arc<[u8]>, rows: &[Value], terms: &Terms<'_>) -> Sheet {
    let mut sheet = Sheet::of(body, EnvelopeFormat::Json);
    for (number, row) in rows.iter().enumerate() {
        match visit(row, &format!("[{number}].appointment"), terms) {
            Err(problem) => sheet.problems.push(problem),
            Ok((record, patients)) => sheet.records.push(Record::Appointment(Box::new(record), patients)),
        }
    }
    sheet
}

/// What the whole record of a patient says.
pub(super) fn whole_patient(body: Arc<[u8]>, id: &Text, stamp: Stamp) -> Sheet {
    let person = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let person = person.get("patient").unwrap_or(&person);
    let mut sheet = Sheet::of(body, EnvelopeFormat::Json);
    sheet.read_with = ReadWith { patient: Some(id.clone()), ..ReadWith::default() }.write();
    match patient(person, id.clone(), stamp, Some(Text::literal("patient.email"))) {
        Ok(record) => sheet.records.push(Record::Patient(Box::new(record))),
        // The visit says enough of them to go on; what is wrong here is the patient's, and no visit's.
        Err(field) => tracing::warn!(field, "a patient's record cannot be read"),
    }
    sheet
}

/// Puts what was told of patients before the visit that they are of, and keeps it with the visit.
pub(super) fn joined(before: Vec<Sheet>, mut found: Sheet) -> Sheet {
    let mut with = found.read_with.take().and_then(|with| serde_json::from_str::<ReadWith>(&with).ok());
    let mut records = Vec::new();
    for sheet in before {
        let id = sheet.records.iter().find_map(|record| match record {
            Record::Patient(patient) => Some(patient.source_id.clone()),
            Record::Appointment(..) | Record::Merge(_) => None,
        });
        if let (Some(with), Some(id), Ok(body)) = (&mut with, id, serde_json::from_slice(&sheet.body)) {
            with.patients.push(Told { id, body });
        }
        records.extend(sheet.records);
    }
    records.append(&mut found.records);
    Sheet { records, read_with: with.and_then(|with| with.write()), ..found }
}

/// What a kept page says.
pub(crate) fn again(integration: &Arc<Integration>, page: &KeptPage<'_>) -> Result<Sheet, Cannot> {
    let stamp = Stamp { at: page.at, sequence: 0 };
    let value: Value = serde_json::from_slice(&page.body).map_err(|_| NO_PAGE)?;
    let Some(with) = page.with else {
        // A patient's record names its own id, and needs no names.
        let person = value.get("patient").unwrap_or(&value);
        let is_visit = value.is_array() || value.get("appointment").is_some() || value.get("start_time").is_some();
        let id = text(&person["id"]).filter(|_| !is_visit).ok_or(NO_NAMES)?;
        return Ok(whole_patient(page.body.clone(), &id, stamp));
    };
    let with: ReadWith = serde_json::from_str(with).map_err(|_| NO_NAMES)?;
    if let Some(id) = &with.patient {
        return Ok(whole_patient(page.body.clone(), id, stamp));
    }
    let tokens = Tokens::of(integration).map_err(|_| NOT_READY)?;
    let names = |told: &BTreeMap<Text, Text>| -> Names {
        Arc::new(told.iter().map(|(id, name)| (id.clone(), name.clone())).collect::<HashMap<_, _>>())
    };
    let (reasons, providers) = (names(&with.reasons), names(&with.providers));
    let terms = Terms {
        rules: &integration.rules,
        stamp,
        reasons: &reasons,
        providers: &providers,
        business_entity: tokens.business_entity(),
    };
    let rows = match value {
        Value::Array(rows) => rows,
        row => vec![row],
    };
    let found = visits(page.body.clone(), &rows, &terms);
    let told = with.patients.iter().map(|told| whole_patient(told.body.get().as_bytes().into(), &told.id, stamp));
    Ok(joined(told.collect(), found))
}
