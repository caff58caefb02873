//! FHIR R4: written from the standard.

use super::hooked::Hooked;
use super::{Api, ids};
use serde_json::{Value, json};

async fn api(switches: Value) -> Api {
    Api::start("fhir-r4", switches).await
}

fn resources(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().unwrap();
    entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

fn link(api: &Api, bundle: &Value, relation: &str) -> Option<String> {
    let links = bundle["link"].as_array().unwrap();
    let url = links.iter().find(|link| link["relation"] == relation)?["url"].as_str()?;
    Some(url.split(&api.twin.http.to_string()).nth(1).unwrap().to_owned())
}

#[tokio::test]
async fn last_updated_is_searched_with_its_prefixes_and_sorted_by() {
    let api = api(json!({})).await;
    let first = api.book("2026-11-24T09:30", json!({})).await;
    api.pass(60).await;
    let second = api.book("2026-11-24T10:30", json!({})).await;
    api.pass(60).await;
    api.edit(&first, json!({"status": "confirmed"})).await;
    let found = async |query: &str| resources(&api.read(&format!("/Appointment?{query}")).await);
    let (first, second) = (format!("appt-{first}"), format!("appt-{second}"));
    assert_eq!(found("_lastUpdated=ge2026-11-19T15:01:00Z&_sort=_lastUpdated").await, [second.clone(), first.clone()]);
    assert_eq!(found("_lastUpdated=gt2026-11-19T15:01:00Z").await, [first.as_str()]);
    assert_eq!(
        found("_lastUpdated=ge2026-11-19T15:01:00Z&_lastUpdated=lt2026-11-19T15:02:00Z").await,
        [second.as_str()]
    );
    assert_eq!(found("_lastUpdated=2026-11-19").await.len(), 2);
    assert_eq!(found("date=2026-11-24&status=booked").await.len(), 2);
    assert_eq!(api.get("/Appointment?_lastUpdated=yesterday").await.status, 400);
    let row = api.read(&format!("/Appointment/{first}")).await;
    assert_eq!(
        (row["meta"]["versionId"].as_str(), row["start"].as_str()),
        (Some("3"), Some("2026-11-24T09:30:00-06:00"))
    );
    // A lenient server leaves the parameter out of its link to itself, and finds everything.
    api.switch(json!({"ignores_last_updated": true})).await;
    let bundle = api.read("/Appointment?_lastUpdated=gt2030-01-01&_count=5").await;
    assert_eq!((resources(&bundle).len(), link(&api, &bundle, "self").unwrap().as_str()), (2, "/Appointment?_count=5"));
}

#[tokio::test]
async fn pages_are_opaque_links_and_gone_after_a_while() {
    let api = api(json!({"page_size": 2})).await;
    for hour in [10, 11, 12] {
        api.book(&format!("2026-11-24T{hour}:00"), json!({})).await;
    }
    let first = api.read("/Appointment?_include=Appointment:patient").await;
    assert_eq!(first["total"], json!(3));
    let modes: Vec<&str> =
        first["entry"].as_array().unwrap().iter().map(|entry| entry["search"]["mode"].as_str().unwrap()).collect();
    assert_eq!(modes, ["match", "match", "include"]);
    let next = link(&api, &first, "next").unwrap();
    let second = api.read(&next).await;
    assert_eq!((resources(&second).len(), link(&api, &second, "next")), (2, None));
    api.fault(json!({"cursor_expired": 1})).await;
    assert_eq!(api.get(&next).await.status, 410);
    api.fault(json!({})).await;
    assert_eq!(api.get(&next).await.status, 200);
    api.pass(300).await;
    assert_eq!(api.get(&next).await.status, 410);
}

#[tokio::test]
async fn what_was_deleted_is_410_by_id_in_no_search_and_in_the_history() {
    let api = api(json!({})).await;
    let (marked, purged) =
        (api.book("2026-11-24T09:30", json!({})).await, api.book("2026-11-25T09:30", json!({})).await);
    api.control("DELETE", &format!("appointments/{marked}"), &json!(null)).await;
    api.control("DELETE", &format!("appointments/{purged}?purge=true"), &json!(null)).await;
    assert_eq!(api.get(&format!("/Appointment/appt-{marked}")).await.status, 410);
    assert_eq!(api.get(&format!("/Appointment/appt-{purged}")).await.status, 404);
    assert!(resources(&api.read("/Appointment").await).is_empty());
    let history = api.read("/Appointment/_history?_since=2026-11-19T15:00:00Z").await;
    assert_eq!(ids(&json!([history["entry"][0]["request"]]), "method"), ["DELETE"]);
}

#[tokio::test]
async fn statuses_are_codes_with_a_reason_and_each_participant_has_their_own() {
    let api = api(json!({})).await;
    let (a, b) = (api.patient(0), api.patient(1));
    let id = api.book("2026-11-24T17:00", json!({"patient": null, "patients": [a, b]})).await;
    api.control("PATCH", &format!("appointments/{id}/patients/{b}"), &json!({"status": "cancelled_by_patient"})).await;
    let row = api.read(&format!("/Appointment/appt-{id}")).await;
    let statuses: Vec<(String, String)> = row["participant"].as_array().unwrap()[..2]
        .iter()
        .map(|row| (row["actor"]["reference"].as_str().unwrap().into(), row["status"].as_str().unwrap().into()))
        .collect();
    assert_eq!(
        statuses,
        [(format!("Patient/pat-{a}"), "needs-action".into()), (format!("Patient/pat-{b}"), "declined".into())]
    );
    assert_eq!(row["status"].as_str(), Some("booked"));
    for (standing, status, reason) in [
        ("cancelled_by_patient", "cancelled", json!("pat")),
        ("cancelled_by_provider", "cancelled", json!("prov")),
        ("no_show", "noshow", json!(null)),
        ("completed", "fulfilled", json!(null)),
        ("entered_in_error", "entered-in-error", json!(null)),
    ] {
        api.edit(&id, json!({"status": standing})).await;
        let row = api.read(&format!("/Appointment/appt-{id}")).await;
        assert_eq!((row["status"].as_str(), &row["cancelationReason"]["coding"][0]["code"]), (Some(status), &reason));
    }
    api.control("POST", &format!("patients/{a}/merge"), &json!({"into": b})).await;
    let merged = api.read(&format!("/Patient/pat-{a}")).await;
    assert_eq!((merged["active"].as_bool(), merged["link"][0]["type"].as_str()), (Some(false), Some("replaced-by")));
}

#[tokio::test]
async fn an_update_needs_the_version_it_was_made_from() {
    let api = api(json!({})).await;
    let body = json!({
        "resourceType": "Appointment", "status": "booked", "start": "2026-11-24T15:30:00Z", "end": "2026-11-24T16:00:00Z",
        "appointmentType": {"coding": [{"code": "OFFICE"}]},
        "participant": [
            {"actor": {"reference": format!("Patient/pat-{}", api.patient(0))}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/prac-302"}, "status": "accepted"},
        ],
    });
    let created = api.json("POST", "/Appointment", &body).await;
    assert_eq!(created.status, 201);
    assert!(created.header("location").unwrap().contains("/_history/"));
    let tag = created.header("etag").unwrap().to_owned();
    let path = format!("/Appointment/{}", created.json()["id"].as_str().unwrap());
    let mut moved = body.clone();
    (moved["start"], moved["end"]) = (json!("2026-11-24T17:30:00Z"), json!("2026-11-24T18:00:00Z"));
    let put = async |tag: &str| {
        api.send(
            "PUT",
            &path,
            &[("content-type", "application/fhir+json"), ("if-match", tag)],
            moved.to_string().as_bytes(),
        )
        .await
    };
    assert_eq!(put("W/\"77\"").await.status, 412);
    assert_eq!(put(&tag).await.status, 200);
    assert_eq!(put(&tag).await.status, 412, "the version has moved on");
    assert_eq!(api.read(&path).await["start"].as_str(), Some("2026-11-24T11:30:00-06:00"));
}

#[tokio::test]
async fn a_rest_hook_is_called_with_the_resource_or_empty_and_ends_in_error() {
    let api = api(json!({})).await;
    let hook = Hooked::start(|_| (200, String::new())).await;
    let subscribe = async |payload: Value, url: &str| {
        let channel =
            json!({"type": "rest-hook", "endpoint": url, "payload": payload, "header": ["Authorization: Bearer ours"]});
        let body = json!({"resourceType": "Subscription", "status": "requested", "reason": "visits", "criteria": "Appointment?status=booked", "channel": channel});
        let answer = api.json("POST", "/Subscription", &body).await;
        assert_eq!((answer.status, answer.json()["status"].as_str()), (201, Some("active")));
        answer.json()["id"].as_str().unwrap().to_owned()
    };
    let empty = subscribe(json!(null), &hook.url).await;
    let id = api.book("2026-11-24T09:30", json!({})).await;
    let pushed = hook.wait_for(1).await[0].clone();
    assert_eq!((pushed.body.as_str(), pushed.header("authorization").as_str()), ("", "Bearer ours"));
    assert_eq!(api.send("DELETE", &format!("/Subscription/{empty}"), &[], b"").await.status, 204);
    subscribe(json!("application/fhir+json"), &hook.url).await;
    api.edit(&id, json!({"start": "2026-11-24T10:30"})).await;
    assert_eq!(hook.wait_for(2).await[1].json()["id"], json!(format!("appt-{id}")));
    // Called off, it does not match the criteria: nobody is told.
    api.edit(&id, json!({"status": "cancelled"})).await;
    assert_eq!(api.truth("pushes").await["items"].as_array().unwrap().len(), 2);
    let dead = subscribe(json!(null), "http://127.0.0.1:9/hook").await;
    api.book("2026-11-25T09:30", json!({})).await;
    crate::support::within("the subscription to be in error", async {
        while api.read(&format!("/Subscription/{dead}")).await["status"] != "error" {
            api.pass(300).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_may_be_needed_and_faults_spoil_a_search() {
    let api = api(json!({"needs_token": true})).await;
    assert_eq!(api.get("/metadata").await.status, 200);
    let refused = api.get("/Appointment").await;
    assert_eq!((refused.status, refused.json()["resourceType"].as_str()), (401, Some("OperationOutcome")));
    let token = api
        .form("POST", "/token", "grant_type=client_credentials&client_id=twin-client&client_secret=twin-secret")
        .await
        .json();
    let api = api.bearing(token["access_token"].as_str().unwrap());
    api.book("2026-11-24T09:30", json!({})).await;
    api.book("2026-11-24T10:30", json!({})).await;
    let plain = resources(&api.read("/Appointment").await);
    for (fault, expected) in [
        (json!({"empty_list": 1}), Vec::new()),
        (json!({"duplicate_event": 1}), vec![plain[0].clone(), plain[1].clone(), plain[1].clone()]),
        (json!({"reorder": 1}), vec![plain[1].clone(), plain[0].clone()]),
        (json!({"lost_page": 1}), Vec::new()),
    ] {
        api.fault(fault.clone()).await;
        assert_eq!(resources(&api.read("/Appointment").await), expected, "{fault}");
    }
    api.fault(json!({"drifting_types": 1})).await;
    let row = api.read("/Appointment").await["entry"][0]["resource"].clone();
    assert!(row["minutesDuration"].is_string() && row["identifier"][0]["value"].is_number());
    for (fault, status) in [
        (json!({"lost_page": {"rate": 1, "status": 500}}), 500),
        (json!({"throttle": {"rate": 1, "retry_after_secs": 7}}), 429),
        (json!({"token_expired": 1}), 401),
        (json!({"outage": {"rate": 1, "status": 503}}), 503),
    ] {
        api.fault(fault).await;
        let answer = api.get("/Appointment").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("retry-after").is_some(), status == 429);
    }
}
