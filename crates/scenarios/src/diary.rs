//! A practice system that is asked instead of telling: what stands in its diary, and what it answers when something is
//! wrong with it.

use connectors::hl7v2::{Decoded, Hl7Paths, decode};
use domain::model::{Event, Record};
use domain::text::Text;
use domain::time::Moment;
use engine::poll::{Ask, Capabilities, Failure, Next, One, Page, Readers, Sheet, SourceReader, Window};
use engine::ports::PortFuture;
use engine::setup::Integration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::EnvelopeFormat;
use wire::hl7::Message;

/// The route of an integration whose practice system is asked.
pub const ASKED: &str = "asked";

/// How the practice system answers.
#[derive(Clone, Debug, Default)]
pub enum Mood {
    /// As it should.
    #[default]
    Well,
    /// Not at all, or with a refusal, every time.
    Fails(Failure),
    /// With a part of what it has, and says so.
    InPart,
    /// As if its diary were empty.
    Empty,
    /// As it should, by a clock that is so many seconds ahead of ours.
    Ahead(i64),
}

/// The diary; clones are the same.
#[derive(Clone, Default)]
pub struct Diary(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    /// Start and message of each visit.
    visits: BTreeMap<String, (Moment, Arc<[u8]>)>,
    /// Ids in the order in which they changed; a cursor is a place in it.
    changed: Vec<String>,
    mood: Mood,
    /// Questions that are being answered.
    asked: usize,
}

impl Diary {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A visit stands in the diary like this from now on.
    pub fn put(&self, id: &str, start: Moment, message: Vec<u8>) {
        let mut inside = self.inside();
        inside.changed.push(id.to_owned());
        inside.visits.insert(id.to_owned(), (start, message.into()));
    }

    /// A visit is taken out of the diary, and nothing tells of it.
    pub fn take_out(&self, id: &str) {
        self.inside().visits.remove(id);
    }

    /// From now on it answers so.
    pub fn answers(&self, mood: Mood) {
        self.inside().mood = mood;
    }

    /// Whether somebody waits for an answer.
    pub fn is_asked(&self) -> bool {
        self.inside().asked > 0
    }
}

impl Readers for Diary {
    fn reader(&self, integration: &Arc<Integration>) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
        let asked = integration.document.source.route == *ASKED;
        asked.then(|| {
            let paths = Hl7Paths::of(&integration.rules.source.hl7v2);
            Ok(Arc::new(Reader { diary: self.clone(), integration: integration.clone(), paths })
                as Arc<dyn SourceReader>)
        })
    }
}

struct Reader {
    diary: Diary,
    integration: Arc<Integration>,
    paths: Hl7Paths,
}

/// A question that is being answered, until it is answered or given up.
struct Question<'d>(&'d Diary);

impl<'d> Question<'d> {
    fn to(diary: &'d Diary) -> Question<'d> {
        diary.inside().asked += 1;
        Question(diary)
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.0.inside().asked -= 1;
    }
}

impl Reader {
    /// Waits for its turn; then `say` tells what the diary shows.
    async fn ask<T>(
        &self,
        ask: Ask<'_>,
        say: impl FnOnce(&Reader, &Inside) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let _question = Question::to(&self.diary);
        ask.turn().await?;
        let inside = self.diary.inside();
        match &inside.mood {
            Mood::Fails(failure) => Err(failure.clone()),
            _ => say(self, &inside),
        }
    }

    fn page(&self, inside: &Inside, ids: &[&String], next: Next, now: Moment) -> Page {
        let (said, ahead) = match inside.mood {
            Mood::InPart => (&ids[..ids.len() / 2], 0),
            Mood::Empty => (&ids[..0], 0),
            Mood::Ahead(secs) => (ids, secs),
            _ => (ids, 0),
        };
        let sheets = said.iter().filter_map(|id| self.sheet(inside, id, now)).collect();
        let complete = !matches!(inside.mood, Mood::InPart);
        Page { sheets, next, complete, server_time: Some(now.plus_secs(ahead)) }
    }

    /// One visit as it stands there: a list says how things are, and nothing of what happened.
    fn sheet(&self, inside: &Inside, id: &str, now: Moment) -> Option<Sheet> {
        let (_, body) = inside.visits.get(id)?;
        let message = Message::parse(body).ok()?;
        let charset = message.charset(self.paths.charset);
        let Decoded::Records(mut records) = decode(&message, charset, &self.paths, &self.integration.rules, now) else {
            return None;
        };
        for record in &mut records {
            if let Record::Appointment(visit, _) = record {
                visit.present = true;
                visit.event = Event::Listed;
                if let Some(status) = &mut visit.status {
                    status.event = Event::Listed;
                }
            }
        }
        let body = body.clone();
        Some(Sheet { records, ..Sheet::of(body, EnvelopeFormat::Hl7v2) })
    }
}

impl SourceReader for Reader {
    fn capabilities(&self) -> Capabilities {
        Capabilities { changes: true, consumes: false, windows: true, single: true, stamps: true }
    }

    fn changes<'a>(&'a self, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.ask(ask, move |reader, inside| {
            let end = inside.changed.len();
            let from = match ask.cursor.map(str::parse::<usize>) {
                None => end,
                Some(Ok(place)) if place <= end => place,
                Some(_) => return Err(Failure::CursorLost),
            };
            let ids: Vec<&String> = inside.changed[from..].iter().collect();
            Ok(reader.page(inside, &ids, Next::Later(Text::from(end.to_string())), ask.now))
        }))
    }

    fn window<'a>(&'a self, window: Window, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.ask(ask, move |reader, inside| {
            let within = |start: &Moment| (window.from..window.to).contains(start);
            let ids = inside.visits.iter().filter(|(_, (start, _))| within(start)).map(|(id, _)| id);
            Ok(reader.page(inside, &ids.collect::<Vec<_>>(), Next::End, ask.now))
        }))
    }

    fn one<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(self.ask(ask, move |reader, inside| {
            let there = (!matches!(inside.mood, Mood::Empty)).then(|| reader.sheet(inside, source_id, ask.now));
            Ok(there.flatten().map_or(One::NotFound, One::Found))
        }))
    }
}
