//! The reader itself.

use crate::http::HttpAnswer;
use crate::kareo::again::{ReadWith, joined, patients_in, visit_into};
use crate::kareo::answer::{Said, rows, said};
use crate::kareo::auth::Auth;
use crate::kareo::place::{Place, newest};
use crate::kareo::rules::Rules;
use crate::kareo::soap::{Credentials, by_filter, by_id};
use crate::kareo::times::{instant, us_day, utc_day};
use crate::kareo::visits::{Reading, appointment_id, patients, source_id, wants_detail};
use crate::kareo::xml::Node;
use crate::rest::{Call, Caller, Outside, server_time};
use domain::model::{Record, Stamp};
use domain::text::Text;
use domain::time::Moment;
use engine::ingest::EnvelopeFormat;
use engine::poll::{Ask, Capabilities, Failure, Next, One, Page, Problem, Sheet, SourceReader, Window};
use engine::ports::{PortFuture, Secret};
use engine::setup::Integration;
use jiff::ToSpan;
use jiff::civil::DateTime;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// So many details and patients are read for one page: with the longest gaps that are told they take half a minute.
const MOST_AT_ONCE: usize = 30;
/// So many details are remembered.
const MOST_HELD: usize = 50_000;
/// A patient is read again for a window after so long, in seconds; changes are told by the list of them.
const PATIENT_SECS: i64 = 86_400;

/// Makes the reader of an integration.
pub(crate) fn reader(
    outside: &Outside,
    integration: &Arc<Integration>,
) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
    Some(KareoReader::of(outside, integration).map(|reader| Arc::new(reader) as Arc<dyn SourceReader>))
}

struct KareoReader {
    integration: Arc<Integration>,
    rules: Rules,
    caller: Caller,
    auth: Auth,
    /// Details by the appointment's id, with the time of change of the row they were read for. Only a help: after a
    /// restart they are read again.
    details: Mutex<HashMap<Text, (Text, Node)>>,
    /// When patients were last read.
    read: Mutex<HashMap<Text, Moment>>,
}

/// What a list came to, completed by details.
struct Completed {
    sheets: Vec<Sheet>,
    /// More details are missing: the list is to be read again.
    more: bool,
    newest: Option<DateTime>,
    server_time: Option<Moment>,
}

impl KareoReader {
    fn of(outside: &Outside, integration: &Arc<Integration>) -> Result<KareoReader, Failure> {
        Ok(KareoReader {
            auth: Auth::read(integration.document.source.auth.as_ref())?,
            rules: Rules::of(integration)?,
            caller: Caller::of(outside, integration)?,
            integration: integration.clone(),
            details: Mutex::default(),
            read: Mutex::default(),
        })
    }

    async fn send(
        &self,
        ask: &Ask<'_>,
        operation: &str,
        call: impl FnOnce(&Credentials<'_>) -> Result<Call, Failure>,
    ) -> Result<(HttpAnswer, Said), Failure> {
        let secrets: [Secret; 2] =
            [self.caller.secret(&self.auth.customer_key)?, self.caller.secret(&self.auth.password)?];
        let credentials =
            Credentials { customer_key: secrets[0].open(), password: secrets[1].open(), user: &self.auth.user };
        let answer = self.caller.send(ask, call(&credentials)?).await?;
        let said = said(&answer, operation, &self.rules, ask.now)?;
        Ok((answer, said))
    }

    async fn by_filter(
        &self,
        ask: &Ask<'_>,
        operation: &'static str,
        filter: &[(&str, &str)],
    ) -> Result<(HttpAnswer, Said), Failure> {
        self.send(ask, operation, |credentials| by_filter(&self.caller.base, operation, credentials, filter)).await
    }

    /// The rows of visits by a filter. A list without any is believed only while the practice is there under its name:
    /// it is asked for by name, and one that was renamed has no rows either.
    async fn list(&self, ask: &Ask<'_>, filter: &[(&str, &str)]) -> Result<(HttpAnswer, Vec<Node>), Failure> {
        let mut filter = filter.to_vec();
        filter.extend([("PracticeName", self.auth.practice.as_str()), ("TimeZoneOffsetFromGMT", "0")]);
        let (answer, said) = self.by_filter(ask, "GetAppointments", &filter).await?;
        let rows = rows(said, "Appointments", "AppointmentData")?;
        if rows.is_empty() {
            self.practice_is_there(ask).await?;
        }
        Ok((answer, rows))
    }

    async fn practice_is_there(&self, ask: &Ask<'_>) -> Result<(), Failure> {
        let (_, said) = self.by_filter(ask, "GetPractices", &[]).await?;
        let practices = rows(said, "Practices", "PracticeData")?;
        let ours = |row: &Node| row.get("PracticeName").is_some_and(|name| name == self.auth.practice.as_str());
        if practices.iter().any(ours) {
            return Ok(());
        }
        let what = "the account has no practice of the name in auth.practice; it may have been renamed";
        Err(Failure::Refused { what: Text::literal(what) })
    }

    fn held(&self, row: &Node) -> Option<Node> {
        let (id, changed) = (row.get("ID")?, row.get("LastModifiedDate").unwrap_or_default());
        let details = self.details.lock().unwrap_or_else(PoisonError::into_inner);
        details.get(id).filter(|(read_for, _)| *read_for == *changed).map(|(_, detail)| detail.clone())
    }

    fn hold(&self, row: &Node, detail: Node) {
        let Some(id) = row.get("ID") else { return };
        let mut details = self.details.lock().unwrap_or_else(PoisonError::into_inner);
        if details.len() >= MOST_HELD {
            details.clear();
        }
        details.insert(id.into(), (row.get("LastModifiedDate").unwrap_or_default().into(), detail));
    }

    /// `None`: there is no such appointment.
    async fn detail(&self, ask: &Ask<'_>, id: &str) -> Result<Option<(HttpAnswer, Node)>, Failure> {
        let asked = self.send(ask, "GetAppointment", |credentials| by_id(&self.caller.base, credentials, id));
        match asked.await? {
            (_, Said::NotFound) => Ok(None),
            (answer, Said::Result(result)) => match result.child("Appointment") {
                Some(detail) => Ok(Some((answer, detail.clone()))),
                None => Err(Failure::Malformed { what: Text::literal("the answer has no Appointment") }),
            },
        }
    }

    /// Whether a patient was not read for a long time.
    fn is_due(&self, id: &str, now: Moment) -> bool {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.get(id).is_none_or(|at| now.secs_since(*at) > PATIENT_SECS)
    }

    fn was_read(&self, id: &str, now: Moment) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.len() >= MOST_HELD {
            read.clear();
        }
        read.insert(id.into(), now);
    }

    /// Reads one patient; nobody when the service does not know them any more.
    async fn one_patient(&self, ask: &Ask<'_>, id: &str) -> Result<Option<Sheet>, Failure> {
        let (answer, said) = self.by_filter(ask, "GetPatient", &[("PatientID", id)]).await?;
        self.was_read(id, ask.now);
        let Said::Result(result) = said else { return Ok(None) };
        let Some(row) = result.child("Patient").filter(|row| row.get("ID").is_some()) else { return Ok(None) };
        let body = answer.body.as_ref().into();
        Ok(Some(patients_in(body, std::slice::from_ref(row), &self.rules, stamp(ask))))
    }

    /// Completes rows by their details, and reads the patients they name, before the visits. What is more than fits
    /// into a page comes with the next: the list is short, and read again for it.
    /// `first`: the place of the first row in the answer.
    async fn complete(
        &self,
        ask: &Ask<'_>,
        answer: &HttpAnswer,
        rows: &[Node],
        first: usize,
    ) -> Result<Completed, Failure> {
        let most = MOST_AT_ONCE.min(ask.page_size.max(1) as usize);
        let (mut sheets, mut asked, mut more) = (Vec::new(), 0, false);
        let (mut whole, mut with) = (sheet(answer), ReadWith::default());
        let shared = shared_ids(rows);
        for (place, row) in (first..).zip(rows) {
            if let Some(id) = row.get("ID").filter(|id| shared.contains(*id) && !self.rules.series_share_id) {
                whole.problems.push(several(id));
                continue;
            }
            let mut detail = self.held(row);
            let mut own_sheet = None;
            if detail.is_none() && wants_detail(row, &self.rules) {
                if asked >= most {
                    more = true;
                    whole.named.extend(source_id(row, &self.rules));
                    continue;
                }
                asked += 1;
                match self.detail(ask, row.get("ID").unwrap_or_default()).await? {
                    // Deleted between the two questions: it is missed like any other that is not there.
                    None => continue,
                    Some((answer, read)) => {
                        self.hold(row, read.clone());
                        detail = Some(read);
                        own_sheet = Some(sheet(&answer));
                    }
                }
            }
            for (id, _) in patients(row, detail.as_ref()) {
                if !self.is_due(&id, ask.now) {
                    continue;
                }
                if asked >= most {
                    more = true;
                    continue;
                }
                asked += 1;
                sheets.extend(self.one_patient(ask, &id).await?);
            }
            let reading = Reading { rules: &self.integration.rules, own: &self.rules, stamp: stamp(ask) };
            match &mut own_sheet {
                Some(own) => own.read_with = ReadWith::row(row).write(),
                None => with.note(place, detail.as_ref()),
            }
            visit_into(own_sheet.as_mut().unwrap_or(&mut whole), &reading, row, detail.as_ref());
            sheets.extend(own_sheet);
        }
        whole.read_with = with.write();
        sheets.push(whole);
        let changed = rows.iter().filter_map(|row| row.get("LastModifiedDate"));
        Ok(Completed { sheets, more, newest: newest(changed, ask.now), server_time: server_time(answer) })
    }

    async fn read_changes(&self, ask: Ask<'_>) -> Result<Page, Failure> {
        let place = match ask.cursor {
            // From now on; the windows tell what was before.
            None => {
                let later = Place::start(ask.now).write();
                return Ok(Page { sheets: Vec::new(), next: Next::Later(later), complete: true, server_time: None });
            }
            Some(cursor) => Place::read(cursor).ok_or(Failure::CursorLost)?,
        };
        let Some(round) = place.round else {
            let (mut page, newest) = self.changed_patients(&ask, place.patients).await?;
            let patients = newest.map_or(place.patients, |newest| newest.max(place.patients));
            page.next = Next::Page(Place { patients, round: Some(0), ..place }.write());
            return Ok(page);
        };
        let (from, to) = days(place.visits, &ask);
        let filter = [("FromLastModifiedDate", from.as_str()), ("ToLastModifiedDate", to.as_str())];
        let (answer, rows) = self.list(&ask, &filter).await?;
        let completed = self.complete(&ask, &answer, &rows, 0).await?;
        let visits = completed.newest.map_or(place.visits, |newest| newest.max(place.visits));
        let next = if completed.more {
            Next::Page(Place { round: Some(round + 1), ..place }.write())
        } else {
            Next::Later(Place { visits, round: None, ..place }.write())
        };
        Ok(Page { sheets: completed.sheets, next, complete: true, server_time: completed.server_time })
    }

    async fn changed_patients(&self, ask: &Ask<'_>, since: DateTime) -> Result<(Page, Option<DateTime>), Failure> {
        let (from, to) = days(since, ask);
        let filter = [
            ("FromLastModifiedDate", from.as_str()),
            ("PracticeName", self.auth.practice.as_str()),
            ("ToLastModifiedDate", to.as_str()),
        ];
        let (answer, said) = self.by_filter(ask, "GetPatients", &filter).await?;
        let rows = rows(said, "Patients", "PatientData")?;
        let sheet = patients_in(answer.body.as_ref().into(), &rows, &self.rules, stamp(ask));
        for record in &sheet.records {
            if let Record::Patient(patient) = record {
                self.was_read(&patient.source_id, ask.now);
            }
        }
        let newest = newest(rows.iter().filter_map(|row| row.get("LastModifiedDate")), ask.now);
        let server_time = server_time(&answer);
        Ok((Page { sheets: vec![sheet], next: Next::End, complete: true, server_time }, newest))
    }

    async fn read_window(&self, window: Window, ask: Ask<'_>) -> Result<Page, Failure> {
        let round: u32 = match ask.cursor {
            None => 0,
            Some(cursor) => cursor.parse().map_err(|_| Failure::CursorLost)?,
        };
        // Both ends, so that no window of the vendor's own is taken; the last day may or may not count.
        let (from, to) = (us_day(utc_day(window.from)), us_day(utc_day(window.to).saturating_add(1.days())));
        let (answer, rows) = self.list(&ask, &[("StartDate", &from), ("EndDate", &to)]).await?;
        let completed = self.complete(&ask, &answer, &rows, 0).await?;
        let next = if completed.more { Next::Page(Text::from((round + 1).to_string())) } else { Next::End };
        Ok(Page { sheets: completed.sheets, next, complete: true, server_time: completed.server_time })
    }

    async fn read_one(&self, id: &str, ask: Ask<'_>) -> Result<One, Failure> {
        let Some((_, detail)) = self.detail(&ask, appointment_id(id)).await? else { return Ok(One::NotFound) };
        // The row has the names. It is looked for around the day of the detail, or of the occurrence.
        let said = id.split_once('@').map_or(detail.get("StartTime").unwrap_or_default(), |(_, start)| start);
        let start = instant(said).or_else(|| super::times::universal(said));
        let start = start.ok_or(Failure::Malformed { what: Text::literal("a detail without a start") })?;
        let day = utc_day(start);
        let (from, to) = (us_day(day.saturating_sub(1.days())), us_day(day.saturating_add(1.days())));
        let patient = patients(&Node::default(), Some(&detail)).into_iter().next().map(|(id, _)| id);
        let mut filter = vec![("StartDate", from.as_str()), ("EndDate", to.as_str())];
        let is_group = detail.says_yes("IsGroupAppointment");
        filter.extend(patient.as_deref().filter(|_| !is_group).map(|patient| ("PatientID", patient)));
        let (answer, rows) = self.list(&ask, &filter).await?;
        let place = rows.iter().position(|row| source_id(row, &self.rules).is_some_and(|found| found == *id));
        let Some((place, row)) = place.and_then(|place| Some((place, rows.get(place)?))) else {
            return Ok(One::NotFound);
        };
        self.hold(row, detail);
        let ask = Ask { page_size: ask.page_size.max(MOST_AT_ONCE as u32), ..ask };
        let completed = self.complete(&ask, &answer, std::slice::from_ref(row), place).await?;
        let mut sheets = completed.sheets;
        let found = sheets.pop().unwrap_or_else(|| sheet(&answer));
        Ok(One::Found(joined(sheets, found)))
    }
}

/// Ids that stand for several visits of one list: other starts under one id.
fn shared_ids(rows: &[Node]) -> HashSet<String> {
    let mut starts: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
    for row in rows {
        if let (Some(id), Some(start)) = (row.get("ID"), row.get("StartDate")) {
            starts.entry(id).or_default().insert(start);
        }
    }
    starts.into_iter().filter(|(_, starts)| starts.len() > 1).map(|(id, _)| id.to_owned()).collect()
}

fn several(id: &str) -> Problem {
    Problem {
        source_id: Some(id.into()),
        place: Text::literal("ID"),
        what: Text::literal("Several visits have this id; override source.api.series_share_id with true."),
        body: None,
    }
}

/// From some days before the watermark to after today by any clock: whether the end counts is not told.
fn days(since: DateTime, ask: &Ask<'_>) -> (String, String) {
    let from = since.saturating_sub(i64::from(ask.overlap_secs).seconds()).date();
    (us_day(from), us_day(utc_day(ask.now).saturating_add(2.days())))
}

fn sheet(answer: &HttpAnswer) -> Sheet {
    Sheet::of(answer.body.as_ref().into(), EnvelopeFormat::Xml)
}

/// Nobody's version: what is shown counts as said when it was read.
fn stamp(ask: &Ask<'_>) -> Stamp {
    Stamp { at: ask.now, sequence: 0 }
}

impl SourceReader for KareoReader {
    fn capabilities(&self) -> Capabilities {
        // Its times of change have no zone: they are watermarks, and no versions.
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
}
