//! Case files: what is given, what happens, and what must be so then, in words that no vendor uses.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Where cases and systems are.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/conformance")
}

/// Cases of one scene share a practice, a platform and a store, and follow one another as the days of a clinic do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SceneName {
    /// What happens at any desk.
    Everyday,
    /// One thing goes wrong at a time.
    Trouble,
    /// Everything goes wrong at once.
    Storm,
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// The file's name without its number.
    #[serde(skip)]
    pub(crate) id: String,
    /// A sentence.
    pub(crate) title: String,
    pub(crate) scene: SceneName,
    /// The capability that a profile may claim when this passes.
    #[serde(default)]
    #[expect(dead_code, reason = "the matrix reads it")]
    proves: Option<String>,
    /// Happens first, and is on both sides before `when` begins.
    #[serde(default)]
    pub(crate) given: Vec<Act>,
    pub(crate) when: Vec<Act>,
    /// What must be so, in this order. That both sides are equal in the end is demanded of every case.
    #[serde(default)]
    pub(crate) then: Vec<Then>,
}

/// Something that happens.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Act {
    /// Books a visit under a name that holds within the case.
    Book(Booking),
    /// Moves a visit.
    Move { visit: String, day: i64, at: String },
    /// Changes how a visit stands; a word of no list is the practice's own.
    Status { visit: String, is: String },
    /// Gives a visit to another provider, by place in the practice's list.
    Provider { visit: String, to: usize },
    /// Marks a visit as deleted, as the vendor does.
    Delete { visit: String },
    /// Takes a visit out for good, and nobody says so.
    Purge { visit: String },
    /// Calls a visit off and books another in its place.
    Rebook { visit: String, r#as: String, day: i64, at: String },
    /// Puts a patient on a visit.
    Join { visit: String, patient: usize },
    /// Takes a patient off a visit.
    Leave { visit: String, patient: usize },
    /// Edits a patient; the fields are those of the desk.
    EditPatient { patient: usize, set: Map<String, Value> },
    /// Merges a patient's record into another.
    Merge { patient: usize, into: usize },
    /// So many things happen at the desk, drawn from the case's name.
    Busy { acts: usize },
    /// Goes wrong like this from here on; an empty table heals.
    Faults(Map<String, Value>),
    /// No token is good any more.
    ExpireTokens {},
    /// Our process dies and another begins.
    Restart {},
    /// Somebody asks for one visit now.
    Ask { visit: String },
    /// Somebody who is registered and has no visit is looked for in the practice system by name and date of birth,
    /// found, and imported twice, which makes one account.
    Search {},
    /// Source and platform are compared in full now.
    Compare {},
    /// So much time passes.
    Minutes(u64),
    /// The integration goes live.
    Connect {},
}

/// A visit to be booked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Booking {
    pub(crate) visit: String,
    /// Business days from today.
    pub(crate) day: i64,
    /// By the clocks of the place: `10:00`.
    pub(crate) at: String,
    /// Places in the list of patients; absent: the next one.
    #[serde(default)]
    pub(crate) patients: Vec<usize>,
    /// Place in the list of providers.
    #[serde(default)]
    pub(crate) provider: usize,
    /// A group visit.
    #[serde(default)]
    pub(crate) group: bool,
    /// So many visits, a week apart.
    #[serde(default)]
    pub(crate) weekly: Option<u32>,
}

/// Something that must be so.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Then {
    /// Both sides are equal within so many minutes, but for what is held with its reason.
    EqualWithin(u64),
    /// The platform shows a visit so; what is not named may be anything.
    Shows { visit: String, status: Option<String>, day: Option<i64>, at: Option<String>, people: Option<usize> },
    /// The platform does not show a visit as taking place.
    Gone { visit: String },
    /// A visit is held for this reason; from here on both sides may differ in it.
    Held { visit: String, reason: String },
    /// Every visit that is late at this moment says why: with one of these words, or with the code of an incident or
    /// of its own reason. At least one is late.
    LateSays(Vec<String>),
    /// The integration has this incident.
    Incident(String),
    /// The patients of a visit were told so often that it is booked, moved, cancelled.
    Told { visit: String, booked: usize, moved: usize, cancelled: usize },
    /// Something goes on.
    Act(Act),
}

/// All cases in the order in which they are run.
pub(crate) fn cases() -> Vec<Case> {
    let files = std::fs::read_dir(folder().join("cases")).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let (_, id) = stem.split_once('-').unwrap_or_else(|| panic!("{stem} is not NUMBER-NAME"));
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Case { id: id.to_owned(), ..case }
    };
    paths.into_iter().map(read).collect()
}
