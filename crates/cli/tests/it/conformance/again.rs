//! Kept pages of every system judged again: nothing differs under the rules they were judged by, and under others
//! exactly what the engine itself comes to once it knows them.

use super::compare::look;
use super::system::System;
use super::world::{ID, World};
use connectors::ReadAgain;
use domain::ids::EnvelopeId;
use domain::text::Text;
use domain::time::Moment;
use engine::ops::{Actor, AppointmentsAsked};
use engine::ports::Clock;
use engine::rejudge::{RejudgeAsked, RejudgeBounds, Rejudged, ScratchWorld};
use hyper::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::sqlite::SqliteStore;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Both sides are equal within so many minutes of the scene.
const PATIENCE: u64 = 600;

/// Runs the scene of one system.
pub(crate) async fn judged_again(name: &str) {
    let mut world = World::open(System::read(name), 23).await;
    let since = world.clock.timestamp();
    let state = world.state().await;
    let ids = |rows: &Value| -> Vec<Value> { rows.as_array().unwrap().iter().map(|row| row["id"].clone()).collect() };
    let (patients, providers) = (ids(&state["patients"]), ids(&state["practice"]["providers"]));
    let mut visits = Vec::new();
    // Three visits stand in the diary before anybody reads it, three come afterwards.
    for n in 0..3 {
        visits.push(book(&world, n, &patients, &providers).await);
    }
    world.connect().await;
    settle(&world, since, "the first reading").await;
    for n in 3..6 {
        visits.push(book(&world, n, &patients, &providers).await);
    }
    settle(&world, since, "three bookings").await;
    let path = |n: usize| format!("appointments/{}", text(&visits[n]["id"]));
    let moved = json!({"start": day_at(6, "15:15")});
    world.desk(Method::PATCH, &path(0), Some(&moved)).await;
    world.desk(Method::PATCH, &path(3), Some(&json!({"status": "cancelled_by_patient"}))).await;
    let edited = json!({"email": "someone.else@example.com"});
    world.desk(Method::PATCH, &format!("patients/{}", text(&patients[1])), Some(&edited)).await;
    settle(&world, since, "a move, a cancellation and another address").await;
    if world.system.reads.single {
        let id = Text::from(world.source_id(&visits[4]["appointment"]));
        world.desk(Method::PATCH, &path(4), Some(&json!({"start": day_at(5, "09:45")}))).await;
        world.engine().read_now(&Actor::operator(), ID, &id).await.unwrap();
        settle(&world, since, "a visit read alone").await;
    }
    world.pass(3600).await;

    // Nothing changed, so nothing differs; in one go, and message by message.
    let before = verdicts(&world).await;
    assert_eq!(before.len(), 6, "{name}: {before:?}");
    let now = world.clock.now();
    for bounds in [None, Some(RejudgeBounds { messages: 1, secs: 3600 })] {
        let judged = judge(&world, now, bounds).await;
        assert_eq!(differences(&judged), BTreeMap::new(), "{name}: {bounds:?}");
        for page in &judged {
            assert_eq!(page.not_read, [], "{name}: {bounds:?}");
            assert_eq!(page.counts.not_applied, 0, "{name}: {bounds:?}");
        }
        let same: u64 = judged.iter().map(|page| page.counts.same).sum();
        // Where a list says nothing more of a visit that was called off, only comparing lists tells.
        let vanishes = world.system.says.get("cancelled_by_patient").is_some_and(|word| word == "removed");
        match bounds {
            None => {
                let counts = judged[0].counts;
                assert_eq!((same, counts.not_compared), if vanishes { (5, 1) } else { (6, 0) }, "{name}: {counts:?}");
            }
            // A page of one message knows no patient whose record has changed since.
            Some(_) => assert!(judged.len() > 1 && same >= 5, "{name}: {same} of {}", judged.len()),
        }
    }

    world.pass(60).await;
    // One provider is struck off the list: whatever the engine decides about it is what judging again foretold.
    let mut document = world.document().await;
    document.integration[0].providers.remove(1);
    world.engine().apply_document(&Actor::operator(), document, false).await.unwrap();
    world.pass(600).await;
    let after = verdicts(&world).await;
    let changed: BTreeMap<String, (String, String)> = before
        .iter()
        .filter(|(id, was)| after[*id] != **was)
        .map(|(id, was)| (id.clone(), (was.clone(), after[id].clone())))
        .collect();
    assert!(!changed.is_empty(), "{name}: the change changes nothing: {after:?}");
    let judged = judge(&world, now, None).await;
    assert_eq!(differences(&judged), changed, "{name}: {:?}", judged[0].counts);
    let shown = world.platform.look(|platform| platform.notices().count());
    assert_eq!(verdicts(&world).await, after, "{name}: nothing is acted upon");
    assert_eq!(world.platform.look(|platform| platform.notices().count()), shown, "{name}");
    world.close().await;
}

/// What would be judged otherwise, by visit: from what to what.
fn differences(judged: &[Rejudged]) -> BTreeMap<String, (String, String)> {
    let words = |judged: &engine::rejudge::Judged| {
        let code = judged.code.map_or("", |code| code.code());
        format!("{} {code}", judged.verdict.word())
    };
    let all = judged.iter().flat_map(|page| &page.differences);
    all.map(|found| {
        let before = found.before.as_ref().map_or_else(|| "not known".to_owned(), words);
        (found.source_id.to_string(), (before, words(&found.after)))
    })
    .collect()
}

/// Judges again up to a moment, page by page.
async fn judge(world: &World, until: Moment, bounds: Option<RejudgeBounds>) -> Vec<Rejudged> {
    let (mut pages, mut after): (Vec<Rejudged>, Option<EnvelopeId>) = (Vec::new(), None);
    loop {
        let name = format!("again-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let store = Arc::new(SqliteStore::in_memory(&name).unwrap());
        let scratch = ScratchWorld { store, reader: Arc::new(ReadAgain) };
        let asked = RejudgeAsked { until: Some(until), after, bounds, ..RejudgeAsked::default() };
        let judged = world.engine().rejudge(&Actor::operator(), ID, asked, scratch, |_, _| {}).await.unwrap();
        after = judged.next;
        pages.push(judged);
        if after.is_none() {
            return pages;
        }
        assert!(pages.len() < 500, "it does not end");
    }
}

async fn book(world: &World, n: usize, patients: &[Value], providers: &[Value]) -> Value {
    let body = json!({
        "start": day_at(n as i64 + 1, "10:30"), "patient": patients[n], "provider": providers[n % providers.len()],
    });
    world.desk(Method::POST, "appointments", Some(&body)).await
}

/// So many days after the Monday on which the scene begins, by the diary's clocks.
fn day_at(days: i64, at: &str) -> String {
    let monday = jiff::civil::date(2026, 11, 23);
    format!("{}T{at}", monday + jiff::Span::new().days(days))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

async fn settle(world: &World, since: jiff::Timestamp, what: &str) {
    for _ in 0..PATIENCE / 10 {
        world.pass(600).await;
        if look(world, since).await.differences().is_empty() {
            return;
        }
    }
    panic!("{what}: {:?}", look(world, since).await.differences());
}

/// Verdict and reason of every visit.
async fn verdicts(world: &World) -> BTreeMap<String, String> {
    let asked = AppointmentsAsked { limit: Some(500), ..AppointmentsAsked::default() };
    let page = world.engine().list_appointments(&Actor::operator(), ID, asked).await.unwrap();
    let items = serde_json::to_value(&page.items).unwrap();
    let rows = items.as_array().unwrap().iter();
    rows.map(|row| {
        let part = |name: &str| row[name].as_str().unwrap_or_default();
        (text(&row["source_id"]), format!("{} {}", part("verdict"), part("primary")))
    })
    .collect()
}
