//! What the service says of itself to monitoring.

use crate::exit::Failure;
use connectors::http::{AddressPolicy, HttpClient};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use std::net::SocketAddr;
use std::time::Duration;

/// So long the service may take to answer.
const LIMIT: Duration = Duration::from_secs(60);
/// Answers are read up to this size.
const LARGEST: usize = 64 << 20;

/// A reading of all its numbers.
pub(super) struct Meters(String);

/// Who reads them.
pub(super) struct Scraper(HttpClient);

impl Scraper {
    pub(super) fn new() -> Result<Scraper, Failure> {
        let client = HttpClient::new(AddressPolicy::default());
        Ok(Scraper(client.map_err(|error| Failure::could("no client can be made", &error))?))
    }

    pub(super) async fn read(&self, http: SocketAddr) -> Result<Meters, Failure> {
        let request = Request::get(format!("http://{http}/metrics")).body(Full::new(Bytes::new()));
        let request = request.map_err(|error| Failure::could("the request cannot be made", &error))?;
        let answer = self.0.send(request, LIMIT, LARGEST).await;
        let answer = answer.map_err(|trouble| Failure::Could(format!("the service's numbers: {trouble}")))?;
        Ok(Meters(String::from_utf8_lossy(&answer.body).into_owned()))
    }
}

impl Meters {
    /// Every value under a name, with its labels as they are written.
    fn lines<'m>(&'m self, name: &'m str) -> impl Iterator<Item = (&'m str, f64)> {
        self.0.lines().filter_map(move |line| {
            let rest = line.strip_prefix(name)?;
            let (labels, value) = match rest.strip_prefix('{') {
                Some(rest) => rest.rsplit_once("} ")?,
                None => ("", rest.strip_prefix(' ')?),
            };
            Some((labels, value.trim().parse().ok()?))
        })
    }

    /// The sum of all values under a name.
    pub(super) fn sum(&self, name: &str) -> f64 {
        self.lines(name).map(|(_, value)| value).sum()
    }

    /// The value under a name with one label; 0 when there is none.
    pub(super) fn with(&self, name: &str, label: &str, is: &str) -> f64 {
        let wanted = format!("{label}=\"{is}\"");
        self.lines(name).filter(|(labels, _)| *labels == wanted).map(|(_, value)| value).sum()
    }

    /// Visits that are known.
    pub(super) fn visits(&self) -> u64 {
        whole(self.sum("punctual_appointments"))
    }

    /// Reads of a kind that began.
    pub(super) fn reads(&self, kind: &str) -> u64 {
        whole(self.with("punctual_source_reads_total", "kind", kind))
    }

    /// Reads that began no later than so many seconds after they were due, by that bound.
    pub(super) fn within(&self) -> Vec<(f64, u64)> {
        let bounds = self.lines("punctual_source_reads_within_total").filter_map(|(labels, value)| {
            let bound = labels.strip_prefix("seconds=\"")?.strip_suffix('"')?;
            Some((bound.parse().ok()?, whole(value)))
        });
        let mut bounds: Vec<(f64, u64)> = bounds.collect();
        bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        bounds
    }
}

/// A count that went through a floating-point number.
fn whole(value: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are far below 2^53")]
    let whole = value.max(0.0) as u64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_name_and_label() {
        let meters = Meters(
            "# HELP punctual_appointments x\npunctual_appointments{integration=\"a\",verdict=\"held\"} 3\n\
             punctual_appointments{integration=\"b\",verdict=\"in_sync\"} 4\npunctual_appointments_other 9\n\
             punctual_source_reads_total{kind=\"near\"} 5\npunctual_source_reads_within_total{seconds=\"2.5\"} 7\n\
             punctual_source_reads_within_total{seconds=\"0.1\"} 6\npunctual_outbox_depth 2\n"
                .to_owned(),
        );
        assert_eq!((meters.visits(), meters.reads("near"), meters.reads("far")), (7, 5, 0));
        assert_eq!(meters.within(), [(0.1, 6), (2.5, 7)]);
        assert_eq!(meters.sum("punctual_outbox_depth"), 2.0);
    }
}
