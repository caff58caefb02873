//! The window: a bare array of wrapped rows, no filter by change, pages by `Link`.

use super::VISITS;
use super::rows::row;
use crate::vendors::VendorFault;
use crate::vendors::call::{Call, json, number_in, problem, with};
use crate::vendors::office::Office;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json as value};

fn bad(detail: &str) -> Response {
    problem(400, "Bad Request", detail)
}

/// `YYYYMMDD`; another spelling is refused (our choice).
fn day(text: &str) -> Result<Date, Response> {
    let is_digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let date = Date::strptime("%Y%m%d", text).ok().filter(|_| is_digits);
    date.ok_or_else(|| bad("Dates are written YYYYMMDD."))
}

/// The days asked for; a missing bound makes the span the horizon of three months from today.
fn span(office: &Office, call: &Call) -> Result<(Date, Date), Response> {
    let today = office.diary.local(office.now).date();
    let read = |name: &str| call.query.get(name).map(day).transpose();
    let (from, to) = match (read("start_date")?, read("end_date")?) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, from.saturating_add(3.months())),
        (None, Some(to)) => (to.saturating_sub(3.months()), to),
        (None, None) => (today, today.saturating_add(3.months())),
    };
    if to < from {
        return Err(bad("end_date is before start_date."));
    }
    if office.is_on("has_cap") && to > from.saturating_add(3.months()) {
        return Err(bad("One read covers at most three calendar months."));
    }
    Ok((from, to))
}

/// Page links are opaque to callers.
fn link(from: Date, to: Date, at: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{from}|{to}|{at}"))
}

fn unlink(text: &str) -> Option<(Date, Date, usize)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let mut parts = text.split('|');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

pub(super) fn window(office: &mut Office, call: &Call) -> Response {
    let (from, to, at) = match call.query.get("page") {
        Some(page) if office.hit(VendorFault::CursorExpired, page, &call.path).is_some() => {
            return bad("This page is no longer known.");
        }
        Some(page) => match unlink(page) {
            Some(found) => found,
            None => return bad("This page is not known."),
        },
        None => match span(office, call) {
            Ok((from, to)) => (from, to, 0),
            Err(answer) => return answer,
        },
    };
    let size = (office.number("page_size") as usize).max(1);
    let visits = office.diary.between(from, to).into_iter().filter(|visit| !visit.is_deleted && !visit.is_block());
    let visits: Vec<_> = visits.collect();
    let total = visits.len();
    let page = visits.into_iter().skip(at).take(size);
    let mut rows: Vec<Value> = page.map(|visit| value!({"appointment": row(office, visit)})).collect();
    if let Some(status) = office.spoil(call, &mut rows) {
        return problem(status, "Error", "The page is lost.");
    }
    let answer = json(200, &value!(rows));
    if at + size >= total {
        return answer;
    }
    let next = format!("<{}{}?page={}>; rel=\"next\"", call.origin, call.path, link(from, to, at + size));
    with(answer, "link", &next)
}

/// A read by id (our choice; switched by `single_read`).
pub(super) fn one(office: &Office, id: &str) -> Response {
    let found = number_in(id, VISITS).and_then(|id| office.diary.visits.get(&id));
    match found.filter(|visit| office.is_on("single_read") && !visit.is_deleted) {
        Some(visit) => json(200, &value!({"appointment": row(office, visit)})),
        None => problem(404, "Not Found", "There is no such appointment."),
    }
}
