//! Migrations keep what a rolling upgrade needs: an older process works on beside a newer one.

use std::collections::BTreeMap;
use std::path::Path;

/// The first migration that says whom it suits; those before it were never met by an older program.
const FIRST: u32 = 3;

/// Migrations of an engine by number: the name and the text.
fn migrations(engine: &str) -> BTreeMap<u32, (String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .map(|file| {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            let number = name[1..].split("__").next().unwrap().parse().unwrap();
            (number, (name, std::fs::read_to_string(&file).unwrap()))
        })
        .collect()
}

/// The statements of a migration without their comments, blanks made one.
fn statements(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split("--").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join(" ");
    let words = |statement: &str| statement.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split(';').map(words).filter(|statement| !statement.is_empty()).collect()
}

/// The oldest schema whose programs a migration states to suit.
fn oldest(statement: &str) -> Option<u32> {
    let behind = statement.strip_prefix("INSERT INTO meta (name, value) VALUES ('oldest_schema', ")?;
    behind.split(')').next()?.parse().ok()
}

/// Whether an older program can go on when this was done.
fn only_adds(statement: &str) -> bool {
    let statement = statement.to_uppercase();
    let added_column = statement.starts_with("ALTER TABLE") && statement.contains(" ADD COLUMN ");
    statement.starts_with("CREATE TABLE")
        || statement.starts_with("CREATE INDEX")
        || (added_column && (!statement.contains("NOT NULL") || statement.contains("DEFAULT")))
}

/// What is wrong with one migration.
fn trouble(number: u32, text: &str) -> Option<String> {
    let statements = statements(text);
    let stated: Vec<u32> = statements.iter().filter_map(|statement| oldest(statement)).collect();
    let [stated] = stated[..] else {
        return Some("it does not state the oldest schema whose programs it suits".into());
    };
    let takes_away = statements.iter().find(|statement| oldest(statement).is_none() && !only_adds(statement));
    match takes_away {
        _ if stated > number => Some("it suits nobody".into()),
        // What the release before already does without may be taken away: that is a decision, and stands there.
        Some(statement) if stated < number - 1 => {
            Some(format!("it suits programs of schema {stated}, and more than adds: {statement}"))
        }
        _ => None,
    }
}

#[test]
fn every_migration_says_whom_it_suits_and_takes_nothing_from_them() {
    let (sqlite, postgres) = (migrations("sqlite"), migrations("postgres"));
    assert!(sqlite.keys().eq(postgres.keys()), "both engines have the same numbers");
    for (number, (name, text)) in sqlite.iter().chain(&postgres).filter(|(number, _)| **number >= FIRST) {
        assert_eq!(trouble(*number, text), None, "{name}");
    }
}

#[test]
fn a_migration_that_takes_something_away_from_an_older_program_is_noticed() {
    let states = |oldest: u32| {
        format!("INSERT INTO meta (name, value) VALUES ('oldest_schema', {oldest}) ON CONFLICT DO NOTHING;")
    };
    let fine = [
        "CREATE TABLE a (b TEXT);",
        "ALTER TABLE a ADD COLUMN c TEXT;",
        "ALTER TABLE a ADD COLUMN c TEXT NOT NULL DEFAULT '';",
        "-- DROP TABLE a;",
    ];
    for statement in fine {
        assert_eq!(trouble(9, &format!("{statement}\n{}", states(3))), None, "{statement}");
    }
    for statement in ["DROP TABLE a;", "ALTER TABLE a DROP COLUMN c;", "ALTER TABLE a ADD COLUMN c TEXT NOT NULL;"] {
        assert!(trouble(9, &format!("{statement}\n{}", states(3))).is_some(), "{statement}");
        assert_eq!(trouble(9, &format!("{statement}\n{}", states(8))), None, "the release before did without it");
    }
    assert!(trouble(9, "CREATE TABLE a (b TEXT);").is_some(), "it does not say");
}
