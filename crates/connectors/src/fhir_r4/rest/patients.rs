//! Patients on demand: searched by what stands in the body of a POST, so that no name stands in an address, and one
//! read by id (FHIR R4 §3.1.0.9 and §8.1).

use super::reader::FhirReader;
use crate::fhir_r4::{Decoded, Included, Terms, decode_bundle, decode_resource};
use crate::rest::{Call, failure, percent};
use domain::text::Text;
use engine::ingest::EnvelopeFormat;
use engine::poll::{Ask, Failure, One, PatientWanted, Sheet};
use hyper::StatusCode;
use std::sync::Arc;

pub(super) async fn search_patients(
    reader: &FhirReader,
    wanted: &PatientWanted,
    ask: Ask<'_>,
) -> Result<Sheet, Failure> {
    let url = format!("{}/Patient/_search", reader.base());
    let (born, count) = (wanted.birth_date.0.to_string(), ask.page_size.to_string());
    let mut pairs = vec![("family", wanted.family.as_str()), ("birthdate", born.as_str()), ("_count", count.as_str())];
    pairs.extend(wanted.given.as_deref().map(|given| ("given", given)));
    let answer = reader.send(&ask, Call::form(url.as_str(), &pairs), &url).await?;
    if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) {
        // By GET the name would stand in an address, and in every log on the way.
        return Err(Failure::Refused { what: Text::literal("the server takes no search by POST") });
    }
    if let Some(failure) = failure(&answer, ask.now) {
        return Err(failure);
    }
    let body: Arc<[u8]> = answer.body.as_ref().into();
    let terms = Terms::of(&reader.integration, ask.now);
    let records = {
        let bundle = decode_bundle(&body, &terms).map_err(|problem| Failure::Malformed {
            what: Text::from(format!("the answer is no bundle ({})", problem.path)),
        })?;
        bundle.records().cloned().collect()
    };
    Ok(Sheet { records, ..Sheet::of(body, EnvelopeFormat::FhirJson) })
}

pub(super) async fn read_patient(reader: &FhirReader, id: &str, ask: Ask<'_>) -> Result<One, Failure> {
    let url = format!("{}/Patient/{}", reader.base(), percent(id));
    let answer = reader.send(&ask, Call::get(url.as_str()), &url).await?;
    if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
        return Ok(One::NotFound);
    }
    if let Some(failure) = failure(&answer, ask.now) {
        return Err(failure);
    }
    let body: Arc<[u8]> = answer.body.as_ref().into();
    match decode_resource(&body, &Terms::of(&reader.integration, ask.now), &Included::none()) {
        Ok(Decoded::Records(records)) => Ok(One::Found(Sheet { records, ..Sheet::of(body, EnvelopeFormat::FhirJson) })),
        Ok(Decoded::Ignored(_)) => Err(Failure::Malformed { what: Text::literal("the answer is no Patient") }),
        Err(problem) => {
            let what = Text::from(format!("the patient cannot be read ({}: {})", problem.path, problem.sentence));
            Err(Failure::Malformed { what })
        }
    }
}
