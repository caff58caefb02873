//! What goes wrong is told in one way: a problem for programs, a page for people, and never more than it should.

use crate::harness::{CHIRON, World};
use engine::ops::Role;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::{Limits, WebOptions};

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems_or_pages() {
    let world = World::start().await;
    world.nobody("GET", "/api/v2/x").send().await.problem(404, "not_found");
    let method = world.nobody("DELETE", "/api/v1/causes").send().await;
    method.problem(405, "method_not_allowed");
    assert_eq!(method.header("allow"), Some("GET,HEAD"));
    world.nobody("GET", "/api/v1/apply").send().await.problem(405, "method_not_allowed");
    let page = world.nobody("GET", "/nowhere").send().await;
    assert_eq!(page.status, 404);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("Not found"));
}

#[tokio::test]
async fn who_is_not_known_is_told_how_to_show_it() {
    let world = World::start().await;
    for token in ["", "Basic abc", "Bearer", "Bearer nonsense"] {
        let answer = world.nobody("GET", "/api/v1/causes").header("authorization", token).send().await;
        answer.problem(401, "unauthorized");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"punctual\""));
    }
    let lower = format!("bearer {}", world.token("northside", Role::Admin));
    assert_eq!(world.nobody("GET", "/api/v1/causes").header("authorization", &lower).send().await.status, 200);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_say_where() {
    let world = World::start().await;
    let search = || world.ask(Role::Desk, "POST", &format!("/api/v1/integrations/{CHIRON}/search"));
    let problem = search().body("application/json", "{\"q\":\n  x}").send().await.problem(400, "invalid_request");
    assert_eq!(problem["where"], "line 2, column 3");
    let problem = search().json(&json!({ "q": "a", "limit": 5 })).send().await.problem(400, "invalid_request");
    assert!(problem["detail"].as_str().unwrap().contains("unknown field `limit`, expected `q`"), "{problem}");
    search().body("text/plain", "{\"q\": \"a\"}").send().await.problem(415, "unsupported_media_type");
    assert_eq!(search().body("application/json; charset=utf-8", "{\"q\": \"a\"}").send().await.status, 200);
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused() {
    let limits = Limits { body_bytes: 100, message_bytes: 200, document_bytes: 300, ..Limits::default() };
    let world = World::start_with(|options| WebOptions { limits, ..options }).await;
    let blank = |bytes: usize| " ".repeat(bytes);
    let post =
        |path: String, kind: &str, bytes: usize| world.ask(Role::Admin, "POST", &path).body(kind, blank(bytes)).send();
    let integration = format!("/api/v1/integrations/{CHIRON}");
    post(format!("{integration}/search"), "application/json", 101).await.problem(413, "payload_too_large");
    post(format!("{integration}/search"), "application/json", 99).await.problem(400, "invalid_request");
    post(format!("{integration}/envelopes"), "application/hl7-v2", 201).await.problem(413, "payload_too_large");
    post("/api/v1/apply".to_owned(), "application/toml", 301).await.problem(413, "payload_too_large");
    post("/api/v1/apply".to_owned(), "application/toml", 299).await.problem(422, "invalid_document");
    let page = world.nobody("POST", "/login").form(&[("token", &blank(200))]).send().await;
    assert_eq!(page.status, 413);
}

#[tokio::test]
async fn a_body_that_does_not_come_does_not_hold_the_service() {
    let limits = Limits { request: Duration::from_millis(200), ..Limits::default() };
    let world = World::start_with(|options| WebOptions { limits, ..options }).await;
    let mut stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "POST /api/v1/integrations/{CHIRON}/search HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 50\r\n\r\n{{\"q\"",
        world.token("northside", Role::Admin)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut answer)).await.unwrap().unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"code\":\"timeout\""), "{answer}");
}

#[tokio::test]
async fn every_answer_keeps_browsers_careful() {
    let world = World::start().await;
    let session = world.log_in("northside", Role::Desk).await;
    let page = world.nobody("GET", "/").session(&session).send().await;
    let data = world.get("/api/v1/causes").await;
    let problem = world.nobody("GET", "/api/v1/causes").send().await;
    for answer in [&page, &data, &problem] {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
    }
    assert_eq!(data.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("referrer-policy"), Some("same-origin"), "a form's Origin must survive");
    assert_eq!(page.header("strict-transport-security"), None, "over plain HTTP it would lock people out");
}

#[tokio::test]
async fn over_https_cookies_and_browsers_stay_there() {
    let public_origin = Some("https://punctual.example".to_owned());
    let world = World::start_with(|options| WebOptions { public_origin, ..options }).await;
    let form = world.nobody("POST", "/login").form(&[("token", world.token("northside", Role::Desk))]);
    let answer = form.header("origin", "https://punctual.example").send().await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("set-cookie").unwrap().ends_with("; Secure"));
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
}
