//! A part of a set, read: rows are gone through from the beginning each time, and only those of the part are kept, so
//! that memory does not grow with the files.

use crate::files::again::{ReadWith, Stretch};
use crate::files::folder::Found;
use crate::files::place::Step;
use crate::files::reader::unread;
use crate::files::record::{Part, ProviderSaid, VisitSaid, member, participant, patient, provider, visit};
use crate::files::row::{Reading, RowFault};
use crate::files::table::{Fault, Gone, Row, Table, go_through};
use domain::model::{AppointmentRecord, Event, PatientRecord, Provider, Record, RosterRecord, Stamp, StatusSaid};
use domain::profile::{FileKind, FileRules, RowsAre};
use domain::setup::RuleSet;
use domain::text::Text;
use domain::time::Moment;
use engine::ingest::EnvelopeFormat;
use engine::poll::{Failure, Problem, Sheet};
use std::collections::{BTreeMap, HashSet};

/// So many problems of a part are told one by one; with more, the file is what is wrong.
const MOST_PROBLEMS: usize = 200;

/// A part of a set.
pub(super) struct PartOfSet<'r> {
    pub(super) files: &'r [Found],
    pub(super) rules: &'r RuleSet,
    /// The set is whole, and all of it is read together: who is not named in it does not take part.
    pub(super) is_whole: bool,
    pub(super) as_of: Moment,
    /// Rows, or visits, that a part may have.
    pub(super) size: usize,
}

/// What a part said.
#[derive(Default)]
pub(super) struct PartRead {
    pub(super) sheets: Vec<Sheet>,
    /// Where the next part begins; `None`: the set has been read.
    pub(super) next: Option<Step>,
    /// Visits it told of.
    pub(super) visits: usize,
    /// More rows than can be told of cannot be read: in which file.
    pub(super) spoiled: Option<String>,
}

fn digest(text: &str) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

impl PartOfSet<'_> {
    fn contract(&self) -> &FileRules {
        &self.rules.source.files
    }

    fn stamp(&self) -> Stamp {
        Stamp { at: self.as_of, sequence: 0 }
    }

    fn file(&self, rows: RowsAre) -> Option<(&Found, &FileKind)> {
        self.files.iter().find_map(|found| {
            let kind = self.contract().kinds.get(found.named.kind)?;
            (kind.rows == rows).then_some((found, kind))
        })
    }

    /// Reads on from a step, through as many steps as fit.
    pub(super) fn read(&self, from: Step) -> Result<PartRead, Failure> {
        let mut part = PartRead { next: Some(from), ..PartRead::default() };
        let mut room = self.size.max(1);
        while let Some(step) = part.next.filter(|_| room > 0) {
            let (sheets, next, used) = match step {
                Step::Patients(row) => self.patients(row, room)?,
                Step::Visits(row) => {
                    let (sheets, next, used) = self.visits(row, room)?;
                    part.visits += used;
                    (sheets, next, used)
                }
                Step::Participants(row) => self.participants(row, room)?,
            };
            for sheet in sheets {
                if sheet.problems.len() >= MOST_PROBLEMS {
                    part.spoiled = sheet.problems.first().map(|problem| problem.place.to_string());
                }
                if !sheet.records.is_empty() || !sheet.problems.is_empty() {
                    part.sheets.push(sheet);
                }
            }
            room = room.saturating_sub(used);
            part.next = match (step, next) {
                (Step::Patients(_), Some(row)) => Some(Step::Patients(row)),
                (Step::Patients(_), None) => Some(Step::Visits(0)),
                (Step::Visits(_), Some(row)) => Some(Step::Visits(row)),
                (Step::Visits(_), None) => Some(Step::Participants(0)),
                (Step::Participants(_), row) => row.map(Step::Participants),
            };
        }
        // What is left may be nothing: then nobody has to ask again.
        if let Some(Step::Participants(0)) = part.next
            && self.file(RowsAre::Participants).is_none()
        {
            part.next = None;
        }
        Ok(part)
    }

    fn patients(&self, from: u64, room: usize) -> Result<(Vec<Sheet>, Option<u64>, usize), Failure> {
        let Some((found, kind)) = self.file(RowsAre::Patients) else { return Ok((Vec::new(), None, 0)) };
        let mut said: Vec<PatientRecord> = Vec::new();
        let (mut row_number, mut next) = (0u64, None);
        let mut sheet = new_sheet();
        self.go(found, kind, from == 0, &mut sheet, |sheet, table, row| {
            let number = row_number;
            row_number += 1;
            if number < from || next.is_some() {
                return;
            }
            if said.len() >= room {
                next = Some(number);
                return;
            }
            let reading = Reading { table, row };
            let read =
                reading.demanded(kind.columns.patient.as_ref()).and_then(|id| patient(&reading, id, self.stamp()));
            keep(sheet, found, &reading);
            match read {
                Ok(record) => said.push(record),
                Err(fault) => tell(sheet, found, &reading, None, &fault),
            }
        })?;
        let used = said.len();
        sheet.sheet.records = said.into_iter().map(|record| Record::Patient(Box::new(record))).collect();
        Ok((vec![sheet.done(self)], next, used))
    }

    fn visits(&self, from: u64, room: usize) -> Result<(Vec<Sheet>, Option<u64>, usize), Failure> {
        let Some((found, kind)) = self.file(RowsAre::Visits) else { return Ok((Vec::new(), None, 0)) };
        let picked = self.pick(found, kind, from, room, |reading| visit(reading, self.rules, self.stamp()))?;
        let Picked { groups, mut sheet, next, .. } = picked;
        let used = groups.len();
        let (mut parts, more) = self.parts_of(|id| groups.contains_key(id))?;
        let (mut staff, theirs) = self.staff_of(|id| groups.contains_key(id))?;
        let mut records = Vec::new();
        for (id, rows) in groups {
            let told = joined(rows, found, &mut sheet);
            let Some((mut record, mut people, patients)) = told else { continue };
            let apart = parts.remove(&id).unwrap_or_default();
            people.extend(apart.people);
            serve(&mut record, staff.remove(&id).unwrap_or_default());
            self.take_part(&mut record, people, self.is_whole && !apart.is_doubtful);
            records.push(Record::Appointment(Box::new(record), patients));
        }
        sheet.sheet.records = records;
        // One message: what a visit is made of stands in both files.
        for more in more.into_iter().chain(theirs) {
            sheet.join(more);
        }
        Ok((vec![sheet.done(self)], next, used))
    }

    /// Those who take part in visits of which the set says nothing else.
    fn participants(&self, from: u64, room: usize) -> Result<(Vec<Sheet>, Option<u64>, usize), Failure> {
        let Some((found, kind)) = self.file(RowsAre::Participants) else { return Ok((Vec::new(), None, 0)) };
        let mut told = HashSet::new();
        if let Some((visits, kind)) = self.file(RowsAre::Visits) {
            self.go(visits, kind, false, &mut new_sheet(), |_, table, row| {
                if let Some(id) = (Reading { table, row }).text(kind.columns.visit.as_ref()) {
                    told.insert(digest(&id));
                }
            })?;
        }
        let alone = |reading: &Reading<'_>| {
            let id = reading.text(kind.columns.visit.as_ref());
            id.is_some_and(|id| !told.contains(&digest(&id)))
        };
        let picked = self.pick_where(found, kind, from, room, alone, |reading| participant(reading, self.rules))?;
        let Picked { groups, mut sheet, next, .. } = picked;
        let used = groups.len();
        let mut records = Vec::new();
        for (id, rows) in groups {
            let rows = rows.into_iter().map(|(line, bytes, (_, part))| (line, bytes, part));
            let people = distinct(rows, &id, found, &mut sheet);
            let mut record = AppointmentRecord::about(id, self.stamp(), Event::Listed);
            self.take_part(&mut record, people.people, false);
            records.push(Record::Appointment(Box::new(record), Vec::new()));
        }
        sheet.sheet.records = records;
        Ok((vec![sheet.done(self)], next, used))
    }

    /// Puts who takes part into a record. `is_all`: nobody else does.
    fn take_part(&self, record: &mut AppointmentRecord, people: Vec<Part>, is_all: bool) {
        let booked = people.iter().filter_map(|part| part.booked_at).min();
        record.booked_at = record.booked_at.into_iter().chain(booked).min();
        let has_silent = people.iter().any(|part| part.is_silent);
        // Rows of one file that are visits with one patient each tell the visit's own status.
        let is_apart = self.file(RowsAre::Participants).is_some();
        let is_single = people.len() == 1 && !is_apart;
        if is_single && let Some(only) = people.first().filter(|only| !only.is_silent) {
            record.status = only.status.clone();
        }
        if record.status.is_none() && people.iter().any(|part| part.status.is_some()) {
            // The visit stands in the file; what has become of it is said of each participant.
            record.status = Some(StatusSaid::by(Event::Booked));
        }
        let stamp = self.stamp();
        let loud = people.iter().filter(|part| !part.is_silent);
        let put: Vec<_> = loud.map(|part| member(part, stamp, !is_single)).collect();
        record.participants = match (people.is_empty(), is_all && !has_silent) {
            (true, _) => RosterRecord::Keep,
            (false, true) => RosterRecord::All(put),
            (false, false) => RosterRecord::Changes { put, removed: Vec::new() },
        };
    }

    /// The participants of the visits that `wanted` names, by visit.
    fn parts_of(&self, wanted: impl Fn(&Text) -> bool) -> Result<(BTreeMap<Text, People>, Option<Body>), Failure> {
        let Some((found, kind)) = self.file(RowsAre::Participants) else { return Ok((BTreeMap::new(), None)) };
        let mut sheet = new_sheet();
        let mut rows: BTreeMap<Text, Vec<(u64, Vec<u8>, Part)>> = BTreeMap::new();
        let mut doubtful: HashSet<Text> = HashSet::new();
        self.go(found, kind, false, &mut sheet, |sheet, table, row| {
            let reading = Reading { table, row };
            let Some(id) = reading.text(kind.columns.visit.as_ref()).filter(&wanted) else { return };
            keep(sheet, found, &reading);
            match participant(&reading, self.rules) {
                Ok((_, part)) => rows.entry(id).or_default().push((row.line, table.write(row), part)),
                Err(fault) => {
                    tell(sheet, found, &reading, Some(&id), &fault);
                    doubtful.insert(id);
                }
            }
        })?;
        let mut people: BTreeMap<Text, People> = BTreeMap::new();
        for (id, rows) in rows {
            let mut apart = distinct(rows.into_iter(), &id, found, &mut sheet);
            apart.is_doubtful |= doubtful.contains(&id);
            people.insert(id, apart);
        }
        Ok((people, Some(sheet)))
    }

    /// Whose the visits are that `wanted` names, by visit.
    fn staff_of(&self, wanted: impl Fn(&Text) -> bool) -> Result<(Staff, Option<Body>), Failure> {
        let Some((found, kind)) = self.file(RowsAre::Providers) else { return Ok((Staff::new(), None)) };
        let mut sheet = new_sheet();
        let (mut staff, mut doubtful) = (Staff::new(), HashSet::new());
        self.go(found, kind, false, &mut sheet, |sheet, table, row| {
            let reading = Reading { table, row };
            let Some(id) = reading.text(kind.columns.visit.as_ref()).filter(&wanted) else { return };
            keep(sheet, found, &reading);
            match provider(&reading) {
                Ok((_, said)) => staff.entry(id).or_default().push(said),
                Err(fault) => {
                    tell(sheet, found, &reading, Some(&id), &fault);
                    doubtful.insert(id);
                }
            }
        })?;
        // Of somebody whose row cannot be read nothing is said, and then nothing of the others either.
        staff.retain(|id, _| !doubtful.contains(id));
        Ok((staff, Some(sheet)))
    }

    fn pick<T>(
        &self,
        found: &Found,
        kind: &FileKind,
        from: u64,
        room: usize,
        read: impl Fn(&Reading<'_>) -> Result<T, RowFault>,
    ) -> Result<Picked<T>, Failure> {
        self.pick_where(found, kind, from, room, |_| true, read)
    }

    /// The rows of so many visits as fit: those whose first row is behind `from`, wherever their other rows are.
    fn pick_where<T>(
        &self,
        found: &Found,
        kind: &FileKind,
        from: u64,
        room: usize,
        belongs: impl Fn(&Reading<'_>) -> bool,
        read: impl Fn(&Reading<'_>) -> Result<T, RowFault>,
    ) -> Result<Picked<T>, Failure> {
        let mut before: HashSet<u64> = HashSet::new();
        let mut picked = Picked { groups: BTreeMap::new(), sheet: new_sheet(), next: None };
        let mut bad: HashSet<Text> = HashSet::new();
        let mut number = 0u64;
        let Picked { groups, sheet, next } = &mut picked;
        self.go(found, kind, from == 0, sheet, |sheet, table, row| {
            let reading = Reading { table, row };
            let here = number;
            number += 1;
            if !belongs(&reading) {
                return;
            }
            let id = reading.text(kind.columns.visit.as_ref());
            let known = digest(id.as_deref().unwrap_or_default());
            if here < from {
                before.insert(known);
                return;
            }
            let Some(id) = id else {
                if next.is_none() {
                    tell(sheet, found, &reading, None, &reading.fault(kind.columns.visit.as_ref(), "it is empty"));
                }
                return;
            };
            let is_mine = groups.contains_key(&id) || bad.contains(&id);
            if !is_mine && (before.contains(&known) || next.is_some()) {
                return;
            }
            if !is_mine && groups.len() >= room {
                *next = Some(here);
                return;
            }
            keep(sheet, found, &reading);
            match read(&reading) {
                Ok(said) => groups.entry(id).or_default().push((row.line, table.write(row), said)),
                Err(fault) => {
                    tell(sheet, found, &reading, Some(&id), &fault);
                    bad.insert(id);
                }
            }
        })?;
        // A visit of which a row cannot be read is not told by the others: what they leave out would count as gone.
        groups.retain(|id, _| !bad.contains(id));
        Ok(picked)
    }

    /// Goes through a file. What is wrong with it as a whole is told once, with its first part.
    fn go(
        &self,
        found: &Found,
        kind: &FileKind,
        is_first: bool,
        sheet: &mut Body,
        mut look: impl FnMut(&mut Body, &Table<'_>, &Row<'_>),
    ) -> Result<(), Failure> {
        let gone = go_through(&found.content, self.contract(), kind, found.unfinished.is_none(), |table, row| {
            look(sheet, table, row);
        });
        let Gone { faults, unreadable, .. } = gone.map_err(|error| unread(found, &error))?;
        if let Some(what) = unreadable.filter(|_| is_first) {
            let body = Some(found.name.as_bytes().into());
            let place = Text::from(format!("{}, line 1", found.name));
            sheet.problem(Problem { source_id: None, place, what: what.into(), body });
        }
        for Fault { line, what, bytes } in faults.into_iter().filter(|_| is_first) {
            let place = Text::from(format!("{}, line {line}", found.name));
            sheet.problem(Problem { source_id: None, place, what: what.into(), body: Some(bytes.into()) });
        }
        Ok(())
    }
}

/// What was said of whose visits are, by visit.
type Staff = BTreeMap<Text, Vec<ProviderSaid>>;

/// Puts into a record whose the visit is, in the order of the rows, and when it ends: with the longest of them.
fn serve(record: &mut AppointmentRecord, staff: Vec<ProviderSaid>) {
    if staff.is_empty() {
        return;
    }
    let longest = staff.iter().filter_map(|said| Some((said.minutes?, said.minutes_place.clone()))).max();
    if let (Some(timing), Some((minutes, place))) = (record.timing.as_mut(), longest)
        && timing.end.is_none()
    {
        timing.end = timing.start.map(|start| start.plus_minutes(minutes));
        timing.end_place = place;
    }
    let mut providers: Vec<Provider> = Vec::new();
    for said in staff {
        if !providers.iter().any(|known| known.source_id == said.provider.source_id) {
            providers.push(said.provider);
        }
    }
    record.providers = RosterRecord::All(providers);
}

/// Rows of visits, by visit, each with its line and bytes.
struct Picked<T> {
    groups: BTreeMap<Text, Vec<(u64, Vec<u8>, T)>>,
    sheet: Body,
    next: Option<u64>,
}

/// Those who take part in a visit.
#[derive(Default)]
struct People {
    people: Vec<Part>,
    /// Not all of what was said of them can be believed.
    is_doubtful: bool,
}

/// One row for each participant: of several the newest; of two that contradict one another none.
fn distinct(rows: impl Iterator<Item = (u64, Vec<u8>, Part)>, visit: &Text, found: &Found, sheet: &mut Body) -> People {
    let mut told: Vec<(Vec<u8>, Part)> = Vec::new();
    let mut apart = People::default();
    let mut contradicted: Vec<Text> = Vec::new();
    for (line, bytes, part) in rows {
        if told.iter().any(|(known, _)| *known == bytes) {
            continue;
        }
        let same_key = part.key.as_ref().filter(|key| told.iter().any(|(_, other)| other.key.as_ref() == Some(key)));
        if let Some(key) = same_key {
            let place = Text::from(format!("{}, line {line}", found.name));
            let what = Text::literal("another row with the same id says something else");
            let body = Some(bytes.into());
            sheet.problem(Problem { source_id: Some(visit.clone()), place, what, body });
            contradicted.push(key.clone());
            continue;
        }
        told.push((bytes, part));
    }
    apart.is_doubtful = !contradicted.is_empty();
    for (_, part) in told {
        if part.key.as_ref().is_some_and(|key| contradicted.contains(key)) {
            continue;
        }
        match apart.people.iter_mut().find(|known| known.patient == part.patient) {
            Some(known) if part.changed >= known.changed => *known = part,
            Some(_) => {}
            None => apart.people.push(part),
        }
    }
    apart
}

/// The rows of one visit as one record; `None`: they contradict one another.
fn joined(
    rows: Vec<(u64, Vec<u8>, VisitSaid)>,
    found: &Found,
    sheet: &mut Body,
) -> Option<(AppointmentRecord, Vec<Part>, Vec<PatientRecord>)> {
    let mut rows = rows.into_iter();
    let (_, first_bytes, first) = rows.next()?;
    let id = first.record.source_id.clone();
    let (record, mut patients) = (first.record, Vec::from_iter(first.patient));
    let mut parts = Vec::from_iter(first.part.map(|part| (0, first_bytes.clone(), part)));
    for (line, bytes, said) in rows {
        let is_same = bytes == first_bytes;
        // Rows of one visit differ in who takes part, and in nothing else.
        let agrees = AppointmentRecord { booked_at: record.booked_at, ..said.record } == record;
        if !is_same && (!agrees || said.part.is_none()) {
            let place = Text::from(format!("{}, line {line}", found.name));
            let what = Text::literal("another row of the same visit says something else of it");
            sheet.problem(Problem { source_id: Some(id), place, what, body: Some(bytes.into()) });
            return None;
        }
        parts.extend(said.part.map(|part| (line, bytes, part)));
        patients.extend(said.patient.filter(|_| !is_same));
    }
    let people = distinct(parts.into_iter(), &id, found, sheet);
    Some((record, people.people, patients))
}

/// A sheet whose body is still being gathered: the rows as they are, under the first line of their file.
struct Body {
    sheet: Sheet,
    bytes: Vec<u8>,
    /// Which stretch of the bytes is of which file.
    stretches: Vec<Stretch>,
}

fn new_sheet() -> Body {
    Body { sheet: Sheet::of([].into(), EnvelopeFormat::Csv), bytes: Vec::new(), stretches: Vec::new() }
}

impl Body {
    fn done(self, part: &PartOfSet<'_>) -> Sheet {
        let with = ReadWith { whole: part.is_whole, as_of: part.as_of.micros(), stretches: self.stretches };
        Sheet { body: self.bytes.into(), read_with: with.write(), ..self.sheet }
    }

    fn problem(&mut self, problem: Problem) {
        if self.sheet.problems.len() < MOST_PROBLEMS {
            self.sheet.problems.push(problem);
        }
    }

    /// What another file says of the same visits.
    fn join(&mut self, more: Body) {
        self.bytes.extend_from_slice(&more.bytes);
        self.stretches.extend(more.stretches);
        more.sheet.problems.into_iter().for_each(|problem| self.problem(problem));
    }
}

fn keep(sheet: &mut Body, found: &Found, reading: &Reading<'_>) {
    if sheet.stretches.last().is_none_or(|stretch| stretch.name != found.name) {
        let kind = reading.table.kind.kind.clone();
        sheet.bytes.extend_from_slice(&reading.table.header);
        sheet.stretches.push(Stretch { name: found.name.clone(), kind, length: reading.table.header.len() });
    }
    let row = reading.table.write(reading.row);
    sheet.bytes.extend_from_slice(&row);
    if let Some(stretch) = sheet.stretches.last_mut() {
        stretch.length += row.len();
    }
}

fn tell(sheet: &mut Body, found: &Found, reading: &Reading<'_>, visit: Option<&Text>, fault: &RowFault) {
    let place = Text::from(format!("{}, line {}, {}", found.name, fault.line, fault.column));
    let bytes = [reading.table.header.clone(), reading.table.write(reading.row)].concat();
    sheet.problem(Problem {
        source_id: visit.cloned(),
        place,
        what: Text::literal(fault.what),
        body: Some(bytes.into()),
    });
}
