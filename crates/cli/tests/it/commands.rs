//! The other commands, as a person or a script uses them.

use crate::support::{
    Client, Finished, INTEGRATION, Mllp, Receiver, Scene, Visit, command, data, document, punctual, serve, until,
};
use serde_json::Value;
use std::path::Path;

fn run(folder: &Path, args: &[&str]) -> Finished {
    Finished::of(command(folder).args(args))
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// A set-up whose platform is nobody.
fn nobody() -> String {
    document("chiron", "http://127.0.0.1:9/hook", "")
}

#[test]
fn a_dry_run_of_apply_tells_what_would_change_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "practice.toml", &nobody());
    let said = run(folder.path(), &["apply", "practice.toml", "--dry-run"]).done();
    assert!(said.contains("northside: created (nothing was written)"), "{said}");
    assert_eq!(run(folder.path(), &["export", "northside"]).code, 2, "there is no such practice yet");

    run(folder.path(), &["apply", "practice.toml"]).done();
    let messages: String = (0..3).map(|n| Visit::new(&format!("A-{n}")).with("DR9").message("S12").1).collect();
    write(folder.path(), "day.hl7", &messages);
    run(folder.path(), &["replay", "day.hl7", "--integration", INTEGRATION]).done();
    write(
        folder.path(),
        "linked.toml",
        &nobody().replace("source_id = \"DR9\"", "source_id = \"DR9\"\nplatform_id = \"prov_9\""),
    );
    let said = run(folder.path(), &["apply", "linked.toml", "--dry-run"]).done();
    assert!(said.contains("3 visits would change their verdict"), "{said}");
    assert!(said.contains("3 from held to on time"), "{said}");
    let why = run(folder.path(), &["why", INTEGRATION, "A-0", "--json"]).json();
    assert_eq!(why["verdict"], "held", "nothing was written");
    run(folder.path(), &["apply", "linked.toml"]).done();
    let why = run(folder.path(), &["why", INTEGRATION, "A-0", "--json"]).json();
    assert_eq!(why["verdict"], "on_time", "now it was");
}

#[test]
fn an_export_applied_elsewhere_gives_the_same_practice() {
    let here = tempfile::tempdir().unwrap();
    write(here.path(), "practice.toml", &nobody());
    run(here.path(), &["apply", "practice.toml"]).done();
    let exported = run(here.path(), &["export", "northside"]).done();
    assert!(!exported.contains("whsec_"), "an export holds no secret");
    write(here.path(), "again.toml", &exported);
    let report = run(here.path(), &["apply", "again.toml", "--json"]).json();
    assert_eq!(report["action"], "unchanged", "{report}");

    let there = tempfile::tempdir().unwrap();
    write(there.path(), "again.toml", &exported);
    run(there.path(), &["apply", "again.toml"]).done();
    assert_eq!(run(there.path(), &["export", "northside"]).done(), exported);
    let json = run(there.path(), &["export", "northside", "--json"]).json();
    assert_eq!(json["integration"][0]["id"], INTEGRATION);
}

#[test]
fn why_answers_from_the_store_and_from_a_service_and_says_so_by_its_status() {
    let platform = Receiver::start();
    let mut scene = Scene::of(&document("chiron", &platform.url(), ""));
    scene.tell(&Visit::new("A-1").with("DR9"), "S12");
    let url = format!("http://{}", scene.service.told("http"));
    let token = scene.token.clone();
    let ask = |args: &[&str], remote: bool| {
        let mut command = scene.command();
        command.arg("why").arg(INTEGRATION).args(args);
        if remote {
            command.env("PUNCTUAL_URL", &url).env("PUNCTUAL_TOKEN", &token);
        }
        Finished::of(&mut command)
    };
    for remote in [false, true] {
        let said = ask(&["A-1"], remote).done();
        assert!(said.starts_with("Held: Kim Lee (DR9) has no connected provider account."), "{said}");
        assert!(said.contains("AIP-3.1") && said.contains("What happened"), "{said}");
        let json = ask(&["A-1", "--json"], remote).json();
        assert_eq!((&json["verdict"], &json["source_id"]), (&"held".into(), &"A-1".into()));
        let found = ask(&["--patient", "P-A-1", "--json"], remote).json();
        assert_eq!(found["source_id"], "A-1");
        let unknown = ask(&["A-404"], remote);
        assert_eq!(unknown.code, 1, "the answer is no: {}", unknown.out);
        assert!(!unknown.out.is_empty(), "and says why");
    }
    assert_eq!(run(scene.folder.path(), &["why", "no-such-integration", "A-1"]).code, 2);
    assert_eq!(run(scene.folder.path(), &["why", INTEGRATION]).code, 2, "which visit?");
    scene.service.stop();
}

#[test]
fn tokens_are_made_and_revoked_beside_a_running_service() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(folder.path());
    let web = Client::new(service.told("http"));
    let made = run(folder.path(), &["token", "create", "--role", "engineer", "--name", "Ivo", "--json"]).json();
    let (id, secret) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    let api = web.token(secret);
    assert_eq!(api.get("/api/v1/integrations").status, 200, "it is good at once");

    let list = run(folder.path(), &["token", "list"]).done();
    assert!(list.contains(id) && list.contains("Ivo") && list.contains("engineer"), "{list}");
    assert!(!list.contains(secret), "the secret is shown once");
    run(folder.path(), &["token", "revoke", id]).done();
    assert_eq!(api.get("/api/v1/integrations").status, 401, "and no good at once");
    let list = run(folder.path(), &["token", "list", "--json"]).json();
    assert!(list[0]["revoked_at"].is_string(), "{list}");
    assert_eq!(run(folder.path(), &["token", "revoke", "tok_000000000000"]).code, 2);
    assert_eq!(run(folder.path(), &["token", "create", "--role", "king", "--name", "T"]).code, 2);
    let nowhere = run(folder.path(), &["token", "create", "--role", "desk", "--name", "T", "--practice", "atlantis"]);
    assert_eq!(nowhere.code, 2);
    service.stop();
}

#[test]
fn a_copy_made_beside_a_running_service_is_complete_and_goes_back() {
    let platform = Receiver::start();
    let mut scene = Scene::of(&document("chiron", &platform.url(), ""));
    for n in 0..20 {
        scene.tell(&Visit::new(&format!("A-{n}")), "S12");
    }
    let said = run(scene.folder.path(), &["backup", "copy.db"]).done();
    assert!(said.contains("copy.db holds a complete copy"), "{said}");
    let again = run(scene.folder.path(), &["backup", "copy.db"]);
    assert_eq!(again.code, 2, "a copy never writes over a file: {}", again.err);
    scene.tell(&Visit::new("A-later"), "S12");
    let before = scene.explanation("A-7");
    let Scene { folder, service, .. } = scene;
    service.stop();

    let there = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    run(there.path(), &["restore", copy.to_str().unwrap()]).done();
    let after = run(there.path(), &["why", INTEGRATION, "A-7", "--json"]).json();
    assert_eq!(after["appointment"], before["appointment"]);
    assert_eq!(run(there.path(), &["why", INTEGRATION, "A-later"]).code, 1, "that was later");
    let again = run(there.path(), &["restore", copy.to_str().unwrap()]);
    assert_eq!(again.code, 2, "never over a store that is there: {}", again.err);
    write(there.path(), "torn.db", "this is no store");
    let torn = punctual(there.path()).args(["restore", "torn.db", "--data", "elsewhere"]).output().unwrap();
    assert_eq!(torn.status.code(), Some(3));
    assert!(!there.path().join("elsewhere/punctual.db").exists(), "a copy that cannot be read becomes no store");
    let nothing = tempfile::tempdir().unwrap();
    assert_eq!(run(nothing.path(), &["backup", "copy.db"]).code, 2, "there is no store to copy");
    assert!(!data(nothing.path()).exists(), "and none was made");
}

#[test]
fn after_a_restore_no_version_and_no_event_id_is_used_again() {
    let platform = Receiver::start();
    let mut scene = Scene::of(&document("chiron", &platform.url(), ""));
    scene.tell(&Visit::new("A-1"), "S12");
    scene.becomes("A-1", "in_sync");
    run(scene.folder.path(), &["backup", "copy.db"]).done();
    // What the copy does not know of: a move, and another visit.
    scene.tell(&Visit { minute: 10, ..Visit::new("A-1") }, "S13");
    scene.tell(&Visit::new("A-2"), "S12");
    let sent = until("all three are sent", || {
        let sent = platform.deliveries();
        if sent.len() == 3 { Ok(sent) } else { Err(format!("{sent:?}")) }
    });
    let Scene { folder, service, .. } = scene;
    service.stop();

    let there = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    run(there.path(), &["restore", copy.to_str().unwrap()]).done();
    let service = serve(there.path());
    let mut feed = Mllp::connect(service.told("mllp")).unwrap();
    for (visit, trigger) in
        [(Visit { minute: 20, ..Visit::new("A-1") }, "S13"), (Visit { minute: 30, ..Visit::new("A-2") }, "S12")]
    {
        assert_eq!(feed.send(&visit.message(trigger).1).unwrap().0, "AA");
    }
    let after = until("both are sent", || {
        let all = platform.deliveries();
        if all.len() == 5 { Ok(all[3..].to_vec()) } else { Err(format!("{all:?}")) }
    });
    for new in &after {
        for old in sent.iter().filter(|old| old.source_id() == new.source_id()) {
            assert_ne!(new.id, old.id, "another content must not come under an id that the platform knows");
            assert!(new.version() > old.version(), "{} after {}", new.version(), old.version());
        }
    }
    service.stop();
    // A database that was put back by other means is told so.
    let said = run(there.path(), &["migrate", "--restored"]).done();
    assert!(said.contains("Versions go on above"), "{said}");
}

#[test]
fn messages_that_a_service_knows_already_are_told_as_such() {
    let platform = Receiver::start();
    let scene = Scene::of(&document("chiron", &platform.url(), ""));
    let messages: String = (0..3).map(|n| Visit::new(&format!("A-{n}")).message("S12").1).collect();
    write(scene.folder.path(), "day.hl7", &messages);
    let url = format!("http://{}", scene.service.told("http"));
    for (applied, repeated) in [(3, 0), (0, 3)] {
        let mut command = scene.command();
        command.args(["replay", "day.hl7", "--integration", INTEGRATION, "--json", "--url", &url]);
        let report = Finished::of(command.env("PUNCTUAL_TOKEN", &scene.token)).json();
        assert_eq!((&report["applied"], &report["repeated"]), (&applied.into(), &repeated.into()), "{report}");
    }
    scene.service.stop();
}

#[test]
fn one_visit_is_one_visit() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "practice.toml", &nobody());
    run(folder.path(), &["apply", "practice.toml"]).done();
    write(folder.path(), "day.hl7", &Visit::new("A-0").with("DR9").message("S12").1);
    run(folder.path(), &["replay", "day.hl7", "--integration", INTEGRATION]).done();
    let linked = nobody().replace("source_id = \"DR9\"", "source_id = \"DR9\"\nplatform_id = \"prov_9\"");
    write(folder.path(), "linked.toml", &linked);
    let said = run(folder.path(), &["apply", "linked.toml", "--dry-run"]).done();
    assert!(said.contains("1 visit would change its verdict"), "{said}");
    let said = run(folder.path(), &["apply", "linked.toml"]).done();
    assert!(said.contains("1 visit changes its verdict"), "{said}");
}

#[test]
fn fhir_files_are_replayed_line_by_line_or_as_a_bundle() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "practice.toml", &nobody());
    run(folder.path(), &["apply", "practice.toml"]).done();
    let visit =
        |id: &str| format!(r#"{{"resourceType":"Appointment","id":"{id}","status":"booked","participant":[]}}"#);
    write(
        folder.path(),
        "visits.ndjson",
        &format!("{}\n{{\"resourceType\":\"Slot\"}}\n{}\n", visit("F-1"), visit("F-2")),
    );
    let bundle = format!("{{\"resourceType\":\"Bundle\",\n\"entry\":[{{\"resource\":{}}}]}}\n", visit("F-3"));
    write(folder.path(), "page.json", &bundle);
    let replay = ["replay", "visits.ndjson", "page.json", "--integration", INTEGRATION, "--json"];
    let ended = run(folder.path(), &replay);
    assert_eq!(ended.code, 1, "one line is of another kind: {}{}", ended.out, ended.err);
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((told["applied"].as_u64(), told["refused"].as_u64()), (Some(3), Some(1)), "{told}");
    assert_eq!((&told["problems"][0]["message"], &told["problems"][0]["file"]), (&2.into(), &"visits.ndjson".into()));
    for id in ["F-1", "F-2", "F-3"] {
        assert!(run(folder.path(), &["why", INTEGRATION, id]).out.contains(id));
    }
}

#[test]
fn a_dry_run_of_replay_tells_what_would_come_of_it_and_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "practice.toml", &nobody());
    run(folder.path(), &["apply", "practice.toml"]).done();
    let messages: String = (0..5).map(|n| Visit::new(&format!("A-{n}")).message("S12").1).collect();
    write(folder.path(), "day.hl7", &format!("{messages}MSH|^~\\&|PM|ELSEWHERE\r"));
    let replay = |more: &[&str]| {
        let mut command = command(folder.path());
        command.env("TMPDIR", folder.path()).args(["replay", "day.hl7", "--integration", INTEGRATION, "--json"]);
        Finished::of(command.args(more))
    };
    let names = || {
        let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names
    };
    let before = names();
    let dry = replay(&["--dry-run"]);
    assert_eq!(dry.code, 1, "one message is refused: {}", dry.out);
    let dry: Value = serde_json::from_str(&dry.out).unwrap();
    assert_eq!((dry["applied"].as_u64(), dry["refused"].as_u64()), (Some(5), Some(1)));
    assert_eq!(dry["verdicts"]["on_time"]["after"], 5, "{dry}");
    assert_eq!(run(folder.path(), &["why", INTEGRATION, "A-0"]).code, 1, "nothing was written");
    assert_eq!(names(), before, "and the copy is gone");

    let wet: Value = serde_json::from_str(&replay(&[]).out).unwrap();
    assert_eq!(wet["verdicts"], dry["verdicts"], "what was told is what came");
    let again: Value = serde_json::from_str(&replay(&[]).out).unwrap();
    assert_eq!((again["applied"].as_u64(), again["repeated"].as_u64()), (Some(0), Some(5)), "known already");
}

#[test]
fn reasons_and_profiles_are_told_without_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let list = run(folder.path(), &["reasons"]).done();
    let all = run(folder.path(), &["reasons", "--json"]).json();
    for reason in all.as_array().unwrap() {
        let code = reason["code"].as_str().unwrap();
        assert!(list.contains(code), "{code}");
        assert!(["what", "fix", "owner", "heals", "class"].iter().all(|name| reason[*name].is_string()), "{reason}");
    }
    let one = run(folder.path(), &["reasons", "patient_email_missing"]).done();
    assert!(one.starts_with("PATIENT_EMAIL_MISSING: ") && one.contains("What to do"), "{one}");
    let near = run(folder.path(), &["reasons", "EMAIL_MISING"]);
    assert_eq!(near.code, 2);
    assert!(near.err.contains("PATIENT_EMAIL_MISSING"), "{}", near.err);

    let all = run(folder.path(), &["profiles", "--json"]).json();
    let ids: Vec<&str> = all.as_array().unwrap().iter().filter_map(|profile| profile["id"].as_str()).collect();
    assert!(ids.contains(&"kareo") && ids.contains(&"chiron"), "{ids:?}");
    for id in ids {
        assert!(run(folder.path(), &["profiles", id]).done().contains(&format!("({id}@")), "{id}");
    }
    assert_eq!(run(folder.path(), &["profiles", "atlantis"]).code, 2);
    assert!(!data(folder.path()).exists(), "and no store was made");
}

/// The names of the commands that a help text lists.
fn commands_of(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_help_of_every_command_has_an_example() {
    let folder = tempfile::tempdir().unwrap();
    let commands = commands_of(&run(folder.path(), &["--help"]).done());
    assert!(commands.len() >= 12, "{commands:?}");
    for name in &commands {
        let help = run(folder.path(), &[name, "--help"]).done();
        assert!(help.contains("Example") && help.contains(&format!("punctual {name}")), "{name}: {help}");
        for inner in commands_of(&help) {
            let help = run(folder.path(), &[name, &inner, "--help"]).done();
            assert!(help.contains(&format!("punctual {name} {inner}")), "{name} {inner}: {help}");
        }
    }
}

#[test]
fn wrong_use_is_2_and_what_could_not_be_done_is_3() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "practice.toml", &nobody());
    write(folder.path(), "torn.toml", "[practice]\nid = ");
    write(folder.path(), "unsigned.toml", &nobody().replace("HOOK_SECRET", "NO_SUCH_SECRET"));
    write(folder.path(), "empty.hl7", "nothing of the kind\n");
    run(folder.path(), &["apply", "practice.toml"]).done();
    let wrong: [&[&str]; 11] = [
        &[],
        &["dance"],
        &["serve", "--http", "nowhere"],
        &["apply"],
        &["apply", "torn.toml"],
        &["export", "atlantis"],
        &["why", INTEGRATION],
        &["why", "atlantis", "A-1"],
        &["replay", "empty.hl7", "--integration", INTEGRATION],
        &["why", INTEGRATION, "A-1", "--url", "http://127.0.0.1:9"],
        &["why", INTEGRATION, "A-1", "--url", "nowhere", "--token", "pct_0"],
    ];
    for args in wrong {
        let ended = run(folder.path(), args);
        assert_eq!(ended.code, 2, "{args:?}: {}{}", ended.out, ended.err);
        assert!(!ended.err.is_empty(), "{args:?} says how it is used");
    }
    let could_not: [&[&str]; 4] = [
        &["apply", "missing.toml"],
        &["replay", "missing.hl7", "--integration", INTEGRATION],
        &["why", INTEGRATION, "A-1", "--url", "http://127.0.0.1:9", "--token", "pct_0"],
        &["restore", "missing.db", "--data", "elsewhere"],
    ];
    for args in could_not {
        let ended = run(folder.path(), args);
        assert_eq!(ended.code, 3, "{args:?}: {}{}", ended.out, ended.err);
        assert!(!ended.err.is_empty(), "{args:?} says what to do");
    }
}
