//! Migrations: numbered from one without holes, per dialect.

use crate::repo::Repo;
use crate::tidy::{Check, Finding};
use std::collections::BTreeMap;

pub(super) const CHECK: Check = Check {
    name: "migrations",
    why: "Stores are brought up to date number by number; a hole or a double is a store that two versions read apart.",
    fix: "Name the file V0007__what_it_does.sql with the next free number of its dialect.",
    look,
};

fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut dialects: BTreeMap<&str, Vec<(u32, &str)>> = BTreeMap::new();
    for path in repo.paths() {
        let Some((dialect, name)) = path.strip_prefix("crates/store/migrations/").and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        match number(name) {
            Some(number) => dialects.entry(dialect).or_default().push((number, path)),
            None => found.push(Finding::about(path, "is not named V0000__words.sql")),
        }
    }
    for migrations in dialects.values_mut() {
        migrations.sort_unstable();
        for ((number, path), expected) in migrations.iter().zip(1..) {
            if *number != expected {
                found.push(Finding::about(path, format!("has number {number} where {expected} is due")));
                break;
            }
        }
    }
    found
}

fn number(name: &str) -> Option<u32> {
    let (number, words) = name.strip_prefix('V')?.strip_suffix(".sql")?.split_once("__")?;
    let plain = !words.is_empty() && words.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    (plain && number.len() == 4).then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Vec<String> {
        let paths: Vec<String> = names.iter().map(|name| format!("crates/store/migrations/{name}")).collect();
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "select 1;\n")).collect();
        look(&Repo::of(&files)).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn holes_doubles_and_odd_names_are_found() {
        assert_eq!(found(&["sqlite/V0001__a.sql", "sqlite/V0003__b.sql"]), ["has number 3 where 2 is due"]);
        assert_eq!(found(&["sqlite/V0001__a.sql", "sqlite/V0001__b.sql"]), ["has number 1 where 2 is due"]);
        assert_eq!(found(&["sqlite/V1__a.sql"]), ["is not named V0000__words.sql"]);
        let none: [String; 0] = [];
        assert_eq!(found(&["sqlite/V0001__a.sql", "sqlite/V0002__b.sql", "postgres/V0001__a.sql"]), none);
    }
}
