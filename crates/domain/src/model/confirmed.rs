//! What a patient says of their own data: confirmed or corrected when they log in (requirement S1-24).

use crate::matching::same_number;
use crate::model::Patient;
use crate::phi::Phi;
use crate::setup::fold_email;
use crate::text::Text;
use crate::time::Moment;
use minicbor::{Decode, Encode};

/// A part of a patient's record that they may correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
#[allow(missing_docs, reason = "the parts are those of `Patient`")]
pub enum PatientField {
    #[n(0)]
    Family,
    #[n(1)]
    Given,
    #[n(2)]
    BirthDate,
    #[n(3)]
    Email,
    #[n(4)]
    Mobile,
    #[n(5)]
    Phone,
}

impl PatientField {
    /// As people say it, and as it stands beside an account.
    pub const fn label(self) -> &'static str {
        match self {
            PatientField::Family => "last name",
            PatientField::Given => "first name",
            PatientField::BirthDate => "date of birth",
            PatientField::Email => "e-mail",
            PatientField::Mobile => "mobile",
            PatientField::Phone => "phone",
        }
    }
}

/// What the patient says in the place of what the source says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Correction {
    /// Of what.
    #[n(0)]
    pub field: PatientField,
    /// What they say. A date as `yyyy-mm-dd`.
    #[n(1)]
    pub said: Phi<Text>,
}

/// The last time at which a patient looked at their data.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Confirmed {
    /// When.
    #[n(0)]
    pub at: Moment,
    /// What they said was wrong; empty: they found everything right. It never takes the place of what the source says.
    #[n(1)]
    pub corrections: Vec<Correction>,
}

impl Patient {
    /// What the source says of a part of the record.
    pub fn said_of(&self, field: PatientField) -> Option<Text> {
        let text = match field {
            PatientField::Family => &self.family,
            PatientField::Given => &self.given,
            PatientField::Email => &self.email,
            PatientField::Mobile => &self.mobile,
            PatientField::Phone => &self.phone,
            PatientField::BirthDate => {
                return self.birth_date.value().map(|date| Text::from(date.open().0.to_string()));
            }
        };
        text.value().map(|value| value.open().clone())
    }

    /// What the patient corrected and the source still says otherwise.
    pub fn to_review(&self) -> impl Iterator<Item = &Correction> {
        let corrections = self.confirmed.iter().flat_map(|confirmed| &confirmed.corrections);
        corrections.filter(|correction| {
            let (ours, theirs) = (self.said_of(correction.field), correction.said.open());
            !ours.is_some_and(|ours| match correction.field {
                PatientField::Email => fold_email(&ours) == fold_email(theirs),
                PatientField::Mobile | PatientField::Phone => same_number(&ours, theirs),
                PatientField::Family | PatientField::Given | PatientField::BirthDate => ours.trim() == theirs.trim(),
            })
        })
    }
}
