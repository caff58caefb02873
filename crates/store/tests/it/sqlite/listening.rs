//! Hears which statements ran, and in how many steps.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Statements by text, each with the steps of all its runs on one session.
pub(crate) type Statements = BTreeMap<String, u64>;

/// Does something on this thread with sessions of its own, and hears which statements that took. A session keeps
/// counting a statement that it runs again, so what counts is the last thing heard of each.
pub(crate) fn listen<T>(work: impl FnOnce() -> T) -> (T, Statements) {
    let heard = Arc::<Mutex<Statements>>::default();
    let done = tracing::subscriber::with_default(Listener(heard.clone()), work);
    let statements = std::mem::take(&mut *heard.lock().unwrap());
    (done, statements)
}

struct Listener(Arc<Mutex<Statements>>);

#[derive(Default)]
struct Ran {
    sql: String,
    steps: u64,
}

impl Visit for Ran {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            self.sql = value.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "steps" {
            self.steps = value.unsigned_abs();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "store::sqlite::statements"
    }

    fn event(&self, event: &Event<'_>) {
        let mut ran = Ran::default();
        event.record(&mut ran);
        let mut heard = self.0.lock().unwrap();
        let steps = heard.entry(ran.sql).or_default();
        *steps = ran.steps.max(*steps);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
