//! The reader itself.

use crate::files::folder::{Found, Listing, Sizes, list, move_away};
use crate::files::page::{PartOfSet, PartRead};
use crate::files::place::{Open, Order, Place, Step};
use crate::files::set::{Set, begin, forget, next, sets};
use crate::files::table::first_fault;
use crate::rest::Outside;
use domain::profile::{AfterReading, FileRules, FileStyle, MissingRow, RowsAre};
use domain::text::Text;
use domain::time::Moment;
use engine::poll::{Ask, Capabilities, Failure, FileList, Filed, Next, Page, SourceReader, Window};
use engine::ports::PortFuture;
use engine::setup::Integration;
use jiff::ToSpan;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// The reader of an integration's folder; `None`: it names none, files are handed in.
pub(crate) fn reader(_: &Outside, integration: &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
    let folder = PathBuf::from(integration.document.source.drop.as_deref()?);
    if let Err(what) = check(&integration.rules.source.files) {
        return Some(Err(Failure::NotReady { what: Text::from(what) }));
    }
    let inner = Inner { integration: integration.clone(), folder, sizes: Sizes::default() };
    Some(Ok(Arc::new(FileReader(Arc::new(inner)))))
}

/// A contract that can be read by.
fn check(rules: &FileRules) -> Result<(), String> {
    if !rules.kinds.iter().any(|kind| kind.rows == RowsAre::Visits) {
        return Err("the profile has no kind of file whose rows are visits: see [files]".to_owned());
    }
    for (number, kind) in rules.kinds.iter().enumerate() {
        let name = kind.kind.as_str();
        if rules.kinds.iter().take(number).any(|other| other.rows == kind.rows) {
            return Err(format!("two kinds of files have the same rows; {name} is the second"));
        }
        let columns = &kind.columns;
        let missing = match kind.rows {
            RowsAre::Visits => columns.visit.is_none().then_some("visit"),
            RowsAre::Participants | RowsAre::Providers if columns.visit.is_none() => Some("visit"),
            RowsAre::Providers => columns.provider.is_none().then_some("provider"),
            RowsAre::Participants | RowsAre::Patients => columns.patient.is_none().then_some("patient"),
        };
        if let Some(missing) = missing {
            return Err(format!("the columns of {name} do not say which is the {missing}"));
        }
    }
    Ok(())
}

/// Reads one folder.
struct FileReader(Arc<Inner>);

struct Inner {
    integration: Arc<Integration>,
    folder: PathBuf,
    sizes: Sizes,
}

/// What a look came to, beside the records.
#[derive(Default)]
struct Told {
    broken: Option<String>,
    notes: Vec<String>,
}

impl Inner {
    fn rules(&self) -> &FileRules {
        &self.integration.rules.source.files
    }

    fn look(&self, cursor: Option<&str>, size: u32, now: Moment) -> Result<Page, Failure> {
        let rules = self.rules();
        let mut place = match cursor {
            None => Place::default(),
            Some(cursor) => Place::parse(cursor).ok_or(Failure::CursorLost)?,
        };
        let mut listing = list(&self.folder, rules, &self.integration.rules.zone, &self.sizes, now)?;
        if rules.after == AfterReading::Move {
            // What the cursor names is on disk.
            listing.files.retain(|found| !place.read.contains(&found.id) || !move_away(&self.folder, rules, found));
        }
        forget(&mut place, &listing.files, &listing.strangers);
        let mut told = Told::default();
        self.note_strangers(&mut place, &listing, &mut told);
        let mut found = sets(&listing.files, rules, &place);
        if cursor.is_none() {
            place.floor = begin(&mut found);
        }
        if let Some(open) = &place.open
            && let Some(set) = opened(&found, open)
        {
            return self.part(place, set, size, told);
        }
        place.open = None;
        match next(found, rules, now) {
            Some((_, set)) => {
                let set = self.open(&mut place, set, &mut told)?;
                self.part(place, set, size, told)
            }
            None => self.nothing(&place, told, now),
        }
    }

    fn note_strangers(&self, place: &mut Place, listing: &Listing, told: &mut Told) {
        let mut fresh = 0;
        for stranger in &listing.strangers {
            // Once: then it is known.
            fresh += usize::from(place.read.insert(stranger.id.clone()));
        }
        if fresh > 0 {
            // Such a name may be a patient's.
            told.notes.push(format!("files with names that nobody agreed on came and were not read: {fresh}"));
        }
    }

    /// Nothing is to be read now.
    fn nothing(&self, place: &Place, told: Told, now: Moment) -> Result<Page, Failure> {
        let late = i64::from(self.rules().late_seconds);
        if let Some(as_of) = place.as_of().filter(|as_of| late > 0 && now.secs_since(*as_of) > late) {
            let what = format!("late: no whole file has come since {as_of}, for more than {late} s");
            return Err(Failure::Unreachable { what: what.into() });
        }
        Ok(page(Vec::new(), place, false, place.as_of(), None, told))
    }

    /// Begins to read a set.
    fn open(&self, place: &mut Place, mut set: Set, told: &mut Told) -> Result<Set, Failure> {
        self.drop_doubles(place, &mut set, told)?;
        if let Some(newest) = place.as_of().filter(|newest| set.as_of < *newest)
            && let Some(first) = set.files.first()
        {
            let name = &first.name;
            told.notes.push(format!("{name} came late: what was true at {newest} had been read before"));
        }
        for found in &set.files {
            self.check_first_line(found)?;
        }
        let broken = (!set.is_whole).then(|| set.faults.join("; "));
        place.open = Some(Open {
            files: set.files.iter().map(|found| found.id.clone()).collect(),
            broken,
            step: Step::Patients(0),
        });
        Ok(set)
    }

    /// Contract and file differ: a person has to say which is right. Nothing is skipped meanwhile.
    fn check_first_line(&self, found: &Found) -> Result<(), Failure> {
        let Some(kind) = self.rules().kinds.get(found.named.kind) else { return Ok(()) };
        match first_fault(&found.content, kind) {
            Ok(None) => Ok(()),
            // One that was given up tells itself what it lacks.
            Ok(Some(_)) if found.unfinished.is_some() => Ok(()),
            Ok(Some(what)) => Err(Failure::Malformed { what: Text::from(format!("{}: {what}", found.name)) }),
            Err(error) => Err(unread(found, &error)),
        }
    }

    /// A second file of the same kind and time: with the same content it is not read; with another, by itself later.
    fn drop_doubles(&self, place: &mut Place, set: &mut Set, told: &mut Told) -> Result<(), Failure> {
        let mut kept: Vec<Found> = Vec::new();
        for found in std::mem::take(&mut set.files) {
            let same_kind = |other: &&Found| other.named.kind == found.named.kind;
            let before: Vec<Found> = set.read.iter().chain(&kept).filter(same_kind).cloned().collect();
            let mut double = None;
            for other in &before {
                if is_same(other, &found).map_err(|error| unread(&found, &error))? {
                    double = Some(other.name.clone());
                }
            }
            match double {
                Some(other) => {
                    told.notes.push(format!("{} says what {other} says; it was not read again", found.name));
                    place.read.insert(found.id.clone());
                }
                None if kept.iter().any(|other| same_kind(&other)) => {}
                None => kept.push(found),
            }
        }
        set.files = kept;
        Ok(())
    }

    fn part(&self, mut place: Place, set: Set, size: u32, told: Told) -> Result<Page, Failure> {
        let Some(open) = place.open.clone() else { return Err(Failure::CursorLost) };
        let is_whole = set.is_whole && set.read.is_empty() && open.broken.is_none();
        let asked = PartOfSet {
            files: &set.files,
            rules: &self.integration.rules,
            is_whole,
            as_of: set.as_of,
            size: usize::try_from(size).unwrap_or(usize::MAX),
        };
        let read = asked.read(open.step)?;
        let PartRead { sheets, next, visits, spoiled } = read;
        let mut told = Told { broken: open.broken, ..told };
        if let Some(spoiled) = spoiled {
            told.broken.get_or_insert_with(|| format!("{spoiled}: too many rows cannot be read"));
        }
        let is_first = open.step == Step::Patients(0);
        // Only read from its beginning does a full file list all there is; a companion that came late does not.
        let has_visits = set.files.iter().any(|found| self.is_of_visits(found));
        let lists = set.style == FileStyle::Full && set.read.is_empty() && has_visits;
        if lists && is_whole && is_first && next.is_none() && visits == 0 {
            told.broken = Some("a full list without a visit is not believed".to_owned());
        }
        let list = lists.then(|| FileList {
            window: self.covered(set.as_of),
            first: is_first,
            last: next.is_none(),
            means_gone: self.rules().missing == MissingRow::Gone,
        });
        match next {
            Some(step) => place.open = Some(Open { files: open.files, broken: told.broken.clone(), step }),
            None => {
                place.read.extend(open.files);
                place.open = None;
                let as_of = set.as_of.micros();
                place.as_of = Some(place.as_of.map_or(as_of, |before| before.max(as_of)));
            }
        }
        Ok(page(sheets, &place, true, Some(set.as_of), list, told))
    }

    fn is_of_visits(&self, found: &Found) -> bool {
        self.rules().kinds.get(found.named.kind).is_some_and(|kind| kind.rows == RowsAre::Visits)
    }

    /// The starts that a full list covers.
    fn covered(&self, as_of: Moment) -> Window {
        let (rules, zone) = (self.rules(), &self.integration.rules.zone);
        let day = zone.date(as_of);
        let from = day.checked_sub(i64::from(rules.full_back_days).days()).unwrap_or(day);
        let to = day.checked_add(i64::from(rules.full_days).days()).unwrap_or(day);
        Window { from: zone.day_start(from), to: zone.day_start(to) }
    }
}

/// The set that is being read, if all of its files are still as they were.
fn opened(sets: &std::collections::BTreeMap<Order, Set>, open: &Open) -> Option<Set> {
    sets.values().find_map(|set| {
        let files: Vec<Found> = set.files.iter().filter(|found| open.files.contains(&found.id)).cloned().collect();
        let is_it = files.len() == open.files.len();
        is_it.then(|| Set { files, ..set.clone() })
    })
}

/// A file that could be listed cannot be read.
pub(super) fn unread(found: &Found, error: &io::Error) -> Failure {
    Failure::Unreachable { what: Text::from(format!("{} cannot be read: {}", found.name, error.kind())) }
}

fn is_same(one: &Found, other: &Found) -> io::Result<bool> {
    let digest = |found: &Found| -> io::Result<blake3::Hash> {
        let mut hasher = blake3::Hasher::new();
        io::copy(&mut found.content.open()?, &mut hasher)?;
        Ok(hasher.finalize())
    };
    Ok(digest(one)? == digest(other)?)
}

fn page(
    sheets: Vec<engine::poll::Sheet>,
    place: &Place,
    more: bool,
    as_of: Option<Moment>,
    list: Option<FileList>,
    told: Told,
) -> Page {
    let note = (!told.notes.is_empty()).then(|| Text::from(told.notes.join("; ")));
    let filed = Filed { cursor: place.write(), more, as_of, list, broken: told.broken.map(Text::from), note };
    Page { sheets, next: Next::File(Box::new(filed)), complete: true, server_time: None }
}

impl SourceReader for FileReader {
    fn capabilities(&self) -> Capabilities {
        Capabilities { changes: true, consumes: false, windows: false, single: false, stamps: false }
    }

    fn changes<'a>(&'a self, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(async move {
            ask.turn().await?;
            let (inner, cursor) = (self.0.clone(), ask.cursor.map(str::to_owned));
            let (size, now) = (ask.page_size, ask.now);
            let looked = tokio::task::spawn_blocking(move || inner.look(cursor.as_deref(), size, now)).await;
            looked.unwrap_or_else(|_| {
                Err(Failure::Unreachable { what: Text::literal("reading the folder was broken off") })
            })
        })
    }
}
