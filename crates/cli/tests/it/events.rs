//! What a platform is told besides cards, by the real binary over real sockets, on both stores.

use crate::support::{
    Client, Database, Delivery, Finished, INTEGRATION, Mllp, Punctual, Receiver, Reply, Visit, command, document,
    schedule, until,
};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A practice's service on one of the stores.
struct Place {
    folder: tempfile::TempDir,
    database: Option<Database>,
    token: String,
}

impl Place {
    fn of(document: &str, database: Option<Database>) -> Place {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("practice.toml"), document).unwrap();
        let place = Place { folder, database, token: String::new() };
        let run = |arguments: &[&str]| Finished::of(place.command(place.folder.path()).args(arguments));
        run(&["apply", "practice.toml"]).done();
        let made = run(&["token", "create", "--role", "admin", "--name", "T", "--json"]).json();
        Place { token: made["token"].as_str().unwrap().to_owned(), ..place }
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = command(folder);
        if let Some(database) = &self.database {
            command.env("PUNCTUAL_STORE", database.address());
        }
        command
    }

    fn serve(&self) -> (Punctual, Client) {
        let arguments = ["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"];
        let service = Punctual::start(self.command(self.folder.path()).args(arguments));
        let api = Client::new(service.told("http")).token(&self.token);
        (service, api)
    }
}

/// The events in the order in which they came first.
fn names(events: &[Delivery]) -> Vec<&str> {
    let first = events.iter().filter(|event| event.attempt == 1);
    first.filter_map(Delivery::event).collect()
}

/// What came, once this many different events did.
fn heard(platform: &Receiver, count: usize) -> Vec<Delivery> {
    until("the platform heard of it", || {
        let events = platform.events();
        if names(&events).len() >= count { Ok(events) } else { Err(format!("{:?}", names(&events))) }
    })
}

fn the_story(database: Option<Database>) {
    let platform = Receiver::start();
    let place = Place::of(&document("chiron", &platform.url(), &schedule(&[1; 9], 2)), database);
    // Nobody hears an answer before whoever asked was killed.
    platform.answers_events(|_| Reply::new(200, "{}").after(Duration::from_secs(60)));
    let (service, api) = place.serve();
    let mut feed = Mllp::connect(service.told("mllp")).unwrap();
    assert_eq!(feed.send(&Visit::new("A-1").with("DR9").message("S12").1).unwrap().0, "AA");
    let opened = heard(&platform, 1).remove(0);
    assert!(opened.headers["webhook-signature"].starts_with("v1,") && opened.id.starts_with("evt_"), "{opened:?}");
    let cause = api.json(&format!("/api/v1/causes?integration={INTEGRATION}"))["items"][0].clone();
    assert_eq!((&opened.json["type"], &opened.json["data"]["state"]), (&json!("exception.opened"), &json!("open")));
    for name in ["integration", "id", "code", "subject", "blocking", "whole_feed", "owner", "state"] {
        assert_eq!(opened.json["data"][name], cause[name], "{name}, in the words of the list of causes");
    }
    assert_eq!(opened.json["data"]["code"], "NO_CONNECTED_PROVIDER_ACCOUNT");
    assert!(!opened.body.contains("Ada") && !opened.body.contains("example.com"), "{}", opened.body);
    service.kill();

    // The next answer is lost as well; then it is taken, and what happened meanwhile comes behind it.
    platform.answers_events(|event| if event.attempt == 2 { Reply::hang_up() } else { Reply::new(204, "") });
    let (service, api) = place.serve();
    let link = format!("/api/v1/integrations/{INTEGRATION}/links/provider/DR9");
    assert!(api.put(&link, &json!({ "platform_id": "prov_9" })).status < 300);
    heard(&platform, 2);
    let lifecycle = format!("/api/v1/integrations/{INTEGRATION}/lifecycle");
    for to in ["paused", "live"] {
        assert_eq!(api.post(&lifecycle, &json!({ "to": to })).status, 200);
    }
    let events = heard(&platform, 3);
    assert_eq!(names(&events), ["exception.opened", "exception.closed", "integration.live"]);
    let ids: Vec<(&str, &Value)> = events.iter().map(|event| (&*event.id, &event.json)).collect();
    let repeated = ids.iter().take_while(|(id, _)| *id == opened.id).count();
    assert!(repeated >= 3, "one that was killed, one whose answer was lost, and the last: {ids:?}");
    assert!(ids.iter().take(repeated).all(|(_, body)| **body == opened.json), "the same each time");
    assert_eq!(events.len(), repeated + 2, "the others once each, and none before the first was taken: {ids:?}");
    let closed = &events[repeated].json["data"];
    assert_eq!((&closed["id"], &closed["state"]), (&cause["id"], &json!("closed")));
    assert_eq!(events[repeated + 1].json["data"]["integration"], INTEGRATION);
    service.stop();
}

#[test]
fn what_needs_a_person_and_going_live_is_told_once_in_effect_and_in_order() {
    the_story(None);
}

#[test]
#[ignore = "needs a PostgreSQL: scripts/with-postgres cargo nextest run -p punctual --run-ignored all"]
fn what_needs_a_person_and_going_live_is_told_once_in_effect_and_in_order_on_postgresql() {
    the_story(Some(Database::fresh()));
}
