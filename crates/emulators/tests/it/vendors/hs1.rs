//! Henry Schein One: EXACT and Oasis, written from the vendor's public pages and the portal's article.

use super::{Api, ids};
use serde_json::{Value, json};

async fn exact(switches: Value) -> Api {
    let api = Api::start("hs1-exact", switches).await;
    let headers = [
        ("authorization", "Basic dHdpbi1jbGllbnQ6dHdpbi1zZWNyZXQ="),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = b"grant_type=client_credentials&scope=appointment.list%20appointment.get";
    let token = api.send("POST", "/connect/token", &headers, body).await.json();
    let mut api = api.bearing(token["access_token"].as_str().unwrap());
    api.headers.push(("x-api-version".to_owned(), "1.0".to_owned()));
    api
}

async fn site(vendor: &str, switches: Value, key: &str) -> Api {
    let mut api = Api::start(vendor, switches).await;
    api.headers = vec![("x-api-key".to_owned(), key.to_owned())];
    api
}

const BOOK: &str =
    "/v1/Practices/AUABC123/Appointments?from=2026-11-20T00:00:00%2B11:00&to=2026-11-30T00:00:00%2B11:00";

#[tokio::test]
async fn times_must_carry_an_offset_and_errors_are_plain_texts() {
    let api = exact(json!({"page_size": 1})).await;
    api.book("2026-11-24T09:30", json!({})).await;
    api.book("2026-11-24T10:30", json!({})).await;
    let refused = api.get("/v1/Practices/AUABC123/Appointments?from=2026-11-20T00:00:00&to=2026-11-30T00:00:00").await;
    assert_eq!((refused.status, refused.header("content-type")), (400, Some("text/plain")));
    assert_eq!(api.get("/v1/Practices/AU1/details").await.status, 403);
    let first = api.read(BOOK).await;
    assert_eq!(ids(&first["appointments"], "startDate"), ["2026-11-24T09:30:00+11:00"]);
    let token = first["continuationToken"].as_str().unwrap();
    let second = api.read(&format!("{BOOK}&continuationToken={token}")).await;
    assert_eq!((ids(&second["appointments"], "startDate").len(), &second["continuationToken"]), (1, &json!(null)));
    let details = api.read("/v1/Practices/AUABC123/details").await;
    assert_eq!((details["practiceTimezoneUtcOffsetMinutes"].as_i64(), details.get("timeZone")), (Some(660), None));
    assert_eq!(api.read("/v1/Subscriptions/active").await[0]["practiceId"].as_str(), Some("AUABC123"));
}

#[tokio::test]
async fn status_words_are_of_the_new_or_the_old_set_and_cancelled_rows_stay() {
    let api = exact(json!({})).await;
    let id = api.book("2026-11-24T09:30", json!({})).await;
    for (standing, new, old) in [
        ("booked", "Pending", "Booked"),
        ("in_progress", "InSurgery", "Seated"),
        ("completed", "Completed", "Complete"),
        ("no_show", "DidNotAttend", "FailedToAttend"),
        ("cancelled_by_patient", "Cancelled", "Cancelled"),
    ] {
        api.edit(&id, json!({"status": standing})).await;
        api.switch(json!({"old_words": false})).await;
        assert_eq!(ids(&api.read(BOOK).await["appointments"], "status"), [new]);
        api.switch(json!({"old_words": true})).await;
        assert_eq!(ids(&api.read(BOOK).await["appointments"], "status"), [old]);
    }
    let row = api.read(BOOK).await["appointments"][0].clone();
    assert!(row["cancellationDate"].is_string() && row["chairDurationMinutes"] != row["scheduledDurationMinutes"]);
    assert_eq!(row["id"], api.truth(&format!("appointments/{id}")).await["vendor_id"]);
}

#[tokio::test]
async fn a_change_that_does_not_fit_is_a_conflict() {
    let api = exact(json!({})).await;
    api.book("2026-11-24T09:30", json!({})).await;
    let id = api.book("2026-11-24T10:30", json!({})).await;
    let guid = api.truth(&format!("appointments/{id}")).await["vendor_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/Practices/AUABC123/Appointments/{guid}");
    let patch = async |start: &str| api.json("PATCH", &path, &json!({"startDate": start})).await.status;
    assert_eq!(patch("2026-11-24T09:45:00+11:00").await, 409);
    assert_eq!(patch("2026-11-24T11:45:00").await, 400);
    assert_eq!(patch("2026-11-24T11:45:00+11:00").await, 200);
    assert_eq!(api.truth(&format!("appointments/{id}")).await["start"].as_str(), Some("2026-11-24T11:45:00"));
}

#[tokio::test]
async fn a_site_is_a_slug_with_one_of_two_keys() {
    for (vendor, label) in [("hs1-exact", "Exact"), ("hs1-oasis", "Oasis")] {
        let api = site(vendor, json!({}), "twin-site-key").await;
        let details = api.read("/sites/oharbour1").await;
        assert_eq!((details["pms"].as_str(), details["timeZone"].as_str()), (Some(label), Some("Australia/Sydney")));
        assert_eq!(api.get("/sites/other1").await.status, 404);
        api.switch(json!({"primary_key": "turned"})).await;
        assert_eq!(api.get("/sites/oharbour1").await.status, 401);
        let second = Api { headers: vec![("x-api-key".to_owned(), "twin-site-key-2".to_owned())], ..api };
        assert_eq!(second.get("/sites/oharbour1").await.status, 200);
    }
    let oasis = site("hs1-oasis", json!({}), "twin-site-key").await;
    assert_eq!(oasis.get("/v1/Subscriptions/active").await.status, 404, "Oasis has no such interface");
}

#[tokio::test]
async fn without_stacking_only_the_first_gap_of_each_free_run_shows() {
    let api = site("hs1-exact", json!({}), "twin-site-key").await;
    api.book("2026-11-24T12:00", json!({"patient": null, "minutes": 60})).await;
    let times = async || {
        let rows = api.read("/sites/oharbour1/availability?from=2026-11-24&to=2026-11-24&reason=0-14-418").await;
        ids(&rows["availability"][0]["availabilityDates"][0]["timeSlots"], "startTime")
    };
    assert_eq!(times().await, ["09:00", "13:00"]);
    api.switch(json!({"stacking": true})).await;
    assert_eq!(times().await.len(), 14);
    // Thirty days are published.
    let far = api.read("/sites/oharbour1/availability?from=2026-12-21&to=2026-12-22&reason=0-14-418").await;
    assert!(far["availability"][0]["availabilityDates"].as_array().unwrap().is_empty());
    api.switch(json!({"publish_days": 90})).await;
    let far = api.read("/sites/oharbour1/availability?from=2026-12-21&to=2026-12-22&reason=0-14-418").await;
    assert_eq!(far["availability"][0]["availabilityDates"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_portal_books_and_may_not_call_off() {
    let api = site("hs1-exact", json!({}), "twin-site-key").await;
    let booking = json!({
        "start": "2026-11-24T09:30", "practitionerIdentifier": "DR7", "reasonIdentifier": "0-14-418",
        "patient": {"firstName": "Lena", "lastName": "Ortiz", "dateOfBirth": "1984-03-09", "email": "lena@example.org"},
    });
    let booked = api.json("POST", "/sites/oharbour1/appointments", &booking).await;
    assert_eq!(booked.status, 201, "{}", booked.body);
    assert_eq!(api.json("POST", "/sites/oharbour1/appointments", &booking).await.status, 409);
    let guid = booked.json()["id"].as_str().unwrap().to_owned();
    let book = api.read("/sites/oharbour1/appointmentbook?from=2026-11-24&to=2026-11-24").await;
    assert_eq!(ids(&book["appointments"], "id"), [guid.as_str()]);
    let path = format!("/sites/oharbour1/appointments/{guid}");
    assert_eq!(api.send("DELETE", &path, &[], b"").await.status, 403);
    api.switch(json!({"can_cancel": true})).await;
    assert_eq!(api.send("DELETE", &path, &[], b"").await.status, 204);
    let book = api.read("/sites/oharbour1/appointmentbook?from=2026-11-24&to=2026-11-24").await;
    assert!(book["appointments"].as_array().unwrap().is_empty());
}
