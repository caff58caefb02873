//! How a source that hands files over writes them: the contract with whoever fills the folder.

use crate::text::Text;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is agreed about the files of a folder. Nothing of it is guessed from a file: one that differs is told of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileRules {
    /// How files are named. `{kind}` stands for the name of a kind, `{style}` for `full` or `delta`, `{stamp}` for the
    /// time at which what the file says was true, `*` for anything.
    pub name: Text,
    /// How `{stamp}` is written, in `strftime` terms.
    pub stamp: Text,
    /// `{stamp}` is universal time; otherwise it is by the practice's clock.
    pub stamp_is_utc: bool,
    /// A whole file has an empty one beside it whose name has this behind it. Empty: it has none.
    pub marker: Text,
    /// The last line of a whole file; `{rows}` stands for the number of rows before it. Empty: there is none.
    pub end_line: Text,
    /// Files whose names end so are somebody's work in progress.
    pub ignore: Vec<Text>,
    /// A file without marker and end line is read once it has not changed for so many seconds.
    pub settle_seconds: u32,
    /// A file that is not whole, or lacks its companions, is taken as it is after so many seconds.
    pub give_up_seconds: u32,
    /// Nothing came for so many seconds: the source is late. 0: nobody knows when something is due.
    pub late_seconds: u32,
    /// What becomes of a file that was read.
    pub after: AfterReading,
    /// Where it is moved to, below the folder.
    pub read_folder: Text,
    /// What a visit that a full file lacks means.
    pub missing: MissingRow,
    /// A full file begins with visits of so many days before its own.
    pub full_back_days: u32,
    /// And ends with those so many days after it.
    pub full_days: u32,
    /// The kinds of files.
    pub kinds: Vec<FileKind>,
}

/// What becomes of a file that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterReading {
    /// It stays where it is.
    #[default]
    Keep,
    /// It is moved, once what it said is on disk.
    Move,
}

/// What a visit that a full file lacks means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingRow {
    /// Nothing.
    #[default]
    Nothing,
    /// It is not there any more: looked for twice, and stopped by the guard of `[polling]` when too many go at once.
    Gone,
}

/// What the rows of a file are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsAre {
    /// Visits, or visits and who takes part: rows with the same visit are one visit with several participants.
    Visits,
    /// Who takes part in visits of another file.
    Participants,
    /// Whose visits those of another file are, and how long they take.
    Providers,
    /// Patients.
    Patients,
}

/// Whether files of a kind tell everything, or what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStyle {
    /// Everything.
    Full,
    /// What changed since the one before.
    Delta,
}

/// One kind of file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileKind {
    /// Its name, in names of files.
    pub kind: Text,
    /// What its rows are about.
    pub rows: RowsAre,
    /// What it tells where its name does not say so.
    #[serde(default = "delta")]
    pub style: FileStyle,
    /// Files of the other kinds may come without it.
    #[serde(default)]
    pub optional: bool,
    /// What stands between fields.
    #[serde(default = "comma")]
    pub delimiter: Text,
    /// The character set: a label of the WHATWG list, such as `utf-8` or `windows-1252`.
    #[serde(default = "utf_8")]
    pub encoding: Text,
    /// How days are written, in `strftime` terms, tried in order.
    #[serde(default = "dates")]
    pub dates: Vec<Text>,
    /// How times are written, tried in order. With `%z` they carry an offset; otherwise they are by the clock of the
    /// place of the visit.
    #[serde(default = "times")]
    pub times: Vec<Text>,
    /// Words that mean yes, whatever their case.
    #[serde(default = "yes")]
    pub yes: Vec<Text>,
    /// Words that mean that there is nothing, besides an empty field.
    #[serde(default)]
    pub nothing: Vec<Text>,
    /// Status words that say nothing of the visit.
    #[serde(default)]
    pub silent_statuses: Vec<Text>,
    /// A row without a patient is time that is blocked.
    #[serde(default)]
    pub blocked_without_patient: bool,
    /// Words of the column `modality`, in ours; others stay as they are. An empty meaning takes an earlier word back.
    #[serde(default)]
    pub modalities: BTreeMap<Text, Text>,
    /// Which columns say what.
    pub columns: FileColumns,
}

/// Which columns say what; each is named as in the file's first line, or made of several: `{day} {time}`. A column that
/// is named has to be there; where one of several is empty, nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the fields are those of a visit, its participants and their patients")]
pub struct FileColumns {
    /// The visit's id.
    pub visit: Option<Text>,
    /// The row's own id, where it has one: two rows with the same contradict one another.
    pub key: Option<Text>,
    /// The patient's id.
    pub patient: Option<Text>,
    pub start: Option<Text>,
    pub end: Option<Text>,
    /// The length in minutes.
    pub minutes: Option<Text>,
    /// When it was booked.
    pub booked: Option<Text>,
    pub type_id: Option<Text>,
    pub type_name: Option<Text>,
    pub modality: Option<Text>,
    pub department: Option<Text>,
    pub provider: Option<Text>,
    pub provider_name: Option<Text>,
    pub series: Option<Text>,
    /// The visit whose place this one takes.
    pub replaces: Option<Text>,
    pub status: Option<Text>,
    pub status_reason: Option<Text>,
    /// The visit is a test.
    pub test: Option<Text>,
    /// Times of change of a row; of several rows about the same participant the newest counts.
    pub changed: Vec<Text>,
    pub family: Option<Text>,
    pub given: Option<Text>,
    pub birth_date: Option<Text>,
    pub sex: Option<Text>,
    pub email: Option<Text>,
    pub mobile: Option<Text>,
    pub phone: Option<Text>,
    pub address: Option<Text>,
    pub city: Option<Text>,
    pub state: Option<Text>,
    pub postal_code: Option<Text>,
    pub country: Option<Text>,
    pub language: Option<Text>,
    /// What stands against telling the patient things, in its own words: it closes every way.
    pub restriction: Option<Text>,
}

impl FileColumns {
    /// Every column that is named.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.written().flat_map(|column| parts(column))
    }

    /// Columns as they are written: one, or a pattern of several.
    fn written(&self) -> impl Iterator<Item = &Text> {
        let single = [
            &self.visit,
            &self.key,
            &self.patient,
            &self.start,
            &self.end,
            &self.minutes,
            &self.booked,
            &self.type_id,
            &self.type_name,
            &self.modality,
            &self.department,
            &self.provider,
            &self.provider_name,
            &self.series,
            &self.replaces,
            &self.status,
            &self.status_reason,
            &self.test,
            &self.family,
            &self.given,
            &self.birth_date,
            &self.sex,
            &self.email,
            &self.mobile,
            &self.phone,
            &self.address,
            &self.city,
            &self.state,
            &self.postal_code,
            &self.country,
            &self.language,
            &self.restriction,
        ];
        single.into_iter().flatten().chain(&self.changed)
    }
}

/// The columns of a pattern; of a plain name that name.
fn parts(column: &str) -> Vec<&str> {
    if !column.contains('{') {
        return vec![column];
    }
    column.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

fn delta() -> FileStyle {
    FileStyle::Delta
}

fn comma() -> Text {
    Text::literal(",")
}

fn utf_8() -> Text {
    Text::literal("utf-8")
}

fn dates() -> Vec<Text> {
    vec![Text::literal("%Y-%m-%d")]
}

fn times() -> Vec<Text> {
    ["%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"].map(Text::literal).to_vec()
}

fn yes() -> Vec<Text> {
    ["y", "yes", "true", "1"].map(Text::literal).to_vec()
}

impl Default for FileRules {
    fn default() -> FileRules {
        FileRules {
            name: Text::literal("{kind}_{style}_{stamp}*.csv"),
            stamp: Text::literal("%Y%m%dT%H%M%SZ"),
            stamp_is_utc: true,
            marker: Text::default(),
            end_line: Text::default(),
            ignore: [".part", ".tmp", ".filepart"].map(Text::literal).to_vec(),
            settle_seconds: 10,
            give_up_seconds: 900,
            late_seconds: 0,
            after: AfterReading::Keep,
            read_folder: Text::literal("read"),
            missing: MissingRow::Nothing,
            full_back_days: 1,
            full_days: 90,
            kinds: Vec::new(),
        }
    }
}
