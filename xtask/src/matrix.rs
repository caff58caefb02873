//! The matrix of systems and cases, made from the conformance suite's files; and which claims of profiles it proves.

use crate::repo::Repo;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// Where the matrix is.
pub(crate) const PAGE: &str = "docs/systems/matrix.md";
const CASES: &str = "fixtures/conformance/cases/";
const SYSTEMS: &str = "fixtures/conformance/systems/";
const PROFILES: &str = "profiles/sources/";

/// What a profile may claim under `[can]` about reading. What it says of writing (`slots`, `book`, `reschedule`,
/// `cancel`) is proven where it is used, which is not here.
const CLAIMS: [&str; 4] = ["read_one", "search_patients", "groups", "series"];

/// Sections of the page: the scene, and its heading.
const SCENES: [(&str, &str); 3] = [
    ("everyday", "What happens at any desk"),
    ("trouble", "One thing goes wrong at a time"),
    ("storm", "Everything goes wrong at once"),
];

/// What a connector says of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Claim {
    Passes,
    Cannot(String),
    NotYet(String),
}

struct Case {
    id: String,
    title: String,
    scene: String,
    proves: Option<String>,
}

struct System {
    name: String,
    profile: String,
    cases: BTreeMap<String, Claim>,
}

fn cases(repo: &Repo) -> Vec<Case> {
    let tables = files(repo, CASES);
    let case = |(stem, table): (&str, Table)| {
        let text = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = stem.split_once('-').map_or(stem, |(_, id)| id).to_owned();
        let proves = Some(text("proves")).filter(|proves| !proves.is_empty());
        Case { id, title: text("title"), scene: text("scene"), proves }
    };
    tables.into_iter().map(case).collect()
}

fn systems(repo: &Repo) -> Vec<System> {
    let system = |(name, table): (&str, Table)| {
        let profile = table.get("source").and_then(|source| source.get("profile")).and_then(Value::as_str);
        let said = table.get("cases").and_then(Value::as_table).cloned().unwrap_or_default();
        let claim = |(case, value): (String, Value)| {
            let reason = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
            let claim = match (reason("cannot"), reason("not_yet")) {
                (Some(why), _) => Claim::Cannot(why),
                (_, Some(why)) => Claim::NotYet(why),
                _ if value.as_str() == Some("passes") => Claim::Passes,
                _ => Claim::NotYet("nothing is said".to_owned()),
            };
            (case, claim)
        };
        System {
            name: name.to_owned(),
            profile: profile.unwrap_or(name).to_owned(),
            cases: said.into_iter().map(claim).collect(),
        }
    };
    files(repo, SYSTEMS).into_iter().map(system).collect()
}

/// The files of a folder that read, by name without ending.
fn files<'r>(repo: &'r Repo, folder: &str) -> Vec<(&'r str, Table)> {
    let inside = repo.texts().filter_map(|file| {
        let stem = file.path.strip_prefix(folder)?.strip_suffix(".toml")?;
        Some((stem, toml::from_str(file.text).ok()?))
    });
    inside.collect()
}

/// Profiles of sources that are not read by asking, so that there is no twin to prove them against: messages come by
/// themselves, and are proven by fixtures/scenarios/.
const TOLD: [&str; 1] = ["hl7v2"];

/// Profiles that no system file is about, and system files about none: the path, and what is wrong.
pub(crate) fn unmatched(repo: &Repo) -> Vec<(String, String)> {
    let systems = systems(repo);
    let profile = |path: &str| path.strip_prefix(PROFILES)?.strip_suffix(".toml").map(str::to_owned);
    let profiles: Vec<String> = repo.paths().filter_map(profile).collect();
    let mut found = Vec::new();
    for id in profiles.iter().filter(|id| !TOLD.contains(&id.as_str())) {
        if !systems.iter().any(|system| system.profile == *id) {
            found
                .push((format!("{PROFILES}{id}.toml"), format!("no file of {SYSTEMS} is about it: nothing proves it")));
        }
    }
    for system in systems.iter().filter(|system| !profiles.contains(&system.profile)) {
        found.push((format!("{SYSTEMS}{}.toml", system.name), format!("there is no profile {:?}", system.profile)));
    }
    found
}

/// Claims of profiles that no case proves: the profile's path, and what is wrong.
pub(crate) fn unproven(repo: &Repo) -> Vec<(String, String)> {
    let (cases, mut found) = (cases(repo), Vec::new());
    for system in systems(repo) {
        let path = format!("{PROFILES}{}.toml", system.profile);
        let profile: Table = repo.text(&path).and_then(|text| toml::from_str(text).ok()).unwrap_or_default();
        let can = profile.get("can").and_then(Value::as_table).cloned().unwrap_or_default();
        for claim in CLAIMS.into_iter().filter(|claim| can.get(*claim).and_then(Value::as_bool) == Some(true)) {
            let proves = |case: &&Case| case.proves.as_deref() == Some(claim);
            let passes = |case: &Case| system.cases.get(&case.id) == Some(&Claim::Passes);
            if !cases.iter().filter(proves).any(passes) {
                let name = &system.name;
                found
                    .push((path.clone(), format!("claims can.{claim}, and {SYSTEMS}{name}.toml passes no case of it")));
            }
        }
        for case in cases.iter().filter(|case| !system.cases.contains_key(&case.id)) {
            found.push((format!("{SYSTEMS}{}.toml", system.name), format!("says nothing of the case {}", case.id)));
        }
    }
    found
}

/// The page.
pub(crate) fn page(repo: &Repo) -> String {
    let (cases, systems) = (cases(repo), systems(repo));
    let mut page = String::from(
        "# What works with which system\n\n\
         Made by `cargo xtask matrix` from [fixtures/conformance/](../../fixtures/conformance/): each ✓ is a case that\n\
         runs in `./test` against the vendor's twin, and passes. — means that the vendor's interface cannot do it, … that\n\
         the connector does not yet; the reasons stand below. After every case both sides are compared: equal, nothing\n\
         shown twice, nothing that the practice does not have, nobody told twice, no verdict without a reason.\n",
    );
    for (scene, heading) in SCENES {
        page.push_str(&format!("\n## {heading}\n\n| Case |"));
        for system in &systems {
            page.push_str(&format!(" {} |", system.name));
        }
        page.push_str(&format!("\n|---|{}\n", "---|".repeat(systems.len())));
        for case in cases.iter().filter(|case| case.scene == scene) {
            page.push_str(&format!("| {} |", case.title));
            for system in &systems {
                let mark = match system.cases.get(&case.id) {
                    Some(Claim::Passes) => "✓",
                    Some(Claim::Cannot(_)) => "—",
                    Some(Claim::NotYet(_)) | None => "…",
                };
                page.push_str(&format!(" {mark} |"));
            }
            page.push('\n');
        }
    }
    page.push_str("\n## Why not\n");
    for system in &systems {
        page.push_str(&format!("\n### {}\n\n", system.name));
        let rows: Vec<String> = cases.iter().filter_map(|case| why_not(case, system)).collect();
        if rows.is_empty() {
            page.push_str("Every case passes.\n");
        } else {
            page.push_str(&format!("| Case | | Why |\n|---|---|---|\n{}", rows.concat()));
        }
    }
    page
}

fn why_not(case: &Case, system: &System) -> Option<String> {
    let title = &case.title;
    match system.cases.get(&case.id)? {
        Claim::Passes => None,
        Claim::Cannot(why) => Some(format!("| {title} | — | {why} |\n")),
        Claim::NotYet(why) => Some(format!("| {title} | … | {why} |\n")),
    }
}

/// Writes the page when it differs; says what was done.
pub(crate) fn write(repo: &Repo) -> std::io::Result<String> {
    let page = page(repo);
    if repo.text(PAGE) == Some(&page) {
        return Ok(format!("{PAGE} is as it should be"));
    }
    std::fs::write(repo.root().join(PAGE), page)?;
    Ok(format!("{PAGE} is written"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: &str = "title = \"A group\"\nscene = \"everyday\"\nproves = \"groups\"\nwhen = []\n";
    const PROFILE: &str = "id = \"x\"\n[can]\ngroups = true\nbook = true\n";

    fn repo(claim: &str) -> Repo {
        let system = format!("source = {{ profile = \"x\" }}\n[cases]\n{claim}\n");
        Repo::of(&[
            ("fixtures/conformance/cases/23-group.toml", GROUP),
            ("fixtures/conformance/systems/ex.toml", &system),
            ("profiles/sources/x.toml", PROFILE),
        ])
    }

    #[test]
    fn a_claim_that_no_passing_case_proves_is_found() {
        assert_eq!(unproven(&repo("group = \"passes\"")), []);
        let found = unproven(&repo("group = { not_yet = \"time\" }"));
        let told = "claims can.groups, and fixtures/conformance/systems/ex.toml passes no case of it";
        assert_eq!(found, [("profiles/sources/x.toml".to_owned(), told.to_owned())]);
        assert_eq!(unproven(&repo("")).len(), 2, "and a case of which nothing is said");
    }

    #[test]
    fn a_profile_without_a_system_file_is_found_and_a_system_file_without_a_profile() {
        assert_eq!(unmatched(&repo("")), []);
        let told = Repo::of(&[("profiles/sources/hl7v2.toml", "id = \"hl7v2\"\n")]);
        assert_eq!(unmatched(&told), [], "what comes by itself is not read from a twin");
        let alone = Repo::of(&[("profiles/sources/new.toml", "id = \"new\"\n")]);
        let found = unmatched(&alone);
        assert_eq!((found.len(), found[0].0.as_str()), (1, "profiles/sources/new.toml"));
        let lost = Repo::of(&[("fixtures/conformance/systems/ex.toml", "source = { profile = \"x\" }\n")]);
        assert_eq!(unmatched(&lost)[0].1, "there is no profile \"x\"");
    }

    #[test]
    fn the_page_says_what_passes_and_why_the_rest_does_not() {
        let page = page(&repo("group = { cannot = \"it has none\" }"));
        assert!(page.contains("| Case | ex |\n|---|---|\n| A group | — |\n"), "{page}");
        assert!(page.ends_with("| A group | — | it has none |\n"), "{page}");
    }
}
