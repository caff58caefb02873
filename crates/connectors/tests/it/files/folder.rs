//! A drop folder and whoever reads it, without an engine: a cursor that is kept or lost.

use crate::world::{NoChance, OneSecret};
use connectors::VendorReaders;
use connectors::http::{AddressPolicy, HttpClient};
use connectors::rest::Outside;
use domain::time::Moment;
use engine::poll::{Ask, Failure, Filed, Next, Pace, Page, Readers, SourceReader};
use engine::ports::{Clock, PortFuture};
use engine::setup::Integration;
use std::path::Path;
use std::sync::Arc;

/// When the folders are read: shortly after their files were written.
pub(crate) const NOW: &str = "2026-11-23T17:20:00Z";

pub(crate) fn at(text: &str) -> Moment {
    Moment::from(text.parse::<jiff::Timestamp>().unwrap())
}

/// A clock that stands.
pub(crate) struct Stopped(pub(crate) Moment);

impl Clock for Stopped {
    fn now(&self) -> Moment {
        self.0
    }
}

/// Nobody limits a look into a folder.
struct NoLimit;

impl Pace for NoLimit {
    fn turn(&self) -> PortFuture<'_, Result<(), Failure>> {
        Box::pin(async { Ok(()) })
    }
}

/// The set-up of a folder.
pub(crate) fn document(profile: &str, folder: &Path, overrides: &[(&str, &str)]) -> String {
    let overrides: String = overrides
        .iter()
        .map(|(path, value)| {
            format!(
                "[[integration.override]]\npath = \"source.{path}\"\nvalue = {value}\nauthor = \"t\"\nreason = \"t\"\n"
            )
        })
        .collect();
    format!(
        r#"
[practice]
id = "northside"
name = "Northside Family Clinic"
time_zone = "America/Chicago"
[[integration]]
id = "northside-files"
lifecycle = "live"
source = {{ profile = "{profile}", route = "csv", drop = "{}" }}
platform = {{ profile = "webhook", route = "webhook", url = "http://127.0.0.1:9900/hook" }}
{overrides}"#,
        folder.display()
    )
}

/// Makes a reader as a process does that has just begun.
pub(crate) fn reader(integration: &Arc<Integration>) -> Result<Arc<dyn SourceReader>, Failure> {
    let outside = Outside {
        client: HttpClient::new(AddressPolicy::default()).unwrap(),
        secrets: Arc::new(OneSecret),
        clock: Arc::new(Stopped(at(NOW))),
        chance: Arc::new(NoChance),
    };
    VendorReaders::new(outside).reader(integration).unwrap()
}

/// Asks for the next page.
pub(crate) async fn ask(
    reader: &Arc<dyn SourceReader>,
    cursor: Option<&str>,
    page_size: u32,
    now: Moment,
) -> Result<Page, Failure> {
    reader.changes(Ask { cursor, overlap_secs: 0, page_size, now, pace: &NoLimit }).await
}

/// What a page proves.
pub(crate) fn filed(page: &Page) -> &Filed {
    match &page.next {
        Next::File(filed) => filed,
        other => panic!("a folder tells of files: {other:?}"),
    }
}

/// Writes a file with its mark.
pub(crate) fn put(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
    std::fs::write(folder.join(format!("{name}.done")), "").unwrap();
}
