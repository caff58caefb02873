//! What the source knows about a patient, and the proven link to the platform's account.

use crate::ids::EnvelopeId;
use crate::model::{Confirmed, Restriction, Stamp};
use crate::phi::Phi;
use crate::text::Text;
use crate::time::Moment;
use jiff::civil::Date;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// The three states of a source field (HL7 v2.5.1 §2.5.3: not valued, explicitly null, valued).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fact<T> {
    /// The source never said anything about it.
    #[default]
    NotSaid,
    /// The source said that there is none.
    Cleared,
    /// The source said this.
    Is(T),
}

impl<T> Fact<T> {
    /// The value, when there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Fact::Is(value) => Some(value),
            Fact::NotSaid | Fact::Cleared => None,
        }
    }

    /// A value or nothing said.
    pub fn of(value: Option<T>) -> Fact<T> {
        value.map_or(Fact::NotSaid, Fact::Is)
    }
}

impl<C, T: Encode<C>> Encode<C> for Fact<T> {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, ctx: &mut C) -> Result<(), encode::Error<W::Error>> {
        match self {
            Fact::NotSaid => e.null()?.ok(),
            Fact::Cleared => e.bool(false)?.ok(),
            Fact::Is(value) => value.encode(e, ctx),
        }
    }
    fn is_nil(&self) -> bool {
        matches!(self, Fact::NotSaid)
    }
}

impl<'b, C, T: Decode<'b, C>> Decode<'b, C> for Fact<T> {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Fact<T>, decode::Error> {
        match d.datatype()? {
            minicbor::data::Type::Null => d.null().map(|()| Fact::NotSaid),
            minicbor::data::Type::Bool => d.bool().map(|_| Fact::Cleared),
            _ => T::decode(d, ctx).map(Fact::Is),
        }
    }
    fn nil() -> Option<Fact<T>> {
        Some(Fact::NotSaid)
    }
}

/// Administrative sex as HL7 table 0001 reduces to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Sex {
    /// F
    #[n(0)]
    Female,
    /// M
    #[n(1)]
    Male,
    /// O, A, N
    #[n(2)]
    Other,
    /// U
    #[n(3)]
    Unknown,
}

/// A postal address; empty parts are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
#[allow(missing_docs, reason = "the parts of an address name themselves")]
pub struct Address {
    #[n(0)]
    pub line: Option<Text>,
    #[n(1)]
    pub city: Option<Text>,
    #[n(2)]
    pub state: Option<Text>,
    #[n(3)]
    pub postal_code: Option<Text>,
    #[n(4)]
    pub country: Option<Text>,
}

/// What the source says about who pays.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Coverage {
    /// The patient pays; insurance does not apply.
    #[n(0)]
    SelfPay,
    /// Insured, and the policy is known.
    #[n(1)]
    Insured,
    /// Insured, but company or policy number is missing; the place names the empty field.
    #[n(2)]
    Incomplete(#[n(0)] Text),
}

/// How a link between a source thing and a platform thing came to be (requirements S0-16…23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum LinkMethod {
    /// Named in a practice document.
    #[n(0)]
    Document,
    /// Made by a person.
    #[n(1)]
    Person,
    /// The account was created from a synced appointment.
    #[n(2)]
    Scheduling,
    /// Imported after a search in the source.
    #[n(3)]
    Import,
}

impl LinkMethod {
    /// The word used in the API and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            LinkMethod::Document => "document",
            LinkMethod::Person => "person",
            LinkMethod::Scheduling => "scheduling",
            LinkMethod::Import => "import",
        }
    }
}

/// A proven pair of source patient and platform account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PatientLink {
    /// The platform's id of the account.
    #[n(0)]
    pub platform_id: Text,
    /// How it came to be.
    #[n(1)]
    pub method: LinkMethod,
    /// Since when.
    #[n(2)]
    pub at: Moment,
    /// Who made it, when a person did.
    #[n(3)]
    pub author: Option<Text>,
}

/// A patient of the source, as last told.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Patient {
    /// The source's id (HL7 v2: PID-3.1).
    #[n(0)]
    pub source_id: Text,
    /// Newest statement taken in.
    #[n(1)]
    pub stamp: Stamp,
    /// When that statement reached us.
    #[n(2)]
    pub read_at: Moment,
    /// The envelope it came in.
    #[n(3)]
    pub envelope: EnvelopeId,
    /// Family name.
    #[n(4)]
    pub family: Fact<Phi<Text>>,
    /// Given names.
    #[n(5)]
    pub given: Fact<Phi<Text>>,
    /// Date of birth.
    #[n(6)]
    pub birth_date: Fact<Phi<BirthDate>>,
    /// Administrative sex.
    #[n(7)]
    pub sex: Fact<Phi<Sex>>,
    /// E-mail address as written by the source.
    #[n(8)]
    pub email: Fact<Phi<Text>>,
    /// Mobile number as written.
    #[n(9)]
    pub mobile: Fact<Phi<Text>>,
    /// Another number as written.
    #[n(10)]
    pub phone: Fact<Phi<Text>>,
    /// Postal address.
    #[n(11)]
    pub address: Fact<Phi<Address>>,
    /// Preferred language code.
    #[n(12)]
    pub language: Fact<Phi<Text>>,
    /// Who pays.
    #[n(13)]
    pub coverage: Fact<Phi<Coverage>>,
    /// The id that took this record's place after a merge (HL7 v2: ADT A40).
    #[n(14)]
    pub merged_into: Option<Text>,
    /// Where the e-mail stood, for evidence.
    #[n(15)]
    pub email_place: Option<Text>,
    /// What the source says against telling the patient things; an empty list: it says that there is nothing.
    #[n(16)]
    pub restrictions: Fact<Phi<Vec<Restriction>>>,
    /// Since when each part of it that serves to reach the patient is as it is.
    #[n(17)]
    #[cbor(default)]
    pub since: ContactSince,
    /// When the patient last looked at it on the platform, and what they said was wrong.
    #[n(18)]
    pub confirmed: Option<Confirmed>,
}

/// When each part of a patient's contact data last reached us as something new (requirement S3-12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
#[allow(missing_docs, reason = "the parts are those of `Patient`")]
pub struct ContactSince {
    #[n(0)]
    pub email: Option<Moment>,
    #[n(1)]
    pub mobile: Option<Moment>,
    #[n(2)]
    pub phone: Option<Moment>,
    #[n(3)]
    pub language: Option<Moment>,
    #[n(4)]
    pub restrictions: Option<Moment>,
}

/// A calendar day stored as one number, `yyyymmdd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BirthDate(pub Date);

impl<C> Encode<C> for BirthDate {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        let date = self.0;
        e.i32(i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day()))?.ok()
    }
}

impl<'b, C> Decode<'b, C> for BirthDate {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<BirthDate, decode::Error> {
        let packed = d.i32()?;
        let part = |value: i32| i8::try_from(value).map_err(|_| decode::Error::message("birth date out of range"));
        let year = i16::try_from(packed / 10_000).map_err(|_| decode::Error::message("birth date out of range"))?;
        Date::new(year, part(packed / 100 % 100)?, part(packed % 100)?)
            .map(BirthDate)
            .map_err(|_| decode::Error::message("birth date is no calendar day"))
    }
}

impl Patient {
    /// A patient of whom only the id is known yet.
    pub fn unknown(source_id: Text) -> Patient {
        Patient {
            source_id,
            stamp: Stamp::default(),
            read_at: Moment::default(),
            envelope: EnvelopeId(0),
            family: Fact::NotSaid,
            given: Fact::NotSaid,
            birth_date: Fact::NotSaid,
            sex: Fact::NotSaid,
            email: Fact::NotSaid,
            mobile: Fact::NotSaid,
            phone: Fact::NotSaid,
            address: Fact::NotSaid,
            language: Fact::NotSaid,
            coverage: Fact::NotSaid,
            merged_into: None,
            email_place: None,
            restrictions: Fact::NotSaid,
            since: ContactSince::default(),
            confirmed: None,
        }
    }

    /// `Given Family`, as far as known.
    pub fn full_name(&self) -> Option<String> {
        let part = |fact: &Fact<Phi<Text>>| fact.value().map(|name| name.open().to_string());
        match (part(&self.given), part(&self.family)) {
            (Some(given), Some(family)) => Some(format!("{given} {family}")),
            (name, other) => name.or(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Way;

    #[test]
    fn a_patient_survives_storage_and_hides_in_debug_output() {
        let mut patient = Patient::unknown("P100".into());
        patient.family = Fact::Is(Phi::new("Okafor".into()));
        patient.email = Fact::Cleared;
        patient.birth_date = Fact::Is(Phi::new(BirthDate(jiff::civil::date(1980, 2, 29))));
        let opted_out = Restriction { way: Way::Sms, said: "no texts".into(), place: "PD1-11".into() };
        patient.restrictions = Fact::Is(Phi::new(vec![opted_out]));
        let bytes = minicbor::to_vec(&patient).unwrap();
        assert_eq!(decode::<Patient>(&bytes).unwrap(), patient);
        assert!(!format!("{patient:?}").contains("Okafor"));
    }
}
