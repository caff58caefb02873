//! The gates' pages, made from their own documentation and the catalogue of reasons.

mod index;
mod page;
mod reasons;

use crate::repo::Repo;
use domain::gates::Gate;
use std::collections::BTreeMap;

/// Where the pages are.
pub(crate) const FOLDER: &str = "docs/gates/";

/// Every page: its path and its text.
pub(crate) fn pages(repo: &Repo) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let told: Vec<_> = Gate::ladder().iter().map(|gate| (*gate, reasons::given_by(repo, gate))).collect();
    for (gate, reasons) in &told {
        pages.insert(format!("{FOLDER}{}.md", gate.id.name()), page::write(gate, reasons));
    }
    pages.insert(format!("{FOLDER}README.md"), index::write(&told));
    pages
}

/// Writes the pages that differ and removes those without a gate; says what was done.
pub(crate) fn write(repo: &Repo) -> std::io::Result<String> {
    let pages = pages(repo);
    let (mut written, mut removed) = (0, 0);
    std::fs::create_dir_all(repo.root().join(FOLDER))?;
    for (path, text) in pages.iter().filter(|(path, text)| repo.text(path) != Some(text)) {
        std::fs::write(repo.root().join(path), text)?;
        written += 1;
    }
    for path in repo.paths().filter(|path| path.starts_with(FOLDER) && !pages.contains_key(*path)) {
        std::fs::remove_file(repo.root().join(path))?;
        removed += 1;
    }
    Ok(format!("{} pages in {FOLDER}: {written} written, {removed} removed", pages.len()))
}
