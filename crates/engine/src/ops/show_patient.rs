//! One patient of the source: what is known of them and since when, whether an account of the platform is theirs, and
//! which accounts might be, both records field by field.

use crate::decide::{account_of, candidates_of};
use crate::ops::{Actor, Listing};
use crate::setup::Integration;
use crate::{Engine, Error, Result};
use domain::explain::Sight;
use domain::ids::EnvelopeId;
use domain::matching::{Account, FieldPair, same_number, side_by_side};
use domain::model::{Confirmed, LinkMethod, Patient, PatientLink};
use domain::notice::Reach;
use domain::phi::Phi;
use domain::setup::fold_email;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::sync::Arc;
use store::{PatientRow, Reader};

/// Visits of a patient that are named at most.
const VISITS: usize = 20;
/// Patients that a search finds at most.
const FOUND: usize = 20;

/// A patient with what is known on both sides.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct PatientFacts {
    pub integration: Text,
    pub source_id: Text,
    pub name: Option<String>,
    pub birth_date: Option<String>,
    /// The record of the source that took this one's place.
    pub merged_into: Option<Text>,
    /// What may be used to reach the patient.
    pub contact: Vec<ContactFact>,
    /// The address that the patient logs in with, where the platform wants one (requirement S1-10).
    pub login: Option<String>,
    /// `linked`, `ambiguous` or `unlinked`.
    pub state: &'static str,
    pub link: Option<LinkFacts>,
    /// Accounts of the platform that nobody is linked to and that may be this patient's, most alike first.
    pub candidates: Vec<CandidateFacts>,
    /// Integrated scheduling.
    pub scheduling: Availability,
    /// Integrated export of cases: by the same link (requirement S0-17).
    pub case_export: Availability,
    pub visits: Vec<Text>,
    /// What the patient said of it on the platform (requirement S1-24).
    pub confirmation: Option<ConfirmationFacts>,
}

/// The last time at which a patient looked at their data on the platform.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct ConfirmationFacts {
    pub at: Moment,
    /// What the patient said was wrong and the source still says otherwise: to be looked at.
    pub to_review: Vec<FieldFacts>,
}

/// One thing by which a patient is reached, with where it was said and when that reached us (requirement S3-11).
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct ContactFact {
    pub what: &'static str,
    pub value: Option<String>,
    pub place: Option<Text>,
    pub told_at: Option<Moment>,
    pub envelope: Option<EnvelopeId>,
    /// When it last became something else.
    pub since: Option<Moment>,
    /// What the platform's account says, where a document names one.
    pub account: Option<String>,
    /// When a document last said something else of the account.
    pub account_since: Option<Moment>,
    /// Both sides say the same; `None`: one of them says nothing.
    pub agrees: Option<bool>,
}

/// A link with its history.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct LinkFacts {
    pub platform_id: Text,
    pub method: &'static str,
    pub at: Moment,
    pub author: Option<Text>,
}

/// An account beside the patient's record.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct CandidateFacts {
    pub platform_id: Text,
    /// 0–100; 100 is certainly the same person.
    pub likeness: u8,
    pub fields: Vec<FieldFacts>,
}

/// One field of both records.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct FieldFacts {
    pub field: &'static str,
    pub source: Option<String>,
    pub platform: Option<String>,
    /// 0–100; `None`: one side does not say.
    pub likeness: Option<u8>,
}

/// Whether a function of the platform works for the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct Availability {
    pub available: bool,
    pub why: &'static str,
}

/// A patient found by a search.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct PatientHit {
    pub source_id: Text,
    pub name: Option<String>,
    pub birth_date: Option<String>,
    pub state: &'static str,
    pub platform_id: Option<Text>,
}

impl Engine {
    /// What is known of a patient, as this actor may see it. The view is noted.
    pub async fn show_patient(&self, actor: &Actor, integration: &str, source_id: &str) -> Result<PatientFacts> {
        let integration = self.integration_for(actor, integration)?;
        let (sight, id) = (actor.sight(), Text::from(source_id));
        let (practice, subject) = (integration.key().practice, format!("patient:{id}"));
        let facts = self.read(move |reader| facts(reader, &integration, &id, sight)).await?;
        self.note_view(actor, practice, subject).await?;
        Ok(facts)
    }

    /// Finds patients of the source by name, birth date (`Family, Given` or `Given Family`), id or address, among the
    /// records that the source told of. What was typed is never logged.
    pub async fn search_patients(&self, actor: &Actor, integration: &str, q: &str) -> Result<Listing<PatientHit>> {
        let integration = self.integration_for(actor, integration)?;
        let (sight, q) = (actor.sight(), q.trim().to_owned());
        let (practice, subject) = (integration.key().practice, format!("{}/patients", integration.rules.integration));
        let items = self.read(move |reader| find(reader, &integration, &q, sight)).await?;
        self.note_view(actor, practice, subject).await?;
        Ok(Listing { items, next_cursor: None })
    }
}

fn facts(reader: &mut dyn Reader, integration: &Arc<Integration>, id: &Text, sight: Sight) -> Result<PatientFacts> {
    let key = integration.key();
    let visits = reader.appointments_of_patient(key, id, VISITS)?;
    let row = match reader.patient(key, id)? {
        Some(row) => row,
        // Named by a visit, and nothing else was told yet.
        None if !visits.is_empty() => PatientRow { patient: Patient::unknown(id.clone()), link: None },
        None => return Err(Error::NotFound { what: "patient", id: id.clone() }),
    };
    let (patient, link) = (&row.patient, row.link.as_ref());
    let alike = if link.is_none() { candidates_of(reader, integration, &row)? } else { Vec::new() };
    let mut candidates = Vec::new();
    for found in &alike {
        let Some(account) = reader.account(key, &found.platform_id)? else { continue };
        let fields = side_by_side(patient, &account.account);
        candidates.push(CandidateFacts {
            platform_id: found.platform_id.clone(),
            likeness: found.likeness,
            fields: fields.into_iter().map(|pair| field(pair, sight)).collect(),
        });
    }
    let account = match link {
        Some(link) => account_of(reader, key, link)?,
        None => None,
    };
    let asks_for_link = integration.rules.platform.patient.must_be_linked;
    Ok(PatientFacts {
        integration: integration.rules.integration.clone(),
        source_id: id.clone(),
        name: patient.full_name().map(|name| sight.name(&name)),
        birth_date: birth_date(patient, sight),
        merged_into: patient.merged_into.clone(),
        contact: contact(patient, account.as_ref(), sight),
        login: patient.email.value().map(|email| sight.private(email.open().trim())),
        state: state(link, !candidates.is_empty()),
        link: link.map(link_facts),
        candidates,
        scheduling: availability(asks_for_link, link),
        case_export: availability(true, link),
        visits,
        confirmation: patient.confirmed.as_ref().map(|confirmed| confirmation(patient, confirmed, sight)),
    })
}

pub(super) const fn state(link: Option<&PatientLink>, ambiguous: bool) -> &'static str {
    match (link, ambiguous) {
        (Some(_), _) => "linked",
        (None, true) => "ambiguous",
        (None, false) => "unlinked",
    }
}

fn link_facts(link: &PatientLink) -> LinkFacts {
    LinkFacts {
        platform_id: link.platform_id.clone(),
        method: link.method.word(),
        at: link.at,
        author: link.author.clone(),
    }
}

/// What the link carries works with it and not without.
const fn availability(asks_for_link: bool, link: Option<&PatientLink>) -> Availability {
    match (asks_for_link, link) {
        (_, Some(_)) => Availability { available: true, why: "linked to the record in the practice system" },
        (true, None) => Availability { available: false, why: "not available: no EHR link" },
        (false, None) => Availability { available: true, why: "this platform asks for no link" },
    }
}

pub(super) fn birth_date(patient: &Patient, sight: Sight) -> Option<String> {
    let date = patient.birth_date.value()?.open().0;
    Some(match sight {
        Sight::Open => date.to_string(),
        Sight::Masked => "****-**-**".to_owned(),
    })
}

fn contact(patient: &Patient, account: Option<&Account>, sight: Sight) -> Vec<ContactFact> {
    let known = patient.envelope != EnvelopeId(0);
    let facts = [
        ("e-mail", &patient.email, patient.email_place.clone(), patient.since.email),
        ("mobile", &patient.mobile, None, patient.since.mobile),
        ("phone", &patient.phone, None, patient.since.phone),
        ("language", &patient.language, None, patient.since.language),
    ];
    let told = facts.into_iter().map(|(what, fact, place, since)| {
        let theirs = account.and_then(|account| beside(what, fact.value(), account));
        let value = fact.value().map(|value| match what {
            "language" => value.open().to_string(),
            _ => sight.private(value.open()),
        });
        let told = known && value.is_some();
        ContactFact {
            what,
            value,
            place,
            told_at: told.then_some(patient.read_at),
            envelope: told.then_some(patient.envelope),
            since,
            account: theirs.map(|(there, _)| sight.private(there)),
            account_since: theirs.and(account).and_then(|account| account.told_at),
            agrees: theirs.and_then(|(_, agrees)| agrees),
        }
    });
    told.chain(restrictions(patient, account, sight)).collect()
}

/// What the account says in the same place, and whether it is the same (requirement S3-12). Its one number is compared
/// with the mobile number, and with the other one where there is none.
fn beside<'a>(what: &str, ours: Option<&Phi<Text>>, account: &'a Account) -> Option<(&'a str, Option<bool>)> {
    match what {
        "e-mail" => {
            let there = account.email.as_deref()?;
            Some((there, ours.map(|ours| fold_email(ours.open()) == fold_email(there))))
        }
        "mobile" | "phone" => {
            let there = account.phone.as_deref()?;
            ours.map(|ours| (there, Some(same_number(ours.open(), there))))
        }
        _ => None,
    }
}

/// What stands against telling the patient things, by either side: quoted.
fn restrictions<'a>(
    patient: &'a Patient,
    account: Option<&'a Account>,
    sight: Sight,
) -> impl Iterator<Item = ContactFact> + 'a {
    let by_source = patient.restrictions.value().map_or(0, |held| held.open().len());
    let held = Reach { patient: Some(patient), account, source_holds: false }.restrictions().enumerate();
    held.map(move |(n, restriction)| {
        let quoted = sight.note(&restriction.said);
        let told = n < by_source;
        ContactFact {
            what: "restriction",
            value: Some(format!("{}: {quoted}", restriction.way.label())),
            place: Some(restriction.place.clone()),
            told_at: told.then_some(patient.read_at),
            envelope: told.then_some(patient.envelope),
            since: if told { patient.since.restrictions } else { account.and_then(|account| account.told_at) },
            account: None,
            account_since: None,
            agrees: None,
        }
    })
}

fn confirmation(patient: &Patient, confirmed: &Confirmed, sight: Sight) -> ConfirmationFacts {
    let to_review = patient.to_review().map(|correction| FieldPair {
        field: correction.field.label(),
        source: patient.said_of(correction.field).map(Phi::new),
        platform: Some(correction.said.clone()),
        likeness: None,
    });
    ConfirmationFacts { at: confirmed.at, to_review: to_review.map(|pair| field(pair, sight)).collect() }
}

fn field(pair: FieldPair, sight: Sight) -> FieldFacts {
    let seen = |value: Option<domain::phi::Phi<Text>>| {
        value.map(|value| match pair.field {
            "last name" | "first name" => sight.name(value.open()),
            _ => sight.private(value.open()),
        })
    };
    FieldFacts { field: pair.field, source: seen(pair.source), platform: seen(pair.platform), likeness: pair.likeness }
}

fn find(reader: &mut dyn Reader, integration: &Arc<Integration>, q: &str, sight: Sight) -> Result<Vec<PatientHit>> {
    let key = integration.key();
    let mut rows: Vec<PatientRow> = Vec::new();
    if q.is_empty() {
        return Ok(Vec::new());
    }
    rows.extend(reader.patient(key, q)?);
    for name in super::search::names_of(q) {
        rows.extend(reader.patients_like(key, &name, FOUND)?);
    }
    let mut hits: Vec<PatientHit> = Vec::new();
    for row in rows {
        let known = hits.iter().any(|hit| hit.source_id == row.patient.source_id);
        if known || hits.len() == FOUND || row.patient.merged_into.is_some() {
            continue;
        }
        let link = row.link.as_ref();
        let ambiguous = link.is_none() && !candidates_of(reader, integration, &row)?.is_empty();
        hits.push(PatientHit {
            source_id: row.patient.source_id.clone(),
            name: row.patient.full_name().map(|name| sight.name(&name)),
            birth_date: birth_date(&row.patient, sight),
            state: state(link, ambiguous),
            platform_id: link.map(|link| link.platform_id.clone()),
        });
    }
    Ok(hits)
}

/// How an import ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the fields are those of the published contract")]
pub struct Imported {
    pub source_id: Text,
    pub platform_id: Text,
    /// `false`: it was linked before, and nothing was made.
    pub imported: bool,
    pub method: &'static str,
}

impl Imported {
    pub(super) fn of(source_id: &Text, link: &PatientLink, imported: bool) -> Imported {
        let method = link.method.word();
        Imported { source_id: source_id.clone(), platform_id: link.platform_id.clone(), imported, method }
    }

    pub(super) const METHOD: LinkMethod = LinkMethod::Import;
}
