//! The files of the repository: those that are committed or would be, with their text.

use std::collections::BTreeMap;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository as a task sees it.
pub(crate) struct Repo {
    root: PathBuf,
    /// By path from the root, with `/`; `None`: not text.
    files: BTreeMap<String, Option<String>>,
}

/// One file that is text.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
}

impl Repo {
    /// Reads every file that git knows or would take.
    pub(crate) fn open() -> Result<Repo> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().ok_or_else(|| Error::other("xtask stands in no repository"))?.to_path_buf();
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&root)
            .output()?;
        if !listed.status.success() {
            return Err(Error::other(String::from_utf8_lossy(&listed.stderr).into_owned()));
        }
        let mut files = BTreeMap::new();
        for path in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|path| !path.is_empty()) {
            // Deleted, and not yet told to git.
            let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
            files.insert(path.to_owned(), String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')));
        }
        Ok(Repo { root, files })
    }

    /// A repository made up for a test.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Repo {
        let text = |(path, text): &(&str, &str)| ((*path).to_owned(), Some((*text).to_owned()));
        Repo { root: PathBuf::from("/somewhere/checkout"), files: files.iter().map(text).collect() }
    }

    /// The folder it stands in.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// All paths, text or not.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Every file that is text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = File<'_>> {
        self.files.iter().filter_map(|(path, text)| Some(File { path, text: text.as_deref()? }))
    }

    /// The text of one file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// There is such a file or folder.
    pub(crate) fn exists(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        path.is_empty() || self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&folder))
    }
}

impl<'a> File<'a> {
    /// What stands behind the last dot of its name; empty without one.
    pub(crate) fn extension(self) -> &'a str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// It is one of these kinds, by extension; `sh` also by its first line.
    pub(crate) fn is(self, kinds: &[&str]) -> bool {
        let extension = self.extension();
        let script = extension.is_empty() && self.text.starts_with("#!") && kinds.contains(&"sh");
        script || kinds.contains(&extension)
    }

    /// Made by a program or kept exactly as it is: nobody writes in it by hand.
    pub(crate) fn is_as_it_is(self) -> bool {
        let kept = ["fixtures/", "fuzz/seeds/"];
        let made = ["Cargo.lock", "fuzz/Cargo.lock", "crates/web/openapi.json", "LICENSE"];
        kept.iter().any(|folder| self.path.starts_with(folder))
            || made.contains(&self.path)
            || ["snap", "svg", "json", "lock"].contains(&self.extension())
    }

    /// Test code in a folder of its own, or a bench.
    pub(crate) fn is_test(self) -> bool {
        let parts: Vec<&str> = self.path.split('/').collect();
        parts.iter().any(|part| ["tests", "benches", "fuzz"].contains(part))
    }

    /// Its lines with their numbers, from one.
    pub(crate) fn lines(self) -> impl Iterator<Item = (usize, &'a str)> {
        (1..).zip(self.text.lines())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_repository_is_read() {
        let repo = Repo::open().unwrap();
        assert!(repo.text("Cargo.toml").is_some_and(|text| text.contains("[workspace]")));
        assert!(repo.exists("crates/wire/src") && repo.exists("crates/wire/src/") && !repo.exists("crates/wir"));
        assert!(repo.paths().all(|path| !path.starts_with("target/")), "what git ignores is not ours to check");
    }

    #[test]
    fn scripts_without_an_extension_are_known_by_their_first_line() {
        let file = |path, text| File { path, text };
        assert!(file("test", "#!/bin/sh\n").is(&["sh"]));
        assert!(!file("LICENSE", "Apache").is(&["sh"]));
        assert!(file("crates/a/tests/it/x.rs", "").is_test() && !file("crates/a/src/x.rs", "").is_test());
    }
}
