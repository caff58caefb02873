//! Patient into records: the person, and merges with other records of them.

use crate::fhir_r4::actors::best_name;
use crate::fhir_r4::problem::Problem;
use crate::fhir_r4::terms::{Terms, is_subset};
use domain::merge::forget_absent;
use domain::model::{Address, BirthDate, Fact, MergeRecord, PatientRecord, Record, Sex, Stamp};
use domain::phi::Phi;
use domain::profile::{FhirRules, PatientStyle};
use domain::text::Text;
use jiff::civil::Date;
use wire::fhir::{ContactPoint, DateTime, Patient, Str, read};

/// What a Patient says: the person, and with which other records they were merged.
pub fn decode_patient(json: &[u8], terms: &Terms<'_>) -> Result<Vec<Record>, Problem> {
    let patient: Patient<'_> = read(json).map_err(|fault| Problem::of_fault("Patient", &fault))?;
    let Some(id) = patient.id.as_ref().and_then(Str::present).map(Text::from) else {
        return Err(Problem::at(Text::literal("Patient.id"), "The patient has no id."));
    };
    let stamp = terms.stamp("Patient", patient.meta.as_ref())?;
    let mut records = vec![Record::Patient(Box::new(patient_record(&patient, id.clone(), terms, stamp)?))];
    for link in &patient.link {
        let other = link.other.as_ref().and_then(|other| other.reference.as_ref()).and_then(Str::present);
        let Some(other) = other.and_then(|literal| literal.rsplit('/').next()).map(Text::from) else { continue };
        match link.kind.as_deref() {
            Some("replaced-by") => {
                records.push(Record::Merge(MergeRecord { gone: id.clone(), survivor: other, stamp }));
            }
            Some("replaces") => records.push(Record::Merge(MergeRecord { gone: other, survivor: id.clone(), stamp })),
            _ => {}
        }
    }
    Ok(records)
}

/// What is said about a person, under the id that the source has for them.
pub(super) fn patient_record(
    patient: &Patient<'_>,
    source_id: Text,
    terms: &Terms<'_>,
    stamp: Stamp,
) -> Result<PatientRecord, Problem> {
    let name = best_name(&patient.name);
    let telecom = Telecom::of(patient);
    let (email, email_place) = match telecom.email {
        Some((n, address)) => {
            (Fact::Is(Phi::new(address)), Some(Text::from(format_args!("Patient.telecom[{n}].value"))))
        }
        None => (Fact::NotSaid, None),
    };
    let mut record = PatientRecord {
        source_id,
        stamp,
        family: said(name.and_then(|name| name.family.as_ref())),
        given: said(name.and_then(|name| name.given.iter().flatten().find(|given| given.present().is_some()))),
        birth_date: birth_date(patient)?,
        sex: sex(patient)?,
        email,
        email_place,
        mobile: Fact::of(telecom.mobile.map(Phi::new)),
        phone: Fact::of(telecom.phone.map(Phi::new)),
        address: address(patient),
        language: language(patient),
        coverage: Fact::NotSaid,
        restrictions: Fact::NotSaid,
    };
    if terms.fhir().patient == PatientStyle::Snapshot && !is_subset(patient.meta.as_ref()) {
        forget_absent(&mut record);
    }
    Ok(record)
}

/// The family name marks a test patient.
pub(super) fn is_test_family(rules: &FhirRules, patient: &PatientRecord) -> bool {
    let marks = &rules.test_families;
    if marks.is_empty() {
        return false;
    }
    let family = patient.family.value().map(|name| name.open().to_uppercase());
    family.is_some_and(|family| marks.iter().any(|mark| family.starts_with(&mark.to_uppercase())))
}

fn said(text: Option<&Str<'_>>) -> Fact<Phi<Text>> {
    Fact::of(text.and_then(Str::present).map(|text| Phi::new(Text::from(text))))
}

fn birth_date(patient: &Patient<'_>) -> Result<Fact<Phi<BirthDate>>, Problem> {
    let Some(text) = patient.birth_date.as_ref().and_then(Str::present) else { return Ok(Fact::NotSaid) };
    let date = DateTime::parse(text).map_err(|fault| Problem::of_date(Text::literal("Patient.birthDate"), fault))?;
    // A year or a month alone is no birthday; nothing is made up.
    let parts = date.month.zip(date.day);
    let day =
        parts.and_then(|(month, day)| Date::new(date.year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok());
    Ok(Fact::of(day.map(|day| Phi::new(BirthDate(day)))))
}

fn sex(patient: &Patient<'_>) -> Result<Fact<Phi<Sex>>, Problem> {
    let sex = match patient.gender.as_ref().and_then(Str::present) {
        None => return Ok(Fact::NotSaid),
        Some("female") => Sex::Female,
        Some("male") => Sex::Male,
        Some("other") => Sex::Other,
        Some("unknown") => Sex::Unknown,
        Some(_) => {
            let sentence = "The gender is none of male, female, other, unknown.";
            return Err(Problem::at(Text::literal("Patient.gender"), sentence));
        }
    };
    Ok(Fact::Is(Phi::new(sex)))
}

fn address(patient: &Patient<'_>) -> Fact<Phi<Address>> {
    let of_home = patient.address.iter().find(|address| address.usage.as_deref() == Some("home"));
    let current = || patient.address.iter().find(|address| address.usage.as_deref() != Some("old"));
    let Some(address) = of_home.or_else(current) else { return Fact::NotSaid };
    let text = |text: &Option<Str<'_>>| text.as_ref().and_then(Str::present).map(Text::from);
    let lines: Vec<&str> = address.line.iter().flatten().filter_map(Str::present).collect();
    let address = Address {
        line: Text::present(&lines.join(", ")),
        city: text(&address.city),
        state: text(&address.state),
        postal_code: text(&address.postal_code),
        country: text(&address.country),
    };
    let says_something = address.line.is_some() || address.city.is_some() || address.postal_code.is_some();
    Fact::of(says_something.then(|| Phi::new(address)))
}

/// The preferred language, else the only one.
fn language(patient: &Patient<'_>) -> Fact<Phi<Text>> {
    let preferred = patient.communication.iter().find(|language| language.preferred == Some(true));
    let only = || match patient.communication.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    let language = preferred.or_else(only).and_then(|spoken| spoken.language.as_ref());
    let code = language.and_then(|language| language.coding.first()).and_then(|coding| coding.code.as_ref());
    said(code.or_else(|| language.and_then(|language| language.text.as_ref())))
}

/// Ways to reach a person, the preferred ones.
#[derive(Default)]
struct Telecom {
    email: Option<(usize, Text)>,
    mobile: Option<Text>,
    phone: Option<Text>,
}

impl Telecom {
    /// By rank (1 is preferred, none is last), then as listed; outdated ones do not count.
    fn of(patient: &Patient<'_>) -> Telecom {
        let mut points: Vec<(usize, &ContactPoint<'_>)> = patient.telecom.iter().enumerate().collect();
        points.retain(|(_, point)| point.usage.as_deref() != Some("old"));
        points.sort_by_key(|(_, point)| point.rank.unwrap_or(u32::MAX));
        let mut found = Telecom::default();
        for (n, point) in points {
            let Some(value) = point.value.as_ref().and_then(Str::present) else { continue };
            let mobile = point.usage.as_deref() == Some("mobile");
            match point.system.as_deref() {
                Some("email") => {
                    found.email.get_or_insert_with(|| (n, Text::from(value)));
                }
                Some("sms") => {
                    found.mobile.get_or_insert_with(|| Text::from(value));
                }
                Some("phone") => {
                    let slot = if mobile { &mut found.mobile } else { &mut found.phone };
                    slot.get_or_insert_with(|| Text::from(value));
                }
                _ => {}
            }
        }
        found
    }
}
