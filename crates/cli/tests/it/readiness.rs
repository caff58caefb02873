//! `punctual check`: what is missing before an integration may go live.

use crate::support::{Finished, INTEGRATION, command, document};
use serde_json::Value;
use std::path::Path;

/// A practice of which nothing is missing.
fn complete() -> String {
    let owners = ["desk", "admin", "support", "engineer"];
    let owners = owners.map(|role| format!("[[integration.owner]]\nrole = \"{role}\"\nname = \"Somebody\"\n"));
    document("chiron", "http://127.0.0.1:9/hook", &owners.concat())
        .replace("source_id = \"DR9\"", "source_id = \"DR9\"\nplatform_id = \"prov_9\"")
        .replace("lifecycle = \"live\"", "lifecycle = \"configured\"")
}

fn check(folder: &Path, more: &[&str]) -> Finished {
    Finished::of(command(folder).args(["check", INTEGRATION]).args(more))
}

/// What is missing of a practice: the checks, with reason and role.
fn missing(document: &str) -> (i32, Vec<(String, String, String)>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("practice.toml"), document).unwrap();
    Finished::of(command(folder.path()).args(["apply", "practice.toml"])).done();
    let ended = check(folder.path(), &["--json"]);
    let readiness: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(readiness["ready"], ended.code == 0, "{readiness}");
    let items = readiness["items"].as_array().unwrap().iter().filter(|item| item["state"] == "missing");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = |item: &Value| {
        assert!(item["fix"].is_string() && item["found"].is_string(), "{item}");
        (text(&item["check"]), text(&item["code"]), text(&item["owner"]["role"]))
    };
    (ended.code, items.map(told).collect())
}

#[test]
fn s0_11_what_is_missing_is_listed_with_who_does_it() {
    let row = |check: &str, code: &str, role: &str| (check.to_owned(), code.to_owned(), role.to_owned());
    assert_eq!(missing(&complete()), (0, Vec::new()));
    assert_eq!(missing(&complete().replace("\"configured\"", "\"live\"")), (0, Vec::new()));
    let cases = [
        (
            complete().replace("platform_id = \"prov_9\"\n", ""),
            vec![row("provider", "NO_CONNECTED_PROVIDER_ACCOUNT", "support")],
        ),
        (complete().replace("\"configured\"", "\"authorized\""), vec![row("sign_off", "CONFIG_INCOMPLETE", "support")]),
        (
            complete().replace("\"configured\"", "\"initiated\""),
            vec![row("access", "AUTHORIZATION_PENDING", "ehr_vendor"), row("sign_off", "CONFIG_INCOMPLETE", "support")],
        ),
        (complete().replace(", facility = \"NORTHSIDE\"", ""), vec![row("feed_address", "", "engineer")]),
        (complete().replace("HOOK_SECRET", "NO_SUCH_SECRET"), vec![row("secret", "CREDENTIAL_MISSING", "admin")]),
        (
            complete().replace("profile = \"kareo\"", "profile = \"hs1-exact\""),
            vec![row("pair", "PLATFORM_UNSUPPORTED", "support")],
        ),
        (complete().split("[[integration.owner]]").next().unwrap().to_owned(), vec![row("owners", "", "admin")]),
        (
            complete().split("[[integration.type]]").next().unwrap().to_owned()
                + "[[integration.owner]]\nrole = \"desk\"\nname = \"Somebody\"\n",
            vec![row("types", "CONFIG_INCOMPLETE", "support"), row("providers", "CONFIG_INCOMPLETE", "support")],
        ),
    ];
    for (document, expected) in cases {
        assert_eq!(missing(&document), (1, expected), "{document}");
    }
}

#[test]
fn a_check_is_for_people_too_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("practice.toml"), complete().replace("platform_id = \"prov_9\"\n", "")).unwrap();
    Finished::of(command(folder.path()).args(["apply", "practice.toml"])).done();
    let before = Finished::of(command(folder.path()).args(["export", "northside"])).done();
    let ended = check(folder.path(), &[]);
    assert_eq!(ended.code, 1);
    for expected in [
        "northside-chiron may not go live yet; it is configured.",
        "provider DR9 (Kim Lee, active) is not linked with the platform (NO_CONNECTED_PROVIDER_ACCOUNT)",
        "Platform support (Somebody): ",
        "Worth doing",
        "nothing has been read from the practice system yet",
    ] {
        assert!(ended.out.contains(expected), "{expected} is not in:\n{}", ended.out);
    }
    assert_eq!(Finished::of(command(folder.path()).args(["export", "northside"])).done(), before);

    let unknown = Finished::of(command(folder.path()).args(["check", "atlantis"]));
    assert_eq!(unknown.code, 2, "{}", unknown.err);
    let nowhere = tempfile::tempdir().unwrap();
    assert_eq!(check(nowhere.path(), &[]).code, 2, "there is no store");
}
