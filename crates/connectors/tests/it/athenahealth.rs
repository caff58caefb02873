//! athenaOne's interface, read from its twin: which departments are read.

use crate::twin::Asked;
use engine::poll::Failure;
use serde_json::json;

const SOURCE: &str = r#"
profile = "athenahealth"
route = "athenahealth"
url = "{base}/v1/195900"
auth = { client_id = "twin-client", secret = { env = "SECRET" } }

[[integration.department]]
source_id = "12"
time_zone = "America/Chicago"
"#;

#[tokio::test]
async fn a_department_that_the_document_does_not_name_is_read_too() {
    let asked = Asked::start("athenahealth", json!({}), SOURCE, &[("SECRET", "twin-secret")]).await;
    let here = asked.book("2026-11-24T10:00", json!({"department": 12})).await;
    let there = asked.book("2026-11-24T10:00", json!({"department": 13, "provider": 72})).await;
    let told = asked.window("2026-11-23", "2026-11-26").await;
    assert_eq!(told.ids(), [here.as_str(), there.as_str()]);
    let first = asked.requests();
    asked.window("2026-11-23", "2026-11-26").await;
    assert_eq!(first - asked.requests(), 2, "token and list of departments are not asked for again");
}

#[tokio::test]
async fn a_client_secret_that_is_not_taken_is_a_rejected_credential() {
    let asked = Asked::start("athenahealth", json!({}), SOURCE, &[("SECRET", "another")]).await;
    let refused = asked.try_window("2026-11-23", "2026-11-26").await.err();
    assert_eq!(refused, Some(Failure::Rejected { what: "invalid_client".into() }));
}
