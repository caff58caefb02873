//! A patient of whom the practice system has not told yet: searched there, seen masked, imported, and on record.

use crate::support::{Client, Finished, Punctual, Receiver, Scene, Visit, command, document, punctual, until};
use serde_json::json;

/// A FHIR server as the source, beside the practice's usual feed.
fn both(twin: &str, hook: &str) -> String {
    let asked = format!(
        r#"
[[integration]]
id = "northside-fhir"
lifecycle = "live"
source = {{ profile = "fhir-r4", route = "fhir-r4", url = "{twin}" }}
platform = {{ profile = "webhook", route = "webhook", url = "{hook}" }}
"#
    );
    document("chiron", hook, "") + &asked
}

fn token(folder: &std::path::Path, role: &str) -> String {
    let made = ["token", "create", "--role", role, "--name", role, "--practice", "northside", "--json"];
    Finished::of(command(folder).args(made)).json()["token"].as_str().unwrap().to_owned()
}

#[test]
fn s0_19_the_practice_system_is_searched_and_whom_it_knows_is_imported_once() {
    let folder = tempfile::tempdir().unwrap();
    let twin = ["emulate", "fhir-r4", "--http", "127.0.0.1:0", "--seed", "3", "--switch", "needs_token=false"];
    let twin = Punctual::start(punctual(folder.path()).args(twin));
    let desk_of_twin = Client::new(twin.told("http"));
    let base = format!("http://{}", twin.told("http").trim_start_matches("http://"));
    let platform = Receiver::start();
    let mut scene = Scene::of(&both(&base, &platform.url()));
    let feed = Visit::new("A-1");
    scene.tell(&feed, "S12");

    let known = desk_of_twin.json("/_twin/state")["patients"].clone();
    let person = known.as_array().unwrap().iter().rfind(|person| person["merged_into"].is_null()).unwrap();
    let text = |name: &str| person[name].as_str().unwrap().to_owned();
    let (family, born, id) = (text("family"), text("birth_date"), format!("pat-{}", text("id")));
    let path = "/api/v1/integrations/northside-fhir/patients";
    let wanted = json!({ "family": family[..2], "birth_date": born });
    let desk = Client::new(scene.service.told("http")).token(&token(scene.folder.path(), "desk"));
    let found = desk.post(&format!("{path}/source"), &wanted).json();
    let items = found["items"].as_array().unwrap_or_else(|| panic!("nothing was found: {found:#}"));
    let hit = items.iter().find(|hit| hit["source_id"] == *id);
    let hit = hit.unwrap_or_else(|| panic!("{id} of {person} is not in {found:#}"));
    assert!(hit["name"].as_str().unwrap().contains(&family), "{hit}");
    let nobody = desk.post(&format!("{path}/source"), &json!({ "family": family, "birth_date": "1899-01-02" })).json();
    assert_eq!((&nobody["outcome"], &nobody["items"]), (&json!("answered"), &json!([])));

    // Support sees initials and no date before it gives a reason.
    let support = Client::new(scene.service.told("http")).token(&token(scene.folder.path(), "support"));
    let masked = support.post(&format!("{path}/source"), &wanted);
    assert!(!masked.body.contains(&family) && !masked.body.contains(&born), "{}", masked.body);
    assert!(masked.body.contains(&id));
    // By less than a name and a date nobody is looked for, and by a platform nobody at all.
    assert_eq!(desk.post(&format!("{path}/source"), &json!({ "family": "O", "birth_date": born })).status, 400);
    assert_eq!(desk.post(&format!("{path}/source"), &json!({ "family": family })).status, 400);
    let program = Client::new(scene.service.told("http")).token(&token(scene.folder.path(), "platform"));
    assert_eq!(program.post(&format!("{path}/source"), &wanted).status, 403);
    // A system that tells by itself cannot be searched, and says so.
    let refused = desk.post("/api/v1/integrations/northside-chiron/patients/source", &wanted);
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("tells by itself and cannot be searched"), "{}", refused.body);

    let import = |id: &str| desk.post(&format!("{path}/{id}/import"), &json!({}));
    let taken = import(&id).json();
    assert_eq!((&taken["imported"], &taken["method"]), (&json!(true), &json!("import")), "{taken}");
    let again = import(&id).json();
    assert_eq!((&again["imported"], &again["platform_id"]), (&json!(false), &taken["platform_id"]), "{again}");
    assert_eq!(import("pat-999999").status, 404, "whom nobody knows is not made");
    let shown = desk.json(&format!("{path}/{id}"));
    assert_eq!((&shown["state"], &shown["birth_date"]), (&json!("linked"), &json!(born)), "{shown}");
    let found = desk.post(&format!("{path}/source"), &wanted).json();
    let hit = found["items"].as_array().unwrap().iter().find(|hit| hit["source_id"] == *id).unwrap();
    assert_eq!((&hit["state"], &hit["platform_id"]), (&json!("linked"), &taken["platform_id"]), "{hit}");

    let log = scene.api.json("/api/v1/audit?subject=northside-fhir/patients");
    let searches = log["items"].as_array().unwrap().iter().filter(|row| row["action"] == "search_source").count();
    assert_eq!(searches, 4, "each search that was made, and no other: {log:#}");
    assert!(!log.to_string().contains(&family) && !log.to_string().contains(&born), "what was typed is not in it");
    until("the visit of the other feed is told of", || {
        (!platform.of("A-1").is_empty()).then_some(()).ok_or_else(String::new)
    });
    scene.service.stop();
    twin.stop();
}
