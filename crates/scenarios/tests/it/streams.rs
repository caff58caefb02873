//! Messages that come shuffled, doubled and mixed with those of other visits end in the same cards as messages that
//! come in order (invariants 3 and 4).

use domain::time::Zone;
use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use scenarios::backend::Backend;
use scenarios::run::on_paused_time;
use scenarios::visit::{Envelope, PatientDraft, Planned, Trigger, VisitDraft, siu};
use scenarios::world::{Told, World};
use serde_json::Value;
use std::collections::BTreeMap;

/// Every run looks at the same cases. Change the seed to look at others.
const SEED: [u8; 32] = *b"Punctual: any order, same cards.";
const CASES: u32 = 96;
/// So many on a store that is spoken to over a network; the order of what arrives is no business of the store.
const CASES_BY_NETWORK: u32 = 12;
const VISITS: usize = 3;

/// What a practice system says about a visit, one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Booked { hour: i8 },
    Moved { hour: i8 },
    Changed { minutes: i64 },
    Cancelled,
    Missed,
}

/// What is told of the visits, and the order in which it arrives: indexes into what is told, some of them twice.
#[derive(Clone, Debug)]
struct Story {
    said: Vec<(usize, Said)>,
    order: Vec<prop::sample::Index>,
}

fn story() -> impl Strategy<Value = Story> {
    let said = prop_oneof![
        (8i8..18).prop_map(|hour| Said::Booked { hour }),
        (8i8..18).prop_map(|hour| Said::Moved { hour }),
        (10i64..60).prop_map(|minutes| Said::Changed { minutes }),
        Just(Said::Cancelled),
        Just(Said::Missed),
    ];
    let said = prop::collection::vec((0..VISITS, said), 1..12);
    let order = prop::collection::vec(any::<prop::sample::Index>(), 0..24);
    (said, order).prop_map(|(said, order)| Story { said, order })
}

/// The messages of a story, a minute apart.
fn messages(said: &[(usize, Said)]) -> Vec<Vec<u8>> {
    let patients: Vec<PatientDraft> = (0..VISITS).map(|n| PatientDraft::new(&format!("P-{n}"))).collect();
    let mut visits: Vec<VisitDraft> =
        (0..VISITS).map(|n| VisitDraft::new(&format!("V-{n}"), date(2026, 11, 24).at(9, 0, 0, 0))).collect();
    let first = date(2026, 11, 20).at(9, 0, 0, 0);
    let mut messages = Vec::new();
    for (minute, (n, said)) in said.iter().enumerate() {
        let visit = &mut visits[*n];
        let at = |hour: i8| Planned::At(date(2026, 11, 24).at(hour, 0, 0, 0));
        let trigger = match *said {
            Said::Booked { hour } => {
                visit.planned = at(hour);
                Trigger::Booked
            }
            Said::Moved { hour } => {
                visit.planned = at(hour);
                Trigger::Moved
            }
            Said::Changed { minutes } => {
                visit.minutes = minutes;
                Trigger::Changed
            }
            Said::Cancelled => Trigger::Cancelled,
            Said::Missed => Trigger::Missed,
        };
        // Only a booking or a moving says that the visit is on; a change leaves the status as it is.
        let status = if matches!(trigger, Trigger::Booked | Trigger::Moved) { "Scheduled" } else { "" };
        status.clone_into(&mut visit.status);
        let sent = first.saturating_add((minute as i64).minutes());
        let envelope = Envelope {
            facility: "NORTHSIDE",
            control_id: &format!("S{minute:03}"),
            sent: &sent.strftime("%Y%m%d%H%M%S-0600").to_string(),
        };
        messages.push(siu(&envelope, trigger, visit, Some(&patients[*n])));
    }
    messages
}

/// What the platform must show at the end, worked out without the engine: start, end and status of each visit.
fn expected(said: &[(usize, Said)]) -> BTreeMap<String, (DateTime, DateTime, &'static str)> {
    let mut shown: BTreeMap<String, (DateTime, DateTime, &'static str)> = BTreeMap::new();
    for n in 0..VISITS {
        // A visit that nobody told of but as moved waits until somebody does.
        if said.iter().filter(|(visit, _)| *visit == n).all(|(_, said)| matches!(said, Said::Moved { .. })) {
            continue;
        }
        let (mut hour, mut minutes, mut status) = (9, 30, None);
        for (_, said) in said.iter().filter(|(visit, _)| *visit == n) {
            match *said {
                Said::Booked { hour: at } | Said::Moved { hour: at } => (hour, status) = (at, Some("booked")),
                Said::Changed { minutes: length } => {
                    minutes = length;
                    // A visit that is first heard of by a change is on.
                    status = status.or(Some("booked"));
                }
                Said::Cancelled => status = Some("cancelled"),
                Said::Missed => status = Some("no_show"),
            }
        }
        if let Some(status) = status {
            let start = date(2026, 11, 24).at(hour, 0, 0, 0);
            shown.insert(format!("V-{n}"), (start, start.saturating_add(minutes.minutes()), status));
        }
    }
    shown
}

/// The cards that the platform shows after these messages arrived, without the version, which counts what came between.
async fn cards(backend: Backend, messages: impl Iterator<Item = &Vec<u8>>) -> Told<BTreeMap<String, Value>> {
    let mut world = World::new(backend)?;
    world.ready().await?;
    for (n, message) in messages.enumerate() {
        world.receive(message.clone()).await?;
        // Now and then everything is delivered before the next message comes.
        if n % 3 == 0 {
            world.settle().await;
        }
    }
    world.pass(60).await?;
    world.settle().await;
    let cards = world.platform.cards().into_iter().map(|(id, body)| (id, body["card"].clone())).collect();
    scenarios::checks::check_every_visit(&mut world).await?;
    world.end().await;
    Ok(cards)
}

fn check(backend: Backend, story: &Story) -> Result<(), TestCaseError> {
    let messages = messages(&story.said);
    // Each arrives at least once, in whatever order; some twice, some again with everything that came before.
    let mut arriving: Vec<usize> = story.order.iter().map(|pick| pick.index(messages.len())).collect();
    arriving.extend((0..messages.len()).rev());
    let both = on_paused_time(async {
        let ordered = cards(backend, messages.iter()).await?;
        let shuffled = cards(backend, arriving.iter().map(|n| &messages[*n])).await?;
        Ok((ordered, shuffled))
    });
    let (ordered, shuffled) = both.map_err(TestCaseError::fail)?;
    prop_assert_eq!(&shuffled, &ordered, "arriving as {:?}", arriving);
    prop_assert_eq!(shown(&ordered).map_err(TestCaseError::fail)?, expected(&story.said));
    Ok(())
}

/// Start, end and status of every card, by the clinic's clock.
fn shown(cards: &BTreeMap<String, Value>) -> Told<BTreeMap<String, (DateTime, DateTime, &str)>> {
    let zone = Zone::named("America/Chicago").map_err(|error| error.to_string())?;
    let local = |value: &Value| -> Told<DateTime> {
        Ok(zone.local(serde_json::from_value(value.clone()).map_err(|error| error.to_string())?))
    };
    let rows = cards.iter().map(|(id, card)| {
        let (start, end) = (local(&card["start"])?, local(&card["end"])?);
        Ok((id.clone(), (start, end, card["status"].as_str().unwrap_or_default())))
    });
    rows.collect()
}

/// The test itself. A failure is told in its smallest form.
pub(crate) fn any_order_ends_in_the_same_cards(backend: Backend) -> Result<(), String> {
    let cases = if backend.needs_server { CASES_BY_NETWORK } else { CASES };
    let config = Config { cases, max_shrink_iters: 400, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &SEED));
    runner.run(&story(), |story| check(backend, &story)).map_err(|error| {
        let seed = String::from_utf8_lossy(&SEED);
        match error {
            TestError::Fail(why, story) => {
                format!("seed {seed:?}\n{why}\ntold: {:?}\norder: {:?}", story.said, story.order)
            }
            TestError::Abort(why) => format!("seed {seed:?}\n{why}"),
        }
    })
}
