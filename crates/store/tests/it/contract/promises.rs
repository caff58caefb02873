//! No promise without a case.

use std::collections::BTreeSet;
use std::path::Path;

/// The methods of a trait file: what is declared and not given a body.
fn declared(file: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let traits = text.split("\npub trait ").skip(1).filter_map(|text| text.split("\n}").next());
    let lines = traits.flat_map(str::lines).filter_map(|line| line.trim_start().strip_prefix("fn "));
    lines.filter_map(|line| line.split(['(', '<']).next()).map(str::to_owned).collect()
}

#[test]
fn every_method_of_the_contract_is_called_by_a_case_about_its_aggregate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut aggregates, mut forgotten) = (0, Vec::new());
    for file in std::fs::read_dir(root.join("src")).unwrap() {
        let file = file.unwrap().path();
        let methods = if file.is_file() { declared(&file) } else { BTreeSet::new() };
        if methods.is_empty() {
            continue;
        }
        aggregates += 1;
        // What is promised of batches and of the store itself stands in lib.rs.
        let name = match file.file_name().unwrap().to_str().unwrap() {
            "lib.rs" => "batches.rs",
            name => name,
        };
        let cases = std::fs::read_to_string(root.join("tests/it/contract").join(name)).unwrap();
        let mut about_files = String::new();
        if name == "batches.rs" {
            about_files = std::fs::read_to_string(root.join("tests/it/sqlite/files.rs")).unwrap();
        }
        let called = |method: &String| [&cases, &about_files].iter().any(|text| text.contains(&format!(".{method}(")));
        forgotten.extend(methods.into_iter().filter(|method| !called(method)));
    }
    assert_eq!(aggregates, 20, "the traits stand elsewhere now: this test looks at none of them");
    assert!(forgotten.is_empty(), "no case is about {forgotten:?}");
}
