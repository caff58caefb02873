//! Kareo: written from the vendor's guide and from what a client saw in production.

use super::Api;
use crate::support::browser::Answer;
use serde_json::{Value, json};

const PATH: &str = "/services/soap/2.1/KareoServices.svc";
const HEADER: &str = "<k:RequestHeader><k:CustomerKey>twin-customer-key</k:CustomerKey>\
                      <k:Password>twin-password</k:Password><k:User>sync@northside.example.org</k:User></k:RequestHeader>";

async fn api(switches: Value) -> Api {
    Api::start("kareo", switches).await
}

async fn post(api: &Api, action: &str, operation: &str, request: &str) -> Answer {
    let body = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:k=\"http://www.kareo.com/api/schemas/\" \
         xmlns:n=\"http://www.kareo.com/api/schemas\"><s:Body><k:{operation}><k:request>{request}</k:request>\
         </k:{operation}></s:Body></s:Envelope>"
    );
    let headers = [("content-type", "text/xml; charset=utf-8"), ("soapaction", action)];
    api.send("POST", PATH, &headers, body.as_bytes()).await
}

/// An operation as it must be asked for.
async fn ask(api: &Api, operation: &str, request: &str) -> Answer {
    let action = format!("\"http://www.kareo.com/api/schemas/KareoServices/{operation}\"");
    post(api, &action, operation, &format!("{HEADER}{request}")).await
}

async fn list(api: &Api, filter: &str) -> Vec<String> {
    let answer = ask(api, "GetAppointments", &format!("<k:Fields/><k:Filter>{filter}</k:Filter>")).await;
    assert_eq!(answer.status, 200);
    all(&answer, "ID")
}

/// All texts of an element.
fn all(answer: &Answer, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let rest = answer.body.split(&open).skip(1);
    rest.map(|rest| rest.split(&close).next().unwrap().to_owned()).collect()
}

fn one(answer: &Answer, name: &str) -> String {
    let mut found = all(answer, name);
    assert_eq!(found.len(), 1, "{name}: {}", answer.body);
    found.remove(0)
}

const MONTH: &str = "<k:EndDate>11/30/2026</k:EndDate><k:StartDate>11/01/2026</k:StartDate>";

#[tokio::test]
async fn an_action_that_is_not_quoted_or_lacks_the_contract_is_a_fault() {
    let api = api(json!({"limits": false})).await;
    for action in [
        "http://www.kareo.com/api/schemas/KareoServices/GetPractices",
        "\"http://www.kareo.com/api/schemas/GetPractices\"",
        "\"http://www.kareo.com/api/schemas/KareoServices/GetNothing\"",
    ] {
        let answer = post(&api, action, "GetPractices", HEADER).await;
        assert_eq!(answer.status, 500, "{action}");
        assert!(answer.body.contains("<faultstring>"), "{}", answer.body);
    }
    let answer = post(&api, "GetPractices", "GetPractices", HEADER).await;
    assert!(answer.body.contains("ContractFilter mismatch at the EndpointDispatcher"));
}

#[tokio::test]
async fn members_out_of_order_are_dropped_so_good_credentials_fail() {
    let api = api(json!({"limits": false})).await;
    let action = "\"http://www.kareo.com/api/schemas/KareoServices/GetPractices\"";
    let rest = "<k:Fields/><k:Filter/>";
    let shuffled = "<k:RequestHeader><k:User>sync@northside.example.org</k:User><k:CustomerKey>twin-customer-key</k:CustomerKey>\
                    <k:Password>twin-password</k:Password></k:RequestHeader>";
    let answer = post(&api, action, "GetPractices", &format!("{shuffled}{rest}")).await;
    assert_eq!((answer.status, one(&answer, "Authorized").as_str()), (200, "false"));
    let wrong = HEADER.replace("twin-password", "guess");
    let answer = post(&api, action, "GetPractices", &format!("{wrong}{rest}")).await;
    assert_eq!((answer.status, one(&answer, "Authenticated").as_str()), (200, "false"));
    let answer = ask(&api, "GetPractices", rest).await;
    assert_eq!(
        (one(&answer, "Authenticated"), one(&answer, "Authorized"), one(&answer, "IsError")),
        ("true".into(), "true".into(), "false".into())
    );
    assert!(!answer.body.contains("twin-password"), "the password is never echoed");
    api.switch(json!({"may": false})).await;
    let answer = ask(&api, "GetPractices", rest).await;
    assert_eq!(
        (one(&answer, "Authorized"), one(&answer, "PermissionsMissing")),
        ("false".into(), "System Administrator".into())
    );
}

#[tokio::test]
async fn a_filter_must_be_there_fields_must_be_empty_and_nothing_is_a_placeholder() {
    let api = api(json!({"limits": false})).await;
    api.book("2026-11-24T09:30", json!({})).await;
    let answer = ask(&api, "GetAppointments", "<k:Fields/>").await;
    assert_eq!((answer.status, one(&answer, "IsError").as_str()), (200, "true"));
    let toggled = format!("<k:Fields><k:ID>true</k:ID></k:Fields><k:Filter>{MONTH}</k:Filter>");
    let answer = ask(&api, "GetAppointments", &toggled).await;
    assert!(answer.body.contains("<AppointmentData><ID/></AppointmentData>"), "{}", answer.body);
    api.switch(json!({"fields_work": true})).await;
    assert_eq!(all(&ask(&api, "GetAppointments", &toggled).await, "ID").len(), 1);
    let answer = ask(
        &api,
        "GetAppointments",
        "<k:Fields/><k:Filter><k:EndDate>01/31/2026</k:EndDate><k:StartDate>01/01/2026</k:StartDate></k:Filter>",
    )
    .await;
    assert!(answer.body.contains("<AppointmentData><ID/></AppointmentData>"), "{}", answer.body);
}

#[tokio::test]
async fn a_filter_out_of_order_loses_its_late_members_without_a_word() {
    let api = api(json!({"limits": false})).await;
    let near = api.book("2026-11-20T09:30", json!({})).await;
    let far = api.book("2026-11-28T09:30", json!({})).await;
    assert_eq!(list(&api, MONTH).await, [near.clone(), far.clone()]);
    // The end day is behind its place and is dropped: from the start on, seven days.
    let shuffled = "<k:StartDate>11/19/2026</k:StartDate><k:EndDate>11/30/2026</k:EndDate>";
    assert_eq!(list(&api, shuffled).await, [near.as_str()]);
    assert!(list(&api, &format!("{MONTH}<k:Nonsense>1</k:Nonsense>")).await.contains(&far));
    // The practice is named, not numbered.
    let named = "<k:EndDate>11/30/2026</k:EndDate><k:PracticeName>Another</k:PracticeName><k:StartDate>11/01/2026</k:StartDate>";
    assert!(list(&api, named).await.is_empty());
}

#[tokio::test]
async fn the_default_window_applies_unless_a_whole_range_of_stamps_is_given() {
    let api = api(json!({"limits": false})).await;
    let ids = [13, 17, 22, 25].map(|day| format!("2026-11-{day}T09:30"));
    let mut booked = Vec::new();
    for start in &ids {
        booked.push(api.book(start, json!({})).await);
    }
    // Neither start nor end: from three days before today on.
    assert_eq!(list(&api, "").await, booked[1..3]);
    // No start: from seven days before today on.
    assert_eq!(list(&api, "<k:EndDate>11/30/2026</k:EndDate>").await, booked);
    assert_eq!(list(&api, "<k:StartDate>11/17/2026</k:StartDate>").await, booked[1..3]);
    let whole = "<k:FromLastModifiedDate>11/18/2026</k:FromLastModifiedDate><k:ToLastModifiedDate>11/20/2026</k:ToLastModifiedDate>";
    assert_eq!(list(&api, whole).await, booked);
}

#[tokio::test]
async fn the_end_of_a_modified_range_is_exclusive() {
    let api = api(json!({"limits": false})).await;
    let id = api.book("2026-12-24T09:30", json!({})).await;
    let range = |to: &str| {
        format!(
            "<k:FromLastModifiedDate>11/18/2026</k:FromLastModifiedDate><k:ToLastModifiedDate>{to}</k:ToLastModifiedDate>"
        )
    };
    // It was changed on the 19th: up to the 19th is not enough.
    assert!(list(&api, &range("11/19/2026")).await.is_empty());
    assert!(list(&api, &range("11/19/2026 7:00:00 AM")).await.is_empty(), "not the end itself");
    assert_eq!(list(&api, &range("11/20/2026")).await, [id.as_str()]);
    api.switch(json!({"to_is_exclusive": false})).await;
    assert_eq!(list(&api, &range("11/19/2026")).await, [id.as_str()]);
    assert_eq!(list(&api, &range("11/19/2026 7:00:00 AM")).await, [id]);
}

#[tokio::test]
async fn lists_follow_a_fixed_offset_and_detail_is_in_utc() {
    let api = api(json!({"limits": false})).await;
    let winter = api.book("2026-11-24T09:30", json!({})).await;
    let summer = api.book("2027-03-24T09:30", json!({})).await;
    let rows = async |offset: &str, start: &str, end: &str| {
        let filter = format!(
            "<k:EndDate>{end}</k:EndDate><k:StartDate>{start}</k:StartDate><k:TimeZoneOffsetFromGMT>{offset}</k:TimeZoneOffsetFromGMT>"
        );
        one(&ask(&api, "GetAppointments", &format!("<k:Fields/><k:Filter>{filter}</k:Filter>")).await, "StartDate")
    };
    assert_eq!(rows("0", "11/24/2026", "11/24/2026").await, "11/24/2026 3:30:00 PM");
    assert_eq!(rows("-6", "11/24/2026", "11/24/2026").await, "11/24/2026 9:30:00 AM");
    // Daylight saving is the caller's problem.
    assert_eq!(rows("-6", "03/24/2027", "03/24/2027").await, "03/24/2027 8:30:00 AM");
    for (id, start) in [(winter, "2026-11-24T15:30:00.000Z"), (summer, "2027-03-24T14:30:00.000Z")] {
        let answer = detail(&api, &id).await;
        assert_eq!(one(&answer, "StartTime"), start);
        assert_eq!(one(&answer, "AppointmentMode"), "Telehealth");
    }
}

async fn detail(api: &Api, id: &str) -> Answer {
    ask(api, "GetAppointment", &format!("<k:Appointment><k:AppointmentId>{id}</k:AppointmentId></k:Appointment>")).await
}

#[tokio::test]
async fn status_has_two_spellings_and_blocked_time_is_of_type_o() {
    let api = api(json!({"limits": false})).await;
    let id = api.book("2026-11-24T09:30", json!({})).await;
    for (standing, guide, word) in [
        ("checked_in", "Check-in", "CheckedIn"),
        ("completed", "Check-out", "CheckedOut"),
        ("no_show", "No-show", "NoShow"),
        ("cancelled_by_patient", "Cancelled", "Cancelled"),
        ("NeedsReschedule", "NeedsReschedule", "NeedsReschedule"),
    ] {
        api.edit(&id, json!({"status": standing})).await;
        let answer = ask(&api, "GetAppointments", &format!("<k:Fields/><k:Filter>{MONTH}</k:Filter>")).await;
        assert_eq!(one(&answer, "ConfirmationStatus"), guide);
        assert_eq!(one(&detail(&api, &id).await, "AppointmentStatus"), word);
    }
    let lunch = api.book("2026-11-25T12:00", json!({"patient": null})).await;
    let other = "<k:EndDate>11/30/2026</k:EndDate><k:StartDate>11/01/2026</k:StartDate><k:Type>O</k:Type>";
    let answer = ask(&api, "GetAppointments", &format!("<k:Fields/><k:Filter>{other}</k:Filter>")).await;
    assert_eq!((one(&answer, "ID"), answer.body.contains("<PatientID/>")), (lunch, true));
}

#[tokio::test]
async fn calls_of_one_operation_must_be_apart_and_the_refusal_is_inside_200() {
    let api = api(json!({})).await;
    let ask_it = async || ask(&api, "GetAppointments", &format!("<k:Fields/><k:Filter>{MONTH}</k:Filter>")).await;
    assert_eq!(one(&ask_it().await, "IsError"), "false");
    let answer = ask_it().await;
    let message = one(&answer, "ErrorMessage");
    assert_eq!((answer.status, one(&answer, "IsError").as_str()), (200, "true"));
    assert!(message.contains("429") && message.contains("requested more than allowed"), "{message}");
    // The exact gap still trips the check.
    api.pass(1).await;
    assert_eq!(one(&ask_it().await, "IsError"), "true");
    api.pass(2).await;
    assert_eq!(one(&ask_it().await, "IsError"), "false");
    // Another operation has a gap of its own.
    let answer = ask(&api, "GetThrottles", "").await;
    let names = all(&answer, "Endpoint");
    let times = all(&answer, "ThrottleTimeMs");
    let of = |name: &str| times[names.iter().position(|known| known == name).unwrap()].clone();
    assert_eq!(
        (of("GetAppointments"), of("GetAppointment"), of("GetPatient"), of("GetAllPatients")),
        ("1000".into(), "500".into(), "250".into(), "5000".into())
    );
}

#[tokio::test]
async fn a_deleted_appointment_is_gone_without_a_trace() {
    let api = api(json!({"limits": false})).await;
    let id = api.book("2026-11-24T09:30", json!({})).await;
    let answer = ask(
        &api,
        "DeleteAppointment",
        &format!("<k:Appointment><k:AppointmentId>{id}</k:AppointmentId></k:Appointment>"),
    )
    .await;
    assert_eq!(one(&answer, "Deleted"), "true");
    assert!(list(&api, MONTH).await.is_empty());
    let whole = "<k:FromLastModifiedDate>11/18/2026</k:FromLastModifiedDate><k:ToLastModifiedDate>11/21/2026</k:ToLastModifiedDate>";
    assert!(list(&api, whole).await.is_empty());
    assert_eq!(one(&detail(&api, &id).await, "IsError"), "true");
    assert_eq!(api.truth("state").await["gone"][0]["id"].as_str(), Some(id.as_str()));
}

#[tokio::test]
async fn writes_need_their_members_in_order_and_iso_times() {
    let api = api(json!({"limits": false})).await;
    let patient = api.patient(1);
    let create = |start: &str, practice: &str| {
        format!(
            "<k:Appointment><k:AppointmentReasonId>21</k:AppointmentReasonId><k:AppointmentStatus>Scheduled</k:AppointmentStatus>\
             <k:AppointmentType>P</k:AppointmentType><k:EndTime>2026-11-24T16:00:00Z</k:EndTime>\
             <k:PatientSummary><k:PatientId>{patient}</k:PatientId></k:PatientSummary>{practice}<k:ProviderId>45</k:ProviderId>\
             <k:ServiceLocationId>7</k:ServiceLocationId><k:StartTime>{start}</k:StartTime>\
             <k:WasCreatedOnline>true</k:WasCreatedOnline></k:Appointment>"
        )
    };
    let practice = "<k:PracticeId>3</k:PracticeId>";
    assert_eq!(ask(&api, "CreateAppointment", &create("2026-11-24T15:30:00Z", "")).await.status, 500);
    assert_eq!(ask(&api, "CreateAppointment", &create("11/24/2026 9:30:00 AM", practice)).await.status, 500);
    let answer = ask(&api, "CreateAppointment", &create("2026-11-24T15:30:00Z", practice)).await;
    let id = one(&answer, "AppointmentId");
    let truth = api.truth(&format!("appointments/{id}")).await;
    assert_eq!(
        (truth["start"].as_str(), truth["patient"].as_str()),
        (Some("2026-11-24T09:30:00"), Some(patient.to_string().as_str()))
    );
    // An update is a full replace with a flat patient.
    let update = |patient: &str| {
        format!(
            "<k:Appointment><k:AppointmentId>{id}</k:AppointmentId><k:AppointmentStatus>Confirmed</k:AppointmentStatus>\
             <k:EndTime>2026-11-25T16:00:00Z</k:EndTime>{patient}<k:ServiceLocationId>7</k:ServiceLocationId>\
             <k:StartTime>2026-11-25T15:30:00Z</k:StartTime></k:Appointment>"
        )
    };
    assert_eq!(ask(&api, "UpdateAppointment", &update("")).await.status, 500);
    assert_eq!(
        ask(&api, "UpdateAppointment", &update(&format!("<k:PatientId>{patient}</k:PatientId>"))).await.status,
        200
    );
    assert_eq!(api.truth(&format!("appointments/{id}")).await["status"].as_str(), Some("confirmed"));
    let status = format!(
        "<k:Appointment><k:AppointmentId>{id}</k:AppointmentId><k:AppointmentStatus>NoShow</k:AppointmentStatus></k:Appointment>"
    );
    assert_eq!(ask(&api, "UpdateAppointmentStatus", &status).await.status, 200);
    assert_eq!(api.truth(&format!("appointments/{id}")).await["status"].as_str(), Some("no_show"));
}

#[tokio::test]
async fn locations_are_asked_for_in_the_namespace_without_the_slash() {
    let api = api(json!({"limits": false})).await;
    let name = "Northside Family Clinic";
    let with = format!(
        "<k:Fields/><k:Filter><k:PracticeID>3</k:PracticeID><k:PracticeName>{name}</k:PracticeName></k:Filter>"
    );
    assert!(
        ask(&api, "GetServiceLocations", &with).await.body.contains("<ServiceLocationData><ID/></ServiceLocationData>")
    );
    let without = format!(
        "<n:Fields/><n:Filter><n:PracticeID>3</n:PracticeID><n:PracticeName>{name}</n:PracticeName></n:Filter>"
    );
    let answer = ask(&api, "GetServiceLocations", &without).await;
    assert_eq!(all(&answer, "Name"), ["Main Office", "West Office"]);
    assert!(!answer.body.contains("Zone"));
}

#[tokio::test]
async fn a_birthday_is_asked_for_with_an_exclusive_end_and_all_patients_come_in_batches() {
    let api = api(json!({"limits": false})).await;
    let truth = api.truth("state").await["patients"][0].clone();
    let born: jiff::civil::Date = truth["birth_date"].as_str().unwrap().parse().unwrap();
    let find = async |from: jiff::civil::Date, to: jiff::civil::Date| {
        let filter = format!("<k:FromDateOfBirth>{from}</k:FromDateOfBirth><k:ToDateOfBirth>{to}</k:ToDateOfBirth>");
        all(&ask(&api, "GetPatients", &format!("<k:Fields/><k:Filter>{filter}</k:Filter>")).await, "ID")
    };
    assert!(find(born, born).await.is_empty());
    assert!(find(born, born.tomorrow().unwrap()).await.contains(&truth["id"].as_str().unwrap().to_owned()));
    let first = ask(&api, "GetAllPatients", "<k:Filter><k:BatchSize>20</k:BatchSize></k:Filter>").await;
    assert_eq!(all(&first, "ID").len(), 20);
    let key = one(&first, "StartKey");
    let second = ask(
        &api,
        "GetAllPatients",
        &format!("<k:Filter><k:BatchSize>20</k:BatchSize><k:StartKey>{key}</k:StartKey></k:Filter>"),
    )
    .await;
    assert_eq!((all(&second, "ID").len(), second.body.contains("<StartKey/>")), (4, true));
    let id = truth["id"].as_str().unwrap();
    let patient = ask(&api, "GetPatient", &format!("<k:Filter><k:PatientID>{id}</k:PatientID></k:Filter>")).await;
    assert_eq!(one(&patient, "LastName"), truth["family"].as_str().unwrap());
    // An id of another system is silently cut at 25 characters.
    let long = "x".repeat(30);
    let write = format!(
        "<k:Patients><k:PatientData><k:ExternalID>{long}</k:ExternalID><k:PatientID>{id}</k:PatientID></k:PatientData></k:Patients>"
    );
    assert!(ask(&api, "UpdatePatientsExternalID", &write).await.body.contains("<Patients/>"));
    let patient = ask(&api, "GetPatient", &format!("<k:Filter><k:PatientID>{id}</k:PatientID></k:Filter>")).await;
    assert_eq!(one(&patient, "PatientExternalID").len(), 25);
}
