//! `punctual serve` begins and ends in good order.

use crate::support::{
    Client, Finished, Mllp, Punctual, Receiver, Reply, Scene, Visit, command, data, document, schedule, serve, until,
};
use std::time::Duration;

#[test]
fn it_needs_no_flag_and_tells_where_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(folder.path());
    let web = Client::new(service.told("http"));
    assert_eq!((web.get("/healthz").status, web.get("/readyz").status), (200, 200));
    assert!(service.told("mllp").starts_with("127.0.0.1:"), "{}", service.line);
    let (out, err) = service.stop();
    assert_eq!(out, "", "standard output holds the listening line and nothing else");
    assert!(!err.contains("ERROR"), "{err}");
}

#[test]
fn both_signals_end_it_with_status_0() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let service = serve(folder.path());
        service.signal(signal);
        let (status, _, err) = service.wait();
        assert!(status.success(), "{signal}: {status}: {err}");
    }
}

#[test]
fn while_it_drains_it_lives_but_is_not_ready_and_a_delivery_comes_to_its_end() {
    let platform = Receiver::start();
    let mut scene = Scene::of(&document("chiron", &platform.url(), ""));
    platform.answers(|delivery| Reply::confirmed(delivery).after(Duration::from_secs(3)));
    scene.tell(&Visit::new("A-1"), "S12");
    until("the delivery is on its way", || (platform.of("A-1").len() == 1).then_some(()).ok_or(String::new()));
    scene.service.signal("TERM");
    let ready = until("it says that it stops", || {
        let ready = scene.api.get("/readyz");
        if ready.status == 503 { Ok(ready) } else { Err(ready.body) }
    });
    assert_eq!(ready.json()["code"], "stopping");
    assert_eq!(scene.api.get("/healthz").status, 200, "it lives all the same");
    assert_eq!(scene.explanation("A-1")["delivery"]["state"], "sending", "and goes on answering");
    let Scene { folder, service, .. } = scene;
    let (status, _, err) = service.wait();
    assert!(status.success(), "{status}: {err}");
    let why = Finished::of(command(folder.path()).args(["why", "northside-chiron", "A-1", "--json"])).json();
    assert_eq!(why["verdict"], "in_sync", "the delivery came to its end");
    assert_eq!(platform.of("A-1").len(), 1, "and was sent once");
}

#[test]
fn a_second_signal_ends_it_at_once_and_nothing_is_lost() {
    let platform = Receiver::start();
    // The first process would wait for the answer for ten minutes; the next one must not wait for the first.
    let mut scene = Scene::of(&document("chiron", &platform.url(), &schedule(&[1], 600)));
    platform.answers(|delivery| match delivery.attempt {
        1 => Reply::confirmed(delivery).after(Duration::from_secs(600)),
        _ => Reply::confirmed(delivery),
    });
    scene.tell(&Visit::new("A-1"), "S12");
    until("the delivery is on its way", || (platform.of("A-1").len() == 1).then_some(()).ok_or(String::new()));
    scene.service.signal("TERM");
    until("it says that it stops", || (scene.api.get("/readyz").status == 503).then_some(()).ok_or(String::new()));
    scene.service.signal("TERM");
    let Scene { folder, service, token, .. } = scene;
    let (status, _, _) = service.wait();
    assert_eq!(status.code(), Some(3), "it could not end in good order");

    let again = serve(folder.path());
    let api = Client::new(again.told("http")).token(&token);
    until("the delivery is sent again", || {
        let explanation = api.json("/api/v1/integrations/northside-chiron/appointments/A-1");
        (explanation["verdict"] == "in_sync").then_some(()).ok_or_else(|| explanation.to_string())
    });
    let tries = platform.of("A-1");
    assert!(tries.iter().all(|delivery| delivery.id == tries[0].id), "under the same key");
    again.stop();
}

#[test]
fn a_restart_does_not_forget_how_long_the_platform_asked_to_be_left_alone() {
    let platform = Receiver::start();
    let mut scene = Scene::of(&document("chiron", &platform.url(), ""));
    platform.answers(|delivery| match delivery.source_id() {
        "A-1" => Reply::new(503, "").header("retry-after", "3600"),
        _ => Reply::confirmed(delivery),
    });
    scene.tell(&Visit::new("A-1"), "S12");
    let waiting = scene.when("A-1", "waits", |explanation| explanation["delivery"]["state"] == "retrying");
    let Scene { folder, service, token, .. } = scene;
    service.stop();
    let service = serve(folder.path());
    let api = Client::new(service.told("http")).token(&token);
    // What came later has gone through the same outbox by then.
    let mut feed = Mllp::connect(service.told("mllp")).unwrap();
    assert_eq!(feed.send(&Visit::new("A-2").message("S12").1).unwrap().0, "AA");
    let explain = |id: &str| api.json(&format!("/api/v1/integrations/northside-chiron/appointments/{id}"));
    until("another visit is on the platform", || {
        (explain("A-2")["verdict"] == "in_sync").then_some(()).ok_or(String::new())
    });
    assert_eq!(explain("A-1")["delivery"], waiting["delivery"]);
    assert_eq!(platform.of("A-1").len(), 1);
    service.stop();
}

#[test]
fn one_process_serves_a_folder_and_an_address_that_is_taken_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(folder.path());
    let second = Finished::of(command(folder.path()).args(["serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0"]));
    assert_eq!(second.code, 3);
    assert!(second.err.contains("already serves"), "{}", second.err);
    let other = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", data(folder.path()).join("punctual.db").display());
    let second = Finished::of(command(other.path()).args(["serve", "--store", &store, "--http", "127.0.0.1:0"]));
    assert_eq!(second.code, 3, "the same store by another name");
    assert!(second.err.contains("already serves"), "{}", second.err);
    let taken = service.told("http").to_owned();
    let second = Finished::of(command(other.path()).args(["serve", "--http", &taken, "--mllp", "127.0.0.1:0"]));
    assert_eq!(second.code, 3);
    assert!(second.err.contains(&taken) && second.err.contains("--http"), "{}", second.err);
    service.stop();
}

#[test]
fn demo_takes_another_port_when_the_usual_ones_are_taken() {
    // Whether they are free on this machine or not: two demos cannot both have them.
    let folder = tempfile::tempdir().unwrap();
    let first = Punctual::start(crate::support::punctual(folder.path()).args(["demo", "--quiet"]));
    let second = Punctual::start(crate::support::punctual(folder.path()).args(["demo", "--quiet"]));
    assert_ne!(first.told("http"), second.told("http"));
    assert_ne!(first.told("mllp"), second.told("mllp"));
    assert_eq!(Client::new(second.told("http")).get("/healthz").status, 200);
    first.stop();
    second.stop();
}
