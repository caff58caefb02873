//! A patient as the API tells one: everything that is known, so what is empty is not there.

use crate::drchrono::rules::Rules;
use crate::loose::Loose;
use domain::model::{Address, BirthDate, Coverage, Fact, PatientRecord, Stamp};
use domain::phi::Phi;
use domain::text::Text;
use engine::poll::Problem;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    id: Loose,
    first_name: Loose,
    last_name: Loose,
    date_of_birth: Loose,
    gender: Loose,
    email: Loose,
    cell_phone: Loose,
    home_phone: Loose,
    address: Loose,
    city: Loose,
    state: Loose,
    zip_code: Loose,
    preferred_language_code: Loose,
    primary_insurance: Option<Insurance>,
    updated_at: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Insurance {
    insurance_company: Loose,
    insurance_id_number: Loose,
}

/// What was read of a patient, and when the vendor says that it changed.
pub(super) fn patient(row: &RawValue, rules: &Rules, stamp: Stamp) -> Result<(PatientRecord, Option<Text>), Problem> {
    let problem = |place: &'static str, what: &'static str| Problem {
        source_id: None,
        place: Text::literal(place),
        what: Text::literal(what),
        body: Some(Arc::from(row.get().as_bytes())),
    };
    let read: Row = serde_json::from_str(row.get()).map_err(|_| problem("patient", "The patient is not readable."))?;
    let id = read.id.id().ok_or_else(|| problem("patient.id", "The patient has no id."))?;
    let birth_date = match read.date_of_birth.text() {
        None => Fact::NotSaid,
        Some(text) => {
            let day = text.parse::<Date>();
            let day = day.map_err(|_| problem("patient.date_of_birth", "The date of birth is no date."))?;
            Fact::Is(Phi::new(BirthDate(day)))
        }
    };
    let record = PatientRecord {
        source_id: id,
        stamp,
        family: said(&read.last_name),
        given: said(&read.first_name),
        birth_date,
        sex: Fact::of(read.gender.text().and_then(|word| rules.sex(word)).map(Phi::new)),
        email: held(&read.email),
        email_place: Some(Text::literal("patient.email")),
        mobile: held(&read.cell_phone),
        phone: held(&read.home_phone),
        address: address(&read),
        language: held(&read.preferred_language_code),
        coverage: coverage(read.primary_insurance.as_ref()),
        restrictions: Fact::NotSaid,
    };
    Ok((record, read.updated_at.text().cloned()))
}

fn said(value: &Loose) -> Fact<Phi<Text>> {
    Fact::of(value.text().cloned().map(Phi::new))
}

/// What is not there any more is gone.
fn held(value: &Loose) -> Fact<Phi<Text>> {
    value.text().map_or(Fact::Cleared, |text| Fact::Is(Phi::new(text.clone())))
}

fn address(row: &Row) -> Fact<Phi<Address>> {
    let text = |value: &Loose| value.text().cloned();
    let address = Address {
        line: text(&row.address),
        city: text(&row.city),
        state: text(&row.state),
        postal_code: text(&row.zip_code),
        country: None,
    };
    if address == Address::default() { Fact::Cleared } else { Fact::Is(Phi::new(address)) }
}

/// A company and a number make a policy. Without a company nothing is said: who pays alone is nowhere.
fn coverage(insurance: Option<&Insurance>) -> Fact<Phi<Coverage>> {
    let Some(insurance) = insurance.filter(|insurance| insurance.insurance_company.text().is_some()) else {
        return Fact::NotSaid;
    };
    let place = Text::literal("patient.primary_insurance.insurance_id_number");
    let number = insurance.insurance_id_number.text();
    Fact::Is(Phi::new(number.map_or(Coverage::Incomplete(place), |_| Coverage::Insured)))
}
