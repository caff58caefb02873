//! What people do about causes, over the API and in the console: items, previews, feedback, bundles.

use crate::harness::html::{main_words, words};
use crate::harness::{Answer, CHIRON, NORTHSIDE, Request, SOUTHSIDE, Visit, World};
use engine::ops::{Actor, Role};
use serde_json::{Value, json};
use std::time::Duration;

/// Three visits of a provider without an account: two of this afternoon, one of tomorrow.
async fn three_held(world: &World) -> Value {
    for (id, start) in [("A-1", "20261121173000"), ("A-2", "20261121160000"), ("A-3", "20261122090000")] {
        let visit = Visit { start: start.to_owned(), end: String::new(), ..Visit::new(id).unlinked() };
        world.receive(&visit.message()).await;
    }
    cause(world).await
}

async fn cause(world: &World) -> Value {
    let causes = world.get("/api/v1/causes").await.json();
    let items = causes["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["code"] == "NO_CONNECTED_PROVIDER_ACCOUNT");
    found.unwrap_or_else(|| panic!("no such cause in {causes:#}")).clone()
}

fn path(cause: &Value, more: &str) -> String {
    format!("/api/v1/causes/{}{more}", cause["id"].as_str().unwrap())
}

async fn say(world: &World, role: Role, cause: &Value, body: Value) -> Answer {
    world.ask(role, "POST", &path(cause, "/handling")).json(&body).send().await
}

fn kinds(story: &Value) -> Vec<&str> {
    story["history"].as_array().unwrap().iter().map(|happened| happened["what"].as_str().unwrap()).collect()
}

/// Waits until the cause says so: items are minded beside everything else.
async fn until(world: &World, cause: &Value, told: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..600 {
        last = world.get(&path(cause, "")).await.json();
        if told(&last) {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it did not come to that: {last:#}");
}

#[tokio::test]
async fn s3_21_a_cause_says_who_has_it_by_when_and_what_it_keeps() {
    let world = World::start().await;
    let cause = three_held(&world).await;
    assert_eq!((&cause["count"], &cause["coming"]), (&json!(3), &json!(3)));
    assert_eq!(cause["due_at"], "2026-11-21T20:00:00Z", "two hours before the first visit of this afternoon");
    assert_eq!(
        (&cause["overdue"], &cause["blocking"], &cause["whole_feed"]),
        (&false.into(), &true.into(), &false.into())
    );
    assert_eq!((&cause["handling"], &cause["step"]), (&"new".into(), &json!(0)));
    let path: Vec<&str> =
        cause["path"].as_array().unwrap().iter().map(|owner| owner["role"].as_str().unwrap()).collect();
    assert_eq!(path, ["support", "admin", "engineer"], "nobody else is named, so it goes from role to role");
    assert_eq!(cause["owner"], cause["path"][0]);
}

#[tokio::test]
async fn people_say_what_they_do_and_nothing_of_it_closes_a_cause() {
    let world = World::start().await;
    let cause = three_held(&world).await;
    let taken =
        say(&world, Role::Desk, &cause, json!({ "handling": "acknowledge", "note": "calling them" })).await.json();
    assert_eq!((&taken["handling"], &taken["handled_by"]), (&"acknowledged".into(), &"desk of northside".into()));
    assert_eq!(taken["history"][1]["note"], "calling them");
    let until_then = json!({ "handling": "snooze", "until": "2026-11-21T16:04:05Z" });
    let put_off = say(&world, Role::Support, &cause, until_then).await.json();
    assert_eq!((&put_off["handling"], &put_off["until"]), (&"snoozed".into(), &"2026-11-21T16:04:05Z".into()));
    let on = say(&world, Role::Support, &cause, json!({ "handling": "escalate" })).await.json();
    assert_eq!((&on["step"], &on["handling"]), (&json!(1), &"new".into()));
    let resolved = say(&world, Role::Admin, &cause, json!({ "handling": "resolve" })).await.json();
    assert_eq!((&resolved["handling"], &resolved["state"]), (&"waiting_to_be_seen".into(), &"open".into()));
    assert_eq!(kinds(&resolved), ["opened", "acknowledged", "snoozed", "escalated", "resolved"]);
    assert_eq!(world.explain("A-2").await["verdict"], "held");

    for wrong in [
        json!({ "handling": "close" }),
        json!({ "handling": "snooze" }),
        json!({ "handling": "acknowledge", "until": "2026-11-21T16:04:05Z" }),
        json!({ "handling": "snooze", "until": "2026-11-21T15:00:00Z" }),
        json!({ "handling": "snooze", "until": "2026-11-21T23:00:00Z" }),
        json!({ "handling": "acknowledge", "note": "x".repeat(501) }),
    ] {
        say(&world, Role::Admin, &cause, wrong).await.problem(400, "invalid_request");
    }
    say(&world, Role::Platform, &cause, json!({ "handling": "resolve" })).await.problem(403, "forbidden");
    let theirs = Request::new(world.address, "POST", &path(&cause, "/handling"));
    let theirs = theirs.token(world.token(SOUTHSIDE, Role::Admin)).json(&json!({ "handling": "resolve" }));
    theirs.send().await.problem(404, "not_found");
    let audit = world.get(&format!("/api/v1/audit?subject={}", cause["id"].as_str().unwrap())).await.json();
    let deeds: Vec<&str> =
        audit["items"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(deeds, ["resolve", "view", "escalate", "snooze", "acknowledge"], "the admin saw what the desk typed");

    // What is seen closes it.
    let link = format!("/api/v1/integrations/{CHIRON}/links/provider/DR9");
    world.ask(Role::Admin, "PUT", &link).json(&json!({ "platform_id": "prov_9" })).send().await;
    let closed = until(&world, &cause, |story| kinds(story).contains(&"closed")).await;
    assert_eq!(closed["state"], "closed");
    say(&world, Role::Admin, &cause, json!({ "handling": "acknowledge" })).await.problem(400, "invalid_request");
}

#[tokio::test]
async fn x_10_what_people_typed_of_a_cause_is_masked_until_a_reason_is_given() {
    let world = World::start().await;
    let cause = three_held(&world).await;
    let id = cause["id"].as_str().unwrap();
    let (typed, masked) = ("Ada Okafor's mother", "(a note of 19 characters, masked)");
    let noted = |handling: &str| json!({ "handling": handling, "note": typed });
    let own = say(&world, Role::Desk, &cause, noted("acknowledge")).await.json();
    assert_eq!(own["history"][1]["note"], typed);
    let sent_on = say(&world, Role::Support, &cause, noted("escalate")).await.json();
    let notes = |story: &Value| -> Vec<String> {
        story["history"].as_array().unwrap().iter().map(|happened| happened["note"].as_str().unwrap().into()).collect()
    };
    assert_eq!(notes(&sent_on), ["", masked, &format!("to Practice admin: {masked}")], "also in what saying answers");
    let views = async || {
        let rows = world.ask(Role::Compliance, "GET", &format!("/api/v1/audit?subject={id}")).send().await.json();
        let rows = rows["items"].as_array().unwrap().clone();
        rows.iter().filter(|row| row["action"] == "view").map(|row| row["detail"].clone()).collect::<Vec<_>>()
    };
    let ask = |role: Role| world.ask(role, "GET", &path(&cause, ""));
    assert_eq!(notes(&ask(Role::Support).send().await.json()), notes(&sent_on));
    let session = world.log_in(NORTHSIDE, Role::Support).await;
    let look = async || main_words(&world.nobody("GET", &format!("/causes/{id}")).session(&session).send().await);
    let page = look().await;
    assert!(page.contains(&format!("to Practice admin: {masked} By support")) && !page.contains("mother"), "{page}");
    assert_eq!(views().await, [] as [Value; 0], "nobody saw anything unmasked");

    // The same step opens it that opens names, and it is in the log each time.
    let open = ask(Role::Support).purpose("ticket 4711").send().await.json();
    assert_eq!(notes(&open), ["", typed, &format!("to Practice admin: {typed}")]);
    assert_eq!(views().await, ["ticket 4711"]);
    world.nobody("POST", "/purpose").session(&session).form(&[("purpose", "ticket 4712"), ("next", "/")]).send().await;
    assert!(look().await.contains(&format!("to Practice admin: {typed}")));
    assert_eq!(views().await, ["ticket 4712", "ticket 4711"]);
    assert_eq!(notes(&ask(Role::Desk).send().await.json()), notes(&open), "the clinic's own people see it");
    assert_eq!(views().await.len(), 3);

    // The audit log tells that there was a note; what is in it, only to whoever gives a reason.
    let log = format!("/api/v1/audit?subject={id}");
    let read = world.ask(Role::Compliance, "GET", &log).send().await;
    assert!(read.text().contains(&format!("\"to Practice admin: {masked}\"")), "{}", read.text());
    assert!(!read.text().contains("mother"), "{}", read.text());
    let read = world.ask(Role::Compliance, "GET", &log).purpose("a complaint").send().await;
    assert!(read.text().contains(typed), "{}", read.text());
}

#[tokio::test]
async fn s3_24_what_is_past_its_time_goes_on_by_itself() {
    let world = World::start().await;
    let cause = three_held(&world).await;
    until(&world, &cause, |story| !kinds_or_none(story).is_empty()).await;
    world.clock.advance(5 * 3600);
    let on = until(&world, &cause, |story| story["step"] == 1).await;
    assert_eq!(on["overdue"], true);
    let last = on["history"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["what"], &last["by"], &last["note"]),
        (&"escalated".into(), &Value::Null, &"to Practice admin".into())
    );
    let audit = world.get(&format!("/api/v1/audit?subject={}", cause["id"].as_str().unwrap())).await.json();
    assert_eq!(audit["items"][0]["actor"], "clockwork", "{audit:#}");
}

fn kinds_or_none(story: &Value) -> Vec<Value> {
    story["history"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_preview_says_what_a_fix_would_do_and_does_nothing() {
    let world = World::start().await;
    let cause = three_held(&world).await;
    // One of them is stopped by something else as well.
    let no_mail = Visit {
        email: String::new(),
        start: "20261122110000".to_owned(),
        end: String::new(),
        ..Visit::new("A-4").unlinked()
    };
    world.receive(&no_mail.message()).await;
    // By then one of them has begun.
    world.clock.advance(8 * 3600);
    let before = world.explain("A-2").await["version"].clone();
    let preview = world.get(&path(&cause, "/preview")).await.json();
    assert_eq!(
        preview["counts"],
        json!({ "visits": 4, "would_change": 2, "still_stopped": 2, "past": 1, "notices": 0 }),
        "{preview:#}"
    );
    assert_eq!(preview["told_by"], "platform");
    let visit = |at: usize| &preview["visits"][at];
    assert_eq!((&visit(1)["source_id"], &visit(1)["past"]), (&"A-2".into(), &true.into()));
    assert_eq!((&visit(0)["from"], &visit(0)["to"]), (&"held".into(), &"on_time".into()));
    assert_eq!((&visit(3)["to"], &visit(3)["still"]), (&"held".into(), &json!(["PATIENT_EMAIL_MISSING"])));
    assert_eq!(
        (world.explain("A-2").await["version"].clone(), cause_count(&world).await),
        (before, 4),
        "nothing was done"
    );
    // It says what then comes to be.
    let link = format!("/api/v1/integrations/{CHIRON}/links/provider/DR9");
    world.ask(Role::Admin, "PUT", &link).json(&json!({ "platform_id": "prov_9" })).send().await;
    world.until_verdict("A-1", "in_sync").await;
    world.until_verdict("A-3", "in_sync").await;
    for held in ["A-2", "A-4"] {
        assert_eq!(world.explain(held).await["verdict"], "held");
    }
}

async fn cause_count(world: &World) -> u64 {
    cause(world).await["count"].as_u64().unwrap()
}

#[tokio::test]
async fn a_preview_counts_the_notices_that_would_go_out() {
    let world = World::start().await;
    let document = crate::harness::northside(|document| {
        document.replacen(
            "[[integration.type]]",
            "[integration.notices]\npatients = \"punctual\"\n[[integration.type]]",
            1,
        )
    });
    let applied = world.ask(Role::Admin, "POST", "/api/v1/apply").body("application/toml", document).send().await;
    assert_eq!(applied.status, 200, "{}", applied.text());
    let cause = three_held(&world).await;
    world.clock.advance(8 * 3600);
    let preview = world.get(&path(&cause, "/preview")).await.json();
    assert_eq!((&preview["told_by"], &preview["counts"]["notices"]), (&"punctual".into(), &json!(2)), "{preview:#}");
    let told: Vec<&Value> = preview["visits"].as_array().unwrap().iter().map(|visit| &visit["notices"]).collect();
    assert_eq!(told, [&json!(["booked"]), &json!([]), &json!(["booked"])], "of what has begun nobody is told");
}

#[tokio::test]
async fn s0_29_people_say_whether_an_explanation_was_right() {
    let world = World::start().await;
    three_held(&world).await;
    let path = |id: &str| format!("/api/v1/integrations/{CHIRON}/appointments/{id}/feedback");
    let wrong = json!({ "right": false, "note": "she has an account" });
    let said = world.ask(Role::Desk, "POST", &path("A-2")).json(&wrong).send().await.json();
    assert_eq!((&said["code"], &said["verdict"]), (&"NO_CONNECTED_PROVIDER_ACCOUNT".into(), &"held".into()));
    assert_eq!((&said["author"], &said["at"]), (&"desk of northside".into(), &"2026-11-21T15:04:05Z".into()));
    assert!(said["sentence"].as_str().unwrap().starts_with("Held: "), "{said}");
    world.ask(Role::Support, "POST", &path("A-3")).json(&json!({ "right": true })).send().await;
    let list = world.ask(Role::Support, "GET", "/api/v1/feedback").send().await.json();
    let notes: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|item| item["note"].as_str().unwrap()).collect();
    assert_eq!(notes, ["", "(a note of 18 characters, masked)"], "newest first; what people typed is masked");
    assert_eq!(list["rates"], json!([{ "code": "NO_CONNECTED_PROVIDER_ACCOUNT", "right": 1, "wrong": 1 }]));
    let seen = async || world.get("/api/v1/audit?subject=feedback").await.json()["items"].as_array().unwrap().len();
    assert_eq!(seen().await, 0, "nobody saw anything unmasked");
    let open = world.get("/api/v1/feedback").await.json();
    assert_eq!(open["items"][1]["note"], "she has an account", "the clinic's own people see it");
    assert_eq!(seen().await, 1, "and that they did is in the log");
    world.ask(Role::Desk, "GET", "/api/v1/feedback").send().await.problem(403, "forbidden");
    let theirs = Request::new(world.address, "GET", "/api/v1/feedback").token(world.token(SOUTHSIDE, Role::Support));
    assert_eq!(theirs.send().await.json()["items"], json!([]), "of another practice nothing is heard");
    world.ask(Role::Desk, "POST", &path("A-9")).json(&wrong).send().await.problem(404, "not_found");
    let audit = world.get(&format!("/api/v1/audit?subject={CHIRON}/A-2")).await.json();
    assert_eq!(
        (&audit["items"][0]["action"], &audit["items"][0]["detail"]),
        (&"feedback".into(), &"wrong: she has an account".into())
    );
}

#[tokio::test]
async fn s0_28_a_bundle_has_everything_and_no_name() {
    let world = World::start().await;
    let cause = three_held(&world).await;
    let typed = "Ada Okafor's mother, 312 555 0172";
    say(&world, Role::Desk, &cause, json!({ "handling": "acknowledge", "note": typed })).await;
    let said = json!({ "right": false, "note": typed });
    let feedback = format!("/api/v1/integrations/{CHIRON}/appointments/A-2/feedback");
    world.ask(Role::Desk, "POST", &feedback).json(&said).send().await;
    let path = format!("/api/v1/integrations/{CHIRON}/appointments/A-2/bundle");
    let answer = world.ask(Role::Admin, "GET", &path).send().await;
    let bundle = answer.json();
    assert_eq!((&bundle["format"], &bundle["integration"]["id"]), (&"punctual-case@1".into(), &CHIRON.into()));
    let explanation = &bundle["explanation"];
    assert_eq!(explanation["verdict"], "held");
    assert!(explanation["findings"].as_array().unwrap().len() > 40, "every gate");
    assert!(!explanation["timeline"].as_array().unwrap().is_empty() && explanation["delivery"]["attempts"] == 0);
    assert_eq!(bundle["causes"][0]["history"][1]["what"], "acknowledged");
    // An admin sees names everywhere else; a file that leaves the house has none.
    let masked = "(a note of 33 characters, masked)";
    assert_eq!(
        (&bundle["causes"][0]["history"][1]["note"], &bundle["feedback"][0]["note"]),
        (&masked.into(), &masked.into())
    );
    for private in ["Okafor", "a-2@patients.example", "1980", "Ada", "0172", "mother"] {
        assert!(!answer.text().contains(private), "{private} is in {}", answer.text());
    }
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let case = format!("/integrations/{CHIRON}/appointments/A-2");
    let file =
        world.nobody("POST", &format!("{case}/bundle")).session(&session).form(&[("note", "unexplained")]).send().await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"punctual-northside-chiron-A-2.json\""));
    assert_eq!((file.json()["note"].as_str(), file.json()["role"].as_str()), (Some("unexplained"), Some("desk")));
    let audit = world.get(&format!("/api/v1/audit?subject={CHIRON}/A-2")).await.json();
    assert_eq!((&audit["items"][0]["action"], &audit["items"][0]["detail"]), (&"bundle".into(), &"unexplained".into()));
    let telling = [("note", "Okafor, born 1980-02-29, still held")];
    let file = world.nobody("POST", &format!("{case}/bundle")).session(&session).form(&telling).send().await;
    assert_eq!(
        file.json()["note"].as_str(),
        Some("*** born *** still held"),
        "the note keeps its words, not the person"
    );
}

#[tokio::test]
async fn the_page_of_a_cause_says_how_it_stands_and_takes_what_is_said() {
    let world = World::start().await;
    let cause = three_held(&world).await;
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let look = async |path: &str| main_words(&world.nobody("GET", path).session(&session).send().await);
    let page = format!("/causes/{}", cause["id"].as_str().unwrap());
    let send = async |form: &[(&str, &str)]| {
        world.nobody("POST", &format!("{page}/handling")).session(&session).form(form).send().await
    };
    let open = look(&page).await;
    for expected in
        ["Open. Platform support has it.", "By when Sat 21 Nov 2026, 14:00 (America/Chicago)", "3 of 3", "Escalate"]
    {
        assert!(open.contains(expected), "{expected} is not in {open}");
    }
    let answer = send(&[("handling", "acknowledge"), ("note", "on the phone")]).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some(format!("{page}?done=handled").as_str())));
    let taken = look(&format!("{page}?done=handled")).await;
    for expected in [
        "Noted. It is closed by itself",
        "Somebody is at it.",
        "desk of northside is at it",
        "Acknowledged. on the phone",
    ] {
        assert!(taken.contains(expected), "{expected} is not in {taken}");
    }
    assert_eq!(send(&[("handling", "snooze"), ("minutes", "60")]).await.status, 303);
    assert!(look("/causes").await.contains("desk of northside put it off until Sat 21 Nov 2026, 10:04"));
    assert_eq!(send(&[("handling", "snooze"), ("minutes", "1440")]).await.status, 400, "not beyond its visit");
    assert_eq!(send(&[("handling", "explode")]).await.status, 400);
    let preview = look(&format!("{page}/preview")).await;
    assert!(preview.contains("3 of 3 visits would change their verdict."), "{preview}");
    let case = format!("/integrations/{CHIRON}/appointments/A-2");
    assert!(look(&case).await.contains("Was this right?"));
    let said = world
        .nobody("POST", &format!("{case}/feedback"))
        .session(&session)
        .form(&[("right", "false"), ("note", "hm")])
        .send()
        .await;
    assert_eq!(said.header("location"), Some(format!("{case}?done=said").as_str()));
    let support = world.log_in(NORTHSIDE, Role::Support).await;
    let list = world.nobody("GET", "/feedback").session(&support).send().await;
    let list = words(&list.text());
    assert!(
        list.contains("desk of northside (desk)") && list.contains("wrong (a note of 2 characters, masked)"),
        "{list}"
    );
}

#[tokio::test]
async fn messages_of_no_integration_are_listed_for_the_installation() {
    let world = World::start().await;
    let operator = world.engine.create_token(&Actor::operator(), Role::Admin, "operator", None).await.unwrap();
    let mut stranger = Visit::new("X-1");
    stranger.facility = "NOWHERE";
    let intake = connectors::hl7v2::Intake::new(world.engine.clone());
    intake.take(stranger.message().as_bytes(), &"mllp".into(), None).await;
    let ask = |token: &str| Request::new(world.address, "GET", "/api/v1/unrouted").token(token);
    let list = ask(&operator.token).send().await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert!(list["items"][0]["note"].as_str().is_some(), "it says why: {list}");
    assert!(!list.to_string().contains("Okafor"));
    ask(world.token(NORTHSIDE, Role::Admin)).send().await.problem(404, "not_found");
    let login = world.nobody("POST", "/login").form(&[("token", &operator.token), ("next", "/")]).send().await;
    let session = login.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let page = world.nobody("GET", "/unrouted").session(&session).send().await.text();
    let id = list["items"][0]["id"].as_str().unwrap();
    assert!(page.contains(&format!("href=\"/envelopes/{id}\"")), "{page}");
    let message = world.nobody("GET", &format!("/envelopes/{id}")).session(&session).send().await;
    assert!(message.status == 200 && message.text().contains("NOWHERE"), "{}", message.status);
    let all = world.nobody("GET", "/integrations").session(&session).send().await.text();
    assert!(all.contains("href=\"/unrouted\""));
}

crate::harness::stores::on_postgres! {
    s3_21_a_cause_says_who_has_it_by_when_and_what_it_keeps,
    people_say_what_they_do_and_nothing_of_it_closes_a_cause,
    x_10_what_people_typed_of_a_cause_is_masked_until_a_reason_is_given,
    s3_24_what_is_past_its_time_goes_on_by_itself,
    a_preview_says_what_a_fix_would_do_and_does_nothing,
    a_preview_counts_the_notices_that_would_go_out,
    s0_29_people_say_whether_an_explanation_was_right,
    s0_28_a_bundle_has_everything_and_no_name,
    the_page_of_a_cause_says_how_it_stands_and_takes_what_is_said,
    messages_of_no_integration_are_listed_for_the_installation,
}
