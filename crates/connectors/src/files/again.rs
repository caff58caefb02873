//! What the rows of a part were read with, and reading them again: which of them are of which file, and whether all of
//! their set was there.

use super::content::Content;
use super::contract::Named;
use super::folder::Found;
use super::page::PartOfSet;
use super::place::Step;
use super::table::first_fault;
use crate::again::{Cannot, KeptPage, NO_FILES, NO_PAGE};
use domain::profile::{FileRules, FileStyle};
use domain::text::Text;
use domain::time::Moment;
use engine::ingest::EnvelopeFormat;
use engine::poll::Sheet;
use engine::setup::Integration;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a part was read with.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReadWith {
    /// The set was whole: who is not named in it does not take part.
    pub(super) whole: bool,
    /// When it was written, in microseconds since 1970.
    pub(super) as_of: i64,
    /// Whose the bytes are, one file after the other.
    pub(super) stretches: Vec<Stretch>,
}

/// Rows of one file, under its first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stretch {
    pub(super) name: String,
    /// The contract's word for what its rows are.
    pub(super) kind: Text,
    /// In bytes.
    pub(super) length: usize,
}

impl ReadWith {
    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// What a kept part says.
pub(crate) fn again(integration: &Arc<Integration>, page: &KeptPage<'_>) -> Result<Sheet, Cannot> {
    let with: ReadWith = serde_json::from_str(page.with.ok_or(NO_FILES)?).map_err(|_| NO_FILES)?;
    let rules = &integration.rules.source.files;
    let length: usize = with.stretches.iter().map(|stretch| stretch.length).sum();
    let mut files = Vec::new();
    if length == page.body.len() {
        let mut rest = &page.body[..];
        for stretch in &with.stretches {
            let (bytes, behind) = rest.split_at_checked(stretch.length).ok_or(NO_PAGE)?;
            rest = behind;
            let kind = rules.kinds.iter().position(|kind| kind.kind == stretch.kind).ok_or(NO_PAGE)?;
            files.push(found(&stretch.name, kind, bytes, with.as_of));
        }
    } else {
        // A row that was set aside stands alone under its first line.
        let (name, kind) = file_of(rules, page).ok_or(NO_PAGE)?;
        files.push(found(&name, kind, &page.body, with.as_of));
    }
    let part = PartOfSet {
        files: &files,
        rules: &integration.rules,
        is_whole: with.whole && length == page.body.len(),
        as_of: Moment::from_micros(with.as_of),
        size: usize::MAX,
    };
    let mut whole = Sheet::of(page.body.clone(), EnvelopeFormat::Csv);
    for sheet in part.read(Step::Patients(0)).map_err(|_| NO_PAGE)?.sheets {
        whole.records.extend(sheet.records);
        whole.problems.extend(sheet.problems);
    }
    Ok(whole)
}

fn found(name: &str, kind: usize, bytes: &[u8], as_of: i64) -> Found {
    Found {
        name: name.to_owned(),
        content: Content::Kept(bytes.into()),
        named: Named { kind, style: FileStyle::Delta, as_of: None, set: String::new() },
        id: String::new(),
        as_of: Moment::from_micros(as_of),
        unfinished: None,
    }
}

/// The first kind of the contract that has such a first line.
fn file_of(rules: &FileRules, page: &KeptPage<'_>) -> Option<(String, usize)> {
    let content = Content::Kept(page.body.clone());
    let fits = |kind: &domain::profile::FileKind| matches!(first_fault(&content, kind), Ok(None));
    let place = rules.kinds.iter().position(fits)?;
    Some((rules.kinds.get(place)?.kind.to_string(), place))
}
