//! CareCloud's API, read from its twin: how access is kept.

use crate::twin::Asked;
use engine::poll::Failure;
use serde_json::json;
use std::sync::atomic::Ordering;

async fn start(refresh: &str) -> Asked {
    let auth = r#"auth = { client_id = "twin-client", secret = { env = "SECRET" }, refresh_token = REFRESH }"#;
    let source = format!(
        "profile = \"carecloud\"\nroute = \"carecloud\"\nurl = \"{{base}}\"\n{}\n",
        auth.replace("REFRESH", refresh)
    );
    Asked::start("carecloud", json!({}), &source, &[("SECRET", "twin-secret"), ("refresh", "twin-refresh")]).await
}

async fn read(asked: &Asked) -> Result<(), Failure> {
    asked.try_window("2026-11-23", "2026-11-25").await.map(drop)
}

#[tokio::test]
async fn a_renewed_refresh_token_is_written_where_it_is_kept_and_a_restart_goes_on_with_it() {
    let mut asked = start("{ file = \"refresh\" }").await;
    read(&asked).await.unwrap();
    let second = asked.secrets.get("refresh").unwrap();
    assert_ne!(second, "twin-refresh");
    asked.restart();
    read(&asked).await.unwrap();
    assert_ne!(asked.secrets.get("refresh").unwrap(), second, "the one that was kept bought the next");
    // Where it cannot be written, reading goes on with what this process remembers.
    asked.secrets.is_read_only.store(true, Ordering::Relaxed);
    let kept = asked.secrets.get("refresh");
    asked.restart();
    read(&asked).await.unwrap();
    assert_eq!(asked.secrets.get("refresh"), kept);
    asked.secrets.put("refresh", "taken-back");
    asked.reader.refresh();
    read(&asked).await.unwrap();
    // After a restart only that of the set-up is left, and it is said that it is none any more.
    asked.restart();
    assert_eq!(read(&asked).await, Err(Failure::Revoked { what: "invalid_grant".into() }));
}

#[tokio::test]
async fn a_client_secret_that_is_not_taken_is_told_apart_from_a_grant_that_was_taken_back() {
    let asked = start("{ file = \"refresh\" }").await;
    asked.secrets.put("SECRET", "another");
    assert_eq!(read(&asked).await, Err(Failure::Rejected { what: "invalid_client".into() }));
    asked.secrets.put("SECRET", "twin-secret");
    asked.secrets.put("refresh", "none");
    assert_eq!(read(&asked).await, Err(Failure::Revoked { what: "invalid_grant".into() }));
}
