//! The changed feeds: subscribed to, and read page after page. What is handed out is not handed out again, but for a
//! while it can be shown again to who says when it was.

use super::access::Access;
use super::place::{Mark, Turn};
use super::words::Words;
use crate::loose::Loose;
use crate::rest::{Call, failure, percent};
use domain::text::Text;
use domain::time::{Moment, Zone};
use engine::poll::{Ask, Failure};
use serde::Deserialize;
use std::collections::BTreeSet;

/// What a feed is about, below the practice's address.
pub(super) fn path(turn: Turn) -> &'static str {
    match turn {
        Turn::Visits => "appointments/changed",
        Turn::Patients => "patients/changed",
    }
}

#[derive(Default, Deserialize)]
struct Subscribed {
    #[serde(default)]
    subscriptions: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    eventname: Loose,
}

/// Sees to it that both feeds tell of what the profile lists. Who may not subscribe to everything subscribes event by
/// event; one that is refused leaves the rest, and its changes are found by the windows.
pub(super) async fn subscribe(access: &Access, words: &Words, ask: &Ask<'_>) -> Result<(), Failure> {
    for (turn, events) in [(Turn::Visits, &words.events), (Turn::Patients, &words.patient_events)] {
        let path = format!("{}/subscription", path(turn));
        let told = access.read(ask, words, &path).await?;
        let told: Subscribed = serde_json::from_value(told)
            .map_err(|_| Failure::Malformed { what: Text::literal("the answer tells no subscriptions") })?;
        let has: BTreeSet<Text> =
            told.subscriptions.iter().filter_map(|event| event.eventname.text().cloned()).collect();
        let (mut taken, mut refused) = (has.len(), None);
        for event in events.iter().filter(|event| !has.contains(*event)) {
            let call = Call::form(access.url(&path), &[("eventname", event)]);
            let answer = access.exchange(ask, words, call).await?;
            match failure(&answer, ask.now) {
                None => taken += 1,
                Some(failure @ Failure::Refused { .. }) => refused = Some(failure),
                Some(failure) => return Err(failure),
            }
        }
        if let (0, Some(failure)) = (taken, refused) {
            return Err(failure);
        }
    }
    Ok(())
}

/// The address of the next page.
pub(super) fn next_page(mark: Mark, page_size: u32) -> String {
    format!("{}?{}limit={page_size}", path(mark.turn), detail(mark.turn))
}

/// The address of what was handed out since a moment, by the vendor's own clock and to the second.
pub(super) fn handed_out(turn: Turn, from: Moment, to: Moment, words: &Words, page_size: u32) -> Option<String> {
    let zone = Zone::named(&words.audit_zone).ok()?;
    let zone = jiff::tz::TimeZone::get(zone.name()).ok()?;
    let at = |moment: Moment| percent(&zone.to_datetime(moment.timestamp()).strftime("%m/%d/%Y %H:%M:%S").to_string());
    let (from, to) = (at(from), at(to));
    let detail = detail(turn);
    let path = path(turn);
    Some(format!("{path}?{detail}limit={page_size}&showprocessedstartdatetime={from}&showprocessedenddatetime={to}"))
}

fn detail(turn: Turn) -> &'static str {
    if turn == Turn::Visits { "showpatientdetail=true&" } else { "" }
}
