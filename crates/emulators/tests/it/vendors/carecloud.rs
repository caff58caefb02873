//! CareCloud: written from what clients of the interface do; what nobody knows is the twin's choice.

use super::{Api, ids};
use crate::support::browser::request;
use serde_json::{Value, json};

async fn token(api: &Api, basic: &str, body: &str) -> (u16, Value) {
    let headers = [("authorization", basic), ("content-type", "application/x-www-form-urlencoded")];
    let answer = request(api.twin.http, "POST", "/oauth2/access_token", &headers, body.as_bytes()).await.unwrap();
    (answer.status, answer.json())
}

async fn api(switches: Value) -> Api {
    let api = Api::start("carecloud", switches).await;
    let to = api.get("/oauth2/authorize?client_id=twin-client&response_type=code&redirect_uri=http://ours/back").await;
    let code = to.header("location").unwrap().split("code=").nth(1).unwrap().to_owned();
    let body = format!("grant_type=authorization_code&code={code}&redirect_uri=http%3A%2F%2Fours%2Fback");
    // The same pair under the word Bearer works as well.
    let (status, token) = token(&api, "Bearer dHdpbi1jbGllbnQ6dHdpbi1zZWNyZXQ=", &body).await;
    assert_eq!((status, token["token_type"].as_str()), (200, Some("Bearer")));
    api.bearing(token["access_token"].as_str().unwrap())
}

async fn list(api: &Api, query: &str) -> Vec<Value> {
    let rows = api.read(&format!("/v2/appointments?{query}")).await;
    rows.as_array().unwrap().iter().map(|row| row["appointment"].clone()).collect()
}

const MONTH: &str = "start_date=20261101&end_date=20261130";

#[tokio::test]
async fn a_token_is_got_with_basic_or_the_same_pair_under_bearer() {
    let api = api(json!({})).await;
    assert_eq!(token(&api, "Basic eDp5", "grant_type=refresh_token&refresh_token=x").await.0, 401);
    let (status, error) =
        token(&api, "Basic dHdpbi1jbGllbnQ6dHdpbi1zZWNyZXQ=", "grant_type=refresh_token&refresh_token=x").await;
    assert_eq!((status, error["error"].as_str()), (400, Some("invalid_grant")));
    api.control("POST", "tokens/expire", &json!(null)).await;
    let answer = api.get("/v2/providers").await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")));
}

#[tokio::test]
async fn dates_are_digits_and_one_read_covers_three_calendar_months() {
    let api = api(json!({})).await;
    let near = api.book("2026-11-24T09:30", json!({})).await;
    api.book("2027-02-20T09:30", json!({})).await;
    assert_eq!(list(&api, MONTH).await.len(), 1);
    assert_eq!(api.get("/v2/appointments?start_date=2026-11-01&end_date=2026-11-30").await.status, 400);
    assert_eq!(api.get("/v2/appointments?start_date=20261119&end_date=20270219").await.status, 200);
    assert_eq!(api.get("/v2/appointments?start_date=20261119&end_date=20270220").await.status, 400);
    // Without dates: from today, three months.
    assert_eq!(list(&api, "").await.len(), 1);
    api.switch(json!({"has_cap": false})).await;
    assert_eq!(list(&api, "start_date=20261119&end_date=20270220").await.len(), 2);
    // No filter narrows the list, by change or otherwise.
    assert_eq!(list(&api, &format!("{MONTH}&updated_since=2030-01-01")).await.len(), 1);
    assert_ne!(near, "");
}

#[tokio::test]
async fn pages_are_linked_and_rows_are_wrapped() {
    let api = api(json!({"page_size": 2})).await;
    for hour in [9, 10, 11] {
        api.book(&format!("2026-11-24T{hour:02}:00"), json!({})).await;
    }
    let first = api.get(&format!("/v2/appointments?{MONTH}")).await;
    assert_eq!(first.json().as_array().unwrap().len(), 2);
    let link = first.header("link").unwrap();
    let next = link.strip_prefix('<').unwrap().split(">; rel=\"next\"").next().unwrap();
    let next = next.split(&api.twin.http.to_string()).nth(1).unwrap().to_owned();
    let second = api.get(&next).await;
    assert_eq!((second.json().as_array().unwrap().len(), second.header("link")), (1, None));
    assert!(second.json()[0]["appointment"]["id"].is_string());
}

#[tokio::test]
async fn times_carry_an_offset_and_a_no_show_is_a_reason_for_calling_off() {
    let api = api(json!({})).await;
    let id = api.book("2026-11-24T09:30", json!({})).await;
    let row = list(&api, MONTH).await.remove(0);
    assert_eq!(
        (row["start_time"].as_str(), row["appointment_status"]["code"].as_str()),
        (Some("2026-11-24T09:30:00-05:00"), Some("P"))
    );
    let truth = api.truth(&format!("appointments/{id}")).await;
    assert_eq!(row["id"], truth["vendor_id"]);
    assert!(row["patient"]["email"].is_string() && row["provider_id"].is_number());
    assert_ne!(row["provider_id"], row["resource_id"]);
    for (standing, code, reason) in [
        ("checked_in", "I", json!(null)),
        ("completed", "O", json!(null)),
        ("cancelled_by_patient", "C", json!(901)),
        ("cancelled_by_provider", "C", json!(902)),
        ("no_show", "C", json!(903)),
        ("rescheduled", "C", json!(904)),
    ] {
        api.edit(&id, json!({"status": standing})).await;
        let row = list(&api, MONTH).await.remove(0);
        assert_eq!(
            (row["appointment_status"]["code"].as_str(), &row["appointment_cancellation_reason_id"]),
            (Some(code), &reason),
            "{standing}"
        );
    }
    api.switch(json!({"zone_less": true})).await;
    assert_eq!(list(&api, MONTH).await[0]["start_time"].as_str(), Some("2026-11-24T09:30:00"));
}

#[tokio::test]
async fn a_confirmation_leaves_pending_and_calling_off_is_not_offered_unless_switched_on() {
    let api = api(json!({})).await;
    let patient = list_patient(&api).await;
    let booking = json!({"appointment": {
        "appointment_status_id": "1", "start_time": "2026-11-24T14:30:00Z", "end_time": "2026-11-24T10:00:00-05:00",
        "location_id": "20411", "provider_id": "18022", "visit_reason_id": "60115", "resource_id": "17310",
        "patients": [{"id": patient, "comments": ""}],
    }});
    let booked = api.json("POST", "/v2/appointments", &booking).await;
    assert_eq!(booked.status, 201);
    let guid = booked.json()["appointment"].as_str().unwrap().to_owned();
    assert_eq!(api.json("POST", "/v2/appointments", &booking).await.status, 409);
    let path = format!("/v2/appointments/{guid}");
    let confirmed =
        api.json("POST", &format!("{path}/confirmation"), &json!({"communication_outcome": "confirmed"})).await;
    assert_eq!(confirmed.status, 200);
    let row = api.read(&path).await["appointment"].clone();
    assert_eq!((row["is_confirmed"].as_bool(), row["appointment_status"]["code"].as_str()), (Some(true), Some("P")));
    assert_eq!(row["start_time"].as_str(), Some("2026-11-24T09:30:00-05:00"));
    assert_eq!(api.send("DELETE", &path, &[], b"").await.status, 404);
    api.switch(json!({"cancel": true})).await;
    assert_eq!(api.send("DELETE", &path, &[], b"").await.status, 204);
    assert_eq!(list(&api, MONTH).await[0]["appointment_status"]["code"].as_str(), Some("C"));
    api.switch(json!({"single_read": false})).await;
    assert_eq!(api.get(&path).await.status, 404);
}

async fn list_patient(api: &Api) -> String {
    let found = api.json("POST", "/v2/patients/search", &json!({"limit": 1, "fields": {}})).await.json();
    assert_eq!(api.json("POST", "/v2/patients/search", &json!({"fields": {"email": "x"}})).await.status, 422);
    found["patients"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn free_times_are_in_slots_with_offsets_and_locations_have_no_zone() {
    let api = api(json!({})).await;
    api.book("2026-11-24T09:00", json!({})).await;
    let path = "/v2/appointment_availability?start_date=2026-11-24&end_date=2026-11-24&visit_reason_id=60115&resource_ids=17310";
    let groups = api.read(path).await;
    assert_eq!(ids(&groups[0]["slots"], "start_time")[0], "2026-11-24T09:30:00-05:00");
    assert_eq!(api.get("/v2/appointment_availability?start_date=2026-11-24").await.status, 400);
    assert!(!api.get("/v2/locations").await.body.to_lowercase().contains("zone"));
}
