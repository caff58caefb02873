//! `punctual demo`: what was planted shows, and heals.

use crate::support::{Client, Punctual, punctual, until};
use serde_json::{Value, json};
use std::path::Path;

/// The planted visits: verdict, primary reason, every reason that is told.
const PLANTED: [(&str, &str, Option<&str>, &[&str]); 19] = [
    ("A-2001", "held", Some("NO_CONNECTED_PROVIDER_ACCOUNT"), &["NO_CONNECTED_PROVIDER_ACCOUNT"]),
    ("A-2002", "held", Some("NO_CONNECTED_PROVIDER_ACCOUNT"), &["NO_CONNECTED_PROVIDER_ACCOUNT"]),
    ("A-2003", "held", Some("NO_CONNECTED_PROVIDER_ACCOUNT"), &["NO_CONNECTED_PROVIDER_ACCOUNT"]),
    ("A-2004", "held", Some("PATIENT_EMAIL_MISSING"), &["PATIENT_EMAIL_MISSING"]),
    ("A-2005", "held", Some("EMAIL_BELONGS_TO_STAFF"), &["EMAIL_BELONGS_TO_STAFF"]),
    ("A-2006", "held", Some("APPT_TYPE_NAME_MISMATCH"), &["APPT_TYPE_NAME_MISMATCH"]),
    ("A-2007", "waiting_by_rule", Some("BEYOND_SYNC_HORIZON"), &["BEYOND_SYNC_HORIZON", "LONG_LEAD_SLOW_LANE"]),
    ("A-2008", "held", Some("PAST_ON_ARRIVAL"), &["PAST_ON_ARRIVAL"]),
    ("A-2009", "held", Some("STATUS_UNMAPPED"), &["SHOWN_THOUGH_STOPPED", "STATUS_UNMAPPED"]),
    ("A-2010", "held", Some("DUPLICATE_PATIENT_RISK"), &["DUPLICATE_PATIENT_RISK"]),
    ("A-2011", "held", Some("PATIENT_EMAIL_MISSING"), &["APPT_TYPE_NAME_MISMATCH", "PATIENT_EMAIL_MISSING"]),
    ("A-2012", "on_time", Some("ON_TIME_WAITING"), &["ON_TIME_WAITING"]),
    ("A-2013", "excluded", Some("APPT_TYPE_NOT_CONFIGURED"), &["APPT_TYPE_NOT_CONFIGURED"]),
    ("A-2014", "excluded", Some("PAST_AT_BOOKING"), &["PAST_AT_BOOKING"]),
    ("A-2015", "in_sync", None, &["LONG_LEAD_SLOW_LANE"]),
    ("A-2016", "in_sync", None, &["TEST_VISIT"]),
    ("A-2017", "in_sync", None, &["DISPLAY_FILTERED"]),
    ("A-2018", "held", Some("DUPLICATE_PATIENT_RISK"), &["DUPLICATE_PATIENT_RISK"]),
    ("A-2019", "in_sync", None, &[]),
];

/// A demo that has sent its day.
struct Stage {
    demo: Punctual,
    api: Client,
    console: Client,
    practice: Client,
    platform: Client,
}

impl Stage {
    fn set(folder: &Path) -> Stage {
        let demo = Punctual::start(punctual(folder).args(["demo", "--quiet", "--http", "127.0.0.1:0"]));
        let console = Client::new(demo.told("http"));
        let stage = Stage {
            api: console.token(demo.told("token")),
            practice: Client::new(demo.told("practice")),
            platform: Client::new(demo.told("platform")),
            console,
            demo,
        };
        until("the day is sent", || {
            let state = stage.practice.json("/_twin/state");
            (state["settled"] == true).then_some(()).ok_or_else(|| state["feed"].to_string())
        });
        stage
    }

    fn explanation(&self, source_id: &str) -> Value {
        self.api.json(&format!("/api/v1/integrations/northside-chiron/appointments/{source_id}"))
    }

    /// The explanation, as soon as it has this verdict.
    fn becomes(&self, source_id: &str, verdict: &str) -> Value {
        until(&format!("{source_id} becomes {verdict}"), || {
            let explanation = self.explanation(source_id);
            if explanation["verdict"] == verdict { Ok(explanation) } else { Err(explanation["sentence"].to_string()) }
        })
    }

    /// What the platform has of a visit: `cards`, `events`, `notices`.
    fn of_platform(&self, list: &str, source_id: &str) -> Vec<Value> {
        let state = self.platform.json("/_twin/state");
        let all = state[list].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|item| item["source_id"] == source_id).collect()
    }
}

/// The reasons that an explanation tells of, in order of their names.
fn told_reasons(explanation: &Value) -> Vec<&str> {
    let findings = explanation["findings"].as_array().expect("findings are a list");
    let told = findings.iter().filter(|finding| finding["state"] != "pass" && finding["state"] != "not_applicable");
    let mut reasons: Vec<&str> = told.filter_map(|finding| finding["code"].as_str()).collect();
    reasons.sort_unstable();
    reasons
}

#[test]
fn every_planted_cause_shows_with_its_verdict_and_all_its_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::set(folder.path());
    for (source_id, verdict, primary, reasons) in PLANTED {
        // A card may still be on its way to the platform.
        let explanation = stage.becomes(source_id, verdict);
        assert_eq!(explanation["primary"].as_str(), primary, "{source_id}");
        assert_eq!(told_reasons(&explanation), reasons, "{source_id}");
        let sentence = explanation["sentence"].as_str().unwrap_or_default();
        assert!(!sentence.is_empty(), "{source_id} has no sentence");
    }

    // The emulated practice says the same of what it planted, so the table above is complete.
    let planted = stage.practice.json("/_twin/state")["planted"].clone();
    let mut listed: Vec<String> = Vec::new();
    for cause in planted.as_array().expect("what was planted is a list") {
        for id in cause["source_ids"].as_array().expect("ids are a list") {
            let id = id.as_str().expect("an id is a text");
            let (_, verdict, primary, _) = PLANTED.iter().find(|planted| planted.0 == id).expect("it is in the table");
            assert_eq!((&cause["expect"]["verdict"], cause["expect"]["primary"].as_str()), (&json!(verdict), *primary));
            listed.push(id.to_owned());
        }
    }
    assert_eq!(listed.len(), PLANTED.len());

    // Nothing else is wrong: every other visit is on the platform or is none for it.
    let list = stage.api.json("/api/v1/integrations/northside-chiron/appointments?limit=500");
    for item in list["items"].as_array().expect("items are a list") {
        let (id, verdict) = (item["source_id"].as_str().unwrap_or_default(), item["verdict"].as_str());
        if PLANTED.iter().all(|planted| planted.0 != id) {
            assert!(matches!(verdict, Some("in_sync" | "excluded")), "{item}");
        }
    }

    // Visits that were over before the interface was switched on were never sent: nobody claims to have looked.
    let diary = stage.practice.json("/_twin/state")["appointments"].clone();
    for visit in diary.as_array().expect("the diary is a list").iter().filter(|visit| is_of_the_morning(visit)) {
        let asked = json!({ "patient": { "source_id": visit["patient"] }, "start": visit["start"] });
        let answer = stage.api.post("/api/v1/integrations/northside-chiron/why", &asked).json();
        assert_eq!(answer["answer"], "not_yet_looked", "{answer}");
    }
    stage.demo.stop();
}

fn is_of_the_morning(visit: &Value) -> bool {
    visit["id"].as_str().is_some_and(|id| id.starts_with("A-9"))
}

#[test]
fn the_demo_tells_where_to_go_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo =
        Punctual::start(punctual(folder.path()).env("TMPDIR", folder.path()).args(["demo", "--http", "127.0.0.1:0"]));
    let mut text = String::new();
    while !text.contains("Ctrl-C") {
        text.push_str(&demo.next_line());
        text.push('\n');
    }
    let (http, practice) = (demo.told("http").to_owned(), demo.told("practice").to_owned());
    for next in demo.line["neighbours"].as_array().expect("the neighbours are a list") {
        let (desk, id) = (next["front_desk"].as_str(), next["planted"]["source_ids"][0].as_str());
        let integration = next["integration"].as_str().expect("it has an integration");
        let visit = format!("/integrations/{integration}/appointments/{}", id.expect("a visit was planted"));
        assert!(
            text.contains(desk.expect("it has a front desk")) && text.contains(&visit),
            "{next} is not in:\n{text}"
        );
    }
    for expected in [
        demo.told("login"),
        &format!("{practice}/patients/P2004"),
        &format!("http://{http}/integrations/northside-chiron/appointments/A-2004"),
        &format!("http://{http}/causes"),
        demo.told("token"),
    ] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
    }
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_some(), "its data are in the folder for such");
    demo.signal("INT");
    let (status, _, err) = demo.wait();
    assert!(status.success(), "{status}: {err}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "its data are gone");
    assert!(Client::new(&http).try_send("GET", "/healthz", "", "").is_err(), "nobody answers any more");
}

#[test]
fn an_email_added_at_the_front_desk_heals_the_visit_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::set(folder.path());
    stage.becomes("A-2004", "held");
    assert_eq!(stage.of_platform("cards", "A-2004").len(), 0, "a held visit is not shown");

    // As a person does it: open the record, type the address, save.
    let page = stage.practice.get("/patients/P2004");
    assert_eq!(page.status, 200);
    let mut fields = fields_of(&page.body);
    let email = fields.iter_mut().find(|(name, _)| name == "email").expect("the form has a field for the address");
    assert_eq!(email.1, "", "the address is missing");
    email.1 = "first.visit@example.com".to_owned();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let saved = stage.practice.submit("/patients/P2004", &fields);
    assert_eq!(saved.status, 303, "{}", saved.body);

    let explanation = stage.becomes("A-2004", "in_sync");
    assert_eq!(stage.of_platform("cards", "A-2004").len(), 1, "one card");
    let events = stage.of_platform("events", "A-2004");
    let kept: Vec<_> = events.iter().filter(|event| event["outcome"] == "kept").collect();
    assert_eq!(kept.len(), 1, "delivered once: {events:?}");
    assert_eq!(stage.of_platform("notices", "A-2004").len(), 1, "the patient is told once");

    let timeline = explanation["timeline"].as_array().expect("the timeline is a list");
    let whats: Vec<&str> = timeline.iter().filter_map(|entry| entry["what"].as_str()).collect();
    assert_eq!(whats.iter().filter(|what| **what == "told").count(), 1, "one notice: {whats:?}");
    let released = timeline.iter().find(|entry| entry["what"] == "released").expect("it says that it was released");
    let why = released["why"].as_str().unwrap_or_default();
    assert!(why.contains("P2004") || why.contains("e-mail"), "why it was released: {why}");

    // The command line says the same.
    let (url, token) = (format!("http://{}", stage.demo.told("http")), stage.demo.told("token").to_owned());
    let why = punctual(folder.path())
        .args(["why", "northside-chiron", "A-2004", "--url", &url, "--token", &token])
        .output()
        .unwrap();
    let said = String::from_utf8(why.stdout).unwrap();
    assert!(why.status.success() && said.contains("in sync"), "{said}");
    stage.demo.stop();
}

/// The fields of the only form of a page that has an address in it, with their values.
fn fields_of(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let begin = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        tag[begin..].find('"').map(|end| tag[begin..begin + end].to_owned())
    };
    let tags = page.split('<').filter(|tag| tag.starts_with("input "));
    tags.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))).collect()
}

#[test]
fn the_link_of_the_demo_logs_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::set(folder.path());
    let link = stage.demo.told("login").to_owned();
    let path = &link[link.find("/login").expect("it leads to the login")..];
    let first = stage.console.get(path);
    assert_eq!(first.status, 200);
    let cookie = first.cookie().expect("it opens a session");
    let today = stage.console.cookie(&cookie).get("/");
    assert_eq!(today.status, 200);
    assert!(today.body.contains("A-2004"), "the visit in half an hour is on the first page");
    let second = stage.console.get(path);
    assert_eq!((second.status, second.cookie()), (401, None), "the link is used up");
    stage.demo.stop();
}
