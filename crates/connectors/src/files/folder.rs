//! What lies in the folder, and which of it is whole.

use crate::files::content::Content;
use crate::files::contract::{Named, read_name};
use domain::profile::FileRules;
use domain::text::Text;
use domain::time::{Moment, Zone};
use engine::poll::Failure;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// So much of the end of a file is looked at for its last line.
const TAIL: u64 = 4096;

/// A file of the contract.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) content: Content,
    pub(super) named: Named,
    /// Stands for this name with this content: it changes when the file does.
    pub(super) id: String,
    /// When what it says was true: by its name, else when it was written.
    pub(super) as_of: Moment,
    /// Why it counts as unfinished.
    pub(super) unfinished: Option<&'static str>,
}

/// A file whose name nobody agreed on.
#[derive(Clone, Debug)]
pub(super) struct Stranger {
    pub(super) name: String,
    pub(super) id: String,
}

/// What lies in a folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<Found>,
    pub(super) strangers: Vec<Stranger>,
}

/// What was seen of files before, to tell those that still grow. Only a help: forgotten, a file waits a little longer.
#[derive(Debug, Default)]
pub(super) struct Sizes(Mutex<HashMap<String, (String, Moment)>>);

impl Sizes {
    /// Whether a file has been as it is for so many seconds.
    fn is_settled(&self, name: &str, id: &str, written: Moment, now: Moment, secs: u32) -> bool {
        let secs = i64::from(secs);
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match seen.get(name) {
            Some((known, since)) if known == id => now.secs_since(*since) >= secs || now.secs_since(written) >= secs,
            _ => {
                seen.insert(name.to_owned(), (id.to_owned(), now));
                now.secs_since(written) >= secs
            }
        }
    }

    fn keep(&self, names: &HashSet<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|name, _| names.contains(name));
    }
}

/// Why a folder cannot be read, without its path: that is the set-up's.
fn trouble(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Failure::NoPlace { what: Text::literal("there is no such folder as source.drop names") }
        }
        io::ErrorKind::PermissionDenied => {
            Failure::NoPlace { what: Text::literal("this service may not read the folder that source.drop names") }
        }
        kind => Failure::Unreachable { what: Text::from(format!("the folder cannot be read: {kind}")) },
    }
}

/// Lists a folder.
pub(super) fn list(
    folder: &Path,
    rules: &FileRules,
    zone: &Zone,
    sizes: &Sizes,
    now: Moment,
) -> Result<Listing, Failure> {
    let mut plain = Vec::new();
    let mut names = HashSet::new();
    for entry in fs::read_dir(folder).map_err(|error| trouble(&error))? {
        let entry = entry.map_err(|error| trouble(&error))?;
        // Links are not followed: what lies elsewhere was not put here.
        let Ok(meta) = entry.metadata() else { continue };
        let Ok(name) = entry.file_name().into_string() else { continue };
        if meta.is_file() {
            names.insert(name.clone());
            plain.push((name, entry.path(), meta));
        }
    }
    sizes.keep(&names);
    let mut listing = Listing::default();
    for (name, path, meta) in plain {
        let is_marker = !rules.marker.is_empty() && name.ends_with(rules.marker.as_str());
        let is_work = rules.ignore.iter().any(|end| name.ends_with(end.as_str()));
        if is_marker || is_work || name.starts_with('.') {
            continue;
        }
        let written = meta.modified().ok().and_then(|time| jiff::Timestamp::try_from(time).ok());
        let written = written.map_or(now, Moment::from);
        let id = id(&name, meta.len(), written);
        let Some(named) = read_name(rules, zone, &name) else {
            listing.strangers.push(Stranger { name, id });
            continue;
        };
        let settled = || sizes.is_settled(&name, &id, written, now, rules.settle_seconds);
        let unfinished = if meta.len() == 0 {
            Some("it is empty: not even its first line is there")
        } else if !rules.marker.is_empty() {
            let marked = names.contains(&format!("{name}{}", rules.marker));
            (!marked).then_some("the mark that says that it is whole did not come")
        } else if !settled() {
            Some("it is still being written")
        } else if !rules.end_line.is_empty() && !has_end_line(&path, &rules.end_line) {
            Some("its last line, which says that it is whole, did not come")
        } else {
            None
        };
        let as_of = named.as_of.unwrap_or(written);
        listing.files.push(Found { name, content: Content::File(path), named, id, as_of, unfinished });
    }
    listing.files.sort_by(|a, b| a.name.cmp(&b.name));
    listing.strangers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(listing)
}

fn id(name: &str, length: u64, written: Moment) -> String {
    let digest = blake3::hash(format!("{name}\n{length}\n{}", written.micros()).as_bytes());
    digest.to_hex()[..12].to_owned()
}

/// What the last line says, where the contract has one: the number of rows; `None`: it is none such.
pub(super) fn rows_told(line: &str, end_line: &str) -> Option<Option<u64>> {
    let line = line.trim_end_matches(['\r', '\n']);
    match end_line.split_once("{rows}") {
        None => (line == end_line).then_some(None),
        Some((before, behind)) => {
            let number = line.strip_prefix(before)?.strip_suffix(behind)?;
            number.trim().parse().ok().map(Some)
        }
    }
}

fn has_end_line(path: &Path, end_line: &str) -> bool {
    let read = || -> io::Result<String> {
        let mut file = fs::File::open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        Ok(String::from_utf8_lossy(&tail).into_owned())
    };
    let Ok(tail) = read() else { return false };
    tail.trim_end_matches(['\r', '\n']).rsplit('\n').next().is_some_and(|line| rows_told(line, end_line).is_some())
}

/// Moves a file that was read, with its marker, below the folder. `false`: it could not be; it stays, and is known as
/// read.
pub(super) fn move_away(folder: &Path, rules: &FileRules, found: &Found) -> bool {
    let to = folder.join(rules.read_folder.as_str());
    let moved = || -> io::Result<()> {
        fs::create_dir_all(&to)?;
        let mut target = to.join(&found.name);
        // Nothing that lies there is overwritten.
        let mut number = 2;
        while target.try_exists()? {
            target = to.join(format!("{}.{number}", found.name));
            number += 1;
        }
        // The mark first: a file without its mark is not read again, a mark without its file is nothing.
        if !rules.marker.is_empty() {
            let mark = folder.join(format!("{}{}", found.name, rules.marker));
            if mark.try_exists()? {
                fs::remove_file(mark)?;
            }
        }
        match &found.content {
            Content::File(path) => fs::rename(path, &target),
            Content::Kept(_) => Ok(()),
        }
    };
    moved().inspect_err(|error| tracing::warn!(file = found.name, %error, "a file that was read stays")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::profile::load_source;
    use jiff::SignedDuration;

    fn rules(overrides: &[(&str, toml::Value)]) -> FileRules {
        let overrides: Vec<_> = overrides.iter().map(|(path, value)| (Text::from(*path), value.clone())).collect();
        load_source("csv", &overrides).unwrap().files
    }

    #[expect(clippy::disallowed_methods, reason = "files are stamped by the machine's clock")]
    fn now() -> Moment {
        jiff::Timestamp::now().into()
    }

    fn unfinished(folder: &Path, rules: &FileRules, sizes: &Sizes, now: Moment) -> Vec<Option<&'static str>> {
        let listing = list(folder, rules, &Zone::utc(), sizes, now).unwrap();
        listing.files.iter().map(|found| found.unfinished).collect()
    }

    const NAME: &str = "appointments_delta_20261122T101500Z.csv";

    #[test]
    fn a_file_that_still_grows_is_not_whole_until_it_has_rested() {
        let (folder, rules, sizes) = (tempfile::tempdir().unwrap(), rules(&[]), Sizes::default());
        std::fs::write(folder.path().join(NAME), "a").unwrap();
        let began = now();
        let at = |secs: i64| began.plus_secs(secs);
        // A clock an hour behind the folder's: how long it has rested is told by looking twice.
        let behind = |secs: i64| Moment::from(began.timestamp() - SignedDuration::from_hours(1)).plus_secs(secs);
        assert_eq!(unfinished(folder.path(), &rules, &sizes, behind(0)), [Some("it is still being written")]);
        assert_eq!(unfinished(folder.path(), &rules, &sizes, behind(5)), [Some("it is still being written")]);
        std::fs::write(folder.path().join(NAME), "ab").unwrap();
        assert_eq!(unfinished(folder.path(), &rules, &sizes, behind(11)), [Some("it is still being written")]);
        assert_eq!(unfinished(folder.path(), &rules, &sizes, behind(21)), [None]);
        assert_eq!(unfinished(folder.path(), &rules, &Sizes::default(), at(60)), [None], "old enough at first sight");
    }

    #[test]
    fn a_marker_or_a_last_line_says_that_a_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        std::fs::write(&path, "h\n1\n").unwrap();
        let marked = rules(&[("files.marker", ".done".into())]);
        let later = now().plus_secs(3600);
        let look = |rules: &FileRules| unfinished(folder.path(), rules, &Sizes::default(), later);
        assert!(look(&marked)[0].is_some());
        std::fs::write(folder.path().join(format!("{NAME}.done")), "").unwrap();
        assert_eq!(look(&marked), [None]);
        std::fs::remove_file(folder.path().join(format!("{NAME}.done"))).unwrap();
        let ended = rules(&[("files.end_line", "END {rows}".into())]);
        assert!(look(&ended)[0].is_some());
        std::fs::write(&path, "h\n1\nEND 1\n").unwrap();
        assert_eq!(look(&ended), [None]);
        assert_eq!(rows_told("END 1\r", "END {rows}"), Some(Some(1)));
        assert_eq!(rows_told("END x", "END {rows}"), None);
    }

    #[test]
    fn strangers_links_and_work_in_progress_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["letter.csv", "appointments_delta_20261122T101500Z.csv.part", ".hidden"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join(NAME)).unwrap();
        let listing = list(folder.path(), &rules(&[]), &Zone::utc(), &Sizes::default(), now()).unwrap();
        assert!(listing.files.is_empty(), "{:?}", listing.files);
        assert_eq!(listing.strangers.iter().map(|stranger| stranger.name.as_str()).collect::<Vec<_>>(), ["letter.csv"]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_somebodys_to_make() {
        let nowhere = list(Path::new("/nowhere/at/all"), &rules(&[]), &Zone::utc(), &Sizes::default(), now());
        assert!(matches!(nowhere, Err(Failure::NoPlace { .. })));
    }
}
