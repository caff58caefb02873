//! Patients: the few fields inside a record of a visit, and the whole record read for itself.

use crate::carecloud::value::{fact, is_yes, text};
use domain::model::{Address, BirthDate, Fact, PatientRecord, Sex, Stamp};
use domain::phi::Phi;
use domain::text::Text;
use jiff::civil::Date;
use serde_json::Value;

/// What is wrong with a record of a patient: the field.
pub(super) type Wrong = &'static str;

/// What a record says of a person, inside a visit or by itself.
pub(super) fn patient(
    person: &Value,
    id: Text,
    stamp: Stamp,
    email_place: Option<Text>,
) -> Result<PatientRecord, Wrong> {
    let phones = person["phones"].as_array().map_or(&[][..], Vec::as_slice);
    let kind = |phone: &Value| text(&phone["phone_type_code"]).or_else(|| text(&phone["phone_type"]));
    let mobile = phones.iter().find(|phone| kind(phone).as_deref() == Some("M"));
    let other = phones.iter().find(|phone| is_yes(&phone["is_primary"]) && kind(phone).as_deref() != Some("M"));
    let other = other.or_else(|| phones.iter().find(|phone| kind(phone).as_deref() != Some("M")));
    let number = |phone: Option<&Value>| phone.and_then(|phone| text(&phone["phone_number"])).map(Phi::new);
    // `primary_phone_number` inside a visit does not say which kind of phone it is: only the whole record counts.
    let has_phones = person.get("phones").is_some();
    let (mobile, phone) = (number(mobile), number(other));
    Ok(PatientRecord {
        source_id: id,
        stamp,
        family: fact(person, "last_name"),
        given: fact(person, "first_name"),
        birth_date: birth_date(person)?,
        sex: sex(person),
        email: fact(person, "email"),
        email_place,
        mobile: if has_phones { said(mobile) } else { Fact::NotSaid },
        phone: if has_phones { said(phone) } else { Fact::NotSaid },
        address: address(person),
        language: Fact::NotSaid,
        coverage: Fact::NotSaid,
        restrictions: Fact::NotSaid,
    })
}

fn said<T>(value: Option<T>) -> Fact<T> {
    value.map_or(Fact::Cleared, Fact::Is)
}

fn birth_date(person: &Value) -> Result<Fact<Phi<BirthDate>>, Wrong> {
    let Some(value) = person.get("date_of_birth") else { return Ok(Fact::NotSaid) };
    let Some(text) = text(value) else { return Ok(Fact::Cleared) };
    let day: Date = text.get(..10).unwrap_or(&text).parse().map_err(|_| "date_of_birth")?;
    Ok(Fact::Is(Phi::new(BirthDate(day))))
}

/// The letters of HL7 table 0001; what other codes mean is not known, and nothing is guessed.
fn sex(person: &Value) -> Fact<Phi<Sex>> {
    let letter = text(&person["gender_code"]);
    let sex = match letter.as_deref() {
        Some("F") => Sex::Female,
        Some("M") => Sex::Male,
        Some("O") => Sex::Other,
        Some("U") => Sex::Unknown,
        _ => return Fact::NotSaid,
    };
    Fact::Is(Phi::new(sex))
}

fn address(person: &Value) -> Fact<Phi<Address>> {
    let Some(rows) = person["addresses"].as_array() else { return Fact::NotSaid };
    let row = rows.iter().find(|row| is_yes(&row["is_primary"])).or_else(|| rows.first());
    let Some(row) = row else { return Fact::Cleared };
    let lines: Vec<Text> = ["line1", "line2", "line3"].iter().filter_map(|line| text(&row[*line])).collect();
    let address = Address {
        line: Text::present(&lines.iter().map(Text::as_str).collect::<Vec<_>>().join(", ")),
        city: text(&row["city"]),
        state: text(&row["state"]).or_else(|| text(&row["state_name"])),
        // One spelling when it is read, another when it is written: both are taken.
        postal_code: text(&row["zip"]).or_else(|| text(&row["zip_code"])),
        country: text(&row["country_name"]),
    };
    if address == Address::default() { Fact::Cleared } else { Fact::Is(Phi::new(address)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Moment;
    use serde_json::json;

    fn read(person: &Value) -> Result<PatientRecord, Wrong> {
        let stamp = Stamp { at: Moment::from_micros(0), sequence: 0 };
        patient(person, "P".into(), stamp, None)
    }

    #[test]
    fn a_lean_form_says_little_and_a_whole_one_says_what_is_not_there() {
        let lean = read(&json!({"first_name": "Lena", "last_name": "Ortiz"})).unwrap();
        assert_eq!((&lean.email, &lean.address, &lean.phone), (&Fact::NotSaid, &Fact::NotSaid, &Fact::NotSaid));
        let whole = json!({
            "first_name": "Lena", "last_name": "Ortiz", "date_of_birth": "1984-03-09", "email": "", "gender_code": "F",
            "phones": [{"phone_number": "305-555-0142", "phone_type_code": "M", "is_primary": true}],
            "addresses": [{"line1": "1 Elm St", "city": "Miami", "state": "FL", "zip_code": "33101", "is_primary": true}],
        });
        let whole = read(&whole).unwrap();
        assert_eq!(whole.email, Fact::Cleared);
        assert_eq!(whole.mobile, Fact::Is(Phi::new("305-555-0142".into())));
        assert_eq!(whole.phone, Fact::Cleared);
        assert_eq!(whole.address.value().unwrap().open().postal_code.as_deref(), Some("33101"));
        assert_eq!(whole.birth_date.value().unwrap().open().0, jiff::civil::date(1984, 3, 9));
        assert_eq!(read(&json!({"date_of_birth": "03/09/84"})).unwrap_err(), "date_of_birth");
    }
}
