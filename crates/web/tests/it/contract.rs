//! The contract's table of calls, field by field. The harness checks every answer against the description as well.

use crate::harness::{Answer, CHIRON, Mood, Visit, World};
use engine::ops::Role;
use serde_json::{Value, json};

fn path(rest: &str) -> String {
    format!("/api/v1/integrations/{CHIRON}{rest}")
}

fn ids(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["source_id"].as_str().unwrap()).collect()
}

/// Every list has this form.
#[track_caller]
fn items(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let list = answer.json();
    assert_eq!(list["next_cursor"], Value::Null);
    list["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn integrations_tell_lifecycle_feed_and_counts() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").message()).await;
    world.receive(&Visit::new("A-2").unlinked().message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let listed = items(&world.get("/api/v1/integrations").await);
    assert_eq!(listed.len(), 1);
    let shown = world.get(&path("")).await.json();
    assert_eq!(listed[0], shown);
    assert_eq!(shown["id"], CHIRON);
    assert_eq!(shown["lifecycle"], "live");
    assert_eq!(shown["feed"]["state"], "never_read");
    assert_eq!((&shown["counts"]["in_sync"], &shown["counts"]["held"]), (&json!(1), &json!(1)));
    for verdict in
        ["in_sync", "on_time", "waiting_by_rule", "held", "failed", "excluded", "arrived_wrong", "unexplained"]
    {
        assert!(shown["counts"][verdict].is_u64(), "{verdict}");
    }
    world.prove_reading(true).await;
    let feed = world.get(&path("")).await.json()["feed"].clone();
    assert_eq!(feed["state"], "reading");
    assert_eq!(feed["complete_up_to"], "2026-11-21T15:04:05Z");
}

#[tokio::test]
async fn the_lifecycle_goes_step_by_step() {
    let world = World::start().await;
    let go =
        async |to: &str| world.ask(Role::Admin, "POST", &path("/lifecycle")).json(&json!({ "to": to })).send().await;
    assert_eq!(go("paused").await.json()["lifecycle"], "paused");
    // A visit that comes meanwhile is held, and goes on by itself when the integration is live again.
    world.receive(&Visit::new("A-1").message()).await;
    let held = world.until_verdict("A-1", "held").await;
    assert_eq!(held["primary"], "INTEGRATION_NOT_LIVE");
    let live = go("live").await;
    assert_eq!(live.json()["lifecycle"], "live");
    world.until_verdict("A-1", "in_sync").await;
    // The same again changes nothing.
    assert_eq!(go("live").await.status, 200);
    let problem = go("configured").await.problem(409, "lifecycle_step");
    assert_eq!(problem["steps"], json!([]));
    go("gone").await.problem(400, "invalid_request");
}

#[tokio::test]
async fn an_illegal_jump_tells_the_steps_left() {
    let world = World::start().await;
    let document = crate::harness::northside(|document| {
        document
            .replace("northside-chiron", "northside-new")
            .replace("NORTHSIDE", "NEW")
            .replace("\"live\"", "\"initiated\"")
    });
    let applied = world.ask(Role::Admin, "POST", "/api/v1/apply").body("application/toml", document).send().await;
    assert_eq!(applied.status, 200, "{}", applied.text());
    let jump = world.ask(Role::Engineer, "POST", "/api/v1/integrations/northside-new/lifecycle");
    let problem = jump.json(&json!({ "to": "live" })).send().await.problem(409, "lifecycle_step");
    assert_eq!(problem["steps"], json!(["authorized", "configured", "live"]));
    let step = world.ask(Role::Engineer, "POST", "/api/v1/integrations/northside-new/lifecycle");
    assert_eq!(step.json(&json!({ "to": "authorized" })).send().await.json()["lifecycle"], "authorized");
}

#[tokio::test]
async fn appointments_are_listed_by_verdict_code_time_and_page() {
    let world = World::start().await;
    for (id, start) in [("A-1", "20261121120000"), ("A-2", "20261121130000"), ("A-3", "20261122090000")] {
        let visit = Visit { start: start.to_owned(), end: String::new(), ..Visit::new(id).unlinked() };
        world.receive(&visit.message()).await;
    }
    world
        .receive(&Visit { start: "20261121110000".to_owned(), end: String::new(), ..Visit::new("A-0") }.message())
        .await;
    world.until_verdict("A-0", "in_sync").await;
    let all = world.get(&path("/appointments")).await.json();
    assert_eq!(ids(&all), ["A-0", "A-1", "A-2", "A-3"]);
    assert_eq!(all["next_cursor"], Value::Null);
    let item = &all["items"][1];
    assert_eq!(item["verdict"], "held");
    assert_eq!(item["primary"], "NO_CONNECTED_PROVIDER_ACCOUNT");
    assert_eq!(item["sentence"], "Held: Kim Lee (DR9) has no connected provider account.");
    assert_eq!(item["start"], "2026-11-21T18:00:00Z");
    assert_eq!(item["patients"], json!([{ "source_id": "P-A-1", "name": "Ada Okafor" }]));
    for (query, expected) in [
        ("?verdict=in_sync", &["A-0"][..]),
        ("?verdict=held,failed&verdict=in_sync", &["A-0", "A-1", "A-2", "A-3"]),
        ("?code=NO_CONNECTED_PROVIDER_ACCOUNT", &["A-1", "A-2", "A-3"]),
        ("?verdict=in_sync&code=NO_CONNECTED_PROVIDER_ACCOUNT", &[]),
        ("?from=2026-11-21T19:00:00Z", &["A-2", "A-3"]),
        ("?to=2026-11-21T12:00:00-06:00", &["A-0"]),
        ("?from=2026-11-21T18:00:00+00:00&to=2026-11-21T19:00:00+00:00", &["A-1"]),
        ("?verdict=&code=&from=&to=&cursor=", &["A-0", "A-1", "A-2", "A-3"]),
    ] {
        let list = world.get(&path(&format!("/appointments{query}"))).await;
        assert_eq!(list.status, 200, "{query}: {}", list.text());
        assert_eq!(ids(&list.json()), expected, "{query}");
    }
    // Page by page the same rows come, each once.
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    for _ in 0..9 {
        let page = world.get(&path(&format!("/appointments?limit=3&cursor={cursor}"))).await.json();
        seen.extend(ids(&page).iter().map(|id| (*id).to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(seen, ["A-0", "A-1", "A-2", "A-3"]);
}

#[tokio::test]
async fn a_list_that_is_asked_wrongly_says_where() {
    let world = World::start().await;
    for (query, place, told) in [
        ("verdict=stuck", "query parameter verdict", "in_sync, on_time"),
        ("code=NOPE", "query parameter code", "/api/v1/reasons"),
        ("from=yesterday", "query parameter from", "RFC 3339"),
        ("limit=many", "query parameter limit", "number"),
        ("verdcit=held", "query parameter verdcit", "Known: verdict, code, from, to, cursor, limit"),
        ("to=2026-11-21T15:00:00Z&to=2026-11-22T15:00:00Z", "query parameter to", "once"),
    ] {
        let problem = world.get(&path(&format!("/appointments?{query}"))).await.problem(400, "invalid_request");
        assert_eq!(problem["where"], place, "{query}");
        assert!(problem["detail"].as_str().unwrap().contains(told), "{query}: {problem}");
    }
    world.get(&path("/appointments?cursor=zzz")).await.problem(400, "invalid_request");
}

#[tokio::test]
async fn anything_a_person_types_finds_the_visit() {
    let world = World::start().await;
    let message = Visit::new("A-1001").message();
    let control = message.split('|').nth(9).unwrap().to_owned();
    world.receive(&message).await;
    let search = async |q: &str| world.ask(Role::Desk, "POST", &path("/search")).json(&json!({ "q": q })).send().await;
    for q in ["A-1001", "Ada Okafor", "okafor, ada", "Okafor", "P-A-1001", "2026-11-21", "11/21/2026", &control] {
        assert_eq!(ids(&search(q).await.json()), ["A-1001"], "{q}");
    }
    for q in ["Nobody", "", "2026-11-22"] {
        assert!(items(&search(q).await).is_empty(), "{q}");
    }
}

#[tokio::test]
async fn an_explanation_has_every_field_of_the_contract() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1001").unlinked().message()).await;
    let held = world.until_verdict("A-1001", "held").await;
    let finding = held["findings"].as_array().unwrap().iter().find(|finding| finding["state"] == "fail").unwrap();
    assert_eq!(finding["gate"], "provider_linked");
    assert_eq!(finding["code"], "NO_CONNECTED_PROVIDER_ACCOUNT");
    assert_eq!(finding["family"], "provider");
    assert_eq!(finding["owner"], json!({ "role": "support", "name": null }));
    assert_eq!(finding["heals"], "when_observed");
    assert_eq!(finding["wakes_on"], json!(["provider:DR9"]));
    let evidence = &finding["evidence"];
    assert_eq!(evidence["observed"], "DR9");
    assert_eq!(evidence["where"], "AIP-3.1");
    assert_eq!((&evidence["rule"], &evidence["profile"]), (&json!("provider_linked"), &json!("chiron@1")));
    assert!(evidence["envelope"].as_str().unwrap().starts_with("env_"));
    // S0-5: every gate that ran is there, also those that passed, in the order of the ladder.
    let families: Vec<&str> =
        held["findings"].as_array().unwrap().iter().map(|finding| finding["family"].as_str().unwrap()).collect();
    let mut order = families.clone();
    order.dedup();
    assert_eq!(
        order,
        ["integration", "provider", "patient", "type", "time", "status", "participants", "write", "told"]
    );
    assert!(families.len() > 30, "{}", families.len());
    insta::assert_snapshot!("explanation_of_a_held_visit", redacted(&held));
    world.receive(&Visit::new("A-1002").message()).await;
    let synced = world.until_verdict("A-1002", "in_sync").await;
    assert_eq!(synced["delivery"]["platform_id"], "card_A-1002");
    insta::assert_snapshot!("explanation_of_a_visit_in_sync", redacted(&synced));
}

/// An explanation without what differs from run to run.
fn redacted(explanation: &Value) -> String {
    let mut text = serde_json::to_string_pretty(explanation).unwrap();
    for (prefix, length) in [("env_", 13), ("message M", 5)] {
        let mut rest = text.as_str();
        let mut without = String::new();
        while let Some((before, behind)) = rest.split_once(prefix) {
            without.push_str(before);
            without.push_str(prefix);
            without.push('…');
            rest = &behind[length..];
        }
        without.push_str(rest);
        text = without;
    }
    text
}

#[tokio::test]
async fn a_visit_that_was_never_received_is_told_apart_from_one_nobody_looked_for() {
    let world = World::start().await;
    let ask = async |body: Value| world.ask(Role::Support, "POST", &path("/why")).json(&body).send().await;
    let lost = json!({
        "patient": { "name": "Grace Hopper", "birth_date": "1980-12-09" },
        "start": "2026-11-21T18:00:00Z", "provider": "DR7",
    });
    let absent = ask(lost.clone()).await.json();
    assert_eq!(absent["answer"], "not_yet_looked");
    assert_eq!(absent["coverage"], json!([]));
    world.prove_reading(false).await;
    assert_eq!(ask(lost.clone()).await.json()["answer"], "read_incomplete");
    // Another start of the same stretch: now everything was read.
    world.clock.advance(1);
    world.prove_reading(true).await;
    world.receive(&Visit { start: "20261121121500".to_owned(), ..Visit::new("A-7") }.message()).await;
    let never = ask(lost).await.json();
    assert_eq!(never["answer"], "never_received", "{never:#}");
    assert!(never["sentence"].as_str().unwrap().contains("(America/Chicago)"), "{never:#}");
    let coverage = &never["coverage"][0];
    assert_eq!((&coverage["feed"], &coverage["complete"]), (&json!("mllp"), &json!(true)));
    // Found: by what somebody on the phone knows.
    let found = ask(json!({
        "patient": { "name": "Ada Okafor", "birth_date": "1980-02-29" }, "start": "2026-11-21T18:15:00Z",
    }))
    .await
    .json();
    assert_eq!((&found["answer"], &found["source_id"]), (&json!("found"), &json!("A-7")));
    assert!(found["findings"].is_array());
    let near = ask(json!({ "start": "2026-11-21T18:00:00Z" })).await.json();
    assert_eq!(near["nearest"][0]["source_id"], "A-7");
    ask(json!({})).await.problem(400, "invalid_request");
    let problem = ask(json!({ "patient": { "nam": "x" } })).await.problem(400, "invalid_request");
    assert!(problem["detail"].as_str().unwrap().contains("unknown field `nam`"), "{problem}");
}

#[tokio::test]
async fn causes_are_fixed_once_and_the_visits_heal_alone() {
    let world = World::start().await;
    for id in ["A-1", "A-2"] {
        world.receive(&Visit::new(id).unlinked().message()).await;
    }
    world.receive(&Visit { email: String::new(), ..Visit::new("A-3") }.message()).await;
    let causes = items(&world.get(&format!("/api/v1/causes?integration={CHIRON}&state=open")).await);
    assert_eq!(causes.len(), 2);
    let first = &causes[0];
    assert_eq!(first["code"], "NO_CONNECTED_PROVIDER_ACCOUNT");
    assert_eq!(first["subject"], "DR9");
    assert_eq!(first["count"], 2);
    assert_eq!(first["first_seen"], "2026-11-21T15:04:05Z");
    assert_eq!(first["next_start"], "2026-11-21T18:00:00Z");
    assert_eq!(first["owner"], json!({ "role": "support", "name": null }));
    assert_eq!(first["state"], "open");
    assert_eq!(causes[1]["owner"], json!({ "role": "desk", "name": "Front desk of Northside" }));
    let explained = world.explain("A-1").await;
    assert_eq!(explained["fix_once"][0]["others"], json!(["A-2"]));
    assert_eq!(explained["fix_once"][0]["cause"], first["id"]);
    let link = world.ask(Role::Support, "PUT", &path("/links/provider/DR9")).json(&json!({ "platform_id": "prov_9" }));
    assert_eq!(
        link.send().await.json(),
        json!({ "integration": CHIRON, "kind": "provider", "source_id": "DR9", "platform_id": "prov_9" })
    );
    for id in ["A-1", "A-2"] {
        world.until_verdict(id, "in_sync").await;
    }
    assert_eq!(items(&world.get("/api/v1/causes").await).len(), 1);
    world.get("/api/v1/causes?state=closed").await.problem(400, "invalid_request");
    // Apart again: what is still to come is held again.
    let apart = world.ask(Role::Support, "DELETE", &path("/links/provider/DR9")).send().await;
    assert_eq!(apart.status, 204);
    world.until_verdict("A-1", "held").await;
    let again = world.ask(Role::Support, "DELETE", &path("/links/provider/DR9")).send().await;
    again.problem(404, "not_found");
    let kind = world.ask(Role::Support, "PUT", &path("/links/colour/X")).json(&json!({ "platform_id": "p" }));
    kind.send().await.problem(400, "invalid_request");
}

#[tokio::test]
async fn a_cause_that_leaves_it_to_people_is_decided() {
    let world = World::start().await;
    // Booked this morning for half past eight, and over when it came.
    let past = |id: &str| Visit {
        start: "20261121083000".to_owned(),
        end: "20261121084500".to_owned(),
        sent: "20261121080000".to_owned(),
        ..Visit::new(id)
    };
    world.receive(&past("A-1").message()).await;
    let held = world.until_verdict("A-1", "held").await;
    assert_eq!(held["primary"], "PAST_ON_ARRIVAL");
    let cause = items(&world.get("/api/v1/causes").await)[0].clone();
    assert_eq!(cause["heals"], "by_decision");
    let decide = async |role, body: Value| {
        let path = format!("/api/v1/causes/{}/decision", cause["id"].as_str().unwrap());
        world.ask(role, "POST", &path).json(&body).send().await
    };
    decide(Role::Support, json!({ "decision": "maybe" })).await.problem(400, "invalid_request");
    decide(Role::Engineer, json!({ "decision": "apply" })).await.problem(403, "forbidden");
    let decided = decide(Role::Support, json!({ "decision": "apply", "note": "the patient was phoned" })).await;
    assert_eq!(decided.status, 200, "{}", decided.text());
    assert_eq!((&decided.json()["count"], &decided.json()["state"]), (&json!(0), &json!("closed")));
    world.until_verdict("A-1", "in_sync").await;
    let log = world.get("/api/v1/audit").await.json();
    let row = log["items"].as_array().unwrap().iter().find(|row| row["action"] == "decide").unwrap().clone();
    assert_eq!(
        (&row["actor"], &row["detail"]),
        (&json!("support of northside"), &json!("apply: the patient was phoned"))
    );
}

#[tokio::test]
async fn cards_are_what_the_platform_shows() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").message()).await;
    world.receive(&Visit::new("A-2").message()).await;
    world.receive(&Visit::new("A-3").unlinked().message()).await;
    for id in ["A-1", "A-2"] {
        world.until_verdict(id, "in_sync").await;
    }
    let cancelled = Visit {
        trigger: "S15",
        sent: "20261121083500".to_owned(),
        status: "Cancelled".to_owned(),
        ..Visit::new("A-2")
    };
    world.receive(&cancelled.message()).await;
    let mut cards = json!([]);
    for _ in 0..100 {
        cards = world.ask(Role::Platform, "GET", &path("/cards?tab=past")).send().await.json();
        if !cards["items"].as_array().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(ids(&cards), ["A-2"]);
    assert_eq!(cards["items"][0]["status"], "cancelled");
    let upcoming = world.ask(Role::Platform, "GET", &path("/cards?tab=upcoming")).send().await.json();
    assert_eq!(ids(&upcoming), ["A-1"], "what is held is not shown");
    let card = &upcoming["items"][0];
    assert_eq!(card["platform_id"], "card_A-1");
    assert_eq!(card["tab"], "upcoming");
    assert_eq!((&card["start"], &card["end"]), (&json!("2026-11-21T18:00:00Z"), &json!("2026-11-21T18:30:00Z")));
    assert_eq!(card["version"], 1);
    assert_eq!(
        card["participants"],
        json!([{ "source_id": "P-A-1", "name": "Ada Okafor", "status": "booked", "origin": "source" }])
    );
    assert_eq!(ids(&world.ask(Role::Platform, "GET", &path("/cards")).send().await.json()).len(), 2);
    world.ask(Role::Platform, "GET", &path("/cards?tab=future")).send().await.problem(400, "invalid_request");
}

#[tokio::test]
async fn a_receipt_confirms_what_was_only_accepted() {
    let world = World::start().await;
    world.platform.be(Mood::Accepts);
    world.receive(&Visit::new("A-1").message()).await;
    let waiting = world.until_verdict("A-1", "on_time").await;
    assert_eq!(waiting["primary"], "ON_TIME_WAITING");
    assert!(waiting["expected_by"].is_string());
    let give = async |body: Value| world.ask(Role::Platform, "POST", &path("/receipts")).json(&body).send().await;
    let receipt = json!({
        "source_id": "A-1", "version": 1, "platform_id": "room_5",
        "participants": [{ "name": "Interpreter", "email": "i@example.com", "origin": "platform" }],
    });
    for _ in 0..2 {
        let taken = give(receipt.clone()).await;
        assert_eq!(taken.json(), json!({ "integration": CHIRON, "source_id": "A-1", "version": 1 }));
    }
    let synced = world.until_verdict("A-1", "in_sync").await;
    assert_eq!(synced["delivery"]["state"], "confirmed");
    assert_eq!(synced["delivery"]["platform_id"], "room_5");
    give(json!({ "source_id": "A-9", "version": 1 })).await.problem(404, "not_found");
    let problem =
        give(json!({ "source_id": "A-1", "version": 1, "colour": "red" })).await.problem(400, "invalid_request");
    assert!(problem["where"].as_str().unwrap().starts_with("line 1"), "{problem}");
}

#[tokio::test]
async fn changes_come_once_each_and_the_last_cursor_stays_good() {
    let world = World::start().await;
    let pull = async |cursor: &str| {
        let path = format!("/api/v1/changes?cursor={cursor}");
        world.ask(Role::Platform, "GET", &path).send().await.json()
    };
    assert_eq!(pull("").await, json!({ "items": [], "next_cursor": null }));
    world.receive(&Visit::new("A-1").message()).await;
    world.receive(&Visit::new("A-2").unlinked().message()).await;
    // Where several processes may write, what is younger than three seconds is told of later.
    world.clock.advance(4);
    let first = pull("").await;
    assert_eq!(ids(&first), ["A-1", "A-2"]);
    assert_eq!(first["items"][0]["card"]["participants"][0]["email"], "a-1@patients.example");
    assert_eq!(first["items"][1]["card"], Value::Null, "what is held is not shown");
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(pull(cursor).await["items"], json!([]));
    world.receive(&Visit::new("A-3").message()).await;
    world.clock.advance(4);
    assert_eq!(ids(&pull(cursor).await), ["A-3"]);
    world.ask(Role::Platform, "GET", "/api/v1/changes?cursor=now").send().await.problem(400, "invalid_request");
}

#[tokio::test]
async fn fhir_resources_bundles_and_lines_are_taken_in_like_messages() {
    let world = World::start().await;
    let hand_in = async |kind: &str, body: &str| {
        world.ask(Role::Engineer, "POST", &path("/envelopes")).body(kind, body).send().await
    };
    let visit = |id: &str, start: &str| {
        format!(r#"{{"resourceType":"Appointment","id":"{id}","status":"booked","start":"{start}","participant":[]}}"#)
    };
    let (good, bad) = (visit("F-1", "2026-11-22T10:00:00-06:00"), visit("F-2", "2026-02-30T10:00:00-06:00"));
    let taken = hand_in("application/fhir+json; fhirVersion=4.0", &good).await;
    assert_eq!((taken.status, &taken.json()["repeated"]), (202, &json!(false)), "{}", taken.text());
    let id = taken.json()["id"].clone();
    let again = hand_in("application/fhir+json", &good).await;
    assert_eq!((&again.json()["id"], &again.json()["repeated"]), (&id, &json!(true)), "the same again is known");
    let explained = world.ask(Role::Support, "GET", &path("/appointments/F-1")).purpose("ticket 7").send().await.json();
    assert_eq!(explained["appointment"]["start"], "2026-11-22T16:00:00Z");
    let problem = hand_in("application/fhir+json", &bad).await.problem(422, "message_not_applied");
    assert_eq!(problem["where"], "Appointment.start", "{problem}");
    let other = hand_in("application/fhir+json", r#"{"resourceType":"Observation","id":"o"}"#).await;
    assert_eq!(other.problem(422, "message_not_applied")["where"], "resourceType");
    // Of a bundle and of lines, what is well is taken in, and what is not is told with its place.
    let third = visit("F-3", "2026-11-22T11:00:00-06:00");
    let bundle = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{bad}}},{{"resource":{third}}}]}}"#);
    let problem = hand_in("application/fhir+json", &bundle).await.problem(422, "message_not_applied");
    assert_eq!(problem["where"], "Bundle.entry[0].resource.start", "{problem}");
    let lines = format!("{}\n\n{bad}\n", visit("F-4", "2026-11-22T12:00:00-06:00"));
    let problem = hand_in("application/fhir+ndjson", &lines).await.problem(422, "message_not_applied");
    assert_eq!(problem["where"], "line[3].Appointment.start", "{problem}");
    for id in ["F-3", "F-4"] {
        let found =
            world.ask(Role::Support, "GET", &path(&format!("/appointments/{id}"))).purpose("ticket 7").send().await;
        assert_eq!(found.status, 200, "{id}: {}", found.text());
    }
}

#[tokio::test]
async fn messages_are_taken_in_or_it_is_said_where_they_broke() {
    let world = World::start().await;
    let hand_in = async |kind: &str, body: &str| {
        world.ask(Role::Engineer, "POST", &path("/envelopes")).body(kind, body).send().await
    };
    let good = Visit::new("A-1").message();
    let taken = hand_in("application/hl7-v2; charset=utf-8", &good).await;
    assert_eq!(taken.status, 202, "{}", taken.text());
    let id = taken.json()["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("env_"), "{id}");
    assert_eq!(hand_in("application/hl7-v2", &good).await.status, 202, "a repetition gets the same answer");
    let broken =
        hand_in("application/hl7-v2", &good.replace("20261121120000", "20261321120000").replace("|M", "|X")).await;
    let problem = broken.problem(422, "message_not_applied");
    assert!(problem["where"].as_str().unwrap().starts_with("SCH"), "{problem}");
    let kept = problem["envelope"].as_str().unwrap();
    let nonsense = hand_in("application/hl7-v2", "hello").await.problem(422, "message_not_applied");
    assert!(nonsense["envelope"].as_str().unwrap().starts_with("env_"));
    hand_in("text/csv", &good).await.problem(415, "unsupported_media_type");
    world.ask(Role::Engineer, "POST", &path("/envelopes")).send().await.problem(415, "unsupported_media_type");
    // What was kept can be read again, exactly as it came, by those who say why.
    let read = |id: &str| world.ask(Role::Engineer, "GET", &format!("/api/v1/envelopes/{id}"));
    read(&id).send().await.problem(403, "purpose_required");
    let envelope = read(&id).purpose("ticket 7").send().await.json();
    assert_eq!((&envelope["body"], &envelope["state"]), (&json!(good), &json!("applied")));
    assert_eq!(envelope["media_type"], "application/hl7-v2");
    assert_eq!(read(kept).purpose("ticket 7").send().await.json()["state"], "set_aside");
    let aside = items(&world.ask(Role::Support, "GET", &path("/envelopes")).send().await);
    assert_eq!(aside[0]["id"], kept);
    assert!(aside[0]["note"].as_str().unwrap().starts_with("SCH"), "{aside:?}");
    let missing = world.ask(Role::Admin, "GET", "/api/v1/envelopes/env_0000000000000").send().await;
    missing.problem(404, "not_found");
    world.ask(Role::Admin, "GET", "/api/v1/envelopes/nonsense").send().await.problem(404, "not_found");
}

#[tokio::test]
async fn driving_again_is_previewed_and_safe_to_repeat() {
    let world = World::start().await;
    world.platform.be(Mood::Refuses);
    world.receive(&Visit::new("A-1").message()).await;
    world.until_verdict("A-1", "failed").await;
    world.platform.be(Mood::Confirms);
    let drive = async |query: &str| {
        world.ask(Role::Support, "POST", &path(&format!("/appointments/A-1/redrive{query}"))).send().await
    };
    let preview = drive("?preview=true").await.json();
    assert_eq!(preview["before"], "failed");
    world.until_verdict("A-1", "failed").await;
    assert_eq!(drive("").await.status, 200);
    world.until_verdict("A-1", "in_sync").await;
    let sent = world.platform.carried().len();
    for _ in 0..3 {
        assert_eq!(drive("").await.json(), json!({ "before": "in_sync", "after": "in_sync", "changed": false }));
    }
    assert_eq!(world.platform.carried().len(), sent, "nothing is sent twice");
    world.ask(Role::Support, "POST", &path("/appointments/NO/redrive")).send().await.problem(404, "not_found");
    drive("?preview=perhaps").await.problem(400, "invalid_request");
}

#[tokio::test]
async fn the_catalogue_is_open_to_every_role() {
    let world = World::start().await;
    let list = items(&world.ask(Role::Platform, "GET", "/api/v1/reasons").send().await);
    assert_eq!(list.len(), domain::reasons::Reason::ALL.len());
    let one = world.ask(Role::Compliance, "GET", "/api/v1/reasons/PATIENT_EMAIL_MISSING").send().await.json();
    assert_eq!(one["owner"], "desk");
    assert_eq!(one["heals"], "when_observed");
    assert!(list.contains(&one));
    world.ask(Role::Desk, "GET", "/api/v1/reasons/NOPE").send().await.problem(404, "not_found");
}

#[tokio::test]
async fn every_view_and_change_is_in_the_audit_log() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").message()).await;
    let case = path("/appointments/A-1");
    world.ask(Role::Support, "GET", &case).purpose("ticket 4711").send().await;
    let read =
        async |query: &str| world.ask(Role::Compliance, "GET", &format!("/api/v1/audit{query}")).send().await.json();
    let rows = read(&format!("?subject={CHIRON}/A-1")).await;
    let row = &rows["items"][0];
    assert_eq!(row["actor"], "support of northside");
    assert_eq!(
        (&row["role"], &row["action"], &row["detail"]),
        (&json!("support"), &json!("view"), &json!("ticket 4711"))
    );
    let looked = read("").await;
    assert!(looked["items"].as_array().unwrap().len() > 1);
    let check = world.ask(Role::Compliance, "GET", "/api/v1/audit/check").send().await.json();
    assert!(check["rows"].as_u64().unwrap() > 1);
    assert_eq!(check["broken_at"], Value::Null);
}

#[tokio::test]
async fn today_lists_what_is_not_safe_yet() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").message()).await;
    world.receive(&Visit { email: String::new(), ..Visit::new("A-2") }.message()).await;
    let later =
        Visit { start: "20261122090000".to_owned(), end: "20261122093000".to_owned(), ..Visit::new("A-3").unlinked() };
    world.receive(&later.message()).await;
    world.receive(&Visit { kind: "Gardening".to_owned(), ..Visit::new("A-4") }.message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let today = world.ask(Role::Desk, "GET", "/api/v1/today").send().await.json();
    assert_eq!(today["counts"], json!({ "all": 3, "fine": 1, "on_the_way": 0, "need_you": 2, "left_out": 1 }));
    let rows: Vec<&str> =
        today["rows"].as_array().unwrap().iter().map(|row| row["source_id"].as_str().unwrap()).collect();
    assert_eq!(rows, ["A-2", "A-3"], "soonest first");
    assert_eq!(today["rows"][0]["desk_can_fix"], true);
    assert_eq!(today["rows"][0]["patients"][0]["name"], "Ada Okafor");
}

#[tokio::test]
async fn a_source_id_with_odd_letters_is_one_piece_of_the_path() {
    let world = World::start().await;
    let odd = Visit { patient: "P-9".to_owned(), email: "p9@patients.example".to_owned(), ..Visit::new("A/1 ü%2F?") };
    world.receive(&odd.message()).await;
    let list = world.get(&path("/appointments")).await.json();
    assert_eq!(ids(&list), ["A/1 ü%2F?"]);
    let answer = world.get(&path("/appointments/A%2F1%20%C3%BC%252F%3F")).await;
    assert_eq!(answer.json()["source_id"], "A/1 ü%2F?");
}

crate::harness::stores::on_postgres! {
    integrations_tell_lifecycle_feed_and_counts,
    the_lifecycle_goes_step_by_step,
    an_illegal_jump_tells_the_steps_left,
    appointments_are_listed_by_verdict_code_time_and_page,
    a_list_that_is_asked_wrongly_says_where,
    anything_a_person_types_finds_the_visit,
    an_explanation_has_every_field_of_the_contract,
    a_visit_that_was_never_received_is_told_apart_from_one_nobody_looked_for,
    causes_are_fixed_once_and_the_visits_heal_alone,
    a_cause_that_leaves_it_to_people_is_decided,
    cards_are_what_the_platform_shows,
    a_receipt_confirms_what_was_only_accepted,
    changes_come_once_each_and_the_last_cursor_stays_good,
    fhir_resources_bundles_and_lines_are_taken_in_like_messages,
    messages_are_taken_in_or_it_is_said_where_they_broke,
    driving_again_is_previewed_and_safe_to_repeat,
    every_view_and_change_is_in_the_audit_log,
    today_lists_what_is_not_safe_yet,
    a_source_id_with_odd_letters_is_one_piece_of_the_path,
}
