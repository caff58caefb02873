//! Which curves are drawn of the figures.

use super::svg::{Chart, Curve};
use serde_json::Value;

/// The pictures of these results, with the names of their files.
pub(super) fn charts(lines: &[Value]) -> Vec<(&'static str, Chart)> {
    let curve = |name: &str, place: &str, times: f64| {
        let value = |line: &Value| Some((line["size"].as_f64()?, line.pointer(place)?.as_f64()? * times));
        Curve { name: name.to_owned(), points: lines.iter().filter_map(value).collect() }
    };
    let chart = |title: &str, unit: &str, curves| Chart { title: title.to_owned(), unit: unit.to_owned(), curves };
    let (one, many) = ("/figures/one_connection", "/figures/many_connections");
    let questions = |share: &str| -> Vec<Curve> {
        let named = lines.first().and_then(|line| line["figures"]["questions"].as_object());
        let names = named.into_iter().flat_map(|questions| questions.keys());
        names.map(|name| curve(name, &format!("/figures/questions/{name}/{share}"), 1e-3)).collect()
    };
    vec![
        (
            "answer",
            chart(
                "From a message to its durable answer, one connection",
                "milliseconds",
                vec![
                    curve("half of all are faster", &format!("{one}/answers/p50_us"), 1e-3),
                    curve("99 of 100 are faster", &format!("{one}/answers/p99_us"), 1e-3),
                ],
            ),
        ),
        (
            "rate",
            chart(
                "Messages taken in and delivered, many connections",
                "messages a second",
                vec![curve("durably answered", &format!("{many}/per_second"), 1.0)],
            ),
        ),
        (
            "cpu",
            chart(
                "CPU time of a message, its delivery included",
                "microseconds",
                vec![
                    curve("many connections", &format!("{many}/cpu_us"), 1.0),
                    curve("one connection", &format!("{one}/cpu_us"), 1.0),
                ],
            ),
        ),
        ("questions-half", chart("Questions: half are answered within", "milliseconds", questions("p50_us"))),
        ("questions", chart("Questions: 99 of 100 are answered within", "milliseconds", questions("p99_us"))),
        (
            "memory",
            chart(
                "Memory of the process, senders included",
                "MB",
                vec![
                    curve("after all questions", "/figures/memory/resident", 1e-6),
                    curve("the most since it began", "/figures/memory/peak", 1e-6),
                ],
            ),
        ),
        (
            "disk",
            chart(
                "Disk for each message kept, with all that follows from it",
                "bytes",
                vec![curve("bytes a message", "/disk/bytes_per_event", 1.0)],
            ),
        ),
    ]
}
