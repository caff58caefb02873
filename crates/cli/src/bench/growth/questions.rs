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
