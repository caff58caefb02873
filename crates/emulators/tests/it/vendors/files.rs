//! The twins that write files: CareLogic, the plain drop, and Greenway Intergy.

use super::Api;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A folder that goes away with the test.
struct Drop(PathBuf);

impl Drop {
    fn new(name: &str) -> Drop {
        let path = std::env::temp_dir().join(format!("twin-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Drop(path)
    }

    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// The rows of the files of a kind, each as a map from column to text.
    fn rows(&self, start: &str) -> Vec<Value> {
        let names = self.files().into_iter().filter(|name| name.starts_with(start) && name.ends_with(".csv"));
        names.flat_map(|name| read(&self.0.join(name))).collect()
    }

    fn clear(&self) {
        for name in self.files() {
            std::fs::remove_file(self.0.join(name)).unwrap();
        }
    }
}

impl std::ops::Drop for Drop {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn read(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| header.iter().zip(line.split(',')).map(|(key, field)| ((*key).to_owned(), json!(field))).collect())
        .collect()
}

async fn api(vendor: &str, drop: &Drop, switches: Value) -> Api {
    let api = Api::start(vendor, switches).await;
    api.switch(json!({"drop": drop.0})).await;
    api
}

#[tokio::test]
async fn carelogic_writes_everything_once_and_then_what_changed() {
    let drop = Drop::new("carelogic");
    let api = Api::start("carelogic", json!({})).await;
    let (a, b) = (api.patient(0), api.patient(1));
    let group = api.book("2026-11-24T17:00", json!({"patient": null, "patients": [a, b], "type": 4})).await;
    let single = api.book("2026-11-25T09:30", json!({})).await;
    api.pass(1).await;
    api.switch(json!({"drop": drop.0})).await;
    let names: Vec<String> = drop.files();
    assert_eq!(names.iter().filter(|name| name.ends_with(".csv")).count(), 3, "{names:?}");
    assert!(names.contains(&"activity_full_20261119T150001Z.csv".to_owned()), "{names:?}");
    assert!(names.contains(&"activity_full_20261119T150001Z.csv.done".to_owned()), "{names:?}");
    let activities = drop.rows("activity_full");
    assert_eq!((activities[0]["IS_GROUP_YN"].as_str(), activities[1]["IS_GROUP_YN"].as_str()), (Some("Y"), Some("N")));
    assert_eq!(
        (activities[0]["BEGIN_DATETIME"].as_str(), activities[0]["MODALITY"].as_str()),
        (Some("2026-11-24 17:00:00"), Some("VIDEO"))
    );
    let details = drop.rows("activity_detail_full");
    assert_eq!(details.iter().filter(|row| row["ACTIVITY_LOG_ID"] == group.as_str()).count(), 2);
    assert!(details.iter().all(|row| row["STATUS"] == "None" && row["STATUS_DATE"] == ""));
    drop.clear();
    api.pass(240).await;
    assert!(drop.files().is_empty(), "a delta every five minutes");
    api.control("PATCH", &format!("appointments/{group}/patients/{b}"), &json!({"status": "cancelled_by_patient"}))
        .await;
    api.pass(60).await;
    let details = drop.rows("activity_detail_delta");
    let row = details.iter().find(|row| row["CLIENT_ID"] == b.to_string().as_str()).unwrap();
    assert_eq!((row["STATUS"].as_str(), row["STATUS_DATE"].as_str()), (Some("CBC"), Some("2026-11-19 09:04:01")));
    // The status stamps its own date only.
    assert_eq!(row["CHANGED_DATE"].as_str(), Some("2026-11-19 09:00:00"));
    assert!(details.iter().all(|row| row["ACTIVITY_LOG_ID"] != single.as_str()));
}

#[tokio::test]
async fn carelogic_has_its_own_status_words_and_never_deletes_a_participant() {
    let drop = Drop::new("words");
    let api = Api::start("carelogic", json!({"full_hours": 0})).await;
    let id = api.book("2026-11-25T09:30", json!({})).await;
    api.switch(json!({"drop": drop.0})).await;
    for (standing, word) in [
        ("checked_in", "Checked In"),
        ("in_progress", "In Session"),
        ("completed", "Kept"),
        ("no_show", "DNS"),
        ("cancelled_by_patient", "CBC"),
        ("cancelled_by_provider", "CBT"),
        ("entered_in_error", "Error"),
        ("Co-Staff", "Co-Staff"),
    ] {
        api.edit(&id, json!({"status": standing})).await;
        drop.clear();
        api.pass(1).await;
        assert_eq!(drop.rows("activity_detail_full")[0]["STATUS"].as_str(), Some(word));
    }
    let (group, patient) = (api.book("2026-11-26T09:30", json!({"group": true})).await, api.patient(0));
    api.control("DELETE", &format!("appointments/{group}/patients/{patient}"), &json!(null)).await;
    drop.clear();
    api.pass(1).await;
    let row =
        drop.rows("activity_detail_full").into_iter().find(|row| row["ACTIVITY_LOG_ID"] == group.as_str()).unwrap();
    assert_eq!(row["STATUS"].as_str(), Some("Error"));
}

#[tokio::test]
async fn a_client_who_calls_off_is_written_as_cbc_with_a_comment_for_one_and_without_for_a_group() {
    let api = Api::start("carelogic", json!({})).await;
    let (a, b) = (api.patient(0), api.patient(1));
    let single = api.book("2026-11-25T09:30", json!({})).await;
    let group = api.book("2026-11-24T17:00", json!({"patient": null, "patients": [a, b]})).await;
    let seat = async |id: &str| {
        api.truth(&format!("appointments/{id}")).await["patients"][0]["id"].as_str().unwrap().to_owned()
    };
    let write = async |seat: &str| {
        api.json("PUT", &format!("/activity-details/{seat}/status"), &json!({"status": "CBC", "comment": "Ill"}))
            .await
            .status
    };
    let (one, many) = (seat(&single).await, seat(&group).await);
    assert_eq!((write(&one).await, write(&many).await), (200, 200));
    assert_eq!(write(&one).await, 409, "final already");
    let truth = api.truth(&format!("appointments/{single}")).await;
    assert_eq!((truth["status"].as_str(), truth["called_off"].as_str()), (Some("cancelled_by_patient"), Some("Ill")));
    assert_eq!(api.truth(&format!("appointments/{group}")).await["called_off"], json!(null));
    assert_eq!(api.get("/fhir/Appointment/1").await.status, 404);
    assert_eq!(api.get(&format!("/fhir/Patient/{a}")).await.status, 200);
}

#[tokio::test]
async fn files_come_late_in_part_twice_empty_or_not_at_all() {
    let drop = Drop::new("faults");
    let api = Api::start("csv", json!({"full_hours": 0})).await;
    api.book("2026-11-25T09:30", json!({})).await;
    let write = async |fault: Value| {
        api.fault(fault).await;
        drop.clear();
        api.pass(1).await;
        drop.files().into_iter().filter(|name| name.starts_with("activity_full")).collect::<Vec<_>>()
    };
    api.switch(json!({"drop": drop.0})).await;
    let whole = write(json!({})).await;
    assert_eq!((whole.len(), drop.rows("activity_full").len()), (2, 1), "{whole:?}");
    assert!(write(json!({"lost_event": 1})).await.is_empty());
    let empty = write(json!({"empty_list": 1})).await;
    assert_eq!((empty.len(), drop.rows("activity_full").len()), (2, 0));
    let twice = write(json!({"duplicate_event": 1})).await;
    assert!(twice.len() == 4 && twice.iter().any(|name| name.contains("_again.csv")), "{twice:?}");
    let part = write(json!({"partial_file": 1})).await;
    assert_eq!(part.len(), 1, "half a file has no marker: {part:?}");
    assert!(write(json!({"latency": {"rate": 1, "millis": 60_000}})).await.is_empty());
    api.fault(json!({"lost_event": 1})).await;
    api.pass(60).await;
    assert!(!drop.rows("activity_full").is_empty(), "a minute late");
    assert_eq!(api.get("/anything").await.status, 404);
}

#[tokio::test]
async fn intergy_writes_two_tables_with_a_key_of_three_parts_every_quarter() {
    let drop = Drop::new("intergy");
    let api = Api::start("greenway-intergy", json!({})).await;
    let id = api.book("2026-11-24T14:30", json!({"minutes": 20})).await;
    let over = api.book("2026-11-24T14:30", json!({"minutes": 5})).await;
    let lunch = api.book("2026-11-24T12:00", json!({"patient": null, "reason": "Lunch"})).await;
    api.book("2027-02-20T09:30", json!({})).await;
    api.switch(json!({"drop": drop.0})).await;
    let (rows, staff) = (drop.rows("appointment_full"), drop.rows("apptstaff_full"));
    assert_eq!(rows.len(), 3, "nothing beyond three months");
    let of = |rows: &[Value], id: &str| rows.iter().find(|row| row["ApptSID"] == id).unwrap().clone();
    let row = of(&rows, &id);
    assert_eq!(
        (
            row["PracticeID"].as_str(),
            row["ServiceCenterID"].as_str(),
            row["ApptTime"].as_str(),
            row["RescheduledApptSID"].as_str()
        ),
        (Some("3"), Some("12"), Some("52200"), Some("?"))
    );
    assert_eq!(row["TimeStampUTC"].as_str(), Some("2026-11-19T09:00:00-06:00"));
    assert!(row.get("Duration").is_none());
    assert_eq!(
        (of(&staff, &id)["Duration"].as_str(), of(&staff, &over)["ApptNumber"].as_str()),
        (Some("20"), Some("2"))
    );
    assert_eq!(
        (of(&rows, &lunch)["PatientID"].as_str(), of(&rows, &lunch)["WriteIn"].as_str()),
        (Some(""), Some("Lunch"))
    );
    let table = api.truth("state").await["access"]["status_table"].clone();
    let letter =
        table["letters"].as_array().unwrap().iter().find(|row| row["means"] == "booked").unwrap()["letter"].clone();
    assert_eq!((row["ApptStatus"].clone(), table["synthetic"].as_bool()), (letter, Some(true)));
    drop.clear();
    api.pass(899).await;
    assert!(drop.files().is_empty());
    let new = api.control("POST", &format!("appointments/{id}/replace"), &json!({"start": "2026-11-25T09:00"})).await;
    api.switch(json!({"time_unit": "hhmm"})).await;
    api.pass(1).await;
    let row = of(&drop.rows("appointment_full"), new["id"].as_str().unwrap());
    assert_eq!((row["RescheduledApptSID"].as_str(), row["ApptTime"].as_str()), (Some(id.as_str()), Some("900")));
}

#[tokio::test]
async fn intergys_fhir_has_no_appointments_and_refuses_to_be_asked_for_them() {
    let drop = Drop::new("intergy-fhir");
    let api = api("greenway-intergy", &drop, json!({})).await;
    let metadata = api.get("/fhir/R4/2.16.840.1.113883.3.441.1.9999/metadata").await;
    assert!(metadata.status == 200 && !metadata.body.contains("Appointment"));
    let ask = async |scope: &str, exp: i64| {
        use base64::Engine as _;
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json!({"exp": exp}).to_string());
        let body = format!("grant_type=client_credentials&scope={scope}&client_assertion=e30.{claims}.sig");
        let answer = api.form("POST", "/oauth2/as/token.oauth2", &body).await;
        (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
    };
    let now = crate::support::now().as_second();
    assert_eq!(ask("system/Patient.read%20system/Appointment.read", now + 60).await, (400, "invalid_scope".into()));
    assert_eq!(ask("system/Patient.read", now + 3601).await, (400, "invalid_client".into()));
    assert_eq!(ask("system/Patient.read", now + 3600).await, (200, String::new()));
}
