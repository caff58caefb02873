//! The site interface: a slug and a key. The appointment book shows what stands in it; what was called off leaves it
//! and is told by a direct read.

use super::rows::{List, Reading, sheet};
use super::words::Words;
use crate::http::HttpAnswer;
use crate::loose::Loose;
use crate::rest::{Call, Caller, failure, percent, server_time};
use domain::setup::SecretRef;
use domain::text::Text;
use domain::time::Moment;
use engine::poll::{Ask, Capabilities, Failure, Next, One, Page, SourceReader, Window};
use engine::ports::PortFuture;
use engine::setup::Integration;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Reads one site.
pub(super) struct Site {
    pub(super) integration: Arc<Integration>,
    pub(super) words: Words,
    pub(super) caller: Caller,
    pub(super) slug: Text,
    pub(super) key: SecretRef,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Details {
    time_zone: Loose,
    site_status: Loose,
}

impl Site {
    async fn get(&self, ask: &Ask<'_>, path: &str) -> Result<HttpAnswer, Failure> {
        let key = self.caller.secret(&self.key)?;
        let url = format!("{}/sites/{}{path}", self.caller.base, percent(&self.slug));
        let call = Call::get(url).header("accept", "application/json").header("x-api-key", key.open());
        self.caller.send(ask, call).await
    }

    async fn read_window(&self, window: Window, ask: Ask<'_>) -> Result<Page, Failure> {
        let zone = self.look_at_site(&ask).await?;
        let day = |moment: Moment| zone.to_datetime(moment.timestamp()).date().to_string();
        let path = format!("/appointmentbook?from={}&to={}", day(window.from), day(window.to.plus_secs(-1)));
        let answer = self.get(&ask, &path).await?;
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let list: List<'_> = serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no appointment book") })?;
        let sheet = self.reading(&ask).book(answer.body.as_ref().into(), &list.appointments);
        Ok(Page { sheets: vec![sheet], next: Next::End, complete: true, server_time: server_time(&answer) })
    }

    /// The site's own configuration: by whose days the book is asked for, and whether it can be read at present.
    async fn look_at_site(&self, ask: &Ask<'_>) -> Result<jiff::tz::TimeZone, Failure> {
        let answer = self.get(ask, "").await?;
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let details: Details = serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no site") })?;
        if let Some(status) = details.site_status.text().filter(|status| **status != self.words.operational) {
            let word: String = status.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            return Err(Failure::Unreachable { what: Text::from(format!("the site says that it is {word}")) });
        }
        let named = details.time_zone.text().cloned();
        let name = named.unwrap_or_else(|| self.integration.rules.zone.name().clone());
        jiff::tz::TimeZone::get(&name)
            .map_err(|_| Failure::Malformed { what: Text::literal("the site's zone is not known") })
    }

    async fn read_visit(&self, source_id: &str, ask: Ask<'_>) -> Result<One, Failure> {
        let answer = self.get(&ask, &format!("/appointments/{}", percent(source_id))).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(One::NotFound);
        }
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let row: &RawValue = serde_json::from_slice(&answer.body)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer is no visit") })?;
        let mut sheet = sheet(answer.body.as_ref().into());
        self.reading(&ask).read_into(&mut sheet, row, "appointment", Vec::new());
        Ok(One::Found(sheet))
    }

    fn reading(&self, ask: &Ask<'_>) -> Reading<'_> {
        Reading { rules: &self.integration.rules, now: ask.now }
    }
}

impl SourceReader for Site {
    fn capabilities(&self) -> Capabilities {
        Capabilities { changes: false, consumes: false, windows: true, single: true, stamps: false }
    }

    fn window<'a>(&'a self, window: Window, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.read_window(window, ask))
    }

    fn one<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(self.read_visit(source_id, ask))
    }
}
