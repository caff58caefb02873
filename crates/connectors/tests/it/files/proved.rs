//! What files prove: an engine reads them, and old news, missing rows and statuses of single people mean what the
//! contract says they mean.

use super::folder::{at, document, put};
use super::world::{ID, Moved, explain, start, until};
use domain::setup::Document;
use engine::Running;
use engine::ops::{Actor, CausesAsked};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const FIRST: &str = "appointment_id,patient_id,start,end,booked_at,status,type_id,type,modality,department,provider_id,provider,series,family,given,birth_date,email,mobile\n";

fn row(id: &str, start: &str, status: &str) -> String {
    format!(
        "{id},P{id},2026-11-25 {start},2026-11-25 17:00,,{status},,Visit,video,,DR1,Kim Lee,,Okafor,Ada {id},1980-02-29,ada{id}@example.com,\n"
    )
}

fn write(folder: &Path, style: &str, minute: u8, rows: &[String]) {
    let name = format!("appointments_{style}_20261123T18{minute:02}00Z.csv");
    put(folder, &name, &format!("{FIRST}{}", rows.concat()));
}

struct World {
    running: Running,
    clock: Arc<Moved>,
    drop: tempfile::TempDir,
    _store: tempfile::TempDir,
}

impl World {
    async fn start(overrides: &[(&str, &str)]) -> World {
        let (drop, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let clock = Arc::new(Moved(AtomicI64::new(at("2026-11-23T18:01:00Z").micros())));
        let running = start(store.path(), &clock);
        let mut all = vec![
            ("files.marker", "\".done\""),
            ("files.late_seconds", "0"),
            ("polling.every_seconds", "1"),
            ("polling.every_closed_seconds", "1"),
        ];
        all.extend(overrides);
        let document = Document::from_toml(&document("csv", drop.path(), &all)).unwrap();
        running.engine.apply_document(&Actor::operator(), document, false).await.unwrap();
        World { running, clock, drop, _store: store }
    }

    /// A file comes, and a minute has gone by.
    fn comes(&self, style: &str, minute: u8, rows: &[String]) {
        write(self.drop.path(), style, minute, rows);
        self.pass(60);
    }

    fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    async fn is(&self, id: &str, status: &str, start: &str) {
        let (status, start) = (status.to_owned(), format!("2026-11-25T{start}:00Z"));
        let what = format!("{status} at {start}");
        until(&self.running, &self.clock, id, &what, |told| {
            told["appointment"]["status"] == *status && told["appointment"]["start"] == *start
        })
        .await;
    }

    async fn causes(&self) -> Vec<String> {
        let causes = self.running.engine.list_causes(&Actor::operator(), CausesAsked::default()).await.unwrap();
        let causes = serde_json::to_value(&causes.items).unwrap();
        causes.as_array().unwrap().iter().map(|cause| cause["code"].as_str().unwrap().to_owned()).collect()
    }

    /// What is told of reading changes.
    async fn feed(&self) -> Value {
        let shown = self.running.engine.show_integration(&Actor::operator(), ID).await.unwrap();
        let shown = serde_json::to_value(&shown).unwrap();
        shown["feed"]["polling"]["reads"]
            .as_array()
            .unwrap()
            .iter()
            .find(|read| read["kind"] == "changes")
            .unwrap()
            .clone()
    }
}

#[tokio::test]
async fn a_file_that_comes_late_moves_nothing_back_and_fills_what_nobody_said() {
    let world = World::start(&[]).await;
    world.comes("delta", 1, &[row("A", "09:00", "booked")]);
    world.is("A", "booked", "15:00").await;
    world.comes("delta", 10, &[row("A", "10:00", "booked")]);
    world.is("A", "booked", "16:00").await;
    // Written before, and here after it.
    world.comes("delta", 5, &[row("A", "11:00", "cancelled"), row("B", "09:00", "booked")]);
    world.is("B", "booked", "15:00").await;
    world.is("A", "booked", "16:00").await;
    world.comes("delta", 15, &[row("A", "10:00", "cancelled"), row("C", "12:00", "booked")]);
    world.is("C", "booked", "18:00").await;
    world.is("A", "cancelled", "16:00").await;
    let feed = world.feed().await;
    assert!(feed["note"].as_str().unwrap().contains("came late"), "{feed}");
    assert_eq!(feed["complete"], "2026-11-23T18:15:00Z", "complete as of the newest file, not as of the look");
    world.running.drain().await;
}

#[tokio::test]
async fn a_missing_row_means_nothing_unless_the_contract_says_so_and_then_it_takes_two_lists() {
    let both = [row("A", "09:00", "booked"), row("B", "10:00", "booked"), row("C", "11:00", "booked")];
    let plain = World::start(&[]).await;
    plain.comes("full", 1, &both);
    plain.is("B", "booked", "16:00").await;
    for minute in [5, 10, 15] {
        plain.comes(
            "full",
            minute,
            &[row("A", "09:00", "booked"), row("C", "11:00", "booked"), row(&format!("N{minute}"), "13:00", "booked")],
        );
        plain.is(&format!("N{minute}"), "booked", "19:00").await;
    }
    plain.is("B", "booked", "16:00").await;
    plain.running.drain().await;
    let world = World::start(&[("files.missing", "\"gone\"")]).await;
    world.comes("full", 1, &both);
    world.is("B", "booked", "16:00").await;
    // Booked after the list was written: that the list lacks it says nothing.
    world.comes("delta", 6, &[row("D", "12:00", "booked")]);
    world.is("D", "booked", "18:00").await;
    world.comes("full", 5, &[row("A", "09:00", "booked"), row("C", "11:00", "booked"), row("E", "14:00", "booked")]);
    world.is("E", "booked", "20:00").await;
    world.is("B", "booked", "16:00").await;
    let rest = [row("A", "09:00", "booked"), row("C", "11:00", "booked"), row("D", "12:00", "booked")];
    world.comes("full", 10, &[&rest[..], &[row("E", "14:00", "booked"), row("F", "15:00", "booked")]].concat());
    world.is("F", "booked", "21:00").await;
    world.is("B", "removed", "16:00").await;
    world.is("D", "booked", "18:00").await;
    // Half a list proves nothing.
    for minute in [15, 20] {
        write(
            world.drop.path(),
            "full",
            minute,
            &[row("A", "09:00", "booked"), row(&format!("G{minute}"), "15:00", "booked")],
        );
        let mark = format!("appointments_full_20261123T18{minute}00Z.csv.done");
        std::fs::remove_file(world.drop.path().join(mark)).unwrap();
        world.pass(3600);
        world.is(&format!("G{minute}"), "booked", "21:00").await;
    }
    world.is("C", "booked", "17:00").await;
    let feed = world.feed().await;
    assert_eq!(feed["code"], "PARTIAL_UPSTREAM_FAILURE", "{feed}");
    world.running.drain().await;
}

#[tokio::test]
async fn many_that_vanish_at_once_wait_for_a_person() {
    let world = World::start(&[("files.missing", "\"gone\"")]).await;
    let rows: Vec<String> = (0..10).map(|n| row(&format!("A{n}"), "09:00", "booked")).collect();
    world.comes("full", 1, &rows);
    world.is("A9", "booked", "15:00").await;
    for minute in [5, 10, 15] {
        world.comes("full", minute, &[row("A0", "09:00", "booked"), row(&format!("N{minute}"), "13:00", "booked")]);
        world.is(&format!("N{minute}"), "booked", "19:00").await;
    }
    world.is("A9", "booked", "15:00").await;
    assert!(world.causes().await.contains(&"MASS_DELETE_GUARD".to_owned()), "{:?}", world.causes().await);
    world.running.drain().await;
}

#[tokio::test]
async fn in_a_group_each_has_a_status_and_what_is_read_again_changes_nothing() {
    let world = World::start(&[]).await;
    let member = |n: u8, status: &str| {
        row("G", "09:00", status)
            .replace("PG", &format!("P{n}"))
            .replace("Ada G", &format!("Ada {n}"))
            .replace("adaG", &format!("ada{n}"))
    };
    world.comes("full", 1, &[member(1, "booked"), member(2, "no_show")]);
    world.is("G", "booked", "15:00").await;
    let people = |told: &Value| {
        let people = told["appointment"]["participants"].as_array().unwrap().iter();
        people
            .map(|person| {
                format!("{}={}", person["source_id"].as_str().unwrap(), person["status"].as_str().unwrap_or("-"))
            })
            .collect::<Vec<_>>()
    };
    let told = explain(&world.running, "G").await.unwrap();
    assert_eq!(people(&told), ["P1=booked", "P2=no_show"]);
    let version = told["appointment"]["version"].clone();
    world.comes("full", 5, &[member(1, "booked"), member(2, "no_show"), row("N", "13:00", "booked")]);
    world.is("N", "booked", "19:00").await;
    let told = explain(&world.running, "G").await.unwrap();
    assert_eq!(told["appointment"]["version"], version, "the same again is no news: {told:#}");
    world.comes("delta", 10, &[member(1, "no_show"), member(2, "no_show")]);
    world.is("G", "no_show", "15:00").await;
    world.comes("delta", 15, &[member(1, "booked"), member(2, "no_show")]);
    world.is("G", "booked", "15:00").await;
    world.running.drain().await;
}

/// The kinds of the route with a column more, in which the practice system says what stands against telling a patient.
const WITH_RESTRICTION: &str = "[{ kind = \"appointments\", rows = \"visits\", columns = { visit = \"appointment_id\", \
    patient = \"patient_id\", start = \"start\", end = \"end\", booked = \"booked_at\", status = \"status\", \
    type_name = \"type\", provider = \"provider_id\", family = \"family\", given = \"given\", \
    birth_date = \"birth_date\", email = \"email\", restriction = \"mobile\" } }]";

#[tokio::test]
async fn s3_17_what_a_file_says_against_telling_a_patient_is_kept_in_its_words_and_taken_back() {
    let world = World::start(&[("files.kinds", WITH_RESTRICTION)]).await;
    let closed = async || {
        let patient = world.running.engine.show_patient(&Actor::operator(), ID, "PA").await.unwrap();
        let contact = serde_json::to_value(&patient.contact).unwrap();
        let said = contact.as_array().unwrap().iter().find(|fact| fact["what"] == "restriction").cloned();
        said.map(|fact| (fact["value"].as_str().unwrap().to_owned(), fact["place"].clone()))
    };
    let said = row("A", "09:00", "booked").replace(".com,\n", ".com,asked not to be called\n");
    world.comes("delta", 1, &[said]);
    world.is("A", "booked", "15:00").await;
    let (value, place) = closed().await.expect("the column is read");
    assert!(value.ends_with(": asked not to be called"), "{value}");
    assert_eq!(place, "mobile", "the column that said so");
    world.comes("delta", 5, &[row("A", "10:00", "booked")]);
    world.is("A", "booked", "16:00").await;
    assert_eq!(closed().await, None, "an empty column says that nothing stands against it any more");
    world.running.drain().await;
}
