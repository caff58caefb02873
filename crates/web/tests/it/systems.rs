//! What a clinic looks up or asks for when a rule of the platform stops it: who of the staff has an address, and
//! another practice system.

use crate::harness::html::words;
use crate::harness::{CHIRON, NORTHSIDE, Request, SOUTHSIDE, Visit, World, northside, southside};
use engine::ops::Role;
use serde_json::{Value, json};

const STAFF: &str = "desk@northside.example";

#[tokio::test]
async fn s1_14_the_explanation_leads_to_the_user_who_has_the_address() {
    let world = World::start().await;
    let with_users = northside(|document| {
        document.replace(
            "[[integration.user]]",
            "[[integration.user]]\nemail = \"other@northside.example\"\nrole = \"provider\"\n\n[[integration.user]]",
        )
    });
    let applied = world.ask(Role::Admin, "POST", "/api/v1/apply").body("application/toml", with_users).send().await;
    assert_eq!(applied.status, 200, "{}", applied.text());
    world.receive(&Visit { email: "Desk@Northside.example".to_owned(), ..Visit::new("A-1") }.message()).await;
    world.receive(&Visit { email: "ada@patients.example".to_owned(), ..Visit::new("A-2") }.message()).await;
    let explained = world.get(&format!("/api/v1/integrations/{CHIRON}/appointments/A-1")).await.json();
    assert_eq!(explained["primary"], "EMAIL_BELONGS_TO_STAFF", "{explained:#}");

    let users = format!("/api/v1/integrations/{CHIRON}/users");
    let found = world.ask(Role::Desk, "GET", &format!("{users}?visit=A-1")).send().await.json();
    let user = json!({ "email": STAFF, "name": null, "role": "staff", "source_id": "U12" });
    assert_eq!(found["items"], json!([user]), "{found:#}");
    assert_eq!(world.get(&users).await.json()["items"].as_array().unwrap().len(), 2, "all of them otherwise");
    assert_eq!(world.get(&format!("{users}?visit=A-2")).await.json()["items"], json!([]));
    world.ask(Role::Desk, "GET", &format!("{users}?visit=A-9")).send().await.problem(404, "not_found");
    // Whoever gave no reason recognises the address and cannot write to it.
    let masked = world.ask(Role::Support, "GET", &format!("{users}?visit=A-1")).send().await.json();
    assert_eq!(masked["items"][0]["email"], "d***@northside.example");
    let audit = world.get(&format!("/api/v1/audit?subject={CHIRON}/A-1/users")).await.json();
    assert_eq!(audit["items"].as_array().unwrap().len(), 2, "two looked: {audit:#}");

    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let page = async |path: &str| world.nobody("GET", path).session(&session).send().await.text();
    let link = format!("/integrations/{CHIRON}/users?visit=A-1");
    let case = page(&format!("/integrations/{CHIRON}/appointments/A-1")).await;
    assert!(case.contains(&format!("href=\"{link}\"")) && !link.contains('@'), "{case}");
    let told = words(&page(&link).await);
    assert!(told.contains(STAFF) && told.contains("U12") && !told.contains("other@"), "{told}");
    assert!(!page(&format!("/integrations/{CHIRON}/appointments/A-2")).await.contains("/users?visit="));
}

async fn requested(world: &World, practice: &'static str, id: &str) -> Value {
    let path = format!("/api/v1/integrations/{id}/system-request");
    let answer = Request::new(world.address, "POST", &path).token(world.token(practice, Role::Desk)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn s1_3_a_request_for_another_system_is_recorded_with_clinic_and_count() {
    let world = World::start().await;
    let other = |document: String| {
        let document = document.replace("-chiron\"", "-new\"").replace("profile = \"kareo\"", "profile = \"hl7v2\"");
        document.replace("facility = \"", "facility = \"NEW-")
    };
    for (practice, document) in [(NORTHSIDE, northside(other)), (SOUTHSIDE, other(southside()))] {
        let apply = Request::new(world.address, "POST", "/api/v1/apply").token(world.token(practice, Role::Admin));
        let applied = apply.body("application/toml", document).send().await;
        assert_eq!(applied.status, 200, "{}", applied.text());
    }
    let asks = |practice: &'static str| {
        Request::new(world.address, "GET", "/api/v1/system-requests").token(world.token(practice, Role::Support)).send()
    };
    assert_eq!(asks(NORTHSIDE).await.json()["items"], json!([]));
    let once = requested(&world, NORTHSIDE, "northside-new").await;
    let names = (&once["source"], &once["platform"], &once["clinics"], &once["practices"]);
    assert_eq!(names, (&"hl7v2".into(), &"chiron".into(), &1.into(), &json!([NORTHSIDE])), "{once:#}");
    assert_eq!(requested(&world, NORTHSIDE, "northside-new").await, once, "a clinic counts once");
    assert_eq!(requested(&world, SOUTHSIDE, "southside-new").await["clinics"], 2);
    let listed = asks(SOUTHSIDE).await.json();
    assert_eq!((&listed["items"][0]["clinics"], &listed["items"][0]["practices"]), (&2.into(), &json!([SOUTHSIDE])));
    let audit = world.get("/api/v1/audit?subject=system:hl7v2/chiron").await.json();
    assert_eq!(audit["items"].as_array().unwrap().len(), 1, "once a clinic: {audit:#}");
    let path = format!("/api/v1/integrations/{CHIRON}/system-request");
    let refused = world.ask(Role::Desk, "POST", &path).send().await.problem(400, "invalid_request");
    assert!(refused["detail"].as_str().unwrap().contains("already"), "{refused:#}");

    // From the page of a visit, without scripts.
    let visit = Visit { facility: "NEW-NORTHSIDE", ..Visit::new("N-1") };
    let hand_in = world.ask(Role::Admin, "POST", "/api/v1/integrations/northside-new/envelopes");
    let taken = hand_in.body("application/hl7-v2", visit.message()).send().await;
    assert_eq!(taken.status, 202, "{}", taken.text());
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let page = async |path: &str| world.nobody("GET", path).session(&session).send().await.text();
    let case = page("/integrations/northside-new/appointments/N-1").await;
    assert!(case.contains("action=\"/integrations/northside-new/system-request\""), "{case}");
    let form = world.nobody("POST", "/integrations/northside-new/system-request").session(&session);
    let back = form.form(&[("visit", "N-1")]).send().await;
    assert_eq!(back.header("location").unwrap(), "/integrations/northside-new/appointments/N-1?done=asked");
    let support = world.log_in(NORTHSIDE, Role::Support).await;
    let systems = words(&world.nobody("GET", "/systems").session(&support).send().await.text());
    assert!(systems.contains("hl7v2") && systems.contains("chiron"), "{systems}");
}

crate::harness::stores::on_postgres! {
    s1_14_the_explanation_leads_to_the_user_who_has_the_address,
    s1_3_a_request_for_another_system_is_recorded_with_clinic_and_count,
}
