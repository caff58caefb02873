//! The way between a service and its database is cut: closed with a word, or without one.

use super::{either, millis, seeded};
use crate::support::{
    Client, Cluster, Database, Finished, INTEGRATION, Load, Mllp, OTHER_HOST, Punctual, Receiver, Reply, Rig, SENDERS,
    Visit, Way, Where, command, document, on_two_hosts, until,
};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// No sender waits longer for its `AE`, whatever happens to the network; the machine of the test may be busy.
const LONGEST_WAIT: Duration = Duration::from_secs(50);

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

/// Cuts the way of two services to their database again and again under load, without a word to anybody.
fn cut_under_load(rig: &Rig, rounds: usize, set_reachable: impl Fn(bool)) {
    let mut rng = seeded();
    let services = [rig.serve(0), rig.serve(1)];
    let load = Load::start(&rig.plan(), &rig.ledger);
    let mut since = Instant::now();
    for _ in 0..rounds {
        let before = rig.ledger.count();
        until("messages are acknowledged", || {
            let now = rig.ledger.count();
            if now > before + SENDERS { Ok(()) } else { Err(format!("{now} acknowledged")) }
        });
        thread::sleep(millis(&mut rng, 0..500));
        let refused = rig.ledger.refusals();
        set_reachable(false);
        let cut = Instant::now();
        until("senders are told that nothing is stored", || {
            let now = rig.ledger.refusals();
            if now > refused { Ok(()) } else { Err(format!("{now} refused")) }
        });
        println!("noticed after {:.1} s", cut.elapsed().as_secs_f64());
        for service in 0..2 {
            assert_eq!(rig.api(service).get("/readyz").status, 503, "it is not ready, and says so");
            assert_eq!(rig.api(service).get("/healthz").status, 200, "it lives");
        }
        set_reachable(true);
        since = Instant::now();
        for service in 0..2 {
            until("it is ready again, by itself", || {
                let answer = rig.api(service).get("/readyz");
                if answer.status == 200 { Ok(()) } else { Err(answer.body) }
            });
        }
    }
    load.finish();
    let account = rig.ledger.settle(&rig.api(0), since);
    assert!(account.refused > 0, "{account}");
    assert!(account.longest_wait < LONGEST_WAIT, "{account}");
    for service in services {
        service.stop();
    }
}

#[test]
#[ignore = "needs a PostgreSQL server to start: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn a_cable_that_is_pulled_out_is_noticed_and_nothing_acknowledged_is_lost() {
    let name = "faults::network_cut::a_cable_that_is_pulled_out_is_noticed_and_nothing_acknowledged_is_lost";
    match on_two_hosts(name) {
        Where::Inside(other) => {
            let cluster = Cluster::start_at(OTHER_HOST, other.prefix());
            let rig = Rig::on(Some(cluster.address("")), 2, 5);
            cut_under_load(&rig, either(1, 20), |reachable| other.set_reachable(reachable));
            drop(cluster);
        }
        Where::Ran(well) => assert!(well, "it failed on a host of its own; see above"),
        Where::Nowhere => {
            println!("skipped: two hosts need root and iproute2; the test with a silent way does the same without");
        }
    }
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn a_database_that_falls_silent_is_noticed_and_nothing_acknowledged_is_lost() {
    let database = Database::fresh();
    // What is taken for silence is said in the address, so that the test need not wait for the usual time.
    let way = Way::to(&format!("{}&tcp_user_timeout=3", database.address()));
    let rig = Rig::on(Some(way.address().to_owned()), 2, 5);
    cut_under_load(&rig, either(2, 40), |reachable| way.set_silent(!reachable));
}
