//! Open times. In athenaOne a slot is a row with an id; booking fills it and the id stays. After a visit was called
//! off, its time is offered again under another id (confirmed). Which times are open is computed from the diary: our
//! choice.

use super::rows::{day, read_day, row, stamp};
use super::{Ask, booked, error, invalid};
use crate::diary::Booking;
use crate::practice::LocalTime;
use crate::vendors::call::{Call, json};
use crate::vendors::office::Office;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};
use serde_json::{Value, json as value};

/// Numbers of open times begin here: a day has a hundred, and a time that was booked before has a million more.
const BASE: u64 = 300_000;
const TURN: u64 = 1_000_000;
const EPOCH: Date = date(2020, 1, 1);
const MINUTES: u16 = 30;

/// An open time.
pub(super) struct Slot {
    pub(super) id: u64,
    pub(super) provider: u64,
    pub(super) place: u64,
    pub(super) start: DateTime,
}

impl Slot {
    /// An open row: it lacks patient and stamps (recorded). In `/open` its id is a number.
    pub(super) fn row(&self, office: &Office, is_open_list: bool) -> Value {
        let kind = &office.diary.kinds[0];
        value!({
            "appointmentid": if is_open_list { value!(self.id) } else { value!(self.id.to_string()) },
            "appointmentstatus": "o",
            "date": day(self.start.date()),
            "starttime": self.start.strftime("%H:%M").to_string(),
            "duration": MINUTES,
            "departmentid": if is_open_list { value!(self.place) } else { value!(self.place.to_string()) },
            "providerid": if is_open_list { value!(self.provider) } else { value!(self.provider.to_string()) },
            "appointmenttypeid": if is_open_list { value!(kind.id) } else { value!(kind.id.to_string()) },
            "appointmenttype": kind.code,
            "patientappointmenttypename": kind.name,
            "frozenyn": "false",
        })
    }
}

/// The id of a time: the first of its numbers that no visit ever had.
fn id_of(office: &Office, provider: u64, start: DateTime) -> Option<u64> {
    let days = u64::try_from((start.date() - EPOCH).get_days()).ok()?;
    let n = office.diary.providers.iter().position(|row| row.id == provider)? as u64;
    let half_hour = u64::try_from((start.hour() - 9) * 2 + start.minute() / 30).ok()?;
    let first = BASE + days * 100 + n * 20 + half_hour;
    let is_taken = |id: &u64| office.diary.visits.contains_key(id) || office.diary.gone.contains_key(id);
    (0..8).map(|turn| first + turn * TURN).find(|id| !is_taken(id))
}

/// Where a provider works.
fn place_of(office: &Office, provider: u64) -> u64 {
    let places = &office.diary.places;
    let is_last = office.diary.providers.last().is_some_and(|row| row.id == provider);
    places[usize::from(is_last) % places.len()].id
}

/// The open time of a provider then.
pub(super) fn at(office: &Office, provider: u64, start: DateTime) -> Option<Slot> {
    let is_free = office.diary.free(provider, start.date(), MINUTES).contains(&start);
    let id = id_of(office, provider, start).filter(|_| is_free)?;
    Some(Slot { id, provider, place: place_of(office, provider), start })
}

/// The open time with this id, while it is open.
pub(super) fn find(office: &Office, id: u64) -> Option<Slot> {
    let number = id.checked_sub(BASE)? % TURN;
    let start_of_day = EPOCH.saturating_add(i64::try_from(number / 100).ok()?.days());
    let provider = office.diary.providers.get((number % 100 / 20) as usize)?.id;
    let half_hours = i64::try_from(number % 20).ok()?;
    let start = start_of_day.at(9, 0, 0, 0).saturating_add(jiff::SignedDuration::from_mins(half_hours * 30));
    at(office, provider, start).filter(|slot| slot.id == id)
}

/// `GET /appointments/open`.
pub(super) fn open(office: &mut Office, call: &Call, ask: &Ask) -> Response {
    match rows(office, ask) {
        Ok(rows) => booked::page(office, call, "appointments", rows, booked::PAGE),
        Err(answer) => answer,
    }
}

fn rows(office: &Office, ask: &Ask) -> Result<Vec<Value>, Response> {
    ask.needs(&["departmentid"])?;
    let any = ask.get("reasonid") == Some("-1");
    if !any {
        ask.needs(&["providerid"])?;
    }
    if ask.get("appointmenttypeid").is_none() && ask.get("reasonid").is_none() {
        return Ok(Vec::new());
    }
    let today = office.diary.local(office.now).date();
    let date = |name: &str, usual: Date| match ask.get(name) {
        None => Ok(usual),
        Some(text) => read_day(text).ok_or_else(|| invalid("date", text)),
    };
    let (mut on, to) = (date("startdate", today)?, date("enddate", today.saturating_add(7.days()))?);
    let (providers, places) = (ask.numbers("providerid"), ask.numbers("departmentid"));
    // Hidden: sooner than a day, and further ahead than ninety.
    let bypass = ask.is_set("bypassscheduletimechecks");
    let soonest = office.diary.local(office.now).saturating_add(jiff::SignedDuration::from_hours(24));
    let furthest = today.saturating_add(90.days());
    let mut rows = Vec::new();
    while on <= to.min(today.saturating_add(366.days())) {
        for provider in office.diary.providers.iter().filter(|row| row.is_active) {
            let is_meant = providers.contains(&provider.id) || (any && providers.is_empty());
            if !is_meant {
                continue;
            }
            if !places.contains(&place_of(office, provider.id)) {
                continue;
            }
            for start in office.diary.free(provider.id, on, MINUTES) {
                if bypass || (start >= soonest && on <= furthest) {
                    rows.extend(at(office, provider.id, start).map(|slot| slot.row(office, true)));
                }
            }
        }
        on = on.tomorrow().unwrap_or(Date::MAX);
    }
    Ok(rows)
}

/// `PUT /appointments/{slotid}`: books; the slot's id is the visit's. A slot that was booked is not available.
pub(super) fn book(office: &mut Office, ask: &Ask, id: &str) -> Response {
    booking(office, ask, id).unwrap_or_else(|answer| answer)
}

fn not_available() -> Response {
    error(404, "The appointment is not available.")
}

fn booking(office: &mut Office, ask: &Ask, id: &str) -> Result<Response, Response> {
    ask.needs(&["patientid"])?;
    if ask.get("reasonid").is_none() && ask.get("appointmenttypeid").is_none() {
        ask.needs(&["reasonid"])?;
    }
    let slot = id.parse().ok().and_then(|id| find(office, id)).ok_or_else(not_available)?;
    let kind = ask.number("appointmenttypeid").or_else(|| ask.number("reasonid"));
    let kind = kind.filter(|id| office.diary.kind(*id).is_some()).unwrap_or(office.diary.kinds[0].id);
    let patient = ask.number("patientid").ok_or_else(|| invalid("number", "patientid"))?;
    let booking = Booking {
        id: Some(slot.id),
        patient: Some(patient),
        provider: Some(slot.provider),
        kind: Some(kind),
        place: Some(slot.place),
        start: Some(LocalTime::Local(slot.start)),
        minutes: Some(MINUTES),
        note: ask.get("bookingnote").unwrap_or_default().to_owned(),
        ..Booking::default()
    };
    let now = office.now;
    let id = office.diary.book(booking, now).map_err(|refusal| error(404, &refusal.to_string()))?;
    let booked = office.diary.visits.get(&id).map(|visit| row(&office.diary, visit));
    Ok(json(200, &value!([booked])))
}

/// `DELETE /appointments/{id}`: open times only. They are computed, so nothing is kept of it.
pub(super) fn remove(office: &Office, id: &str) -> Response {
    match id.parse().ok().and_then(|id| find(office, id)) {
        Some(_) => json(200, &value!({"success": true, "at": stamp(office.now)})),
        None => not_available(),
    }
}
