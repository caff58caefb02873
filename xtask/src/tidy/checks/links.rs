//! Links between the papers lead somewhere.

use crate::repo::{File, Repo};
use crate::tidy::{Check, Finding};

pub(super) const CHECK: Check = Check {
    name: "links",
    why: "A link that leads nowhere costs the reader the trust in the next one.",
    fix: "Correct the path (from the file's own folder) or the heading behind the #, or take the link out.",
    look,
};

fn look(repo: &Repo) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in repo.texts().filter(|file| file.extension() == "md" && !file.is_as_it_is()) {
        for (number, target) in targets(file) {
            if let Some(problem) = problem(repo, file.path, target) {
                found.push(Finding::at(file.path, number, format!("({target}) {problem}")));
            }
        }
    }
    found
}

/// The targets of a page's links, `[text](target)` and `[name]: target`, with their lines.
fn targets(file: File<'_>) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for (at, _) in line.match_indices("](").filter(|(at, _)| line[..*at].matches('`').count() % 2 == 0) {
            let target = &line[at + 2..];
            let end = target.find([')', ' ']).unwrap_or(target.len());
            found.push((number, &target[..end]));
        }
        let defined = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        found.extend(defined.map(|(_, target)| (number, target.split(' ').next().unwrap_or(target))));
    }
    found
}

fn problem(repo: &Repo, from: &str, target: &str) -> Option<&'static str> {
    let outside = target.split_once(':').is_some_and(|(scheme, _)| scheme.chars().all(char::is_alphanumeric));
    if outside {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let page = if path.is_empty() { from.to_owned() } else { resolve(from, path)? };
    if !repo.exists(&page) {
        return Some("leads to no file");
    }
    let (anchor, text) = (anchor.filter(|_| page.ends_with(".md"))?, repo.text(&page)?);
    (!anchors(text).iter().any(|known| known == anchor)).then_some("leads to no heading")
}

/// The path of a target from the root; `None` when it leaves the repository, which the host may know.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => from.split('/').collect(),
    };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What may stand behind the `#`: headings as they become addresses, and ids given by hand.
fn anchors(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        let heading = line.trim_start_matches('#');
        if !fenced && heading.len() < line.len() && heading.starts_with(' ') {
            let slug = slug(heading.trim());
            let doubles = found.iter().filter(|known| **known == slug).count();
            found.push(if doubles == 0 { slug } else { format!("{slug}-{doubles}") });
        }
        for id in line.split("id=\"").skip(1) {
            found.extend(id.split('"').next().map(str::to_owned));
        }
    }
    found
}

fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let page = "See [a](b.md), [b](../README.md#the-way-in), [c](../README.md#nowhere), [d](https://example.org/x)\n\
                    `[not](a link)` [e](missing.md \"title\")\n```\n[nor](this)\n```\n[ref]: gone.md\n[folder](../docs/)\n";
        let repo = Repo::of(&[("docs/a.md", page), ("docs/b.md", ""), ("README.md", "# Punctual\n\n## The way, in\n")]);
        let report: Vec<String> = look(&repo).iter().map(ToString::to_string).collect();
        assert_eq!(
            report,
            [
                "docs/a.md:1: (../README.md#nowhere) leads to no heading",
                "docs/a.md:2: (missing.md) leads to no file",
                "docs/a.md:6: (gone.md) leads to no file",
            ]
        );
    }
}
