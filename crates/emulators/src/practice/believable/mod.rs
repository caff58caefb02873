//! A believable day: a family clinic with its visits of today and tomorrow, in which every cause worth showing was
//! planted once and can be found by a source id that is always the same.
//!
//! Everybody is made up; addresses are of example.com and example.org, numbers of the range that belongs to nobody.

mod causes;
mod clinic;
mod day;
mod document;
mod hours;
mod people;
mod planted;
mod script;

pub use document::{PracticeDocument, SecretReference};
pub use planted::{Expected, Planted};

pub(crate) use document::quoted;
pub(crate) use people::{CITIES, FAMILIES, GIVEN, STREETS, plain};

use crate::practice::Practice;
use day::Day;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A practice system with a believable day, what was planted in it, and the set-up that goes with it.
#[derive(Clone, Debug)]
pub struct Believable {
    /// The system. The messages of everything booked so far wait in it, oldest first, with the times they had.
    pub practice: Practice,
    /// What was planted.
    pub planted: Vec<Planted>,
    /// The matching practice document.
    pub document: PracticeDocument,
}

impl Believable {
    /// A planted cause, by its key.
    #[must_use]
    pub fn planted(&self, key: &str) -> Option<&Planted> {
        self.planted.iter().find(|planted| planted.key == key)
    }
}

impl Practice {
    /// A believable day: some 34 video visits today and tomorrow by the clocks of `zone` (an IANA name), a few office
    /// visits, and the planted causes. The same seed, time and zone give the same, byte for byte.
    ///
    /// # Errors
    ///
    /// When there is no such zone.
    pub fn believable(seed: u64, now: Timestamp, zone: &str) -> Result<Believable, jiff::Error> {
        let mut day = Day::new(seed, now, zone, TimeZone::get(zone)?);
        let planted = causes::plant(&mut day);
        day.fill();
        let (mut practice, accounts) = day.play();
        practice.planted.clone_from(&planted);
        let document = PracticeDocument::of(&practice, now, accounts);
        Ok(Believable { practice, planted, document })
    }
}
