//! Nobody is there at the platform for an hour: what is tried meanwhile, what people are shown, and what comes after.

use domain::decide::Verdict;
use domain::reasons::Reason;
use engine::ops::{CauseItem, CausesAsked};
use jiff::ToSpan;
use scenarios::backend::Backend;
use scenarios::platform::Mood;
use scenarios::run::on_paused_time;
use scenarios::visit::{Planned, Trigger, VisitDraft};
use scenarios::world::{INTEGRATION, Told, World, civil, trouble};

/// Visits that are shown before the platform goes.
const SHOWN: usize = 20;
/// Visits that are booked while nobody is there.
const BOOKED: usize = 80;
/// The first waits of the published schedule: attempts of one visit within an hour, the first one counted.
const ATTEMPTS_IN_AN_HOUR: usize = 6;
/// Five cards open the breaker; it lets one go ahead after 1, 2, 4, 8, 16 and then every 30 seconds. The cards of one
/// full hand may have set out before the fifth came back.
const PROBES_IN_AN_HOUR: usize = 32 + 6 + 3600 / 30;

fn id(n: usize) -> String {
    format!("D-{n}")
}

async fn tell(world: &mut World, n: usize, trigger: Trigger, later: i64) -> Told {
    let start = civil("2026-11-24 08:00")?.saturating_add((n as i64 + later).minutes());
    match world.visits.get_mut(&id(n)) {
        Some(visit) => visit.planned = Planned::At(start),
        None => drop(world.visits.insert(id(n), VisitDraft::new(&id(n), start))),
    }
    world.tell(trigger, &id(n)).await
}

async fn causes(world: &World) -> Told<Vec<CauseItem>> {
    let asked = CausesAsked { integration: Some(INTEGRATION.into()), ..CausesAsked::default() };
    let page = world.engine()?.list_causes(&world.operator(), asked).await.map_err(trouble)?;
    Ok(page.items)
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Told {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// An hour passes with nobody at the platform; then everything goes once, in order, and nothing is left over.
pub(crate) fn an_hour_without_the_platform(backend: Backend) -> Result<(), String> {
    on_paused_time(async {
        let mut world = World::new(backend)?;
        world.ready().await?;
        for n in 0..SHOWN {
            tell(&mut world, n, Trigger::Booked, 0).await?;
        }
        world.settle().await;
        let told = |world: &World| (0..SHOWN + BOOKED).map(|n| world.platform.attempts(&id(n))).sum::<usize>();
        expect(told(&world) == SHOWN, || format!("{} were told before", told(&world)))?;

        world.platform.be(Mood::Absent);
        let begin = world.now();
        for n in SHOWN..SHOWN + BOOKED {
            tell(&mut world, n, Trigger::Booked, 0).await?;
        }
        // Every other one that is shown is moved, a quarter of all twice; some of what never arrived is cancelled.
        for n in (0..SHOWN + BOOKED).step_by(2) {
            tell(&mut world, n, Trigger::Moved, 5).await?;
        }
        world.pass(600).await?;
        for n in (0..SHOWN + BOOKED).step_by(4) {
            tell(&mut world, n, Trigger::Moved, 10).await?;
        }
        for n in (SHOWN + 1..SHOWN + BOOKED).step_by(10) {
            tell(&mut world, n, Trigger::Cancelled, 0).await?;
        }
        world.pass_until(begin.plus_secs(3600)).await?;
        world.settle().await;
        let tried = told(&world) - SHOWN;
        expect(tried <= PROBES_IN_AN_HOUR, || format!("{tried} attempts in an hour: nobody was spared"))?;
        expect(tried >= 3600 / 30, || format!("{tried} attempts in an hour: nobody looked"))?;
        for n in 0..SHOWN + BOOKED {
            // A visit that was moved begins its schedule anew with each version.
            let versions = 1 + usize::from(n.is_multiple_of(2)) + usize::from(n.is_multiple_of(4));
            let attempts = world.platform.attempts(&id(n));
            let most = versions * ATTEMPTS_IN_AN_HOUR;
            expect(attempts <= most, || format!("{} was tried {attempts} times", id(n)))?;
        }
        let open = causes(&world).await?;
        let waiting = waiting(&mut world).await?;
        expect(open.len() == 1, || format!("one thing is wrong, and {} causes are shown: {open:?}", open.len()))?;
        let (code, count) = (open[0].code, open[0].count);
        expect(code == Reason::SyncAbnormalDelay && count == waiting as u64, || {
            format!("{code:?} counts {count} of {waiting}")
        })?;

        world.platform.be(Mood::Names);
        let back = world.now();
        let mut settled = None;
        // The longest wait of the schedule that can have begun in the hour is two hours.
        for minute in 1..=125 {
            world.pass_until(back.plus_secs(minute * 60)).await?;
            world.settle().await;
            if causes(&world).await?.is_empty() && self::waiting(&mut world).await? == 0 {
                settled = Some(minute);
                break;
            }
        }
        let settled = settled.ok_or("not everything was delivered two hours after the platform came back")?;
        let mut delivered = 0;
        for n in 0..SHOWN + BOOKED {
            delivered += check(&mut world, n).await?;
        }
        let (acknowledged, present) = (world.kept.len(), present(&world).await?);
        measured(&format!(
            "acknowledged {acknowledged}, present {present}, delivered {delivered}, duplicated 0, lost {}, {tried} \
             attempts in the hour, settled in {settled} simulated minutes",
            acknowledged - present
        ));
        expect(present == acknowledged, || format!("{present} of {acknowledged} messages are there"))?;
        world.end().await;
        Ok(())
    })
}

/// How many of the messages that came are there.
async fn present(world: &World) -> Told<usize> {
    let ids: Vec<_> = world.kept.iter().map(|(_, id)| *id).collect();
    let count = world.engine()?.read(move |reader| {
        let mut count = 0;
        for id in ids {
            count += usize::from(reader.envelope(id)?.is_some());
        }
        Ok(count)
    });
    count.await.map_err(trouble)
}

/// How many visits are not in sync and concern the platform.
async fn waiting(world: &mut World) -> Told<usize> {
    let mut waiting = 0;
    for n in 0..SHOWN + BOOKED {
        let verdict = world.explained(&id(n)).await?.explanation.verdict;
        waiting += usize::from(!matches!(verdict, Verdict::InSync | Verdict::Excluded));
    }
    Ok(waiting)
}

/// What the platform shows of a visit is what was said last, and it was told once of each version that it acted on.
async fn check(world: &mut World, n: usize) -> Told<usize> {
    let (visit, events) = (id(n), world.platform.events(&id(n)));
    let shown_before = n < SHOWN;
    let moved = n.is_multiple_of(2);
    let cancelled = n > SHOWN && (n - SHOWN - 1).is_multiple_of(10);
    let Some(card) = world.platform.card(&visit) else {
        // It was never there, and ended before it could be shown: nobody has to hear of it.
        return expect(cancelled, || format!("{visit} is not on the platform")).map(|()| 0);
    };
    let later = if n.is_multiple_of(4) {
        10
    } else if moved {
        5
    } else {
        0
    };
    let start = civil("2026-11-24 08:00")?.saturating_add((n as i64 + later).minutes());
    let start = world.zone()?.place(start).moment;
    let shown = card["card"]["start"].as_str().unwrap_or_default().to_owned();
    expect(shown == start.to_string(), || format!("{visit} is shown at {shown}, not at {start}"))?;
    let wanted = 1 + usize::from(shown_before && moved);
    expect(events == wanted, || format!("{visit}: the platform acted {events} times, not {wanted}"))?;
    Ok(events)
}

#[expect(clippy::print_stdout, reason = "what was measured is told")]
fn measured(line: &str) {
    println!("{line}");
}
