//! People are told, once: patients by e-mail and text message, the clinic of what stops its visits, and that its
//! integration is live. The mail server is one that we did not write.

use crate::support::{
    INTEGRATION, Mllp, PostOffice, Punctual, Receiver, Scene, Visit, command, document, entries, header, until,
};
use serde_json::{Value, json};
use std::path::Path;

const PEOPLE: &str = r#"
[integration.notices]
patients = "punctual"
clinic = true
[[integration.owner]]
role = "support"
name = "Platform support"
email = "support@platform.example"
[[integration.owner]]
role = "admin"
name = "Sam Roe"
email = "sam@northside.example"
"#;

/// `gateway`: for text messages; empty: there is none.
fn serve(folder: &Path, office: &PostOffice, gateway: &str) -> Punctual {
    let mut command = command(folder);
    command
        .args(["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0", "--smtp", &office.address()])
        .args(["--mail-from", "Northside Clinic <post@northside.example>"]);
    if !gateway.is_empty() {
        command.args(["--sms", gateway]);
    }
    Punctual::start(&mut command)
}

fn scene(office: &PostOffice, platform: &Receiver, gateway: &str, more: &str) -> Scene {
    let document = document("chiron", &platform.url(), &format!("{PEOPLE}{more}"));
    Scene::served_by(&document, |folder| serve(folder, office, gateway))
}

fn letters_to<'l>(letters: &'l [String], address: &str) -> Vec<&'l String> {
    letters.iter().filter(|letter| header(letter, "To") == address).collect()
}

fn until_letters(office: &PostOffice, address: &str, count: usize) -> Vec<String> {
    until(&format!("{count} letters to {address}"), || {
        let letters = office.letters();
        let to: Vec<String> = letters_to(&letters, address).into_iter().cloned().collect();
        if to.len() >= count { Ok(to) } else { Err(format!("{} letters", to.len())) }
    })
}

/// How often a visit's timeline says that a patient was told.
fn told(explanation: &Value) -> usize {
    let said = entries(explanation, "told").into_iter().filter_map(|entry| entry["why"].as_str());
    said.filter(|why| why.contains("was told by")).count()
}

#[test]
fn a_patient_is_told_of_each_change_once_and_of_a_replay_never() {
    let (office, platform) = (PostOffice::open(), Receiver::start());
    let mut scene = scene(&office, &platform, "http://127.0.0.1:1/sms", "");
    let visit = Visit::new("N-1");
    scene.tell(&visit, "S12");
    let booked = until_letters(&office, "n-1@example.com", 1);
    assert!(header(&booked[0], "Subject").starts_with("Your visit on "), "{}", booked[0]);
    assert_eq!(header(&booked[0], "From"), "\"Northside Clinic\" <post@northside.example>");
    assert_eq!(header(&booked[0], "Auto-Submitted"), "auto-generated");
    assert!(header(&booked[0], "Message-ID").ends_with("@northside.example>"));
    assert!(header(&booked[0], "Content-Type").starts_with("multipart/alternative"));
    assert!(booked[0].contains("Northside Family Clinic") && booked[0].contains("3:00 PM"), "{}", booked[0]);
    for private in ["Cole", "Telemedicine", "N-1\r", "P-N-1", "FamN-1"] {
        assert!(!booked[0].contains(private), "{private} is nobody's business: {}", booked[0]);
    }
    scene.when("N-1", "is told of", |explanation| told(explanation) == 1);

    // The same again, and a change that is not worth a letter.
    scene.tell(&visit, "S12");
    scene.tell(&visit, "S14");
    let moved = Visit { minute: 30, ..visit };
    scene.tell(&moved, "S13");
    until_letters(&office, "n-1@example.com", 2);
    scene.when("N-1", "is told of", |explanation| told(explanation) == 2);
    scene.tell(&moved, "S15");
    let letters = until_letters(&office, "n-1@example.com", 3);
    scene.when("N-1", "is told of", |explanation| told(explanation) == 3);
    let mut subjects: Vec<String> = letters.iter().map(|letter| header(letter, "Subject")).collect();
    subjects.sort();
    assert!(subjects[0].starts_with("Your visit on") && subjects[1].ends_with("is cancelled"), "{subjects:?}");
    assert!(subjects[2].starts_with("Your visit was moved to"), "{subjects:?}");
    scene.service.stop();
    assert_eq!(office.letters().len(), 3);
}

#[test]
fn a_letter_waits_for_its_server_and_goes_once_or_not_at_all() {
    let (mut office, platform) = (PostOffice::closed(), Receiver::start());
    let mut scene = scene(&office, &platform, "http://127.0.0.1:1/sms", "");
    let visits = [Visit::new("W-1"), Visit::new("W-2")];
    for visit in &visits {
        scene.tell(visit, "S12");
        scene.becomes(&visit.source_id, "in_sync");
    }
    // It was called off before the letter could go: nobody is told of a visit that they never heard of.
    scene.tell(&visits[1], "S15");
    scene.when("W-2", "is told as ended", |explanation| explanation["appointment"]["status"] == "cancelled");
    scene.service.kill();
    office.start();
    let service = serve(scene.folder.path(), &office, "http://127.0.0.1:1/sms");
    let letters = until_letters(&office, "w-1@example.com", 1);
    assert!(header(&letters[0], "Subject").starts_with("Your visit on"));
    service.stop();
    assert_eq!(office.letters().len(), 1, "one letter, and none about the other visit");
}

#[test]
fn who_has_no_usable_address_gets_a_text_message() {
    let (office, platform, gateway) = (PostOffice::open(), Receiver::start(), Receiver::start());
    let more = "[[integration.override]]\npath = \"platform.email.required\"\nvalue = false\nauthor = \"Test\"\nreason = \"By phone\"\n";
    let mut scene = scene(&office, &platform, &gateway.url(), more);
    let visit = Visit { email: String::new(), ..Visit::new("T-1") };
    let address = scene.service.told("mllp").to_owned();
    let (_, message) = visit.message("S12");
    let mobile = message.replace("^NET^Internet^", "^PRN^CP^^1^555^0100142");
    let (code, _, answer) = Mllp::connect(&address).unwrap().send(&mobile).unwrap();
    assert_eq!(code, "AA", "{answer}");
    let sent =
        until("a text message", || gateway.deliveries().first().map(|sent| sent.json.clone()).ok_or_else(String::new));
    assert!(sent["text"].as_str().unwrap().starts_with("Northside Family Clinic: your visit is booked"), "{sent}");
    assert!(sent["to"].as_str().unwrap().contains("0100142"), "{sent}");
    let explained = scene.when("T-1", "is told of", |explanation| told(explanation) == 1);
    assert!(explained["timeline"].to_string().contains("told by text message in English"), "{explained}");

    // Whom nobody knows how to reach is told of before anything is tried.
    let silent = Visit { email: String::new(), minute: 30, ..Visit::new("T-2") };
    scene.tell(&silent, "S12");
    let explained = scene.when("T-2", "says why nobody is told", |explanation| {
        explanation["findings"].to_string().contains("MOBILE_MISSING") && explanation["verdict"] == "in_sync"
    });
    assert_eq!(told(&explained), 0, "{explained}");
    assert_eq!(gateway.deliveries().len(), 1, "no message is attempted");
    scene.service.stop();
    assert_eq!(office.letters().len(), 0);
}

#[test]
fn who_is_reached_by_no_way_that_is_set_up_is_a_task_for_the_desk() {
    let (office, platform) = (PostOffice::open(), Receiver::start());
    let more = "[[integration.override]]\npath = \"platform.email.required\"\nvalue = false\nauthor = \"Test\"\nreason = \"By phone\"\n";
    let scene = scene(&office, &platform, "", more);
    let visit = Visit { email: String::new(), ..Visit::new("T-1") };
    let address = scene.service.told("mllp").to_owned();
    let (_, message) = visit.message("S12");
    let mobile = message.replace("^NET^Internet^", "^PRN^CP^^1^555^0100142");
    let (code, _, answer) = Mllp::connect(&address).unwrap().send(&mobile).unwrap();
    assert_eq!(code, "AA", "{answer}");
    let explained = scene.when("T-1", "is not told of", |explanation| {
        explanation["timeline"].to_string().contains("was not told (booked)")
    });
    assert_eq!(explained["verdict"], "in_sync");
    let causes = scene.api.json(&format!("/api/v1/causes?integration={INTEGRATION}"));
    let of_the_visit = causes["items"].as_array().unwrap().iter().filter(|item| item["subject"] == "T-1");
    let codes: Vec<&str> = of_the_visit.filter_map(|item| item["code"].as_str()).collect();
    assert_eq!(codes, ["SYNCED_NOT_NOTIFIED"], "{causes}");
    scene.service.stop();
    assert_eq!(office.letters().len(), 0);
}

#[test]
fn the_team_is_told_once_that_it_is_live() {
    let (office, platform) = (PostOffice::open(), Receiver::start());
    let document = document("chiron", &platform.url(), PEOPLE).replace("\"live\"", "\"configured\"");
    let scene = Scene::served_by(&document, |folder| serve(folder, &office, "http://127.0.0.1:1/sms"));
    for to in ["live", "paused", "live"] {
        let path = format!("/api/v1/integrations/{INTEGRATION}/lifecycle");
        let moved = scene.api.post(&path, &json!({ "to": to }));
        assert!(moved.status < 300, "{}", moved.body);
    }
    let letters = until_letters(&office, "sam@northside.example", 1);
    assert_eq!(header(&letters[0], "Subject"), format!("Your integration is live ({INTEGRATION})"));
    until_letters(&office, "support@platform.example", 1);
    let item = until("it is told on the integration", || {
        let item = scene.api.json(&format!("/api/v1/integrations/{INTEGRATION}"));
        if item["live_notice"]["state"] == "sent" { Ok(item) } else { Err(item.to_string()) }
    });
    assert!(item["live_notice"]["at"].as_str().is_some(), "{item}");
    scene.service.stop();
    assert_eq!(office.letters().len(), 2);
}

#[test]
fn a_pause_before_a_letter_went_only_puts_it_off() {
    let (mut office, platform) = (PostOffice::closed(), Receiver::start());
    let document = document("chiron", &platform.url(), PEOPLE).replace("\"live\"", "\"configured\"");
    let mut scene = Scene::served_by(&document, |folder| serve(folder, &office, "http://127.0.0.1:1/sms"));
    let integration = format!("/api/v1/integrations/{INTEGRATION}");
    let moves = |scene: &Scene, to: &str| {
        let moved = scene.api.post(&format!("{integration}/lifecycle"), &json!({ "to": to }));
        assert!(moved.status < 300, "{}", moved.body);
    };
    moves(&scene, "live");
    scene.tell(&Visit::new("L-1"), "S12");
    scene.becomes("L-1", "in_sync");
    moves(&scene, "paused");
    until("the pause is noticed", || {
        let notice = scene.api.json(&integration)["live_notice"].clone();
        let put_off = notice["why"].as_str().is_some_and(|why| why.starts_with("put off"));
        if notice["state"] == "due" && put_off { Ok(()) } else { Err(notice.to_string()) }
    });
    office.start();
    moves(&scene, "live");
    for address in ["sam@northside.example", "support@platform.example", "l-1@example.com"] {
        until_letters(&office, address, 1);
    }
    scene.when("L-1", "is told of", |explanation| told(explanation) == 1);
    scene.service.stop();
    assert_eq!(office.letters().len(), 3, "once each");
}
