//! A message that comes alone, and a store that cannot keep it by itself.

use crate::polling::world::World;
use domain::ids::{EnvelopeId, IntegrationKey};
use domain::model::{MergeRecord, Record, Stamp};
use domain::text::Text;
use engine::Error;
use engine::ingest::{Content, Incoming, Line, Receipt, hand_in};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Asked, EnvelopeFormat, Keeping, Porter, Reader, Result, Store, Syncer, Writer};

/// A store with a porter that fails in this way, and how often it was asked.
struct Failing(Arc<dyn Store>, FailingPorter);

#[derive(Clone)]
struct FailingPorter(fn() -> store::Error, Arc<AtomicUsize>);

impl Porter for FailingPorter {
    fn keep<'a>(&'a mut self, _: &'a Keeping<'a>) -> Asked<'a, Vec<EnvelopeId>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Err((self.0)())))
    }
}

impl Store for Failing {
    fn writer(&self) -> Result<Box<dyn Writer>> {
        self.0.writer()
    }

    fn reader(&self) -> Result<Box<dyn Reader>> {
        self.0.reader()
    }

    fn syncer(&self) -> Result<Box<dyn Syncer>> {
        self.0.syncer()
    }

    fn porter(&self) -> Result<Option<Box<dyn Porter>>> {
        Ok(Some(Box::new(self.1.clone())))
    }

    fn lanes(&self) -> usize {
        self.0.lanes()
    }

    fn backup(&self, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
        self.0.backup(to, progress)
    }

    fn describe(&self) -> String {
        self.0.describe()
    }
}

fn message(integration: IntegrationKey, n: usize) -> Incoming {
    let merge = MergeRecord { gone: format!("P{n}").into(), survivor: "P".into(), stamp: Stamp::default() };
    Incoming {
        integration,
        channel: Text::literal("test"),
        format: EnvelopeFormat::Hl7v2,
        body: format!("merge {n}").into_bytes().into(),
        control_id: Some(format!("M{n}").into()),
        content: Content::Records(vec![Record::Merge(merge)]),
        note: None,
        answer: Vec::new(),
        line: Line::ALONE,
    }
}

/// What becomes of messages that come at a time and whose porter fails.
struct Outcome {
    receipts: Vec<engine::Result<Receipt>>,
    kept: usize,
    asked: usize,
}

async fn handed_in(messages: usize, failing: fn() -> store::Error) -> Outcome {
    let mut world = World::start(|_| {}).await;
    world.wait(5).await;
    let kept = |world: &World| {
        let mut reader = world.store.reader().unwrap();
        reader.envelopes_behind(world.key(), EnvelopeId(0), EnvelopeId(u64::MAX), 100).unwrap().len()
    };
    let before = kept(&world);
    let porter = FailingPorter(failing, Arc::default());
    world.store = Arc::new(Failing(world.store.clone(), porter.clone()));
    let node = world.another();
    let mut handed_in = Vec::new();
    for n in 0..messages {
        handed_in.push(hand_in(&node.engine, message(world.key(), n)).await);
    }
    let mut receipts = Vec::new();
    for one in handed_in {
        receipts.push(match one {
            Ok(waiting) => waiting.receipt().await,
            Err(error) => Err(error),
        });
    }
    let kept = kept(&world) - before;
    node.drain().await;
    Outcome { receipts, kept, asked: porter.1.load(Ordering::Relaxed) }
}

#[tokio::test(start_paused = true)]
async fn whoever_waited_for_a_silent_store_is_told_at_once_and_does_not_wait_as_long_again() {
    let outcome = handed_in(1, || store::Error::OutcomeUnknown("silence".into())).await;
    let [Err(Error::Store(store::Error::OutcomeUnknown(_)))] = &outcome.receipts[..] else {
        panic!("{:?}", outcome.receipts)
    };
    assert_eq!((outcome.asked, outcome.kept), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_a_porter_cannot_keep_goes_the_way_of_all_others() {
    let outcome = handed_in(1, || store::Error::Unavailable("the connection is gone".into())).await;
    assert!(outcome.receipts[0].is_ok(), "{:?}", outcome.receipts);
    assert_eq!((outcome.asked, outcome.kept), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn in_a_crowd_nobody_is_kept_by_itself() {
    let outcome = handed_in(20, || store::Error::Unavailable("the connection is gone".into())).await;
    assert!(outcome.receipts.iter().all(engine::Result::is_ok), "{:?}", outcome.receipts);
    assert_eq!((outcome.asked, outcome.kept), (8, 20), "with eight who wait it is a crowd");
}

/// The number that the next process would get.
fn next_number(store: &dyn Store) -> u32 {
    let mut writer = store.writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    let number = writer.next_boot().unwrap();
    writer.rollback();
    number
}

#[tokio::test(start_paused = true)]
async fn a_start_takes_as_many_numbers_as_there_are_who_give_out_ids() {
    let mut world = World::start(|_| {}).await;
    let first = next_number(&*world.store);
    world.another().drain().await;
    assert_eq!(next_number(&*world.store), first + 1, "the scribe");
    let porter = FailingPorter(|| store::Error::Unavailable("never asked".into()), Arc::default());
    world.store = Arc::new(Failing(world.store.clone(), porter));
    world.another().drain().await;
    assert_eq!(next_number(&*world.store), first + 3, "the scribe, and somebody at the door");
}
