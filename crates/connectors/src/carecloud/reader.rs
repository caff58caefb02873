//! The reader itself.

use crate::carecloud::again::{ReadWith, joined, visits, whole_patient};
use crate::carecloud::names::{Names, Shelf, read as read_names};
use crate::carecloud::place::{Place, digest, next, resolve};
use crate::carecloud::token::Tokens;
use crate::carecloud::value::text;
use crate::carecloud::visit::{Terms, unwrapped};
use crate::http::HttpAnswer;
use crate::rest::{Call, Caller, Outside, failure, header, percent, server_time, words};
use domain::model::{PatientRecord, Record, Stamp};
use domain::text::Text;
use domain::time::Moment;
use engine::poll::{Ask, Capabilities, Failure, Next, One, Page, Sheet, SourceReader, Window};
use engine::ports::PortFuture;
use engine::setup::Integration;
use hyper::StatusCode;
use hyper::header::LINK;
use jiff::ToSpan;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What the profile says to this connector.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    /// Names of reasons and providers are read again after so many seconds.
    names_seconds: u32,
    /// A patient's whole record is read again after so many seconds; 0: never.
    patient_seconds: u32,
    /// So many whole records a page at most: the others come with the next reading.
    patients_a_page: usize,
}

/// The reader of an integration whose route this is.
pub(crate) fn reader(
    outside: &Outside,
    integration: &Arc<Integration>,
) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
    let made = Caller::of(outside, integration).and_then(|caller| {
        let reader = CareCloud {
            integration: integration.clone(),
            caller,
            tokens: Tokens::of(integration)?,
            words: words(integration)?,
            reasons: Shelf::default(),
            providers: Shelf::default(),
            patients_read: Mutex::default(),
        };
        Ok(Arc::new(reader) as Arc<dyn SourceReader>)
    });
    Some(made)
}

/// Reads one practice.
struct CareCloud {
    integration: Arc<Integration>,
    caller: Caller,
    tokens: Tokens,
    words: Words,
    reasons: Shelf,
    providers: Shelf,
    /// When patients were last read whole.
    patients_read: Mutex<HashMap<Text, Moment>>,
}

impl CareCloud {
    async fn get(&self, ask: &Ask<'_>, url: &str) -> Result<HttpAnswer, Failure> {
        let token = self.tokens.token(ask, &self.caller).await?;
        self.caller.send(ask, Call::get(url).bearer(&token).header("accept", "application/json")).await
    }

    /// The address of a window: days, as the practice's clocks count them and one more on either side, for locations
    /// may have other clocks.
    fn window_url(&self, window: Window) -> String {
        let zone = &self.integration.rules.zone;
        let day = |moment: Moment, days: i64| {
            let day = zone.date(moment);
            day.checked_add(days.days()).unwrap_or(day).strftime("%Y%m%d").to_string()
        };
        // The end is a midnight: its day is the first that is not asked for, unless one more is.
        let (from, to) = (day(window.from, -1), day(window.to, 0));
        format!("{}/v2/appointments?start_date={from}&end_date={to}", self.caller.base)
    }

    async fn read_window(&self, window: Window, ask: Ask<'_>) -> Result<Page, Failure> {
        let place = match ask.cursor.map(Place::read) {
            None => Place { seen: Vec::new(), url: Text::from(self.window_url(window)) },
            Some(place) => place.ok_or(Failure::CursorLost)?,
        };
        let answer = self.get(&ask, &place.url).await?;
        let forgotten = [StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::GONE].contains(&answer.status);
        if ask.cursor.is_some() && forgotten {
            return Err(Failure::CursorLost);
        }
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let rows: Vec<Value> = serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no list of appointments") })?;
        let sheets = self.sheets(&ask, &answer.body, &rows).await?;
        let (next, complete) = self.next(place, &answer)?;
        Ok(Page { sheets, next, complete, server_time: server_time(&answer) })
    }

    /// How it goes on: the address as linked, until there is none. One that was read before ends an unending list.
    fn next(&self, mut place: Place, answer: &HttpAnswer) -> Result<(Next, bool), Failure> {
        let Some(url) = header(answer, LINK).and_then(next) else { return Ok((Next::End, true)) };
        let Some(url) = resolve(&self.caller.base, url) else {
            // The token is shown to the vendor's own server alone.
            return Err(Failure::Refused { what: Text::literal("the next page is another server's") });
        };
        place.seen.push(digest(&place.url));
        if place.seen.contains(&digest(&url)) {
            return Ok((Next::End, false));
        }
        Ok((Next::Page(Place { seen: place.seen, url }.write()), true))
    }

    async fn sheets(&self, ask: &Ask<'_>, body: &[u8], rows: &[Value]) -> Result<Vec<Sheet>, Failure> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let reasons = self.names(ask, &self.reasons, "visit_reasons").await?;
        let providers = self.names(ask, &self.providers, "providers").await?;
        let terms = Terms {
            rules: &self.integration.rules,
            stamp: Stamp { at: ask.now, sequence: 0 },
            reasons: &reasons,
            providers: &providers,
            business_entity: self.tokens.business_entity(),
        };
        let mut sheet = visits(body.into(), rows, &terms);
        sheet.read_with = ReadWith::names(rows, &reasons, &providers).write();
        let mut sheets = Vec::new();
        let mut whole: Vec<Text> = Vec::new();
        for record in &sheet.records {
            if let Record::Appointment(_, patients) = record {
                let due = |patient: &&PatientRecord| self.is_due(&patient.source_id, ask.now);
                whole.extend(patients.iter().filter(due).map(|patient| patient.source_id.clone()));
            }
        }
        whole.sort();
        whole.dedup();
        whole.truncate(self.words.patients_a_page);
        // Before the visits, which are decided on with all that is known.
        for id in &whole {
            sheets.extend(self.patient(ask, id).await?);
        }
        sheets.push(sheet);
        let mut read = self.patients_read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.len() > 20_000 {
            read.clear();
        }
        read.extend(whole.into_iter().map(|id| (id, ask.now)));
        Ok(sheets)
    }

    async fn names(&self, ask: &Ask<'_>, shelf: &Shelf, list: &'static str) -> Result<Names, Failure> {
        if let Some(names) = shelf.held(ask.now, self.words.names_seconds) {
            return Ok(names);
        }
        let answer = self.get(ask, &format!("{}/v2/{list}", self.caller.base)).await?;
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let names = read_names(&answer.body, list)
            .ok_or_else(|| Failure::Malformed { what: Text::from(format!("the answer is no list of {list}")) })?;
        Ok(shelf.keep(ask.now, names))
    }

    fn is_due(&self, patient: &Text, now: Moment) -> bool {
        let read = self.patients_read.lock().unwrap_or_else(PoisonError::into_inner);
        let every = i64::from(self.words.patient_seconds);
        every > 0 && read.get(patient).is_none_or(|at| now.secs_since(*at) >= every)
    }

    /// Reads one patient whole: address and all phones stand in no visit. `None`: the server shows no such.
    async fn patient(&self, ask: &Ask<'_>, id: &Text) -> Result<Option<Sheet>, Failure> {
        let answer = self.get(ask, &format!("{}/v2/patients/{}", self.caller.base, percent(id))).await?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) {
            return Ok(None);
        }
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let stamp = Stamp { at: ask.now, sequence: 0 };
        Ok(Some(whole_patient(answer.body.as_ref().into(), id, stamp)))
    }

    async fn read_one(&self, id: &str, ask: Ask<'_>) -> Result<One, Failure> {
        if !self.capabilities().single {
            return Err(Failure::Refused { what: Text::literal("no read of one appointment is known of this system") });
        }
        let answer = self.get(&ask, &format!("{}/v2/appointments/{}", self.caller.base, percent(id))).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(One::NotFound);
        }
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let row: Value = serde_json::from_slice(&answer.body)
            .ok()
            .filter(|row: &Value| text(&unwrapped(row)["id"]).is_some())
            .ok_or_else(|| Failure::Malformed { what: Text::literal("the answer is no appointment") })?;
        let mut sheets = self.sheets(&ask, &answer.body, std::slice::from_ref(&row)).await?;
        let Some(found) = sheets.pop() else { return Ok(One::NotFound) };
        Ok(One::Found(joined(sheets, found)))
    }
}

impl SourceReader for CareCloud {
    fn capabilities(&self) -> Capabilities {
        let single = self.integration.rules.source.can.read_one;
        Capabilities { changes: false, consumes: false, windows: true, single, stamps: false }
    }

    fn window<'a>(&'a self, window: Window, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.read_window(window, ask))
    }

    fn one<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(self.read_one(source_id, ask))
    }

    fn refresh(&self) {
        self.tokens.forget();
    }
}
