//! athenahealth: written from what the vendor's pages and recorded answers say.

use super::hooked::Hooked;
use super::{Api, ids};
use serde_json::{Value, json};

const V1: &str = "/v1/195900";

async fn token(api: &Api, basic: &str) -> (u16, Value) {
    let body = b"grant_type=client_credentials&scope=athena%2Fservice%2FAthenanet.MDP.*";
    let headers = [("authorization", basic), ("content-type", "application/x-www-form-urlencoded")];
    let answer = api.send("POST", "/oauth2/v1/token", &headers, body).await;
    (answer.status, answer.json())
}

/// base64 of `twin-client:twin-secret`
const BASIC: &str = "Basic dHdpbi1jbGllbnQ6dHdpbi1zZWNyZXQ=";

async fn api(switches: Value) -> Api {
    let api = Api::start("athenahealth", switches).await;
    let (status, token) = token(&api, BASIC).await;
    assert_eq!(status, 200);
    api.bearing(token["access_token"].as_str().unwrap())
}

async fn booked(api: &Api, query: &str) -> Value {
    api.read(&format!("{V1}/appointments/booked?startdate=11/20/2026&enddate=11/30/2026{query}")).await
}

async fn changed(api: &Api, query: &str) -> Vec<String> {
    ids(&api.read(&format!("{V1}/appointments/changed?{query}")).await["appointments"], "appointmentid")
}

#[tokio::test]
async fn a_token_is_got_by_basic_and_its_life_is_a_number_or_a_text() {
    let api = Api::start("athenahealth", json!({})).await;
    assert_eq!(token(&api, "Basic eDp5").await.0, 401);
    assert_eq!(token(&api, BASIC).await.1["expires_in"], json!(3600));
    api.switch(json!({"expires_in_is_text": true})).await;
    let token = token(&api, BASIC).await.1;
    assert_eq!(token["expires_in"], json!("3600"));
    let path = format!("{V1}/providers");
    let answer = api.get(&path).await;
    assert_eq!((answer.status, answer.body.as_str()), (401, "Developer Inactive"));
    let api = api.bearing(token["access_token"].as_str().unwrap());
    assert_eq!(api.get(&path).await.status, 200);
    let answer = api.get("/v1/1/providers").await;
    assert_eq!((answer.status, answer.json()), (404, json!({"error": "Invalid practice."})));
    api.pass(3600).await;
    assert_eq!(api.get(&path).await.status, 401);
}

#[tokio::test]
async fn the_booked_window_needs_both_dates_and_hides_cancelled_rows() {
    let api = api(json!({})).await;
    let answer = api.get(&format!("{V1}/appointments/booked?departmentid=12")).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({"error": "Additional fields are required.", "missingfields": ["startdate", "enddate"]})
    );
    let answer = api.get(&format!("{V1}/appointments/booked?startdate=2026-11-20&enddate=11/30/2026")).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("The data provided is invalid.")));
    let first = api.book("2026-11-20T09:30", json!({})).await;
    let last = api.book("2026-11-30T09:30", json!({"department": 13})).await;
    assert_eq!(ids(&booked(&api, "").await["appointments"], "appointmentid"), [first.clone(), last.clone()]);
    assert_eq!(ids(&booked(&api, "&departmentid=13").await["appointments"], "appointmentid"), [last.as_str()]);
    api.edit(&first, json!({"status": "cancelled_by_patient"})).await;
    assert_eq!(ids(&booked(&api, "").await["appointments"], "appointmentid"), [last.as_str()]);
    let rows = booked(&api, "&showcancelled=true").await["appointments"].clone();
    assert_eq!((rows[0]["appointmentstatus"].as_str(), rows[0]["cancelreasonid"].as_str()), (Some("x"), Some("41")));
    // Modified narrows the window, inclusively; its end needs its start.
    assert_eq!(booked(&api, "&startlastmodified=11/19/2026 10:00:00").await["totalcount"], json!(1));
    assert_eq!(booked(&api, "&startlastmodified=11/19/2026%2010:00:01").await["totalcount"], json!(0));
    let path = format!("{V1}/appointments/booked?startdate=11/20/2026&enddate=11/30/2026&endlastmodified=11/19/2026");
    assert_eq!(api.get(&path).await.status, 400);
}

#[tokio::test]
async fn links_are_host_relative_with_names_in_capitals_and_absent_at_the_ends() {
    let api = api(json!({})).await;
    for hour in [10, 11, 12] {
        api.book(&format!("2026-11-24T{hour}:00"), json!({})).await;
    }
    let first = booked(&api, "&departmentid=12&limit=2").await;
    assert_eq!((first["totalcount"].as_i64(), first.get("previous")), (Some(3), None));
    let next = first["next"].as_str().unwrap();
    assert_eq!(
        next,
        "/v1/195900/appointments/booked?DEPARTMENTID=12&ENDDATE=11%2F30%2F2026&LIMIT=2&STARTDATE=11%2F20%2F2026&offset=2"
    );
    let second = api.read(next).await;
    assert_eq!(ids(&second["appointments"], "starttime"), ["12:00"]);
    assert!(second.get("next").is_none() && second["previous"].is_string());
}

#[tokio::test]
async fn rows_leave_out_what_is_not_there_and_stamp_in_eastern_time() {
    let api = api(json!({})).await;
    let id = api.book("2026-11-24T09:30", json!({"department": 13})).await;
    let rows = api.read(&format!("{V1}/appointments/{id}")).await;
    assert_eq!(rows.as_array().unwrap().len(), 1, "an array of one");
    let row = &rows[0];
    // 15:00 UTC is 10:00 in New York; the visit itself is at 09:30 by the clocks of Phoenix.
    assert_eq!(
        (row["lastmodified"].as_str(), row["scheduleddatetime"].as_str()),
        (Some("11/19/2026 10:00:00"), Some("11/19/2026 10:00:00"))
    );
    assert_eq!(
        (row["date"].as_str(), row["starttime"].as_str(), row["duration"].as_i64()),
        (Some("11/24/2026"), Some("09:30"), Some(30))
    );
    assert!(row["departmentid"].is_string() && row["hl7providerid"].is_number());
    for absent in ["cancelreasonid", "appointmentnotes", "checkindatetime", "rescheduledappointmentid"] {
        assert!(row.get(absent).is_none(), "{absent}");
    }
    let nested = booked(&api, "&showpatientdetail=true").await["appointments"][0]["patient"].clone();
    assert!(nested["emailexists"].is_string());
    let patient = api.patient(0);
    let whole = api.read(&format!("{V1}/patients/{patient}")).await;
    assert!(whole[0]["emailexists"].is_boolean());
    let department = api.read(&format!("{V1}/departments")).await["departments"][1].clone();
    assert_eq!(
        (department["timezonename"].as_str(), department["doesnotobservedst"].as_bool()),
        (Some("US/Arizona"), Some(true))
    );
    let unknown = api.get(&format!("{V1}/appointments/5")).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn status_is_a_letter_and_a_no_show_is_a_reason() {
    let api = api(json!({})).await;
    let id = api.book("2026-11-24T09:30", json!({})).await;
    for (standing, letter) in [
        ("booked", "f"),
        ("confirmed", "f"),
        ("checked_in", "2"),
        ("in_progress", "2"),
        ("completed", "3"),
        ("cancelled", "x"),
        ("no_show", "x"),
    ] {
        api.edit(&id, json!({"status": standing})).await;
        let row = api.read(&format!("{V1}/appointments/{id}")).await[0].clone();
        assert_eq!(row["appointmentstatus"].as_str(), Some(letter), "{standing}");
        assert_eq!(row["cancelreasonnoshow"].as_bool() == Some(true), standing == "no_show", "{standing}");
        assert_eq!(row["appointmentconfirmationid"].as_str() == Some("2"), standing == "confirmed", "{standing}");
    }
}

#[tokio::test]
async fn reading_the_feed_consumes_and_nothing_is_there_from_before() {
    let api = api(json!({})).await;
    let before = api.book("2026-11-23T09:30", json!({})).await;
    let events = api.read(&format!("{V1}/appointments/changed/subscription/events")).await;
    assert_eq!(events["subscriptions"].as_array().unwrap().len(), 9);
    let status = async || {
        api.read(&format!("{V1}/appointments/changed/subscription")).await["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status().await, "INACTIVE");
    let subscribe = format!("{V1}/appointments/changed/subscription");
    assert_eq!(api.form("POST", &subscribe, "eventname=ScheduleAppointment").await.status, 200);
    assert_eq!(status().await, "PARTIAL");
    assert_eq!(api.form("POST", &subscribe, "").await.status, 200);
    assert_eq!(status().await, "ACTIVE");
    assert!(changed(&api, "").await.is_empty());
    let id = api.book("2026-11-24T09:30", json!({})).await;
    // Two events on one visit collapse into its present state.
    api.edit(&id, json!({"start": "2026-11-24T10:30"})).await;
    assert_eq!(changed(&api, "leaveunprocessed=true").await, [id.as_str()]);
    let rows = api.read(&format!("{V1}/appointments/changed")).await;
    assert_eq!((rows["totalcount"].as_i64(), rows["appointments"][0]["starttime"].as_str()), (Some(1), Some("10:30")));
    assert!(rows["appointments"][0].get("eventname").is_none());
    assert!(changed(&api, "").await.is_empty(), "reading consumes");
    // What was processed can be read again by Eastern times.
    assert_eq!(
        changed(&api, "showprocessedstartdatetime=11/19/2026 10:00:00&showprocessedenddatetime=11/19/2026 10:05:00")
            .await,
        [id.as_str()]
    );
    assert!(changed(&api, "showprocessedstartdatetime=11/19/2026 10:00:01").await.is_empty());
    assert_ne!(before, id);
}

#[tokio::test]
async fn the_feed_carries_open_rows_lags_and_may_refuse_to_subscribe_to_all() {
    let api = api(json!({"feed_lag_seconds": 300, "refuses_all": true})).await;
    let subscribe = format!("{V1}/appointments/changed/subscription");
    assert_eq!(api.form("POST", &subscribe, "").await.status, 403);
    for event in ["CancelAppointment", "AddAppointmentSlot", "DeleteAppointment"] {
        assert_eq!(api.form("POST", &subscribe, &format!("eventname={event}")).await.status, 200);
    }
    let id = api.book("2026-11-24T09:30", json!({})).await;
    api.edit(&id, json!({"status": "cancelled_by_patient"})).await;
    assert!(changed(&api, "").await.is_empty(), "five minutes late");
    api.pass(300).await;
    let rows = api.read(&format!("{V1}/appointments/changed")).await["appointments"].clone();
    assert_eq!(ids(&rows, "appointmentstatus"), ["x", "o"]);
    assert!(rows[1].get("patientid").is_none() && rows[1].get("lastmodified").is_none());
    assert_ne!(rows[0]["appointmentid"], rows[1]["appointmentid"]);
    api.control("DELETE", &format!("appointments/{id}?purge=true"), &json!(null)).await;
    api.pass(300).await;
    assert_eq!(changed(&api, "").await, [id.as_str()]);
    assert_eq!(api.get(&format!("{V1}/appointments/{id}")).await.status, 404);
}

#[tokio::test]
async fn an_open_time_is_booked_moved_and_called_off_by_forms() {
    let api = api(json!({})).await;
    let open = async |query: &str| {
        api.read(&format!("{V1}/appointments/open?departmentid=12&providerid=71{query}")).await["appointments"].clone()
    };
    assert!(open("").await.as_array().unwrap().is_empty(), "neither type nor reason: no rows");
    let rows = open("&appointmenttypeid=82").await;
    // The next day from 09:00 is more than 24 hours ahead only from 09:00 of Friday on; the window is a week.
    assert_eq!((rows[0]["date"].as_str(), rows[0]["starttime"].as_str()), (Some("11/20/2026"), Some("09:00")));
    assert!(rows[0]["appointmentid"].is_number());
    let (slot, other) = (rows[0]["appointmentid"].to_string(), rows[3]["appointmentid"].to_string());
    assert_eq!(api.read(&format!("{V1}/appointments/{slot}")).await[0]["appointmentstatus"].as_str(), Some("o"));
    let patient = api.patient(0);
    let path = format!("{V1}/appointments/{slot}");
    let refused = api.json("PUT", &path, &json!({"patientid": patient, "reasonid": 82})).await;
    assert_eq!((refused.status, refused.json()["missingfields"].clone()), (400, json!(["patientid"])), "forms only");
    let form = format!("patientid={patient}&reasonid=82");
    let booked = api.form("PUT", &path, &form).await.json();
    assert_eq!(
        (booked[0]["appointmentid"].as_str(), booked[0]["appointmentstatus"].as_str()),
        (Some(slot.as_str()), Some("f"))
    );
    let again = api.form("PUT", &path, &form).await;
    assert_eq!((again.status, again.json()["error"].as_str()), (404, Some("The appointment is not available.")));
    let moved = api
        .form("PUT", &format!("{path}/reschedule"), &format!("newappointmentid={other}&patientid={patient}"))
        .await
        .json();
    assert_eq!(moved[0]["appointmentid"].as_str(), Some(other.as_str()));
    let old = api.read(&path).await[0].clone();
    assert_eq!(
        (old["appointmentstatus"].as_str(), old["cancelreasonid"].as_str(), old["rescheduledappointmentid"].as_str()),
        (Some("x"), Some("-4"), Some(other.as_str()))
    );
    let path = format!("{V1}/appointments/{other}");
    assert_eq!(api.form("PUT", &format!("{path}/cancel"), "").await.status, 400);
    assert_eq!(
        api.form("PUT", &format!("{path}/cancel"), &format!("patientid={patient}&appointmentcancelreasonid=42"))
            .await
            .status,
        200
    );
    let truth = api.truth(&format!("appointments/{other}")).await;
    assert_eq!(truth["status"].as_str(), Some("cancelled_by_provider"));
    // The time is offered again, under another id.
    let rows = open("&appointmenttypeid=82").await;
    assert_eq!(
        (rows[0]["starttime"].as_str(), rows[0]["appointmentid"].as_u64() == slot.parse().ok()),
        (Some("09:00"), false)
    );
}

#[tokio::test]
async fn an_edit_answers_a_bare_one_or_a_text_and_checking_in_twice_is_a_404() {
    let api = api(json!({})).await;
    let id = api.book("2026-11-24T09:30", json!({})).await;
    let path = format!("{V1}/appointments/booked/{id}");
    assert_eq!(api.form("PUT", &path, "providerid=72").await.body, "1");
    let fault = api.form("PUT", &path, "providerid=5").await;
    assert_eq!((fault.status, fault.json().is_string()), (200, true));
    let path = format!("{V1}/appointments/{id}/checkin");
    assert_eq!(api.form("POST", &path, "").await.json(), json!({"success": true, "message": ""}));
    assert_eq!(api.form("POST", &path, "").await.status, 404);
    let notes = format!("{V1}/appointments/{id}/notes");
    assert_eq!(api.form("POST", &notes, "notetext=Link%20sent").await.status, 200);
    assert_eq!(api.read(&notes).await["notes"][0]["notetext"].as_str(), Some("Link sent"));
    assert_eq!(
        api.read(&format!("{V1}/appointments/{id}")).await[0]["appointmentnotes"][0]["text"].as_str(),
        Some("Link sent")
    );
}

#[tokio::test]
async fn too_many_calls_a_second_are_refused_without_retry_after() {
    let api = api(json!({"per_second": 5})).await;
    let path = format!("{V1}/providers");
    for _ in 0..5 {
        assert_eq!(api.get(&path).await.status, 200);
    }
    let over = api.get(&path).await;
    assert_eq!((over.status, over.header("retry-after")), (429, None));
    api.pass(1).await;
    assert_eq!(api.get(&path).await.status, 200);
}

#[tokio::test]
async fn a_push_is_signed_and_carries_ids_only() {
    let api = api(json!({})).await;
    let hook = Hooked::start(|_| (200, String::new())).await;
    let subscription = json!({
        "resourceType": "Subscription", "status": "requested", "reason": "visits",
        "criteria": "https://api.platform.athenahealth.com/fhir/r4/SubscriptionTopic/Appointment.schedule",
        "channel": {"type": "rest-hook", "endpoint": hook.url, "payload": "application/fhir+json"},
    });
    let body = subscription.to_string();
    let post = async |secret: &str| {
        api.send(
            "POST",
            "/fhir/r4/Subscription",
            &[("content-type", "application/fhir+json"), ("x-hub-secret", secret)],
            body.as_bytes(),
        )
        .await
    };
    assert_eq!(post("").await.status, 400);
    assert_eq!(post("hush").await.status, 201);
    assert_eq!(post("hush").await.status, 409, "one for each topic and practice");
    let id = api.book("2026-11-24T09:30", json!({})).await;
    let pushed = hook.wait_for(1).await[0].clone();
    let mac = hmac_sha256::HMAC::mac(pushed.body.as_bytes(), b"hush");
    let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(pushed.header("x-hub-signature"), format!("sha256={hex}"));
    let bundle = pushed.json();
    let event = &bundle["entry"][0]["resource"]["notificationEvent"][0];
    assert_eq!(
        event["focus"]["identifier"],
        json!({"system": "urn:athenahealth:athenanet:appointment:195900", "value": id})
    );
    assert!(event["eventNumber"].is_string());
    assert_eq!((bundle["type"].as_str(), bundle["entry"][1]["resource"]["id"] == event["id"]), (Some("history"), true));
    assert!(!pushed.body.contains("lastname"));
}
