//! What monitoring asks, and stopping.

use crate::harness::{CHIRON, NORTHSIDE, Request, Visit, World};
use domain::setup::Retention;
use engine::ops::Role;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn it_lives_and_is_ready() {
    let world = World::start().await;
    for path in ["/healthz", "/readyz"] {
        let answer = world.nobody("GET", path).send().await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; charset=utf-8")), "{path}");
    }
}

#[tokio::test]
async fn it_is_not_ready_once_it_is_to_stop() {
    let world = World::start().await;
    // Another listener, which goes on after the stop, as seen by whoever asks between the signal and the end.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = web::router(world.engine.clone(), web::WebOptions::default());
    let router = router.layer(axum::Extension(world.stop_heard()));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let ask = || Request::new(address, "GET", "/readyz").send();
    assert_eq!(ask().await.status, 200);
    world.request_stop();
    ask().await.problem(503, "stopping");
    assert_eq!(Request::new(address, "GET", "/healthz").send().await.status, 200, "it still lives");
    server.abort();
}

#[tokio::test]
async fn messages_are_forgotten_when_their_time_has_come_and_decisions_are_not() {
    let world = World::start().await;
    let old = world.receive(&Visit::new("A-1").message()).await;
    world.until_verdict("A-1", "in_sync").await;
    world.clock.advance(86_400);
    let later = Visit { start: "20261124120000".to_owned(), end: "20261124123000".to_owned(), ..Visit::new("A-2") };
    let young = world.receive(&later.message()).await;
    world.until_verdict("A-2", "in_sync").await;
    let before = world.explain("A-1").await;
    assert_eq!(before["messages_removed"], serde_json::json!([]), "{before}");
    world.clock.advance(3600);

    let forgetting =
        tokio::spawn(engine::keep_retention(world.engine.clone(), Retention { keep_days: 1 }, world.stop_heard()));
    let mut found = 200;
    for _ in 0..200 {
        found = world.get(&format!("/api/v1/envelopes/{old}")).await.status;
        if found == 404 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(found, 404, "the message is gone");
    assert_eq!(world.get(&format!("/api/v1/envelopes/{young}")).await.status, 200, "the younger one is not");

    let after = world.explain("A-1").await;
    assert_eq!((&after["verdict"], &after["appointment"]), (&before["verdict"], &before["appointment"]));
    assert_eq!(after["findings"].as_array().map(Vec::len), before["findings"].as_array().map(Vec::len));
    assert_eq!(after["messages_removed"], serde_json::json!([old]));
    let received = after["timeline"][0]["why"].as_str().unwrap();
    assert!(received.ends_with("The message itself was removed by retention."), "{received}");
    assert_eq!(world.explain("A-2").await["messages_removed"], serde_json::json!([]));
    let session = world.log_in(NORTHSIDE, Role::Admin).await;
    let page = world.nobody("GET", &format!("/integrations/{CHIRON}/appointments/A-1")).session(&session).send().await;
    assert!(page.text().contains("removed by retention") && !page.text().contains(&format!("/envelopes/{old}")));

    let audit = world.get("/api/v1/audit?subject=messages").await.json();
    assert_eq!((&audit["items"][0]["action"], &audit["items"][0]["actor"]), (&"forget".into(), &"retention".into()));
    let numbers = world.nobody("GET", "/metrics").send().await.text();
    assert!(numbers.contains("punctual_messages_forgotten_total 1\n"), "{numbers}");
    assert!(numbers.contains("punctual_oldest_message_timestamp_seconds 1795"), "{numbers}");
    world.request_stop();
    forgetting.await.unwrap();
}

#[tokio::test]
async fn numbers_are_told_by_integration_route_and_status_and_name_nobody() {
    let world = World::start().await;
    world.receive(&Visit::new("A-17").unlinked().message()).await;
    world.until_verdict("A-17", "held").await;
    world.get("/api/v1/integrations/nowhere").await;
    world.get("/nonsense/Okafor").await;
    let answer = world.nobody("GET", "/metrics").send().await;
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = answer.text();
    for line in [
        format!("punctual_appointments{{integration=\"{CHIRON}\",verdict=\"held\"}} 1"),
        format!("punctual_appointments{{integration=\"{CHIRON}\",verdict=\"failed\"}} 0"),
        format!("punctual_causes_open{{integration=\"{CHIRON}\"}} 1"),
        "punctual_outbox_depth 0".to_owned(),
        "punctual_http_requests_total{route=\"/api/v1/integrations/{id}\",method=\"GET\",status=\"404\"} 1".to_owned(),
        "punctual_http_requests_total{route=\"unmatched\",method=\"GET\",status=\"404\"} 1".to_owned(),
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in:\n{text}");
    }
    assert!(
        text.contains("punctual_http_request_seconds_bucket{route=\"/api/v1/integrations/{id}/envelopes\""),
        "{text}"
    );
    for told in ["A-17", "Okafor", "nowhere", "DR9"] {
        assert!(!text.contains(told), "{told} in:\n{text}");
    }
}

#[tokio::test]
async fn stopping_lets_requests_end_and_takes_no_more() {
    let world = World::start().await;
    // A request whose body comes only after the stop was asked for.
    let mut stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let body = "{\"q\": \"nobody\"}";
    let head = format!(
        "POST /api/v1/integrations/{CHIRON}/search HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        world.token("northside", Role::Admin),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // An open live view and an idle connection must not hold the end up.
    let session = world.log_in("northside", Role::Desk).await;
    let mut live = tokio::net::TcpStream::connect(world.address).await.unwrap();
    live.write_all(format!("GET /live HTTP/1.1\r\nhost: x\r\ncookie: {session}\r\n\r\n").as_bytes()).await.unwrap();
    let mut hello = vec![0; 4096];
    assert!(live.read(&mut hello).await.unwrap() > 0);
    let _idle = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let address = world.address;
    let stopping = tokio::spawn(world.stop());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody new is taken");
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), stopping).await.expect("it ends at once").unwrap();
}

crate::harness::stores::on_postgres! {
    it_lives_and_is_ready,
    messages_are_forgotten_when_their_time_has_come_and_decisions_are_not,
    numbers_are_told_by_integration_route_and_status_and_name_nobody,
}
