//! Several services on one PostgreSQL: messages come in at any of them, one after another is killed.

use crate::kill_nine::{Acknowledged, check_deliveries, count_present, free_port, send_until_told};
use crate::support::{
    Client, Database, Finished, INTEGRATION, Mllp, Punctual, Receiver, Reply, Visit, Way, command, document, schedule,
    until,
};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// So many services.
const NODES: usize = 3;
/// So often one of them is killed.
const KILLS: usize = 8;
/// So many senders, each on connections of its own.
const SENDERS: usize = 6;

/// A command on the store.
fn on_store(folder: &Path, database: &Database) -> Command {
    let mut command = command(folder);
    command.env("PUNCTUAL_STORE", database.address());
    command
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn nothing_acknowledged_is_lost_or_doubled_when_one_of_three_nodes_is_killed_again_and_again() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::fresh());
    let platform = Receiver::start();
    platform.answers(|delivery| Reply::confirmed(delivery).after(Duration::from_millis(3)));
    let waits = schedule(&[1, 1, 1, 1, 1, 1], 5);
    std::fs::write(folder.path().join("practice.toml"), document("webhook", &platform.url(), &waits)).unwrap();
    let run = |arguments: &[&str]| Finished::of(on_store(folder.path(), &database).args(arguments));
    run(&["apply", "practice.toml"]).done();
    let made = run(&["token", "create", "--role", "admin", "--name", "T", "--json"]).json();
    let token = made["token"].as_str().unwrap().to_owned();
    let ports: Vec<(String, String)> = (0..NODES).map(|_| (free_port(), free_port())).collect();
    let serve = |node: usize| {
        let (http, mllp) = &ports[node];
        Punctual::start(on_store(folder.path(), &database).args(["serve", "--http", http, "--mllp", mllp]))
    };
    let mut nodes: Vec<Option<Punctual>> = (0..NODES).map(|node| Some(serve(node))).collect();

    let acknowledged = Acknowledged::default();
    let stop = Arc::new(AtomicBool::new(false));
    let addresses: Vec<String> = ports.iter().map(|(_, mllp)| mllp.clone()).collect();
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let (addresses, stop, acknowledged) = (addresses.clone(), stop.clone(), acknowledged.clone());
            thread::spawn(move || send_until_told(sender, &addresses, &stop, &acknowledged))
        })
        .collect();
    for _ in 0..KILLS {
        thread::sleep(Duration::from_millis(rng.u64(100..600)));
        let node = rng.usize(..NODES);
        if let Some(killed) = nodes[node].take() {
            killed.kill();
        }
        thread::sleep(Duration::from_millis(rng.u64(0..200)));
        nodes[node] = Some(serve(node));
    }
    thread::sleep(Duration::from_millis(300));
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.join().expect("every answer was AA, to the message it was for");
    }

    let acknowledged = acknowledged.lock().unwrap().clone();
    let api = Client::new(&ports[0].0).token(&token);
    until("everything is on the platform", || {
        let counts = api.json(&format!("/api/v1/integrations/{INTEGRATION}"))["counts"].clone();
        let all: u64 = counts.as_object().unwrap().values().filter_map(Value::as_u64).sum();
        (counts["in_sync"].as_u64() == Some(all)).then_some(()).ok_or_else(|| counts.to_string())
    });
    let present = count_present(&api, &acknowledged);
    let (delivered, duplicated) = check_deliveries(&api, &platform, &acknowledged);
    println!(
        "acknowledged {}, present {present}, delivered {delivered}, duplicated {duplicated}, lost {}",
        acknowledged.len(),
        acknowledged.len() - present
    );
    assert!(acknowledged.len() > SENDERS * 10, "the senders did send: {}", acknowledged.len());
    assert_eq!(present, acknowledged.len(), "lost");
    // A card is sent twice only by a node that was killed before it could say that it was taken.
    assert!(duplicated <= KILLS * SENDERS * 2, "{duplicated} cards were sent twice");
    for node in nodes.into_iter().flatten() {
        node.stop();
    }
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
