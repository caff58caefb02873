//! Reading appointments: the mandatory date filter, pages, and what lists hide.

use super::rows::{find, is_virtual, row, server_zone, word};
use super::{bad, not_found};
use crate::diary::Visit;
use crate::vendors::VendorFault;
use crate::vendors::call::{Call, encoded, json};
use crate::vendors::office::Office;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde_json::{Value, json as value};

/// The documented maximum of a range.
const MOST_DAYS: i32 = 190;

/// One page of a list in the vendor's envelope. `rows` is the whole list in its order.
pub(super) fn page(office: &mut Office, call: &Call, rows: Vec<Value>, most: u64) -> Response {
    let size = call.query.number("page_size").unwrap_or(most).clamp(1, most) as usize;
    let from = match call.query.get("cursor").map(offset) {
        None => 0,
        Some(Some(from)) if office.hit(VendorFault::CursorExpired, &call.target(), &call.path).is_none() => from,
        // Our choice: a cursor that is not known is answered as an unknown page.
        Some(_) => return json(404, &value!({"detail": "Invalid cursor"})),
    };
    let total = rows.len();
    let mut shown: Vec<Value> = rows.into_iter().skip(from).take(size).collect();
    if let Some(status) = office.spoil(call, &mut shown) {
        return json(status, &value!({"detail": "Internal server error"}));
    }
    let link = |at: Option<usize>| at.map(|at| address(call, at));
    let (before, after) = (from.checked_sub(size), Some(from + size).filter(|next| *next < total));
    let key = office.text("results_key").to_owned();
    json(200, &value!({"previous": link(before), key: shown, "next": link(after)}))
}

/// Cursors are opaque to callers.
fn offset(cursor: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    String::from_utf8(bytes).ok()?.strip_prefix("p=")?.parse().ok()
}

/// The absolute address of another page: the same query with another cursor.
fn address(call: &Call, at: usize) -> String {
    let kept = call.query.pairs().iter().filter(|(name, _)| name != "cursor");
    let kept: Vec<String> = kept.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let cursor = URL_SAFE_NO_PAD.encode(format!("p={at}"));
    let glue = if kept.is_empty() { "" } else { "&" };
    format!("{}{}?{}{glue}cursor={cursor}", call.origin, call.path, kept.join("&"))
}

/// A naive time or a day; what carries a zone is refused (seen by a client on a sibling resource).
pub(super) fn naive_time(text: &str) -> Option<DateTime> {
    let tail = text.get(10..).unwrap_or_default();
    if tail.contains(['Z', 'z', '+', '-']) {
        return None;
    }
    text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(|day| day.at(0, 0, 0, 0)))
}

/// `YYYY-MM-DD/YYYY-MM-DD`, both days included.
fn range(text: &str) -> Option<(Date, Date)> {
    let (from, to) = text.split_once('/')?;
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}

/// What a list is to hold.
struct Wanted {
    since: Option<Timestamp>,
    occurred_since: Option<DateTime>,
    days: Option<(Date, Date)>,
}

fn wanted(office: &Office, call: &Call) -> Result<Wanted, Response> {
    let query = &call.query;
    let zone = server_zone(office);
    let invalid = |field: &str| bad(field, "Enter a valid date/time.");
    let since = match query.get("since").map(naive_time) {
        None => None,
        Some(None) => return Err(invalid("since")),
        Some(Some(local)) => zone.to_ambiguous_timestamp(local).compatible().ok(),
    };
    let occurred_since = match query.get("occurred_since").map(naive_time) {
        None => None,
        Some(None) => return Err(invalid("occurred_since")),
        Some(found) => found,
    };
    let days = match (query.get("date"), query.get("date_range").map(range)) {
        (Some(day), _) => {
            let day = day.parse().map_err(|_| invalid("date"))?;
            Some((day, day))
        }
        (None, Some(None)) => return Err(invalid("date_range")),
        (None, Some(Some((from, to)))) if (to - from).get_days() > MOST_DAYS => {
            let sentence = format!("Date range may not exceed {MOST_DAYS} days.");
            return Err(bad("date_range", &sentence));
        }
        (None, found) => found.flatten(),
    };
    if since.is_none() && occurred_since.is_none() && days.is_none() {
        let sentence = "One of since, occurred_since, date or date_range is required.";
        return Err(json(400, &value!({"detail": sentence})));
    }
    Ok(Wanted { since, occurred_since, days })
}

impl Wanted {
    fn takes(&self, visit: &Visit) -> bool {
        self.since.is_none_or(|since| visit.changed_at >= since && !is_virtual(visit))
            && self.occurred_since.is_none_or(|since| visit.start >= since)
            && self.days.is_none_or(|(from, to)| (from..=to).contains(&visit.start.date()))
    }
}

/// `GET /api/appointments`, in the order of the scheduled time.
pub(super) fn appointments(office: &mut Office, call: &Call) -> Response {
    let wanted = match wanted(office, call) {
        Ok(wanted) => wanted,
        Err(answer) => return answer,
    };
    let query = &call.query;
    let verbose = query.is_set("verbose");
    let (archived, no_virtual) = (query.is_set("show_archived"), query.is_set("ignore_virtual"));
    let lag = jiff::SignedDuration::from_secs(office.number("read_lag_seconds") as i64);
    let fresh = office.now.saturating_sub(lag).unwrap_or(office.now);
    let is = |name: &str, id: Option<u64>| query.number(name).is_none_or(|wanted| Some(wanted) == id);
    let mut visits: Vec<&Visit> = office
        .diary
        .visits
        .values()
        .filter(|visit| wanted.takes(visit) && (archived || !visit.is_deleted) && !(no_virtual && is_virtual(visit)))
        .filter(|visit| visit.created_at <= fresh)
        .filter(|visit| is("doctor", Some(visit.provider)) && is("office", Some(visit.place)))
        .filter(|visit| is("patient", visit.patient()))
        .filter(|visit| query.get("status").is_none_or(|status| word(&visit.standing) == status))
        .collect();
    visits.sort_by_key(|visit| (visit.start, visit.id));
    let rows = visits.into_iter().map(|visit| row(office, visit, verbose)).collect();
    page(office, call, rows, if verbose { 25 } else { 250 })
}

/// `GET /api/appointments/{id}`: a deleted one is 404.
pub(super) fn appointment(office: &Office, call: &Call, id: &str) -> Response {
    match find(&office.diary, id).filter(|visit| !visit.is_deleted) {
        Some(visit) => json(200, &row(office, visit, call.query.is_set("verbose"))),
        None => not_found(),
    }
}
