//! A practice system that does as it is told.

use domain::model::{
    AppointmentRecord, Event, Fact, Participant, PatientRecord, Provider, Record, RosterRecord, Seen, Stamp,
    StatusSaid, Timing, VisitType,
};
use domain::phi::Phi;
use domain::text::Text;
use domain::time::{Moment, Placement};
use engine::poll::{Ask, Capabilities, Failure, Next, One, Page, Problem, Readers, Sheet, SourceReader, Window};
use engine::ports::{Clock, PortFuture};
use engine::setup::Integration;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use store::EnvelopeFormat;

/// One visit as the source holds it.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) start: Moment,
    pub(crate) word: &'static str,
    pub(crate) version: u64,
}

/// What the source was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Changes(Option<String>),
    Window(Moment, Moment),
    One(String),
}

pub(crate) struct Inside {
    pub(crate) visits: BTreeMap<String, Visit>,
    /// Ids in the order in which they changed; the place behind the last is the cursor.
    log: Vec<String>,
    /// The next answers are these failures.
    pub(crate) failures: VecDeque<Failure>,
    pub(crate) calls: Vec<(Moment, Call)>,
    pub(crate) can: Capabilities,
    pub(crate) page: usize,
    /// The next answer says that it is partial.
    pub(crate) partial: bool,
    /// The next records cannot be read.
    pub(crate) unreadable: Vec<String>,
    /// Visits of a type that nobody approved.
    pub(crate) unapproved: Vec<String>,
    /// Windows list nothing.
    pub(crate) blind: bool,
    /// Ids that windows leave out though the visit is there.
    pub(crate) hidden: Vec<String>,
    /// Its clock is ahead.
    pub(crate) ahead_secs: i64,
    /// Each answer takes this long.
    pub(crate) takes: Duration,
    pub(crate) refreshed: u32,
}

/// The source; clones are the same.
#[derive(Clone)]
pub(crate) struct Diary {
    inside: Arc<Mutex<Inside>>,
    clock: Arc<dyn Clock>,
}

impl Diary {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Diary {
        let can = Capabilities { changes: true, consumes: false, windows: true, single: true, stamps: true };
        let inside = Inside {
            visits: BTreeMap::new(),
            log: Vec::new(),
            failures: VecDeque::new(),
            calls: Vec::new(),
            can,
            page: 10,
            partial: false,
            unreadable: Vec::new(),
            unapproved: Vec::new(),
            blind: false,
            hidden: Vec::new(),
            ahead_secs: 0,
            takes: Duration::ZERO,
            refreshed: 0,
        };
        Diary { inside: Arc::new(Mutex::new(inside)), clock }
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut Inside) -> T) -> T {
        change(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// Books or changes a visit, so many hours from now.
    pub(crate) fn book(&self, id: &str, hours: i64) {
        let start = Moment::from_micros(self.clock.now().micros() / 60_000_000 * 60_000_000).plus_minutes(60 * hours);
        self.put(id, start, "booked");
    }

    /// Puts a visit as it is from now on.
    pub(crate) fn put(&self, id: &str, start: Moment, word: &'static str) {
        let mut inside = self.lock();
        let version = inside.log.len() as u64 + 1;
        inside.visits.insert(id.to_owned(), Visit { start, word, version });
        inside.log.push(id.to_owned());
    }

    /// Deletes a visit; no list tells of it.
    pub(crate) fn delete(&self, id: &str) {
        self.lock().visits.remove(id);
    }

    /// The calls since the last time.
    pub(crate) fn calls(&self) -> Vec<(Moment, Call)> {
        std::mem::take(&mut self.lock().calls)
    }

    async fn answer<T>(&self, call: Call, say: impl FnOnce(&mut Inside, Moment) -> T) -> Result<T, Failure> {
        let takes = {
            let mut inside = self.lock();
            inside.calls.push((self.clock.now(), call));
            inside.takes
        };
        tokio::time::sleep(takes).await;
        let mut inside = self.lock();
        match inside.failures.pop_front() {
            Some(failure) => Err(failure),
            None => Ok(say(&mut inside, self.clock.now())),
        }
    }
}

impl Inside {
    fn page(&mut self, ids: &[String], next: Next, now: Moment) -> Page {
        Page {
            sheets: vec![self.sheet(ids)],
            next,
            complete: !std::mem::take(&mut self.partial),
            server_time: Some(now.plus_secs(self.ahead_secs)),
        }
    }

    fn sheet(&mut self, ids: &[String]) -> Sheet {
        let (mut records, mut problems) = (Vec::new(), Vec::new());
        for id in ids {
            if self.unreadable.contains(id) {
                problems.push(Problem {
                    source_id: Some(id.as_str().into()),
                    place: "start".into(),
                    what: "not a time".into(),
                    body: Some(Arc::from(id.as_bytes())),
                });
            } else if let Some(visit) = self.visits.get(id) {
                let kind = if self.unapproved.contains(id) { "Office Visit" } else { "Telemedicine Visit" };
                records.push(record(id, visit, kind));
            }
        }
        let body = Arc::from(format!("{ids:?} {:?}", self.visits).into_bytes());
        Sheet { records, problems, ..Sheet::of(body, EnvelopeFormat::Json) }
    }
}

fn record(id: &str, visit: &Visit, kind: &str) -> Record {
    let seen = |value: &str, place: &'static str| Seen { value: value.into(), place: place.into() };
    let stamp = Stamp { at: Moment::from_micros(1_700_000_000_000_000), sequence: visit.version };
    let patient = PatientRecord {
        source_id: format!("P-{id}").into(),
        stamp,
        family: Fact::Is(Phi::new("Okafor".into())),
        given: Fact::Is(Phi::new(format!("Ada {id}").into())),
        birth_date: Fact::NotSaid,
        sex: Fact::NotSaid,
        email: Fact::Is(Phi::new(format!("{id}@example.com").to_lowercase().into())),
        email_place: Some("email".into()),
        mobile: Fact::NotSaid,
        phone: Fact::NotSaid,
        address: Fact::NotSaid,
        language: Fact::NotSaid,
        coverage: Fact::NotSaid,
        restrictions: Fact::NotSaid,
    };
    let participant = Participant { source_id: patient.source_id.clone(), status: None, place: "patient".into() };
    let provider = Provider { source_id: "DR7".into(), name: None, role: None, place: "provider".into() };
    let timing = Timing {
        start: Some(visit.start),
        end: Some(visit.start.plus_minutes(30)),
        zone: "America/Chicago".into(),
        start_seen: None,
        end_place: None,
        placement: Placement::Unique,
        issues: Vec::new(),
    };
    Record::Appointment(
        Box::new(AppointmentRecord {
            source_id: id.into(),
            placer_id: None,
            booked_at: None,
            stamp,
            event: Event::Listed,
            status: Some(StatusSaid {
                event: Event::Listed,
                word: Some(seen(visit.word, "status")),
                reason: None,
                text: None,
                note: None,
            }),
            timing: Some(timing),
            visit_type: Some(VisitType { id: None, name: kind.into(), place: "type".into() }),
            modality: None,
            department: None,
            providers: RosterRecord::All(vec![provider]),
            participants: RosterRecord::All(vec![participant]),
            series: None,
            repeats: None,
            test: false,
            present: true,
            replaces: None,
        }),
        vec![patient],
    )
}

impl SourceReader for Diary {
    fn capabilities(&self) -> Capabilities {
        self.lock().can
    }

    fn changes<'a>(&'a self, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(async move {
            ask.turn().await?;
            let cursor = ask.cursor.map(str::to_owned);
            self.answer(Call::Changes(cursor.clone()), |inside, now| {
                let end = inside.log.len();
                let from = cursor.map_or(end, |cursor| cursor.parse().unwrap());
                let to = end.min(from + inside.page);
                let mut ids: Vec<String> = inside.log[from..to].to_vec();
                ids.dedup();
                let cursor = Text::from(to.to_string());
                inside.page(&ids, if to == end { Next::Later(cursor) } else { Next::Page(cursor) }, now)
            })
            .await
        })
    }

    fn window<'a>(&'a self, window: Window, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(async move {
            ask.turn_for("Window").await?;
            let from: usize = ask.cursor.map_or(0, |cursor| cursor.parse().unwrap());
            self.answer(Call::Window(window.from, window.to), |inside, now| {
                let inside_window = |visit: &Visit| window.from <= visit.start && visit.start < window.to;
                let mut ids: Vec<String> = Vec::new();
                if !inside.blind {
                    let there =
                        inside.visits.iter().filter(|(id, visit)| inside_window(visit) && !inside.hidden.contains(id));
                    ids.extend(there.map(|(id, _)| id.clone()));
                }
                let to = ids.len().min(from + inside.page);
                let next = if to == ids.len() { Next::End } else { Next::Page(to.to_string().into()) };
                let ids = ids[from.min(to)..to].to_vec();
                inside.page(&ids, next, now)
            })
            .await
        })
    }

    fn one<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(async move {
            ask.turn().await?;
            self.answer(Call::One(source_id.to_owned()), |inside, _| match inside.visits.contains_key(source_id) {
                true => One::Found(inside.sheet(&[source_id.to_owned()])),
                false => One::NotFound,
            })
            .await
        })
    }

    fn refresh(&self) {
        self.lock().refreshed += 1;
    }
}

/// Everybody's source is this one.
impl Readers for Diary {
    fn reader(&self, integration: &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
        (integration.document.source.route.as_str() == "scripted").then(|| Ok(Arc::new(self.clone()) as _))
    }
}
