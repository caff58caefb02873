//! DrChrono: written from what the vendor publishes and what live clients saw.

use super::hooked::Hooked;
use super::{Api, ids};
use crate::support::browser::form;
use serde_json::{Value, json};

/// A twin whose user approved.
async fn api(switches: Value) -> Api {
    let mut api = Api::start("drchrono", switches).await;
    let code = code(&api).await;
    let (status, token) = exchange(&api, &[("grant_type", "authorization_code"), ("code", &code)]).await;
    assert_eq!(status, 200);
    api = api.bearing(token["access_token"].as_str().unwrap());
    api
}

async fn code(api: &Api) -> String {
    let path = "/o/authorize/?redirect_uri=http%3A%2F%2Fours%2Fback&response_type=code&client_id=twin-client&state=s1";
    let answer = api.get(path).await;
    assert_eq!(answer.status, 302);
    let to = answer.header("location").unwrap();
    let code = to.strip_prefix("http://ours/back?code=").unwrap().strip_suffix("&state=s1").unwrap();
    code.to_owned()
}

async fn exchange(api: &Api, fields: &[(&str, &str)]) -> (u16, Value) {
    let usual = [("client_id", "twin-client"), ("client_secret", "twin-secret"), ("redirect_uri", "http://ours/back")];
    let fields: Vec<(&str, &str)> = usual.into_iter().chain(fields.iter().copied()).collect();
    let answer = form(api.twin.http, "/o/token/", &fields).await;
    (answer.status, answer.json())
}

async fn list(api: &Api, query: &str) -> Vec<String> {
    ids(&api.read(&format!("/api/appointments?{query}")).await["results"], "id")
}

#[tokio::test]
async fn a_code_is_good_once_and_refresh_tokens_rotate() {
    let api = Api::start("drchrono", json!({})).await;
    let code = code(&api).await;
    let (status, first) = exchange(&api, &[("grant_type", "authorization_code"), ("code", &code)]).await;
    assert_eq!(
        (status, first["expires_in"].as_i64(), first["token_type"].as_str()),
        (200, Some(172_800), Some("Bearer"))
    );
    assert_eq!(exchange(&api, &[("grant_type", "authorization_code"), ("code", &code)]).await.0, 400);
    let refresh = first["refresh_token"].as_str().unwrap();
    let (status, second) = exchange(&api, &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!(status, 200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let (status, error) = exchange(&api, &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!((status, error["error"].as_str()), (400, Some("invalid_grant")));
    // 48 hours later the access token is no good.
    let api = api.bearing(second["access_token"].as_str().unwrap());
    assert_eq!(api.get("/api/doctors").await.status, 200);
    api.pass(172_801).await;
    assert_eq!(api.get("/api/doctors").await.status, 401);
}

#[tokio::test]
async fn a_refusal_comes_back_on_the_redirect_and_the_token_endpoint_is_limited() {
    let api = Api::start("drchrono", json!({"denies": true})).await;
    let path = "/o/authorize/?redirect_uri=http%3A%2F%2Fours%2Fback&response_type=code&client_id=twin-client";
    assert_eq!(api.get(path).await.header("location"), Some("http://ours/back?error=access_denied"));
    let mut statuses = Vec::new();
    for _ in 0..31 {
        statuses.push(exchange(&api, &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await.0);
    }
    assert_eq!((statuses[29], statuses[30]), (400, 429));
}

#[tokio::test]
async fn a_list_without_a_date_filter_is_refused_and_190_days_are_the_most() {
    let api = api(json!({"limits": false})).await;
    assert_eq!(api.get("/api/appointments").await.status, 400);
    assert_eq!(api.get("/api/appointments?doctor=90211").await.status, 400);
    for filter in
        ["since=2026-11-01", "occurred_since=2026-11-01", "date=2026-11-20", "date_range=2026-11-01/2026-11-30"]
    {
        assert_eq!(api.get(&format!("/api/appointments?{filter}")).await.status, 200, "{filter}");
    }
    assert_eq!(api.get("/api/appointments?date_range=2026-01-01/2026-07-10").await.status, 200);
    assert_eq!(api.get("/api/appointments?date_range=2026-01-01/2026-07-11").await.status, 400);
}

#[tokio::test]
async fn since_is_inclusive_on_the_servers_naive_clock_and_takes_no_zone() {
    let api = api(json!({"limits": false})).await;
    // 15:00 UTC is 07:00 in Los Angeles, where the server is, and 09:00 in Chicago, where the doctor is.
    let id = api.book("2026-11-24T09:30", json!({})).await;
    let row = api.read(&format!("/api/appointments/{id}")).await;
    assert_eq!(
        (row["updated_at"].as_str(), row["scheduled_time"].as_str()),
        (Some("2026-11-19T07:00:00"), Some("2026-11-24T09:30:00"))
    );
    assert_eq!(list(&api, "since=2026-11-19T07:00:00").await, [id.as_str()]);
    assert!(list(&api, "since=2026-11-19T07:00:01").await.is_empty());
    assert_eq!(api.get("/api/appointments?since=2026-11-19T07:00:00Z").await.status, 400);
    assert_eq!(api.get("/api/appointments?since=2026-11-19T07:00:00-08:00").await.status, 400);
}

#[tokio::test]
async fn pages_are_in_the_order_of_the_day_with_absolute_links() {
    let api = api(json!({"limits": false})).await;
    for day in [25, 23, 24] {
        api.book(&format!("2026-11-{day}T10:00"), json!({})).await;
    }
    let first = api.read("/api/appointments?date_range=2026-11-20/2026-11-30&page_size=2").await;
    assert_eq!(first["previous"], json!(null));
    let times = ids(&first["results"], "scheduled_time");
    assert_eq!(times, ["2026-11-23T10:00:00", "2026-11-24T10:00:00"]);
    let next = first["next"].as_str().unwrap();
    let origin = format!("http://{}", api.twin.http);
    assert!(next.starts_with(&origin) && next.contains("cursor="), "{next}");
    let second = api.read(next.strip_prefix(&origin).unwrap()).await;
    assert_eq!(ids(&second["results"], "scheduled_time"), ["2026-11-25T10:00:00"]);
    assert_eq!(second["next"], json!(null));
    assert!(second["previous"].as_str().unwrap().starts_with(&origin));
    api.fault(json!({"cursor_expired": 1})).await;
    assert_eq!(api.get(next.strip_prefix(&origin).unwrap()).await.status, 404);
}

#[tokio::test]
async fn pages_are_250_rows_at_most_and_25_when_verbose_and_the_list_may_be_called_data() {
    let api = api(json!({"limits": false})).await;
    let series = json!({"repeat": {"weeks": 1, "count": 27}});
    api.book("2026-11-24T09:30", series).await;
    let rows = api.read("/api/appointments?occurred_since=2026-11-01&page_size=500&verbose=true").await;
    assert_eq!(rows["results"].as_array().unwrap().len(), 25);
    assert!(rows["results"][0]["status_transitions"].is_array());
    let rows = api.read("/api/appointments?occurred_since=2026-11-01&page_size=500").await;
    assert_eq!(rows["results"].as_array().unwrap().len(), 27);
    assert!(rows["results"][0].get("status_transitions").is_none());
    api.switch(json!({"results_key": "data"})).await;
    assert!(api.read("/api/appointments?date=2026-11-24").await["data"].is_array());
}

#[tokio::test]
async fn a_deleted_row_shows_only_when_archived_ones_are_asked_for() {
    let api = api(json!({"limits": false})).await;
    let id = api.book("2026-11-24T09:30", json!({})).await;
    assert_eq!(api.send("DELETE", &format!("/api/appointments/{id}"), &[], b"").await.status, 204);
    assert_eq!(api.get(&format!("/api/appointments/{id}")).await.status, 404);
    assert!(list(&api, "date=2026-11-24").await.is_empty());
    let rows = api.read("/api/appointments?date=2026-11-24&show_archived=true").await;
    assert_eq!(
        (ids(&rows["results"], "id"), rows["results"][0]["deleted_flag"].as_bool()),
        (vec![id.clone()], Some(true))
    );
    // What is gone for good is in no list.
    api.control("DELETE", &format!("appointments/{id}?purge=true"), &json!(null)).await;
    assert!(list(&api, "date=2026-11-24&show_archived=1").await.is_empty());
}

#[tokio::test]
async fn an_occurrence_is_virtual_until_it_is_edited_and_keeps_its_key() {
    let api = api(json!({"limits": false})).await;
    let root = api.book("2026-11-24T09:30", json!({"repeat": {"weeks": 1, "count": 2}})).await;
    let rows = api.read("/api/appointments?date_range=2026-11-20/2026-12-10").await["results"].clone();
    assert_eq!(rows[0]["id"].as_str(), Some(root.as_str()));
    assert_eq!(rows[0]["is_virtual_base"].as_bool(), Some(true));
    let virtual_id = rows[1]["id"].as_str().unwrap();
    assert!(virtual_id.parse::<u64>().is_err(), "{virtual_id}");
    let key = format!("{root}_20261201");
    assert_eq!(rows[1]["recurrence_instance_key"].as_str(), Some(key.as_str()));
    assert_eq!(list(&api, "date_range=2026-11-20/2026-12-10&ignore_virtual=true").await, [root.as_str()]);
    // Virtual rows are not in `since` reads.
    assert_eq!(list(&api, "since=2026-11-19T00:00:00").await, [root.as_str()]);
    api.pass(60).await;
    let moved = api
        .json("PATCH", &format!("/api/appointments/{virtual_id}"), &json!({"scheduled_time": "2026-12-02T11:00:00"}))
        .await;
    assert_eq!((moved.status, moved.body.as_str()), (204, ""));
    let rows = api.read("/api/appointments?since=2026-11-19T07:00:30").await["results"].clone();
    assert!(rows[0]["id"].as_str().unwrap().parse::<u64>().is_ok());
    assert_eq!(rows[0]["recurrence_instance_key"].as_str(), Some(key.as_str()));
    assert_eq!(api.get(&format!("/api/appointments/{virtual_id}")).await.status, 404);
}

#[tokio::test]
async fn a_break_has_no_patient_and_status_words_are_the_vendors() {
    let api = api(json!({"limits": false})).await;
    let lunch = api.book("2026-11-24T12:00", json!({"patient": null, "reason": "Lunch"})).await;
    let row = api.read(&format!("/api/appointments/{lunch}")).await;
    assert_eq!(
        (&row["patient"], row["appt_is_break"].as_bool(), row["exam_room"].as_i64()),
        (&json!(null), Some(true), Some(0))
    );
    let id = api.book("2026-11-24T09:30", json!({})).await;
    let path = format!("/api/appointments/{id}");
    let row = api.read(&path).await;
    assert_eq!((row["status"].as_str(), &row["custom_status"]), (Some(""), &json!(null)));
    assert!(row["id"].is_string() && row["doctor"].is_number());
    for (standing, word) in [
        ("confirmed", "Confirmed"),
        ("checked_in", "Arrived"),
        ("in_progress", "In Session"),
        ("completed", "Complete"),
        ("no_show", "No Show"),
        ("cancelled_by_patient", "Cancelled"),
        ("cancelled_by_provider", "Cancelled"),
        ("rescheduled", "Rescheduled"),
        ("proposed", "Not Confirmed"),
    ] {
        api.edit(&id, json!({"status": standing})).await;
        assert_eq!(api.read(&path).await["status"].as_str(), Some(word), "{standing}");
    }
    api.edit(&id, json!({"status": "BUMPED"})).await;
    let row = api.read(&path).await;
    assert_eq!((row["status"].as_str(), row["custom_status"].as_str()), (Some("BUMPED"), Some("BUMPED")));
    api.switch(json!({"has_is_telehealth": false})).await;
    assert!(row["is_telehealth"].is_boolean() && api.read(&path).await.get("is_telehealth").is_none());
}

#[tokio::test]
async fn an_overlap_is_a_conflict_unless_it_is_allowed() {
    let api = api(json!({"limits": false})).await;
    let mut booking = json!({
        "doctor": 90_211, "office": 41_002, "exam_room": 1, "patient": api.patient(1), "profile": 5512,
        "scheduled_time": "2026-11-24T09:45:00",
    });
    let created = api.json("POST", "/api/appointments", &booking).await;
    assert_eq!((created.status, created.json()["duration"].as_i64()), (201, Some(30)));
    assert_eq!(api.json("POST", "/api/appointments", &booking).await.status, 409);
    booking["allow_overlapping"] = true.into();
    assert_eq!(api.json("POST", "/api/appointments", &booking).await.status, 201);
    booking["patient"] = json!(null);
    let refused = api.json("POST", "/api/appointments", &booking).await;
    assert_eq!((refused.status, refused.json()), (400, json!({"patient": ["This field may not be null."]})));
    // A row that was called off may still hold its time.
    let off = api.book("2026-11-25T09:30", json!({"status": "cancelled"})).await;
    let again = json!({
        "doctor": 90_211, "office": 41_002, "exam_room": 1, "patient": api.patient(1), "duration": 30,
        "scheduled_time": "2026-11-25T09:30:00",
    });
    api.switch(json!({"cancelled_blocks": true})).await;
    assert_eq!(api.json("POST", "/api/appointments", &again).await.status, 409);
    api.switch(json!({"cancelled_blocks": false})).await;
    assert_eq!(api.json("POST", "/api/appointments", &again).await.status, 201);
    let cancelled = api.json("PATCH", &format!("/api/appointments/{off}"), &json!({"status": "Confirmed"})).await;
    assert_eq!(cancelled.status, 204);
    let truth = api.truth(&format!("appointments/{off}")).await;
    assert_eq!(truth["status"].as_str(), Some("confirmed"));
}

#[tokio::test]
async fn a_new_row_may_lag_behind_its_write() {
    let api = api(json!({"limits": false, "read_lag_seconds": 5})).await;
    let id = api.book("2026-11-24T09:30", json!({})).await;
    assert!(list(&api, "date=2026-11-24").await.is_empty());
    api.pass(5).await;
    assert_eq!(list(&api, "date=2026-11-24").await, [id.as_str()]);
}

#[tokio::test]
async fn ten_calls_a_second_and_five_hundred_an_hour_with_the_wait_in_the_text_only() {
    let api = api(json!({})).await;
    for _ in 0..10 {
        assert_eq!(api.get("/api/doctors").await.status, 200);
    }
    let over = api.get("/api/doctors").await;
    assert_eq!((over.status, over.header("retry-after")), (429, None));
    assert_eq!(over.json(), json!({"detail": "Request was throttled. Expected available in 1.0 seconds."}));
    for _ in 0..49 {
        api.pass(1).await;
        for _ in 0..10 {
            assert_eq!(api.get("/api/doctors").await.status, 200);
        }
    }
    api.pass(1).await;
    let over = api.get("/api/doctors").await;
    let detail = over.json()["detail"].as_str().unwrap().to_owned();
    assert_eq!((over.status, detail.as_str()), (429, "Request was throttled. Expected available in 3550.0 seconds."));
    // The bucket begins anew on the full hour.
    api.pass(3550).await;
    assert_eq!(api.get("/api/doctors").await.status, 200);
}

#[tokio::test]
async fn the_current_user_is_a_redirect_and_an_office_has_no_zone() {
    let api = api(json!({"limits": false})).await;
    let answer = api.get("/api/users/current").await;
    assert_eq!(answer.status, 302);
    let to = answer.header("location").unwrap().split(&api.twin.http.to_string()).nth(1).unwrap().to_owned();
    assert!(api.read(&to).await["id"].is_number());
    let office = api.read("/api/offices").await["results"][0].clone();
    assert!(office.get("timezone").is_none() && office["doctor"].is_string());
    assert_eq!(api.read("/api/doctors").await["results"][0]["timezone"].as_str(), Some("America/Chicago"));
    let (patient, other) = (api.patient(0), api.patient(1));
    let email = api.read(&format!("/api/patients/{patient}")).await["email"].as_str().unwrap().to_owned();
    let found = api.read(&format!("/api/patients?email={email}")).await;
    assert_eq!(ids(&found["results"], "id"), [patient.to_string()]);
    api.control("POST", &format!("patients/{patient}/merge"), &json!({"into": other})).await;
    assert_eq!(api.get(&format!("/api/patients/{patient}")).await.status, 404);
}

/// Answers the challenge with the HMAC of the message under the secret, as the vendor's prose says.
fn proof(pushed: &super::hooked::Pushed, secret: &str) -> Option<String> {
    let message = pushed.target.split("msg=").nth(1)?;
    let mac = hmac_sha256::HMAC::mac(message.as_bytes(), secret.as_bytes());
    let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(json!({"secret_token": hex}).to_string())
}

#[tokio::test]
async fn a_hook_is_checked_and_then_told_with_the_secret_in_clear() {
    let api = api(json!({"limits": false})).await;
    let hook = Hooked::start(|pushed| (200, proof(pushed, "s3cret").unwrap_or_default())).await;
    api.switch(json!({"webhook_secret": "s3cret", "webhook_url": hook.url})).await;
    assert_eq!(hook.wait_for(1).await[0].method, "GET");
    until_verified(&api).await;
    let id = api.book("2026-11-24T09:30", json!({})).await;
    let pushed = hook.wait_for(2).await[1].clone();
    assert_eq!(
        (pushed.header("x-drchrono-event"), pushed.header("x-drchrono-signature")),
        ("APPOINTMENT_CREATE".into(), "s3cret".into())
    );
    assert_eq!(pushed.json()["object"]["id"].as_str(), Some(id.as_str()));
    assert!(pushed.json()["receiver"].is_object());
    api.edit(&id, json!({"start": "2026-11-24T11:00"})).await;
    api.control("DELETE", &format!("appointments/{id}"), &json!(null)).await;
    let pushed = hook.wait_for(4).await;
    let events: Vec<String> = pushed[2..].iter().map(|pushed| pushed.header("x-drchrono-event")).collect();
    assert_eq!(events, ["APPOINTMENT_MODIFY", "APPOINTMENT_DELETE"]);
    assert_ne!(pushed[2].header("x-drchrono-delivery"), pushed[3].header("x-drchrono-delivery"));
    api.fault(json!({"duplicate_event": 1})).await;
    api.book("2026-11-25T09:30", json!({})).await;
    let pushed = hook.wait_for(6).await;
    assert_eq!(pushed[4].header("x-drchrono-delivery"), pushed[5].header("x-drchrono-delivery"));
}

async fn until_verified(api: &Api) {
    crate::support::within("the check", async {
        while api.truth("pushes").await["items"][0]["state"] != "delivered" {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_unverified_hook_sends_nothing() {
    let api = api(json!({"limits": false})).await;
    let hook = Hooked::start(|pushed| (200, proof(pushed, "another").unwrap_or_default())).await;
    api.switch(json!({"webhook_secret": "s3cret", "webhook_url": hook.url})).await;
    hook.wait_for(1).await;
    api.book("2026-11-24T09:30", json!({})).await;
    let pushes = api.truth("pushes").await;
    assert_eq!(ids(&pushes["items"], "event"), ["VERIFY"]);
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_tries_follow_after_one_three_and_seven_hours() {
    let api = api(json!({"limits": false})).await;
    let hook =
        Hooked::start(|pushed| proof(pushed, "twin-hook-secret").map_or((302, String::new()), |body| (200, body)))
            .await;
    api.switch(json!({"webhook_url": hook.url})).await;
    until_verified(&api).await;
    api.book("2026-11-24T09:30", json!({})).await;
    hook.wait_for(2).await;
    for (hours, count) in [(1, 3), (3, 4), (7, 5)] {
        settled(&api, count - 1).await;
        api.pass(hours * 3600).await;
        hook.wait_for(count).await;
    }
    settled(&api, 5).await;
    assert_eq!(api.truth("pushes").await["items"][1]["state"].as_str(), Some("given_up"));
}

/// Waits until the push has so many answers, with the check's.
async fn settled(api: &Api, answers: usize) {
    crate::support::within("the answer", async {
        while api.truth("pushes").await["items"][1]["answers"].as_array().unwrap().len() + 1 < answers {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    })
    .await;
}
