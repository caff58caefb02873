//! The checks by name: what each measures, in what, and what is to be done when it fails.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// In what a check is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// So many of those looked at, of a hundred.
    Percent,
    /// So many.
    Count,
    /// Hours.
    Hours,
}

/// A question about the data of an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum DataCheck {
    /// Visits to come whose patients cannot be reached.
    #[n(0)]
    ContactMissing,
    /// Visits to come of which a part is lacking.
    #[n(1)]
    VisitIncomplete,
    /// Status words in use that nobody has given a meaning.
    #[n(2)]
    StatusUnknown,
    /// Visits to come whose patient stands twice in the practice system.
    #[n(3)]
    PatientTwice,
    /// Linked patients of whom no feed has ever told.
    #[n(4)]
    LinkUnheard,
    /// Visits that are over and that nobody has closed.
    #[n(5)]
    VisitLeftOpen,
    /// How long the oldest open item has been open.
    #[n(6)]
    ItemOldest,
    /// Visits to come that have been held for more than a day.
    #[n(7)]
    HeldLong,
    /// Messages that were set aside, because they could not be applied.
    #[n(8)]
    MessageSetAside,
}

impl DataCheck {
    /// Every check, in the order in which they are listed.
    pub const ALL: [DataCheck; 9] = [
        DataCheck::ContactMissing,
        DataCheck::VisitIncomplete,
        DataCheck::StatusUnknown,
        DataCheck::PatientTwice,
        DataCheck::LinkUnheard,
        DataCheck::VisitLeftOpen,
        DataCheck::HeldLong,
        DataCheck::ItemOldest,
        DataCheck::MessageSetAside,
    ];

    /// Its name, in documents, in the API and as the subject of its item.
    pub const fn word(self) -> &'static str {
        match self {
            DataCheck::ContactMissing => "contact_missing",
            DataCheck::VisitIncomplete => "visit_incomplete",
            DataCheck::StatusUnknown => "status_unknown",
            DataCheck::PatientTwice => "patient_twice",
            DataCheck::LinkUnheard => "link_unheard",
            DataCheck::VisitLeftOpen => "visit_left_open",
            DataCheck::ItemOldest => "item_oldest",
            DataCheck::HeldLong => "held_long",
            DataCheck::MessageSetAside => "message_set_aside",
        }
    }

    /// Reads the name back.
    pub fn from_word(word: &str) -> Option<DataCheck> {
        DataCheck::ALL.into_iter().find(|check| check.word() == word)
    }

    /// As people call it.
    pub const fn label(self) -> &'static str {
        match self {
            DataCheck::ContactMissing => "Patients who cannot be reached",
            DataCheck::VisitIncomplete => "Incomplete visits",
            DataCheck::StatusUnknown => "Status words without a meaning",
            DataCheck::PatientTwice => "Patients with two records",
            DataCheck::LinkUnheard => "Links to patients nobody mentions",
            DataCheck::VisitLeftOpen => "Past visits that nobody closed",
            DataCheck::ItemOldest => "The oldest open item",
            DataCheck::HeldLong => "Visits held for more than a day",
            DataCheck::MessageSetAside => "Messages that could not be applied",
        }
    }

    /// What it measures, in a sentence.
    pub const fn measures(self) -> &'static str {
        match self {
            DataCheck::ContactMissing => {
                "Of the visits of the next 14 days, those with a patient for whom neither a usable e-mail address nor a \
                 phone number is known."
            }
            DataCheck::VisitIncomplete => {
                "Of the visits of the next 14 days, those without a type, a provider, a patient, an end or a time zone, \
                 or with times that contradict each other."
            }
            DataCheck::StatusUnknown => {
                "Status words that visits from 7 days ago to 14 days ahead carry and that have no meaning here."
            }
            DataCheck::PatientTwice => {
                "Of the visits of the next 14 days, those with a patient who has a second record of the same name and \
                 birth date."
            }
            DataCheck::LinkUnheard => {
                "Of the patient accounts that are linked by a document, those whose patient no message ever told of."
            }
            DataCheck::VisitLeftOpen => {
                "Of the visits that began between 7 days and 1 day ago, those that are still booked, confirmed, checked \
                 in or in progress."
            }
            DataCheck::ItemOldest => "Hours since the oldest open item was opened, items of these checks left out.",
            DataCheck::HeldLong => {
                "Of the visits of the next 14 days, those that are held and of which nothing changed for 24 hours."
            }
            DataCheck::MessageSetAside => "Messages of the last 24 hours that were kept and could not be applied.",
        }
    }

    /// What whoever owns it does next.
    pub const fn next_step(self) -> &'static str {
        match self {
            DataCheck::ContactMissing => {
                "Have the front desk ask for an e-mail address or a phone number when visits are booked, and add those \
                 that are missing in the practice system."
            }
            DataCheck::VisitIncomplete => {
                "Open the held visits, see which field is lacking, and have it filled in the practice system or mapped \
                 in the feed."
            }
            DataCheck::StatusUnknown => {
                "Open the integration's status words and say what each word without a meaning means here."
            }
            DataCheck::PatientTwice => "Merge the records of these patients in the practice system.",
            DataCheck::LinkUnheard => {
                "Check the source ids of these accounts in the practice document: they point to records that the \
                 practice system does not send."
            }
            DataCheck::VisitLeftOpen => {
                "Have visits of past days closed in the practice system: completed, missed or cancelled."
            }
            DataCheck::ItemOldest => "Open the causes, take the oldest one, and finish it or send it on.",
            DataCheck::HeldLong => "Open the causes: each is fixed once, and the visits that wait for it follow.",
            DataCheck::MessageSetAside => {
                "Open the messages kept and not applied of this integration: each says why. Mend the feed or the \
                 profile, and have them sent again."
            }
        }
    }

    /// In what it is measured.
    pub const fn unit(self) -> Unit {
        match self {
            DataCheck::ContactMissing
            | DataCheck::VisitIncomplete
            | DataCheck::PatientTwice
            | DataCheck::LinkUnheard
            | DataCheck::VisitLeftOpen
            | DataCheck::HeldLong => Unit::Percent,
            DataCheck::StatusUnknown | DataCheck::MessageSetAside => Unit::Count,
            DataCheck::ItemOldest => Unit::Hours,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_check_has_a_name_of_its_own_that_reads_back() {
        let words: BTreeSet<&str> = DataCheck::ALL.into_iter().map(DataCheck::word).collect();
        assert_eq!(words.len(), DataCheck::ALL.len());
        for check in DataCheck::ALL {
            assert_eq!(DataCheck::from_word(check.word()), Some(check));
            let written = toml::Value::try_from(check).unwrap();
            assert_eq!(written.as_str(), Some(check.word()), "documents and the API call it the same");
            assert!(check.measures().ends_with('.') && check.next_step().ends_with('.'), "{check:?}");
        }
    }
}
