//! Files that are not as they ought to be, each told as what it is.

use super::folder::{NOW, ask, at, document, filed, put, reader};
use super::world::integration;
use domain::model::{Record, RosterRecord};
use engine::poll::{Failure, Page, SourceReader};
use std::path::Path;
use std::sync::Arc;

const ACTIVITY: &str = "ACTIVITY_LOG_ID,ACTIVITY_CODE,ACTIVITY_NAME,IS_GROUP_YN,STAFF_ID,BEGIN_DATETIME,END_DATETIME,ORGANIZATION_ID,LOCATION_ID,MODALITY,SERIES_KEY,CHANGED_DATE\n";
const DETAIL: &str = "ACTIVITY_DETAIL_ID,ACTIVITY_LOG_ID,CLIENT_ID,PROGRAM_ID,STATUS,STATUS_BY,STATUS_DATE,VIDEO_COUNSELING_YN,CANCELLATION_COMMENTS,CREATED_DATE,CHANGED_DATE\n";
const CLIENT: &str =
    "CLIENT_ID,LAST_NAME,FIRST_NAME,BIRTH_DATE,SEX,PRIMARY_EMAIL,MOBILE_PHONE,ADDRESS,CITY,STATE,ZIP,CHANGED_DATE\n";

fn activity(id: u32, start: &str) -> String {
    format!("{id},T1,Session,N,5107,{start},2026-11-24 11:00:00,31,4,VIDEO,,2026-11-23 09:00:00\n")
}

fn detail(key: u32, visit: u32, client: u32, status: &str, status_date: &str) -> String {
    format!("{key},{visit},{client},12,{status},,{status_date},Y,,2026-11-20 09:00:00,2026-11-20 09:00:00\n")
}

/// Writes the three files of one time.
fn three(folder: &Path, style: &str, stamp: &str, activities: &str, details: &str) {
    put(folder, &format!("activity_{style}_{stamp}.csv"), &format!("{ACTIVITY}{activities}"));
    put(folder, &format!("activity_detail_{style}_{stamp}.csv"), &format!("{DETAIL}{details}"));
    put(folder, &format!("client_{style}_{stamp}.csv"), CLIENT);
}

async fn carelogic(folder: &Path) -> Arc<dyn SourceReader> {
    reader(&integration(&document("carelogic", folder, &[])).await).unwrap()
}

/// The visits of a page with who takes part and their words; `*` behind those who are told of alone.
fn told(page: &Page) -> Vec<String> {
    let mut told = Vec::new();
    for record in page.sheets.iter().flat_map(|sheet| &sheet.records) {
        let Record::Appointment(visit, _) = record else { continue };
        let (people, mark) = match &visit.participants {
            RosterRecord::Keep => (&[][..], ""),
            RosterRecord::All(people) => (&people[..], ""),
            RosterRecord::Changes { put, .. } => (&put[..], "*"),
        };
        let people = people.iter().map(|person| {
            let word = person.status.as_ref().and_then(|said| said.value.word.as_ref());
            format!(" {}={}{mark}", person.source_id, word.map_or("-", |word| word.value.as_str()))
        });
        told.push(format!("{}{}", visit.source_id, people.collect::<String>()));
    }
    told
}

fn problems(page: &Page) -> Vec<String> {
    let all = page.sheets.iter().flat_map(|sheet| &sheet.problems);
    all.map(|problem| {
        format!("{}: {} [{}]", problem.place, problem.what, problem.source_id.clone().unwrap_or_default())
    })
    .collect()
}

/// Reads until nothing is left, and gives the pages that said something.
async fn all(reader: &Arc<dyn SourceReader>, cursor: &mut Option<String>) -> Vec<Page> {
    let mut pages = Vec::new();
    loop {
        let page = ask(reader, cursor.as_deref(), 1000, at(NOW)).await.unwrap();
        let (next, more) = (filed(&page).cursor.to_string(), filed(&page).more);
        *cursor = Some(next);
        if !more {
            return pages;
        }
        pages.push(page);
    }
}

#[tokio::test]
async fn a_group_is_joined_from_its_files_and_a_status_alone_concerns_one() {
    let folder = tempfile::tempdir().unwrap();
    let reader = carelogic(folder.path()).await;
    let people = detail(1, 880, 40, "None", "") + &detail(2, 880, 41, "Reversed", "") + &detail(3, 881, 42, "None", "");
    let visits = activity(880, "2026-11-24 10:00:00") + &activity(881, "2026-11-24 12:00:00");
    three(folder.path(), "full", "20261123T170000Z", &visits, &people);
    let cancelled = detail(3, 881, 42, "CBC", "2026-11-23 11:04:00");
    three(folder.path(), "delta", "20261123T170500Z", "", &cancelled);
    let mut cursor = None;
    let pages = all(&reader, &mut cursor).await;
    assert_eq!(told(&pages[0]), ["880 40=None*", "881 42=None"], "who is reversed stays as they were");
    assert_eq!(told(&pages[1]), ["881 42=CBC*"]);
    assert_eq!(filed(&pages[1]).as_of, Some(at("2026-11-23T17:05:00Z")));
    let Record::Appointment(visit, _) = &pages[0].sheets[0].records[0] else { panic!("a visit") };
    assert_eq!(visit.timing.as_ref().unwrap().start, Some(at("2026-11-24T16:00:00Z")), "by the clocks of the place");
    assert_eq!(visit.booked_at, Some(at("2026-11-20T15:00:00Z")));
    let list = filed(&pages[0]).list.unwrap();
    assert_eq!((list.first, list.last), (true, true));
    assert!(filed(&pages[1]).list.is_none(), "a delta lists nothing");
}

#[tokio::test]
async fn bad_rows_are_set_aside_with_file_line_and_column_and_without_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let reader = carelogic(folder.path()).await;
    let visits = activity(880, "24.11.2026 10:00") + &activity(881, "2026-11-24 12:00:00") + "882,T1,Session\n";
    let people = detail(1, 881, 40, "None", "") + &detail(1, 881, 41, "None", "");
    three(folder.path(), "full", "20261123T170000Z", &visits, &people);
    let page = all(&reader, &mut None).await.remove(0);
    assert_eq!(told(&page), ["881"], "of two rows with one id neither is believed");
    let mut found = problems(&page);
    found.sort();
    assert_eq!(
        found,
        [
            "activity_detail_full_20261123T170000Z.csv, line 3: another row with the same id says something else [881]",
            "activity_full_20261123T170000Z.csv, line 2, BEGIN_DATETIME: it is no time of the agreed form, or there is no such time [880]",
            "activity_full_20261123T170000Z.csv, line 4: the row has 3 fields, and the first line 12 []",
        ]
    );
}

#[tokio::test]
async fn a_file_that_is_there_twice_is_read_once_and_one_that_comes_late_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let reader = carelogic(folder.path()).await;
    let visits = activity(880, "2026-11-24 10:00:00");
    three(folder.path(), "full", "20261123T170000Z", &visits, &detail(1, 880, 40, "None", ""));
    put(folder.path(), "activity_full_20261123T170000Z_again.csv", &format!("{ACTIVITY}{visits}"));
    let mut cursor = None;
    let pages = all(&reader, &mut cursor).await;
    assert_eq!(pages.iter().map(told).collect::<Vec<_>>(), [["880 40=None"]]);
    assert_eq!(
        filed(&pages[0]).note.as_deref(),
        Some(
            "activity_full_20261123T170000Z_again.csv says what activity_full_20261123T170000Z.csv says; it was not read again"
        )
    );
    put(folder.path(), "activity_full_20261123T170000Z_later.csv", &format!("{ACTIVITY}{visits}"));
    let pages = all(&reader, &mut cursor).await;
    assert!(filed(&pages[0]).note.as_ref().unwrap().contains("it was not read again"), "{pages:?}");
    assert_eq!((told(&pages[0]).len(), filed(&pages[0]).list), (0, None), "what was not read lists nothing");
    three(folder.path(), "delta", "20261123T171000Z", "", "");
    all(&reader, &mut cursor).await;
    three(folder.path(), "delta", "20261123T170500Z", &activity(880, "2026-11-24 09:00:00"), "");
    let pages = all(&reader, &mut cursor).await;
    assert_eq!(told(&pages[0]), ["880"]);
    assert_eq!(filed(&pages[0]).as_of, Some(at("2026-11-23T17:05:00Z")), "what it says was true then");
    assert!(filed(&pages[0]).note.as_ref().unwrap().contains("came late"), "{:?}", filed(&pages[0]).note);
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_waited_for_and_then_counts_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let reader = carelogic(folder.path()).await;
    let people = detail(1, 880, 40, "None", "") + &detail(2, 880, 41, "None", "");
    let cut = people.len() - 40;
    three(folder.path(), "delta", "20261123T175900Z", &activity(880, "2026-11-24 10:00:00"), &people[..cut]);
    let name = "activity_detail_delta_20261123T175900Z.csv";
    std::fs::remove_file(folder.path().join(format!("{name}.done"))).unwrap();
    let mut cursor = None;
    assert!(all(&reader, &mut cursor).await.is_empty(), "it may still be written");
    let later = at("2026-11-23T18:20:00Z");
    let page = ask(&reader, cursor.as_deref(), 1000, later).await.unwrap();
    assert_eq!(told(&page), ["880 40=None*"], "nobody is taken off by half a file");
    assert_eq!(
        filed(&page).broken.as_deref(),
        Some(&*format!("{name}: the mark that says that it is whole did not come"))
    );
    assert_eq!(problems(&page), [format!("{name}, line 3: the file breaks off here []")]);
    // Finished after all, it is another file.
    let cursor = Some(filed(&page).cursor.to_string());
    put(folder.path(), name, &format!("{DETAIL}{people}"));
    let page = ask(&reader, cursor.as_deref(), 1000, later).await.unwrap();
    assert_eq!(told(&page), ["880 40=None* 41=None*"]);
}

#[tokio::test]
async fn a_missing_companion_a_first_line_nobody_knows_an_empty_file_and_silence_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let reader = carelogic(folder.path()).await;
    three(folder.path(), "full", "20261123T170000Z", "", "");
    std::fs::write(folder.path().join("Okafor, Ada.csv"), "x").unwrap();
    let mut cursor = None;
    let pages = all(&reader, &mut cursor).await;
    assert_eq!(filed(&pages[0]).broken.as_deref(), Some("a full list without a visit is not believed"));
    let note = filed(&pages[0]).note.as_deref();
    assert_eq!(note, Some("files with names that nobody agreed on came and were not read: 1"));
    // One of three never comes.
    three(folder.path(), "delta", "20261123T170100Z", "", "");
    for name in ["activity_delta_20261123T170100Z.csv", "activity_delta_20261123T170100Z.csv.done"] {
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    let pages = all(&reader, &mut cursor).await;
    assert!(filed(&pages[0]).broken.as_ref().unwrap().starts_with("no file of the kind activity came"), "{pages:?}");
    // Late: nothing for half an hour.
    let silent = ask(&reader, cursor.as_deref(), 1000, at("2026-11-23T18:05:00Z")).await;
    assert!(matches!(&silent, Err(Failure::Unreachable { what }) if what.starts_with("late: ")), "{silent:?}");
    // Empty: not even a first line.
    three(folder.path(), "delta", "20261123T170200Z", "", "");
    put(folder.path(), "client_delta_20261123T170200Z.csv", "");
    let pages = all(&reader, &mut cursor).await;
    assert!(filed(&pages[0]).broken.as_ref().unwrap().contains("it is empty"), "{pages:?}");
    // Contract and file differ: somebody has to say which is right.
    three(folder.path(), "delta", "20261123T170400Z", "", "");
    put(folder.path(), "client_delta_20261123T170400Z.csv", "CLIENT_NO,LAST_NAME\n");
    let refused = ask(&reader, cursor.as_deref(), 1000, at(NOW)).await;
    assert!(
        matches!(&refused, Err(Failure::Malformed { what }) if what.contains("lacks the columns CLIENT_ID")),
        "{refused:?}"
    );
    assert!(!format!("{pages:?}").contains("Okafor"), "a strange name may be a patient's");
}
