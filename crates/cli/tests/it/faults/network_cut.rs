//! The way between a service and its database is cut: closed with a word, or without one.

use crate::support::{
    Client, Database, Finished, INTEGRATION, Mllp, Punctual, Receiver, Reply, Visit, Way, command, document, until,
};
use std::path::Path;
use std::process::Command;

/// A command on the store.
fn on_store(folder: &Path, database: &Database) -> Command {
    let mut command = command(folder);
    command.env("PUNCTUAL_STORE", database.address());
    command
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn a_node_that_loses_the_database_says_so_and_recovers_by_itself() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::fresh());
    let platform = Receiver::start();
    platform.answers(Reply::confirmed);
    std::fs::write(folder.path().join("practice.toml"), document("webhook", &platform.url(), "")).unwrap();
    Finished::of(on_store(folder.path(), &database).args(["apply", "practice.toml"])).done();
    let arguments = ["token", "create", "--role", "admin", "--name", "T", "--json"];
    let made = Finished::of(on_store(folder.path(), &database).args(arguments)).json();
    let way = Way::to(&database.address());
    let mut serve = command(folder.path());
    serve.env("PUNCTUAL_STORE", way.address()).args(["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"]);
    let node = Punctual::start(&mut serve);
    let api = Client::new(node.told("http")).token(made["token"].as_str().unwrap());
    let mut feed = Mllp::connect(node.told("mllp")).unwrap();
    let (_, before) = Visit::new("A-1").message("S12");
    assert_eq!(feed.send(&before).unwrap().0, "AA");
    assert_eq!(api.get("/readyz").status, 200);

    way.set_open(false);
    let (_, during) = Visit::new("A-2").message("S12");
    assert_eq!(feed.send(&during).unwrap().0, "AE", "not stored, and said so");
    assert_eq!(api.get("/readyz").status, 503);
    assert_eq!(api.get(&format!("/api/v1/integrations/{INTEGRATION}/appointments/A-1")).status, 503);

    way.set_open(true);
    assert_eq!(feed.send(&during).unwrap().0, "AA", "the same connection, the same message");
    assert_eq!(api.get("/readyz").status, 200);
    for visit in ["A-1", "A-2"] {
        until(&format!("{visit} is in sync"), || {
            let explanation = api.json(&format!("/api/v1/integrations/{INTEGRATION}/appointments/{visit}"));
            (explanation["verdict"] == "in_sync").then_some(()).ok_or_else(|| explanation.to_string())
        });
    }
    node.stop();
}
