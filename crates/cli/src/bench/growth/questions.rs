//! What people ask, timed on the engine that is running.

use super::fill::INTEGRATION;
use super::history::{History, spread};
use crate::bench::Spread;
use crate::exit::Failure;
use crate::remote::Remote;
use domain::decide::Verdict;
use domain::reasons::Reason;
use engine::Engine;
use engine::ops::{Actor, AppointmentsAsked, CausesAsked, WhyAsked};
use serde_json::{Map, Value};
use std::path::Path;
use std::time::{Duration, Instant};

/// Times every question; in microseconds, by the question's name. `size`: visits that are stored; `asked`:
/// explanations.
pub(super) async fn ask_all(
    engine: &Engine,
    remote: &Remote,
    size: u32,
    asked: u32,
) -> Result<Map<String, Value>, Failure> {
    let share = |of: u32| (asked / of).max(1);
    let actor = Actor::operator();
    let mut told = Map::new();
    // The same visits each time, from all over the history.
    let visit = |round: u32| History::visit(spread(round.wrapping_mul(97) ^ 0x1234_5678) % size.max(1));
    let patient = |round: u32| spread(round ^ 0x0bad_cafe) % History::patients(size);

    let mut note = |name: &str, all: Vec<Duration>| told.insert(name.to_owned(), Spread::of(all).json());

    let mut all = Vec::new();
    for round in 0..asked {
        let (id, began) = (visit(round), Instant::now());
        engine.explain_appointment(&actor, INTEGRATION, &id).await?;
        all.push(began.elapsed());
    }
    note("explanation of a visit", all);
    let mut all = Vec::new();
    for _ in 0..share(33) {
        let began = Instant::now();
        engine.show_today(&actor).await?;
        all.push(began.elapsed());
    }
    note("today and tomorrow", all);
    let mut all = Vec::new();
    for _ in 0..share(20) {
        let began = Instant::now();
        engine.list_causes(&actor, CausesAsked::default()).await?;
        all.push(began.elapsed());
    }
    note("open causes", all);
    for (name, typed) in [
        ("search for a name", Box::new(move |round| format!("Family{}", patient(round))) as Box<dyn Fn(u32) -> String>),
        ("search for a message", Box::new(move |round| format!("S12-{}", spread(round) % size.max(1)))),
    ] {
        let mut all = Vec::new();
        for round in 0..share(10) {
            let (q, began) = (typed(round), Instant::now());
            engine.search(&actor, INTEGRATION, &q).await?;
            all.push(began.elapsed());
        }
        note(name, all);
    }
    let lists = [
        ("list of all visits", AppointmentsAsked::default()),
        ("list of held visits", AppointmentsAsked { verdicts: vec![Verdict::Held], ..AppointmentsAsked::default() }),
        ("list of a reason", AppointmentsAsked { code: Some(Reason::StatusUnmapped), ..AppointmentsAsked::default() }),
        (
            "list of visits to come",
            AppointmentsAsked { from: Some(engine.clock().now()), ..AppointmentsAsked::default() },
        ),
    ];
    for (name, asked) in lists {
        let mut all = Vec::new();
        for _ in 0..share(50) {
            let (asked, began) = (asked.clone(), Instant::now());
            engine.list_appointments(&actor, INTEGRATION, asked).await?;
            all.push(began.elapsed());
        }
        note(name, all);
    }
    let mut all = Vec::new();
    for round in 0..share(50) {
        let (q, began) = (format!("not there {round}"), Instant::now());
        let asked = WhyAsked { source_id: Some(q.as_str().into()), ..WhyAsked::default() };
        engine.answer_why(&actor, INTEGRATION, asked).await?;
        all.push(began.elapsed());
    }
    note("why a visit is not there", all);
    let (from, began) = (engine.clock().now(), Instant::now());
    let checks = engine.run_checks(&actor, INTEGRATION).await?;
    // Of one minute there is one run; what was only looked up says nothing.
    if checks.items.iter().any(|check| check.at.is_some_and(|at| at >= from)) {
        note("run of all data checks", vec![began.elapsed()]);
    }
    let mut all = Vec::new();
    for round in 0..share(10) {
        let path = format!("/api/v1/integrations/{INTEGRATION}/appointments/{}", visit(round + 5000));
        let began = Instant::now();
        let _: Value = remote.get(&path).await?;
        all.push(began.elapsed());
    }
    note("explanation over HTTP", all);
    Ok(told)
}

/// Times explanations of visits, nothing of which is in the system's memory; what connections keep of their own stays.
pub(super) async fn ask_cold(
    engine: &Engine,
    file: &Path,
    size: u32,
    asked: u32,
) -> Result<Map<String, Value>, Failure> {
    let (actor, mut all) = (Actor::operator(), Vec::new());
    for round in 0..asked {
        store::sqlite::leave_memory(file)
            .map_err(|error| Failure::could("the system keeps the store's file in memory", &error))?;
        let (id, began) = (History::visit(spread(round ^ 0x0c01_d000) % size.max(1)), Instant::now());
        engine.explain_appointment(&actor, INTEGRATION, &id).await?;
        all.push(began.elapsed());
    }
    Ok(Map::from_iter([("explanation from the disk".to_owned(), Spread::of(all).json())]))
}
