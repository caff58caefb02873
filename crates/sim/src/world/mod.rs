//! One world: clinics that send, processes that serve, platforms that show, people who put things right, and time.

mod asked;
mod calm;
mod drive;
mod figures;
mod machine;
mod mail;
mod people;
mod puller;
mod showing;
mod sight;
mod watch;

use crate::asked::Shelves;
use crate::clock::WorldTime;
use crate::disk::{Disk, Told};
use crate::mutant::Mutant;
use crate::plan::{NetworkFault, Plan, PlatformFault, What};
use crate::platform::Platform;
use crate::process::OneSecret;
use crate::source::Diary;
use crate::story::Story;
use crate::{carrier::Post, verify};
use machine::{Came, Machine};
use mail::Letter;
use people::{Call, Desk};
use puller::Puller;
use showing::Travelling;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::sync::Arc;

pub use figures::Figures;
pub use people::Errand;

/// What came of one world.
pub struct Outcome {
    /// What should not be.
    pub faults: Vec<String>,
    /// What happened.
    pub story: Story,
    /// Story and store in one digest.
    pub digest: blake3::Hash,
    /// Figures.
    pub figures: Figures,
}

/// Something that is going to happen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// An item of the plan, by its place in it.
    Item(usize),
    /// A letter reaches us.
    Arrive(usize),
    /// The answer to a letter reaches the source; it was good.
    Heard(usize),
    /// The source looks whether a letter was answered.
    Resend(usize, u32),
    /// A card reaches its platform.
    Show(usize),
    /// The platform's answer, or the silence, reaches the process.
    Answer(usize),
    /// A platform tells us what it shows.
    Receipt(usize, String),
    /// A process is started.
    Start(usize),
    /// A process that was told to end has ended.
    Ended(usize),
    /// A person tries.
    Try(u64),
    /// A program asks what changed since it last asked.
    Pull,
}

/// A spell of bad luck of a network or platform.
#[derive(Clone, Debug)]
struct Luck<T> {
    what: T,
    until: u64,
    percent: u32,
    /// The address that is gone.
    address: String,
}

/// One world.
pub struct World {
    plan: Plan,
    mutant: Option<Mutant>,
    time: Arc<WorldTime>,
    disk: Arc<Disk>,
    post: Arc<Post>,
    secret: Arc<OneSecret>,
    /// The diaries that are read by asking.
    shelves: Shelves,
    machines: Vec<Machine>,
    diaries: Vec<Diary>,
    desks: Vec<Desk>,
    /// By number of feed, over all clinics.
    platforms: Vec<Platform>,
    feeds: Vec<(usize, usize)>,
    networks: Vec<Vec<Luck<NetworkFault>>>,
    moods: Vec<Vec<Luck<PlatformFault>>>,
    /// Until when each platform was in some trouble, in milliseconds.
    troubled_until: Vec<u64>,
    letters: Vec<Letter>,
    /// Letters that wait for those before them, by clinic.
    queues: Vec<VecDeque<usize>>,
    travelling: Vec<Travelling>,
    sendings: BTreeMap<String, u64>,
    /// What a platform took and forgot: integration, visit, version.
    forgotten: BTreeSet<(String, String, u32)>,
    puller: Puller,
    calls: BTreeMap<u64, Call>,
    next_call: u64,
    came: Came,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    scheduled: u64,
    calm: bool,
    faults: Vec<String>,
    story: Story,
    figures: Figures,
}

/// Runs a plan to its end.
pub fn run(plan: &Plan, mutant: Option<Mutant>, keep_story: bool) -> Told<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    runtime.block_on(async {
        let mut world = World::new(plan.clone(), mutant, keep_story)?;
        let told = world.live().await;
        if let Err(why) = told {
            world.faults.push(why);
        }
        world.count();
        let digest = world.digest()?;
        world.end_all().await;
        Ok(Outcome { faults: world.faults, story: world.story, digest, figures: world.figures })
    })
}

impl World {
    fn new(plan: Plan, mutant: Option<Mutant>, keep_story: bool) -> Told<World> {
        let time = WorldTime::from(plan.start);
        let clinics = plan.clinics.len();
        let feeds: Vec<(usize, usize)> = plan
            .clinics
            .iter()
            .enumerate()
            .flat_map(|(clinic, it)| (0..it.feeds.len()).map(move |feed| (clinic, feed)))
            .collect();
        let machines = (0..plan.nodes).map(|_| Machine::new(time.clone())).collect();
        let diaries = plan.clinics.iter().map(Diary::new).collect::<Told<Vec<_>>>()?;
        let desks = plan.clinics.iter().map(Desk::new).collect();
        let disk = Disk::new(plan.may_lose())?;
        Ok(World {
            mutant,
            time,
            disk,
            post: Arc::default(),
            secret: Arc::default(),
            shelves: Shelves::of(&plan),
            machines,
            diaries,
            desks,
            platforms: feeds.iter().map(|_| Platform::default()).collect(),
            networks: vec![Vec::new(); clinics],
            moods: vec![Vec::new(); feeds.len()],
            troubled_until: vec![0; feeds.len()],
            feeds,
            letters: Vec::new(),
            queues: vec![VecDeque::new(); clinics],
            travelling: Vec::new(),
            sendings: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            puller: Puller::default(),
            calls: BTreeMap::new(),
            next_call: 0,
            came: Came::default(),
            events: BinaryHeap::new(),
            scheduled: 0,
            calm: false,
            faults: Vec::new(),
            story: Story::new(keep_story),
            figures: Figures::default(),
            plan,
        })
    }

    async fn live(&mut self) -> Told {
        self.open().await?;
        for at in 0..self.plan.items.len() {
            self.schedule(self.plan.items[at].at, Event::Item(at));
        }
        self.soon(60_000, Event::Pull);
        self.run_until(self.plan.calm_at).await?;
        self.become_calm().await?;
        self.verify().await
    }

    /// The clinics are set up before anything can go wrong.
    async fn open(&mut self) -> Told {
        self.start(0)?;
        for clinic in 0..self.plan.clinics.len() {
            self.ask(clinic, 0, Errand::Apply);
        }
        self.run_until(1).await?;
        if !self.calls.is_empty() {
            return Err("the clinics could not be set up".to_owned());
        }
        for node in 1..self.plan.nodes {
            self.start(node)?;
        }
        Ok(())
    }

    fn tell(&mut self, what: impl FnOnce() -> String) {
        self.story.tell(self.time.millis(), what);
    }

    fn schedule(&mut self, at: u64, event: Event) {
        self.scheduled += 1;
        self.events.push(Reverse((at, self.scheduled, event)));
    }

    fn soon(&mut self, wait_ms: u64, event: Event) {
        self.schedule(self.time.millis() + wait_ms, event);
    }

    /// Chance that depends on nothing but what it is about.
    fn chance(&self, about: &str) -> fastrand::Rng {
        let hash = blake3::hash(format!("{} {about}", self.plan.seed).as_bytes());
        let mut seed = [0; 8];
        seed.copy_from_slice(&hash.as_bytes()[..8]);
        fastrand::Rng::with_seed(u64::from_le_bytes(seed))
    }

    fn feed_id(&self, feed: usize) -> &str {
        let (clinic, at) = self.feeds[feed];
        &self.plan.clinics[clinic].feeds[at].id
    }

    fn feed_of(&self, clinic: usize, at: usize) -> Option<usize> {
        self.feeds.iter().position(|known| *known == (clinic, at))
    }

    fn fire(&mut self, event: Event) -> Told {
        match event {
            Event::Item(at) => return self.item(at),
            Event::Arrive(letter) => self.arrive(letter),
            Event::Heard(letter) => self.heard(letter),
            Event::Resend(letter, tries) => self.resend(letter, tries),
            Event::Show(travelling) => self.show(travelling),
            Event::Answer(travelling) => self.answer(travelling),
            Event::Receipt(feed, visit) => self.receipt(feed, visit),
            Event::Start(node) => return self.start(node),
            Event::Ended(node) => return self.ended(node),
            Event::Try(call) => self.try_call(call),
            Event::Pull => return self.pull(),
        }
        Ok(())
    }

    fn item(&mut self, at: usize) -> Told {
        let item = self.plan.items[at].clone();
        self.tell(|| format!("[{}] {:?}", item.number, item.what));
        let now = self.time.millis();
        match item.what {
            What::Visit(clinic, visit, step) => {
                let (now, beginning) = (self.time.now(), self.plan.start);
                if let Some(message) = self.diaries[clinic].change(now, beginning, visit, &step) {
                    self.send_or_show(clinic, message);
                }
            }
            What::Patient(clinic, patient, step) => {
                let now = self.time.now();
                for message in self.diaries[clinic].change_patient(now, patient, &step) {
                    self.send_or_show(clinic, message);
                }
                self.show_visits_of(clinic, patient);
            }
            What::Source(clinic, fault, spell) => {
                let until = self.time.at(now + spell.lasts);
                self.shelves.trouble(clinic, fault, until, spell);
            }
            What::Person(clinic, feed, step) => self.person(clinic, feed, &step),
            What::Network(clinic, what, spell) => {
                let luck = Luck { what, until: now + spell.lasts, percent: spell.percent, address: String::new() };
                self.networks[clinic].push(luck);
            }
            What::Platform(clinic, at, what, spell) => {
                let address = self.desks[clinic].address(at);
                if let Some(feed) = self.feed_of(clinic, at) {
                    let until = self.troubled_until[feed].max(now + spell.lasts);
                    self.troubled_until[feed] = until;
                    self.moods[feed].push(Luck { what, until: now + spell.lasts, percent: spell.percent, address });
                }
            }
            What::Store(node, fault, after) => self.machines[node].arms.arm(fault, after),
            What::Crash(node) => self.machines[node].crash(),
            What::Restart(node) => self.restart(node),
            What::Jump(node, by_ms) => self.machines[node].clock.jump(by_ms),
            What::Look => {
                let faults = verify::structure(&self.disk, &self.plan)?;
                self.faults.extend(faults);
            }
        }
        Ok(())
    }

    /// What happened and what is stored, as one digest.
    fn digest(&self) -> Told<blake3::Hash> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.story.digest().as_bytes());
        hasher.update(self.disk.digest()?.as_bytes());
        Ok(hasher.finalize())
    }

    async fn verify(&mut self) -> Told {
        let faults = verify::everything(self).await?;
        self.faults.extend(faults);
        Ok(())
    }
}
