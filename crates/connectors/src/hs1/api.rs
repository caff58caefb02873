//! EXACT's own interface, version 1.0: windows with continuation tokens, single visits, patients one by one.

use super::again::{ReadWith, Told};
use super::people::People;
use super::rows::{List, Reading, sheet};
use super::words::Words;
use crate::http::HttpAnswer;
use crate::rest::{Call, Caller, Grant, TokenShelf, failure, percent, server_time};
use base64::Engine as _;
use domain::model::AppointmentRecord;
use domain::setup::SecretRef;
use domain::text::Text;
use engine::poll::{Ask, Capabilities, Failure, Next, One, Page, SourceReader, Window};
use engine::ports::{PortFuture, Secret};
use engine::setup::Integration;
use hyper::StatusCode;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads one practice.
pub(super) struct Api {
    pub(super) integration: Arc<Integration>,
    pub(super) words: Words,
    pub(super) caller: Caller,
    pub(super) access: Access,
    pub(super) practice: Text,
    pub(super) people: People,
}

/// How the vendor is convinced of who asks.
pub(super) struct Access {
    pub(super) client_id: Text,
    pub(super) secret: SecretRef,
    pub(super) token_url: Option<Text>,
    pub(super) held: TokenShelf,
}

/// Where a window goes on: in the list that this token continues, behind so many of its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Spot {
    token: Option<Text>,
    row: usize,
}

impl Spot {
    fn write(&self) -> Text {
        Text::from(format!("{} {}", self.row, self.token.as_deref().unwrap_or("-")))
    }

    fn read(text: &str) -> Option<Spot> {
        let (row, token) = text.split_once(' ')?;
        Some(Spot { row: row.parse().ok()?, token: Some(token).filter(|token| *token != "-").map(Text::from) })
    }
}

impl Api {
    async fn token(&self, ask: &Ask<'_>) -> Result<Secret, Failure> {
        let now = self.caller.outside.clock.now();
        if let Some(token) = self.access.held.held(now) {
            return Ok(token);
        }
        let url = self.access.token_url.as_ref().or(self.words.token_url.as_ref());
        let missing = || Failure::NotReady { what: Text::literal("auth.token_url is not named") };
        let url = url.ok_or_else(missing)?;
        let secret = self.caller.secret(&self.access.secret)?;
        let pair = format!("{}:{}", self.access.client_id, secret.open());
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let scope = self.words.scope.as_deref().unwrap_or_default();
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let call = Call::form(url.as_str(), &form).header("authorization", basic).header("accept", "application/json");
        let answer = self.caller.send(ask, call).await?;
        Ok(self.access.held.keep(Grant::read(&answer, now)?))
    }

    async fn get(&self, ask: &Ask<'_>, path: &str) -> Result<HttpAnswer, Failure> {
        let token = self.token(ask).await?;
        let url = format!("{}/v1/Practices/{}/{path}", self.caller.base, percent(&self.practice));
        let version = self.words.version.as_deref().unwrap_or_default();
        let call = Call::get(url).header("accept", "application/json").header("x-api-version", version).bearer(&token);
        self.caller.send(ask, call).await
    }

    async fn read_window(&self, window: Window, ask: Ask<'_>) -> Result<Page, Failure> {
        let lost = || Failure::CursorLost;
        let spot = ask.cursor.map_or(Ok(Spot::default()), |cursor| Spot::read(cursor).ok_or_else(lost))?;
        let (from, to) = (percent(&window.from.to_string()), percent(&window.to.to_string()));
        let mut path = format!("Appointments?from={from}&to={to}");
        if let Some(token) = &spot.token {
            path.push_str(&format!("&continuationToken={}", percent(token)));
        }
        let answer = self.get(&ask, &path).await?;
        // Behind a token this is what the interface says when it does not know it any more.
        if answer.status == StatusCode::BAD_REQUEST && spot.token.is_some() {
            return Err(lost());
        }
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let list: List<'_> = serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no list of visits") })?;
        let mut sheet = sheet(answer.body.as_ref().into());
        let mut with = ReadWith { rows: Some(spot.row..list.appointments.len().max(spot.row)), ..ReadWith::default() };
        let reading = self.reading(&ask);
        let mut asked = 0;
        let mut stopped = None;
        for (n, row) in list.appointments.iter().enumerate().skip(spot.row) {
            // Patients take calls of their own: as many as fit into the time of a page, the rest with the next.
            if asked >= self.words.patients_a_page.max(1) {
                stopped = Some(n);
                with.rows = Some(spot.row..n);
                break;
            }
            let place = format!("appointments[{n}]");
            if let Ok(visit) = reading.appointment(row, &place) {
                self.patients_of(&ask, &visit, n, &mut with, &mut asked).await?;
            }
            reading.read_into(&mut sheet, row, &place, with.of_row(&reading, n));
        }
        sheet.read_with = serde_json::to_string(&with).ok();
        let next = match (stopped, list.continuation_token.text()) {
            (Some(row), _) => Next::Page(Spot { row, ..spot }.write()),
            (None, Some(token)) => Next::Page(Spot { token: Some(token.clone()), row: 0 }.write()),
            (None, None) => Next::End,
        };
        Ok(Page { sheets: vec![sheet], next, complete: true, server_time: server_time(&answer) })
    }

    /// What is answered of the patients of a visit who were not read lately.
    async fn patients_of(
        &self,
        ask: &Ask<'_>,
        visit: &AppointmentRecord,
        row: usize,
        with: &mut ReadWith,
        asked: &mut usize,
    ) -> Result<(), Failure> {
        let ids: BTreeSet<Text> = visit.participants.named().map(Text::from).collect();
        for id in ids {
            if !self.people.is_due(&id, ask.now, self.words.patient_seconds) {
                continue;
            }
            *asked += 1;
            let path = format!("Patients/{}", percent(&id));
            let Some(person) = self.found(ask, &path).await? else {
                self.people.note(id, ask.now);
                continue;
            };
            // A scope of its own: without it nothing is said of how to reach them.
            let contact = self.found(ask, &format!("{path}/ContactDetails")).await?;
            let told = Told { row, id: id.clone(), person, contact };
            told.read(&self.reading(ask))
                .ok_or_else(|| Failure::Malformed { what: Text::literal("the answer is no patient") })?;
            with.patients.push(told);
            self.people.note(id, ask.now);
        }
        Ok(())
    }

    /// Reads something that may not be there, or not for us.
    async fn found(&self, ask: &Ask<'_>, path: &str) -> Result<Option<Box<RawValue>>, Failure> {
        let answer = self.get(ask, path).await?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) {
            return Ok(None);
        }
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let read = serde_json::from_slice(&answer.body);
        read.map(Some).map_err(|_| Failure::Malformed { what: Text::literal("the answer is no patient") })
    }

    async fn read_visit(&self, source_id: &str, ask: Ask<'_>) -> Result<One, Failure> {
        let answer = self.get(&ask, &format!("Appointments/{}", percent(source_id))).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(One::NotFound);
        }
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let row: &RawValue = serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no visit") })?;
        let (mut sheet, mut with) = (sheet(answer.body.as_ref().into()), ReadWith::default());
        let reading = self.reading(&ask);
        if let Ok(visit) = reading.appointment(row, "appointment") {
            self.patients_of(&ask, &visit, 0, &mut with, &mut 0).await?;
        }
        reading.read_into(&mut sheet, row, "appointment", with.of_row(&reading, 0));
        sheet.read_with = serde_json::to_string(&with).ok();
        Ok(One::Found(sheet))
    }

    fn reading(&self, ask: &Ask<'_>) -> Reading<'_> {
        Reading { rules: &self.integration.rules, now: ask.now }
    }
}

impl SourceReader for Api {
    fn capabilities(&self) -> Capabilities {
        // `lastUpdatedDate` is the practice server's own clock; what is read is what is so.
        Capabilities { changes: false, consumes: false, windows: true, single: true, stamps: false }
    }

    fn window<'a>(&'a self, window: Window, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.read_window(window, ask))
    }

    fn one<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(self.read_visit(source_id, ask))
    }

    fn refresh(&self) {
        self.access.held.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_what_they_write() {
        for spot in [Spot { token: None, row: 20 }, Spot { token: Some("ct 5-0".into()), row: 0 }] {
            assert_eq!(Spot::read(&spot.write()), Some(spot));
        }
        assert_eq!(Spot::read("x"), None);
    }
}
