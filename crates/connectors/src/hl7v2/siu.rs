//! Scheduling messages: SIU S12 to S27 (HL7 v2.5.1 §10.3, §10.4).

use crate::hl7v2::decode::Problem;
use crate::hl7v2::paths::{FieldPath, Hl7Paths};
use crate::hl7v2::patient::patient_record;
use crate::hl7v2::repeats::repeats;
use crate::hl7v2::timing::{Placing, timing};
use crate::hl7v2::values::Reading;
use domain::model::{
    AppointmentRecord, Event, Participant, PatientRecord, Provider, Record, RosterRecord, Said, Seen, Series, Stamp,
    StatusSaid, VisitType,
};
use domain::profile::ResourceStyle;
use domain::setup::RuleSet;
use domain::text::Text;
use wire::hl7::ack::ErrorCode;
use wire::hl7::{Field, Location, Segment};

/// The event of a trigger (MSH-9.2); `None`: not a scheduling event.
pub(super) fn event_of(trigger: &[u8]) -> Option<Event> {
    let [b'S' | b's', tens @ b'1'..=b'2', ones] = trigger else { return None };
    Some(match (tens, ones) {
        (b'1', b'2') => Event::Booked,
        (b'1', b'3') => Event::Rescheduled,
        (b'1', b'4') => Event::Modified,
        (b'1', b'5') => Event::Cancelled,
        (b'1', b'6') => Event::Discontinued,
        (b'1', b'7') => Event::Deleted,
        (b'1', b'8' | b'9') | (b'2', b'0' | b'1' | b'2') => Event::ResourcesChanged,
        (b'2', b'3') => Event::SlotBlocked,
        (b'2', b'4') => Event::SlotOpened,
        (b'2', b'6') => Event::NoShow,
        (b'2', b'7') => Event::Listed,
        _ => return None,
    })
}

/// What a scheduling message says.
pub(super) fn records(
    reading: &Reading<'_, '_>,
    paths: &Hl7Paths,
    rules: &RuleSet,
    event: Event,
    stamp: Stamp,
    message_offset: Option<i16>,
) -> Result<Vec<Record>, Problem> {
    let sch = reading.message.get(b"SCH");
    if !sch.exists() {
        return Err(Problem {
            code: ErrorCode::SEGMENT_SEQUENCE,
            location: Some(Location::segment(b"SCH", 1)),
            diagnostic: Text::literal("There is no SCH segment: the message tells of no appointment."),
        });
    }
    // Reading on would lose the second appointment under the first one's acknowledgement.
    if reading.message.all(b"SCH").nth(1).is_some() {
        return Err(Problem {
            code: ErrorCode::SEGMENT_SEQUENCE,
            location: Some(Location::segment(b"SCH", 2)),
            diagnostic: Text::literal("There is a second SCH segment: one message tells of one appointment."),
        });
    }
    let Some(source_id) = paths.appointment_id.iter().find_map(|path| reading.code(path)) else {
        return Err(Problem {
            code: ErrorCode::REQUIRED_FIELD_MISSING,
            location: Some(Location::field(b"SCH", 1, 2)),
            diagnostic: Text::literal("The appointment has no identifier: SCH-2 and SCH-1 are empty."),
        });
    };
    let department = paths.department.iter().find_map(|path| department(reading, path));
    let zone = rules.zone_of(department.as_ref().map(|seen| seen.value.as_str()));
    let placing = Placing { zone, message_offset: message_offset.filter(|_| rules.source.hl7v2.trust_message_offset) };
    let (patients, participants) = people(reading, paths, rules, event, stamp)?;
    let family_marks_test = patients.iter().any(|patient| is_test_family(rules, patient));
    let timing = timing(reading, rules, &placing)?;
    let series = series(reading, &sch);
    let repeats = match &series {
        Some(_) => None,
        None => repeats(reading, &sch, timing.as_ref(), &placing)?.map(Box::new),
    };
    let record = AppointmentRecord {
        source_id: source_id.value,
        placer_id: reading.trimmed(&sch.field(1), 1),
        stamp,
        booked_at: None,
        event,
        status: status(reading, paths, rules, event),
        timing,
        visit_type: visit_type(reading, paths),
        modality: paths.modality.iter().find_map(|path| reading.code(path)),
        department,
        providers: providers(reading, paths, rules, event),
        participants,
        series,
        repeats,
        replaces: paths.replaces.iter().find_map(|path| reading.code(path)).map(|seen| seen.value),
        test: family_marks_test || reading.message.header().field(11).component(1).raw().eq_ignore_ascii_case(b"T"),
        present: false,
    };
    Ok(vec![Record::Appointment(Box::new(record), patients)])
}

fn is_test_family(rules: &RuleSet, patient: &PatientRecord) -> bool {
    let family = patient.family.value().map(|name| name.open().to_uppercase());
    family.is_some_and(|family| {
        rules.source.hl7v2.test_families.iter().any(|mark| family.starts_with(&mark.to_uppercase()))
    })
}

/// A department: the point of care of a person location (PL.1), else its facility (PL.4).
fn department(reading: &Reading<'_, '_>, path: &FieldPath) -> Option<Seen> {
    reading.code(path).or_else(|| {
        let facility =
            reading.message.all(&path.segment).find_map(|segment| reading.trimmed(&segment.field(path.field), 4));
        facility.filter(|_| path.component.is_none()).map(|value| Seen { value, place: path.place(4) })
    })
}

/// Words of HL7 table 0277: how firm the booking is, not what kind of visit it is.
fn is_firmness(word: &str) -> bool {
    ["normal", "tentative", "complete"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// The visit type: code and text of the first field that has any.
fn visit_type(reading: &Reading<'_, '_>, paths: &Hl7Paths) -> Option<VisitType> {
    paths.visit_type.iter().find_map(|path| {
        let segment = reading.message.first(&path.segment)?;
        let field = segment.field(path.field);
        if let Some(component) = path.component {
            let name = reading.exact(&field, component)?;
            return Some(VisitType { id: Some(name.clone()), name, place: path.text.clone() });
        }
        let (code, text) = (reading.exact(&field, 1), reading.exact(&field, 2));
        if text.is_none() && code.as_deref().is_some_and(is_firmness) {
            return None;
        }
        let place = path.place(if text.is_some() { 2 } else { 1 });
        let name = text.or_else(|| code.clone())?;
        Some(VisitType { id: code, name, place })
    })
}

/// What is said about the status: an event with an end of its own, a word, or neither.
fn status(reading: &Reading<'_, '_>, paths: &Hl7Paths, rules: &RuleSet, event: Event) -> Option<StatusSaid> {
    let word = paths.status.iter().find_map(|path| reading.agreed(path).map(|word| (path, word)));
    let text = word.as_ref().and_then(|(path, word)| {
        let segment = reading.message.first(&path.segment)?;
        let value = reading.trimmed(&segment.field(path.field), 2).filter(|text| *text != word.value)?;
        Some(Seen { value, place: path.place(2) })
    });
    let firmness = || {
        let sch = reading.message.get(b"SCH");
        let word = reading
            .trimmed(&sch.field(8), 1)
            .filter(|word| is_firmness(word) && !word.eq_ignore_ascii_case("normal"))?;
        Some(Seen { value: word, place: Text::literal("SCH-8.1") })
    };
    let word = word.map(|(_, word)| word).or_else(firmness);
    let speaks = match event {
        Event::Booked | Event::Rescheduled | Event::Listed => true,
        Event::Cancelled | Event::Discontinued | Event::Deleted | Event::NoShow => true,
        // A change that names no status leaves it as it is; blocks are no visits.
        Event::Modified | Event::ResourcesChanged => word.is_some(),
        Event::SlotBlocked | Event::SlotOpened | Event::Replaced => false,
    };
    let reason = paths.status_reason.iter().find_map(|path| reading.code(path));
    if !rules.statuses.reads_more_than_words() {
        return speaks.then_some(StatusSaid { event, word, reason, text, note: None });
    }
    let said = StatusSaid { event, word, reason, text, note: note(reading, paths) };
    let department = paths.department.iter().find_map(|path| department(reading, path)).map(|seen| seen.value);
    // A code or note alone speaks of the status when a rule or a watched phrase says so.
    let by_more = || {
        let department = department.as_deref();
        rules.statuses.read(&said, department).is_some() || rules.statuses.hidden_in(&said, department).is_some()
    };
    let speaks = speaks || (matches!(event, Event::Modified | Event::ResourcesChanged) && by_more());
    speaks.then_some(said)
}

/// All notes of the message as one text.
fn note(reading: &Reading<'_, '_>, paths: &Hl7Paths) -> Option<Seen> {
    let path = paths.status_note.iter().find(|path| reading.message.first(&path.segment).is_some())?;
    let lines = reading.message.all(&path.segment).filter_map(|segment| reading.code_in(&segment, path));
    let text: Vec<Text> = lines.map(|seen| seen.value).collect();
    let joined = text.iter().map(Text::as_str).collect::<Vec<_>>().join(" ");
    (!joined.is_empty()).then(|| Seen { value: Text::from(joined), place: path.text.clone() })
}

/// Patients as records, and as participants of the visit. A message without PID says nothing about them.
fn people(
    reading: &Reading<'_, '_>,
    paths: &Hl7Paths,
    rules: &RuleSet,
    event: Event,
    stamp: Stamp,
) -> Result<(Vec<PatientRecord>, RosterRecord<Participant>), Problem> {
    let (mut records, mut participants) = (Vec::new(), Vec::new());
    for (n, pid) in reading.message.all(b"PID").enumerate() {
        let sequence = u16::try_from(n + 1).unwrap_or(u16::MAX);
        let (record, place) = patient_record(reading, paths, rules, &pid, sequence, stamp)?;
        let status = own_status(reading, paths, &pid, event, stamp);
        participants.push(Participant { source_id: record.source_id.clone(), status, place });
        records.push(record);
    }
    let roster = if participants.is_empty() { RosterRecord::Keep } else { RosterRecord::All(participants) };
    Ok((records, roster))
}

/// The status of one participant: in the segments between their PID and the next.
fn own_status(
    reading: &Reading<'_, '_>,
    paths: &Hl7Paths,
    pid: &Segment<'_>,
    event: Event,
    stamp: Stamp,
) -> Option<Said<StatusSaid>> {
    if paths.participant_status.is_empty() {
        return None;
    }
    let group = || {
        let behind = reading.message.segments().filter(|segment| segment.ordinal() > pid.ordinal());
        behind.take_while(|segment| !matches!(segment.name(), b"PID" | b"RGS"))
    };
    let word = paths.participant_status.iter().find_map(|path| {
        group().filter(|segment| *segment.name() == path.segment).find_map(|segment| reading.code_in(&segment, path))
    })?;
    // An event that ends the whole visit says so of everybody by itself; the word is about this one.
    let event = match event {
        Event::Cancelled | Event::Discontinued | Event::Deleted | Event::NoShow => Event::Modified,
        other => other,
    };
    Some(Said { value: StatusSaid { word: Some(word), ..StatusSaid::by(event) }, stamp })
}

/// Providers, as a whole list or as changes (docs/systems/hl7v2.md).
fn providers(reading: &Reading<'_, '_>, paths: &Hl7Paths, rules: &RuleSet, event: Event) -> RosterRecord<Provider> {
    let (mut put, mut removed) = (Vec::new(), Vec::new());
    for path in &paths.provider {
        for segment in reading.message.all(&path.segment) {
            let leaves = action_of(reading, &segment) == Some(b'D');
            for provider in providers_in(reading, &segment, path) {
                if leaves { removed.push(provider) } else { put.push(provider) }
            }
        }
        // Paths are alternatives: the first that names anybody counts.
        if !put.is_empty() || !removed.is_empty() {
            break;
        }
    }
    if put.is_empty() && removed.is_empty() {
        return RosterRecord::Keep;
    }
    if is_delta(reading, rules, event) { RosterRecord::Changes { put, removed } } else { RosterRecord::All(put) }
}

fn is_delta(reading: &Reading<'_, '_>, rules: &RuleSet, event: Event) -> bool {
    match rules.source.hl7v2.resources {
        ResourceStyle::Snapshot => false,
        ResourceStyle::Delta => true,
        ResourceStyle::Auto => {
            let changes = |segment: Segment<'_>| matches!(action_of(reading, &segment), Some(b'D' | b'U'));
            event == Event::ResourcesChanged || reading.message.segments().any(changes)
        }
    }
}

/// The segment action code (table 0206) of a resource: its own, else that of the group it stands in.
fn action_of(reading: &Reading<'_, '_>, segment: &Segment<'_>) -> Option<u8> {
    if !matches!(segment.name(), b"RGS" | b"AIS" | b"AIG" | b"AIL" | b"AIP") {
        return None;
    }
    let own = segment.field(2).raw().first().map(u8::to_ascii_uppercase);
    if segment.name() == b"RGS" || own.is_some_and(|code| code != b'A') {
        return own;
    }
    let group = reading
        .message
        .segments()
        .take_while(|other| other.ordinal() < segment.ordinal())
        .filter(|other| other.name() == b"RGS")
        .last();
    let of_group = group.and_then(|group| group.field(2).raw().first().map(u8::to_ascii_uppercase));
    of_group.filter(|code| matches!(code, b'D' | b'U')).or(own)
}

fn providers_in(reading: &Reading<'_, '_>, segment: &Segment<'_>, path: &FieldPath) -> Vec<Provider> {
    let role = if segment.name() == b"AIP" { reading.trimmed(&segment.field(4), 1) } else { None };
    let coded = matches!(segment.name(), b"AIG" | b"AIS");
    segment
        .field(path.field)
        .repetitions()
        .filter_map(|entry| {
            let part = |component: usize| {
                let part = entry.component(component);
                if part.has_value() { Text::present(&part.subcomponent(1).text(&reading.charset)) } else { None }
            };
            let name = if coded { part(2) } else { person_name(part(2), part(3)) };
            let id = part(path.component.unwrap_or(1)).or_else(|| name.clone())?;
            Some(Provider { source_id: id, name, role: role.clone(), place: path.place(1) })
        })
        .collect()
}

fn person_name(family: Option<Text>, given: Option<Text>) -> Option<Text> {
    match (given, family) {
        (Some(given), Some(family)) => Some(Text::from(format_args!("{given} {family}"))),
        (given, family) => given.or(family),
    }
}

/// The series: the parent's id (SCH-24, else SCH-23), with the occurrence's number (SCH-3).
fn series(reading: &Reading<'_, '_>, sch: &Segment<'_>) -> Option<Series> {
    let id = |field: Field<'_>| reading.trimmed(&field, 1);
    let id = id(sch.field(24)).or_else(|| id(sch.field(23)))?;
    let occurrence = reading.trimmed(&sch.field(3), 1).and_then(|number| number.parse().ok());
    Some(Series { id, occurrence, placed: None, goes_on: None })
}
