//! Rows into records.

use crate::files::row::{Reading, RowFault, Time};
use domain::model::{
    Address, AppointmentRecord, Event, Fact, Participant, PatientRecord, Provider, Restriction, RosterRecord, Said,
    Seen, Series, Stamp, StatusSaid, Timing, TimingIssue, VisitType, Way,
};
use domain::phi::Phi;
use domain::setup::RuleSet;
use domain::text::Text;
use domain::time::{Moment, Placement, Zone};
use jiff::civil::DateTime;

/// What a row says of a visit, without who takes part.
pub(super) struct VisitSaid {
    pub(super) record: AppointmentRecord,
    /// Who takes part, where the row says so.
    pub(super) part: Option<Part>,
    /// What it says of them.
    pub(super) patient: Option<PatientRecord>,
}

/// What a row says of one participant of a visit.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) patient: Text,
    pub(super) place: Text,
    /// The row's own id.
    pub(super) key: Option<Text>,
    pub(super) status: Option<StatusSaid>,
    /// The word says nothing: what was said before goes on holding.
    pub(super) is_silent: bool,
    /// When the row was changed, by the file's clock.
    pub(super) changed: Option<DateTime>,
    pub(super) booked_at: Option<Moment>,
}

fn seen(value: Text, column: Option<&Text>) -> Seen {
    Seen { value, place: column.cloned().unwrap_or_default() }
}

/// A row about a visit.
pub(super) fn visit(row: &Reading<'_>, rules: &RuleSet, stamp: Stamp) -> Result<VisitSaid, RowFault> {
    let columns = &row.table.kind.columns;
    let source_id = row.demanded(columns.visit.as_ref())?;
    let department = row.text(columns.department.as_ref()).map(|value| seen(value, columns.department.as_ref()));
    let zone = rules.zone_of(department.as_ref().map(|seen| seen.value.as_str()));
    let part = part(row, zone)?;
    let provider = row.text(columns.provider.as_ref()).map(|source_id| Provider {
        source_id,
        name: row.text(columns.provider_name.as_ref()),
        role: None,
        place: columns.provider.clone().unwrap_or_default(),
    });
    let (id, name) = (row.exact(columns.type_id.as_ref()), row.exact(columns.type_name.as_ref()));
    let place = if name.is_some() { &columns.type_name } else { &columns.type_id };
    let visit_type =
        name.or_else(|| id.clone()).map(|name| VisitType { id, name, place: place.clone().unwrap_or_default() });
    let is_blocked = part.is_none() && row.table.kind.blocked_without_patient;
    let event = if is_blocked { Event::SlotBlocked } else { Event::Listed };
    // The row of a participant tells their status; whether it is the visit's as well depends on how many there are.
    let status = if part.is_some() || is_blocked { None } else { status(row) };
    let record = AppointmentRecord {
        booked_at: row.moment(columns.booked.as_ref(), zone)?,
        status,
        timing: timing(row, zone)?,
        visit_type,
        modality: row.text(columns.modality.as_ref()).map(|word| {
            let known = row.table.kind.modalities.iter().find(|(known, _)| known.eq_ignore_ascii_case(&word));
            seen(known.map_or(word, |(_, means)| means.clone()), columns.modality.as_ref())
        }),
        department,
        providers: match (provider, &columns.provider) {
            (_, None) => RosterRecord::Keep,
            (provider, Some(_)) => RosterRecord::All(provider.into_iter().collect()),
        },
        series: row.text(columns.series.as_ref()).map(|id| Series {
            id,
            occurrence: None,
            placed: None,
            goes_on: None,
        }),
        replaces: row.text(columns.replaces.as_ref()),
        test: row.is_yes(columns.test.as_ref()),
        ..AppointmentRecord::about(source_id, stamp, event)
    };
    let patient = match &part {
        Some(part) if says_patients(row) => Some(patient(row, part.patient.clone(), stamp)?),
        _ => None,
    };
    Ok(VisitSaid { record, part, patient })
}

/// A row about somebody who takes part; with the visit's id.
pub(super) fn participant(row: &Reading<'_>, rules: &RuleSet) -> Result<(Text, Part), RowFault> {
    let columns = &row.table.kind.columns;
    let visit = row.demanded(columns.visit.as_ref())?;
    row.demanded(columns.patient.as_ref())?;
    let part = part(row, rules.zone_of(None))?;
    part.map(|part| (visit, part)).ok_or_else(|| row.fault(columns.patient.as_ref(), "it is empty"))
}

/// What a row says of whose a visit is.
#[derive(Clone)]
pub(super) struct ProviderSaid {
    pub(super) provider: Provider,
    pub(super) minutes: Option<i64>,
    /// Where the length stands.
    pub(super) minutes_place: Option<Text>,
}

/// A row about a provider of a visit; with the visit's id.
pub(super) fn provider(row: &Reading<'_>) -> Result<(Text, ProviderSaid), RowFault> {
    let columns = &row.table.kind.columns;
    let visit = row.demanded(columns.visit.as_ref())?;
    let source_id = row.demanded(columns.provider.as_ref())?;
    let name = row.text(columns.provider_name.as_ref());
    let provider = Provider { source_id, name, role: None, place: columns.provider.clone().unwrap_or_default() };
    let minutes = row.minutes(columns.minutes.as_ref())?;
    Ok((visit, ProviderSaid { provider, minutes, minutes_place: columns.minutes.clone() }))
}

fn part(row: &Reading<'_>, zone: &Zone) -> Result<Option<Part>, RowFault> {
    let kind = row.table.kind;
    let columns = &kind.columns;
    let Some(patient) = row.text(columns.patient.as_ref()) else { return Ok(None) };
    let mut changed = None;
    for column in &columns.changed {
        changed = changed.max(row.local(column)?);
    }
    let word = row.text(columns.status.as_ref()).map(|word| word.to_lowercase());
    let is_silent = word.is_some_and(|word| kind.silent_statuses.iter().any(|silent| silent.to_lowercase() == word));
    Ok(Some(Part {
        patient,
        place: columns.patient.clone().unwrap_or_default(),
        key: row.text(columns.key.as_ref()),
        status: status(row),
        is_silent,
        changed,
        booked_at: row.moment(columns.booked.as_ref(), zone)?,
    }))
}

fn status(row: &Reading<'_>) -> Option<StatusSaid> {
    let columns = &row.table.kind.columns;
    let word = row.text(columns.status.as_ref())?;
    let reason = row.text(columns.status_reason.as_ref());
    Some(StatusSaid {
        word: Some(seen(word, columns.status.as_ref())),
        reason: reason.map(|reason| seen(reason, columns.status_reason.as_ref())),
        ..StatusSaid::by(Event::Listed)
    })
}

fn timing(row: &Reading<'_>, zone: &Zone) -> Result<Option<Timing>, RowFault> {
    let columns = &row.table.kind.columns;
    if columns.start.is_none() {
        return Ok(None);
    }
    let mut timing = Timing {
        start: None,
        end: None,
        zone: zone.name().clone(),
        start_seen: None,
        end_place: None,
        placement: Placement::Unique,
        issues: Vec::new(),
    };
    if let Some((text, time)) = row.time(columns.start.as_ref(), zone)? {
        let seen = seen(text, columns.start.as_ref());
        match time {
            Time::At(moment, placement) => {
                (timing.start, timing.placement) = (Some(moment), placement);
                timing.start_seen = Some(seen);
            }
            Time::Day(_) => timing.issues.push(TimingIssue::DateOnly(seen)),
        }
    }
    if let Some((text, Time::At(end, _))) = row.time(columns.end.as_ref(), zone)? {
        let place = columns.end.clone().unwrap_or_default();
        if timing.start.is_some_and(|start| end < start) {
            let other = Seen { value: text, place };
            timing.issues.extend(timing.start_seen.clone().map(|used| TimingIssue::FieldsDisagree(used, other)));
        } else {
            (timing.end, timing.end_place) = (Some(end), Some(place));
        }
    } else if let (Some(start), Some(minutes)) = (timing.start, row.minutes(columns.minutes.as_ref())?) {
        (timing.end, timing.end_place) = (Some(start.plus_minutes(minutes)), columns.minutes.clone());
    }
    Ok(Some(timing))
}

fn says_patients(row: &Reading<'_>) -> bool {
    let columns = &row.table.kind.columns;
    columns.family.is_some() || columns.given.is_some() || columns.email.is_some() || columns.birth_date.is_some()
}

/// What a row says of a patient. A column that is there and empty says that there is nothing.
pub(super) fn patient(row: &Reading<'_>, source_id: Text, stamp: Stamp) -> Result<PatientRecord, RowFault> {
    let columns = &row.table.kind.columns;
    fn fact<T>(column: Option<&Text>, value: Option<T>) -> Fact<Phi<T>> {
        match (column, value) {
            (None, _) => Fact::NotSaid,
            (Some(_), None) => Fact::Cleared,
            (Some(_), Some(value)) => Fact::Is(Phi::new(value)),
        }
    }
    let text = |column: &Option<Text>| fact(column.as_ref(), row.text(column.as_ref()));
    let lines = [&columns.address, &columns.city, &columns.state, &columns.postal_code, &columns.country];
    let address = Address {
        line: row.text(columns.address.as_ref()),
        city: row.text(columns.city.as_ref()),
        state: row.text(columns.state.as_ref()),
        postal_code: row.text(columns.postal_code.as_ref()),
        country: row.text(columns.country.as_ref()),
    };
    let says_address = address != Address::default();
    Ok(PatientRecord {
        source_id,
        stamp,
        family: text(&columns.family),
        given: text(&columns.given),
        birth_date: fact(columns.birth_date.as_ref(), row.birth_date(columns.birth_date.as_ref())?),
        sex: fact(columns.sex.as_ref(), row.sex(columns.sex.as_ref())?),
        email: text(&columns.email),
        email_place: columns.email.clone(),
        mobile: text(&columns.mobile),
        phone: text(&columns.phone),
        address: fact(lines.into_iter().flatten().next(), says_address.then_some(address)),
        language: text(&columns.language),
        coverage: Fact::NotSaid,
        restrictions: fact(
            columns.restriction.as_ref(),
            row.text(columns.restriction.as_ref()).map(|said| closed(said, columns.restriction.clone())),
        ),
    })
}

/// What closes every way, in the file's own words.
fn closed(said: Text, column: Option<Text>) -> Vec<Restriction> {
    vec![Restriction { way: Way::Any, said, place: column.unwrap_or_default() }]
}

/// A participant as a record names them.
pub(super) fn member(part: &Part, stamp: Stamp, tells_status: bool) -> Participant {
    let status = part.status.clone().filter(|_| tells_status);
    let status = status.map(|value| Said { value, stamp });
    Participant { source_id: part.patient.clone(), status, place: part.place.clone() }
}
