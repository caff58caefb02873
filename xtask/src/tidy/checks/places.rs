//! Nothing committed depends on one machine.

use crate::repo::Repo;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "places",
    why: "A path of one machine, or the host of one registry, works for its author only.",
    fix: "Take the path from an argument, a temporary folder or the repository's root; leave hosts to the clients' set-up.",
    look,
};

/// Folders that only one machine has. Put together here so that this file does not find itself.
const FOLDERS: [&str; 4] = [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("/tm", "p/")];
const HOSTS: [&str; 6] = [
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("files.python", "hosted.org"),
    concat!("pypi", ".org"),
    concat!("registry.npm", "js.org"),
    concat!("deb.debian", ".org"),
];

fn look(repo: &Repo) -> Vec<Finding> {
    // Where this very checkout stands is one machine's place too.
    let here = repo.root().parent().filter(|parent| parent.parent().is_some());
    let here = here.map(|parent| format!("{}/", parent.display()));
    let mut found = Vec::new();
    for file in repo.texts() {
        for (number, line) in file.lines() {
            let folders = FOLDERS.iter().copied().chain(here.as_deref());
            if let Some(folder) = folders.into_iter().find(|folder| names_path(line, folder)) {
                found.push(Finding::at(file.path, number, format!("a path of one machine ({folder}…)")));
            }
            if let Some(host) = HOSTS.iter().find(|host| line.contains(*host)) {
                found.push(Finding::at(file.path, number, format!("the host of a registry ({host})")));
            }
        }
    }
    found
}

/// The line names this folder from the root on: not as a part of a longer path or of an address.
fn names_path(line: &str, folder: &str) -> bool {
    let before = |at: usize| line[..at].chars().last();
    line.match_indices(folder).any(|(at, _)| before(at).is_none_or(|c| !c.is_alphanumeric() && !"._-}/".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_and_registry_hosts_are_found() {
        let (home, temporary) = (FOLDERS[0], FOLDERS[3]);
        let text = format!(
            "see {home}ada/x\nrun `{temporary}a`\nhttps://example.org{home}page\n$ROOT/data{temporary}x\ncd /somewhere/x\n{}\n",
            HOSTS[3]
        );
        let lines: Vec<_> = look(&Repo::of(&[("a.md", &text)])).iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [Some(1), Some(2), Some(5), Some(6)]);
    }
}
