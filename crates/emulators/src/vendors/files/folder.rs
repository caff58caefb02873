//! Writing files into the folder, with what can go wrong.

use crate::vendors::VendorFault;
use crate::vendors::office::Office;
use jiff::{SignedDuration, Timestamp};
use std::fs;
use std::path::{Path, PathBuf};

/// A table to be written.
pub(super) struct Table {
    /// `activity_detail`
    pub(super) name: &'static str,
    pub(super) header: &'static str,
    pub(super) rows: Vec<Vec<String>>,
}

/// A file that waits until it is due.
#[derive(Debug)]
struct Late {
    due: Timestamp,
    path: PathBuf,
    text: String,
    is_whole: bool,
}

/// Writes files, some of them late.
#[derive(Debug, Default)]
pub(super) struct Folder {
    late: Vec<Late>,
    written: u64,
    /// What could not be written last, for whoever asks.
    pub(super) trouble: Option<String>,
}

fn line(fields: &[String]) -> String {
    let quoted = fields.iter().map(|field| {
        if field.contains([',', '"', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.clone() }
    });
    quoted.collect::<Vec<_>>().join(",")
}

impl Folder {
    /// Writes a table as `name_kind_stamp.csv`; with a marker when the switch `done_marker` is on.
    pub(super) fn put(&mut self, office: &mut Office, kind: &str, mut table: Table) {
        let drop = office.text("drop").to_owned();
        if drop.is_empty() {
            return;
        }
        self.written += 1;
        let subject = format!("file {}", self.written);
        let mut hit = |fault| office.hit(fault, &subject, table.name);
        if hit(VendorFault::LostEvent).is_some() {
            return;
        }
        if hit(VendorFault::EmptyList).is_some() {
            table.rows.clear();
        }
        if hit(VendorFault::Reorder).is_some() {
            table.rows.reverse();
        }
        let drifts = hit(VendorFault::DriftingTypes).is_some();
        let (late, partial, twice) =
            (hit(VendorFault::Latency), hit(VendorFault::PartialFile), hit(VendorFault::DuplicateEvent));
        let mut text = format!("{}\n", table.header);
        for row in &mut table.rows {
            for field in row.iter_mut().filter(|_| drifts) {
                match field.as_str() {
                    "Y" => "true".clone_into(field),
                    "N" => "false".clone_into(field),
                    _ => {}
                }
            }
            text.push_str(&line(row));
            text.push('\n');
        }
        let is_whole = partial.is_none();
        if !is_whole {
            let mut half = text.len() / 2;
            while !text.is_char_boundary(half) {
                half -= 1;
            }
            text.truncate(half);
        }
        let stamp = office.now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let name = |again: &str| Path::new(&drop).join(format!("{}_{kind}_{stamp}{again}.csv", table.name));
        let millis = late.map_or(0, |fault| i64::try_from(fault.millis.unwrap_or(1500)).unwrap_or(i64::MAX));
        let due = office.now.saturating_add(SignedDuration::from_millis(millis)).unwrap_or(office.now);
        if twice.is_some() {
            self.late.push(Late { due, path: name("_again"), text: text.clone(), is_whole });
        }
        self.late.push(Late { due, path: name(""), text, is_whole });
        self.settle(office);
    }

    /// Writes what is due.
    pub(super) fn settle(&mut self, office: &Office) {
        let (due, late) = self.late.drain(..).partition(|file| file.due <= office.now);
        self.late = late;
        let due: Vec<Late> = due;
        for file in due {
            let marker = office.is_on("done_marker") && file.is_whole;
            self.trouble = write(&file, marker).err().map(|error| format!("{}: {error}", file.path.display()));
        }
    }
}

/// A whole file appears at once, under its name; half a file has no marker.
fn write(file: &Late, marker: bool) -> std::io::Result<()> {
    if let Some(folder) = file.path.parent() {
        fs::create_dir_all(folder)?;
    }
    if file.is_whole {
        let temporary = file.path.with_extension("csv.part");
        fs::write(&temporary, &file.text)?;
        fs::rename(&temporary, &file.path)?;
    } else {
        fs::write(&file.path, &file.text)?;
    }
    if marker {
        fs::write(file.path.with_extension("csv.done"), "")?;
    }
    Ok(())
}
