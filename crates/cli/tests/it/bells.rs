//! What one process does is heard by another one on the same database, long before that one looks by itself.

use crate::support::{
    Client, Database, Finished, INTEGRATION, Mllp, Punctual, Receiver, Reply, Visit, command, document, until,
};
use std::path::Path;
use std::process::Command;

fn on_store(folder: &Path, database: &Database) -> Command {
    let mut command = command(folder);
    command.env("PUNCTUAL_STORE", database.address());
    command
}

/// A service that looks by itself once a day.
fn serve(folder: &Path, database: &Database) -> Punctual {
    let arguments = ["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0", "--sweep-seconds", "86400"];
    Punctual::start(on_store(folder, database).args(arguments))
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn a_link_made_by_another_process_releases_what_waits_and_its_card_is_sent() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::fresh());
    let platform = Receiver::start();
    platform.answers(Reply::confirmed);
    let text = document("webhook", &platform.url(), "");
    std::fs::write(folder.path().join("practice.toml"), &text).unwrap();
    let run = |arguments: &[&str]| Finished::of(on_store(folder.path(), &database).args(arguments));
    run(&["apply", "practice.toml"]).done();
    let made = run(&["token", "create", "--role", "admin", "--name", "T", "--json"]).json();
    let node = serve(folder.path(), &database);
    let api = Client::new(node.told("http")).token(made["token"].as_str().unwrap());
    let mut feed = Mllp::connect(node.told("mllp")).unwrap();
    assert_eq!(feed.send(&Visit::new("A-1").with("DR9").message("S12").1).unwrap().0, "AA");
    let verdict = || {
        let explanation = api.json(&format!("/api/v1/integrations/{INTEGRATION}/appointments/A-1"));
        explanation["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict(), "held");

    // A command that makes the link and goes; deciding and sending are left to whoever serves.
    let linked = text.replace("source_id = \"DR9\"", "source_id = \"DR9\"\nplatform_id = \"prov_9\"");
    std::fs::write(folder.path().join("linked.toml"), linked).unwrap();
    run(&["apply", "linked.toml"]).done();
    until("the visit is on the platform", || {
        let now = verdict();
        if now == "in_sync" { Ok(()) } else { Err(now) }
    });
    node.stop();
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn a_live_page_of_one_node_hears_of_a_message_at_another() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::fresh());
    std::fs::write(folder.path().join("practice.toml"), document("chiron", "http://127.0.0.1:9/hook", "")).unwrap();
    let run = |arguments: &[&str]| Finished::of(on_store(folder.path(), &database).args(arguments));
    run(&["apply", "practice.toml"]).done();
    let made = run(&["token", "create", "--role", "admin", "--name", "T", "--json"]).json();
    let nodes = [serve(folder.path(), &database), serve(folder.path(), &database)];
    let console = Client::new(nodes[1].told("http"));
    let session = console.submit("/login", &[("token", made["token"].as_str().unwrap()), ("next", "/")]).cookie();
    let mut page = console.cookie(&session.expect("the token opens a session")).events("/live");
    assert_eq!(page.next(), ": hello");
    let mut feed = Mllp::connect(nodes[0].told("mllp")).unwrap();
    assert_eq!(feed.send(&Visit::new("A-1").with("DR9").message("S12").1).unwrap().0, "AA");
    // Until then there are signs of life only.
    until("the page is told", || match page.next().as_str() {
        "event: changed" => Ok(()),
        line => Err(line.to_owned()),
    });
    for node in nodes {
        node.stop();
    }
}
