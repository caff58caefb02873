//! Flags win over the environment, the environment over the file, the file over the defaults.

use crate::support::{Client, Finished, Mllp, Punctual, Visit, punctual};
use std::path::Path;

const ANY: &str = "http = \"127.0.0.1:0\"\nmllp = \"127.0.0.1:0\"\n";

fn write(folder: &Path, text: &str) {
    std::fs::write(folder.join("punctual.toml"), text).unwrap();
}

/// Where a service put its store.
fn store_in(folder: &Path, name: &str) -> bool {
    folder.join(name).join("punctual.db").exists()
}

#[test]
fn each_place_wins_over_the_next() {
    let file = format!("{ANY}data = \"of-file\"\n");
    let cases: [(&str, Option<&str>, Option<&str>, &str); 4] = [
        (&file, Some("of-environment"), Some("of-flag"), "of-flag"),
        (&file, Some("of-environment"), None, "of-environment"),
        (&file, None, None, "of-file"),
        (ANY, None, None, "punctual-data"),
    ];
    for (file, environment, flag, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), file);
        let mut command = punctual(folder.path());
        command.args(["serve", "--config", "punctual.toml"]);
        command.args(flag.iter().flat_map(|data| ["--data", data]));
        command.envs(environment.map(|data| ("PUNCTUAL_DATA", data)));
        Punctual::start(&mut command).stop();
        assert!(store_in(folder.path(), expected), "{expected}");
    }
}

#[test]
fn the_file_may_be_named_by_the_environment_and_serves_other_commands_too() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &format!("{ANY}data = \"here\"\n"));
    let mut create = punctual(folder.path());
    create
        .env("PUNCTUAL_CONFIG", "punctual.toml")
        .args(["token", "create", "--role", "admin", "--name", "T", "--json"]);
    let token = Finished::of(&mut create).json()["token"].as_str().unwrap().to_owned();
    assert!(store_in(folder.path(), "here"));
    let service = Punctual::start(punctual(folder.path()).env("PUNCTUAL_CONFIG", "punctual.toml").arg("serve"));
    let api = Client::new(service.told("http"));
    assert_eq!(api.get("/api/v1/integrations").status, 401);
    assert_eq!(api.token(&token).get("/api/v1/integrations").status, 200, "the token is known where it was made");
    service.stop();
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_would_be_right() {
    let cases = [
        ("htpp = \"127.0.0.1:0\"\n", vec!["line 1", "`htpp`", "`http`", "`public_origin`"]),
        ("data = \"x\"\n[limits]\nmessage_byte = 5\n", vec!["line 3", "`message_byte`", "`message_bytes`"]),
        ("http = \"here\"\n", vec!["line 1", "socket address"]),
        ("[limits]\nmessage_bytes = 5\n", vec!["limits.message_bytes", "1024"]),
        ("public_origin = \"punctual.example\"\n", vec!["public_origin", "https://punctual.example"]),
        ("public_origin = \"https://punctual.example/console\"\n", vec!["public_origin"]),
        ("[log]\nlevel = \"engine=loud\"\n", vec!["log.level", "info"]),
        ("[log]\nformat = \"xml\"\n", vec!["line 2", "`json`"]),
        ("store = \"oracle://x\"\n", vec!["oracle", "sqlite:PATH"]),
    ];
    for (text, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), text);
        let ended = Finished::of(punctual(folder.path()).args(["serve", "--config", "punctual.toml"]));
        assert_eq!(ended.code, 2, "{text}: {}", ended.err);
        for expected in expected {
            assert!(ended.err.contains(expected), "{text}: {expected} is not in {}", ended.err);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let ended = Finished::of(punctual(folder.path()).args(["serve", "--config", "missing.toml"]));
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("missing.toml"), "{}", ended.err);
}

#[test]
fn a_message_over_the_limit_is_refused_by_every_way_in() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &format!("{ANY}[limits]\nmessage_bytes = 2000\n"));
    let token =
        Finished::of(punctual(folder.path()).args(["token", "create", "--role", "admin", "--name", "T", "--json"]));
    let token = token.json()["token"].as_str().unwrap().to_owned();
    let document = crate::support::document("webhook", "http://127.0.0.1:9/hook", "");
    std::fs::write(folder.path().join("practice.toml"), document).unwrap();
    let mut apply = punctual(folder.path());
    Finished::of(apply.env("HOOK_SECRET", crate::support::SECRET).args(["apply", "practice.toml"])).done();
    let service = Punctual::start(punctual(folder.path()).args(["serve", "--config", "punctual.toml"]));
    let mut feed = Mllp::connect(service.told("mllp")).unwrap();
    let (_, message) = Visit::new("A-1").message("S12");
    assert_eq!(feed.send(&message).unwrap().0, "AA");
    let (_, message) = Visit::new("A-2").message("S12");
    let large = format!("{message}NTE|1||{}\r", "x".repeat(2000));
    let (code, _, answer) = feed.send(&large).unwrap();
    assert_eq!(code, "AR", "{answer}");
    assert!(answer.contains("2000"), "the limit is told: {answer}");
    let api = Client::new(service.told("http")).token(&token);
    let path = format!("/api/v1/integrations/{}/envelopes", crate::support::INTEGRATION);
    assert_eq!(api.send("POST", &path, "application/hl7-v2", &large).status, 413);
    assert_eq!(api.send("POST", &path, "application/hl7-v2", &message).status, 202);
    service.stop();
}

#[test]
fn no_more_connections_than_allowed() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &format!("{ANY}[limits]\nconnections = 1\n"));
    let service = Punctual::start(punctual(folder.path()).args(["serve", "--config", "punctual.toml"]));
    let mut first = Mllp::connect(service.told("mllp")).unwrap();
    let (_, message) = Visit::new("A-1").message("S12");
    assert_eq!(first.send(&message).unwrap().0, "AR", "nobody's message, but answered");
    let mut second = Mllp::connect(service.told("mllp")).unwrap();
    assert!(second.send(&message).is_err(), "one more is turned away");
    assert_eq!(first.send(&message).unwrap().0, "AR", "the first goes on");
    service.stop();
}

#[test]
fn private_addresses_are_called_only_where_the_list_names_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("practice.toml"),
        crate::support::document("webhook", "http://10.11.12.13/hook", ""),
    )
    .unwrap();
    let apply = |more: &[&str]| {
        let mut command = punctual(folder.path());
        command.env("HOOK_SECRET", crate::support::SECRET).args(["apply", "practice.toml"]).args(more);
        Finished::of(&mut command)
    };
    let refused = apply(&[]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("10.11.12.13"), "{}", refused.err);
    apply(&["--allow-private", "10.9.9.9,10.11.12.13", "--dry-run"]).done();
    write(folder.path(), "allow_private = [\"10.11.12.13\"]\n");
    apply(&["--config", "punctual.toml"]).done();
}

#[test]
fn logs_are_written_as_asked_and_hold_no_names() {
    for (format, level, expected) in [("json", "debug", Some('{')), ("text", "debug", None)] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &format!("{ANY}[log]\nformat = \"{format}\"\nlevel = \"{level}\"\n"));
        let service = Punctual::start(punctual(folder.path()).args(["serve", "--config", "punctual.toml"]));
        let mut feed = Mllp::connect(service.told("mllp")).unwrap();
        feed.send(&Visit::new("A-1").message("S12").1).unwrap();
        let (_, err) = service.stop();
        assert!(!err.is_empty(), "at {level} something is logged");
        for line in err.lines() {
            assert_eq!(line.starts_with('{'), expected.is_some(), "{format}: {line}");
        }
        assert!(!err.contains("FamA-1") && !err.contains("example.com"), "{err}");
    }
}
