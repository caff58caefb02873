//! The booked window and reads by id.

use super::rows::{nested_patient, read_day, read_stamp, row};
use super::{Ask, invalid, no_such_id, slots};
use crate::diary::{Standing, Visit};
use crate::vendors::call::{Call, empty, encoded, json};
use crate::vendors::office::Office;
use axum::response::Response;
use serde_json::{Value, json as value};

/// Default and most rows of a page of appointments (confirmed).
pub(super) const PAGE: (u64, u64) = (1000, 10_000);

/// A page with its total and its links. Links are host-relative and absent at the ends; they repeat every parameter
/// with its name in capitals, but for the offset (recorded).
pub(super) fn page(office: &mut Office, call: &Call, key: &str, rows: Vec<Value>, sizes: (u64, u64)) -> Response {
    page_of(office, call, key, &rows, sizes, |_, row| row.clone())
}

/// The same of things of which only those on the page are to be written out.
fn page_of<T>(
    office: &mut Office,
    call: &Call,
    key: &str,
    all: &[T],
    sizes: (u64, u64),
    write: impl Fn(&Office, &T) -> Value,
) -> Response {
    let ask = Ask::of(call);
    let limit = ask.number("limit").unwrap_or(sizes.0).clamp(1, sizes.1) as usize;
    let offset = ask.number("offset").unwrap_or(0) as usize;
    let total = all.len();
    let mut shown: Vec<Value> = all.iter().skip(offset).take(limit).map(|one| write(office, one)).collect();
    if let Some(status) = office.spoil(call, &mut shown) {
        return empty(status);
    }
    let mut body = value!({key: shown, "totalcount": total});
    let link = |offset: usize| {
        let mut named: Vec<String> = call
            .query
            .pairs()
            .iter()
            .map(|(name, value)| (name.to_uppercase(), value))
            .filter(|(name, _)| name != "OFFSET")
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        named.sort();
        named.push(format!("offset={offset}"));
        format!("{}?{}", call.path, named.join("&"))
    };
    if offset + limit < total {
        body["next"] = link(offset + limit).into();
    }
    if offset > 0 {
        body["previous"] = link(offset.saturating_sub(limit)).into();
    }
    json(200, &body)
}

/// `GET /appointments/booked`.
pub(super) fn window(office: &mut Office, call: &Call, ask: &Ask) -> Response {
    let visits = match visits_of_window(office, ask) {
        Ok(visits) => visits,
        Err(answer) => return answer,
    };
    page_of(office, call, "appointments", &visits, PAGE, |office, id| {
        office.diary.visits.get(id).map_or(Value::Null, |visit| shown(office, ask, visit))
    })
}

/// The ids of those that a window lists, in the order of the day.
fn visits_of_window(office: &Office, ask: &Ask) -> Result<Vec<u64>, Response> {
    ask.needs(&["startdate", "enddate"])?;
    let date = |name: &str| {
        let text = ask.get(name).unwrap_or_default();
        read_day(text).ok_or_else(|| invalid("date", text))
    };
    let stamp = |name: &str| {
        let text = ask.get(name);
        text.map(|text| read_stamp(text).ok_or_else(|| invalid("timestamp", text))).transpose()
    };
    let (from, to) = (date("startdate")?, date("enddate")?);
    let (modified_from, modified_to) = (stamp("startlastmodified")?, stamp("endlastmodified")?);
    if modified_to.is_some() && modified_from.is_none() {
        ask.needs(&["startlastmodified"])?;
    }
    let one_of = |name: &str, id: u64| {
        let wanted = ask.numbers(name);
        wanted.is_empty() || wanted.contains(&id)
    };
    let cancelled = ask.is_set("showcancelled");
    let visits = office.diary.between(from, to).into_iter().filter(|visit| {
        !visit.is_deleted
            && !visit.is_block()
            && (cancelled || !is_x(visit))
            && one_of("departmentid", visit.place)
            && one_of("providerid", visit.provider)
            && one_of("patientid", visit.patient().unwrap_or_default())
            && one_of("appointmenttypeid", visit.kind)
            && ask.get("appointmentstatus").is_none_or(|letter| super::rows::letter(visit) == letter)
            && modified_from.is_none_or(|from| visit.changed_at.as_second() >= from.as_second())
            && modified_to.is_none_or(|to| visit.changed_at.as_second() <= to.as_second())
    });
    Ok(visits.map(|visit| visit.id).collect())
}

fn is_x(visit: &Visit) -> bool {
    visit.standing.is_off() || visit.standing == Standing::NoShow
}

/// A row with what was asked for besides.
pub(super) fn shown(office: &Office, ask: &Ask, visit: &Visit) -> Value {
    let mut row = row(&office.diary, visit);
    if ask.is_set("showpatientdetail")
        && let Some(patient) = nested_patient(&office.diary, visit)
    {
        row["patient"] = patient;
    }
    row
}

/// `GET /appointments/{id}`: an array of one; also of an open time.
pub(super) fn one(office: &Office, id: &str) -> Response {
    let Ok(id) = id.parse::<u64>() else { return no_such_id() };
    if let Some(visit) = office.diary.visits.get(&id).filter(|visit| !visit.is_deleted && !visit.is_block()) {
        return json(200, &value!([row(&office.diary, visit)]));
    }
    match slots::find(office, id) {
        Some(slot) => json(200, &value!([slot.row(office, false)])),
        None => no_such_id(),
    }
}

/// `GET /appointments/booked/multiple`, by ids.
pub(super) fn some(office: &Office, ask: &Ask) -> Response {
    let visits = ask.numbers("appointmentids").into_iter().filter_map(|id| office.diary.visits.get(&id));
    let rows: Vec<Value> = visits.filter(|visit| !visit.is_deleted).map(|visit| row(&office.diary, visit)).collect();
    json(200, &value!({"appointments": rows, "totalcount": rows.len()}))
}

/// `GET /patients/{id}/appointments`: coming ones, past and called-off ones when asked for.
pub(super) fn of_patient(office: &Office, ask: &Ask, id: &str) -> Response {
    let (past, cancelled) = (ask.is_set("showpast"), ask.is_set("showcancelled"));
    let mut visits: Vec<&Visit> = office
        .diary
        .visits
        .values()
        .filter(|visit| visit.present().any(|person| person.patient.to_string() == id) && !visit.is_deleted)
        .filter(|visit| past || office.diary.starts_at(visit) >= office.now)
        .filter(|visit| cancelled || !is_x(visit))
        .collect();
    visits.sort_by_key(|visit| (visit.start, visit.id));
    let rows: Vec<Value> = visits.into_iter().map(|visit| row(&office.diary, visit)).collect();
    json(200, &value!({"appointments": rows, "totalcount": rows.len()}))
}
