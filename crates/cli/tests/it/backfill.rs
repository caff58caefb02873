//! A whole diary is taken over: killed and repeated, with lines that cannot be read, with history in it.

use crate::support::{Database, Finished, INTEGRATION, Receiver, SECRET, command, data, entries, serve, until};
use domain::ids::EnvelopeId;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use store::Store;
use store::sqlite::{SqliteOptions, SqliteStore};

/// A practice that is live, reads FHIR and tells a program of its own.
fn document(hook: &str) -> String {
    format!(
        r#"[practice]
id = "northside"
name = "Northside Family Clinic"
time_zone = "America/Chicago"
[[integration]]
id = "{INTEGRATION}"
lifecycle = "live"
source = {{ profile = "fhir-r4", route = "fhir-r4" }}
platform = {{ profile = "webhook", route = "webhook", url = "{hook}", secret = {{ env = "HOOK_SECRET" }} }}
notices = {{ patients = "punctual" }}
"#
    )
}

fn run(folder: &Path, args: &[&str]) -> Finished {
    Finished::of(command(folder).args(args))
}

fn apply(folder: &Path, hook: &str) {
    std::fs::write(folder.join("practice.toml"), document(hook)).unwrap();
    run(folder, &["apply", "practice.toml"]).done();
}

fn day(days: i64) -> String {
    #[expect(clippy::disallowed_methods, reason = "the program under test has the machine's clock")]
    let now = jiff::Timestamp::now();
    (now + jiff::SignedDuration::from_hours(24 * days)).strftime("%Y-%m-%d").to_string()
}

/// A visit so many days from today, of a server that says nothing of versions.
fn visit(number: usize, days: i64, more: &str) -> String {
    let day = day(days);
    format!(
        r#"{{"resourceType":"Appointment","id":"F-{number}","status":"booked",{more}"appointmentType":{{"text":"Video"}},"start":"{day}T15:00:00Z","end":"{day}T15:30:00Z","participant":[{{"actor":{{"reference":"Patient/P-{}"}},"status":"accepted"}},{{"actor":{{"reference":"Practitioner/DR7"}},"status":"accepted"}}]}}"#,
        number % 500
    )
}

fn diary(folder: &Path, name: &str, lines: impl Iterator<Item = String>) {
    let text: String = lines.map(|line| line + "\n").collect();
    std::fs::write(folder.join(name), text).unwrap();
}

fn backfill(folder: &Path, file: &str, more: &[&str]) -> Value {
    let args = [&["backfill", file, "--integration", INTEGRATION, "--json"], more].concat();
    let ended = run(folder, &args);
    assert!(ended.code < 2, "{}{}", ended.out, ended.err);
    serde_json::from_str(&ended.out).unwrap()
}

/// The tables themselves.
fn look(folder: &Path) -> Connection {
    Connection::open_with_flags(data(folder).join("punctual.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn count(folder: &Path, table: &str) -> i64 {
    look(folder).query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).unwrap()
}

/// Everything that is stored, except how often a program was started on it.
fn content(folder: &Path) -> Vec<(String, Vec<String>)> {
    let connection = look(folder);
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('meta') ORDER BY name";
    let mut tables = connection.prepare(sql).unwrap();
    let names: Vec<String> = tables.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows = |name: &String| {
        let mut rows = connection.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let columns = rows.column_count();
        let line = |row: &rusqlite::Row<'_>| (0..columns).map(|n| Ok(format!("{:?}", row.get_ref(n)?))).collect();
        let mut lines: Vec<String> = rows.query_map((), line).unwrap().map(Result::unwrap).collect();
        lines.sort();
        lines
    };
    names.into_iter().map(|name| (name.clone(), rows(&name))).collect()
}

#[test]
fn a_backfill_that_is_killed_goes_on_where_it_was_and_takes_every_visit_once() {
    const VISITS: usize = 12_000;
    let folder = tempfile::tempdir().unwrap();
    apply(folder.path(), "http://127.0.0.1:9/hook");
    diary(folder.path(), "diary.ndjson", (0..VISITS).map(|n| visit(n, 30, "")));
    let mut command = command(folder.path());
    command.args(["backfill", "diary.ndjson", "--integration", INTEGRATION]).stdout(Stdio::null());
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    until("a part is durable", || match count(folder.path(), "appointment") {
        some if some > 1000 => Ok(()),
        few => Err(few.to_string()),
    });
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was killed before it ended");
    let taken = count(folder.path(), "appointment");
    assert!(taken < VISITS as i64, "it was killed in the middle");
    assert_eq!(count(folder.path(), "entry"), taken, "a chunk is there as a whole or not at all");

    let report = backfill(folder.path(), "diary.ndjson", &[]);
    assert_eq!(report["known_lines"].as_i64(), Some(taken), "it goes on behind what was durable: {report}");
    assert_eq!(report["visits"].as_i64(), Some(VISITS as i64 - taken), "{report}");
    for table in ["appointment", "entry", "outbox"] {
        assert_eq!(count(folder.path(), table), VISITS as i64, "{table}");
    }
    let ids: Vec<i64> = {
        let raw = look(folder.path());
        let mut ids = raw.prepare("SELECT id FROM envelope").unwrap();
        ids.query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let store = SqliteStore::open(&data(folder.path()).join("punctual.db"), SqliteOptions::default()).unwrap();
    let mut reader = store.reader().unwrap();
    let mut length = |id: i64| reader.envelope(EnvelopeId(id.unsigned_abs())).unwrap().unwrap().body.len();
    let kept: usize = ids.into_iter().map(&mut length).sum();
    assert_eq!(kept as u64, std::fs::metadata(folder.path().join("diary.ndjson")).unwrap().len(), "every byte is kept");
    assert!(count(folder.path(), "envelope") < 100, "and an envelope holds many lines");
}

#[test]
fn a_repetition_writes_nothing_and_a_change_writes_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    apply(folder.path(), "http://127.0.0.1:9/hook");
    let lines: Vec<String> = (0..3000).map(|n| visit(n, 30, "")).collect();
    diary(folder.path(), "diary.ndjson", lines.iter().cloned());
    let dry = backfill(folder.path(), "diary.ndjson", &["--dry-run"]);
    assert_eq!((dry["visits"].as_u64(), dry["verdicts"]["on_time"].as_u64()), (Some(3000), Some(3000)), "{dry}");
    assert_eq!(count(folder.path(), "entry") + count(folder.path(), "envelope"), 0, "a dry run leaves no trace");
    let wet = backfill(folder.path(), "diary.ndjson", &[]);
    assert_eq!(wet["verdicts"], dry["verdicts"], "what was told is what came");
    let before = content(folder.path());
    for more in [&[][..], &["--every-line"]] {
        let again = backfill(folder.path(), "diary.ndjson", more);
        assert_eq!(again["visits"], 0, "{more:?}: {again}");
        assert_eq!(again["known_lines"].as_u64().unwrap() + again["same_visits"].as_u64().unwrap(), 3000, "{again}");
        assert!(content(folder.path()) == before, "{more:?}: something was written");
    }
    // The same diary with one visit moved and another one in front of it.
    let changed = lines.iter().enumerate().flat_map(|(n, line)| match n {
        1500 => vec![visit(9000, 31, ""), line.replace("T15:30", "T15:45")],
        _ => vec![line.clone()],
    });
    diary(folder.path(), "diary.ndjson", changed);
    let report = backfill(folder.path(), "diary.ndjson", &[]);
    assert_eq!(report["visits"], 2, "{report}");
    assert!(report["known_lines"].as_u64().unwrap() > 0, "the chunks far from it are known: {report}");
    assert_eq!((count(folder.path(), "entry"), count(folder.path(), "outbox")), (3002, 3001));
}

/// Lines that cannot be applied among others, on a store.
fn poison(folder: &Path, broken: &[(usize, String)], store: &[&str]) -> Value {
    let line = |n: usize| {
        let bad = broken.iter().find(|(line, _)| *line == n + 1);
        bad.map_or_else(|| visit(n, 30, ""), |(_, bad)| bad.clone())
    };
    diary(folder, "diary.ndjson", (0..700).map(line));
    let report = backfill(folder, "diary.ndjson", &[&["--rejected", "bad.ndjson"], store].concat());
    let lines: Vec<u64> = report["problems"].as_array().unwrap().iter().map(|p| p["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, broken.iter().map(|(line, _)| *line as u64).collect::<Vec<_>>(), "{report}");
    assert_eq!(report["visits"].as_u64(), Some(700 - broken.len() as u64), "the rest passes: {report}");
    let kept = std::fs::read_to_string(folder.join("bad.ndjson")).unwrap();
    assert_eq!(kept, broken.iter().map(|(_, bad)| format!("{bad}\n")).collect::<String>());
    report
}

#[test]
fn a_line_that_cannot_be_read_is_set_aside_with_its_number_and_the_rest_passes() {
    let folder = tempfile::tempdir().unwrap();
    apply(folder.path(), "http://127.0.0.1:9/hook");
    let broken =
        [(17, visit(16, 30, "").replace("T15:00", "T25:00")), (400, "{\"resourceType\":\"Appointm".to_owned())];
    let report = poison(folder.path(), &broken, &[]);
    assert_eq!(report["problems"][0]["problem"], "Appointment.start: There is no such date or time.");
    let aside = "SELECT note FROM envelope WHERE state = 2 ORDER BY id";
    let notes = || -> Vec<String> {
        let connection = look(folder.path());
        let mut rows = connection.prepare(aside).unwrap();
        rows.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(notes()[0], "line 17: Appointment.start: There is no such date or time.");
    let before = content(folder.path());
    let again = backfill(folder.path(), "diary.ndjson", &[]);
    assert_eq!((again["visits"].as_u64(), again["rejected"].as_u64()), (Some(0), Some(2)), "told again: {again}");
    assert!(content(folder.path()) == before, "and set aside once");
    assert_eq!(notes().len(), 2);
}

#[test]
#[ignore = "needs PostgreSQL: scripts/with-postgres cargo test -p punctual -- --ignored"]
fn a_line_that_the_store_refuses_is_set_aside_alone() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::fresh());
    let address = database.address();
    std::fs::write(folder.path().join("practice.toml"), document("http://127.0.0.1:9/hook")).unwrap();
    run(folder.path(), &["apply", "practice.toml", "--store", &address]).done();
    // PostgreSQL has no zero character in texts.
    let zero = visit(299, 30, "").replace("F-299", "F-\\u0000");
    let report = poison(folder.path(), &[(300, zero)], &["--store", &address]);
    let problem = report["problems"][0]["problem"].as_str().unwrap();
    assert!(problem.starts_with("could not be applied"), "{problem}");
    let again = backfill(folder.path(), "diary.ndjson", &["--store", &address]);
    assert_eq!(again["visits"], 0, "{again}");
}

#[test]
fn s0_3_history_is_kept_unsent_and_nobody_is_told_of_what_was_in_the_diary_before() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Receiver::start();
    apply(folder.path(), &platform.url());
    let booked = format!(r#""created":"{}T00:00:00Z","#, day(-40));
    let since = format!(r#""created":"{}T00:00:00Z","#, day(1));
    let lines = [
        visit(1, -30, &booked),
        visit(2, 30, &booked).replace("booked", "cancelled"),
        visit(3, 30, &booked),
        visit(4, 30, &since),
    ];
    diary(folder.path(), "diary.ndjson", lines.into_iter());
    let report = backfill(folder.path(), "diary.ndjson", &[]);
    assert_eq!(report["reasons"][0]["code"], "ENDED_BEFORE_SENT", "{report}");
    assert_eq!((&report["verdicts"]["excluded"], &report["verdicts"]["on_time"]), (&2.into(), &2.into()), "{report}");
    let service = serve(folder.path());
    let why = |id: &str| run(folder.path(), &["why", INTEGRATION, id, "--json"]).json();
    let told = |id: &str| {
        until(&format!("{id} is shown"), || {
            let found = why(id);
            let told = entries(&found, "told").first().map(|entry| entry["why"].as_str().unwrap().to_owned());
            told.ok_or_else(|| found.to_string())
        })
    };
    assert_eq!(told("F-3"), "The visit was in the diary before the integration went live: nobody is told.");
    assert_eq!(told("F-4"), "A notice to the patient is due from Punctual: booked.");
    for id in ["F-1", "F-2"] {
        let found = why(id);
        assert_eq!(
            (&found["verdict"], &found["primary"]),
            (&"excluded".into(), &"ENDED_BEFORE_SENT".into()),
            "{found}"
        );
        assert_eq!(found["delivery"]["state"], "none");
    }
    let log = service.stop();
    assert!(!format!("{log:?}").contains(SECRET));
}
