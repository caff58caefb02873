//! `punctual bench growth`: a store that grows, measured at each size, and the curves of it.

use crate::support::{Finished, command};
use serde_json::Value;
use std::path::Path;

fn growth(folder: &Path, args: &[&str]) -> Finished {
    let small = ["bench", "growth", "--folder", "grown", "--per-day", "100"];
    let few = ["--single", "5", "--many", "40", "--connections", "4", "--asked", "20"];
    Finished::of(command(folder).args(small).args(few).args(args))
}

fn results(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("grown/growth.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_store_grows_from_size_to_size_and_is_measured_at_each() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    growth(place, &["--sizes", "200", "--keep"]).done();
    assert!(place.join("grown/punctual.db").exists(), "it was to be kept");
    // The second fill goes on where the first ended; what was measured is not measured again.
    let done = growth(place, &["--sizes", "200,700", "--svg", "curves", "--where-bytes-go", "--cold", "3"]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.err.contains("200 visits were measured before"), "{}", done.err);
    assert!(done.err.contains("appointment_by_start"), "{}", done.err);
    assert!(!place.join("grown/punctual.db").exists(), "nobody asked to keep it");

    let lines = results(place);
    assert_eq!(lines.len(), 2);
    // With a hundred bookings a day a fifth is put off after 300 of them, a twentieth called off after 200.
    let events = 700 + 400 / 5 + 500 / 20;
    for (line, size, events) in [(&lines[0], 200, 200), (&lines[1], 700, events + 545)] {
        assert_eq!((&line["size"], &line["figures"]["visits"]), (&size.into(), &size.into()), "{line}");
        assert_eq!(line["events"], events, "{line}");
        let figures = &line["figures"];
        for load in ["one_connection", "many_connections"] {
            assert_eq!(figures[load]["refused"], 0, "{line}");
        }
        assert_eq!(figures["one_connection"]["answers"]["count"], 5);
        assert_eq!(figures["many_connections"]["answers"]["count"], 40);
        assert!(line["disk"]["bytes_per_event"].as_f64().unwrap() > 500.0, "{line}");
        let cold = &figures["questions"]["explanation from the disk"]["count"];
        assert_eq!(*cold, if size == 700 { Value::from(3) } else { Value::Null }, "{line}");
        assert!(figures["questions"].as_object().unwrap().len() > 8, "{line}");
    }
    let curves = |folder: &Path| {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let drawn = curves(&place.join("curves"));
    assert!(drawn.contains(&"growth-answer.svg".to_owned()) && drawn.len() >= 6, "{drawn:?}");

    // The same curves from what was written down.
    growth(place, &["--from", "grown/growth.jsonl", "--svg", "again"]).done();
    assert_eq!(curves(&place.join("again")), drawn);
    for name in drawn {
        let read = |of: &str| std::fs::read_to_string(place.join(of).join(&name)).unwrap();
        assert_eq!(read("again"), read("curves"), "{name}");
    }
}
