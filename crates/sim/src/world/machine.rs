//! The machines: a clock and a disk each, and a process that runs on it, dies and is started again.

use crate::carrier::SimCarrier;
use crate::clock::{ProcessClock, WorldTime};
use crate::disk::{Arms, SimStore, Told};
use crate::mutant::Mutant;
use crate::process::{Life, SeededChance};
use crate::world::puller::Change;
use crate::world::{Event, World};
use connectors::hl7v2::Intake;
use domain::time::Moment;
use engine::deliver::CourierOptions;
use engine::ports::Clock;
use engine::{Duty, Engine, EngineOptions, Running, Threads};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// One machine.
pub(super) struct Machine {
    pub(super) clock: Arc<ProcessClock>,
    pub(super) arms: Arc<Arms>,
    pub(super) up: Option<Up>,
    /// A process that was told to end and has not ended yet.
    ending: Option<Ending>,
}

struct Ending {
    life: Arc<Life>,
    task: tokio::task::JoinHandle<()>,
}

/// A running process.
pub(super) struct Up {
    pub(super) life: Arc<Life>,
    pub(super) engine: Engine,
    pub(super) intake: Arc<Intake>,
    /// What others asked of it.
    pub(super) asked: JoinSet<()>,
    /// Since when, in milliseconds.
    since: u64,
    running: Running,
}

/// What came back from processes since the last look.
#[derive(Clone, Default)]
pub(super) struct Came(Arc<Mutex<Vec<Back>>>);

/// Something that came back.
pub(super) enum Back {
    /// The answer to a letter: code, and what is wrong.
    Letter(usize, &'static str, Option<String>),
    /// The answer to what a person asked.
    Call(u64, Result<(), String>),
    /// A page of what changed, and where the next one begins; `None`: it could not be told.
    Changes(Option<(Vec<Change>, Option<String>)>),
}

impl Came {
    pub(super) fn put(&self, back: Back) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(back);
    }

    pub(super) fn take(&self) -> Vec<Back> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A clock that shows what it showed when it was made.
struct Stopped(Moment);

impl Clock for Stopped {
    fn now(&self) -> Moment {
        self.0
    }
}

impl Machine {
    pub(super) fn new(time: Arc<WorldTime>) -> Machine {
        Machine { clock: ProcessClock::right(time), arms: Arc::default(), up: None, ending: None }
    }

    /// Since when a process runs there, in milliseconds.
    pub(super) fn up_since(&self) -> Option<u64> {
        self.up.as_ref().map(|up| up.since)
    }

    /// The process dies where it stands.
    pub(super) fn crash(&mut self) {
        if let Some(up) = &self.up {
            up.life.end();
        }
    }
}

impl World {
    /// Starts the process of a machine.
    pub(super) fn start(&mut self, node: usize) -> Told {
        let Machine { up, ending, .. } = &self.machines[node];
        if up.is_some() || ending.is_some() {
            return Ok(());
        }
        let machine = &self.machines[node];
        let life = Life::of(node, machine.clock.clone());
        let lanes = self.plan.nodes;
        let keeps_first = self.plan.keeps_first;
        let store =
            SimStore::new(self.disk.clone(), life.clone(), machine.arms.clone(), lanes, keeps_first, self.mutant);
        let clock: Arc<dyn Clock> = match self.mutant {
            Some(Mutant::StopsClock) => Arc::new(Stopped(machine.clock.now())),
            _ => machine.clock.clone(),
        };
        let chance = SeededChance::new(self.plan.seed ^ (self.figures.deaths << 8) ^ node as u64);
        let started = Engine::start(EngineOptions {
            store,
            clock,
            secrets: self.secret.clone(),
            chance: Arc::new(chance),
            carrier: SimCarrier::new(self.post.clone(), life.clone(), self.mutant),
            readers: Arc::new(self.shelves.clone()),
            rereader: Arc::new(connectors::ReadAgain),
            courier: CourierOptions { in_hand: self.plan.in_hand, at_once: self.plan.at_once },
            duty: Duty::Serve,
            threads: Threads::None,
            sweeps: engine::Sweeps::default(),
        });
        match started {
            Ok(running) => {
                let engine = running.engine.clone();
                let intake = Arc::new(Intake::new(engine.clone()));
                self.tell(|| format!("process {node} runs"));
                self.machines[node].up =
                    Some(Up { life, engine, intake, asked: JoinSet::new(), since: self.time.millis(), running });
            }
            Err(error) => {
                // Whoever looks after the machine tries again.
                self.tell(|| format!("process {node} does not start: {error}"));
                self.figures.deaths += 1;
                if life.lost_power() {
                    self.disk.lose_unsynced()?;
                }
                self.soon(5_000, Event::Start(node));
            }
        }
        Ok(())
    }

    /// Buries processes that died, or that have to be started again; whether there were any.
    pub(super) fn bury(&mut self) -> Told<bool> {
        let mut any = false;
        for node in 0..self.machines.len() {
            let over = |up: &mut Up| up.life.is_over() || up.life.needs_restart();
            let Some(up) = self.machines[node].up.take_if(over) else { continue };
            any = true;
            up.life.end();
            let lost = up.life.lost_power() && self.disk.lose_unsynced()?;
            drop(up);
            self.figures.deaths += 1;
            let wait = self.chance(&format!("restart {node} {}", self.figures.deaths)).u64(500..120_000);
            self.tell(|| format!("process {node} is gone{}", if lost { ", and what was not synced" } else { "" }));
            self.soon(wait, Event::Start(node));
            self.give_back_calls(node);
            self.puller.asked = false;
        }
        Ok(any)
    }

    /// A process is told to end. What is under way comes to its end first.
    pub(super) fn restart(&mut self, node: usize) {
        let Some(up) = self.machines[node].up.take() else { return };
        let Up { life, engine, intake, mut asked, running, .. } = up;
        drop((engine, intake));
        let task = tokio::spawn(async move {
            while asked.join_next().await.is_some() {}
            running.drain().await;
        });
        self.machines[node].ending = Some(Ending { life, task });
        self.tell(|| format!("process {node} is told to end"));
        self.soon(100, Event::Ended(node));
    }

    /// Looks whether a process that was told to end has ended, and starts the next one.
    pub(super) fn ended(&mut self, node: usize) -> Told {
        let Some(ending) = &self.machines[node].ending else { return Ok(()) };
        if !ending.task.is_finished() && !ending.life.is_over() {
            self.soon(500, Event::Ended(node));
            return Ok(());
        }
        let in_time = ending.task.is_finished();
        ending.task.abort();
        ending.life.end();
        if ending.life.lost_power() {
            self.disk.lose_unsynced()?;
        }
        self.machines[node].ending = None;
        self.figures.restarts += 1;
        self.tell(|| format!("process {node} has ended{}", if in_time { "" } else { " before its time" }));
        self.give_back_calls(node);
        self.puller.asked = false;
        self.soon(2_000, Event::Start(node));
        Ok(())
    }

    /// Some process that runs, by chance.
    pub(super) fn someone(&self, about: &str) -> Option<usize> {
        let up: Vec<usize> = (0..self.machines.len()).filter(|node| self.machines[*node].up.is_some()).collect();
        if up.is_empty() { None } else { Some(up[self.chance(about).usize(0..up.len())]) }
    }

    /// The engine of some process that runs.
    pub(crate) fn engine(&self) -> Told<Engine> {
        let up = self.machines.iter().find_map(|machine| machine.up.as_ref());
        up.map(|up| up.engine.clone()).ok_or_else(|| "nobody serves".to_owned())
    }

    /// The end of the world.
    pub(super) async fn end_all(&mut self) {
        for machine in &mut self.machines {
            if let Some(up) = machine.up.take() {
                up.life.end();
                drop(up);
            }
        }
        self.time.settle().await;
    }
}
