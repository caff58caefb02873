//! The reader itself.

use super::again::{joined, sheet, single};
use super::auth::Auth;
use super::hook::keep_subscription;
use super::patients::{read_patient, search_patients};
use super::place::Place;
use super::token::Tokens;
use crate::fhir_r4::{DecodedBundle, Terms, decode_bundle};
use crate::http::HttpAnswer;
use crate::rest::{Call, Caller, Outside, TokenShelf, failure, header, is_same_origin, origin, percent, server_time};
use domain::model::{Record, RosterRecord};
use domain::text::Text;
use domain::time::Moment;
use engine::ingest::EnvelopeFormat;
use engine::poll::{Ask, Capabilities, Failure, Next, One, Page, PatientWanted, Sheet, SourceReader, Window};
use engine::ports::PortFuture;
use engine::setup::Integration;
use hyper::header::ETAG;
use hyper::{Method, StatusCode};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// A patient whom the server does not include is read again after so long, in seconds.
const PATIENT_SECS: i64 = 600;
/// The media type of FHIR R4 in JSON.
const JSON: &str = "application/fhir+json";

/// The reader of an integration whose route this is; `None`: resources are handed in.
pub(crate) fn reader(
    outside: &Outside,
    integration: &Arc<Integration>,
) -> Option<Result<Arc<dyn SourceReader>, Failure>> {
    let source = &integration.document.source;
    source.url.as_ref()?;
    let made = Caller::of(outside, integration).and_then(|caller| {
        let auth = Auth::read(source.auth.as_ref()).map_err(|what| Failure::NotReady { what })?;
        let reader = FhirReader {
            integration: integration.clone(),
            tokens: Tokens { auth, caller, held: TokenShelf::default() },
            etags: Mutex::default(),
            patients_read: Mutex::default(),
        };
        Ok(Arc::new(reader) as Arc<dyn SourceReader>)
    });
    Some(made)
}

/// Reads one server.
pub(super) struct FhirReader {
    pub(super) integration: Arc<Integration>,
    pub(super) tokens: Tokens,
    /// What single visits were when they were last read, so that the server need not send the same again.
    etags: Mutex<HashMap<Text, String>>,
    /// When patients were last read whom the server does not include.
    patients_read: Mutex<HashMap<Text, Moment>>,
}

impl FhirReader {
    /// Makes one request, with a token when the address is the server's own.
    pub(super) async fn request(
        &self,
        ask: &Ask<'_>,
        method: Method,
        url: &str,
        body: Option<String>,
        if_none_match: Option<&str>,
    ) -> Result<HttpAnswer, Failure> {
        let mut call = match body {
            Some(body) => Call::send(method, url, JSON, body),
            None => Call::get(url),
        };
        if let Some(etag) = if_none_match {
            call = call.header("if-none-match", etag);
        }
        self.send(ask, call, url).await
    }

    /// Makes a call, with a token when the address is the server's own.
    pub(super) async fn send(&self, ask: &Ask<'_>, call: Call, url: &str) -> Result<HttpAnswer, Failure> {
        let token = self.tokens.token(ask).await?;
        let mut call = call.header("accept", JSON);
        if let Some(token) = token.filter(|_| is_same_origin(self.base(), url)) {
            call = call.bearer(&token);
        }
        self.tokens.caller.send(ask, call).await
    }

    /// The server's address.
    pub(super) fn base(&self) -> &str {
        &self.tokens.caller.base
    }

    async fn get(&self, ask: &Ask<'_>, url: &str) -> Result<HttpAnswer, Failure> {
        self.request(ask, Method::GET, url, None, None).await
    }

    /// The address of a page of changes since a moment.
    fn changes_url(&self, since: Moment, ask: &Ask<'_>) -> String {
        let from = since.plus_secs(-i64::from(ask.overlap_secs.max(1)));
        // No filter by status: what was cancelled would stay unseen.
        format!(
            "{}/Appointment?_lastUpdated=ge{}&_sort=_lastUpdated&_count={}&_include=Appointment%3Apatient",
            self.base(),
            percent(&from.to_string()),
            ask.page_size
        )
    }

    fn window_url(&self, window: Window, ask: &Ask<'_>) -> String {
        format!(
            "{}/Appointment?date=ge{}&date=lt{}&_count={}&_include=Appointment%3Apatient",
            self.base(),
            percent(&window.from.to_string()),
            percent(&window.to.to_string()),
            ask.page_size
        )
    }

    async fn read_changes(&self, ask: Ask<'_>) -> Result<Page, Failure> {
        let place = match ask.cursor {
            // From now on: by the server's clock, which its answer shows.
            None => Place::Since(ask.now),
            Some(cursor) => Place::read(cursor).ok_or(Failure::CursorLost)?,
        };
        let (url, since, newest) = match &place {
            Place::Since(since) => (self.changes_url(*since, &ask), Some(*since), None),
            Place::Page { since, newest, url } => (url.to_string(), *since, *newest),
        };
        let mut answer = self.get(&ask, &url).await?;
        if let (Place::Page { .. }, Some(since), StatusCode::GONE | StatusCode::NOT_FOUND) =
            (&place, since, answer.status)
        {
            // The server forgot its page, not our watermark: the list is begun again.
            answer = self.get(&ask, &self.changes_url(since, &ask)).await?;
        }
        let read = self.page(&ask, &answer, Some("_lastUpdated")).await?;
        let newest = read.newest.max(newest);
        let since = match (ask.cursor, since) {
            (None, _) => read.page.server_time.map_or(ask.now, |time| time.min(ask.now.plus_secs(86_400))),
            (Some(_), since) => since.unwrap_or(ask.now),
        };
        let next = match read.next {
            Some(url) => Next::Page(Place::Page { since: Some(since), newest, url }.write()),
            None => Next::Later(Place::Since(newest.map_or(since, |newest| newest.max(since))).write()),
        };
        Ok(Page { next, ..read.page })
    }

    async fn read_window(&self, window: Window, ask: Ask<'_>) -> Result<Page, Failure> {
        let url = match ask.cursor.map(Place::read) {
            None => self.window_url(window, &ask),
            Some(Some(Place::Page { url, .. })) => url.to_string(),
            Some(_) => return Err(Failure::CursorLost),
        };
        let answer = self.get(&ask, &url).await?;
        if ask.cursor.is_some() && answer.status == StatusCode::NOT_FOUND {
            return Err(Failure::CursorLost);
        }
        let read = self.page(&ask, &answer, None).await?;
        let next = match read.next {
            Some(url) => Next::Page(Place::Page { since: None, newest: None, url }.write()),
            None => Next::End,
        };
        Ok(Page { next, ..read.page })
    }

    /// Reads a page of a search. `demanded`: the parameter that the server must have understood.
    async fn page(&self, ask: &Ask<'_>, answer: &HttpAnswer, demanded: Option<&str>) -> Result<ReadPage, Failure> {
        if let Some(failure) = failure(answer, ask.now) {
            return Err(failure);
        }
        let terms = Terms::of(&self.integration, ask.now);
        let body: Arc<[u8]> = answer.body.as_ref().into();
        let (mut sheet, next, newest, complete) = {
            let bundle = decode_bundle(&body, &terms).map_err(|problem| Failure::Malformed {
                what: Text::from(format!("the answer is no bundle ({})", problem.path)),
            })?;
            if bundle.kind.as_deref() != Some("searchset") {
                return Err(Failure::Malformed { what: Text::literal("the answer is a bundle, but no searchset") });
            }
            // Lenient servers leave out what they do not know, and say so in the address they give themselves.
            if let (Some(demanded), Some(this)) = (demanded, &bundle.this)
                && this.contains('?')
                && !this.contains(demanded)
                && !this.contains("page")
            {
                let what = format!("the server does not search by {demanded}");
                return Err(Failure::Refused { what: what.into() });
            }
            let next = bundle.next.as_ref().map(|next| resolve(self.base(), next));
            (sheet(&bundle, body.clone()), next, newest(&bundle), !bundle.issues.iter().any(is_loss))
        };
        let mut sheets = self.patients(ask, &mut sheet).await?;
        sheets.push(sheet);
        let page = Page { sheets, next: Next::End, complete, server_time: server_time(answer) };
        Ok(ReadPage { page, next, newest })
    }

    /// Patients whom the server did not include: read one by one, before the visits.
    async fn patients(&self, ask: &Ask<'_>, sheet: &mut Sheet) -> Result<Vec<Sheet>, Failure> {
        let mut told: BTreeSet<Text> = BTreeSet::new();
        let mut named: BTreeSet<Text> = BTreeSet::new();
        for record in &sheet.records {
            match record {
                Record::Patient(patient) => {
                    told.insert(patient.source_id.clone());
                }
                Record::Appointment(visit, patients) => {
                    told.extend(patients.iter().map(|patient| patient.source_id.clone()));
                    if let RosterRecord::All(people) = &visit.participants {
                        named.extend(people.iter().map(|person| person.source_id.clone()));
                    }
                }
                Record::Merge(_) => {}
            }
        }
        let mut sheets = Vec::new();
        for id in named.difference(&told) {
            // An id that came from an identifier is none of the server's own.
            if !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')) || id.len() > 64 {
                continue;
            }
            if !self.is_due(id, ask.now) {
                continue;
            }
            if let Some(found) = self.read_one(ask, "Patient", id).await? {
                sheets.push(found);
            }
            self.patients_read.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), ask.now);
        }
        Ok(sheets)
    }

    /// A patient whom the server does not include is not asked for with every visit and every page.
    fn is_due(&self, patient: &str, now: Moment) -> bool {
        let mut read = self.patients_read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.len() > 20_000 {
            read.clear();
        }
        read.get(patient).is_none_or(|at| now.secs_since(*at) > PATIENT_SECS)
    }

    /// Reads one resource that may be known already; `None`: it is not there, or not for us.
    async fn read_one(&self, ask: &Ask<'_>, kind: &str, id: &str) -> Result<Option<Sheet>, Failure> {
        let key = Text::from(format!("{kind}/{id}"));
        let etag = self.etags.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let url = format!("{}/{kind}/{}", self.base(), percent(id));
        let answer = self.request(ask, Method::GET, &url, None, etag.as_deref()).await?;
        let empty = |named| Sheet { named, ..Sheet::of(Arc::from([]), EnvelopeFormat::FhirJson) };
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                self.etags.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
                return Ok(None);
            }
            StatusCode::NOT_MODIFIED => {
                let named = if kind == "Appointment" { vec![Text::from(id)] } else { Vec::new() };
                return Ok(Some(empty(named)));
            }
            // Whom we may not see stays as it was told elsewhere; the visit is still read.
            StatusCode::FORBIDDEN if kind == "Patient" => return Ok(None),
            _ => {}
        }
        if let Some(failure) = failure(&answer, ask.now) {
            return Err(failure);
        }
        let visit = (kind == "Appointment").then(|| id.into());
        let sheet = single(answer.body.as_ref().into(), &Terms::of(&self.integration, ask.now), visit)
            .ok_or_else(|| Failure::Malformed { what: Text::from(format!("the answer is no {kind}")) })?;
        if let Some(etag) = header(&answer, ETAG) {
            let mut etags = self.etags.lock().unwrap_or_else(PoisonError::into_inner);
            // Only a help: forgotten when it grows large.
            if etags.len() > 20_000 {
                etags.clear();
            }
            etags.insert(key, etag.to_owned());
        }
        Ok(Some(sheet))
    }

    async fn read_visit(&self, source_id: &str, ask: Ask<'_>) -> Result<One, Failure> {
        let Some(system) = &self.integration.document.source.identifier_system else {
            return match self.read_one(&ask, "Appointment", source_id).await? {
                None => Ok(One::NotFound),
                Some(mut sheet) => {
                    let patients = self.patients(&ask, &mut sheet).await?;
                    Ok(One::Found(joined(sheet, patients)))
                }
            };
        };
        let token = percent(&format!("{system}|{source_id}"));
        let url = format!("{}/Appointment?identifier={token}&_include=Appointment%3Apatient", self.base());
        let answer = self.get(&ask, &url).await?;
        let read = self.page(&ask, &answer, Some("identifier")).await?;
        let mut sheets = read.page.sheets;
        let Some(visit) = sheets.pop() else { return Ok(One::NotFound) };
        let there = visit.records.iter().any(|record| matches!(record, Record::Appointment(..)));
        if !there && visit.problems.is_empty() {
            return Ok(One::NotFound);
        }
        Ok(One::Found(joined(visit, sheets)))
    }
}

struct ReadPage {
    page: Page,
    next: Option<Text>,
    newest: Option<Moment>,
}

/// The newest change among the visits of a page.
fn newest(bundle: &DecodedBundle<'_>) -> Option<Moment> {
    let stamps = bundle.records().filter_map(|record| match record {
        Record::Appointment(visit, _) => Some(visit.stamp.at),
        Record::Patient(_) | Record::Merge(_) => None,
    });
    stamps.max()
}

/// Something that the server says of a search means that its answer is not whole.
fn is_loss(issue: &wire::fhir::Issue<'_>) -> bool {
    let severity = issue.severity.as_deref().unwrap_or_default();
    let code = issue.code.as_deref().unwrap_or_default();
    matches!(severity, "error" | "fatal") || matches!(code, "incomplete" | "timeout" | "throttled" | "transient")
}

/// An address of the server: as given, or below the base.
fn resolve(base: &str, next: &str) -> Text {
    if next.contains("://") {
        return next.into();
    }
    if let Some(query) = next.strip_prefix('?') {
        return Text::from(format!("{base}/Appointment?{query}"));
    }
    if next.starts_with('/') {
        return Text::from(format!("{}{next}", origin(base)));
    }
    Text::from(format!("{base}/{next}"))
}

impl SourceReader for FhirReader {
    fn capabilities(&self) -> Capabilities {
        Capabilities { changes: true, consumes: false, windows: true, single: true, stamps: true }
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
        Box::pin(search_patients(self, wanted, ask))
    }

    fn patient<'a>(&'a self, source_id: &'a str, ask: Ask<'a>) -> PortFuture<'a, Result<One, Failure>> {
        Box::pin(read_patient(self, source_id, ask))
    }

    fn refresh(&self) {
        self.tokens.forget();
    }

    fn keep_hooks<'a>(&'a self, ask: Ask<'a>) -> PortFuture<'a, Result<(), Failure>> {
        Box::pin(keep_subscription(self, ask))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_links_are_followed_as_given_and_the_token_stays_at_home() {
        let base = "https://ehr.example.com/fhir/r4";
        for (next, url, home) in [
            ("https://ehr.example.com/fhir/r4?_getpages=7", "https://ehr.example.com/fhir/r4?_getpages=7", true),
            ("/other/page/2", "https://ehr.example.com/other/page/2", true),
            ("Appointment?page=2", "https://ehr.example.com/fhir/r4/Appointment?page=2", true),
            ("?page=2", "https://ehr.example.com/fhir/r4/Appointment?page=2", true),
            ("https://elsewhere.example.com/p", "https://elsewhere.example.com/p", false),
            ("http://ehr.example.com/p", "http://ehr.example.com/p", false),
        ] {
            assert_eq!(resolve(base, next), url);
            assert_eq!(is_same_origin(base, url), home, "{url}");
        }
    }
}
