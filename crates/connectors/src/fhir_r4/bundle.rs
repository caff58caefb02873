//! Bundles: pages of a search, histories, collections of files.

use crate::fhir_r4::actors::Included;
use crate::fhir_r4::appointment::removed_appointment;
use crate::fhir_r4::decode::{Decoded, decode_resource};
use crate::fhir_r4::problem::Problem;
use crate::fhir_r4::terms::Terms;
use domain::model::{Record, Stamp};
use domain::text::Text;
use domain::time::Moment;
use wire::fhir::{Bundle, BundleEntry, DateTime, Issue, OperationOutcome, Str, read, resource_type};

/// A bundle with its entries read one by one: what is wrong with one says nothing about the others.
#[derive(Clone, Debug)]
pub struct DecodedBundle<'a> {
    /// `searchset`, `history`, `batch`, `collection`, …
    pub kind: Option<Text>,
    /// How many matches there are in all, when the server says so.
    pub total: Option<u64>,
    /// The address of the bundle itself, as the server understood the request.
    pub this: Option<Text>,
    /// The address of the next page.
    pub next: Option<Text>,
    /// The entries, patients before visits, each group in the bundle's order.
    pub entries: Vec<DecodedEntry<'a>>,
    /// What the server has to say about the request.
    pub issues: Vec<Issue<'a>>,
}

/// One entry of a bundle.
#[derive(Clone, Debug)]
pub struct DecodedEntry<'a> {
    /// Where it stands: `Bundle.entry[3].resource`.
    pub place: Text,
    /// The resource's bytes; empty where there is none.
    pub json: &'a [u8],
    /// What it says.
    pub outcome: Result<Decoded, Problem>,
}

impl DecodedBundle<'_> {
    /// Every record of the entries that can be read.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.entries.iter().flat_map(|entry| match &entry.outcome {
            Ok(Decoded::Records(records)) => records.as_slice(),
            Ok(Decoded::Ignored(_)) | Err(_) => &[],
        })
    }

    /// What is wrong with which entry.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.entries.iter().filter_map(|entry| entry.outcome.as_ref().err())
    }
}

/// Reads a bundle. An error: it is none, or not well-formed.
pub fn decode_bundle<'a>(json: &'a [u8], terms: &Terms<'_>) -> Result<DecodedBundle<'a>, Problem> {
    let bundle: Bundle<'a> = read(json).map_err(|fault| Problem::of_fault("Bundle", &fault))?;
    let mut included = Included::none();
    for entry in &bundle.entry {
        note(&mut included, entry);
    }
    let mut decoded = DecodedBundle {
        kind: bundle.kind.as_ref().and_then(Str::present).map(Text::from),
        total: bundle.total,
        this: bundle.link_to("self").map(Text::from),
        next: bundle.link_to("next").map(Text::from),
        entries: Vec::with_capacity(bundle.entry.len()),
        issues: Vec::new(),
    };
    for (n, entry) in bundle.entry.iter().enumerate() {
        let place = Text::from(format_args!("Bundle.entry[{n}].resource"));
        let json: &'a [u8] = entry.resource.map_or(&[], |resource| resource.get().as_bytes());
        if let Some(outcome) = server_says(entry, json) {
            decoded.issues.extend(outcome.issue);
            continue;
        }
        let outcome = match removed(entry, terms) {
            Some(record) => record.map(|record| Decoded::Records(vec![record])),
            None if json.is_empty() => continue,
            None => decode_resource(json, terms, &included).map_err(|problem| problem.inside(&place)),
        };
        decoded.entries.push(DecodedEntry { place, json, outcome });
    }
    // Whoever is decided on is known by then.
    decoded.entries.sort_by_key(|entry| !is_about_patients(entry));
    Ok(decoded)
}

fn is_about_patients(entry: &DecodedEntry<'_>) -> bool {
    matches!(&entry.outcome, Ok(Decoded::Records(records)) if matches!(records.first(), Some(Record::Patient(_))))
}

/// Resources under `urn:uuid:` addresses can be told by this bundle only.
fn note(included: &mut Included, entry: &BundleEntry<'_>) {
    #[derive(serde::Deserialize)]
    struct Head<'h> {
        #[serde(borrow)]
        id: Option<Str<'h>>,
    }
    let (Some(url), Some(resource)) = (&entry.full_url, entry.resource) else { return };
    let Some(urn) = url.present().filter(|url| url.starts_with("urn:")) else { return };
    let json = resource.get().as_bytes();
    let (Ok(kind), Ok(head)) = (resource_type(json), read::<Head<'_>>(json)) else { return };
    if let Some(id) = head.id.as_ref().and_then(Str::present) {
        included.note(urn, &kind, id);
    }
}

/// An entry with what the server has to say, instead of a result.
fn server_says<'a>(entry: &BundleEntry<'a>, json: &'a [u8]) -> Option<OperationOutcome<'a>> {
    let marked = entry.search.as_ref().and_then(|search| search.mode.as_deref()) == Some("outcome");
    let is_outcome = !json.is_empty() && resource_type(json).is_ok_and(|kind| &*kind == "OperationOutcome");
    (marked || is_outcome).then(|| read(json).unwrap_or_default())
}

/// An entry of a history that says that a visit was deleted.
fn removed(entry: &BundleEntry<'_>, terms: &Terms<'_>) -> Option<Result<Record, Problem>> {
    let request = entry.request.as_ref().filter(|request| request.method.as_deref() == Some("DELETE"))?;
    let url = request.url.as_ref().and_then(Str::present)?;
    let (front, id) = url.rsplit_once('/')?;
    if front.rsplit('/').next() != Some("Appointment") {
        return None;
    }
    if terms.identifier_system.is_some() {
        // The deleted resource's business identifier is not told; its resource id is not the source id here.
        let sentence = "A deletion names the resource id, and visits are known by a business identifier here.";
        return Some(Err(Problem::at(Text::literal("Bundle.entry.request.url"), sentence)));
    }
    let modified = entry.response.as_ref().and_then(|response| response.last_modified.as_ref());
    let at = modified.and_then(|text| DateTime::parse(text).ok()).and_then(|date| date.epoch_micros());
    let stamp = Stamp { at: at.map_or(terms.received, Moment::from_micros), sequence: u64::MAX };
    Some(Ok(removed_appointment(Text::from(id), stamp)))
}
