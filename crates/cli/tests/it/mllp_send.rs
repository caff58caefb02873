//! A client that we did not write: `mllp_send` of the Python package `hl7`, against the real binary.
//!
//! `./test` installs it and says where it is; it is never skipped.

use crate::support::{Finished, INTEGRATION, Scene, Visit, document};
use std::path::PathBuf;
use std::process::Command;

/// The client, where `./test` has put it.
#[expect(clippy::disallowed_methods, reason = "which client to use is said by the environment of the tests")]
fn client() -> PathBuf {
    let named = std::env::var_os("PUNCTUAL_TEST_HL7_CLIENT").map(PathBuf::from);
    let installed = || {
        PathBuf::from(env!("CARGO_BIN_EXE_punctual"))
            .ancestors()
            .nth(2)
            .map(|target| target.join("hl7-client/bin/mllp_send"))
    };
    match named.or_else(installed) {
        Some(client) if client.exists() => client,
        _ => panic!(
            "mllp_send is missing. `./test needs` installs it; or install the Python package hl7 and set \
             PUNCTUAL_TEST_HL7_CLIENT to the path of its mllp_send."
        ),
    }
}

/// An answer as the client printed it.
#[derive(Debug)]
struct Answer {
    /// MSA-1 and MSA-2.
    code: String,
    answers: String,
    /// The fields of ERR, where there is one.
    err: Option<Vec<String>>,
}

/// Sends messages over one connection; the answers in their order. `loose`: as a file of plain text lines, which the
/// client cuts into messages itself; else as a dump of frames, which it sends as they are.
fn send(scene: &Scene, messages: &[String], loose: bool) -> Vec<Answer> {
    let file = scene.folder.path().join("messages.hl7");
    let text: String = match loose {
        true => messages.iter().map(|message| message.replace('\r', "\n")).collect(),
        false => messages.iter().map(|message| format!("\x0b{message}\x1c\r")).collect(),
    };
    std::fs::write(&file, text).expect("the file can be written");
    let (host, port) = scene.service.told("mllp").rsplit_once(':').expect("an address with a port");
    let mut command = Command::new(client());
    command.arg("-p").arg(port).arg("-f").arg(&file);
    if loose {
        command.arg("--loose");
    }
    let out = Finished::of(command.arg(host)).done();
    let answers: Vec<Answer> = out.split_terminator("\x1c\r\n").map(read).collect();
    assert_eq!(answers.len(), messages.len(), "{out}");
    answers
}

fn read(answer: &str) -> Answer {
    let segment = |name: &str| {
        let found = answer.split('\r').find(|segment| segment.starts_with(name))?;
        Some(found.split('|').map(str::to_owned).collect::<Vec<String>>())
    };
    assert!(answer.starts_with("\x0bMSH|"), "{answer}");
    let msa = segment("MSA").expect("an answer has MSA");
    Answer { code: msa[1].clone(), answers: msa.get(2).cloned().unwrap_or_default(), err: segment("ERR") }
}

/// A scene whose platform nobody answers for: what matters here is the way in.
fn scene() -> Scene {
    Scene::of(&document("chiron", "http://127.0.0.1:9/hook", ""))
}

#[test]
fn a_booking_is_acknowledged_and_then_explained() {
    let scene = scene();
    let visits: Vec<Visit> = (0..25).map(|n| Visit::new(&format!("MS-{n:02}"))).collect();
    let sent: Vec<(String, String)> = visits.iter().map(|visit| visit.message("S12")).collect();
    for loose in [true, false] {
        // The second time it is a repetition: the same answers, and nothing twice.
        let answers = send(&scene, &sent.iter().map(|(_, message)| message.clone()).collect::<Vec<_>>(), loose);
        for (answer, (control_id, _)) in answers.iter().zip(&sent) {
            assert_eq!((answer.code.as_str(), &answer.answers), ("AA", control_id), "{answer:?}");
            assert!(answer.err.is_none(), "{answer:?}");
        }
    }
    for visit in &visits {
        let why = Finished::of(scene.command().args(["why", INTEGRATION, &visit.source_id, "--json"])).json();
        assert_eq!(why["source_id"], visit.source_id.as_str());
        assert!(why["verdict"].as_str().is_some_and(|verdict| verdict != "unexplained"), "{why:#}");
        let received = why["timeline"].as_array().expect("a timeline").iter();
        assert_eq!(received.filter(|entry| entry["what"] == "received").count(), 1, "{why:#}");
    }
    let plain = Finished::of(scene.command().args(["why", INTEGRATION, "MS-07"])).done();
    assert!(plain.contains("MS-07") && plain.contains("Telemedicine Visit"), "{plain}");
    scene.service.stop();
}

#[test]
fn what_cannot_be_taken_is_refused_with_its_place_and_kept() {
    let scene = scene();
    let (_, good) = Visit::new("MS-REF").message("S12");
    let header = |of: &str, to: &str| good.replacen(of, to, 1);
    let cases = [
        (header("SIU^S12^SIU_S12", "ORU^R01^ORU_R01"), "AR", "MSH^1^9^1^1"),
        (header("SIU^S12^SIU_S12", "SIU^S99"), "AR", "MSH^1^9^1^2"),
        (header("|NORTHSIDE|", "|EASTSIDE|"), "AR", "MSH^1^4^1^1"),
        (good.replace("15000", "95000"), "AE", "SCH^1^11^1^4"),
        (header("SCH||MS-REF|", "SCH|||"), "AE", "SCH^1^2^1"),
        (good.lines().collect::<Vec<_>>().join("\r").replace("\rSCH|", "\rZCH|"), "AE", "SCH^1"),
        ("Dear Sir or Madam".to_owned(), "AR", ""),
        (good.replacen("MSH|^~\\&|", "MSH|", 1), "AR", "MSH^1^2^1"),
    ];
    let messages: Vec<String> = cases.iter().map(|(message, ..)| message.clone()).collect();
    let answers = send(&scene, &messages, false);
    for (answer, (message, code, place)) in answers.iter().zip(&cases) {
        assert_eq!(answer.code, *code, "{answer:?} to {message}");
        let err = answer.err.as_ref().unwrap_or_else(|| panic!("no ERR to {message}"));
        assert_eq!(err[2], *place, "{err:?} to {message}");
        assert!(!err[3].is_empty() && err[4] == "E" && err[7].ends_with('.'), "a code and a reason: {err:?}");
    }
    // What belongs to the practice is on its list; what belongs to nobody is not.
    let listed = scene.api.json(&format!("/api/v1/integrations/{INTEGRATION}/envelopes"));
    let states: Vec<&str> =
        listed["items"].as_array().expect("a list").iter().filter_map(|item| item["state"].as_str()).collect();
    assert_eq!(states, ["set_aside", "set_aside", "set_aside", "refused", "refused"], "newest first: {listed:#}");
    // And the feed goes on.
    assert_eq!(send(&scene, &[good], true)[0].code, "AA");
    let why = Finished::of(scene.command().args(["why", INTEGRATION, "MS-REF", "--json"])).json();
    assert_eq!(why["source_id"], "MS-REF");
    scene.service.stop();
}
