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

/// How long, in milliseconds, cards that a command left took from its decision to the platform; sorted.
#[expect(clippy::disallowed_methods, reason = "decisions are stamped by the machine's clock")]
fn waits_of(database: &Database, links: usize) -> Vec<i64> {
    let folder = tempfile::tempdir().unwrap();
    let platform = Receiver::start();
    platform.answers(Reply::confirmed);
    let apply = |linked: usize| {
        let provider = |n: usize| {
            let link = if n < linked { format!("\nplatform_id = \"prov_{n}\"") } else { String::new() };
            format!("[[integration.provider]]\nsource_id = \"DR10{n}\"\nname = \"Kim Lee {n}\"{link}\n")
        };
        let providers: String = (0..links).map(provider).collect();
        let text = document("webhook", &platform.url(), &providers);
        std::fs::write(folder.path().join("practice.toml"), text).unwrap();
        Finished::of(on_store(folder.path(), database).args(["apply", "practice.toml"])).done();
    };
    apply(0);
    let serving = ["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"];
    let node = Punctual::start(on_store(folder.path(), database).args(serving));
    let mut feed = Mllp::connect(node.told("mllp")).unwrap();
    for n in 0..links {
        let message = Visit::new(&format!("A-{n}")).message("S12").1.replace("|DR7^", &format!("|DR10{n}^"));
        assert_eq!(feed.send(&message).unwrap().0, "AA");
    }
    let mut waits: Vec<i64> = (0..links)
        .map(|n| {
            apply(n + 1);
            let card = until("the card is on the platform", || {
                platform.of(&format!("A-{n}")).first().cloned().ok_or_else(|| "no card".to_owned())
            });
            let decided: jiff::Timestamp = card.json["timestamp"].as_str().unwrap().parse().unwrap();
            let since_then = i64::try_from(card.at.elapsed().as_millis()).unwrap();
            jiff::Timestamp::now().as_millisecond() - since_then - decided.as_millisecond()
        })
        .collect();
    waits.sort_unstable();
    node.stop();
    waits
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn what_nobody_is_told_of_is_found_by_looking_and_how_much_sooner_it_is_heard() {
    let heard = waits_of(&Database::fresh(), 8);
    let found = waits_of(&Database::without_notifications(), 8);
    assert_eq!((heard.len(), found.len()), (8, 8), "every card came");
    println!("decision to platform at another process, ms: heard {heard:?}, found by looking {found:?}");
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
