//! Diary systems that are read by asking: what stands in a diary, page by page, and what they answer when they are in
//! trouble.

use crate::plan::{ASKED, Plan, SourceFault, Spell};
use connectors::hl7v2::{Decoded, Hl7Paths, decode};
use domain::model::{Event, Record};
use domain::text::Text;
use domain::time::Moment;
use engine::poll::{Ask, Capabilities, Failure, Next, One, Page, Readers, Sheet, SourceReader, Window};
use engine::ports::PortFuture;
use engine::setup::Integration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::EnvelopeFormat;
use wire::hl7::Message;

/// So many visits a page: few, so that there are several.
const PAGE: usize = 3;
/// An answer takes so long.
const TAKES: Duration = Duration::from_millis(200);

/// The diary systems of one world; clones are the same.
#[derive(Clone)]
pub struct Shelves(Arc<Mutex<Inside>>);

struct Inside {
    seed: u64,
    /// The clinic of each feed's id, for clinics that are asked.
    feeds: BTreeMap<String, usize>,
    shelves: BTreeMap<usize, Shelf>,
    /// Questions that are being answered.
    under_way: usize,
    asked: u64,
    now: Moment,
}

/// What one diary system shows.
#[derive(Default)]
struct Shelf {
    visits: BTreeMap<String, (Moment, Arc<[u8]>)>,
    /// Ids in the order in which they changed; the place behind the last is the cursor.
    log: Vec<String>,
    /// Trouble, and until when.
    trouble: Vec<(SourceFault, Moment, u32)>,
}

/// What trouble there is when a question comes.
struct Mood(Vec<SourceFault>);

impl Mood {
    fn has(&self, fault: SourceFault) -> bool {
        self.0.contains(&fault)
    }

    /// What it comes to before anything is looked up.
    fn failure(&self) -> Option<Failure> {
        self.0.iter().find_map(|fault| match fault {
            SourceFault::Absent => Some(Failure::Unreachable { what: Text::literal("no answer") }),
            SourceFault::Unauthorized => Some(Failure::Unauthorized),
            SourceFault::AsksForPatience => Some(Failure::Throttled { retry_after: Some(90) }),
            _ => None,
        })
    }
}

impl Shelves {
    /// Those of a plan.
    pub fn of(plan: &Plan) -> Shelves {
        let asked = || plan.clinics.iter().enumerate().filter(|(_, clinic)| clinic.asked);
        let feeds = asked().flat_map(|(number, clinic)| clinic.feeds.iter().map(move |feed| (feed.id.clone(), number)));
        let shelves = asked().map(|(number, _)| (number, Shelf::default()));
        Shelves(Arc::new(Mutex::new(Inside {
            seed: plan.seed,
            feeds: feeds.collect(),
            shelves: shelves.collect(),
            under_way: 0,
            asked: 0,
            now: plan.start,
        })))
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with(&self, clinic: usize, change: impl FnOnce(&mut Shelf)) {
        if let Some(shelf) = self.inside().shelves.get_mut(&clinic) {
            change(shelf);
        }
    }

    /// A visit stands in the diary like this from now on.
    pub fn put(&self, clinic: usize, id: String, start: Moment, body: Vec<u8>) {
        self.with(clinic, |shelf| {
            shelf.log.push(id.clone());
            shelf.visits.insert(id, (start, body.into()));
        });
    }

    /// A visit is taken out of the diary; nothing tells of it.
    pub fn take_out(&self, clinic: usize, id: &str) {
        self.with(clinic, |shelf| drop(shelf.visits.remove(id)));
    }

    /// Trouble begins.
    pub fn trouble(&self, clinic: usize, fault: SourceFault, until: Moment, spell: Spell) {
        self.with(clinic, |shelf| shelf.trouble.push((fault, until, spell.percent)));
    }

    /// All trouble ends.
    pub fn calm(&self) {
        self.inside().shelves.values_mut().for_each(|shelf| shelf.trouble.clear());
    }

    /// It is so late now.
    pub fn tell_time(&self, now: Moment) {
        self.inside().now = now;
    }

    /// Whether somebody waits for an answer.
    pub fn is_asked(&self) -> bool {
        self.inside().under_way > 0
    }
}

impl Readers for Shelves {
    fn reader(&self, integration: &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
        let id = integration.document.id.as_str();
        let clinic = self.inside().feeds.get(id).copied()?;
        debug_assert_eq!(integration.document.source.route.as_str(), ASKED);
        let paths = Hl7Paths::of(&integration.rules.source.hl7v2);
        Some(Ok(Arc::new(Reader { shelves: self.clone(), clinic, integration: integration.clone(), paths })))
    }
}

struct Reader {
    shelves: Shelves,
    clinic: usize,
    integration: Arc<Integration>,
    paths: Hl7Paths,
}

/// A question that is being answered.
struct Question<'s>(&'s Shelves);

impl<'s> Question<'s> {
    fn to(shelves: &'s Shelves) -> Question<'s> {
        shelves.inside().under_way += 1;
        Question(shelves)
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.0.inside().under_way -= 1;
    }
}

impl Reader {
    /// Waits for its turn and for the answer; then `say` tells what the diary shows.
    async fn ask<T>(
        &self,
        ask: Ask<'_>,
        operation: &str,
        say: impl FnOnce(&Reader, &Shelf, &Mood, Moment) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let _question = Question::to(&self.shelves);
        ask.turn_for(operation).await?;
        tokio::time::sleep(TAKES).await;
        let mut inside = self.shelves.inside();
        inside.asked += 1;
        let (now, number, seed) = (inside.now, inside.asked, inside.seed);
        let Some(shelf) = inside.shelves.get(&self.clinic) else { return Err(Failure::CursorLost) };
        let mut chance = fastrand::Rng::with_seed(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let bad = shelf.trouble.iter().filter(|(_, until, _)| *until > now);
        let mood = Mood(bad.filter(|(_, _, percent)| chance.u32(0..100) < *percent).map(|bad| bad.0).collect());
        match mood.failure() {
            Some(failure) => Err(failure),
            None => say(self, shelf, &mood, now),
        }
    }

    fn page(&self, shelf: &Shelf, ids: &[String], next: Next, mood: &Mood, now: Moment) -> Page {
        let in_part = mood.has(SourceFault::AnswersInPart);
        let said = match () {
            () if mood.has(SourceFault::LosesPage) => &[],
            () if in_part => &ids[..ids.len() / 2],
            () => ids,
        };
        let sheets = said.iter().filter_map(|id| self.sheet(shelf, id, now)).collect();
        Page { sheets, next, complete: !in_part, server_time: Some(now) }
    }

    /// One visit as it stands there.
    fn sheet(&self, shelf: &Shelf, id: &str, now: Moment) -> Option<Sheet> {
        let (_, body) = shelf.visits.get(id)?;
        let message = Message::parse(body).ok()?;
        let charset = message.charset(self.paths.charset);
        let Decoded::Records(mut records) = decode(&message, charset, &self.paths, &self.integration.rules, now) else {
            return None;
        };
        for record in &mut records {
            if let Record::Appointment(record, _) = record {
                // A list says how things stand, and nothing of what happened.
                record.present = true;
                record.event = Event::Listed;
                if let Some(status) = &mut record.status {
                    status.event = Event::Listed;
                }
            }
        }
        Some(Sheet {
            body: body.clone(),
            format: EnvelopeFormat::Hl7v2,
            records,
            problems: Vec::new(),
            named: Vec::new(),
            read_with: None,
        })
    }
}

impl SourceReader for Reader {
    fn capabilities(&self) -> Capabilities {
        Capabilities { changes: true, consumes: false, windows: true, single: true, stamps: true }
    }

    fn changes<'a>(&'a self, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        let cursor = ask.cursor.map(|cursor| cursor.parse::<usize>());
        Box::pin(self.ask(ask, "GetAppointments", move |reader, shelf, mood, now| {
            if mood.has(SourceFault::LosesCursor) {
                return Err(Failure::CursorLost);
            }
            let end = shelf.log.len();
            let from = cursor.transpose().map_err(|_| Failure::CursorLost)?.unwrap_or(end).min(end);
            let to = end.min(from + PAGE);
            let next = Text::from(to.to_string());
            let next = if to == end { Next::Later(next) } else { Next::Page(next) };
            // A feed of changes that loses some would lose them for good: only lists lie here.
            Ok(reader.page(shelf, &shelf.log[from..to], next, &Mood(Vec::new()), now))
        }))
    }

    fn window<'a>(&'a self, window: Window, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        let from = ask.cursor.map_or(Ok(0), |cursor| cursor.parse::<usize>());
        Box::pin(self.ask(ask, "GetAppointments", move |reader, shelf, mood, now| {
            if mood.has(SourceFault::ListsNothing) {
                return Ok(Page { sheets: Vec::new(), next: Next::End, complete: true, server_time: Some(now) });
            }
            let from = from.map_err(|_| Failure::CursorLost)?;
            let within = shelf.visits.iter().filter(|(_, (start, _))| (window.from..window.to).contains(start));
            let ids: Vec<String> = within.map(|(id, _)| id.clone()).collect();
            let (from, to) = (from.min(ids.len()), ids.len().min(from + PAGE));
            let next = if to == ids.len() { Next::End } else { Next::Page(Text::from(to.to_string())) };
            Ok(reader.page(shelf, &ids[from..to], next, mood, now))
        }))
    }

    fn one<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(self.ask(ask, "GetAppointment", move |reader, shelf, _, now| {
            Ok(reader.sheet(shelf, source_id, now).map_or(One::NotFound, One::Found))
        }))
    }
}
