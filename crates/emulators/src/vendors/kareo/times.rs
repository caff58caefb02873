//! Times as this service writes and reads them.

use super::Refused;
use super::soap::Fault;
use crate::vendors::office::Office;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// The zone of stamps (unknown; Pacific is plausible).
pub(super) fn server_zone(office: &Office) -> TimeZone {
    TimeZone::get(office.text("server_zone")).unwrap_or(TimeZone::UTC)
}

/// The clock that a list's times follow: a fixed offset when the filter gives one, else the practice's own.
pub(super) fn list_zone(office: &Office, offset: Option<&str>) -> TimeZone {
    match offset.and_then(|text| text.trim().parse::<f64>().ok()) {
        Some(hours) => {
            let seconds = (hours * 3600.0) as i32;
            Offset::from_seconds(seconds).map_or(TimeZone::UTC, TimeZone::fixed)
        }
        None => office.diary.places[0].zone.clone(),
    }
}

/// `10/14/2030 9:30:00 AM`
pub(super) fn us(at: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at);
    let (hour, half) = match local.hour() {
        0 => (12, "AM"),
        hour @ 1..12 => (hour, "AM"),
        12 => (12, "PM"),
        hour => (hour - 12, "PM"),
    };
    format!(
        "{:02}/{:02}/{} {hour}:{:02}:{:02} {half}",
        local.month(),
        local.day(),
        local.year(),
        local.minute(),
        local.second()
    )
}

/// `2030-10-14T13:30:00.000Z`
pub(super) fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// US dates with and without a time, and ISO ones (both are taken). Says whether it is a bare day.
pub(super) fn read(text: &str) -> Option<(DateTime, bool)> {
    let text = text.trim();
    if let Ok(day) = Date::strptime("%m/%d/%Y", text).or_else(|_| text.parse::<Date>()) {
        let is_bare = !text.contains([':', 'T']);
        if is_bare {
            return Some((day.at(0, 0, 0, 0), true));
        }
    }
    let forms = ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M"];
    let us = forms.iter().find_map(|form| DateTime::strptime(form, text).ok());
    us.or_else(|| text.trim_end_matches('Z').parse().ok()).map(|local| (local, false))
}

/// The instants of a range of texts: a bare end day is its midnight when ends are exclusive, else the day's end.
pub(super) fn range(
    zone: &TimeZone,
    from: Option<&String>,
    to: Option<&String>,
    is_exclusive: bool,
) -> Result<(Timestamp, Timestamp), Refused> {
    let read = |text: &String| {
        read(text).ok_or_else(|| Refused::error(format!("String was not recognized as a valid DateTime: {text}")))
    };
    let instant = |local: DateTime| zone.to_ambiguous_timestamp(local).compatible().unwrap_or(Timestamp::MAX);
    let from = from.map(read).transpose()?.map_or(Timestamp::MIN, |(local, _)| instant(local));
    let to = match to.map(read).transpose()? {
        None => Timestamp::MAX,
        Some((local, true)) if !is_exclusive => {
            let next = instant(local.date().tomorrow().unwrap_or(Date::MAX).at(0, 0, 0, 0));
            next.saturating_sub(SignedDuration::from_millis(1)).unwrap_or(next)
        }
        // Exclusive: the last instant that counts is just before.
        Some((local, _)) => {
            let end = instant(local);
            let step = SignedDuration::from_millis(i64::from(is_exclusive));
            end.saturating_sub(step).unwrap_or(end)
        }
    };
    Ok((from, to))
}

/// An `xs:dateTime` as writes must have it: ISO, else a fault (confirmed). Without a zone it is taken as UTC (our
/// choice; the vendor's reading is not known).
pub(super) fn iso(text: &str) -> Result<Timestamp, Refused> {
    let fault = || {
        Refused::Fault(Fault::new(format!(
            "The formatter threw an exception while trying to deserialize the message: The string '{text}' is not a \
             valid AllXsd value."
        )))
    };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local: DateTime = text.parse().map_err(|_| fault())?;
    TimeZone::UTC.to_ambiguous_timestamp(local).compatible().map_err(|_| fault())
}
