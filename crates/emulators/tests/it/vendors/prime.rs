//! Greenway Prime Suite: written from what public clients send and read.

use super::{Api, ids};
use crate::support::browser::Answer;
use serde_json::{Value, json};

const LIST: &str = "/Integration/RESTv1.0/PrimeSuiteAPIService/User/PatientListGet?api_key=twin-api-key";

fn body(more: Value) -> Value {
    let mut body = json!({
        "Credentials": {
            "PrimeSuiteCredential": {"PrimeSuiteSiteId": "4711", "PrimeSuiteUserAlias": "", "PrimeSuiteUserName": "twin", "PrimeSuiteUserPassword": "twin-password"},
            "VendorCredential": {"VendorLogin": "twin-vendor", "VendorPassword": "twin-vendor-password"},
        },
        "Header": {"DestinationSiteID": "4711", "PrimeSuiteUserID": 1, "SourceSiteID": ""},
        // 2026-11-19 00:00 to 2026-11-25 23:59:59.999 in Chicago.
        "FromDate": "/Date(1795068000000-0600)/", "ToDate": "/Date(1795672799999-0600)/",
        "AppointmentTypeIDs": [0], "CareProviderIDs": [0], "ServiceLocationIDs": [0], "VisitTypeIDs": [0],
        "DefaultFilterID": 0, "PageStart": 0, "PageSize": 10,
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

async fn ask(api: &Api, more: Value) -> Answer {
    api.json("POST", LIST, &body(more)).await
}

#[tokio::test]
async fn a_key_and_both_blocks_of_credentials_are_needed() {
    let api = Api::start("greenway-prime-suite", json!({})).await;
    assert_eq!(ask(&api, json!({})).await.status, 200);
    let path = LIST.replace("twin-api-key", "x");
    assert_eq!(api.json("POST", &path, &body(json!({}))).await.status, 403);
    assert_eq!(ask(&api, json!({"Credentials": {}})).await.status, 401);
    let mut wrong = body(json!({}));
    wrong["Credentials"]["VendorCredential"]["VendorPassword"] = json!("x");
    assert_eq!(api.json("POST", LIST, &wrong).await.status, 401);
    assert_eq!(ask(&api, json!({"FromDate": "2026-11-19"})).await.status, 500);
}

#[tokio::test]
async fn rows_carry_local_texts_microsoft_dates_and_no_status() {
    let api = Api::start("greenway-prime-suite", json!({})).await;
    api.book("2026-11-24T14:30", json!({})).await;
    api.book("2026-11-24T12:00", json!({"patient": null})).await;
    let sheet = ask(&api, json!({})).await.json();
    assert_eq!(sheet["TotalRows"], json!(2));
    let (lunch, row) = (&sheet["Appointments"][0], &sheet["Appointments"][1]);
    assert_eq!(lunch["Patient"]["PatientID"], json!(0));
    assert_eq!((row["ScheduleDate"].as_str(), row["StartTime"].as_str()), (Some("11/24/2026"), Some("2:30 PM")));
    assert_eq!(row["Visit"]["FromDateTime"].as_str(), Some("/Date(1795552200000-0600)/"));
    assert!(row["AppointmentID"].is_number() && row.get("Status").is_none());
    // Somebody born before 1970 has a number with a minus.
    let patient = api.patient(0);
    api.control("PATCH", &format!("patients/{patient}"), &json!({"birth_date": "1950-01-02"})).await;
    let row = ask(&api, json!({})).await.json()["Appointments"][1].clone();
    assert_eq!(row["Patient"]["DateOfBirth"].as_str(), Some("/Date(-631065600000+0000)/"));
}

#[tokio::test]
async fn pages_begin_at_zero_and_then_behind_what_was_read() {
    let api = Api::start("greenway-prime-suite", json!({})).await;
    for hour in [9, 10, 11, 12] {
        api.book(&format!("2026-11-24T{hour:02}:00"), json!({})).await;
    }
    let page = async |start: u32| {
        ids(&ask(&api, json!({"PageStart": start, "PageSize": 2})).await.json()["Appointments"], "StartTime")
    };
    assert_eq!(page(0).await, ["9:00 AM", "10:00 AM"]);
    assert_eq!(page(3).await, ["11:00 AM", "12:00 PM"]);
    // The total is a multiple of the page: there is an empty last one.
    assert!(page(5).await.is_empty());
    api.fault(json!({"lost_page": {"rate": 1, "status": 500, "first": 1}})).await;
    assert_eq!(ask(&api, json!({})).await.status, 500);
    assert_eq!(page(0).await.len(), 2, "it passes by itself");
}

#[tokio::test]
async fn what_is_called_off_disappears_and_the_tracking_words_are_the_sites_own() {
    let api = Api::start("greenway-prime-suite", json!({})).await;
    let id = api.book("2026-11-24T14:30", json!({"status": "confirmed"})).await;
    let table = api.truth("state").await["access"]["tracking"].clone();
    let word = |means: &str| {
        let row = table.as_array().unwrap().iter().find(|row| row["means"] == means).unwrap();
        row["word"].clone()
    };
    let row = ask(&api, json!({})).await.json()["Appointments"][0].clone();
    assert_eq!(row["Tracking"]["Status"], word("confirmed"));
    api.edit(&id, json!({"status": "checked_in"})).await;
    let row = ask(&api, json!({})).await.json()["Appointments"][0].clone();
    assert_eq!(
        (row["Visit"]["PatientArrivalFlag"].as_bool(), &row["Tracking"]["Status"]),
        (Some(true), &word("checked_in"))
    );
    let new = api.control("POST", &format!("appointments/{id}/replace"), &json!({"start": "2026-11-25T09:00"})).await;
    let sheet = ask(&api, json!({})).await.json();
    assert_eq!(ids(&sheet["Appointments"], "AppointmentID"), [new["id"].as_str().unwrap()]);
    api.edit(new["id"].as_str().unwrap(), json!({"status": "cancelled_by_patient"})).await;
    assert_eq!(ask(&api, json!({})).await.json()["TotalRows"], json!(0));
    api.switch(json!({"lists_cancelled": true})).await;
    assert_eq!(ask(&api, json!({})).await.json()["TotalRows"], json!(2));
    let other = Api::sized("greenway-prime-suite", json!({}), emulators::vendors::DiarySize::Empty, 8).await;
    assert_ne!(other.truth("state").await["access"]["tracking"], table);
}
