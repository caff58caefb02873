//! What all vendors' twins have alike: the desk, the truth, faults, the clock, and the same bytes for the same seed.

use super::Api;
use crate::support::browser::{form, get, request};
use emulators::vendors::{DiarySize, vendors};
use serde_json::json;

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let state = async |seed| {
        let api = Api::sized("drchrono", json!({}), DiarySize::Year, seed).await;
        assert!(api.twin.diary().visits.len() > 3000, "a year of diary");
        get(api.twin.http, "/_twin/state?from=2026-10-19&to=2026-11-26").await.body
    };
    let (first, again, other) = (state(3).await, state(3).await, state(4).await);
    assert!(first == again, "the same seed");
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (truth, other) = (read(&first), read(&other));
    for part in ["appointments", "patients"] {
        assert!(truth[part] != other[part], "another seed, other {part}");
    }
    let visits = truth["appointments"].as_array().unwrap();
    let has = |key: &str, value: serde_json::Value| visits.iter().any(|visit| visit[key] == value);
    assert!(has("status", json!("no_show")) && has("block", json!(true)) && has("group", json!(true)));
    assert!(has("status", json!("cancelled_by_provider")) && has("modality", json!("phone")));
}

#[tokio::test]
async fn every_vendor_has_a_desk_a_truth_and_faults() {
    for vendor in vendors() {
        let api = Api::start(vendor, json!({})).await;
        assert_eq!(api.truth("state").await["vendor"].as_str(), Some(vendor));
        let id = api.book("2026-11-24T09:30", json!({})).await;
        assert!(get(api.twin.http, "/_twin/?from=2026-11-24").await.body.contains(&id), "{vendor}");
        api.fault(json!({"outage": 1})).await;
        let own = request(api.twin.http, "GET", "/anything", &[], b"").await;
        assert!(own.is_none(), "{vendor} hangs up");
        assert_eq!(get(api.twin.http, "/_twin/clock").await.status, 200, "{vendor}");
    }
}

#[tokio::test]
async fn the_desk_books_moves_calls_off_and_deletes_by_its_pages() {
    let api = Api::start("drchrono", json!({})).await;
    let patient = api.patient(2).to_string();
    let fields = [
        ("patient", patient.as_str()),
        ("type", "5512"),
        ("provider", "90211"),
        ("department", "41002"),
        ("date", "2026-11-24"),
        ("time", "10:30"),
        ("minutes", "30"),
        ("reason", "Cough"),
    ];
    let booked = form(api.twin.http, "/_twin/desk/visits", &fields).await;
    assert_eq!(booked.status, 303);
    let page = booked.header("location").unwrap().to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();
    let moved = [("date", "2026-11-25"), ("time", "11:00"), ("minutes", "45")];
    assert_eq!(form(api.twin.http, &format!("{page}/move"), &moved).await.status, 303);
    let off = [("by", "cancelled_by_patient"), ("reason", "Feels better")];
    assert_eq!(form(api.twin.http, &format!("{page}/cancel"), &off).await.status, 303);
    let truth = api.truth(&format!("appointments/{id}")).await;
    assert_eq!(
        (truth["start"].as_str(), truth["minutes"].as_i64(), truth["status"].as_str(), truth["called_off"].as_str()),
        (Some("2026-11-25T11:00:00"), Some(45), Some("cancelled_by_patient"), Some("Feels better"))
    );
    let edited = form(api.twin.http, &format!("/_twin/desk/patients/{patient}"), &[("email", "new@example.org")]).await;
    assert_eq!(edited.status, 303);
    assert!(get(api.twin.http, &format!("/_twin/desk/patients/{patient}")).await.body.contains("new@example.org"));
    let shown = get(api.twin.http, &page).await;
    assert!(shown.status == 200 && shown.body.contains("Feels better"));
    assert_eq!(form(api.twin.http, &format!("{page}/delete"), &[("how", "purge")]).await.status, 303);
    assert_eq!(get(api.twin.http, &page).await.status, 404);
    let whats: Vec<String> = super::ids(&api.truth("changes").await["items"], "what");
    assert_eq!(whats, ["booked", "moved", "cancelled", "patient_edited", "purged"]);
}

#[tokio::test]
async fn groups_series_merges_and_replacements_are_in_the_truth() {
    let api = Api::start("drchrono", json!({})).await;
    let (a, b, c) = (api.patient(0), api.patient(1), api.patient(2));
    let group =
        api.book("2026-11-24T17:00", json!({"patient": null, "patients": [a, b.to_string()], "group": true})).await;
    api.control("PUT", &format!("appointments/{group}/patients/{c}"), &json!(null)).await;
    api.control("DELETE", &format!("appointments/{group}/patients/{a}"), &json!(null)).await;
    api.control("PATCH", &format!("appointments/{group}/patients/{b}"), &json!({"status": "no_show"})).await;
    let truth = api.truth(&format!("appointments/{group}")).await;
    let people: Vec<(String, bool, String)> = truth["patients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            (
                p["patient"].as_str().unwrap().into(),
                p["removed"].as_bool().unwrap(),
                p["status"].as_str().unwrap().into(),
            )
        })
        .collect();
    assert_eq!(
        people,
        [
            (a.to_string(), true, "booked".into()),
            (b.to_string(), false, "no_show".into()),
            (c.to_string(), false, "booked".into())
        ]
    );
    let series = api
        .control(
            "POST",
            "appointments",
            &json!({"patient": a, "start": "2026-11-25T09:00", "repeat": {"weeks": 2, "count": 3}}),
        )
        .await;
    assert_eq!(series["series"].as_array().unwrap().len(), 3);
    api.control("POST", &format!("patients/{a}/merge"), &json!({"into": c.to_string()})).await;
    let id = series["id"].as_str().unwrap();
    assert_eq!(api.truth(&format!("appointments/{id}")).await["patient"].as_str(), Some(c.to_string().as_str()));
    let new = api.control("POST", &format!("appointments/{id}/replace"), &json!({"start": "2026-11-26T09:00"})).await;
    assert_eq!(new["replaces"].as_str(), Some(id));
    let old = api.truth(&format!("appointments/{id}")).await;
    assert_eq!((old["status"].as_str(), old["replaced_by"].as_str()), (Some("rescheduled"), new["id"].as_str()));
}

#[tokio::test]
async fn the_clock_stands_moves_and_runs_and_a_change_can_be_stamped_an_hour_back() {
    let api = Api::start("drchrono", json!({})).await;
    let set = api.control("PUT", "clock", &json!({"now": "2027-03-01T10:00:00Z"})).await;
    assert_eq!((set["now"].as_str(), set["runs"].as_bool()), (Some("2027-03-01T10:00:00Z"), Some(false)));
    assert_eq!(
        api.control("PUT", "clock", &json!({"advance_seconds": 90})).await["now"].as_str(),
        Some("2027-03-01T10:01:30Z")
    );
    assert_eq!(api.control("PUT", "clock", &json!({"run": true})).await["runs"].as_bool(), Some(true));
    api.clock.advance(30);
    assert_eq!(api.truth("clock").await["now"].as_str(), Some("2027-03-01T10:02:00Z"));
    api.fault(json!({"clock_change": 1})).await;
    let id = api.book("2027-03-02T09:30", json!({})).await;
    let truth = api.truth(&format!("appointments/{id}")).await;
    assert_eq!(truth["changed_at"].as_str(), Some("2027-03-01T09:02:00Z"));
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let api = Api::start("drchrono", json!({})).await;
    for (method, path, body, status, words) in [
        ("PUT", "faults", json!({"outtage": 1}), 422, "there is no fault \\\"outtage\\\" here"),
        (
            "PUT",
            "switches",
            json!({"limit": true}),
            422,
            "there is no switch \\\"limit\\\" here; there are cancelled_blocks",
        ),
        ("PUT", "switches", json!({"limits": "no"}), 422, "limits is set to something like true"),
        ("POST", "appointments", json!({"patient": 5, "start": "2026-11-24T09:30"}), 404, "There is no patient 5."),
        ("POST", "appointments", json!({"patient": null}), 422, "start must be given."),
        ("POST", "appointments", json!({"start": "2027-03-14T02:30"}), 422, "does not exist: the clocks go forward"),
        ("PATCH", "appointments/7", json!({}), 404, "There is no visit 7."),
    ] {
        let answer = request(api.twin.http, method, &format!("/_twin/{path}"), &[], body.to_string().as_bytes()).await;
        let answer = answer.unwrap();
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.contains(words), "{path}: {}", answer.body);
    }
}
