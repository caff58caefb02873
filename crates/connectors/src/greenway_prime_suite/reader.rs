//! The reader itself.

use crate::greenway_prime_suite::answer::day_sheet;
use crate::greenway_prime_suite::asked::{self, Auth};
use crate::greenway_prime_suite::rows::Reading;
use crate::greenway_prime_suite::rules::Rules;
use crate::rest::{Call, Caller, Outside, percent, server_time};
use domain::model::Stamp;
use engine::poll::{Ask, Capabilities, Failure, Next, Page, SourceReader, Window};
use engine::ports::PortFuture;
use engine::setup::Integration;
use hyper::Method;
use std::sync::Arc;
use std::time::Duration;

/// Below the address of the set-up.
const PATH: &str = "/RESTv1.0/PrimeSuiteAPIService/User/PatientListGet";
/// Slow answers are normal: public clients wait two minutes. Longer than this, the engine does not.
const PATIENCE: Duration = Duration::from_secs(55);

/// Makes the reader of an integration.
pub(crate) fn reader(
    outside: &Outside,
    integration: &Arc<Integration>,
) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
    Some(PrimeReader::of(outside, integration).map(|reader| Arc::new(reader) as Arc<dyn SourceReader>))
}

struct PrimeReader {
    integration: Arc<Integration>,
    rules: Rules,
    caller: Caller,
    auth: Auth,
}

impl PrimeReader {
    fn of(outside: &Outside, integration: &Arc<Integration>) -> Result<PrimeReader, Failure> {
        Ok(PrimeReader {
            auth: Auth::read(integration.document.source.auth.as_ref())?,
            rules: Rules::of(integration)?,
            caller: Caller::of(outside, integration)?,
            integration: integration.clone(),
        })
    }

    async fn read_window(&self, window: Window, ask: Ask<'_>) -> Result<Page, Failure> {
        let page = match ask.cursor {
            None => asked::Page { number: 0, size: ask.page_size.max(1) as usize },
            Some(cursor) => asked::Page::read(cursor).ok_or(Failure::CursorLost)?,
        };
        let body = self.auth.day_sheet(&self.caller, window, &self.integration.rules.zone, page)?;
        let key = self.caller.secret(&self.auth.api_key)?;
        let url = format!("{}{PATH}?api_key={}", self.caller.base, percent(key.open()));
        let call = Call::send(Method::POST, url, "application/json", body.to_string()).within(PATIENCE);
        let answer = self.caller.send(&ask, call).await?;
        let read = day_sheet(&answer, &self.rules, ask.now)?;
        let rows = read.appointments.unwrap_or_default();
        // The count is that of the whole window: rows that are missing were lost, and prove no absence.
        let complete = rows.len() >= page.rows(read.total_rows);
        // Nobody's version: what is shown counts as said when it was read.
        let stamp = Stamp { at: ask.now, sequence: 0 };
        let reading = Reading { rules: &self.integration.rules, own: &self.rules, stamp };
        let sheet = reading.sheet(answer.body.as_ref().into(), &rows);
        let next = page.next(read.total_rows).map_or(Next::End, |next| Next::Page(next.write()));
        Ok(Page { sheets: vec![sheet], next, complete, server_time: server_time(&answer) })
    }
}

impl SourceReader for PrimeReader {
    fn capabilities(&self) -> Capabilities {
        Capabilities { changes: false, consumes: false, windows: true, single: false, stamps: false }
    }

    fn window<'a>(&'a self, window: Window, ask: Ask<'a>) -> PortFuture<'a, Result<Page, Failure>> {
        Box::pin(self.read_window(window, ask))
    }
}
