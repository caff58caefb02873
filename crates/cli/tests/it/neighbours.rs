//! `punctual demo` shows practices on several systems side by side: through HTTP, as a visitor does.

use crate::support::{Client, Punctual, punctual, until};
use serde_json::{Value, json};
use std::path::Path;

/// One practice that is read by asking, as the listening line names it.
struct Next {
    integration: String,
    desk: Client,
    planted: Value,
}

/// A demo, with everything that a visitor of it can reach.
struct Street {
    demo: Punctual,
    api: Client,
    platform: Client,
    neighbours: Vec<Next>,
}

impl Street {
    fn open(folder: &Path) -> Street {
        let demo = Punctual::start(punctual(folder).args(["demo", "--quiet", "--http", "127.0.0.1:0"]));
        let listed = demo.line["neighbours"].as_array().expect("the neighbours are a list").clone();
        let text =
            |row: &Value, key: &str| row[key].as_str().unwrap_or_else(|| panic!("{row} has no {key}")).to_owned();
        let neighbour = |row: &Value| Next {
            integration: text(row, "integration"),
            desk: Client::new(text(row, "front_desk").trim_end_matches("_twin/")),
            planted: row["planted"].clone(),
        };
        Street {
            api: Client::new(demo.told("http")).token(demo.told("token")),
            platform: Client::new(demo.told("platform")),
            neighbours: listed.iter().map(neighbour).collect(),
            demo,
        }
    }

    fn visit_becomes(&self, integration: &str, source_id: &str, verdict: &str) -> Value {
        until(&format!("{source_id} of {integration} becomes {verdict}"), || {
            let page = self.api.get(&format!("/api/v1/integrations/{integration}/appointments/{source_id}"));
            match page.status {
                200 if page.json()["verdict"] == verdict => Ok(page.json()),
                _ => Err(format!("{} {}", page.status, page.body)),
            }
        })
    }

    fn cards(&self, integration: &str) -> Vec<Value> {
        let state = self.platform.json("/_twin/state");
        let cards = state["cards"].as_array().cloned().unwrap_or_default();
        cards.into_iter().filter(|card| card["integration"] == integration).collect()
    }
}

#[test]
fn at_least_four_systems_stand_side_by_side_each_with_visits_shown_and_one_explained() {
    let folder = tempfile::tempdir().unwrap();
    let street = Street::open(folder.path());
    let list = street.api.json("/api/v1/integrations");
    let items = list["items"].as_array().expect("integrations are a list");
    let mut systems: Vec<&str> = items.iter().filter_map(|item| item["source"]["name"].as_str()).collect();
    systems.sort_unstable();
    systems.dedup();
    assert!(systems.len() >= 4 && street.neighbours.len() >= 3, "{systems:?}");

    for Next { integration, planted, desk } in &street.neighbours {
        // What is wrong is told with its reason, and is on the page that people open first.
        let id = planted["source_ids"][0].as_str().expect("a visit was planted");
        let explanation =
            street.visit_becomes(integration, id, planted["expect"]["verdict"].as_str().unwrap_or("held"));
        assert_eq!(explanation["primary"], planted["expect"]["primary"], "{integration}");
        assert!(!explanation["sentence"].as_str().unwrap_or_default().is_empty(), "{explanation}");

        // Everything else that is meant for the platform is there, each visit once.
        let meant = until(&format!("{integration} is settled"), || {
            let now = street.api.json(&format!("/api/v1/integrations/{integration}"));
            let count = |verdict: &str| now["counts"][verdict].as_u64().unwrap_or(0);
            let (in_sync, held, out) = (count("in_sync"), count("held"), count("excluded"));
            let settled = in_sync >= 4 && held == 1 && in_sync + held + out == 9;
            if settled { Ok(in_sync) } else { Err(now["counts"].to_string()) }
        });
        let shown = street.cards(integration);
        let mut ids: Vec<&str> = shown.iter().filter_map(|card| card["source_id"].as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len() as u64, shown.len() as u64), (meant, meant), "{integration}: {shown:?}");
        assert!(!ids.contains(&id), "a visit that is held is not shown");

        // The front desk is a page, and the console leads to it.
        assert_eq!(desk.get("/_twin/").status, 200);
    }
    street.demo.stop();
}

#[test]
fn a_booking_at_any_front_desk_arrives_and_a_fix_there_releases_what_was_held() {
    let folder = tempfile::tempdir().unwrap();
    let street = Street::open(folder.path());
    for Next { integration, planted, desk } in &street.neighbours {
        let id = planted["source_ids"][0].as_str().expect("a visit was planted");
        street.visit_becomes(integration, id, "held");
        // As a visitor does it: somebody who comes already books another hour, by video.
        let state = desk.json("/_twin/state");
        let known = &state["appointments"][0];
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{value} in {state}")).to_owned();
        let start: jiff::civil::DateTime = text(&known["start"]).parse().expect("it is a local time");
        let booked = desk.submit(
            "/_twin/desk/visits",
            &[
                ("patient", &text(&known["patient"])),
                ("type", &text(&state["practice"]["types"][0]["id"])),
                ("provider", &text(&state["practice"]["providers"][4]["id"])),
                ("department", &text(&state["practice"]["departments"][0]["id"])),
                ("date", &start.date().to_string()),
                ("time", "16:00"),
                ("minutes", "30"),
                ("reason", "Booked by hand"),
            ],
        );
        assert_eq!(booked.status, 303, "{}", booked.body);
        let state = desk.json("/_twin/state");
        let visits = state["appointments"].as_array().expect("the diary is a list");
        let visit = visits.iter().find(|visit| visit["reason"] == "Booked by hand").expect("it is in the diary");
        let new = text(&visit["vendor_id"]);
        street.visit_becomes(integration, &new, "in_sync");
        let card = street.cards(integration).into_iter().find(|card| card["source_id"] == json!(new));
        assert_eq!(card.expect("the platform shows it")["start"], visit["starts_at"]);

        // What the desk can mend is mended there, and nothing else is done.
        let troubled = visits.iter().find(|visit| visit["vendor_id"] == json!(id)).expect("it is in the diary");
        let patient = format!("/_twin/desk/patients/{}", text(&troubled["patient"]));
        let mended = match planted["key"].as_str() {
            Some("missing_email" | "bad_email") => desk.submit(&patient, &[("email", "now.known@example.com")]),
            Some("missing_birth_date") => desk.submit(&patient, &[("birth_date", "1980-04-01")]),
            Some("own_status") => desk.send(
                "PATCH",
                &format!("/_twin/appointments/{}", text(&troubled["id"])),
                "application/json",
                "{\"status\": \"confirmed\"}",
            ),
            other => panic!("nobody says how {other:?} is mended"),
        };
        assert!(matches!(mended.status, 200 | 303), "{integration}: {}", mended.body);
        street.visit_becomes(integration, id, "in_sync");
    }
    street.demo.stop();
}
