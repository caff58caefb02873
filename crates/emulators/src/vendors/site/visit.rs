//! One visit and what can be done with it, and booking one.

use super::{Choice, Desk, Frame, choices, nothing_here, provider_choices, status_of};
use crate::diary::{Booking, Diary, Edit, Refusal, Standing};
use crate::http::{page, see_other};
use crate::practice::LocalTime;
use crate::vendors::shared::Shared;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "vendors/visit.html")]
struct VisitPage {
    frame: Frame,
    id: u64,
    vendor_id: String,
    people: Vec<Seated>,
    when: String,
    status: String,
    reason: String,
    note: String,
    called_off: Option<String>,
    is_deleted: bool,
    date: String,
    time: String,
    minutes: u16,
    kinds: Vec<Choice>,
    providers: Vec<Choice>,
    statuses: Vec<String>,
}

struct Seated {
    id: u64,
    name: String,
    status: String,
}

fn render(desk: &Shared, id: u64, error: Option<&Refusal>) -> Response {
    let html = desk.look(|room| {
        let diary = &room.office.diary;
        let visit = diary.visits.get(&id)?;
        let people = visit.present().filter_map(|person| {
            let patient = diary.patients.get(&person.patient)?;
            Some(Seated { id: patient.id, name: patient.name(), status: person.standing.word().replace('_', " ") })
        });
        Some(
            VisitPage {
                frame: Frame::of(desk, room, "", error),
                id,
                vendor_id: room.vendor.visit_id(visit),
                people: people.collect(),
                when: format!(
                    "{}, {} minutes, {}",
                    visit.start.strftime("%A %-d %B %Y, %H:%M"),
                    visit.minutes,
                    diary.place_of(visit).name
                ),
                status: visit.standing.word().to_owned(),
                reason: visit.reason.clone(),
                note: visit.note.clone(),
                called_off: visit.called_off.clone(),
                is_deleted: visit.is_deleted,
                date: visit.start.date().to_string(),
                time: visit.start.strftime("%H:%M").to_string(),
                minutes: visit.minutes,
                kinds: choices(diary.kinds.iter().map(|row| (row.id, row.name.as_str())), visit.kind),
                providers: provider_choices(room, visit.provider),
                statuses: Standing::choices().collect(),
            }
            .render(),
        )
    });
    html.map_or_else(|| nothing_here(desk), |html| page(status_of(error), html))
}

pub(super) async fn show(State(desk): Desk, Path(id): Path<u64>) -> Response {
    render(&desk, id, None)
}

/// Does it and shows the visit again; what cannot be done is said on the page.
fn act(desk: &Shared, id: u64, act: impl FnOnce(&mut Diary, Timestamp) -> Result<(), Refusal>) -> Response {
    match desk.at_desk(act) {
        Ok(()) => see_other(&format!("/_twin/desk/visits/{id}")),
        Err(refusal) => render(desk, id, Some(&refusal)),
    }
}

#[derive(Deserialize)]
pub(super) struct MoveForm {
    date: String,
    time: String,
    minutes: u16,
}

fn local(date: &str, time: &str) -> Result<LocalTime, Refusal> {
    let text = format!("{}T{}", date.trim(), time.trim());
    LocalTime::read(&text).ok_or_else(|| Refusal::Wrong(format!("The time cannot be read: {date} {time}.")))
}

pub(super) async fn move_to(State(desk): Desk, Path(id): Path<u64>, Form(form): Form<MoveForm>) -> Response {
    act(&desk, id, |diary, now| {
        let start = Some(local(&form.date, &form.time)?);
        diary.edit(id, Edit { start, minutes: Some(form.minutes), ..Edit::default() }, now)
    })
}

#[derive(Deserialize)]
pub(super) struct ChangeForm {
    #[serde(rename = "type")]
    kind: u64,
    provider: u64,
    status: String,
    note: String,
}

pub(super) async fn change(State(desk): Desk, Path(id): Path<u64>, Form(form): Form<ChangeForm>) -> Response {
    let edit = Edit {
        kind: Some(form.kind),
        provider: Some(form.provider),
        status: Some(Standing::from_word(&form.status)),
        note: Some(form.note),
        ..Edit::default()
    };
    act(&desk, id, |diary, now| diary.edit(id, edit, now))
}

#[derive(Deserialize)]
pub(super) struct CancelForm {
    by: String,
    reason: String,
}

pub(super) async fn cancel(State(desk): Desk, Path(id): Path<u64>, Form(form): Form<CancelForm>) -> Response {
    let status = Some(Standing::from_word(&form.by));
    let edit = Edit { status, called_off: Some(form.reason), ..Edit::default() };
    act(&desk, id, |diary, now| diary.edit(id, edit, now))
}

#[derive(Deserialize)]
pub(super) struct DeleteForm {
    how: String,
}

pub(super) async fn delete(State(desk): Desk, Path(id): Path<u64>, Form(form): Form<DeleteForm>) -> Response {
    if form.how != "purge" {
        return act(&desk, id, |diary, now| diary.delete(id, now));
    }
    match desk.at_desk(|diary, now| diary.purge(id, now)) {
        Ok(()) => see_other("/_twin/"),
        Err(refusal) => render(&desk, id, Some(&refusal)),
    }
}

#[derive(Template)]
#[template(path = "vendors/booking.html")]
struct BookingPage {
    frame: Frame,
    patients: Vec<Choice>,
    kinds: Vec<Choice>,
    providers: Vec<Choice>,
    places: Vec<Choice>,
    date: String,
    time: String,
}

#[derive(Deserialize)]
pub(super) struct For {
    #[serde(default)]
    patient: u64,
}

fn form(desk: &Shared, chosen: u64, error: Option<&Refusal>) -> Response {
    let html = desk.look(|room| {
        let diary = &room.office.diary;
        let soon = diary.local(room.office.now).saturating_add(jiff::SignedDuration::from_hours(2));
        let mut patients: Vec<Choice> = diary
            .patients
            .values()
            .filter(|patient| patient.merged_into.is_none())
            .map(|patient| Choice {
                id: patient.id,
                name: format!("{}, {}", patient.family, patient.given),
                is_chosen: patient.id == chosen,
            })
            .collect();
        patients.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        BookingPage {
            frame: Frame::of(desk, room, "booking", error),
            patients,
            kinds: choices(diary.kinds.iter().map(|row| (row.id, row.name.as_str())), 0),
            providers: provider_choices(room, 0),
            places: choices(diary.places.iter().map(|row| (row.id, row.name.as_str())), 0),
            date: soon.date().to_string(),
            time: format!("{:02}:00", soon.hour()),
        }
        .render()
    });
    page(status_of(error), html)
}

pub(super) async fn blank(State(desk): Desk, Query(query): Query<For>) -> Response {
    form(&desk, query.patient, None)
}

#[derive(Deserialize)]
pub(super) struct BookingForm {
    patient: u64,
    #[serde(rename = "type")]
    kind: u64,
    provider: u64,
    department: u64,
    date: String,
    time: String,
    minutes: u16,
    reason: String,
}

pub(super) async fn book(State(desk): Desk, Form(typed): Form<BookingForm>) -> Response {
    let booked = local(&typed.date, &typed.time).and_then(|start| {
        let booking = Booking {
            patient: Some(typed.patient),
            provider: Some(typed.provider),
            kind: Some(typed.kind),
            place: Some(typed.department),
            start: Some(start),
            minutes: Some(typed.minutes),
            reason: typed.reason.clone(),
            ..Booking::default()
        };
        desk.at_desk(|diary, now| diary.book(booking, now))
    });
    match booked {
        Ok(id) => see_other(&format!("/_twin/desk/visits/{id}")),
        Err(refusal) => form(&desk, typed.patient, Some(&refusal)),
    }
}
