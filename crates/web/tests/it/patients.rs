//! Patients: found, shown with their link, taken over once; by the API and on pages that need no scripts.

use crate::harness::html::words;
use crate::harness::{CHIRON, NORTHSIDE, Visit, World};
use engine::ops::Role;
use serde_json::json;

#[tokio::test]
async fn s0_19_a_patient_is_found_shown_and_not_made_twice() {
    let world = World::start().await;
    let visit = Visit { email: "ada@patients.example".to_owned(), ..Visit::new("A-1") };
    let patient = visit.patient.clone();
    let family = visit.family.clone();
    world.receive(&visit.message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let base = format!("/api/v1/integrations/{CHIRON}/patients");
    let found = world.ask(Role::Desk, "POST", &format!("{base}/search")).json(&json!({"q": family})).send().await;
    assert_eq!(found.status, 200, "{}", found.text());
    assert_eq!(found.json()["items"][0]["source_id"], *patient, "{}", found.text());
    assert_eq!(found.json()["items"][0]["state"], "linked");
    let shown = world.ask(Role::Desk, "GET", &format!("{base}/{patient}")).send().await.json();
    assert_eq!(shown["link"]["method"], "scheduling", "{shown:#}");
    assert_eq!((&shown["case_export"]["available"], &shown["scheduling"]["available"]), (&json!(true), &json!(true)));
    assert_eq!(shown["login"], "ada@patients.example");
    // Whoever gave no reason sees less.
    let masked = world.ask(Role::Support, "GET", &format!("{base}/{patient}")).send().await;
    assert!(!masked.text().contains("ada@") && !masked.text().contains(&family), "{}", masked.text());
    let again = world.ask(Role::Desk, "POST", &format!("{base}/{patient}/import")).send().await.json();
    assert_eq!((&again["imported"], &again["method"]), (&json!(false), &json!("scheduling")), "{again:#}");
    world.ask(Role::Desk, "GET", &format!("{base}/nobody")).send().await.problem(404, "not_found");
    world.ask(Role::Platform, "GET", &format!("{base}/{patient}")).send().await.problem(403, "forbidden");
}

#[tokio::test]
async fn s0_17_the_page_of_a_patient_says_what_works_and_since_when() {
    let world = World::start().await;
    let visit = Visit { email: "ada@patients.example".to_owned(), ..Visit::new("A-1") };
    let patient = visit.patient.clone();
    world.receive(&visit.message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let page = |path: String| world.nobody("GET", &path).session(&session);
    let told = words(&page(format!("/integrations/{CHIRON}/patients/{patient}")).send().await.text());
    for part in ["Linked to an account", "made with a synced visit", "Case export", "ada@patients.example", "A-1"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let form = world.nobody("POST", &format!("/integrations/{CHIRON}/patients")).session(&session);
    let found = words(&form.form(&[("q", &visit.family)]).send().await.text());
    assert!(found.contains("1 found") && found.contains(&*patient), "{found}");
}

#[tokio::test]
async fn the_page_of_a_patient_shows_where_both_sides_differ_and_what_the_patient_says() {
    let world = World::start().await;
    let visit = Visit { email: "ada@patients.example".to_owned(), ..Visit::new("A-1") };
    let patient = visit.patient.clone();
    let accounts = format!(
        "\n[[integration.patient]]\nplatform_id = \"acc_7\"\nsource_id = \"{patient}\"\nfamily = \"Okafor\"\n\
         email = \"ada@elsewhere.example\"\n[[integration.patient.restrictions]]\nway = \"sms\"\n\
         said = \"no texts at work, said on 3 November\"\n"
    );
    let document = crate::harness::northside(|document| document + &accounts);
    let document = domain::setup::Document::from_toml(&document).unwrap();
    world.engine.apply_document(&engine::ops::Actor::operator(), document, false).await.unwrap();
    world.receive(&visit.message()).await;
    let said = json!({ "birth_date": "1981-02-28", "mobile": "312 555 0172" });
    let path = format!("/api/v1/integrations/{CHIRON}/patients/{patient}/confirmation");
    assert_eq!(world.ask(Role::Admin, "POST", &path).json(&said).send().await.status, 204);
    let page = format!("/integrations/{CHIRON}/patients/{patient}");
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let told = words(&world.nobody("GET", &page).session(&session).send().await.text());
    for part in [
        "acc_7",
        "named in the practice document",
        "but the platform's account says ada@elsewhere.example",
        "no texts at work, said on 3 November",
        "What the patient says",
        "1981-02-28",
        "312 555 0172",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // Whoever gave no reason sees that something differs and is said, and not what.
    let session = world.log_in(NORTHSIDE, Role::Support).await;
    let masked = words(&world.nobody("GET", &page).session(&session).send().await.text());
    assert!(masked.contains("What the patient says") && masked.contains("but the platform's account says"), "{masked}");
    for private in ["ada@", "no texts", "1981", "0172"] {
        assert!(!masked.contains(private), "{private}: {masked}");
    }
}

#[tokio::test]
async fn the_page_of_an_unlinked_patient_sets_both_records_side_by_side_and_links_them() {
    let world = World::start().await;
    let account = "\n[[integration.patient]]\nplatform_id = \"acc_8\"\nfamily = \"Okafor\"\ngiven = \"Adaeze\"\n\
                   birth_date = \"1980-02-29\"\nemail = \"ada@patients.example\"\n";
    let document = crate::harness::northside(|document| document + account);
    let document = domain::setup::Document::from_toml(&document).unwrap();
    world.engine.apply_document(&engine::ops::Actor::operator(), document, false).await.unwrap();
    let visit = Visit { email: "ada@patients.example".to_owned(), ..Visit::new("A-1") };
    let patient = visit.patient.clone();
    world.receive(&visit.message()).await;
    world.until_verdict("A-1", "held").await;
    let page = format!("/integrations/{CHIRON}/patients/{patient}");
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let told = words(&world.nobody("GET", &page).session(&session).send().await.text());
    for part in ["May be account acc_8", "Adaeze", "the same", "They are one person: link them"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let linked = world.nobody("POST", &format!("{page}/link")).session(&session).form(&[("platform_id", "acc_8")]);
    assert_eq!(linked.send().await.header("location"), Some(&*page));
    world.until_verdict("A-1", "in_sync").await;
    let told = words(&world.nobody("GET", &page).session(&session).send().await.text());
    assert!(told.contains("acc_8") && !told.contains("May be account"), "{told}");
}

crate::harness::stores::on_postgres! {
    s0_19_a_patient_is_found_shown_and_not_made_twice,
    s0_17_the_page_of_a_patient_says_what_works_and_since_when,
    the_page_of_a_patient_shows_where_both_sides_differ_and_what_the_patient_says,
    the_page_of_an_unlinked_patient_sets_both_records_side_by_side_and_links_them,
}
