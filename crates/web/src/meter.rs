//! Numbers for monitoring. Labels are our own words and the ids of integrations; never an id of a patient or visit,
//! and a request is counted under its route's template, not its path.

use domain::decide::Verdict;
use engine::Engine;
use engine::ops::{Measures, PlaceMeasures};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram, with_local_recorder,
};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const REQUESTS: &str = "punctual_http_requests_total";
const SECONDS: &str = "punctual_http_request_seconds";
const APPOINTMENTS: &str = "punctual_appointments";
const CAUSES: &str = "punctual_causes_open";
const OUTBOX: &str = "punctual_outbox_depth";
const OLDEST: &str = "punctual_oldest_message_timestamp_seconds";
const FORGOTTEN: &str = "punctual_messages_forgotten_total";
const READS: &str = "punctual_source_reads_total";
const READS_WITHIN: &str = "punctual_source_reads_within_total";
const PLACES: &str = "punctual_places";
const PLACES_HELD: &str = "punctual_places_held";
const SILENT: &str = "punctual_silent_hosts";
const READS_LATEST: &str = "punctual_source_read_lateness_max_seconds";

/// Bounds of the answer times that are told apart.
const BUCKETS: &[f64] = &[0.005, 0.025, 0.1, 0.5, 2.5, 10.0];
/// Times are condensed after so many requests, so that memory does not grow while nobody scrapes.
const UPKEEP: u32 = 256;
/// Numbers of the store are as old as this at most.
const FRESH: Duration = Duration::from_secs(1);

/// Counts requests, and writes down everything there is to count. Not the process-wide recorder, so that several
/// servers in one process (tests, the demo) do not mix their numbers.
pub(crate) struct Meter {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    since_upkeep: AtomicU32,
    /// What was counted last, and when.
    last: tokio::sync::Mutex<Option<(Instant, Measures)>>,
}

impl Meter {
    pub(crate) fn new() -> Meter {
        let recorder = builder().unwrap_or_default().build_recorder();
        with_local_recorder(&recorder, || {
            describe_counter!(REQUESTS, "Requests by route, method and status.");
            describe_histogram!(SECONDS, Unit::Seconds, "Time to answer by route.");
            describe_gauge!(APPOINTMENTS, "Appointments by integration and verdict.");
            describe_gauge!(CAUSES, "Open causes by integration, counted up to 10000.");
            describe_gauge!(OUTBOX, "Cards waiting in the outbox, counted up to 10000.");
            describe_gauge!(OLDEST, Unit::Seconds, "When the oldest message came that is still kept.");
            describe_counter!(FORGOTTEN, "Messages that retention removed since the start.");
            describe_counter!(READS, "Reads of sources that began, by kind.");
            describe_counter!(
                READS_WITHIN,
                "Of these, those that began so many seconds after they were due, or sooner."
            );
            describe_gauge!(PLACES, "Cards, or reads of sources, that this process has in hand at most.");
            describe_gauge!(PLACES_HELD, "Of these, how many it has.");
            describe_gauge!(SILENT, "Hosts that hold few of these places because they do not answer.");
            describe_gauge!(READS_LATEST, Unit::Seconds, "How late the latest read of a source began.");
        });
        Meter {
            handle: recorder.handle(),
            recorder,
            since_upkeep: AtomicU32::new(0),
            last: tokio::sync::Mutex::default(),
        }
    }

    /// Counts one answered request.
    pub(crate) fn count(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        with_local_recorder(&self.recorder, || {
            counter!(REQUESTS, "route" => route.to_owned(), "method" => method, "status" => status.to_string())
                .increment(1);
            histogram!(SECONDS, "route" => route.to_owned()).record(took.as_secs_f64());
        });
        if self.since_upkeep.fetch_add(1, Ordering::Relaxed) % UPKEEP == UPKEEP - 1 {
            self.handle.run_upkeep();
        }
    }

    /// Everything in the text format of Prometheus. Nobody needs a token to ask, so the store is not asked more than
    /// once in a while, however many ask.
    pub(crate) async fn report(&self, engine: &Engine) -> engine::Result<String> {
        let mut last = self.last.lock().await;
        match &*last {
            Some((at, measures)) if at.elapsed() < FRESH => Ok(self.render(measures)),
            _ => {
                let measures = engine.measure().await?;
                let text = self.render(&measures);
                *last = Some((Instant::now(), measures));
                Ok(text)
            }
        }
    }

    fn render(&self, measures: &Measures) -> String {
        with_local_recorder(&self.recorder, || {
            gauge!(OUTBOX).set(as_gauge(measures.outbox as u64));
            counter!(FORGOTTEN).absolute(measures.messages_forgotten);
            if let Some(oldest) = measures.oldest_message {
                gauge!(OLDEST).set(as_gauge(oldest.seconds().unsigned_abs()));
            }
            for (kind, count) in &measures.reads.begun {
                counter!(READS, "kind" => *kind).absolute(*count);
            }
            for (bound, count) in &measures.reads.within {
                counter!(READS_WITHIN, "seconds" => bound.to_string()).absolute(*count);
            }
            for PlaceMeasures { of, places, held, silent_hosts } in &measures.places {
                gauge!(PLACES, "of" => *of).set(as_gauge(*places as u64));
                gauge!(PLACES_HELD, "of" => *of).set(as_gauge(*held as u64));
                gauge!(SILENT, "of" => *of).set(as_gauge(*silent_hosts as u64));
            }
            gauge!(READS_LATEST).set(measures.reads.latest);
            for integration in &measures.integrations {
                let id = integration.id.to_string();
                gauge!(CAUSES, "integration" => id.clone()).set(as_gauge(integration.causes as u64));
                for (verdict, count) in &integration.verdicts {
                    gauge!(APPOINTMENTS, "integration" => id.clone(), "verdict" => Verdict::word(*verdict))
                        .set(as_gauge(*count));
                }
            }
        });
        self.handle.render()
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets(BUCKETS)
}

#[allow(clippy::cast_precision_loss, reason = "gauges are floating point; counts stay far below 2^53")]
fn as_gauge(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::ops::IntegrationMeasures;
    use engine::poll::ReadMeasures;

    #[test]
    fn two_meters_do_not_mix_their_numbers() {
        let (one, other) = (Meter::new(), Meter::new());
        one.count("/healthz", "GET", 200, Duration::from_millis(3));
        let measures = Measures {
            oldest_message: None,
            messages_forgotten: 0,
            outbox: 2,
            reads: ReadMeasures { begun: vec![("near", 5)], within: vec![(0.25, 4)], latest: 1.5 },
            places: vec![PlaceMeasures { of: "cards", places: 1024, held: 7, silent_hosts: 1 }],
            integrations: vec![IntegrationMeasures { id: "n-c".into(), verdicts: vec![(Verdict::Held, 3)], causes: 1 }],
        };
        let text = one.render(&measures);
        for line in [
            r#"punctual_http_requests_total{route="/healthz",method="GET",status="200"} 1"#,
            r#"punctual_appointments{integration="n-c",verdict="held"} 3"#,
            r#"punctual_causes_open{integration="n-c"} 1"#,
            "punctual_outbox_depth 2",
            r#"punctual_source_reads_total{kind="near"} 5"#,
            r#"punctual_source_reads_within_total{seconds="0.25"} 4"#,
            "punctual_source_read_lateness_max_seconds 1.5",
            r#"punctual_places{of="cards"} 1024"#,
            r#"punctual_places_held{of="cards"} 7"#,
            r#"punctual_silent_hosts{of="cards"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in:\n{text}");
        }
        assert!(!other.render(&Measures::default()).contains("/healthz"));
    }
}
