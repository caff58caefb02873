//! Data-quality checks and the use of the queue, over the API and on pages that need no scripts.

use crate::harness::html::{main_words, tags};
use crate::harness::{CHIRON, NORTHSIDE, Request, SOUTHSIDE, Visit, World};
use engine::ops::Role;
use serde_json::{Value, json};

/// Twenty-four visits of the day after tomorrow; of one patient nothing is known to reach them by.
async fn many_visits(world: &World) {
    for n in 0..24 {
        let start = format!("20261123{:02}{:02}00", 8 + n / 4, n % 4 * 15);
        let visit = Visit { start, end: String::new(), family: format!("Family{n}"), ..Visit::new(&format!("A-{n}")) };
        let visit = if n < 6 { Visit { email: String::new(), ..visit } } else { visit };
        world.receive(&visit.message()).await;
    }
}

async fn checks(world: &World) -> Value {
    world.ask(Role::Desk, "GET", &format!("/api/v1/integrations/{CHIRON}/checks")).send().await.json()
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list["items"].as_array().unwrap().iter().find(|item| item["check"] == name).unwrap()
}

/// The next hour of the practice begins, and what is due is asked.
async fn next_run(world: &World, hours: i64) {
    world.clock.advance(hours * 3600);
    assert!(world.engine.ask_due_checks().await.unwrap() > 0);
}

#[tokio::test]
async fn s3_22_checks_are_listed_with_limit_owner_result_and_next_step() {
    let world = World::start().await;
    many_visits(&world).await;
    let before = checks(&world).await;
    assert_eq!(before["items"].as_array().unwrap().len(), 9);
    let contact = named(&before, "contact_missing");
    assert_eq!((&contact["state"], &contact["most"], &contact["unit"]), (&Value::Null, &json!(5), &"percent".into()));
    next_run(&world, 24).await;
    let after = checks(&world).await;
    let contact = named(&after, "contact_missing");
    assert_eq!((&contact["state"], &contact["value"]), (&"failed".into(), &json!(25)));
    assert_eq!((&contact["found"], &contact["of"]), (&json!(6), &json!(24)));
    assert_eq!((&contact["owner"]["role"], &contact["failing_since"]), (&"admin".into(), &contact["at"]));
    assert!(contact["next_step"].as_str().unwrap().contains("front desk"), "{contact}");
    assert_eq!(contact["history"].as_array().unwrap().len(), 1);
    let cause = world.get(&format!("/api/v1/causes/{}", contact["cause"].as_str().unwrap())).await.json();
    assert_eq!((&cause["code"], &cause["subject"]), (&"DATA_CHECK_FAILED".into(), &"contact_missing".into()));
    assert_eq!((&cause["fix"], &cause["blocking"]), (&contact["next_step"], &json!(false)));
    let theirs = Request::new(world.address, "GET", &format!("/api/v1/integrations/{CHIRON}/checks"));
    theirs.token(world.token(SOUTHSIDE, Role::Admin)).send().await.problem(404, "not_found");
}

#[tokio::test]
async fn s3_22_the_page_of_checks_says_it_in_words_and_draws_what_was_found() {
    let world = World::start().await;
    many_visits(&world).await;
    let address = format!("/integrations/{CHIRON}/checks");
    // A session does not outlive the day.
    let look = async || {
        let session = world.log_in(NORTHSIDE, Role::Desk).await;
        world.nobody("GET", &address).session(&session).send().await
    };
    assert!(main_words(&look().await).contains("No check was asked yet"));
    next_run(&world, 24).await;
    next_run(&world, 1).await;
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let answer = look().await;
    let told = main_words(&answer);
    for expected in ["1 check fails.", "Failed. 6 of 24, 25 % on", "at most 5 %, asked once a day", "the open item"] {
        assert!(told.contains(expected), "{expected} is not in {told}");
    }
    // What is drawn is also said, for whoever does not see it.
    let plots: Vec<_> = tags(&answer.text()).into_iter().filter(|tag| tag.name == "svg" && !tag.closes).collect();
    assert_eq!(plots.len(), 1, "only the check that failed was asked twice");
    assert!(
        plots[0].get("role") == Some("img") && plots[0].get("aria-label").unwrap().contains("between 25 % and 25 %")
    );
    let page = world.nobody("GET", &format!("/integrations/{CHIRON}")).session(&session).send().await;
    assert!(page.text().contains(&format!("href=\"{address}\"")), "it is reached from the integration's page");
}

#[tokio::test]
async fn s3_23_a_check_has_the_owner_that_the_practice_named_for_it() {
    let world = World::start().await;
    let owners = "[[integration.owner]]\nrole = \"desk\"\ncheck = \"contact_missing\"\nname = \"Intake\"\n\
                  [[integration.type]]";
    let document = crate::harness::northside(|document| document.replacen("[[integration.type]]", owners, 1));
    let applied = world.ask(Role::Admin, "POST", "/api/v1/apply").body("application/toml", document).send().await;
    assert_eq!(applied.status, 200, "{}", applied.text());
    many_visits(&world).await;
    next_run(&world, 24).await;
    let list = checks(&world).await;
    let contact = named(&list, "contact_missing");
    assert_eq!(contact["owner"], json!({ "role": "desk", "name": "Intake" }));
    assert_eq!(named(&list, "held_long")["owner"]["role"], "admin", "of the others it stays who it was");
    let cause = world.get(&format!("/api/v1/causes/{}", contact["cause"].as_str().unwrap())).await.json();
    assert_eq!((&cause["owner"], &cause["path"][0]), (&contact["owner"], &contact["owner"]));
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let page = world.nobody("GET", &format!("/integrations/{CHIRON}/checks")).session(&session).send().await;
    assert!(main_words(&page).contains("Intake (Front desk): the open item"), "{}", main_words(&page));
    let exported = world.get(&format!("/api/v1/practices/{NORTHSIDE}/export")).await.text();
    assert!(exported.contains("\"check\":\"contact_missing\""), "{exported}");
}

#[tokio::test]
async fn s3_22_checks_are_asked_now_by_a_button_or_a_program_once_a_minute_and_it_is_audited() {
    let world = World::start().await;
    many_visits(&world).await;
    let address = format!("/integrations/{CHIRON}/checks");
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let page = world.nobody("GET", &address).session(&session).send().await;
    assert!(page.text().contains(&format!("<form action=\"{address}\" method=\"post\">")), "{}", page.text());
    // What another site sends from a browser is not taken.
    let forged = world.nobody("POST", &address).session(&session).header("sec-fetch-site", "cross-site").form(&[]);
    assert_eq!(forged.send().await.status, 403);
    assert_eq!(named(&checks(&world).await, "contact_missing")["state"], Value::Null, "nothing was asked");
    let done = world.nobody("POST", &address).session(&session).form(&[]).send().await;
    assert_eq!((done.status, done.header("location")), (303, Some(format!("{address}?done=checked").as_str())));
    let told = main_words(&world.nobody("GET", &format!("{address}?done=checked")).session(&session).send().await);
    for expected in ["Asked. What was found is below", "1 check fails.", "Failed. 6 of 24, 25 % on Sat 21 Nov 2026"] {
        assert!(told.contains(expected), "{expected} is not in {told}");
    }
    // It is a cause at once, like one that was found by itself.
    let contact = named(&checks(&world).await, "contact_missing").clone();
    let cause = world.get(&format!("/api/v1/causes/{}", contact["cause"].as_str().unwrap())).await.json();
    assert_eq!((&cause["code"], &cause["state"]), (&"DATA_CHECK_FAILED".into(), &"open".into()));
    // Within the minute nothing is measured anew; after it, it is.
    let mended = Visit { email: "f0@patients.example".to_owned(), ..Visit::new("A-0") };
    let mended = Visit { start: "20261123080000".to_owned(), end: String::new(), family: "Family0".into(), ..mended };
    world.receive(&mended.message()).await;
    let api = format!("/api/v1/integrations/{CHIRON}/checks");
    let run = async || world.ask(Role::Support, "POST", &api).send().await.json();
    assert_eq!(named(&run().await, "contact_missing")["found"], json!(6));
    world.clock.advance(60);
    let (after, _) = tokio::join!(run(), run());
    let contact = named(&after, "contact_missing");
    assert_eq!((&contact["found"], contact["history"].as_array().unwrap().len()), (&json!(5), 2), "{contact}");
    assert_eq!(world.engine.ask_due_checks().await.unwrap(), 0, "what was asked for counts as the run of its hour");
    let log = world.get(&format!("/api/v1/audit?subject={CHIRON}/checks")).await.json();
    let rows: Vec<(&str, &str)> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["role"].as_str().unwrap(), row["detail"].as_str().unwrap()))
        .collect();
    let (asked, already) = ("9 asked, 1 failed", "asked in this minute already");
    assert_eq!(rows.len(), 4, "each who asked: {log}");
    assert_eq!(rows[2..], [("support", already), ("desk", asked)], "{log}");
    assert!(rows[..2].contains(&("support", asked)), "{log}");
    let theirs = Request::new(world.address, "POST", &api).token(world.token(SOUTHSIDE, Role::Admin));
    theirs.send().await.problem(404, "not_found");
}

#[tokio::test]
async fn s3_27_the_use_of_the_queue_is_told_and_a_file_of_it_is_counted_and_audited() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").unlinked().message()).await;
    let later = Visit { start: "20261122090000".to_owned(), end: String::new(), ..Visit::new("A-2") };
    let stranger = ("DR,66".to_owned(), "Poe".to_owned(), "Ann".to_owned());
    world.receive(&Visit { provider: stranger, ..later }.message()).await;
    let file = world.ask(Role::Desk, "GET", "/api/v1/causes/export").send().await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = file.text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("practice_queue,code,subject,") && lines.len() == 3, "{text}");
    assert!(lines[1].contains(",NO_CONNECTED_PROVIDER_ACCOUNT,DR9,1,1,2026-11-21T18:00:00Z,true,"), "soonest: {text}");
    assert!(lines[2].contains(",PROVIDER_NOT_REGISTERED,\"DR,66\",1,1,"), "{text}");
    assert!(!text.contains("Okafor"), "no name of a patient leaves: {text}");
    for _ in 0..3 {
        world.ask(Role::Desk, "GET", "/api/v1/causes?order=soonest").send().await;
    }
    world.ask(Role::Desk, "GET", "/api/v1/causes?order=odd").send().await.problem(400, "invalid_request");
    let used = world.ask(Role::Desk, "GET", "/api/v1/queue-use").send().await.json();
    assert_eq!(used["items"].as_array().unwrap().len(), 1, "of the own practice only: {used}");
    let own = &used["items"][0];
    assert_eq!((&own["practice"], &own["looked"], &own["exported"]), (&NORTHSIDE.into(), &json!(1), &json!(1)));
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let page = world.nobody("GET", "/causes?order=soonest").session(&session).send().await;
    assert!(page.text().contains("href=\"/causes/export\""));
    let told = main_words(&page);
    assert!(told.contains("How this list is used") && told.contains("soonest visits come first"), "{told}");
    let theirs = Request::new(world.address, "GET", "/api/v1/queue-use").token(world.token(SOUTHSIDE, Role::Admin));
    assert_eq!(theirs.send().await.json()["items"][0]["exported"], json!(0));
    let audit = world.get("/api/v1/audit?subject=causes").await.json();
    assert_eq!((&audit["items"][0]["action"], &audit["items"][0]["role"]), (&"export".into(), &"desk".into()));
}

crate::harness::stores::on_postgres! {
    s3_22_checks_are_listed_with_limit_owner_result_and_next_step,
    s3_22_the_page_of_checks_says_it_in_words_and_draws_what_was_found,
    s3_23_a_check_has_the_owner_that_the_practice_named_for_it,
    s3_22_checks_are_asked_now_by_a_button_or_a_program_once_a_minute_and_it_is_audited,
    s3_27_the_use_of_the_queue_is_told_and_a_file_of_it_is_counted_and_audited,
}
