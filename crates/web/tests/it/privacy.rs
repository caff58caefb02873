//! Patient data is shown to whom it may be shown, and is nowhere else: not in a URL, a log, a metric or an error.

use crate::harness::html::words;
use crate::harness::{CHIRON, NORTHSIDE, Request, Visit, World, logs};
use engine::ops::Role;
use serde_json::json;

/// Names that nothing else in this process has.
const PLANTED: [&str; 4] = ["Zzyzxfamily", "Qwertgiven", "zzyzx.mail@planted.example", "zzyzx.mail"];

fn planted(id: &str) -> Visit {
    Visit {
        family: PLANTED[0].to_owned(),
        given: PLANTED[1].to_owned(),
        email: PLANTED[2].to_owned(),
        ..Visit::new(id)
    }
}

fn named_in(text: &str) -> Option<&'static str> {
    PLANTED.into_iter().find(|name| text.contains(name))
}

#[tokio::test]
async fn identities_are_masked_until_a_reason_is_given() {
    let world = World::start().await;
    world.receive(&planted("A-1").message()).await;
    world.receive(&Visit { email: "zzyzx.mail(at)planted".to_owned(), ..planted("A-2") }.message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let base = format!("/api/v1/integrations/{CHIRON}");
    let reads: Vec<(&str, String, serde_json::Value)> = vec![
        ("GET", format!("{base}/appointments"), json!(null)),
        ("GET", format!("{base}/appointments/A-1"), json!(null)),
        ("GET", format!("{base}/appointments/A-2"), json!(null)),
        ("POST", format!("{base}/search"), json!({ "q": "A-1" })),
        ("POST", format!("{base}/why"), json!({ "source_id": "A-1" })),
        ("GET", format!("{base}/cards"), json!(null)),
        ("GET", "/api/v1/changes".to_owned(), json!(null)),
        ("GET", "/api/v1/today".to_owned(), json!(null)),
        ("GET", "/api/v1/causes".to_owned(), json!(null)),
    ];
    let mut shown = 0;
    for (method, path, body) in reads {
        let ask = |role: Role| {
            let request = world.ask(role, method, &path);
            if body.is_null() { request } else { request.json(&body) }
        };
        for role in [Role::Support, Role::Engineer] {
            let masked = ask(role).send().await;
            assert_eq!(masked.status, 200, "{path}: {}", masked.text());
            assert_eq!(named_in(&masked.text()), None, "{role} {path}: {}", masked.text());
            assert_eq!(named_in(&ask(role).purpose(" ").send().await.text()), None, "a blank is no reason");
            let open = ask(role).purpose("ticket 7").send().await.text();
            let desk = ask(Role::Admin).send().await.text();
            assert_eq!(named_in(&open), named_in(&desk), "{role} {path}");
            shown += usize::from(named_in(&open).is_some());
        }
    }
    assert!(shown >= 12, "with a reason the names are there: {shown}");
    let long = "x".repeat(501);
    world.ask(Role::Support, "GET", &base).purpose(&long).send().await.problem(400, "invalid_request");
}

#[tokio::test]
async fn the_console_asks_for_a_reason_and_takes_it_back() {
    let world = World::start().await;
    world.receive(&Visit { email: String::new(), ..planted("A-1") }.message()).await;
    let session = world.log_in(NORTHSIDE, Role::Support).await;
    let look = async |path: &str| world.nobody("GET", path).session(&session).send().await;
    let masked = look("/").await.text();
    assert_eq!(named_in(&masked), None);
    assert!(words(&masked).contains("Q. Z.") && words(&masked).contains("Names are masked."), "{}", words(&masked));
    let envelope = world.explain("A-1").await["timeline"][0]["envelope"].as_str().unwrap().to_owned();
    let raw = format!("/envelopes/{envelope}");
    let refused = look(&raw).await;
    assert_eq!(refused.status, 403);
    assert!(words(&refused.text()).contains("Give a reason"));
    let give = async |purpose: &str| {
        let form = [("purpose", purpose), ("next", "/")];
        world.nobody("POST", "/purpose").session(&session).form(&form).send().await
    };
    let given = give("ticket 4711").await;
    assert_eq!((given.status, given.header("location")), (303, Some("/?done=opened")));
    assert_eq!(named_in(&look("/").await.text()), Some(PLANTED[0]));
    assert!(words(&look(&raw).await.text()).contains("MSH|"));
    assert!(words(&look("/purpose").await.text()).contains("Mask names again"));
    assert_eq!(give("").await.header("location"), Some("/?done=masked"));
    assert_eq!(named_in(&look("/").await.text()), None);
    // The log tells why it was looked at, each time.
    let log = world.ask(Role::Compliance, "GET", &format!("/api/v1/audit?subject={envelope}")).send().await.json();
    assert_eq!((&log["items"][0]["action"], &log["items"][0]["detail"]), (&json!("view"), &json!("ticket 4711")));
}

#[tokio::test]
async fn names_are_in_no_log_url_metric_or_error() {
    let world = World::start().await;
    let visit = planted("A-1");
    world.receive(&visit.message()).await;
    world.receive(&Visit { kind: "Telemedicine Vist".to_owned(), ..planted("A-2") }.message()).await;
    world.until_verdict("A-1", "in_sync").await;
    let session = world.log_in(NORTHSIDE, Role::Desk).await;
    let base = format!("/api/v1/integrations/{CHIRON}");
    let admin = |method: &str, path: &str| world.ask(Role::Admin, method, path);
    let form = |path: &str, fields: &[(&str, &str)]| world.nobody("POST", path).session(&session).form(fields);
    let case = format!("/integrations/{CHIRON}/appointments/A-1");
    // Everything that a name can come into or out of, going well and going wrong.
    let requests: Vec<Request> = vec![
        admin("GET", &format!("{base}/appointments")),
        admin("GET", &format!("{base}/appointments/A-1")),
        admin("POST", &format!("{base}/search")).json(&json!({ "q": PLANTED[0] })),
        admin("POST", &format!("{base}/search")).json(&json!({ "q": PLANTED[0], PLANTED[1]: 1 })),
        admin("POST", &format!("{base}/search")).body("application/json", format!("{{\"q\": {}", PLANTED[0])),
        admin("POST", &format!("{base}/why"))
            .json(&json!({ "patient": { "name": format!("{} {}", PLANTED[1], PLANTED[0]) } })),
        admin("POST", &format!("{base}/why")).json(&json!({ "start": PLANTED[0] })),
        admin("GET", &format!("{base}/cards")),
        admin("GET", "/api/v1/changes"),
        admin("POST", &format!("{base}/envelopes"))
            .body("application/hl7-v2", visit.message().replace("20261121120000", PLANTED[0])),
        admin("POST", &format!("{base}/envelopes")).body("application/hl7-v2", PLANTED.join("|")),
        admin("POST", &format!("{base}/envelopes")).body(PLANTED[2], visit.message()),
        admin("POST", "/api/v1/apply").body("application/toml", format!("[practice]\n{} = 1", PLANTED[0])),
        admin("PUT", &format!("{base}/links/patient/P-A-1")).json(&json!({ "platform_id": PLANTED[0] })),
        admin("POST", &format!("{base}/receipts")).json(&json!({
            "source_id": "A-1", "version": 1, "participants": [{ "name": PLANTED[0], "email": PLANTED[2] }],
        })),
        admin("GET", &format!("/api/v1/practices/{NORTHSIDE}/export")),
        form("/search", &[("q", PLANTED[0])]),
        form("/search", &[("q", PLANTED[2])]),
        form("/audit", &[("subject", PLANTED[0])]),
        form("/login", &[("token", PLANTED[0])]),
        world.nobody("GET", "/").session(&session),
        world.nobody("GET", "/causes").session(&session),
        world.nobody("GET", &case).session(&session),
        // Not ours to keep out of the address, and still not logged.
        admin("GET", &format!("{base}/appointments/{}", PLANTED[0])),
        admin("GET", &format!("{base}/appointments?cursor={}", PLANTED[0])),
    ];
    let mut pages = String::new();
    for request in requests {
        let answer = request.send().await;
        for (name, value) in &answer.headers {
            assert_eq!(named_in(&String::from_utf8_lossy(value.as_bytes())), None, "header {name}");
        }
        pages.push_str(&String::from_utf8_lossy(&answer.body));
    }
    assert!(named_in(&pages).is_some(), "the names did come through");
    // No address on any page holds a name.
    for piece in pages.split("href=\"").skip(1).chain(pages.split("action=\"").skip(1)) {
        assert_eq!(named_in(piece.split('"').next().unwrap()), None);
    }
    let metrics = world.nobody("GET", "/metrics").send().await.text();
    assert_eq!(named_in(&metrics), None);
    let log = logs::so_far();
    assert!(log.contains("/api/v1/integrations/{id}/search"), "requests are logged, by their route");
    for name in PLANTED {
        let line = log.lines().find(|line| line.contains(name));
        assert_eq!(line, None, "{name} is in the log");
    }
    let token = world.token(NORTHSIDE, Role::Admin);
    assert!(!log.contains(token) && !log.contains(session.split_once('=').unwrap().1), "nor is a secret");
    // The audit log names what was looked at by our ids.
    let audit = world.ask(Role::Compliance, "GET", "/api/v1/audit").send().await.text();
    let searched = audit.contains("northside-chiron/search");
    assert!(searched, "{audit}");
}

crate::harness::stores::on_postgres! {
    identities_are_masked_until_a_reason_is_given,
    the_console_asks_for_a_reason_and_takes_it_back,
    names_are_in_no_log_url_metric_or_error,
}
