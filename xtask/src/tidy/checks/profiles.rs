//! Every value of a profile says where it comes from.

use crate::repo::{File, Repo};
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "profiles",
    why: "Explanations quote these values to people; a number without an origin cannot be defended or corrected.",
    fix: "Write a comment above the table or the value, or behind the value: the document it comes from, or \"our own \
          default\" and why.",
    look,
};

/// What a profile is called is no claim about a vendor.
const NAMES: [&str; 4] = ["id", "version", "name", "about"];

fn look(repo: &Repo) -> Vec<Finding> {
    repo.texts()
        .filter(|file| file.path.starts_with("profiles/") && file.extension() == "toml")
        .flat_map(check)
        .collect()
}

fn check(file: File<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    // A comment holds for the lines under it up to the next blank line; one above a table for the whole table.
    let (mut block, mut table, mut in_table) = (false, false, false);
    let mut open = 0_i32;
    for (number, line) in file.lines() {
        let line = line.trim();
        if open > 0 {
            open += depth(line);
        } else if line.is_empty() {
            block = false;
        } else if line.starts_with('#') {
            block = true;
        } else if line.starts_with('[') {
            (table, in_table) = (block || line.contains('#'), true);
        } else if let Some((key, value)) = line.split_once('=') {
            let named = !in_table && NAMES.contains(&key.trim());
            let behind = comment_behind(value);
            if !named && !table && !block && !behind {
                found.push(Finding::at(file.path, number, format!("{} has no origin", key.trim())));
            }
            open = depth(line);
        }
    }
    found
}

/// How many brackets a line leaves open.
fn depth(line: &str) -> i32 {
    let mut quoted = false;
    let mut depth = 0;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => break,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    depth
}

fn comment_behind(value: &str) -> bool {
    let mut quoted = false;
    value.chars().any(|c| {
        quoted ^= c == '"';
        c == '#' && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        look(&Repo::of(&[("profiles/sources/x.toml", text)])).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn values_without_an_origin_are_found() {
        let text = "# A system.\nid = \"x\"\nversion = 1\n\nconfirmed_by = \"nothing # 1\"\n\n[cadence]\nusual_to = 15\n\
                    late = 30 # S1\n";
        assert_eq!(found(text), ["confirmed_by has no origin", "usual_to has no origin"]);
    }

    #[test]
    fn a_comment_above_or_behind_is_an_origin() {
        let text = "id = \"x\"\n\n# S1: these only.\nsources = [\n  \"a\",\n  \"b = c\",\n]\n# The same.\nmore = 1\n\n\
                    # S2.\n[statuses]\n\"f\" = \"booked\"\n\n\"x\" = \"cancelled\"\n";
        let none: [String; 0] = [];
        assert_eq!(found(text), none);
    }
}
