//! The messages of `fixtures/hl7/malformed`, each with what is wrong with it and the answer it must get.

use crate::malformed::door::Door;
use std::collections::BTreeMap;
use std::path::PathBuf;
use store::EnvelopeState;

/// What the table says of one message.
struct Expected {
    answer: String,
    at: String,
    says: String,
    visit: String,
    finds: Vec<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_made_by_hand_get_the_answers_of_their_table() {
    let table = table();
    let mut door = Door::open().await;
    for (name, expected) in &table {
        let message = message(name);
        let heard = door.push(name, &message).await;
        assert_eq!(heard.code, expected.answer, "{name}: {heard:?}");
        if expected.answer == "AA" {
            check_taken(&door, name, expected, &message).await;
            continue;
        }
        assert_eq!(heard.places.join(" "), expected.at, "{name}: {heard:?}");
        assert!(heard.says[0].contains(&expected.says), "{name}: {heard:?}");
    }
    let sent = door.close().await;
    assert_eq!(sent, table.len());
    assert!(sent >= 60, "only {sent} messages");
    println!("{sent} messages made by hand, each with a good one behind it");
}

/// The visit stands in the books, with the message behind it and the findings that its oddity deserves.
async fn check_taken(door: &Door, name: &str, expected: &Expected, message: &[u8]) {
    let Some(told) = door.world.explain(&expected.visit).await else { panic!("{name}: no visit {}", expected.visit) };
    let envelope = told["timeline"][0]["envelope"].as_str().unwrap().parse().unwrap();
    let kept = door.world.reader().envelope(envelope).unwrap().unwrap();
    assert_eq!((kept.state, kept.body == message), (EnvelopeState::Applied, true), "{name}: kept as it came");
    assert!(told["verdict"].is_string() && told["verdict"] != "unexplained", "{name}: {told:#}");
    let findings = told["findings"].as_array().unwrap();
    let codes: Vec<&str> = findings.iter().filter_map(|finding| finding["code"].as_str()).collect();
    for code in &expected.finds {
        assert!(codes.contains(&code.as_str()), "{name}: {code} is not among {codes:?}");
    }
    if expected.finds.is_empty() {
        let stopping = findings.iter().filter(|finding| finding["state"] == "fail").collect::<Vec<_>>();
        assert!(stopping.is_empty(), "{name}: nothing is wrong with the visit, {stopping:?}");
    }
}

#[test]
fn every_message_of_the_folder_is_in_the_table() {
    let listed: Vec<String> = table().into_keys().collect();
    let mut there: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".hl7")?.to_owned()))
        .collect();
    there.sort_unstable();
    assert_eq!(listed, there);
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/hl7/malformed"))
}

/// A message as it goes over the wire: files that have no CR have it put in for their LF.
fn message(name: &str) -> Vec<u8> {
    let mut bytes = std::fs::read(folder().join(format!("{name}.hl7"))).unwrap();
    if !bytes.contains(&b'\r') {
        bytes.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b'\r');
    }
    bytes
}

fn table() -> BTreeMap<String, Expected> {
    let text = std::fs::read_to_string(folder().join("expected.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let read = |name: &String, row: &toml::Value| {
        let word = |key: &str| row.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let finds = row.get("finds").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        assert!(!word("wrong").is_empty(), "{name}: say what is wrong with it");
        Expected {
            answer: word("answer"),
            at: word("at"),
            says: word("says"),
            visit: word("visit"),
            finds: finds.iter().filter_map(|code| Some(code.as_str()?.to_owned())).collect(),
        }
    };
    table.iter().map(|(name, row)| (name.clone(), read(name, row))).collect()
}
