//! A patient as lists (`PatientData`) and the read of one (`Patient`) tell one: the same members but for the day of
//! birth, which has a name of its own in each.

use crate::kareo::rules::Rules;
use crate::kareo::times::day;
use crate::kareo::xml::Node;
use domain::model::{Address, BirthDate, Fact, PatientRecord, Sex, Stamp};
use domain::phi::Phi;
use domain::text::Text;
use engine::poll::Problem;

/// What is said about a person. It is all that is known, so what is empty is not there.
pub(super) fn patient(row: &Node, rules: &Rules, stamp: Stamp) -> Result<PatientRecord, Problem> {
    let problem = |place: &'static str, what: &'static str| Problem {
        source_id: None,
        place: Text::literal(place),
        what: Text::literal(what),
        body: None,
    };
    let id = row.get("ID").ok_or_else(|| problem("Patient.ID", "The patient has no id."))?;
    let born = row.get("DOB").or_else(|| row.get("DateOfBirth"));
    let birth_date = match born {
        None => Fact::NotSaid,
        Some(text) => {
            let day = day(text).ok_or_else(|| problem("Patient.DOB", "The day of birth is no day."))?;
            Fact::Is(Phi::new(BirthDate(day)))
        }
    };
    Ok(PatientRecord {
        source_id: id.into(),
        stamp,
        family: said(row, "LastName"),
        given: said(row, "FirstName"),
        birth_date,
        sex: Fact::of(row.get("Gender").and_then(|word| rules.sex(word)).and_then(|word| sex(word)).map(Phi::new)),
        email: held(row, "EmailAddress"),
        email_place: Some(Text::literal("Patient.EmailAddress")),
        mobile: held(row, "MobilePhone"),
        phone: held(row, "HomePhone"),
        address: address(row),
        language: Fact::NotSaid,
        coverage: Fact::NotSaid,
        restrictions: Fact::NotSaid,
    })
}

fn said(row: &Node, name: &str) -> Fact<Phi<Text>> {
    Fact::of(row.get(name).map(|text| Phi::new(text.into())))
}

fn held(row: &Node, name: &str) -> Fact<Phi<Text>> {
    row.get(name).map_or(Fact::Cleared, |text| Fact::Is(Phi::new(text.into())))
}

/// Our words.
fn sex(word: &str) -> Option<Sex> {
    Some(match word {
        "female" => Sex::Female,
        "male" => Sex::Male,
        "other" => Sex::Other,
        "unknown" => Sex::Unknown,
        _ => return None,
    })
}

fn address(row: &Node) -> Fact<Phi<Address>> {
    let text = |name: &str| row.get(name).map(Text::from);
    let lines: Vec<&str> = ["AddressLine1", "AddressLine2"].into_iter().filter_map(|name| row.get(name)).collect();
    let address = Address {
        line: Text::present(&lines.join(", ")),
        city: text("City"),
        state: text("State"),
        postal_code: text("ZipCode"),
        country: None,
    };
    if address == Address::default() { Fact::Cleared } else { Fact::Is(Phi::new(address)) }
}
