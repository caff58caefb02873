//! `punctual store copy` through the binary: what a service filled answers the same behind a copy.

use crate::support::{
    Client, Database, Finished, INTEGRATION, Mllp, Punctual, Receiver, Reply, Visit, command, data, document, until,
};
use serde_json::Value;
use std::path::Path;

fn run(folder: &Path, arguments: &[&str]) -> Finished {
    Finished::of(command(folder).args(arguments))
}

/// What is said of everything, but for the time at which it is asked.
fn answers(folder: &Path, store: &[&str], token: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for visit in ["A-1", "A-2", "A-3"] {
        let mut why = run(folder, &[&["why", INTEGRATION, visit, "--json"], store].concat()).json();
        let asked_at = why["as_of"].take();
        let text = why.to_string().replace(asked_at.as_str().unwrap(), "then");
        all.push(serde_json::from_str(&text).unwrap());
    }
    let ports = ["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"];
    let service = Punctual::start(command(folder).args(ports).args(store));
    let api = Client::new(service.told("http")).token(token);
    for path in ["appointments", "cards?tab=upcoming"] {
        all.push(api.json(&format!("/api/v1/integrations/{INTEGRATION}/{path}")));
    }
    all.push(api.json(&format!("/api/v1/causes?integration={INTEGRATION}")));
    // Looking adds rows to the audit log, so only that the chain holds is the same.
    assert_eq!(api.json("/api/v1/audit/check")["broken_at"], Value::Null, "the chain holds");
    service.stop();
    all
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn every_answer_is_the_same_behind_a_copy_and_the_service_goes_on_there() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::fresh());
    let (folder, address) = (folder.path(), database.address());
    let platform = Receiver::start();
    platform.answers(Reply::confirmed);
    std::fs::write(folder.join("practice.toml"), document("webhook", &platform.url(), "")).unwrap();
    run(folder, &["apply", "practice.toml"]).done();
    let made = run(folder, &["token", "create", "--role", "admin", "--name", "T", "--json"]).json();
    let token = made["token"].as_str().unwrap();
    let service = Punctual::start(command(folder).args(["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"]));
    let mut feed = Mllp::connect(service.told("mllp")).unwrap();
    let visits = [Visit::new("A-1"), Visit::new("A-2").with("DR9"), Visit::new("A-3")];
    for visit in &visits {
        assert_eq!(feed.send(&visit.message("S12").1).unwrap().0, "AA");
    }
    let api = Client::new(service.told("http")).token(token);
    until("what can be sent is sent", || {
        let counts = api.json(&format!("/api/v1/integrations/{INTEGRATION}"))["counts"].clone();
        (counts["in_sync"] == 2).then_some(()).ok_or_else(|| counts.to_string())
    });
    let from = data(folder);
    let copy = ["store", "copy", "--from", from.to_str().unwrap(), "--to", &address];
    let refused = run(folder, &copy);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.err.contains("already serves the data"), "{}", refused.err);
    drop(feed);
    service.stop();

    let before = answers(folder, &[], token);
    let said = run(folder, &copy).done();
    assert!(said.contains("Both stores hold the same."), "{said}");
    assert!(!said.contains(&address), "no address with a password is printed");
    assert_eq!(answers(folder, &["--store", &address], token), before);
    assert_eq!(run(folder, &copy).code, 2, "the target is not empty any more");

    let ports = ["serve", "--store", &address, "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"];
    let service = Punctual::start(command(folder).args(ports));
    let mut feed = Mllp::connect(service.told("mllp")).unwrap();
    for visit in [Visit { minute: 30, ..visits[0].clone() }, Visit::new("A-4")] {
        assert_eq!(feed.send(&visit.message("S12").1).unwrap().0, "AA", "a visit that was copied, and a new one");
    }
    drop(feed);
    service.stop();
}
