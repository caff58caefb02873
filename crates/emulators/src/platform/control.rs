//! The control plane, `/_twin/`: for tests and scripts, not for people.

use crate::http::{Problem, read_json};
use crate::platform::handle::Shared;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{get, put};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::Arc;

type Room = State<Arc<Shared>>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/_twin/state", get(state))
        .route("/_twin/faults", get(faults))
        .route("/_twin/faults", put(set_faults))
        .with_state(shared)
}

/// Everything there is.
async fn state(State(shared): Room) -> Json<Value> {
    let now = shared.now();
    Json(shared.look(|platform| {
        json!({
            "twin": "platform",
            "now": now,
            "name": platform.name,
            "demanding": platform.demanding,
            "faults": platform.faults.to_json(),
            "counters": platform.counters(),
            "cards": platform.cards().collect::<Vec<_>>(),
            "notices": platform.notices().collect::<Vec<_>>(),
            "events": platform.events().collect::<Vec<_>>(),
        })
    }))
}

async fn faults(State(shared): Room) -> Json<Value> {
    Json(shared.look(|platform| platform.faults.to_json()))
}

async fn set_faults(State(shared): Room, body: Bytes) -> Result<Json<Value>, Problem> {
    let plan: Value = read_json(&body)?;
    let set = shared.act(|platform| {
        platform.faults = platform.faults.replaced_by(&plan)?;
        Ok::<_, crate::faults::BadFaults>(platform.faults.to_json())
    });
    set.map(Json).map_err(|error| Problem::unusable(error.to_string()))
}
