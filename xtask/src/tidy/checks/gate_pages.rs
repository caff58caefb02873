//! The gates' pages say what the gates say.

use crate::gates::{FOLDER, pages};
use crate::repo::Repo;
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "gate-pages",
    why: "docs/gates/ is made from the gates; a page that says something else sends people the wrong way.",
    fix: "Run `cargo xtask gates` and commit what it wrote.",
    look,
};

fn look(repo: &Repo) -> Vec<Finding> {
    let pages = pages(repo);
    let mut found = Vec::new();
    for (path, text) in &pages {
        match repo.text(path) {
            None => found.push(Finding::about(path, "is missing")),
            Some(written) if written != text => {
                let same = written.lines().zip(text.lines()).take_while(|(one, other)| one == other).count();
                found.push(Finding::at(path, same + 1, "is out of date from this line on"));
            }
            Some(_) => {}
        }
    }
    let left = repo.paths().filter(|path| path.starts_with(FOLDER) && !pages.contains_key(*path));
    found.extend(left.map(|path| Finding::about(path, "belongs to no gate")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_changed_and_left_over_pages_are_found() {
        let all = pages(&Repo::of(&[]));
        let (first, second) = (all.keys().next().unwrap().clone(), all.keys().nth(1).unwrap().clone());
        let mut files: Vec<(&str, &str)> = all.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert_eq!(look(&Repo::of(&files)), []);
        files[0].1 = "# Something else\n";
        files.remove(1);
        files.push(("docs/gates/moon_full.md", "# Moon full\n"));
        let report: Vec<String> = look(&Repo::of(&files)).iter().map(ToString::to_string).collect();
        let changed = format!("{first}:1: is out of date from this line on");
        assert_eq!(
            report,
            [changed, format!("{second}: is missing"), "docs/gates/moon_full.md: belongs to no gate".into()]
        );
    }
}
