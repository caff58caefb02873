//! The reader itself.

use crate::drchrono::again::{ReadWith, patients_in, visits_in};
use crate::drchrono::answer::{failure, list};
use crate::drchrono::auth::{Auth, Tokens};
use crate::drchrono::hook::hear;
use crate::drchrono::names::Names;
use crate::drchrono::place::{Middle, Place, What, believed, naive};
use crate::drchrono::rules::Rules;
use crate::drchrono::visits::{Read, Reading, root_of};
use crate::http::HttpAnswer;
use crate::rest::{Call, Caller, Outside, form, server_time};
use domain::model::{Record, Stamp};
use domain::text::Text;
use engine::ingest::EnvelopeFormat;
use engine::poll::{
    Ask, Capabilities, Failure, Heard, Knock, Next, One, Page, PatientWanted, Sheet, SourceReader, Window,
};
use engine::ports::PortFuture;
use engine::setup::Integration;
use hyper::StatusCode;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// So many patients who are not known yet are read one by one with a page of changes.
const MOST_SINGLES: usize = 20;
/// A list of names is read to so many pages.
const MOST_NAME_PAGES: usize = 20;
/// So many patients are remembered as told.
const MOST_TOLD: usize = 100_000;

/// Makes the reader of an integration.
pub(crate) fn reader(
    outside: &Outside,
    integration: &Arc<Integration>,
) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
    Some(DrchronoReader::of(outside, integration).map(|reader| Arc::new(reader) as Arc<dyn SourceReader>))
}

pub(super) struct DrchronoReader {
    pub(super) integration: Arc<Integration>,
    pub(super) rules: Rules,
    caller: Caller,
    tokens: Tokens,
    names: Mutex<Arc<Names>>,
    /// Patients whom a list told of since this reader was made: they are not asked for one by one.
    told: Mutex<HashSet<Text>>,
}

impl DrchronoReader {
    fn of(outside: &Outside, integration: &Arc<Integration>) -> Result<DrchronoReader, Failure> {
        let auth = Auth::read(integration.document.source.auth.as_ref())?;
        Ok(DrchronoReader {
            rules: Rules::of(integration)?,
            caller: Caller::of(outside, integration)?,
            integration: integration.clone(),
            tokens: Tokens::new(auth),
            names: Mutex::default(),
            told: Mutex::default(),
        })
    }

    pub(super) async fn get(&self, ask: &Ask<'_>, path: &str, query: &[(&str, &str)]) -> Result<HttpAnswer, Failure> {
        let token = self.tokens.token(ask, &self.caller).await?;
        let query = form(query);
        let glue = if query.is_empty() { "" } else { "?" };
        let url = format!("{}/api/{path}{glue}{query}", self.caller.base);
        self.caller.send(ask, Call::get(url).header("accept", "application/json").bearer(&token)).await
    }

    /// The names that rows leave out, read again when these rows need it.
    async fn names(&self, ask: &Ask<'_>, rows: &[Box<RawValue>]) -> Result<Arc<Names>, Failure> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !names.are_stale(rows, ask.now) {
            return Ok(names);
        }
        let doctors = self.all(ask, "doctors").await?;
        let profiles = self.all(ask, "appointment_profiles").await?;
        let names = Arc::new(Names::of(&doctors, &profiles, ask.now));
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = names.clone();
        Ok(names)
    }

    async fn all(&self, ask: &Ask<'_>, of: &str) -> Result<Vec<Box<RawValue>>, Failure> {
        let size = self.integration.rules.source.polling.page_size.to_string();
        let (mut rows, mut cursor) = (Vec::new(), None);
        for _ in 0..MOST_NAME_PAGES {
            let mut query = vec![("page_size", size.as_str())];
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page = list(&self.get(ask, of, &query).await?, of, ask.now)?;
            rows.extend(page.results);
            cursor = cursor_of(page.next.as_deref())?;
            if cursor.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    async fn read_changes(&self, ask: Ask<'_>) -> Result<Page, Failure> {
        let place = match ask.cursor {
            None => Place::start(ask.now),
            Some(cursor) => Place::read(cursor).ok_or(Failure::CursorLost)?,
        };
        let middle = place.page.clone();
        let middle = middle.unwrap_or(Middle { what: What::Patients, all: false, newest: None, cursor: None });
        let answer = self.changed(&ask, &place, &middle).await?;
        let forgotten = middle.cursor.is_some() && answer.status == StatusCode::NOT_FOUND;
        let (answer, middle) = if forgotten {
            // The vendor forgot its page, not our watermark: the list is begun again.
            let middle = Middle { cursor: None, ..middle };
            (self.changed(&ask, &place, &middle).await?, middle)
        } else {
            (answer, middle)
        };
        let (page, newest, cursor) = match middle.what {
            What::Patients => self.patients_page(&ask, &answer)?,
            What::Visits => self.visits_page(&ask, &answer, true).await?,
        };
        let after = place.after(middle, newest, cursor);
        let next = if after.page.is_some() { Next::Page(after.write()) } else { Next::Later(after.write()) };
        Ok(Page { next, ..page })
    }

    /// Asks for a page of what changed.
    async fn changed(&self, ask: &Ask<'_>, place: &Place, middle: &Middle) -> Result<HttpAnswer, Failure> {
        let back = i64::from(ask.overlap_secs).seconds();
        let since = naive(place.since(middle.what).checked_sub(back).unwrap_or(DateTime::MIN));
        let size = ask.page_size.to_string();
        let mut query = vec![("page_size", size.as_str())];
        if !middle.all {
            query.push(("since", &since));
        }
        query.extend(middle.cursor.as_deref().map(|cursor| ("cursor", cursor)));
        match middle.what {
            What::Patients => self.get(ask, "patients", &query).await,
            What::Visits => {
                // Without it, what was deleted stays unseen.
                query.push(("show_archived", "true"));
                self.get(ask, "appointments", &query).await
            }
        }
    }

    fn patients_page(&self, ask: &Ask<'_>, answer: &HttpAnswer) -> Result<Told, Failure> {
        let list = list(answer, "patients", ask.now)?;
        let body = answer.body.as_ref().into();
        let (sheet, updated) = patients_in(body, &list.results, &self.rules, stamp(ask));
        for record in &sheet.records {
            if let Record::Patient(patient) = record {
                self.tell(patient.source_id.clone());
            }
        }
        let newest = updated.iter().flatten().filter_map(|updated| believed(updated, ask.now)).max();
        Ok((page(answer, vec![sheet]), newest, cursor_of(list.next.as_deref())?))
    }

    /// Reads a page of visits; with `patients`, also those of them whom no list told of.
    async fn visits_page(&self, ask: &Ask<'_>, answer: &HttpAnswer, patients: bool) -> Result<Told, Failure> {
        let list = list(answer, "appointments", ask.now)?;
        let names = self.names(ask, &list.results).await?;
        let mut sheet = sheet(answer);
        sheet.read_with = ReadWith::names(&names, &list.results).write();
        let (mut newest, mut wanted) = (None, Vec::new());
        for read in visits_in(&list.results, &self.reading(ask, &names)) {
            match read {
                Ok(read) => {
                    newest = newest.max(read.updated.and_then(|updated| believed(&updated, ask.now)));
                    wanted.extend(read.patient);
                    sheet.records.push(Record::Appointment(Box::new(read.record), Vec::new()));
                }
                Err(problem) => sheet.problems.push(problem),
            }
        }
        let mut sheets = if patients { self.singles(ask, wanted).await? } else { Vec::new() };
        sheets.push(sheet);
        Ok((page(answer, sheets), newest, cursor_of(list.next.as_deref())?))
    }

    fn reading<'r>(&'r self, ask: &Ask<'_>, names: &'r Names) -> Reading<'r> {
        Reading { rules: &self.integration.rules, own: &self.rules, names, stamp: stamp(ask) }
    }

    /// Patients whom no list told of yet, before the visits that name them.
    async fn singles(&self, ask: &Ask<'_>, wanted: Vec<Text>) -> Result<Vec<Sheet>, Failure> {
        let mut sheets = Vec::new();
        for id in wanted {
            if sheets.len() >= MOST_SINGLES || self.was_told(&id) {
                continue;
            }
            sheets.extend(self.read_patient(ask, &id).await?);
        }
        Ok(sheets)
    }

    async fn read_patient(&self, ask: &Ask<'_>, id: &Text) -> Result<Option<Sheet>, Failure> {
        let answer = self.get(ask, &format!("patients/{}", crate::rest::percent(id)), &[]).await?;
        self.tell(id.clone());
        // Who is not there, or not for us, stays as they were told elsewhere; the visit is still read.
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) {
            return Ok(None);
        }
        if let Some(failure) = failure(&answer, "a patient", ask.now) {
            return Err(failure);
        }
        let row = one_row(&answer)?;
        Ok(Some(patients_in(answer.body.as_ref().into(), &[row], &self.rules, stamp(ask)).0))
    }

    fn tell(&self, patient: Text) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        // Only a help: forgotten when it grows large.
        if told.len() >= MOST_TOLD {
            told.clear();
        }
        told.insert(patient);
    }

    fn was_told(&self, patient: &str) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).contains(patient)
    }

    async fn read_window(&self, window: Window, ask: Ask<'_>) -> Result<Page, Failure> {
        let days = self.days(window);
        let size = ask.page_size.to_string();
        let mut query = vec![("date_range", days.as_str()), ("show_archived", "true"), ("page_size", &size)];
        query.extend(ask.cursor.map(|cursor| ("cursor", cursor)));
        let answer = self.get(&ask, "appointments", &query).await?;
        if ask.cursor.is_some() && answer.status == StatusCode::NOT_FOUND {
            return Err(Failure::CursorLost);
        }
        let (page, _, cursor) = self.visits_page(&ask, &answer, false).await?;
        Ok(Page { next: cursor.map_or(Next::End, |cursor| Next::Page(cursor.into())), ..page })
    }

    /// The days of a window. Visits stand by their doctor's clock, so a day more on each side; both ends count.
    fn days(&self, window: Window) -> String {
        let zone = &self.integration.rules.zone;
        let first = zone.date(window.from).yesterday().unwrap_or(Date::MIN);
        let last = zone.date(window.to.plus_secs(-1)).tomorrow().unwrap_or(Date::MAX);
        format!("{first}/{last}")
    }

    async fn read_one(&self, source_id: &str, ask: Ask<'_>) -> Result<One, Failure> {
        if let Some((root, day)) = root_of(source_id) {
            return self.read_occurrence(source_id, root, day, &ask).await;
        }
        let answer = self.get(&ask, &format!("appointments/{}", crate::rest::percent(source_id)), &[]).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(One::NotFound);
        }
        if let Some(failure) = failure(&answer, "an appointment", ask.now) {
            return Err(failure);
        }
        let row = one_row(&answer)?;
        self.found(&ask, &answer, &[row], None).await
    }

    /// An occurrence of a series is asked for by the day it was first planned on; when it was moved, among all visits
    /// of the patient whose series it is. It cannot be asked for by its key.
    async fn read_occurrence(&self, key: &str, root: &str, day: Date, ask: &Ask<'_>) -> Result<One, Failure> {
        let size = self.integration.rules.source.polling.page_size.to_string();
        let same_day = format!("{day}/{day}");
        let first = [("date_range", same_day.as_str()), ("show_archived", "true"), ("page_size", &size)];
        if let Some(found) = self.occurrence(ask, key, &first).await? {
            return Ok(found);
        }
        let answer = self.get(ask, &format!("appointments/{root}"), &[]).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(One::NotFound);
        }
        if let Some(failure) = failure(&answer, "an appointment", ask.now) {
            return Err(failure);
        }
        let row = one_row(&answer)?;
        let names = self.names(ask, std::slice::from_ref(&row)).await?;
        let read = self.reading(ask, &names).visit(&row);
        let Ok(Read { patient: Some(patient), .. }) = read else { return Ok(One::NotFound) };
        let half = i64::from(self.integration.rules.source.polling.span_days / 2).days();
        let range = format!("{}/{}", day.saturating_sub(half), day.saturating_add(half));
        let around =
            [("date_range", range.as_str()), ("show_archived", "true"), ("page_size", &size), ("patient", &patient)];
        Ok(self.occurrence(ask, key, &around).await?.unwrap_or(One::NotFound))
    }

    async fn occurrence(&self, ask: &Ask<'_>, key: &str, query: &[(&str, &str)]) -> Result<Option<One>, Failure> {
        let mut cursor = None;
        loop {
            let mut query = query.to_vec();
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let answer = self.get(ask, "appointments", &query).await?;
            let page = list(&answer, "appointments", ask.now)?;
            let mut rows = page.results.iter();
            if let Some(row) = rows.find(|row| super::visits::id_in(row).is_some_and(|id| id == *key)) {
                return self.found(ask, &answer, std::slice::from_ref(row), Some(key.into())).await.map(Some);
            }
            cursor = cursor_of(page.next.as_deref())?;
            if cursor.is_none() {
                return Ok(None);
            }
        }
    }

    /// One visit; `only`: it stands in a list, and the others of the list were not asked for.
    async fn found(
        &self,
        ask: &Ask<'_>,
        answer: &HttpAnswer,
        rows: &[Box<RawValue>],
        only: Option<Text>,
    ) -> Result<One, Failure> {
        let names = self.names(ask, rows).await?;
        let (mut sheet, mut patients) = (sheet(answer), Vec::new());
        for read in visits_in(rows, &self.reading(ask, &names)) {
            match read {
                Ok(read) => {
                    patients.extend(self.singles(ask, read.patient.into_iter().collect()).await?);
                    sheet.records.extend(patients.iter().flat_map(|patient| patient.records.iter().cloned()));
                    sheet.records.push(Record::Appointment(Box::new(read.record), Vec::new()));
                }
                Err(problem) => sheet.problems.push(problem),
            }
        }
        sheet.read_with = ReadWith::names(&names, rows).of_one(only, &patients).write();
        Ok(One::Found(sheet))
    }
}

/// A page, the newest change on it, and the cursor of the next.
type Told = (Page, Option<DateTime>, Option<String>);

pub(super) fn sheet(answer: &HttpAnswer) -> Sheet {
    Sheet::of(answer.body.as_ref().into(), EnvelopeFormat::Json)
}

fn page(answer: &HttpAnswer, sheets: Vec<Sheet>) -> Page {
    Page { sheets, next: Next::End, complete: true, server_time: server_time(answer) }
}

/// Nobody's version: what a list shows counts as said when it was read.
pub(super) fn stamp(ask: &Ask<'_>) -> Stamp {
    Stamp { at: ask.now, sequence: 0 }
}

pub(super) fn one_row(answer: &HttpAnswer) -> Result<Box<RawValue>, Failure> {
    let row: Result<Box<RawValue>, _> = serde_json::from_slice(&answer.body);
    row.map_err(|_| Failure::Malformed { what: Text::literal("the answer is no JSON") })
}

/// The cursor in the address of the next page. Only it is taken over: the token goes nowhere but to our own address.
pub(super) fn cursor_of(next: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(next) = next else { return Ok(None) };
    let query = next.split_once('?').map_or("", |(_, query)| query);
    let cursor = query.split('&').find_map(|pair| pair.strip_prefix("cursor=")).and_then(unescaped);
    let without = || Failure::Malformed { what: Text::literal("the address of the next page has no cursor") };
    cursor.map(Some).ok_or_else(without)
}

/// A value of a query as it was before it was escaped.
pub(super) fn unescaped(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let (high, low) = (char::from(rest.next()?), char::from(rest.next()?));
                u8::try_from(high.to_digit(16)? * 16 + low.to_digit(16)?).ok()?
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

impl SourceReader for DrchronoReader {
    fn capabilities(&self) -> Capabilities {
        // Its times of change are naive and go back once a year: they are watermarks, and no versions.
        Capabilities { changes: true, consumes: false, windows: true, single: true, stamps: false }
    }

    fn changes<'a>(&'a self, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.read_changes(ask))
    }

    fn window<'a>(&'a self, window: Window, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.read_window(window, ask))
    }

    fn one<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(self.read_one(source_id, ask))
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
        self.tokens.forget();
    }

    fn hear(&self, knock: &Knock<'_>) -> Heard {
        match self.tokens.webhook_secret(&self.caller) {
            Some(secret) => hear(&secret, knock),
            None => Heard::Stranger,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_next_address_only_the_cursor_is_taken_and_one_without_is_no_end() {
        let next = "https://elsewhere.example.com/api/appointments?page_size=5&cursor=cD0yNTA%3D&since=2026-11-22";
        assert_eq!(cursor_of(Some(next)), Ok(Some("cD0yNTA=".to_owned())));
        assert_eq!(cursor_of(None), Ok(None));
        assert!(matches!(
            cursor_of(Some("https://app.example.com/api/appointments?page=2")),
            Err(Failure::Malformed { .. })
        ));
    }
}
