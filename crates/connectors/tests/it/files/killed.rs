//! Whoever reads a folder is killed between any two steps: no row is lost, and none is kept twice.

use super::folder::{NOW, ask, at, document, filed, put, reader};
use super::world::integration;
use domain::model::Record;
use engine::setup::Integration;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const FIRST: &str = "appointment_id,patient_id,start,end,booked_at,status,type_id,type,modality,department,provider_id,provider,series,family,given,birth_date,email,mobile\n";

/// Three files with thirteen visits, one of them of two rows that lie apart.
fn fill(folder: &Path) {
    let row = |id: u32, patient: u32| {
        format!("{id},{patient},2026-11-24 10:00,2026-11-24 10:30,,booked,,Visit,video,,DR1,,,A,B,,,\n")
    };
    let file = |stamp: &str, rows: &[(u32, u32)]| {
        let text: String = rows.iter().map(|(id, patient)| row(*id, *patient)).collect();
        put(folder, &format!("appointments_delta_20261123T{stamp}00Z.csv"), &format!("{FIRST}{text}"));
    };
    file("1700", &[(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (1, 6)]);
    file("1705", &[(6, 1), (7, 2)]);
    file("1710", &[(8, 1), (9, 2), (10, 3), (11, 4), (12, 5), (13, 6)]);
}

/// What a process does that is killed after so many steps: each question is one, each answer that becomes durable
/// another. Gives the visits that became durable, with how often, and whether the process came to its end.
async fn live(
    integration: &Arc<Integration>,
    cursor: &mut Option<String>,
    kept: &mut BTreeMap<String, usize>,
    mut steps: usize,
) -> bool {
    let reader = reader(integration).unwrap();
    loop {
        if steps == 0 {
            return false;
        }
        let page = ask(&reader, cursor.as_deref(), 2, at(NOW)).await.unwrap();
        steps -= 1;
        if steps == 0 {
            return false;
        }
        for record in page.sheets.iter().flat_map(|sheet| &sheet.records) {
            let Record::Appointment(visit, patients) = record else { continue };
            let rows = kept.entry(format!("{} with {}", visit.source_id, patients.len())).or_default();
            *rows += 1;
        }
        let (next, more) = (filed(&page).cursor.to_string(), filed(&page).more);
        *cursor = Some(next);
        steps -= 1;
        if !more {
            return true;
        }
    }
}

async fn survives(after: &str) {
    let mut at_once = 0;
    // How many steps a life has until it is ended; from the second life on there is no hurry.
    for killed_after in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        let overrides = [("files.after", &*format!("{after:?}")), ("files.marker", "\".done\"")];
        let integration = integration(&document("csv", folder.path(), &overrides)).await;
        let (mut cursor, mut kept) = (None, BTreeMap::new());
        let ended = live(&integration, &mut cursor, &mut kept, killed_after).await;
        at_once += usize::from(ended);
        // Killed in the middle of a move: the mark is gone, and the file still lies there.
        let mark = folder.path().join("appointments_delta_20261123T170000Z.csv.done");
        if after == "move" && killed_after % 3 == 2 && kept.len() >= 5 && mark.exists() {
            std::fs::remove_file(mark).unwrap();
        }
        assert!(live(&integration, &mut cursor, &mut kept, usize::MAX).await);
        let expected: BTreeMap<String, usize> =
            (1..=13).map(|id| (format!("{id} with {}", if id == 1 { 2 } else { 1 }), 1)).collect();
        assert_eq!(kept, expected, "killed after {killed_after} steps");
        let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let left = left.filter(|path| path.extension().is_some_and(|ending| ending == "csv")).count();
        let moved = std::fs::read_dir(folder.path().join("read")).map_or(0, Iterator::count);
        assert_eq!((left, moved), if after == "move" { (0, 3) } else { (3, 0) }, "killed after {killed_after} steps");
    }
    assert!((1..40).contains(&at_once), "some lives were cut short, and some were not: {at_once}");
}

#[tokio::test]
async fn killed_anywhere_a_folder_that_keeps_its_files_is_read_once() {
    survives("keep").await;
}

#[tokio::test]
async fn killed_anywhere_a_folder_whose_files_are_moved_is_read_once() {
    survives("move").await;
}
