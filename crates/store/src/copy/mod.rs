//! A whole store copied into an empty one of another kind, or of the same.
//!
//! Row by row and table by table, in one order on both sides, so that a copy that was stopped goes on where it was and
//! so that both sides can be compared by a digest of every table at the end. While it lasts the target bears a mark:
//! nobody else opens it, and it is taken off when both sides were found to be the same.

mod file;
mod server;
mod tables;
mod value;

use crate::{Error, Result};
use file::File;
use server::Database;
use std::ops::ControlFlow;
use std::path::Path;
use tables::{TABLES, Table};
use value::Value;

/// Where a store is.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// In a SQLite file.
    File(&'a Path),
    /// In the PostgreSQL database at this address.
    Database(&'a str),
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Rows are copied.
    Copying,
    /// Both sides are read again and compared.
    Comparing,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// The table it is at.
    pub table: &'static str,
    /// Rows done in this step, those of an earlier run among them.
    pub done: u64,
    /// Rows there are.
    pub total: u64,
}

/// What one side holds of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Rows.
    pub rows: u64,
    /// A digest of all of them in order: blake3, as hexadecimal digits.
    pub digest: String,
}

/// A table on both sides.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Its name.
    pub table: &'static str,
    /// What the source holds.
    pub source: Contents,
    /// What the target holds.
    pub target: Contents,
}

impl Compared {
    /// Whether both hold the same.
    pub fn same(&self) -> bool {
        self.source == self.target
    }
}

/// What became of a copy.
#[derive(Debug)]
pub enum Outcome {
    /// It is complete: every table, in the order in which they were copied. The target is opened for use if all are the
    /// same, and stays closed otherwise.
    Complete(Vec<Compared>),
    /// Whoever hears of the progress stopped it. Called again it goes on from here.
    Stopped,
}

/// How many rows are moved in one go; a row may hold a message of a megabyte.
const PAGE: usize = 500;

/// One of the two stores.
trait Side {
    /// How many rows a table has.
    fn count(&mut self, table: &Table) -> Result<u64>;

    /// The next rows in order.
    fn page(&mut self, table: &Table, after: Option<&[Value]>, limit: usize) -> Result<Vec<Vec<Value>>>;

    /// What the mark says, when there is one.
    fn mark(&mut self) -> Result<Option<String>>;

    /// Empties what a new store holds by itself and puts the mark on it.
    fn begin(&mut self, mark: &str) -> Result<()>;

    /// Adds rows and changes the mark, together or not at all.
    fn put(&mut self, table: &Table, rows: &[Vec<Value>], mark: &str) -> Result<()>;

    /// Makes everything durable and ready for use, and takes the mark off.
    fn finish(&mut self) -> Result<()>;
}

fn open(place: Place<'_>, as_source: bool) -> Result<Box<dyn Side>> {
    Ok(match place {
        Place::File(path) if as_source => Box::new(File::source(path)?),
        Place::File(path) => Box::new(File::target(path)?),
        Place::Database(address) if as_source => Box::new(Database::source(address)?),
        Place::Database(address) => Box::new(Database::target(address)?),
    })
}

/// Where a copy is.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Mark {
    /// Of what.
    source: String,
    /// Tables that are done.
    tables: usize,
    /// The last row of the table that is under way.
    after: Option<Vec<Value>>,
}

impl Mark {
    fn write(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::unreadable("mark of a copy", error))
    }

    fn read(text: &str) -> Result<Mark> {
        serde_json::from_str(text).map_err(|error| Error::unreadable("mark of a copy", error))
    }
}

/// Copies everything from one store into another and compares both at the end. The target must be empty, or hold a copy
/// of the same source that was stopped. `told` hears of the progress, and may stop it.
///
/// # Errors
///
/// [`Error::Refused`] when the target holds something else or the source holds what the target cannot;
/// [`Error::Busy`] when a process has one of the databases open.
pub fn copy(from: Place<'_>, to: Place<'_>, told: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<Outcome> {
    let (mut source, mut target) = (open(from, true)?, open(to, false)?);
    let counts = TABLES.iter().map(|table| source.count(table)).collect::<Result<Vec<u64>>>()?;
    let total = counts.iter().sum();
    let mut mark = begin(&mut *source, &mut *target, &counts)?;
    for (ordinal, table) in TABLES.iter().enumerate().skip(mark.tables) {
        let mut done = counts.iter().take(ordinal).sum();
        if mark.after.is_some() {
            done += target.count(table)?;
        }
        loop {
            if told(Progress { step: Step::Copying, table: table.name, done, total }).is_break() {
                return Ok(Outcome::Stopped);
            }
            let rows = source.page(table, mark.after.as_deref(), PAGE)?;
            let last = rows.last().map(|row| row.iter().take(table.key).cloned().collect());
            let Some(last) = last else { break };
            mark.after = Some(last);
            target.put(table, &rows, &mark.write()?)?;
            done += rows.len() as u64;
        }
        mark = Mark { tables: ordinal + 1, after: None, ..mark };
        target.put(table, &[], &mark.write()?)?;
    }
    let Some(compared) = compare(&mut *source, &mut *target, total, told)? else { return Ok(Outcome::Stopped) };
    if compared.iter().all(Compared::same) {
        target.finish()?;
    }
    Ok(Outcome::Complete(compared))
}

/// Finds out where to begin.
fn begin(source: &mut dyn Side, target: &mut dyn Side, counts: &[u64]) -> Result<Mark> {
    let print = fingerprint(source, counts)?;
    if let Some(mark) = target.mark()? {
        let mark = Mark::read(&mark)?;
        if mark.source == print {
            return Ok(mark);
        }
        return Err(Error::Refused(
            "the target holds half a copy of another store, or of this one as it was before it was used again; \
             empty the target and begin anew"
                .into(),
        ));
    }
    // What a new store holds by itself is of no worth.
    for table in TABLES.iter().filter(|table| table.name != "meta") {
        if target.count(table)? > 0 {
            let why = format!("the target is not empty (table {}); a copy never mixes two stores", table.name);
            return Err(Error::Refused(why.into()));
        }
    }
    let mark = Mark { source: print, tables: 0, after: None };
    target.begin(&mark.write()?)?;
    Ok(mark)
}

/// Tells a store from every other one, and from what it becomes when somebody uses it: whoever opens it to change
/// something raises the counter of processes.
fn fingerprint(side: &mut dyn Side, counts: &[u64]) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    for (table, count) in TABLES.iter().zip(counts) {
        hasher.update(table.name.as_bytes());
        hasher.update(&count.to_le_bytes());
        if matches!(table.name, "meta" | "practice") {
            for value in side.page(table, None, PAGE)?.iter().flatten() {
                value.digest(&mut hasher);
            }
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Reads both sides and compares them.
fn compare(
    source: &mut dyn Side,
    target: &mut dyn Side,
    total: u64,
    told: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Vec<Compared>>> {
    let mut compared = Vec::with_capacity(TABLES.len());
    let mut progress = Progress { step: Step::Comparing, table: "", done: 0, total: total * 2 };
    for table in TABLES {
        progress.table = table.name;
        let Some(source) = contents(source, table, &mut progress, told)? else { return Ok(None) };
        let Some(target) = contents(target, table, &mut progress, told)? else { return Ok(None) };
        compared.push(Compared { table: table.name, source, target });
    }
    Ok(Some(compared))
}

/// Reads a table to its end.
fn contents(
    side: &mut dyn Side,
    table: &Table,
    progress: &mut Progress,
    told: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Contents>> {
    let (mut hasher, mut rows, mut after) = (blake3::Hasher::new(), 0, None::<Vec<Value>>);
    loop {
        if told(*progress).is_break() {
            return Ok(None);
        }
        let page = side.page(table, after.as_deref(), PAGE)?;
        page.iter().flatten().for_each(|value| value.digest(&mut hasher));
        rows += page.len() as u64;
        progress.done += page.len() as u64;
        match page.last() {
            Some(last) => after = Some(last.iter().take(table.key).cloned().collect()),
            None => return Ok(Some(Contents { rows, digest: hasher.finalize().to_hex().to_string() })),
        }
    }
}
