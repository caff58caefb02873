//! What would change under today's rules: over the API, and on a page that needs no scripts. Nothing is acted upon.

use crate::harness::html::{main_words, tags};
use crate::harness::{CHIRON, NORTHSIDE, Visit, World};
use engine::ops::Role;
use serde_json::{Value, json};

/// Five visits; one is of a provider who has no account, which is mended an hour later.
async fn mended(world: &World) {
    for n in 1..=5 {
        let start = format!("20261123{:02}0000", 8 + n);
        let visit = Visit { start, end: String::new(), ..Visit::new(&format!("A-{n}")) };
        world.receive(&if n == 3 { visit.unlinked() } else { visit }.message()).await;
        world.until_verdict(&format!("A-{n}"), if n == 3 { "held" } else { "in_sync" }).await;
        world.clock.advance(60);
    }
    world.clock.advance(3600);
    let link = format!("/api/v1/integrations/{CHIRON}/links/provider/DR9");
    let linked = world.ask(Role::Support, "PUT", &link).json(&json!({"platform_id": "prov_9"})).send().await;
    assert_eq!(linked.status, 200, "{}", linked.text());
    world.until_verdict("A-3", "in_sync").await;
    world.clock.advance(60);
}

/// Before the provider was linked.
const BEFORE: &str = "2026-11-21T16:00:00Z";

async fn judged(world: &World, query: &str) -> Value {
    let answer = world.ask(Role::Support, "GET", &address(query)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn address(query: &str) -> String {
    format!("/api/v1/integrations/{CHIRON}/rejudged{query}")
}

/// Everything that acting on something would leave behind.
async fn all_there_is(world: &World) -> Vec<Value> {
    let mut all = world.platform.carried();
    for path in ["/appointments", "/cards", "/envelopes"] {
        all.push(world.get(&format!("/api/v1/integrations/{CHIRON}{path}")).await.json());
    }
    all.push(world.get("/api/v1/changes").await.json());
    all.push(world.get("/api/v1/causes").await.json());
    for n in 1..=5 {
        all.push(world.explain(&format!("A-{n}")).await);
    }
    all
}

#[tokio::test]
async fn what_would_be_judged_otherwise_is_told_and_nothing_is_acted_upon() {
    let world = World::start().await;
    mended(&world).await;
    let before = all_there_is(&world).await;
    let rows = async || world.get("/api/v1/audit").await.json()["items"].as_array().unwrap().clone();
    let (first, second) = (rows().await, rows().await);
    let told = judged(&world, &format!("?to={BEFORE}")).await;
    assert_eq!((&told["counts"]["messages"], &told["counts"]["same"]), (&json!(5), &json!(4)), "{told}");
    assert_eq!((&told["not_read"], &told["next_cursor"], &told["more"]), (&json!([]), &Value::Null, &json!(false)));
    let expected = json!([{
        "source_id": "A-3", "start": "2026-11-23T17:00:00Z", "gate": "provider_linked", "follows": "sent",
        "before": {"verdict": "held", "code": "NO_CONNECTED_PROVIDER_ACCOUNT"},
        "after": {"verdict": "in_sync", "code": null},
    }]);
    assert_eq!(told["differences"], expected);
    let after = rows().await;
    // Looking at the log may leave a row of its own; having messages judged again leaves exactly one more.
    let looking = second.len() - first.len();
    assert_eq!(after.len(), second.len() + looking + 1, "{after:?}");
    let row = after.iter().find(|row| row["subject"] == format!("{CHIRON}/rejudged")).expect("it is noted");
    assert_eq!((&row["action"], &row["role"]), (&json!("view"), &json!("support")));
    assert_eq!(all_there_is(&world).await, before, "nothing is written, and nothing is sent");
    // Since it was mended nothing differs.
    let told = judged(&world, "").await;
    assert_eq!((&told["differences"], &told["counts"]["same"]), (&json!([]), &json!(5)), "{told}");
}

#[tokio::test]
async fn a_page_is_bounded_and_the_next_goes_on_with_what_was_known_by_then() {
    let world = World::start().await;
    mended(&world).await;
    // The third visit is moved before it is mended.
    let (mut cursor, mut pages, mut different) = (String::new(), 0, Vec::new());
    loop {
        let told = judged(&world, &format!("?to={BEFORE}&limit=2{cursor}")).await;
        assert!(told["counts"]["messages"].as_u64().unwrap() <= 2, "{told}");
        assert_eq!(told["counts"]["not_compared"], 0, "{told}");
        different.extend(told["differences"].as_array().unwrap().iter().map(|found| found["source_id"].clone()));
        pages += 1;
        match told["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((pages, different), (3, vec![json!("A-3")]));
    world.get(&address("?limit=some")).await.problem(400, "invalid_request");
    world.get(&address("?cursor=soon")).await.problem(400, "invalid_request");
    world.get(&address("?since=2026")).await.problem(400, "invalid_request");
}

#[tokio::test]
async fn a_visit_that_a_page_only_moves_meets_what_was_known_of_it() {
    let world = World::start().await;
    world.receive(&Visit::new("A-1").unlinked().message()).await;
    world.until_verdict("A-1", "held").await;
    world.clock.advance(3600);
    let moved = Visit {
        trigger: "S13",
        start: "20261121150000".to_owned(),
        end: "20261121153000".to_owned(),
        sent: "20261121100300".to_owned(),
        ..Visit::new("A-1").unlinked()
    };
    world.receive(&moved.message()).await;
    world.clock.advance(60);
    // Only the move is judged: the booking came before.
    let told = judged(&world, "?from=2026-11-21T16:00:00Z").await;
    let counts = &told["counts"];
    assert_eq!((&counts["messages"], &counts["same"], &counts["not_compared"]), (&json!(1), &json!(1), &json!(0)));
    let until = world.clock.read().to_string();
    world.clock.advance(60);
    let link = format!("/api/v1/integrations/{CHIRON}/links/provider/DR9");
    world.ask(Role::Support, "PUT", &link).json(&json!({"platform_id": "prov_9"})).send().await;
    let told = judged(&world, &format!("?from=2026-11-21T16:00:00Z&to={until}")).await;
    assert_eq!(told["differences"][0]["after"]["verdict"], "in_sync", "{told}");
}

#[tokio::test]
async fn without_room_it_says_so() {
    let world = World::start_with(|options| web::WebOptions { worlds: None, ..options }).await;
    world.get(&address("")).await.problem(503, "no_room");
    let world = World::start_with(|options| web::WebOptions {
        worlds: Some(std::sync::Arc::new(crate::harness::NoRoom)),
        ..options
    });
    let answer = world.await.get(&address("")).await;
    assert!(answer.status >= 500, "{}", answer.text());
}

#[tokio::test]
async fn the_page_asks_for_days_first_and_says_what_would_change_in_words() {
    let world = World::start().await;
    mended(&world).await;
    let session = world.log_in(NORTHSIDE, Role::Support).await;
    let look = async |path: String| world.nobody("GET", &path).session(&session).send().await;
    let integration = format!("/integrations/{CHIRON}");
    let page = format!("{integration}/rejudged");
    assert!(look(integration.clone()).await.text().contains(&format!("href=\"{page}\"")), "it is reached from there");
    let first = look(page.clone()).await;
    let words = main_words(&first);
    assert!(words.contains("Nothing is acted upon") && words.contains("Times in America/Chicago"), "{words}");
    assert!(first.text().contains("value=\"2026-11-14T00:00\"") && first.text().contains("value=\"2026-11-22T00:00\""));
    assert!(!words.contains("Messages looked at"), "nothing is judged before a time is chosen");
    let labelled = |id: &str| tags(&first.text()).iter().any(|tag| tag.name == "label" && tag.get("for") == Some(id));
    assert!(labelled("from") && labelled("to"), "both times have a label");

    let told = look(format!("{page}?from=2026-11-20T00:00&to=2026-11-22T00:00")).await;
    let words = main_words(&told);
    assert!(words.contains("Nothing would change: 5 visits would be judged as they were."), "{words}");
    let none = main_words(&look(format!("{page}?from=2026-11-18T00:00&to=2026-11-20T00:00")).await);
    assert!(none.contains("No message was kept of this time."), "{none}");
    assert_eq!(look(format!("{page}?from=soon&to=2026-11-21T00:00")).await.status, 400);
    assert_eq!(look(format!("{page}?from=2026-11-21T00:00&to=2026-11-20T00:00")).await.status, 400);

    // Struck off again, the visits of the other provider would be held.
    let link = format!("/api/v1/integrations/{CHIRON}/links/provider/DR9");
    world.clock.advance(86_400);
    world.ask(Role::Support, "DELETE", &link).send().await;
    world.until_verdict("A-3", "held").await;
    let session = world.log_in(NORTHSIDE, Role::Support).await;
    let look = async |path: String| world.nobody("GET", &path).session(&session).send().await;
    let told = look(format!("{page}?from=2026-11-21T00:00&to=2026-11-22T00:00")).await;
    let words = main_words(&told);
    for expected in [
        "1 visit would be judged otherwise, 4 as they were.",
        "Up to Sun 22 Nov 2026, 00:00 (America/Chicago)",
        "Messages looked at 5",
        "Could not be read again 0",
        "Mon 23 Nov 2026, 11:00 (America/Chicago)",
        "✓ In sync",
        "! Held",
        "Nothing more would be sent; what the platform shows would stay.",
    ] {
        assert!(words.contains(expected), "{expected} is not in {words}");
    }
    assert!(told.text().contains(&format!("href=\"{integration}/appointments/A-3\"")), "each visit has its page");
    assert!(!told.text().contains("Okafor"), "no patient is named");
}
