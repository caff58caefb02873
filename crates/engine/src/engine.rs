//! The engine as a whole: started, used, drained.

use crate::checks::ask_checks;
use crate::deliver::{Courier, CourierHandle, CourierOptions, courier};
use crate::events::tell_platforms;
use crate::exceptions::mind_exceptions;
use crate::ids::IdSource;
use crate::ingest::{Door, LeftBehind, Porter, decide_left_behind};
use crate::poll::{ReaderShelf, Readers, poll_sources};
use crate::ports::{Carrier, Chance, Clock, Rereader, Secrets};
use crate::scribe::{Health, Scribe, Tools, Workplace, start};
use crate::setup::{SetupBook, SetupRegistry};
use crate::shares::Shares;
use crate::tasks::{Stop, TaskContext, keep_time, sweep_outbox, work_off_fired};
use crate::{Error, Result};
use domain::gates::WakeKey;
use domain::reasons::Reason;
use domain::time::Moment;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{Listening, Reader, Store, WakeScope, Writer, cause_id};
use tokio::sync::watch;

/// What an engine is made of.
pub struct EngineOptions {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where secrets are kept.
    pub secrets: Arc<dyn Secrets>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// Who carries cards to platforms.
    pub carrier: Arc<dyn Carrier>,
    /// Who reads sources that are read by asking.
    pub readers: Arc<dyn Readers>,
    /// Who reads messages again that another process kept and did not decide on.
    pub rereader: Arc<dyn Rereader>,
    /// Bounds of the courier.
    pub courier: CourierOptions,
    /// What this process is on the store.
    pub duty: Duty,
    /// Whether threads of its own are used.
    pub threads: Threads,
    /// How often is looked for what other processes did or left behind, at the least.
    pub sweeps: Sweeps,
}

/// How often is looked for work that rang no bell.
#[derive(Clone, Copy, Debug)]
pub struct Sweeps {
    /// For facts that changed, and for instants that have come.
    pub facts: Duration,
    /// For cards in the outbox.
    pub outbox: Duration,
}

impl Default for Sweeps {
    fn default() -> Sweeps {
        Sweeps { facts: Duration::from_secs(1), outbox: Duration::from_millis(500) }
    }
}

/// Where work that waits for the store is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Threads {
    /// On threads of its own: the runtime never waits for the store.
    #[default]
    Own,
    /// On the runtime itself: on a runtime of one thread everything happens in one order, the same each time. For
    /// simulation under a clock that is not the machine's.
    None,
}

/// What a process is on a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// It delivers, keeps time and heals.
    Serve,
    /// It changes or looks something up and goes; delivering is left to a serving process.
    Visit,
}

/// The engine, for those who use it. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) scribe: Scribe,
    /// Who keeps messages before they are decided on, where that pays.
    pub(crate) door: Option<Arc<Door>>,
    pub(crate) left_behind: Arc<LeftBehind>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) registry: Arc<SetupRegistry>,
    pub(crate) courier: CourierHandle,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) carrier: Arc<dyn Carrier>,
    /// Whether the store takes changes.
    pub(crate) health: Arc<Health>,
    /// Messages that retention removed since the start.
    pub(crate) forgotten: Arc<AtomicU64>,
    /// How punctually sources are read.
    pub(crate) reads: Arc<crate::poll::ReadMeter>,
    pub(crate) readers: Arc<dyn Readers>,
    pub(crate) shelf: Arc<ReaderShelf>,
    /// Something is to be read at once.
    pub(crate) polls: Arc<tokio::sync::Notify>,
    /// Places for reads under way.
    pub(crate) sources: Shares,
    /// Who looked at a queue of late.
    pub(crate) looks: crate::ops::LooksOfLate,
    lookers: Arc<Mutex<Vec<Box<dyn Reader>>>>,
    pub(crate) threads: Threads,
}

/// A running engine, for whoever started it.
pub struct Running {
    /// The engine.
    pub engine: Engine,
    switch: watch::Sender<bool>,
    stop: Stop,
    tasks: tokio::task::JoinSet<()>,
    scribe: Workplace,
    /// What other processes tell is heard while this is there.
    _listening: Option<Listening>,
}

impl Engine {
    /// Starts an engine on the current runtime: the scribe on its thread, the courier and the background tasks.
    pub fn start(options: EngineOptions) -> Result<Running> {
        let registry = Arc::new(SetupRegistry::new(options.secrets.clone()));
        if options.duty == Duty::Serve {
            options.store.settle()?;
        }
        let mut writer = options.store.writer()?;
        let safe = if options.duty == Duty::Serve { options.store.porter()? } else { None };
        writer.begin(&mut |_| {})?;
        let now = options.clock.now();
        let node = writer.next_boot()?;
        // Whoever gives out ids has a number of their own, and there are only so many.
        let porter_node = if safe.is_some() { writer.next_boot()? } else { node };
        let has_second = options.duty == Duty::Serve && options.store.lanes() > 1;
        let second_node = if has_second { writer.next_boot()? } else { node };
        let greatest = writer.greatest_id()?;
        if options.duty == Duty::Serve && options.store.lanes() == 1 {
            let left_behind = writer.reclaim_outbox(now)?;
            if left_behind > 0 {
                tracing::info!(left_behind, "cards of a former process are sent again");
            }
        }
        writer.commit()?;
        let mut syncer = options.store.syncer()?;
        syncer.sync()?;
        registry.install(SetupBook::read(&mut *writer, &*options.secrets)?);
        if options.duty == Duty::Serve {
            wake_for_secrets(&mut *writer, &registry.book(), now)?;
        }
        let bounds = match options.duty {
            Duty::Serve => options.courier,
            // Without a place in hand nothing is born leased: it waits in the outbox for a serving process.
            Duty::Visit => CourierOptions { in_hand: 0, ..options.courier },
        };
        let (handle, carrier_side) = courier(bounds);
        let health = Arc::new(Health::default());
        let tools = |writer, ids| Tools {
            writer,
            ids,
            clock: options.clock.clone(),
            registry: registry.clone(),
            courier: handle.clone(),
            node,
            health: health.clone(),
            shared: options.store.lanes() > 1,
        };
        let second = match has_second {
            true => {
                let tools = tools(options.store.writer()?, IdSource::new(second_node, greatest));
                Some((tools, options.store.syncer()?))
            }
            false => None,
        };
        let first = (tools(writer, IdSource::new(node, greatest)), syncer);
        let (scribe, workplace) = start(first, second, options.threads)
            .map_err(|error| Error::Invalid(format!("no thread for the scribe: {error}")))?;
        let left_behind = Arc::new(LeftBehind {
            under_way: Arc::default(),
            reader: options.rereader,
            possible: AtomicBool::new(options.duty == Duty::Serve || options.store.lanes() > 1),
        });
        let door = safe.map(|safe| {
            let porter = Porter { safe, ids: IdSource::new(porter_node, greatest), clock: options.clock.clone() };
            Arc::new(Door::of(porter))
        });
        let engine = Engine {
            scribe,
            door,
            left_behind,
            store: options.store,
            registry,
            courier: handle,
            clock: options.clock,
            chance: options.chance,
            carrier: options.carrier,
            health,
            forgotten: Arc::default(),
            reads: Arc::default(),
            readers: options.readers,
            shelf: Arc::default(),
            polls: Arc::default(),
            sources: crate::poll::places(),
            looks: crate::ops::LooksOfLate::default(),
            lookers: Arc::default(),
            threads: options.threads,
        };
        Ok(engine.run(options.duty, options.sweeps, carrier_side, workplace))
    }

    fn run(self, duty: Duty, sweeps: Sweeps, courier: Courier, scribe: Workplace) -> Running {
        let (switch, stop) = Stop::switch();
        let mut tasks = tokio::task::JoinSet::new();
        if duty == Duty::Visit {
            return Running { engine: self, switch, stop, tasks, scribe, _listening: None };
        }
        tasks.spawn(courier.run(
            self.scribe.clone(),
            self.carrier.clone(),
            self.clock.clone(),
            self.chance.clone(),
            self.registry.clone(),
            stop.clone(),
        ));
        let context = TaskContext {
            scribe: self.scribe.clone(),
            courier: self.courier.clone(),
            clock: self.clock.clone(),
            stop: stop.clone(),
            sweeps,
        };
        tasks.spawn(work_off_fired(context.clone()));
        tasks.spawn(keep_time(context.clone()));
        tasks.spawn(sweep_outbox(context));
        tasks.spawn(decide_left_behind(self.clone(), stop.clone(), sweeps.facts));
        tasks.spawn(poll_sources(self.clone(), stop.clone()));
        tasks.spawn(mind_exceptions(self.clone(), stop.clone()));
        tasks.spawn(ask_checks(self.clone(), stop.clone()));
        tasks.spawn(tell_platforms(self.clone(), stop.clone()));
        let bells = self.courier.clone();
        let listening = self.store.listen(Box::new(move |told| bells.hear(told)));
        let listening = listening.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "other processes are not heard; what they do is found by looking");
            None
        });
        Running { engine: self, switch, stop, tasks, scribe, _listening: listening }
    }

    /// The scribe, for connectors that take messages in.
    pub fn scribe(&self) -> &Scribe {
        &self.scribe
    }

    /// The set-up in use.
    pub fn setup(&self) -> Arc<SetupBook> {
        self.registry.book()
    }

    /// What time it is for this engine.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Listens to appointments that change.
    pub fn listen(&self) -> tokio::sync::broadcast::Receiver<crate::scribe::News> {
        self.courier.listen()
    }

    /// Where everything is kept.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Works off every fact that changed; for a visitor that wants to see what comes of its change.
    pub async fn settle_facts(&self) -> Result<()> {
        while self.scribe.run(crate::tasks::one_page_of_fired).await? {}
        Ok(())
    }

    /// Looks something up on a thread where waiting is allowed. Whatever this process has acknowledged by now is
    /// decided on before.
    pub async fn read<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Reader) -> Result<T> + Send + 'static,
    {
        self.left_behind.under_way.settled().await;
        self.read_at_once(look).await
    }

    /// The same of what is there now.
    pub(crate) async fn read_at_once<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Reader) -> Result<T> + Send + 'static,
    {
        let (store, lookers) = (self.store.clone(), self.lookers.clone());
        let looking = move || {
            let idle = lookers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut reader = match idle {
                Some(reader) => reader,
                None => store.reader()?,
            };
            let found = look(&mut *reader);
            let mut idle = lookers.lock().unwrap_or_else(PoisonError::into_inner);
            // A few connections are enough for what people look at; the rest is closed again.
            if idle.len() < 4 && !matches!(found, Err(Error::Store(_))) {
                idle.push(reader);
            }
            found
        };
        match self.threads {
            Threads::Own => tokio::task::spawn_blocking(looking)
                .await
                .map_err(|_| Error::Invalid("the look-up panicked".to_owned()))?,
            Threads::None => looking(),
        }
    }
}

/// A secret that was put where it belongs while nobody served: the visits that wait for it are decided again.
fn wake_for_secrets(writer: &mut dyn Writer, book: &SetupBook, now: Moment) -> Result<()> {
    writer.begin(&mut |_| {})?;
    for integration in book.integrations().filter(|integration| integration.rules.secret_problem.is_none()) {
        let (key, id) = (integration.key(), &integration.rules.integration);
        let cause = writer.cause(&cause_id(key, Reason::CredentialMissing, id), now)?;
        if cause.is_some_and(|cause| cause.closed_at.is_none()) {
            let why = "the secret can be read again";
            writer.fire(key, &WakeKey::Integration.to_string(), WakeScope::Waiting, why, now)?;
        }
    }
    Ok(writer.commit()?)
}

impl Running {
    /// Hears when the engine is to stop; for whoever feeds it.
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Waits until the disk fails to keep what was written. From then on nothing is taken any more: what the disk holds
    /// is known only when the store is opened anew, by a process that is started again.
    pub async fn broken(&self) {
        self.engine.health.broken().await;
    }

    /// Tells everybody who listens to [`Running::stop`] to come to an end.
    pub fn request_stop(&self) {
        self.switch.send_replace(true);
    }

    /// Stops the work in the background and finishes what is under way; questions are still answered.
    pub async fn finish(&mut self) {
        self.request_stop();
        while self.tasks.join_next().await.is_some() {}
    }

    /// Stops taking work, finishes what is under way, and returns when all is durable. Every other handle on the engine
    /// has to be gone by then.
    pub async fn drain(mut self) {
        self.finish().await;
        drop(self.engine);
        if !self.scribe.ended().await {
            tracing::error!("the scribe did not end cleanly");
        }
    }
}
