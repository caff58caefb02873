//! Kept messages judged again: what would be otherwise, and that nothing is otherwise for having asked.

use crate::sentence::Values;
use crate::steps::answers::same;
use crate::steps::{Known, act};
use crate::world::{INTEGRATION, Told, World, trouble};
use connectors::ReadAgain;
use engine::rejudge::{Judged, RejudgeAsked, Rejudged, ScratchWorld};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::AppointmentFilter;
use store::sqlite::SqliteStore;

pub(super) const SENTENCES: &[Known] = &[
    act!("judging the kept messages again finds {rest}", finds),
    act!("judging what came since {time} again compares {word} and leaves out {word}", compares),
];

/// Worlds of one process have names of their own.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Everything that a visit, a notice, a card or an event leaves behind.
async fn all_there_is(world: &World) -> Told<String> {
    let book = world.engine()?.setup();
    let key = book.named(INTEGRATION).ok_or("there is no integration")?.key();
    let kept = world.engine()?.read(move |reader| {
        let visits = reader.appointments(key, &AppointmentFilter::default(), None, 1000)?;
        let due = (reader.next_outbox()?, reader.next_notice()?, reader.next_event()?, reader.next_timer()?);
        let waits = (
            reader.fired(9)?.len(),
            reader.outbox_depth(999)?,
            reader.envelopes_behind(key, domain::ids::EnvelopeId(0), domain::ids::EnvelopeId(u64::MAX >> 1), 999)?,
        );
        Ok(format!(
            "{visits:?} {due:?} {waits:?} {:?}",
            reader.open_causes(key, domain::time::Moment::from_micros(0), 99)?
        ))
    });
    let all = (kept.await.map_err(trouble)?, world.platform.cards(), world.platform.announced());
    // Sentences quote with single marks.
    Ok(format!("{all:?}").replace('"', "'"))
}

async fn judge(world: &mut World, asked: RejudgeAsked) -> Told<Rejudged> {
    world.settle().await;
    let before = all_there_is(world).await?;
    let name = format!("rejudged-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let store = SqliteStore::in_memory(&name).map_err(|error| error.to_string())?;
    let scratch = ScratchWorld { store: Arc::new(store), reader: Arc::new(ReadAgain) };
    let judged = world.engine()?.rejudge(&world.operator(), INTEGRATION, asked, scratch, |_, _| {}).await;
    world.settle().await;
    same("what is kept and shown", &before, &all_there_is(world).await?)?;
    judged.map_err(trouble)
}

fn words(judged: &Judged) -> String {
    match judged.code {
        Some(code) => format!("{} {}", judged.verdict.word(), code.code()),
        None => judged.verdict.word().to_owned(),
    }
}

async fn finds(world: &mut World, values: Values) -> Told {
    let judged = judge(world, RejudgeAsked::default()).await?;
    let told = judged.differences.iter().map(|found| {
        let before = found.before.as_ref().map_or_else(|| "not known".to_owned(), words);
        format!("{} not {before} but {} by {}", found.source_id, words(&found.after), found.gate.unwrap_or("none"))
    });
    let told: Vec<String> = told.collect();
    same("what differs", &values.list(0).join(", "), &told.join(", "))
}

async fn compares(world: &mut World, values: Values) -> Told {
    let since = world.moment(values.at(0))?;
    let counts = judge(world, RejudgeAsked { since: Some(since), ..RejudgeAsked::default() }).await?.counts;
    same("the visits compared", values.at(1), &(counts.same + counts.different).to_string())?;
    same("the visits left out", values.at(2), &counts.not_compared.to_string())
}
