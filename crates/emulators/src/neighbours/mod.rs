//! The practices next door: four small clinics, each a twin of another vendor's interface with a few coming visits, one
//! planted problem, and the practice document that joins it to a platform. A demonstration shows them side by side, and
//! a measurement takes one of them with a diary of any size.
//!
//! Everybody is made up; no two of the small clinics share a patient.

mod days;
mod document;
mod parts;

pub use document::{Haste, Joining};

use crate::practice::believable::Planted;
use crate::vendors::{CannotStart, DiarySize, VendorOptions, VendorTwin};
use jiff::Timestamp;
use parts::{FASTEST, PARTS, Part, STRICTEST};
use serde_json::Value;
use tokio::net::TcpListener;

/// One of the practices: its system runs until it is stopped or dropped.
pub struct Neighbour {
    twin: VendorTwin,
    part: &'static Part,
    planted: Option<Planted>,
}

/// Why a neighbour cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum NoNeighbour {
    /// Its twin does not start.
    #[error(transparent)]
    Twin(#[from] CannotStart),
    /// Its diary does not take a visit that it is to have.
    #[error(transparent)]
    Diary(#[from] crate::diary::Refusal),
    /// There is none on that vendor's system.
    #[error("there is no practice on {0:?}; there are {names}", names = Neighbour::vendors().join(", "))]
    Unknown(String),
}

impl Neighbour {
    /// How many there are.
    pub const COUNT: usize = PARTS.len();

    /// Starts one of them (from 0; counted anew behind the last) on a listener, as its diary is at `now`, by the clocks
    /// of `zone` (an IANA name).
    ///
    /// # Errors
    ///
    /// When there is no such zone, or the listener cannot tell its address.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn start(
        number: usize,
        listener: TcpListener,
        seed: u64,
        now: Timestamp,
        zone: &str,
    ) -> Result<Neighbour, NoNeighbour> {
        let number = number % PARTS.len();
        let part = &PARTS[number];
        let seed = seed.wrapping_add(number as u64 + 1);
        let twin = twin(part, listener, seed, Some(zone.to_owned()), DiarySize::Empty)?;
        let visit = twin.at_desk(|diary, _| {
            diary.name = part.clinic.to_owned();
            days::fill(diary, number, part, now)
        })?;
        let planted = part.problem.planted(twin.visit_id(visit).unwrap_or_default());
        Ok(Neighbour { twin, part, planted: Some(planted) })
    }

    /// Starts the practice on this vendor's system with another diary, and nothing planted in it.
    ///
    /// # Errors
    ///
    /// When there is no such practice, or the listener cannot tell its address.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn with_diary(
        vendor: &str,
        listener: TcpListener,
        seed: u64,
        size: DiarySize,
    ) -> Result<Neighbour, NoNeighbour> {
        let part = PARTS.iter().find(|part| part.vendor == vendor);
        let part = part.ok_or_else(|| NoNeighbour::Unknown(vendor.to_owned()))?;
        Ok(Neighbour { twin: twin(part, listener, seed, None, size)?, part, planted: None })
    }

    /// The vendors whose systems they have.
    #[must_use]
    pub fn vendors() -> Vec<&'static str> {
        PARTS.iter().map(|part| part.vendor).collect()
    }

    /// The vendor whose interface hands out most rows a second within its limits.
    #[must_use]
    pub fn fastest() -> &'static str {
        PARTS[FASTEST].vendor
    }

    /// The vendor whose profile wants to be asked most often.
    #[must_use]
    pub fn strictest() -> &'static str {
        PARTS[STRICTEST].vendor
    }

    /// What people call the vendor.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.part.name
    }

    /// What people call the clinic.
    #[must_use]
    pub fn clinic(&self) -> &'static str {
        self.part.clinic
    }

    /// The name under which the vendor's twin is asked for.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        self.part.vendor
    }

    /// The practice's id in the document.
    #[must_use]
    pub fn practice(&self) -> &'static str {
        self.part.practice
    }

    /// The integration's id in the document.
    #[must_use]
    pub fn integration(&self) -> String {
        format!("{}-{}", self.part.practice, self.part.vendor)
    }

    /// The front desk's pages.
    #[must_use]
    pub fn desk(&self) -> String {
        format!("http://{}/_twin/", self.twin.http)
    }

    /// The problem that was planted, and what should be said of it.
    #[must_use]
    pub fn planted(&self) -> Option<&Planted> {
        self.planted.as_ref()
    }

    /// Its system.
    #[must_use]
    pub fn twin(&self) -> &VendorTwin {
        &self.twin
    }

    /// What is secret about coming in, by the names of the files in which a document looks for it.
    #[must_use]
    pub fn secrets(&self) -> Vec<(&'static str, String)> {
        let access = self.twin.access();
        let told = |name: &'static str| Some((name, access[name].as_str()?.to_owned()));
        document::SECRETS.into_iter().filter_map(told).collect()
    }

    /// The practice document as TOML.
    #[must_use]
    pub fn document(&self, joining: &Joining<'_>) -> String {
        document::document(self, joining)
    }

    /// No more answers.
    pub async fn stop(self) {
        self.twin.stop().await;
    }
}

fn twin(
    part: &Part,
    listener: TcpListener,
    seed: u64,
    time_zone: Option<String>,
    size: DiarySize,
) -> Result<VendorTwin, CannotStart> {
    let Value::Object(switches) = (part.switches)() else { unreachable!("switches are an object") };
    let options = VendorOptions { seed, time_zone, size, switches, ..VendorOptions::default() };
    VendorTwin::start(part.vendor, listener, options)
}

impl std::fmt::Debug for Neighbour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Neighbour")
            .field("vendor", &self.vendor())
            .field("http", &self.twin.http)
            .finish_non_exhaustive()
    }
}
