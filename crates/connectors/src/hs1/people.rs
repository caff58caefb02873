//! Patients, who are read one by one: visits name them by id only.

use crate::loose::Loose;
use domain::model::{BirthDate, Fact, PatientRecord, Sex, Stamp};
use domain::phi::Phi;
use domain::text::Text;
use domain::time::Moment;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// So many are remembered.
const MOST: usize = 20_000;

/// When patients were read last.
#[derive(Default)]
pub(super) struct People(Mutex<HashMap<Text, Moment>>);

impl People {
    /// Whether it is time to read this one.
    pub(super) fn is_due(&self, id: &str, now: Moment, secs: i64) -> bool {
        let mut read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if read.len() > MOST {
            read.clear();
        }
        read.get(id).is_none_or(|at| now.secs_since(*at) > secs)
    }

    /// This one was read.
    pub(super) fn note(&self, id: Text, now: Moment) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, now);
    }
}

/// A patient as told.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Person {
    first_name: Loose,
    last_name: Loose,
    date_of_birth: Loose,
    sex: Loose,
    patient_has_email: Loose,
}

/// How to reach one.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Contact {
    email_addresses: Vec<Loose>,
    phone_numbers: Vec<Phone>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Phone {
    #[serde(rename = "type")]
    kind: Loose,
    number: Loose,
}

/// What is known of a patient. `contact` is absent where we may not see it: then nothing is said of it.
pub(super) fn patient(id: Text, person: &Person, contact: Option<&Contact>, stamp: Stamp) -> PatientRecord {
    let said = |value: &Loose| Fact::of(value.text().cloned().map(Phi::new));
    let phone = |kind: &str| match contact {
        None => Fact::NotSaid,
        Some(contact) => {
            let of_kind = |phone: &&Phone| phone.kind.text().is_some_and(|told| told.eq_ignore_ascii_case(kind));
            let found = contact.phone_numbers.iter().find(of_kind).and_then(|phone| phone.number.text());
            found.map_or(Fact::Cleared, |number| Fact::Is(Phi::new(number.clone())))
        }
    };
    let address = contact.and_then(|contact| contact.email_addresses.iter().find_map(Loose::text));
    let has_none = contact.is_some() || person.patient_has_email.text().is_some_and(|told| told == "false");
    let email = match address {
        Some(address) => Fact::Is(Phi::new(address.clone())),
        None if has_none => Fact::Cleared,
        None => Fact::NotSaid,
    };
    let sex = person.sex.text().and_then(|text| match text.chars().next()?.to_ascii_uppercase() {
        'F' => Some(Sex::Female),
        'M' => Some(Sex::Male),
        _ => None,
    });
    let born = person.date_of_birth.text().and_then(|text| text.get(..10)?.parse().ok());
    PatientRecord {
        source_id: id,
        stamp,
        family: said(&person.last_name),
        given: said(&person.first_name),
        birth_date: Fact::of(born.map(|day| Phi::new(BirthDate(day)))),
        sex: Fact::of(sex.map(Phi::new)),
        email_place: email.value().map(|_| Text::literal("ContactDetails.emailAddresses")),
        email,
        mobile: phone("Mobile"),
        phone: phone("Home"),
        address: Fact::NotSaid,
        language: Fact::NotSaid,
        coverage: Fact::NotSaid,
        restrictions: Fact::NotSaid,
    }
}
