//! Practice documents in and out.

use crate::harness::{Answer, NORTHSIDE, Visit, World, northside};
use engine::ops::Role;
use serde_json::json;

async fn apply(world: &World, query: &str, kind: &str, document: &str) -> Answer {
    let path = format!("/api/v1/apply{query}");
    world.ask(Role::Admin, "POST", &path).body(kind, document).send().await
}

#[tokio::test]
async fn a_dry_run_tells_what_would_change_and_changes_nothing() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let without_imani = northside(|document| document.replace("platform_id = \"prov_7\"\n", ""));
    let report = apply(&world, "?dry_run=true", "application/toml", &without_imani).await.json();
    assert_eq!((&report["dry_run"], &report["would_change"]), (&json!(true), &json!(1)));
    assert_eq!(report["moves"], json!([{ "from": "in_sync", "to": "held", "count": 1 }]));
    assert_eq!(report["integrations"][0]["action"], "changed");
    assert_eq!(world.explain("A-1").await["verdict"], "in_sync");
    let applied = apply(&world, "", "text/plain", &without_imani).await.json();
    assert_eq!((&applied["dry_run"], &applied["practice"]), (&json!(false), &json!(NORTHSIDE)));
    world.until_verdict("A-1", "held").await;
    let again = apply(&world, "?dry_run=false", "application/toml", &without_imani).await.json();
    assert_eq!(again["integrations"][0]["action"], "unchanged");
}

#[tokio::test]
async fn an_export_applied_again_changes_nothing_as_json_and_as_toml() {
    let world = World::start().await;
    let path = format!("/api/v1/practices/{NORTHSIDE}/export");
    let exported = world.get(&path).await;
    assert_eq!(exported.header("content-type"), Some("application/json"));
    assert_eq!(exported.json()["practice"]["id"], NORTHSIDE);
    assert_eq!(exported.json()["integration"][0]["platform"]["secret"], json!({ "env": "HOOK_SECRET" }));
    let report = apply(&world, "", "application/json", &exported.text()).await.json();
    assert_eq!(report["integrations"][0]["action"], "unchanged", "{report}");
    let toml = world.ask(Role::Admin, "GET", &path).header("accept", "application/toml").send().await;
    assert_eq!(toml.header("content-type"), Some("application/toml; charset=utf-8"));
    assert!(toml.text().starts_with("[practice]"), "{}", toml.text());
    let report = apply(&world, "", "application/toml", &toml.text()).await.json();
    assert_eq!(report["integrations"][0]["action"], "unchanged", "{report}");
}

/// An account of the patient of visit A-1, and one of somebody else.
const ACCOUNTS: &str = r#"
[[integration.patient]]
platform_id = "pat_1"
source_id = "P-A-1"
family = "Okafor"
given = "Ada"
birth_date = "1980-02-29"
[[integration.patient]]
platform_id = "pat_2"
family = "Novak"
given = "Jan"
birth_date = "1971-05-05"
"#;

async fn lists(world: &World) -> serde_json::Value {
    let exported = world.get(&format!("/api/v1/practices/{NORTHSIDE}/export")).await.json();
    exported["integration"][0].clone()
}

#[tokio::test]
async fn a_list_that_a_document_leaves_out_stays_as_it_is() {
    let world = World::start().await;
    let status = "[[integration.status]]\nsource = \"BUMPED\"\nmeans = \"cancelled_by_provider\"\n";
    let department = "[[integration.department]]\nsource_id = \"MAIN\"\n";
    let full = northside(|document| format!("{document}{status}{department}{ACCOUNTS}"));
    apply(&world, "", "application/toml", &full).await.json();
    world.receive(&Visit::new("A-1").message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let before = lists(&world).await;

    // It speaks of nothing but the practice and where things are.
    let bare = northside(|document| document.split("[[integration.type]]").next().unwrap().to_owned());
    let bare = bare.replace("holidays", "# holidays");
    for query in ["?dry_run=true", ""] {
        let report = apply(&world, query, "application/toml", &bare).await.json();
        assert_eq!(report["integrations"][0]["action"], "unchanged", "{report}");
        assert_eq!((&report["action"], &report["would_change"]), (&json!("unchanged"), &json!(0)), "{report}");
    }
    assert_eq!(lists(&world).await, before);
    for list in ["type", "department", "provider", "user", "patient", "status", "owner"] {
        assert!(before[list].as_array().is_some_and(|list| !list.is_empty()), "{list}: {before}");
    }
    assert_eq!(world.explain("A-1").await["verdict"], "in_sync");

    // A list that is named replaces, also when nothing is in it; everything else stays.
    let none = bare.replace("lifecycle = \"live\"", "lifecycle = \"live\"\npatient = []");
    let report = apply(&world, "?dry_run=true", "application/toml", &none).await.json();
    assert_eq!(report["integrations"][0]["action"], "changed", "{report}");
    let note =
        "The platform's patient accounts: 0 added, 0 changed, 2 removed. The visits still to come are decided again.";
    assert_eq!(report["integrations"][0]["notes"], json!([note]));
    assert_eq!(lists(&world).await, before, "nothing was written");
    apply(&world, "", "application/toml", &none).await.json();
    let after = lists(&world).await;
    assert_eq!(after["patient"], json!([]));
    assert_eq!((&after["type"], &after["provider"]), (&before["type"], &before["provider"]));
    let again = apply(&world, "", "application/toml", &none).await.json();
    assert_eq!(again["integrations"][0]["action"], "unchanged", "{again}");

    // The export names every list: applied where something was added since, it takes that away again.
    let exported = world.get(&format!("/api/v1/practices/{NORTHSIDE}/export")).await.text();
    apply(&world, "", "application/toml", &full).await.json();
    assert_eq!(lists(&world).await, before);
    apply(&world, "", "application/json", &exported).await.json();
    assert_eq!(lists(&world).await, after);
}

#[tokio::test]
async fn no_types_at_all_is_said_by_an_empty_list() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let untyped = northside(|document| {
        document
            .replace("[[integration.type]]\nsource_name = \"Telemedicine Visit\"\nmodality = \"video\"\n", "")
            .replace("lifecycle = \"live\"", "lifecycle = \"live\"\ntype = []")
    });
    let report = apply(&world, "", "application/toml", &untyped).await.json();
    assert_eq!(report["moves"], json!([{ "from": "in_sync", "to": "excluded", "count": 1 }]), "{report}");
    world.until_verdict("A-1", "excluded").await;
}

#[tokio::test]
async fn an_export_holds_patients_so_an_engineer_says_why() {
    let world = World::start().await;
    let path = format!("/api/v1/practices/{NORTHSIDE}/export");
    world.ask(Role::Engineer, "GET", &path).send().await.problem(403, "purpose_required");
    let exported = world.ask(Role::Engineer, "GET", &path).purpose("moving the clinic").send().await;
    assert_eq!(exported.status, 200);
}

#[tokio::test]
async fn a_wrong_document_is_refused_with_its_place() {
    let world = World::start().await;
    for (kind, document, place, told) in [
        (
            "application/toml",
            northside(|d| d.replace("modality", "modalty")),
            "line 15, column 1",
            "unknown field `modalty`",
        ),
        ("application/toml", "[practice\n".to_owned(), "line 1, column 10", "The document, line 1, column 10"),
        ("application/json", "{\"practice\": {\"id\": 7}}".to_owned(), "line 1, column 21", "invalid type"),
        ("application/json", "{".to_owned(), "line 1, column 1", "EOF"),
    ] {
        let problem = apply(&world, "", kind, &document).await.problem(422, "invalid_document");
        assert_eq!(problem["where"], place, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(told), "{problem}");
        assert!(problem["line"].is_u64() && problem["column"].is_u64(), "{problem}");
    }
    // Right in itself, and wrong for what it asks.
    for (from, to, told) in [
        ("America/Chicago", "Mars/Olympus", "Mars/Olympus"),
        ("profile = \"kareo\"", "profile = \"karo\"", "karo"),
        ("http://127.0.0.1:9900/hook", "http://10.0.0.1/hook", "not allowed"),
    ] {
        let document = northside(|document| document.replace(from, to));
        let problem = apply(&world, "", "application/toml", &document).await.problem(422, "invalid_document");
        assert!(problem["detail"].as_str().unwrap().contains(told), "{problem}");
    }
    apply(&world, "", "application/xml", "<practice/>").await.problem(415, "unsupported_media_type");
    apply(&world, "?dry_run=maybe", "application/toml", "").await.problem(400, "invalid_request");
}

#[tokio::test]
async fn a_literal_secret_is_refused_and_not_repeated() {
    let world = World::start().await;
    let literal = northside(|document| document.replace("{ env = \"HOOK_SECRET\" }", "\"whsec_bm90LWZvci1sb2dz\""));
    let problem = apply(&world, "", "application/toml", &literal).await.problem(422, "invalid_document");
    assert!(problem["detail"].as_str().unwrap().contains("never the secret itself"), "{problem}");
    assert!(!problem.to_string().contains("whsec_"), "{problem}");
}

crate::harness::stores::on_postgres! {
    a_dry_run_tells_what_would_change_and_changes_nothing,
    an_export_applied_again_changes_nothing_as_json_and_as_toml,
    a_list_that_a_document_leaves_out_stays_as_it_is,
    no_types_at_all_is_said_by_an_empty_list,
}
