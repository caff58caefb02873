//! The world of one scenario: a practice system that sends, the engine, a platform, and a clock that moves by hand.

use crate::backend::Backend;
use crate::diary::{ASKED, Diary};
use crate::platform::Platform;
use crate::ports::{NoChance, StoryClock, StoryPost, StorySecrets};
use crate::visit::{Envelope, PatientDraft, Planned, Trigger, VisitDraft, adt, merge, siu};
use connectors::hl7v2::{Answered, Intake};
use domain::decide::Verdict;
use domain::explain::Explanation;
use domain::ids::EnvelopeId;
use domain::notice::Language;
use domain::setup::{Document, IntegrationDoc};
use domain::time::{Moment, Zone};
use engine::deliver::CourierOptions;
use engine::ops::{Actor, Explained, Role, WhyAnswer};
use engine::ports::Clock;
use engine::{Duty, Engine, EngineOptions, NoticeOptions, Running, Threads, keep_notices};
use jiff::civil::DateTime;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::task::JoinHandle;

/// The integration of every scenario.
pub const INTEGRATION: &str = "northside";
const BASE: &str = include_str!("../../../fixtures/scenarios/northside.toml");
/// Saturday, 21 November 2026, nine o'clock in Chicago, unless a scenario says otherwise.
const NINE: &str = "2026-11-21 09:00";
/// So long the runtime waits while everything that is ready is worked off.
const A_MOMENT: Duration = Duration::from_millis(1);

/// What a step came to; the error says what is not as it should be.
pub type Told<T = ()> = Result<T, String>;

/// The world of one scenario.
pub struct World {
    /// Where everything is kept.
    pub backend: Backend,
    /// The practice document as it stands.
    pub document: Document,
    /// Visits in the practice system.
    pub visits: BTreeMap<String, VisitDraft>,
    /// Patients in the practice system.
    pub patients: BTreeMap<String, PatientDraft>,
    /// The practice system's diary, where it is asked and tells nothing by itself.
    pub diary: Diary,
    /// The platform.
    pub platform: Arc<Platform>,
    /// Secrets.
    pub secrets: Arc<StorySecrets>,
    /// The visit that was last spoken of.
    pub spoken_of: Option<String>,
    /// Every visit the engine was told of.
    pub told_of: Vec<String>,
    /// Messages that are kept on the way, when they are.
    pub on_the_way: Option<Vec<Vec<u8>>>,
    /// The last message and what became of it.
    pub last: Option<(Vec<u8>, Answered)>,
    /// Every envelope, with the time it came.
    pub kept: Vec<(Moment, EnvelopeId)>,
    /// What the last thing that was refused said.
    pub refused: Option<String>,
    /// Letters go out.
    pub sends_letters: bool,
    /// The letters that went.
    pub post: Arc<StoryPost>,
    /// The document is not applied as it stands.
    pub unsaved: bool,
    /// What time the scenario says it is.
    story: Moment,
    sent: u32,
    store: Option<Arc<dyn Store>>,
    live: Option<Live>,
}

struct Live {
    engine: Engine,
    running: Running,
    intake: Intake,
    clock: Arc<StoryClock>,
    postman: Option<JoinHandle<()>>,
}

impl World {
    /// A world before anything is said about it.
    pub fn new(backend: Backend) -> Told<World> {
        let document = Document::from_toml(BASE).map_err(|error| format!("northside.toml: {error}"))?;
        let mut world = World {
            backend,
            document,
            visits: BTreeMap::new(),
            patients: BTreeMap::new(),
            diary: Diary::default(),
            platform: Arc::default(),
            secrets: Arc::default(),
            spoken_of: None,
            told_of: Vec::new(),
            on_the_way: None,
            last: None,
            kept: Vec::new(),
            refused: None,
            sends_letters: false,
            post: Arc::default(),
            unsaved: true,
            story: Moment::default(),
            sent: 0,
            store: None,
            live: None,
        };
        world.story = world.moment(NINE)?;
        Ok(world)
    }

    /// The one integration of the document.
    pub fn integration(&mut self) -> &mut IntegrationDoc {
        self.unsaved = true;
        &mut self.document.integration[0]
    }

    /// The engine; it starts with the first use.
    pub fn engine(&self) -> Told<&Engine> {
        self.live.as_ref().map(|live| &live.engine).ok_or_else(|| "the engine has not been started".to_owned())
    }

    /// The person at the machine, who may do everything.
    pub fn operator(&self) -> Actor {
        Actor::operator()
    }

    /// Someone of the practice in a role, under the role's name: `support`.
    pub fn someone(&self, role: &str) -> Told<Actor> {
        let known = Role::from_word(role).ok_or_else(|| format!("there is no role {role:?}"))?;
        let name = format!("{}{}", role[..1].to_uppercase(), &role[1..]);
        Ok(Actor { name: name.into(), role: known, practice: Some(self.document.practice.id.clone()), purpose: None })
    }

    /// Starts the engine if it has not been started, and applies the document if it changed.
    pub async fn ready(&mut self) -> Told {
        if self.live.is_none() {
            let clock = Arc::new(StoryClock::at(self.story));
            let store = match &self.store {
                Some(store) => store.clone(),
                None => (self.backend.open)().map_err(|error| error.to_string())?,
            };
            self.store = Some(store.clone());
            let running = Engine::start(EngineOptions {
                store,
                clock: clock.clone(),
                secrets: self.secrets.clone(),
                chance: Arc::new(NoChance::default()),
                carrier: self.platform.clone(),
                readers: Arc::new(self.diary.clone()),
                rereader: Arc::new(connectors::ReadAgain),
                courier: CourierOptions::default(),
                duty: Duty::Serve,
                threads: Threads::None,
                sweeps: engine::Sweeps::default(),
            })
            .map_err(|error| error.to_string())?;
            let engine = running.engine.clone();
            self.live = Some(Live { intake: Intake::new(engine.clone()), engine, running, clock, postman: None });
        }
        self.open_post();
        if self.unsaved {
            let applied = self.engine()?.apply_document(&self.operator(), self.document.clone(), false).await;
            applied.map_err(|error| format!("the practice document was not taken: {error}"))?;
            self.unsaved = false;
        }
        Ok(())
    }

    /// From when on letters go out: as soon as the scenario says that they do.
    fn open_post(&mut self) {
        let Some(live) = self.live.as_mut().filter(|live| self.sends_letters && live.postman.is_none()) else { return };
        let options = NoticeOptions {
            console: None,
            domain: "punctual.example".to_owned(),
            sms: true,
            language: Language::default(),
        };
        let posting = keep_notices(live.engine.clone(), self.post.clone(), options, live.running.stop());
        live.postman = Some(tokio::spawn(posting));
    }

    /// Stops the engine, waits for it, and starts it on the same store.
    pub async fn restart(&mut self) -> Told {
        self.stop().await;
        self.ready().await
    }

    /// Stops the engine and waits for it.
    pub async fn end(mut self) {
        self.stop().await;
    }

    async fn stop(&mut self) {
        if let Some(Live { engine, running, intake, postman, .. }) = self.live.take() {
            running.request_stop();
            if let Some(postman) = postman {
                drop(postman.await);
            }
            drop((engine, intake));
            running.drain().await;
        }
    }

    /// What time it is.
    pub fn now(&self) -> Moment {
        self.live.as_ref().map_or(self.story, |live| live.clock.now())
    }

    /// The clinic's zone.
    pub fn zone(&self) -> Told<Zone> {
        Zone::named(&self.document.practice.time_zone).map_err(|error| error.to_string())
    }

    /// A time on the clinic's clock: `2026-11-21 09:00`.
    pub fn moment(&self, text: &str) -> Told<Moment> {
        Ok(self.zone()?.place(civil(text)?).moment)
    }

    /// An instant as the clinic's clock shows it, to the second.
    pub fn clock_text(&self, moment: Moment) -> Told<String> {
        Ok(self.zone()?.local(moment).strftime("%Y-%m-%d %H:%M:%S").to_string())
    }

    /// Sets the clock before anything has happened.
    pub fn set_clock(&mut self, to: Moment) -> Told {
        if self.live.is_some() {
            return Err("things have happened already: say what it becomes, not what it is".to_owned());
        }
        self.story = to;
        Ok(())
    }

    /// Lets so many seconds pass in the story.
    pub async fn pass(&mut self, secs: i64) -> Told {
        self.pass_until(self.story.plus_secs(secs)).await
    }

    /// Lets time pass: from one thing that is due to the next, each worked off at its time. At the end it is exactly
    /// `to`, and what is due then is still to happen.
    pub async fn pass_until(&mut self, to: Moment) -> Told {
        if to < self.now() {
            return Err(format!("the clock does not go back: it is {}", self.clock_text(self.now())?));
        }
        self.story = to;
        // Whoever minds causes takes a breath between two looks: what just happened is seen a second later.
        let mut breath = Some(self.now().plus_secs(1));
        loop {
            self.settle().await;
            let now = self.now();
            if now >= to {
                return Ok(());
            }
            let (sending, telling, timer, item, letter, asking) = self
                .engine()?
                .read(|reader| {
                    let (telling, letter, asking) =
                        (reader.next_event()?, reader.next_notice()?, reader.next_poll(&[])?);
                    Ok((reader.next_outbox()?, telling, reader.next_timer()?, reader.next_exception()?, letter, asking))
                })
                .await
                .map_err(trouble)?;
            let letter = letter.filter(|_| self.sends_letters);
            // What is due and does not go waits for an endpoint that rests: look again a little later.
            let soon = |due: Moment| if due > now { due } else { now.plus_millis(100) };
            // Whoever is asking waits for its turn.
            let asking = if self.diary.is_asked() { Some(now.plus_millis(100)) } else { asking.map(soon) };
            let item = item.map(|due| if due > now { due } else { now.plus_secs(1) });
            let next = sending
                .map(soon)
                .into_iter()
                .chain(telling.map(soon))
                .chain(timer.map(soon))
                .chain(letter.map(soon))
                .chain(asking)
                .chain(item)
                .chain(breath.take())
                .fold(to, Moment::min);
            let step = u64::try_from(next.micros() - now.micros()).unwrap_or(0);
            tokio::time::advance(Duration::from_micros(step)).await;
            if next == to {
                return Ok(());
            }
        }
    }

    /// Works off everything that is ready. The paused runtime lets its time pass only when nobody has anything left to
    /// do, so waiting for a moment is waiting for that. In the story no time passes.
    pub async fn settle(&self) {
        if let Some(live) = &self.live {
            live.clock.wait_outside(A_MOMENT).await;
        }
    }

    /// What passed in the runtime since then did not pass in this story.
    pub fn leave_out_since(&self, before: tokio::time::Instant) {
        if let Some(live) = &self.live {
            live.clock.leave_out_since(before);
        }
    }

    /// The visit with this id in the practice system.
    pub fn visit(&mut self, id: &str) -> Told<&mut VisitDraft> {
        self.spoken_of = Some(id.to_owned());
        self.visits.get_mut(id).ok_or_else(|| format!("there is no visit {id}: say first when it is planned for"))
    }

    /// The patient with this id in the practice system.
    pub fn patient(&mut self, id: &str) -> &mut PatientDraft {
        self.patients.entry(id.to_owned()).or_insert_with(|| PatientDraft::new(id))
    }

    /// The time to write on a message sent now, and the next message id.
    fn stamp(&mut self) -> Told<(String, String)> {
        self.sent += 1;
        let now = self.zone()?.zoned(self.story);
        Ok((now.strftime("%Y%m%d%H%M%S%z").to_string(), format!("M{:05}", self.sent)))
    }

    /// The practice system tells of a visit.
    pub async fn tell(&mut self, trigger: Trigger, id: &str) -> Told {
        let visit = self.visit(id)?.clone();
        let patient = visit.patient.as_ref().map(|id| self.patient(id).clone());
        let (sent, control_id) = self.stamp()?;
        let envelope = Envelope { facility: "NORTHSIDE", control_id: &control_id, sent: &sent };
        let message = siu(&envelope, trigger, &visit, patient.as_ref());
        if !self.told_of.iter().any(|known| known == id) {
            self.told_of.push(id.to_owned());
        }
        if self.document.integration[0].source.route == *ASKED {
            return self.write_down(trigger, &visit, message);
        }
        self.send(message).await
    }

    /// A practice system that is asked writes into its diary and tells nobody.
    fn write_down(&mut self, trigger: Trigger, visit: &VisitDraft, message: Vec<u8>) -> Told {
        let start = match visit.planned {
            Planned::At(start) => self.zone()?.place(start).moment,
            Planned::Day(day) => self.zone()?.place(day.at(0, 0, 0, 0)).moment,
            Planned::Nothing => self.now(),
        };
        match trigger {
            Trigger::Deleted => self.diary.take_out(&visit.id),
            _ => self.diary.put(&visit.id, start, message),
        }
        Ok(())
    }

    /// The practice system tells of a patient; `gone`: of a record that is one with this.
    pub async fn tell_of_patient(&mut self, id: &str, gone: Option<&str>) -> Told {
        let patient = self.patient(id).clone();
        let (sent, control_id) = self.stamp()?;
        let envelope = Envelope { facility: "NORTHSIDE", control_id: &control_id, sent: &sent };
        let message = match gone {
            Some(gone) => merge(&envelope, &patient, gone),
            None => adt(&envelope, &patient),
        };
        self.send(message).await
    }

    async fn send(&mut self, message: Vec<u8>) -> Told {
        match &mut self.on_the_way {
            Some(waiting) => waiting.push(message),
            None => self.receive(message).await?,
        }
        Ok(())
    }

    /// A message arrives.
    pub async fn receive(&mut self, message: Vec<u8>) -> Told {
        let now = self.now();
        let Some(live) = &self.live else { return Err("the engine has not been started".to_owned()) };
        let answered = live.intake.take(&message, &"scenario".into(), None).await;
        self.kept.extend(answered.envelope.map(|id| (now, id)));
        self.last = Some((message, answered));
        Ok(())
    }

    /// The explanation of a visit, after everything that is ready was worked off.
    pub async fn explained(&mut self, id: &str) -> Told<Explained> {
        self.spoken_of = Some(id.to_owned());
        self.settle().await;
        let explained = self.engine()?.explain_appointment(&self.operator(), INTEGRATION, id).await;
        let explained = explained.map_err(|error| format!("visit {id} cannot be explained: {error}"))?;
        self.told_by_the_ledger(id, &explained).await?;
        Ok(explained)
    }

    /// What the ledger says of this very moment must be what is kept as the present (requirement X-8).
    async fn told_by_the_ledger(&self, id: &str, present: &Explained) -> Told<()> {
        let then = self.engine()?.explain_appointment_at(&self.operator(), INTEGRATION, id, self.now()).await;
        let then = match then {
            Ok(WhyAnswer::Found(found)) => found.explained.explanation,
            Ok(WhyAnswer::Absent(_)) => return Err(format!("the ledger does not know visit {id}")),
            Err(error) => return Err(format!("visit {id} cannot be explained from its ledger: {error}")),
        };
        let facts = |told: &Explanation| {
            let (delivery, verdict) = (&told.delivery, (told.verdict, told.primary, told.expected_by));
            let state = if delivery.state == "sending" { "queued" } else { delivery.state };
            let shown = (delivery.accepted_version, delivery.confirmed_at, delivery.platform_id.clone());
            let sent = matches!(verdict.0, Verdict::InSync | Verdict::OnTime | Verdict::ArrivedWrong | Verdict::Failed)
                .then_some((state, delivery.version, delivery.attempts, delivery.next_attempt_at));
            format!("{verdict:?} {shown:?} {sent:?}")
        };
        let (kept, told) = (facts(&present.explanation), facts(&then));
        if kept == told { Ok(()) } else { Err(format!("of visit {id} is kept {kept}, and the ledger tells {told}")) }
    }

    /// The explanation of the visit that was last spoken of.
    pub async fn explained_again(&mut self) -> Told<Explained> {
        let id = self.spoken_of.clone().ok_or("no visit was spoken of yet")?;
        self.explained(&id).await
    }
}

/// Reads `2026-11-21 09:00` or with seconds.
pub fn civil(text: &str) -> Told<DateTime> {
    text.replace(' ', "T").parse().map_err(|error| format!("{text:?} is no day and time: {error}"))
}

/// An error of the engine in words.
pub fn trouble(error: engine::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        source = cause.source();
    }
    words
}
