//! Counts, queues, timers and causes against the decisions they come from.

use crate::disk::{Disk, Told};
use crate::plan::Plan;
use domain::decide::{Decision, Judgement, settle};
use domain::gates::{State, WakeKey};
use domain::ids::{AppointmentKey, EntryId, IntegrationKey};
use domain::ledger::Entry;
use domain::profile::Confirmation;
use domain::reasons::Reason;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use store::{AppointmentFilter, AppointmentRow, Reader};

/// How many rows of a list are read: no world has so many visits.
const ALL: usize = 10_000;

/// Looks at what is stored.
pub(super) fn look(disk: &Disk, plan: &Plan) -> Told<Vec<String>> {
    let mut reader = disk.reader()?;
    let tables = disk.look(Tables::read)?;
    let mut faults = tables.faults.clone();
    let mut seen = BTreeSet::new();
    for integration in reader.integrations().map_err(words)? {
        let key = integration.key;
        let id = integration.document.id.as_str();
        let confirmed_by = confirmed_by(plan, id);
        let listed = reader.appointments(key, &AppointmentFilter::default(), None, ALL).map_err(words)?;
        for listed in listed {
            let place = Place { integration: key, id, source_id: listed.source_id.as_str() };
            seen.insert((key.integration, listed.source_id.to_string()));
            let said = one(&mut *reader, &tables, &place, &listed.row, confirmed_by)?;
            faults.extend(said.into_iter().map(|what| format!("{id}/{}: {what}", listed.source_id)));
        }
    }
    let owners = tables.waits.keys().chain(tables.timers.keys()).chain(tables.stops.keys()).chain(tables.outbox.keys());
    for owner in owners.filter(|owner| !seen.contains(*owner)) {
        faults.push(format!("something waits for {owner:?}, which is no visit"));
    }
    Ok(faults)
}

/// Nothing is under way any more.
pub(super) fn settled(disk: &Disk) -> Told<Vec<String>> {
    disk.look(|probe| {
        let count = |sql| probe.query_row(sql, (), |row| row.get::<_, i64>(0));
        let mut faults = Vec::new();
        if count("SELECT count(*) FROM fired")? > 0 {
            faults.push("a fact changed and was not worked off".to_owned());
        }
        if count("SELECT count(*) FROM outbox")? > 0 {
            faults.push("cards still wait in the outbox".to_owned());
        }
        Ok(faults)
    })
}

fn words(error: store::Error) -> String {
    format!("the check could not read the store: {error}")
}

fn confirmed_by(plan: &Plan, id: &str) -> Confirmation {
    let feed = plan.clinics.iter().flat_map(|clinic| &clinic.feeds).find(|feed| feed.id == id);
    match feed.map(|feed| feed.platform) {
        Some("webhook" | "access-recovery") => Confirmation::Nothing,
        _ => Confirmation::PlatformId,
    }
}

struct Place<'a> {
    integration: IntegrationKey,
    id: &'a str,
    source_id: &'a str,
}

/// Visits by integration and id, with what a table has of each.
type Of<T> = BTreeMap<(u32, String), BTreeSet<T>>;

#[derive(Default)]
struct Tables {
    waits: Of<String>,
    timers: Of<i64>,
    stops: Of<(u16, String)>,
    outbox: Of<(i64, i64, u32)>,
    people: Of<String>,
    faults: Vec<String>,
}

impl Tables {
    fn read(probe: &Connection) -> rusqlite::Result<Tables> {
        let mut tables = Tables::default();
        fill(probe, "SELECT integration, source_id, wake_key FROM wait", &mut tables.waits, |row| row.get(2))?;
        fill(probe, "SELECT integration, source_id, due_at FROM timer", &mut tables.timers, |row| row.get(2))?;
        fill(probe, "SELECT integration, source_id, reason, subject FROM stop", &mut tables.stops, |row| {
            Ok((row.get(2)?, row.get(3)?))
        })?;
        fill(
            probe,
            "SELECT integration, source_id, visible_at, entry, version FROM outbox",
            &mut tables.outbox,
            |row| Ok((row.get(2)?, row.get(3)?, row.get(4)?)),
        )?;
        let people = "SELECT integration, visit, source_id FROM patient WHERE visit > ''";
        fill(probe, people, &mut tables.people, |row| row.get(2))?;
        let checks = [
            (
                "the counts by verdict are not those of the visits",
                "SELECT count(*) FROM (SELECT integration, verdict, count(*) AS n FROM appointment GROUP BY 1, 2) a
                 FULL JOIN (SELECT * FROM tally WHERE count <> 0) t
                 ON t.integration = a.integration AND t.verdict = a.verdict
                 WHERE t.count IS NOT a.n",
            ),
            (
                "a message was stored twice",
                "SELECT count(*) FROM (SELECT 1 FROM envelope GROUP BY integration, digest HAVING count(*) > 1)",
            ),
            (
                "a cause is open without visits, or closed with some",
                "SELECT count(*) FROM cause c WHERE (c.closed_at IS NULL) <> EXISTS (SELECT 1 FROM stop s
                 WHERE s.practice = c.practice AND s.integration = c.integration AND s.reason = c.reason
                 AND s.subject = c.subject)",
            ),
        ];
        for (what, sql) in checks {
            let wrong: i64 = probe.query_row(sql, (), |row| row.get(0))?;
            if wrong > 0 {
                tables.faults.push(format!("{what} ({wrong})"));
            }
        }
        Ok(tables)
    }
}

fn fill<T: Ord>(
    probe: &Connection,
    sql: &str,
    into: &mut Of<T>,
    read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<()> {
    let mut statement = probe.prepare(sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        into.entry((row.get(0)?, row.get(1)?)).or_default().insert(read(row)?);
    }
    Ok(())
}

/// Under these facts visits are found that belong together; nobody waits for them.
const SIGNPOSTS: [&str; 3] = ["given-up:", "series:", "doubles:"];

/// What is wrong about one visit.
fn one(
    reader: &mut dyn Reader,
    tables: &Tables,
    place: &Place<'_>,
    row: &AppointmentRow,
    confirmed_by: Confirmation,
) -> Told<Vec<String>> {
    let Some(decision) = decision(reader, row.decided)? else {
        return Ok(vec!["its decision is not there".to_owned()]);
    };
    let owner = (place.integration.integration, place.source_id.to_owned());
    let mut faults = Vec::new();
    let mut compare = |what: &str, wanted: String, is: String| {
        if wanted != is {
            faults.push(format!("{what} should be {wanted} and are {is}"));
        }
    };
    let (mut waits, mut timers) = (BTreeSet::new(), BTreeSet::new());
    for key in decision.wake_keys() {
        match key {
            WakeKey::Time(at) => drop(timers.insert(at.micros())),
            fact => drop(waits.insert(fact.to_string())),
        }
    }
    let mut stops = stops_of(&decision);
    if let Some(reason) = row.delivery.stopped_by {
        waits.insert(WakeKey::Integration.to_string());
        stops.insert((reason.number(), place.id.to_owned()));
    }
    let people: BTreeSet<String> =
        decision.appointment.participants.members().map(|member| member.source_id.to_string()).collect();
    let stored = tables.waits.get(&owner).map(|stored| {
        stored
            .iter()
            .filter(|fact| !SIGNPOSTS.iter().any(|sign| fact.starts_with(sign)))
            .cloned()
            .collect::<BTreeSet<_>>()
    });
    let stored = stored.filter(|stored| !stored.is_empty());
    compare("the facts it waits for", format!("{waits:?}"), show(stored.as_ref()));
    compare("the dates it waits for", format!("{timers:?}"), show(tables.timers.get(&owner)));
    compare("what it is listed under", named(&stops), named(&tables.stops.get(&owner).cloned().unwrap_or_default()));
    compare("its people", format!("{people:?}"), show(tables.people.get(&owner)));
    let outbox: BTreeSet<(i64, i64, u32)> = row
        .outbox_at
        .zip(row.wished)
        .map(|(at, wished)| (at.micros(), i64::try_from(wished.0).unwrap_or(0), row.delivery.wanted))
        .into_iter()
        .collect();
    // A restart lets everything be due that was under way or put off. While an endpoint rests its cards stand there
    // like that; once they have their turn they are put off again.
    let is: BTreeSet<(i64, i64, u32)> = tables.outbox.get(&owner).into_iter().flatten().copied().collect();
    let due_early = outbox.iter().map(|(at, entry, version)| (*entry, *version, *at)).zip(is.iter());
    let due_early = outbox.len() == is.len()
        && due_early.into_iter().all(|((entry, version, at), is)| (is.1, is.2) == (entry, version) && is.0 <= at);
    if !due_early {
        compare("its cards in the outbox", format!("{outbox:?}"), format!("{is:?}"));
    }
    let verdict = settle(confirmed_by, row.judgement, row.primary, &row.delivery);
    compare("verdict and reason", format!("{verdict:?}"), format!("{:?}", (row.verdict, row.reason)));
    let judged = (decision.judgement, decision.primary, decision.version);
    compare("judgement and version", format!("{judged:?}"), format!("{:?}", (row.judgement, row.primary, row.version)));
    if row.reason == Some(Reason::Unexplained) {
        faults.push("no rule explains it".to_owned());
    }
    if row.delivery.accepted > row.delivery.wanted && row.wished.is_some() {
        faults.push(format!("accepted {} of {}", row.delivery.accepted, row.delivery.wanted));
    }
    Ok(faults)
}

fn show<T: std::fmt::Debug + Ord>(set: Option<&BTreeSet<T>>) -> String {
    match set {
        Some(set) => format!("{set:?}"),
        None => "{}".to_owned(),
    }
}

fn named(stops: &BTreeSet<(u16, String)>) -> String {
    let code = |number| Reason::ALL.iter().find(|reason| reason.number() == number).map_or("?", |reason| reason.code());
    let words: Vec<String> = stops.iter().map(|(number, subject)| format!("{} {subject}", code(*number))).collect();
    format!("[{}]", words.join(", "))
}

/// What a person has to look at, by number of the reason, and what it is about.
fn stops_of(decision: &Decision) -> BTreeSet<(u16, String)> {
    if !matches!(decision.judgement, Judgement::Hold | Judgement::ShowMisfiled) {
        return BTreeSet::new();
    }
    let stopping = decision.stops().filter(|finding| finding.state != State::Wait);
    stopping.filter_map(|finding| Some((finding.reason()?.number(), finding.subject().to_owned()))).collect()
}

pub(super) fn decision(reader: &mut dyn Reader, entry: EntryId) -> Told<Option<Decision>> {
    Ok(match reader.entry(entry).map_err(words)?.map(|stored| stored.entry) {
        Some(Entry::Decided { decision, .. }) => Some(*decision),
        _ => None,
    })
}

/// Every entry of a visit, newest first.
pub(super) fn entries(reader: &mut dyn Reader, key: &AppointmentKey, last: EntryId) -> Told<Vec<store::EntryRow>> {
    reader.entries(key, last, ALL).map_err(words)
}
