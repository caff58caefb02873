//! A vendor's twin and the reader that asks it, without an engine between them: what is said is seen as it was read.

use connectors::VendorReaders;
use connectors::http::{AddressPolicy, HttpAnswer, HttpClient};
use connectors::rest::Outside;
use domain::ids::{IntegrationKey, PracticeNo};
use domain::model::{AppointmentRecord, PatientRecord, Record};
use domain::setup::{Document, Lifecycle, RuleSet, SecretRef, SetupFacts};
use domain::text::Text;
use domain::time::Moment;
use emulators::clock::SetClock;
use emulators::faults::Faults;
use emulators::vendors::{DiarySize, VendorOptions, VendorTwin};
use engine::poll::{Ask, Failure, Next, One, Pace, Page, Problem, Readers, SourceReader, Window};
use engine::ports::{Clock, PortFuture, Secret, Secrets};
use engine::setup::Integration;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::world::NoChance;

/// A Thursday morning in Chicago.
pub(crate) const NOW: &str = "2026-11-19T15:00:00Z";

/// A twin with a reader of it.
pub(crate) struct Asked {
    pub(crate) twin: VendorTwin,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) secrets: Arc<Kept>,
    pub(crate) reader: Arc<dyn SourceReader>,
    integration: Arc<Integration>,
    turns: Turns,
    client: HttpClient,
}

/// Secrets that can be replaced.
#[derive(Default)]
pub(crate) struct Kept {
    values: Mutex<BTreeMap<String, String>>,
    pub(crate) is_read_only: AtomicBool,
}

fn name(reference: &SecretRef) -> String {
    match reference {
        SecretRef::Env { env } => env.to_string(),
        SecretRef::File { file } => file.to_string(),
    }
}

impl Kept {
    pub(crate) fn put(&self, name: &str, value: &str) {
        self.values.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.values.lock().unwrap().get(name).cloned()
    }
}

impl Secrets for Kept {
    fn read(&self, reference: &SecretRef) -> Result<Secret, Text> {
        self.get(&name(reference)).map(Secret::new).ok_or_else(|| Text::literal("no such secret"))
    }

    fn write(&self, reference: &SecretRef, value: &Secret) -> Result<(), Text> {
        if self.is_read_only.load(Ordering::Relaxed) {
            return Err(Text::literal("read-only"));
        }
        self.put(&name(reference), value.open());
        Ok(())
    }
}

/// The twin's clock is ours.
struct Shared(Arc<SetClock>);

impl Clock for Shared {
    fn now(&self) -> Moment {
        emulators::clock::Clock::now(&*self.0).into()
    }
}

/// Lets everything pass, counts it, and moves the twin's clock on: what the vendor counts by the second ends.
struct Turns {
    clock: Arc<SetClock>,
    taken: Mutex<Vec<String>>,
}

impl Pace for Turns {
    fn turn(&self) -> PortFuture<'_, Result<(), Failure>> {
        self.turn_for("")
    }

    fn turn_for<'a>(&'a self, operation: &'a str) -> PortFuture<'a, Result<(), Failure>> {
        self.taken.lock().unwrap().push(operation.to_owned());
        self.clock.advance(2);
        Box::pin(async { Ok(()) })
    }
}

/// What a read came to.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) visits: Vec<AppointmentRecord>,
    pub(crate) patients: Vec<PatientRecord>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) pages: usize,
    pub(crate) complete: bool,
    pub(crate) cursor: Option<String>,
}

impl Told {
    pub(crate) fn visit(&self, id: &str) -> &AppointmentRecord {
        let ids = || self.visits.iter().map(|visit| visit.source_id.to_string()).collect::<Vec<_>>();
        self.visits.iter().rfind(|visit| visit.source_id == *id).unwrap_or_else(|| panic!("{id} is not in {:?}", ids()))
    }

    pub(crate) fn ids(&self) -> Vec<&str> {
        self.visits.iter().map(|visit| visit.source_id.as_str()).collect()
    }

    pub(crate) fn patient(&self, id: &str) -> &PatientRecord {
        self.patients.iter().rfind(|patient| patient.source_id == *id).expect("the patient is told of")
    }

    pub(crate) fn take(&mut self, sheets: Vec<engine::poll::Sheet>) {
        for sheet in sheets {
            for record in sheet.records {
                match record {
                    Record::Appointment(visit, patients) => {
                        self.patients.extend(patients);
                        self.visits.push(*visit);
                    }
                    Record::Patient(patient) => self.patients.push(*patient),
                    Record::Merge(_) => {}
                }
            }
            self.problems.extend(sheet.problems);
        }
    }
}

impl Asked {
    /// A twin with an empty diary, and a reader with these lines of set-up under `[integration.source]` and below it.
    pub(crate) async fn start(vendor: &str, switches: Value, source: &str, secrets: &[(&str, &str)]) -> Asked {
        Asked::sized(vendor, DiarySize::Empty, switches, source, secrets).await
    }

    pub(crate) async fn sized(
        vendor: &str,
        size: DiarySize,
        switches: Value,
        source: &str,
        secrets: &[(&str, &str)],
    ) -> Asked {
        let clock = Arc::new(SetClock::at(NOW.parse().unwrap()));
        let Value::Object(switches) = switches else { panic!("switches are an object") };
        let options = VendorOptions { seed: 7, clock: clock.clone(), size, switches, ..VendorOptions::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let twin = VendorTwin::start(vendor, listener, options).unwrap();
        let kept = Arc::new(Kept::default());
        secrets.iter().for_each(|(name, value)| kept.put(name, value));
        let client = HttpClient::new(AddressPolicy::default()).unwrap();
        let integration = integration(&source.replace("{base}", &format!("http://{}", twin.http)));
        let outside = outside(&client, &kept, &clock);
        let reader = VendorReaders::new(outside).reader(&integration).expect("a route that is asked").unwrap();
        let turns = Turns { clock: clock.clone(), taken: Mutex::default() };
        Asked { twin, clock, secrets: kept, reader, integration, turns, client }
    }

    /// Another reader of the same integration, as after a restart.
    pub(crate) fn restart(&mut self) {
        let outside = outside(&self.client, &self.secrets, &self.clock);
        self.reader = VendorReaders::new(outside).reader(&self.integration).unwrap().unwrap();
    }

    fn ask<'a>(&'a self, cursor: Option<&'a str>) -> Ask<'a> {
        let polling = &self.integration.rules.source.polling;
        let now = emulators::clock::Clock::now(&*self.clock).into();
        Ask { cursor, overlap_secs: polling.overlap_seconds, page_size: polling.page_size, now, pace: &self.turns }
    }

    /// How many requests were made since this was asked last.
    pub(crate) fn requests(&self) -> usize {
        self.operations().len()
    }

    /// The operations that were asked for since this was asked last.
    pub(crate) fn operations(&self) -> Vec<String> {
        std::mem::take(&mut *self.turns.taken.lock().unwrap())
    }

    /// All pages of changes since a cursor.
    pub(crate) async fn try_changes(&self, cursor: Option<&str>) -> Result<Told, Failure> {
        let mut told = Told { complete: true, cursor: cursor.map(str::to_owned), ..Told::default() };
        loop {
            let at = told.cursor.clone();
            let Page { sheets, next, complete, .. } = self.reader.changes(self.ask(at.as_deref())).await?;
            told.take(sheets);
            told.pages += 1;
            told.complete &= complete;
            match next {
                Next::Page(cursor) => told.cursor = Some(cursor.into()),
                Next::Later(cursor) => {
                    told.cursor = Some(cursor.into());
                    return Ok(told);
                }
                Next::End | Next::File(_) => panic!("changes have no end, and no file is asked for"),
            }
        }
    }

    pub(crate) async fn changes(&self, cursor: Option<&str>) -> Told {
        self.try_changes(cursor).await.unwrap()
    }

    /// All pages of a window, given by two days of the practice.
    pub(crate) async fn try_window(&self, from: &str, to: &str) -> Result<Told, Failure> {
        let zone = &self.integration.rules.zone;
        let (from, to) = (zone.day_start(from.parse().unwrap()), zone.day_start(to.parse().unwrap()));
        let mut told = Told { complete: true, ..Told::default() };
        loop {
            let at = told.cursor.clone();
            let page = self.reader.window(Window { from, to }, self.ask(at.as_deref())).await?;
            told.take(page.sheets);
            told.pages += 1;
            told.complete &= page.complete;
            match page.next {
                Next::Page(cursor) => told.cursor = Some(cursor.into()),
                Next::End => return Ok(told),
                Next::Later(_) | Next::File(_) => panic!("windows have no later, and are no files"),
            }
        }
    }

    pub(crate) async fn window(&self, from: &str, to: &str) -> Told {
        self.try_window(from, to).await.unwrap()
    }

    /// One visit; nothing when the source says that there is none.
    pub(crate) async fn one(&self, id: &str) -> Option<Told> {
        match self.reader.one(id, self.ask(None)).await.unwrap() {
            One::NotFound => None,
            One::Found(sheet) => {
                let mut told = Told::default();
                told.take(vec![sheet]);
                Some(told)
            }
        }
    }

    /// A request of our own to the vendor; a body is a form.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &str) -> HttpAnswer {
        let request = Request::builder().method(method).uri(format!("http://{}{path}", self.twin.http));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        self.client.send(request, Duration::from_secs(20), 32 << 20).await.unwrap()
    }

    /// The id of the first kind of visit that is held this way.
    pub(crate) fn kind(&self, modality: &str) -> u64 {
        let diary = self.twin.diary();
        let is = |kind: &&emulators::diary::Kind| format!("{:?}", kind.modality).eq_ignore_ascii_case(modality);
        diary.kinds.iter().find(is).expect("such a kind of visit").id
    }

    /// Something done by the twin's control plane.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.send(method, &format!("/_twin/{path}"), &body.to_string()).await;
        assert!(answer.status.is_success(), "{path}: {:?}", answer.body);
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
    }

    /// Books a visit of the first patient; `more` says what is not as usual. Gives the desk's id.
    pub(crate) async fn book(&self, start: &str, more: Value) -> String {
        let patient = *self.twin.diary().patients.keys().next().unwrap();
        let mut booking = json!({"patient": patient, "start": start});
        for (key, value) in more.as_object().unwrap() {
            booking[key] = value.clone();
        }
        self.control("POST", "appointments", booking).await["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn edit(&self, id: &str, edit: Value) {
        self.control("PATCH", &format!("appointments/{id}"), edit).await;
    }

    pub(crate) async fn fault(&self, plan: Value) {
        self.control("PUT", "faults", plan).await;
    }

    pub(crate) async fn switch(&self, switches: Value) {
        self.control("PUT", "switches", switches).await;
    }

    pub(crate) fn no_faults(&self) {
        self.twin.set_faults(Faults::none(7));
    }
}

fn outside(client: &HttpClient, secrets: &Arc<Kept>, clock: &Arc<SetClock>) -> Outside {
    Outside {
        client: client.clone(),
        secrets: secrets.clone(),
        clock: Arc::new(Shared(clock.clone())),
        chance: Arc::new(NoChance),
    }
}

/// An integration of a practice in Chicago.
pub(crate) fn integration(source: &str) -> Arc<Integration> {
    let text = format!(
        r#"
[practice]
id = "northside"
name = "Northside Family Clinic"
time_zone = "America/Chicago"
[[integration]]
id = "northside"
platform = {{ profile = "webhook", route = "webhook", url = "http://127.0.0.1:9900/hook" }}
[integration.source]
{source}
"#
    );
    let Document { practice, integration } = Document::from_toml(&text).unwrap();
    let document = integration.into_iter().next().unwrap();
    let epoch = Moment::from_micros(0);
    let facts = SetupFacts {
        key: IntegrationKey { practice: PracticeNo(1), integration: 1 },
        version: 1,
        changed_at: epoch,
        lifecycle: Lifecycle::Live,
        lifecycle_since: epoch,
        gone_since: None,
        secret_problem: None,
        links: Vec::new(),
    };
    let rules = RuleSet::compile(&practice, &document, &facts).unwrap();
    Arc::new(Integration { rules, document, practice, endpoint: None, has_unlinked_accounts: false })
}
