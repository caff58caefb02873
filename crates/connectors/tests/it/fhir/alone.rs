//! A visit that comes without the resource of its patient.

use crate::world::World;
use connectors::fhir_r4::FhirIntake;
use domain::setup::Document;
use engine::ops::Actor;
use serde_json::{Value, json};

const ID: &str = "lakeside-hale";

/// A clinic that asks for no demographics, on a platform with an account that nobody is linked to.
const LAKESIDE: &str = r#"
[practice]
id = "lakeside"
name = "Lakeside Clinic"
time_zone = "America/Chicago"
[[integration]]
id = "lakeside-hale"
lifecycle = "live"
source = { profile = "fhir-r4", route = "fhir-r4", url = "http://127.0.0.1:9/r4" }
platform = { profile = "hale", route = "webhook", url = "http://127.0.0.1:9900/hook", secret = { env = "HOOK_SECRET" } }
override = [
    { path = "platform.demographics.required", value = [], author = "Dana", reason = "agreed" },
    { path = "platform.email.required", value = false, author = "Dana", reason = "agreed" },
]
[[integration.type]]
source_name = "Telemedicine Visit"
modality = "video"
[[integration.provider]]
source_id = "dr7"
platform_id = "prov_7"
[[integration.patient]]
platform_id = "pat_1"
family = "Okafor"
given = "Ada"
birth_date = "1980-02-29"
"#;

async fn take(world: &World, resource: &Value) {
    let owner = world.engine.setup().named(ID).unwrap().clone();
    let intake = FhirIntake::new(world.engine.clone());
    let answers = intake.take(resource.to_string().as_bytes(), &"test".into(), &owner).await;
    assert!(answers.iter().all(|answered| answered.problem.is_none()), "{answers:?}");
}

/// Verdict and primary reason once they are these.
async fn becomes(world: &World, verdict: &str, primary: Option<&str>) -> Value {
    let mut last = Value::Null;
    for _ in 0..600 {
        let explained = world.engine.explain_appointment(&Actor::operator(), ID, "a1").await.unwrap();
        last = serde_json::to_value(explained).unwrap();
        if last["verdict"] == verdict && last["primary"].as_str() == primary {
            return last;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{last:#}");
}

#[tokio::test]
async fn s0_21_a_visit_before_its_patient_creates_nobody_who_may_be_there() {
    let world = World::start().await;
    world.engine.apply_document(&Actor::operator(), Document::from_toml(LAKESIDE).unwrap(), false).await.unwrap();

    let visit = json!({
        "resourceType": "Appointment", "id": "a1", "status": "booked",
        "meta": { "versionId": "1", "lastUpdated": "2026-11-20T10:00:00Z" },
        "appointmentType": { "text": "Telemedicine Visit" },
        "start": "2026-11-23T15:00:00Z", "minutesDuration": 30,
        "participant": [
            { "actor": { "reference": "Patient/p1" }, "status": "accepted" },
            { "actor": { "reference": "Practitioner/dr7" }, "status": "accepted" },
        ],
    });
    take(&world, &visit).await;
    let held = becomes(&world, "held", Some("DUPLICATE_PATIENT_RISK")).await;
    assert_eq!(held["delivery"]["state"], "none", "{held:#}");
    let patient = json!({
        "resourceType": "Patient", "id": "p1", "meta": { "versionId": "1", "lastUpdated": "2026-11-20T10:00:00Z" },
        "name": [{ "use": "official", "family": "Okafor", "given": ["Ada"] }], "birthDate": "1980-02-29",
    });
    take(&world, &patient).await;
    becomes(&world, "held", Some("NO_CONNECTED_PATIENT_ACCOUNT")).await;
    world.stop().await;
}
