//! Which status words a source has used, which of them have a meaning here, by whose rule, and whether a test visit
//! ever showed that the meaning is right (requirements S3-5 to S3-7). Read from the ledger, which keeps every word that
//! was ever said: nothing is counted while messages are taken in.

use crate::ops::Actor;
use crate::setup::Integration;
use crate::{Engine, Result};
use domain::ledger::Entry;
use domain::model::{Appointment, StatusSaid};
use domain::setup::{MappedBy, StatusTable};
use domain::status::Status;
use domain::text::Text;
use domain::time::Moment;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{AppointmentFilter, Page, Reader};

/// The status words of an integration.
#[derive(Clone, Debug, Serialize)]
pub struct StatusCoverage {
    /// Visits that start from here on were looked at.
    pub since: Moment,
    /// So many of them.
    pub visits: usize,
    /// There are more visits than were looked at: a word may have been used that is not here.
    pub cut_short: bool,
    /// No word of those visits is without a meaning: what is done by itself on a status may be.
    pub automation: bool,
    /// Every word that was seen, those without a meaning first, then every other word that has one.
    pub words: Vec<StatusWordItem>,
}

/// One status word in one department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusWordItem {
    /// As the source first wrote it, or as the rule does.
    pub word: Text,
    /// Where it was used, or where alone the rule holds.
    pub department: Option<Text>,
    /// Its meaning under today's rules.
    pub means: Option<Status>,
    /// Whose rule: `department`, `practice`, `profile`, `standard`.
    pub by: Option<&'static str>,
    /// Visits that ever carried it.
    pub visits: usize,
    /// When it was last said.
    pub last_seen: Option<Moment>,
    /// A test visit carried it, so somebody could see what came of it.
    pub tested: bool,
}

/// Days back from today that are looked at.
const DAYS: i64 = 30;
/// Visits that are looked at for one report at most.
const VISITS: usize = 5000;
/// Entries of one visit that are looked at.
const ENTRIES: usize = 200;
const PAGE: usize = 200;

impl Engine {
    /// The status words of the visits from 30 days ago on.
    pub async fn cover_statuses(&self, actor: &Actor, integration: &str) -> Result<StatusCoverage> {
        let integration = self.integration_for(actor, integration)?;
        let since = self.clock.now().plus_secs(-DAYS * 86_400);
        self.read(move |reader| cover(reader, &integration, since)).await
    }
}

/// What was seen of one word.
struct Seen {
    word: Text,
    department: Option<Text>,
    visits: BTreeSet<Text>,
    last: Moment,
    tested: bool,
}

fn cover(reader: &mut dyn Reader, integration: &Integration, since: Moment) -> Result<StatusCoverage> {
    let mut seen: BTreeMap<(Option<Text>, Text), Seen> = BTreeMap::new();
    let filter = AppointmentFilter { from: Some(since), ..AppointmentFilter::default() };
    let (mut visits, mut after, mut cut_short) = (0, None::<Page>, false);
    'pages: loop {
        let rows = reader.appointments(integration.key(), &filter, after.as_ref(), PAGE)?;
        let ended = rows.len() < PAGE;
        for listed in rows {
            if visits == VISITS {
                cut_short = true;
                break 'pages;
            }
            visits += 1;
            let key =
                domain::ids::AppointmentKey { integration: integration.key(), source_id: listed.source_id.clone() };
            for stored in reader.entries(&key, listed.row.last, ENTRIES)? {
                if let Entry::Decided { decision, .. } = stored.entry {
                    note(&mut seen, &decision.appointment, stored.at);
                }
            }
            after = Some(Page { start: listed.row.start, source_id: listed.source_id });
        }
        if ended {
            break;
        }
    }
    let words = words(&integration.rules.statuses, seen);
    let automation = words.iter().all(|item| item.visits == 0 || item.means.is_some());
    Ok(StatusCoverage { since, visits, cut_short, automation, words })
}

fn note(seen: &mut BTreeMap<(Option<Text>, Text), Seen>, appointment: &Appointment, at: Moment) {
    let department = appointment.department.as_ref().map(|said| said.value.value.clone());
    let of_visit = appointment.status.as_ref().map(|said| &said.value);
    let said = of_visit.into_iter().chain(appointment.own_statuses.iter().map(|own| &own.said.value));
    for word in said.filter_map(|said: &StatusSaid| said.word.as_ref()) {
        let key = (department.clone(), StatusTable::fold(&word.value));
        let held = seen.entry(key).or_insert_with(|| Seen {
            word: word.value.clone(),
            department: department.clone(),
            visits: BTreeSet::new(),
            last: at,
            tested: false,
        });
        held.visits.insert(appointment.source_id.clone());
        held.last = held.last.max(at);
        held.tested |= appointment.test;
    }
}

fn words(table: &StatusTable, seen: BTreeMap<(Option<Text>, Text), Seen>) -> Vec<StatusWordItem> {
    let used: BTreeSet<Text> = seen.keys().map(|(_, word)| word.clone()).collect();
    let mut items: Vec<StatusWordItem> = seen
        .into_values()
        .map(|seen| {
            let meaning = table.meaning(&seen.word, seen.department.as_deref());
            StatusWordItem {
                means: meaning.map(|(status, _)| status),
                by: meaning.map(|(_, by)| by.word()),
                visits: seen.visits.len(),
                last_seen: Some(seen.last),
                tested: seen.tested,
                word: seen.word,
                department: seen.department,
            }
        })
        .collect();
    items.sort_by(|a, b| {
        a.means.is_some().cmp(&b.means.is_some()).then(b.visits.cmp(&a.visits)).then(a.word.cmp(&b.word))
    });
    let mut unused: Vec<(MappedBy, StatusWordItem)> = table
        .known_words()
        .filter(|(_, _, word, _)| !used.contains(&StatusTable::fold(word)))
        .map(|(by, department, word, means)| {
            let item = StatusWordItem {
                word: word.clone(),
                department: department.cloned(),
                means: Some(means),
                by: Some(by.word()),
                visits: 0,
                last_seen: None,
                tested: false,
            };
            (by, item)
        })
        .collect();
    unused.sort_by(|(a_by, a), (b_by, b)| a_by.cmp(b_by).then(a.word.cmp(&b.word)));
    // What a nearer level says of a word is what holds; the farther ones would only repeat or contradict it.
    let mut told: BTreeSet<(Option<Text>, Text)> = BTreeSet::new();
    for (_, item) in unused {
        if told.insert((item.department.clone(), StatusTable::fold(&item.word))) {
            items.push(item);
        }
    }
    items
}
