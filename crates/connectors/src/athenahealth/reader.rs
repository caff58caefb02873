//! The reader itself.

use super::access::{Access, Credentials};
use super::feed::{handed_out, next_page, subscribe};
use super::hook::{hear, keep};
use super::place::{Mark, Spot, Turn};
use super::rows::{List, Reading};
use super::words::Words;
use crate::http::HttpAnswer;
use crate::loose::Loose;
use crate::rest::{Caller, Outside, TokenShelf, credentials, failure, percent, server_time, words};
use domain::model::Record;
use domain::text::Text;
use domain::time::{Moment, Zone};
use engine::poll::{
    Ask, Capabilities, Failure, Heard, Knock, Next, One, Page, PatientWanted, Sheet, SourceReader, Window,
};
use engine::ports::PortFuture;
use engine::setup::Integration;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A patient who is not told of with the visit is read again after so long, in seconds.
const PATIENT_SECS: i64 = 600;
/// The list of departments is asked for once in so many seconds.
const DEPARTMENTS_SECS: i64 = 3600;
/// So many patients are remembered as read.
const PATIENTS: usize = 20_000;

/// The reader of an integration whose route this is.
pub(crate) fn reader(
    outside: &Outside,
    integration: &Arc<Integration>,
) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
    Some(make(outside, integration).map(|reader| Arc::new(reader) as Arc<dyn SourceReader>))
}

fn make(outside: &Outside, integration: &Arc<Integration>) -> Result<AthenaReader, Failure> {
    let caller = Caller::of(outside, integration)?;
    let credentials: Credentials = credentials(integration)?;
    let words: Words = words(integration)?;
    Zone::named(&words.audit_zone).map_err(|error| Failure::NotReady { what: Text::from(error.to_string()) })?;
    Ok(AthenaReader {
        integration: integration.clone(),
        words,
        access: Access { caller, credentials, held: TokenShelf::default() },
        caught_up: AtomicBool::new(false),
        departments_told: Mutex::default(),
        patients_read: Mutex::default(),
    })
}

/// Reads one practice.
pub(super) struct AthenaReader {
    integration: Arc<Integration>,
    pub(super) words: Words,
    pub(super) access: Access,
    /// What was handed out to a process before this one has been asked for again.
    caught_up: AtomicBool,
    /// The practice's departments, and when they were told.
    departments_told: Mutex<Option<(Moment, Vec<Text>)>>,
    /// When patients were read whom single visits do not tell of.
    patients_read: Mutex<HashMap<Text, Moment>>,
}

#[derive(Deserialize)]
struct Departments {
    departments: Vec<Department>,
}

#[derive(Deserialize)]
struct Department {
    departmentid: Loose,
}

pub(super) fn list(answer: &HttpAnswer) -> Result<List<'_>, Failure> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no list of rows") })
}

fn gone() -> Failure {
    Failure::CursorLost
}

impl AthenaReader {
    pub(super) fn reading(&self, ask: &Ask<'_>) -> Reading<'_> {
        Reading { rules: &self.integration.rules, words: &self.words, now: ask.now }
    }

    async fn read_changes(&self, ask: Ask<'_>) -> Result<Page, Failure> {
        let Some(cursor) = ask.cursor else {
            // Nothing is in the feed from before the subscription; the windows tell what was before.
            subscribe(&self.access, &self.words, &ask).await?;
            self.caught_up.store(true, Ordering::Relaxed);
            let next = Next::Later(Mark { turn: Turn::Visits, page: 0, since: ask.now }.write());
            return Ok(Page { sheets: Vec::new(), next, complete: true, server_time: None });
        };
        let mark = Mark::read(cursor).ok_or_else(gone)?;
        if !self.caught_up.load(Ordering::Relaxed) {
            // What a process before us was handed and did not keep.
            let from = mark.since.plus_secs(-self.words.replay_seconds);
            let again = handed_out(mark.turn, from, ask.now, &self.words, ask.page_size);
            let page = self.page(&ask, mark.turn, &again.ok_or_else(gone)?).await?;
            self.caught_up.store(true, Ordering::Relaxed);
            let next = Next::Page(Mark { page: mark.page + 1, ..mark }.write());
            return Ok(Page { next, ..page.0 });
        }
        let (page, rows) = self.page(&ask, mark.turn, &next_page(mark, ask.page_size)).await?;
        let full = rows >= u64::from(ask.page_size);
        let next = match (full, mark.turn) {
            (true, turn) => Next::Page(Mark { turn, page: mark.page + 1, since: ask.now }.write()),
            (false, Turn::Visits) => Next::Page(Mark { turn: Turn::Patients, page: 0, since: mark.since }.write()),
            (false, Turn::Patients) => Next::Later(Mark { turn: Turn::Visits, page: 0, since: ask.now }.write()),
        };
        Ok(Page { next, ..page })
    }

    /// A page of a feed, and how many rows it has. Where it goes on is the caller's.
    async fn page(&self, ask: &Ask<'_>, turn: Turn, path: &str) -> Result<(Page, u64), Failure> {
        let answer = self.access.get(ask, &self.words, path).await?;
        let list = list(&answer)?;
        let body: Arc<[u8]> = answer.body.as_ref().into();
        let total = list.totalcount.number();
        let (sheet, rows) = match turn {
            Turn::Visits => self.reading(ask).appointments(body, &list.appointments),
            Turn::Patients => (self.reading(ask).patients(body, &list.appointments), list.appointments.len() as u64),
        };
        // The vendor counts the rows that it hands out: fewer than that are not all of them.
        let complete = total.is_none_or(|total| i64::try_from(rows).is_ok_and(|rows| rows >= total));
        let page = Page { sheets: vec![sheet], next: Next::End, complete, server_time: server_time(&answer) };
        Ok((page, rows))
    }

    async fn read_window(&self, window: Window, ask: Ask<'_>) -> Result<Page, Failure> {
        let departments = self.departments(&ask).await?;
        let spot = match ask.cursor {
            None => departments.first().map(|first| Spot { department: first.clone(), listed: 0, link: None }),
            Some(cursor) => Some(Spot::read(cursor).ok_or_else(gone)?),
        };
        let Some(spot) = spot else {
            return Err(Failure::Malformed { what: Text::literal("the practice has no department") });
        };
        let at = departments.iter().position(|department| *department == spot.department).ok_or_else(gone)?;
        let path = match &spot.link {
            Some(link) => link.to_string(),
            None => self.booked(window, &spot.department, ask.page_size)?,
        };
        let answer = self.access.get(&ask, &self.words, &path).await?;
        let list = list(&answer)?;
        let body: Arc<[u8]> = answer.body.as_ref().into();
        let (sheet, rows) = self.reading(&ask).appointments(body, &list.appointments);
        let listed = spot.listed + rows;
        let (next, complete) = match &list.next {
            Some(link) => (Next::Page(Spot { listed, link: Some(link.into()), ..spot }.write()), true),
            None => {
                // A page that lost its rows is found out by the count.
                let total = list.totalcount.number().and_then(|total| u64::try_from(total).ok());
                let further = departments.get(at + 1);
                let further = further.map(|next| Spot { department: next.clone(), listed: 0, link: None }.write());
                (further.map_or(Next::End, Next::Page), total.is_none_or(|total| listed >= total))
            }
        };
        Ok(Page { sheets: vec![sheet], next, complete, server_time: server_time(&answer) })
    }

    /// The booked window of one department: both days belong to it, and are by its own clocks.
    fn booked(&self, window: Window, department: &Text, page_size: u32) -> Result<String, Failure> {
        let zone = self.integration.rules.zone_of(Some(department));
        let zone = jiff::tz::TimeZone::get(zone.name())
            .map_err(|error| Failure::NotReady { what: Text::from(error.to_string()) })?;
        let day = |moment: Moment| percent(&zone.to_datetime(moment.timestamp()).strftime("%m/%d/%Y").to_string());
        let (from, to) = (day(window.from), day(window.to.plus_secs(-1)));
        Ok(format!(
            "appointments/booked?departmentid={}&startdate={from}&enddate={to}&showcancelled=true\
             &showpatientdetail=true&limit={page_size}",
            percent(department)
        ))
    }

    /// Those that the set-up names, and then all others that the practice has: what is booked in a department that
    /// nobody announced is a finding, and not to be missed.
    async fn departments(&self, ask: &Ask<'_>) -> Result<Vec<Text>, Failure> {
        let named = &self.integration.document.departments;
        let mut all: Vec<Text> = named.iter().map(|department| department.source_id.clone()).collect();
        let told = match self.told_departments(ask).await {
            // The call is granted by itself: without it, what the document names is read.
            Err(Failure::Refused { .. }) if !all.is_empty() => return Ok(all),
            told => told?,
        };
        all.extend(told.into_iter().filter(|id| !named.iter().any(|department| department.source_id == *id)));
        Ok(all)
    }

    async fn told_departments(&self, ask: &Ask<'_>) -> Result<Vec<Text>, Failure> {
        {
            let told = self.departments_told.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, told)) = told.as_ref().filter(|(at, _)| ask.now.secs_since(*at) < DEPARTMENTS_SECS) {
                return Ok(told.clone());
            }
        }
        let told = self.access.read(ask, &self.words, "departments").await?;
        let told: Departments = serde_json::from_value(told)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no list of departments") })?;
        let told: Vec<Text> = told.departments.iter().filter_map(|department| department.departmentid.id()).collect();
        *self.departments_told.lock().unwrap_or_else(PoisonError::into_inner) = Some((ask.now, told.clone()));
        Ok(told)
    }

    async fn read_visit(&self, source_id: &str, ask: Ask<'_>) -> Result<One, Failure> {
        if !source_id.bytes().all(|byte| byte.is_ascii_digit()) || source_id.is_empty() {
            return Ok(One::NotFound);
        }
        let path = format!("appointments/{source_id}");
        let Some(answer) = self.found(&ask, &path).await? else { return Ok(One::NotFound) };
        let rows: Vec<&RawValue> = serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no list of one row") })?;
        let Some(row) = rows.first() else { return Ok(One::NotFound) };
        let reading = self.reading(&ask);
        // A time that is free again is nobody's visit.
        let Some(mut sheet) = reading.one_visit(answer.body.as_ref().into(), row) else { return Ok(One::NotFound) };
        if let Some(Record::Appointment(visit, patients)) = sheet.records.first()
            && patients.is_empty()
            && let Some(patient) = self.patient_of(&ask, visit).await?
        {
            reading.join(&mut sheet, &patient.body);
        }
        Ok(One::Found(sheet))
    }

    /// What is answered of the patient of a visit that was read alone.
    async fn patient_of(
        &self,
        ask: &Ask<'_>,
        visit: &domain::model::AppointmentRecord,
    ) -> Result<Option<HttpAnswer>, Failure> {
        let Some(id) = visit.participants.named().next().map(Text::from) else { return Ok(None) };
        {
            let mut read = self.patients_read.lock().unwrap_or_else(PoisonError::into_inner);
            if read.len() > PATIENTS {
                read.clear();
            }
            if read.get(&id).is_some_and(|at| ask.now.secs_since(*at) <= PATIENT_SECS) {
                return Ok(None);
            }
        }
        let Some(answer) = self.found(ask, &format!("patients/{}", percent(&id))).await? else { return Ok(None) };
        serde_json::from_slice::<Vec<&RawValue>>(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no list of one patient") })?;
        self.patients_read.lock().unwrap_or_else(PoisonError::into_inner).insert(id, ask.now);
        Ok(Some(answer))
    }

    /// Reads something that may not be there.
    pub(super) async fn found(&self, ask: &Ask<'_>, path: &str) -> Result<Option<HttpAnswer>, Failure> {
        let call = crate::rest::Call::get(self.access.url(path));
        let answer = self.access.exchange(ask, &self.words, call).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        failure(&answer, ask.now).map_or(Ok(Some(answer)), Err)
    }
}

impl SourceReader for AthenaReader {
    fn capabilities(&self) -> Capabilities {
        // `lastmodified` is to the second, by a clock that is nowhere written down, and moves without a change.
        Capabilities { changes: true, consumes: true, windows: true, single: true, stamps: false }
    }

    fn changes<'a>(&'a self, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.read_changes(ask))
    }

    fn window<'a>(&'a self, window: Window, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.read_window(window, ask))
    }

    fn one<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(self.read_visit(source_id, ask))
    }

    fn finds_patients(&self) -> bool {
        self.integration.rules.source.can.search_patients
    }

    fn patients<'a>(&'a self, wanted: &'a PatientWanted, ask: Ask<'a>) -> PortFuture<'a, Result<Sheet, Failure>> {
        Box::pin(self.search_patients(wanted, ask))
    }

    fn patient<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(self.one_patient(source_id, ask))
    }

    fn refresh(&self) {
        self.access.held.forget();
    }

    fn keep_hooks<'a>(&'a self, ask: Ask<'a>) -> PortFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            subscribe(&self.access, &self.words, &ask).await?;
            match &self.access.credentials.hook {
                Some(hook) => keep(&self.access, &self.words, hook, &ask).await,
                None => Ok(()),
            }
        })
    }

    fn hear(&self, knock: &Knock<'_>) -> Heard {
        let hook = self.access.credentials.hook.as_ref();
        let secret = hook.and_then(|hook| self.access.caller.secret(&hook.secret).ok());
        secret.map_or(Heard::Stranger, |secret| hear(&secret, knock))
    }
}
