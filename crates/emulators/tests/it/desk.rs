//! The control plane of the practice system.

use crate::support::browser::{get, json, request};
use crate::support::{quiet_options, running, within};
use serde_json::json;

#[tokio::test]
async fn booking_moving_cancelling_and_deleting_by_json() {
    let (practice, receiver) = running(quiet_options()).await;
    let http = practice.http;
    let booking = json!({"patient": "P4001", "provider": "DR7", "type": "TV30", "start": "2026-11-20T16:30:00Z"});
    let booked = json(http, "POST", "/_twin/appointments", &booking).await;
    assert_eq!(booked.status, 201, "{}", booked.body);
    let id = booked.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(booked.json()["appointment"]["start"], "2026-11-20T10:30:00", "by the clinic's clocks");

    let path = format!("/_twin/appointments/{id}");
    let moved = json(http, "PATCH", &path, &json!({"start": "2026-11-20T11:00", "minutes": 45})).await.json();
    assert_eq!(moved["messages"].as_array().unwrap().len(), 1);
    json(http, "PATCH", &path, &json!({"status": "BUMPED"})).await;
    json(http, "PATCH", &path, &json!({"status": "cancelled", "reason": "Flu"})).await;
    assert_eq!(get(http, &path).await.json()["status"], "Cancelled");
    assert_eq!(request(http, "DELETE", &path, &[], b"").await.unwrap().status, 200);
    within("the messages", practice.settled()).await;
    let told: Vec<(String, String)> =
        receiver.got().iter().map(|got| (got.trigger(), got.text("SCH", 25, 1))).collect();
    let expected = [("S12", "Scheduled"), ("S13", "Scheduled"), ("S14", "BUMPED"), ("S15", "Cancelled"), ("S17", "")];
    assert_eq!(told, expected.map(|(trigger, status)| (trigger.to_owned(), status.to_owned())));
    assert!(receiver.got().iter().all(|got| got.text("SCH", 2, 1) == id));
    assert_eq!(receiver.got()[1].text("TQ1", 8, 1), "202611201145");
}

#[tokio::test]
async fn an_added_address_is_told_within_a_moment() {
    let (practice, receiver) = running(quiet_options()).await;
    let edit = json!({"email": "found.at.last@example.com"});
    let answer = json(practice.http, "PATCH", "/_twin/patients/P2004", &edit).await;
    assert_eq!(answer.status, 200);
    let got = receiver.wait_for(1).await;
    assert_eq!((got[0].trigger().as_str(), got[0].text("PID", 3, 1).as_str()), ("A08", "P2004"));
    assert!(String::from_utf8_lossy(&got[0].bytes).contains("^NET^Internet^found.at.last@example.com"));
}

#[tokio::test]
async fn patients_and_types_can_be_made_and_renamed() {
    let (practice, receiver) = running(quiet_options()).await;
    let record =
        json!({"family": "Newcomer", "given": "Nina", "birth_date": "1990-01-31", "email": "nina@example.org"});
    let added = json(practice.http, "POST", "/_twin/patients", &record).await;
    assert_eq!(added.status, 201);
    let renamed =
        json(practice.http, "PATCH", "/_twin/types/TV31", &json!({"name": "Telemedicine Visit"})).await.json();
    assert_eq!(renamed["messages"].as_array().unwrap().len(), 2);
    let got = receiver.wait_for(3).await;
    assert_eq!((got[0].trigger().as_str(), got[0].text("PID", 7, 1).as_str()), ("A28", "19900131"));
    assert_eq!(got[1].text("SCH", 8, 2), "Telemedicine Visit");
}

#[tokio::test]
async fn the_state_tells_everything() {
    let (practice, receiver) = running(quiet_options()).await;
    let state = get(practice.http, "/_twin/state").await.json();
    assert_eq!(state["twin"], "practice");
    assert_eq!(state["now"], "2026-11-19T15:00:00Z");
    assert_eq!(state["clinic"]["time_zone"], "America/Chicago");
    assert_eq!(state["feed"]["address"], receiver.address.to_string());
    assert_eq!(state["feed"]["connections"], 1);
    assert_eq!(state["settled"], true);
    assert_eq!(state["messages"][0]["state"], "accepted");
    assert_eq!(state["messages"][0]["answer"]["code"], "AA");
    assert_eq!(state["planted"].as_array().unwrap().len(), 16);
    let ids: Vec<&str> = state["appointments"].as_array().unwrap().iter().filter_map(|a| a["id"].as_str()).collect();
    assert!(ids.contains(&"A-2004") && ids.contains(&"A-1001"));
}

#[tokio::test]
async fn what_cannot_be_done_has_a_status_a_code_and_a_sentence() {
    let (practice, receiver) = running(quiet_options()).await;
    let at = "2026-11-20T10:30";
    for (method, path, body, status, code, detail) in [
        ("PATCH", "/_twin/appointments/A-0", json!({"minutes": 5}), 404, "not_found", "There is no visit A-0."),
        ("PATCH", "/_twin/patients/P0", json!({"email": "x"}), 404, "not_found", "There is no patient P0."),
        ("PATCH", "/_twin/appointments/A-2017", json!({"start": at}), 409, "ended", "A-2017 is Cancelled"),
        ("PATCH", "/_twin/appointments/A-1001", json!({"start": "soon"}), 422, "unusable", "is no time such as"),
        ("PATCH", "/_twin/appointments/A-1001", json!({"stat": at}), 422, "unusable", "unknown field `stat`"),
        ("POST", "/_twin/appointments", json!({"patient": "P4001"}), 422, "unusable", "missing field"),
        ("PUT", "/_twin/faults", json!({"token_expired": 1}), 422, "unusable", "there are latency, lost_event"),
        ("PUT", "/_twin/feed", json!({"address": "somewhere"}), 422, "unusable", "socket address"),
        ("POST", "/_twin/messages/1/again", json!({}), 404, "not_found", "There is no message 1"),
    ] {
        let answer = json(practice.http, method, path, &body).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{path}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{path}: {problem}");
    }
    within("nothing", practice.settled()).await;
    assert!(receiver.got().is_empty());
}

#[tokio::test]
async fn faults_and_feed_are_set_by_the_control_plane() {
    let (practice, receiver) = running(quiet_options()).await;
    let plan = json!({"lost_event": {"rate": 1.0, "only": ["A-1001"]}, "duplicate_event": 0});
    let set = json(practice.http, "PUT", "/_twin/faults", &plan).await;
    assert_eq!(set.json(), json!({"lost_event": {"rate": 1.0, "only": ["A-1001"]}, "duplicate_event": {"rate": 0.0}}));
    assert_eq!(get(practice.http, "/_twin/faults").await.json(), set.json());
    json(practice.http, "PATCH", "/_twin/appointments/A-1001", &json!({"note": "lost"})).await;
    json(practice.http, "PATCH", "/_twin/appointments/A-1002", &json!({"note": "sent"})).await;
    within("the messages", practice.settled()).await;
    assert_eq!(receiver.got().len(), 1);
    let feed = json(practice.http, "PUT", "/_twin/feed", &json!({"address": null})).await;
    assert_eq!(feed.json()["address"], json!(null));
}
