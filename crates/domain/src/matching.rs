//! How alike a patient of the source and an account of the platform are, field by field (requirement S0-21). The score
//! is ours; comparing strings is a library's.

use crate::explain::plain_form;
use crate::gates::Candidate;
use crate::model::{BirthDate, Patient, Restriction};
use crate::setup::fold_email;
use crate::text::Text;
use crate::time::Moment;
use strsim::jaro_winkler;

/// What the platform knows about the holder of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields name themselves")]
pub struct Account {
    pub platform_id: Text,
    pub family: Option<Text>,
    pub given: Option<Text>,
    pub birth_date: Option<BirthDate>,
    pub email: Option<Text>,
    pub phone: Option<Text>,
    /// What it says against telling its holder things.
    pub restrictions: Vec<Restriction>,
    /// It was not activated, or is switched off.
    pub inactive: bool,
    /// When a document last said something else of it.
    pub told_at: Option<Moment>,
}

/// Weights of the compared fields. A field that one side lacks does not count for or against.
const BIRTH_DATE: f64 = 35.0;
const GIVEN: f64 = 30.0;
const FAMILY: f64 = 25.0;
const PHONE: f64 = 15.0;
/// Below this, two names are different names and not two spellings.
const SAME_NAME_FROM: f64 = 0.7;
/// What likeness without certainty amounts to at most.
const MOST_BELOW_CERTAIN: f64 = 95.0;

/// Whether enough is known of a patient to say that an account is not theirs: two of the three that tell people apart.
/// An address or a number alone can say who somebody is, never who they are not.
pub fn is_comparable(patient: &Patient) -> bool {
    let named =
        |fact: &crate::model::Fact<crate::Phi<Text>>| fact.value().is_some_and(|name| !name.open().trim().is_empty());
    let known = [named(&patient.family), named(&patient.given), patient.birth_date.value().is_some()];
    known.iter().filter(|known| **known).count() >= 2
}

/// One field of a patient's record and of an account, beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldPair {
    /// Which: `last name`.
    pub field: &'static str,
    /// What the source says.
    pub source: Option<crate::Phi<Text>>,
    /// What the platform says.
    pub platform: Option<crate::Phi<Text>>,
    /// How alike they are, 0–100; `None`: one side does not say.
    pub likeness: Option<u8>,
}

/// Both records field by field, for whoever has to say whether they are one person (requirement S0-21).
pub fn side_by_side(patient: &Patient, account: &Account) -> Vec<FieldPair> {
    let text = |fact: &crate::model::Fact<crate::Phi<Text>>| fact.value().map(|value| value.open().clone());
    let whole = |same: bool| if same { 1.0 } else { 0.0 };
    let pair = |field, source: Option<Text>, platform: Option<Text>, alike: &dyn Fn(&str, &str) -> f64| {
        let likeness = source.as_deref().zip(platform.as_deref()).map(|(a, b)| (alike(a, b) * 100.0).round() as u8);
        FieldPair { field, source: source.map(crate::Phi::new), platform: platform.map(crate::Phi::new), likeness }
    };
    let phone = text(&patient.mobile).or_else(|| text(&patient.phone));
    let day = |date: BirthDate| Text::from(date.0.to_string());
    vec![
        pair("last name", text(&patient.family), account.family.clone(), &name_likeness),
        pair("first name", text(&patient.given), account.given.clone(), &name_likeness),
        pair(
            "date of birth",
            patient.birth_date.value().map(|date| day(*date.open())),
            account.birth_date.map(day),
            &|a, b| whole(a == b),
        ),
        pair("phone", phone, account.phone.clone(), &|a, b| whole(digits(a) == digits(b))),
        pair("e-mail", text(&patient.email), account.email.clone(), &|a, b| whole(fold_email(a) == fold_email(b))),
    ]
}

/// 1 for the same name, less for other spellings, 0 for another name.
fn name_likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (plain_form(a), plain_form(b));
    if a == b { 1.0 } else { ((jaro_winkler(&a, &b) - SAME_NAME_FROM) / (1.0 - SAME_NAME_FROM)).max(0.0) }
}

/// Compares a patient with an account. 100 means certainly the same person: the same e-mail address, or the same name
/// and birth date (contract, "Patient").
pub fn compare(patient: &Patient, account: &Account) -> Candidate {
    let mut comparison = Comparison::default();
    let text = |fact: &crate::model::Fact<crate::Phi<Text>>| fact.value().map(|value| value.open().clone());
    let (family, given) = (text(&patient.family), text(&patient.given));
    let birth_date = patient.birth_date.value().map(|date| *date.open());
    let email = text(&patient.email);
    comparison.name("last name", FAMILY, family.as_deref(), account.family.as_deref());
    comparison.name("first name", GIVEN, given.as_deref(), account.given.as_deref());
    comparison.exact("date of birth", BIRTH_DATE, birth_date, account.birth_date);
    let phone = text(&patient.mobile).or_else(|| text(&patient.phone));
    comparison.exact("phone", PHONE, phone.as_deref().map(digits), account.phone.as_deref().map(digits));
    let same_email =
        comparison.exact("e-mail", 0.0, email.as_deref().map(fold_email), account.email.as_deref().map(fold_email));
    let same_name_and_birth = comparison.agree.starts_with(&["last name", "first name", "date of birth"]);
    let likeness = if same_email || same_name_and_birth { 100.0 } else { comparison.score().min(MOST_BELOW_CERTAIN) };
    Candidate {
        platform_id: account.platform_id.clone(),
        likeness: likeness.round() as u8,
        agree: Text::from(comparison.agree.join(", ")),
        differ: Text::from(comparison.differ.join(", ")),
    }
}

#[derive(Default)]
struct Comparison {
    agree: Vec<&'static str>,
    differ: Vec<&'static str>,
    reached: f64,
    possible: f64,
}

impl Comparison {
    fn name(&mut self, field: &'static str, weight: f64, a: Option<&str>, b: Option<&str>) {
        let (Some(a), Some(b)) = (a, b) else { return };
        self.possible += weight;
        self.reached += weight * name_likeness(a, b);
        if plain_form(a) == plain_form(b) { self.agree.push(field) } else { self.differ.push(field) }
    }

    fn exact<T: PartialEq>(&mut self, field: &'static str, weight: f64, a: Option<T>, b: Option<T>) -> bool {
        let (Some(a), Some(b)) = (a, b) else { return false };
        self.possible += weight;
        if a == b {
            self.reached += weight;
            self.agree.push(field);
        } else {
            self.differ.push(field);
        }
        a == b
    }

    /// 0–100; nothing but a lone phone number or birth date to compare is no likeness at all.
    fn score(&self) -> f64 {
        if self.possible < FAMILY + GIVEN { 0.0 } else { 100.0 * self.reached / self.possible }
    }
}

/// The same number, however it is written.
pub fn same_number(a: &str, b: &str) -> bool {
    digits(a) == digits(b)
}

/// The last ten digits of a phone number: enough to compare numbers written with and without country code.
fn digits(phone: &str) -> String {
    let all: String = phone.chars().filter(char::is_ascii_digit).collect();
    all[all.len().saturating_sub(10)..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fact;
    use crate::phi::Phi;
    use jiff::civil::date;

    fn patient(family: &str, given: &str, birth: Option<jiff::civil::Date>, email: Option<&str>) -> Patient {
        let mut patient = Patient::unknown("P1".into());
        patient.family = Fact::Is(Phi::new(family.into()));
        patient.given = Fact::Is(Phi::new(given.into()));
        patient.birth_date = Fact::of(birth.map(|day| Phi::new(BirthDate(day))));
        patient.email = Fact::of(email.map(|email| Phi::new(email.into())));
        patient
    }

    fn account(family: &str, given: &str, birth: Option<jiff::civil::Date>, email: Option<&str>) -> Account {
        Account {
            platform_id: "pat_1".into(),
            family: Some(family.into()),
            given: Some(given.into()),
            birth_date: birth.map(BirthDate),
            email: email.map(Text::from),
            phone: None,
            ..Account::default()
        }
    }

    #[test]
    fn s0_21_who_is_known_by_an_address_alone_cannot_be_told_from_others() {
        let mut patient = Patient::unknown("P1".into());
        patient.email = Fact::Is(Phi::new("ada@example.com".into()));
        patient.birth_date = Fact::Is(Phi::new(BirthDate(date(1980, 2, 29))));
        assert!(!is_comparable(&patient), "a date of birth is shared by many");
        patient.given = Fact::Is(Phi::new(" ".into()));
        assert!(!is_comparable(&patient), "a blank is no name");
        patient.given = Fact::Is(Phi::new("Ada".into()));
        assert!(is_comparable(&patient));
    }

    #[test]
    fn s0_21_certain_likely_and_different_people_are_told_apart() {
        let born = Some(date(1980, 2, 29));
        let ada = patient("Okafor", "Ada", born, Some("ada@example.com"));
        let likeness = |account: &Account| compare(&ada, account).likeness;
        assert_eq!(likeness(&account("Other", "Name", None, Some("ADA@example.com"))), 100, "the same address");
        assert_eq!(likeness(&account("okafor", "ADA", born, None)), 100, "the same name and birth date");
        let spelt = compare(&ada, &account("Okafor", "Adah", born, None));
        assert!((75..100).contains(&spelt.likeness), "{}", spelt.likeness);
        assert_eq!(spelt.agree, "last name, date of birth");
        assert_eq!(spelt.differ, "first name");
        let no_birth_date = likeness(&account("Okafor", "Ada", None, None));
        assert!((75..100).contains(&no_birth_date), "the same name alone is a risk, not a certainty");
        assert!(likeness(&account("Okafor", "Benjamin", born, None)) < 75, "twins are two people");
        assert!(likeness(&account("Okafor", "Ada", Some(date(1951, 7, 1)), None)) < 75, "a namesake of another age");
        assert!(likeness(&account("Lindqvist", "Tor", Some(date(1951, 7, 1)), None)) < 20);
    }
}
