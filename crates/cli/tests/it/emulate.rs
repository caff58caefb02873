//! `punctual emulate`: a twin on its own, between processes.

use crate::support::{Client, Finished, Punctual, Scene, document, punctual, until};
use serde_json::json;

#[test]
fn a_practice_and_a_platform_on_their_own_meet_through_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let any = ["--http", "127.0.0.1:0"];
    let secret = crate::support::SECRET;
    let platform = Punctual::start(punctual(folder.path()).args(["emulate", "chiron", "--secret", secret]).args(any));
    assert!(platform.line.get("secret").is_none(), "who brought the secret knows it");
    let scene = Scene::of(&document("chiron", platform.told("hook"), ""));
    let feed = scene.service.told("mllp").to_owned();
    let practice = Punctual::start(
        punctual(folder.path())
            .args(["emulate", "kareo", "--seed", "7", "--feed", &feed, "--fault", "duplicate_event=1"])
            .args(any),
    );
    let desk = Client::new(practice.told("http"));
    until("the day is sent", || {
        let state = desk.json("/_twin/state");
        (state["settled"] == true).then_some(()).ok_or_else(|| state["feed"].to_string())
    });
    // Every message came twice, and nothing came of the second.
    scene.becomes("A-2016", "in_sync");
    let cards = Client::new(platform.told("http")).json("/_twin/state");
    assert_eq!((&cards["counters"]["badly_signed"], &cards["counters"]["out_of_order"]), (&json!(0), &json!(0)));
    practice.stop();
    platform.stop();
    scene.service.stop();
}

#[test]
fn the_same_seed_gives_the_same_people() {
    let folder = tempfile::tempdir().unwrap();
    let patients = |seed: &str| {
        let twin = Punctual::start(punctual(folder.path()).args([
            "emulate",
            "hl7v2",
            "--http",
            "127.0.0.1:0",
            "--seed",
            seed,
        ]));
        let state = Client::new(twin.told("http")).json("/_twin/state");
        twin.stop();
        state["patients"].clone()
    };
    assert_eq!(patients("5"), patients("5"));
    assert_ne!(patients("5"), patients("6"));
}

#[test]
fn what_a_twin_cannot_do_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (vec!["emulate", "epic"], vec!["epic", "hl7v2", "athenahealth", "webhook"]),
        (vec!["emulate", "drchrono", "--route", "hl7v2"], vec!["drchrono", "--route"]),
        (vec!["emulate", "drchrono", "--switch", "limit=false"], vec!["limit", "webhook_url"]),
        (
            vec!["emulate", "kareo", "--route", "hl7v2", "--fault", "token_expired=0.5"],
            vec!["token_expired", "duplicate_event"],
        ),
        (vec!["emulate", "webhook", "--fault", "lost_event=0.5"], vec!["lost_event", "outage"]),
        (vec!["emulate", "webhook", "--fault", "outage=2"], vec!["outage", "from 0 to 1"]),
        (vec!["emulate", "webhook", "--fault", "outage"], vec!["KIND=RATE"]),
        (vec!["emulate", "webhook", "--secret", "sesame"], vec!["--secret", "whsec_"]),
        (vec!["emulate", "kareo", "--time-zone", "Mars/Olympus"], vec!["--time-zone", "Mars/Olympus"]),
    ];
    for (args, expected) in cases {
        let ended = Finished::of(punctual(folder.path()).args(&args));
        assert_eq!(ended.code, 2, "{args:?}: {}", ended.err);
        for expected in expected {
            assert!(ended.err.contains(expected), "{args:?}: {expected} is not in {}", ended.err);
        }
    }
}

#[test]
fn a_vendors_own_interface_runs_alone_and_says_how_to_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let args = ["emulate", "kareo", "--http", "127.0.0.1:0", "--empty"];
        Punctual::start(punctual(folder.path()).args(args).args(more))
    };
    // Without a feed the vendor's own interface; with one, messages.
    let twin = run(&["--switch", "limits=false"]);
    assert_eq!(twin.line["twin"], "vendor");
    assert_eq!(twin.line["access"]["endpoint"], "/services/soap/2.1/KareoServices.svc");
    let state = Client::new(twin.told("http")).json("/_twin/state");
    assert_eq!((&state["switches"]["limits"], &state["appointments"]), (&json!(false), &json!([])));
    twin.stop();
    let twin = run(&["--route", "hl7v2"]);
    assert_eq!(twin.line["twin"], "practice");
    twin.stop();
}
