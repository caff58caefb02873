//! What pages of a server say, when they come and when they are read again. Patients whom the server does not include
//! come by answers of their own; those that were joined to a visit are kept with it.

use crate::again::{Cannot, KeptPage, NO_PAGE};
use crate::fhir_r4::{Decoded, DecodedBundle, Included, Terms, decode_bundle, decode_resource};
use domain::model::Record;
use domain::text::Text;
use engine::ingest::EnvelopeFormat;
use engine::poll::{Problem, Sheet};
use engine::setup::Integration;
use serde_json::value::RawValue;
use std::sync::Arc;
use wire::fhir::resource_type;

/// Patients come before the visit they belong to, and are kept with it.
pub(super) fn joined(mut visit: Sheet, patients: Vec<Sheet>) -> Sheet {
    let bodies = patients.iter().filter_map(|sheet| serde_json::from_slice::<&RawValue>(&sheet.body).ok());
    let bodies: Vec<&RawValue> = bodies.collect();
    if !bodies.is_empty() {
        visit.read_with = serde_json::to_string(&bodies).ok();
    }
    let mut records: Vec<Record> = patients.into_iter().flat_map(|sheet| sheet.records).collect();
    records.append(&mut visit.records);
    visit.records = records;
    visit
}

/// What a bundle says.
pub(super) fn sheet(bundle: &DecodedBundle<'_>, body: Arc<[u8]>) -> Sheet {
    let mut problems = Vec::new();
    for entry in &bundle.entries {
        let Err(problem) = &entry.outcome else { continue };
        problems.push(Problem {
            source_id: id_of(entry.json),
            place: problem.path.clone(),
            what: Text::literal(problem.sentence),
            body: (!entry.json.is_empty()).then(|| entry.json.into()),
        });
    }
    let records = bundle.records().cloned().collect();
    Sheet { records, problems, ..Sheet::of(body, EnvelopeFormat::FhirJson) }
}

/// What one resource says; `None`: it is of another type. `visit`: the id of the visit that it is.
pub(super) fn single(body: Arc<[u8]>, terms: &Terms<'_>, visit: Option<Text>) -> Option<Sheet> {
    let mut sheet = Sheet::of(body.clone(), EnvelopeFormat::FhirJson);
    match decode_resource(&body, terms, &Included::none()) {
        Ok(Decoded::Records(records)) => sheet.records = records,
        Ok(Decoded::Ignored(_)) => return None,
        Err(problem) => sheet.problems.push(Problem {
            source_id: visit,
            place: problem.path,
            what: Text::literal(problem.sentence),
            body: None,
        }),
    }
    Some(sheet)
}

/// The id of a resource that could not be read otherwise.
fn id_of(json: &[u8]) -> Option<Text> {
    #[derive(serde::Deserialize)]
    struct Head {
        id: Option<String>,
    }
    serde_json::from_slice::<Head>(json).ok()?.id.map(Text::from)
}

/// What a kept page says.
pub(crate) fn again(integration: &Arc<Integration>, page: &KeptPage<'_>) -> Result<Sheet, Cannot> {
    let terms = Terms::of(integration, page.at);
    let is_bundle = resource_type(&page.body).is_ok_and(|kind| &*kind == "Bundle");
    let found = if is_bundle {
        let bundle = decode_bundle(&page.body, &terms).map_err(|_| NO_PAGE)?;
        sheet(&bundle, page.body.clone())
    } else {
        single(page.body.clone(), &terms, id_of(&page.body)).ok_or(NO_PAGE)?
    };
    let bodies: Vec<&RawValue> = page.with.and_then(|with| serde_json::from_str(with).ok()).unwrap_or_default();
    let patients = bodies.into_iter().filter_map(|body| single(body.get().as_bytes().into(), &terms, None));
    Ok(joined(found, patients.collect()))
}
