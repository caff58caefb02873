//! Free times: `slots` inside groups whose keys are not known; offsets in the texts.

use super::rows::at;
use crate::vendors::call::{Call, json, problem};
use crate::vendors::office::Office;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json as value};

pub(super) fn slots(office: &Office, call: &Call) -> Response {
    let missing = |name: &str| problem(400, "Bad Request", &format!("{name} is required, as YYYY-MM-DD."));
    let day = |name: &str| call.query.get(name).and_then(|text| text.parse::<Date>().ok());
    let Some(from) = day("start_date") else { return missing("start_date") };
    let Some(to) = day("end_date") else { return missing("end_date") };
    if to > from.saturating_add(3.months()) {
        return problem(400, "Bad Request", "One read covers at most three calendar months.");
    }
    let kind = call.query.number("visit_reason_id").and_then(|id| office.diary.kind(id));
    let Some(kind) = kind else { return problem(422, "Unprocessable Content", "visit_reason_id is not known.") };
    let list = |name: &str| -> Vec<u64> {
        let text = call.query.get(name).unwrap_or_default();
        text.split(',').filter_map(|id| id.trim().parse().ok()).collect()
    };
    let (locations, resources) = (list("location_ids"), list("resource_ids"));
    let place = &office.diary.places[0];
    if !locations.is_empty() && !locations.contains(&place.id) {
        return json(200, &value!([]));
    }
    let groups = office.diary.providers.iter().filter(|row| row.is_active).filter_map(|provider| {
        let resource = provider.id - 712;
        if !resources.is_empty() && !resources.contains(&resource) {
            return None;
        }
        let mut slots: Vec<Value> = Vec::new();
        let mut on = from;
        while on <= to {
            for start in office.diary.free(provider.id, on, kind.minutes) {
                let begin = place.instant(start);
                let end =
                    begin.saturating_add(jiff::SignedDuration::from_mins(i64::from(kind.minutes))).unwrap_or(begin);
                if begin > office.now {
                    slots.push(value!({"start_time": at(place, begin), "end_time": at(place, end)}));
                }
            }
            on = on.tomorrow().unwrap_or(Date::MAX);
        }
        Some(
            value!({"location_id": place.id, "resource": {"id": resource}, "provider_id": provider.id, "slots": slots}),
        )
    });
    json(200, &value!(groups.collect::<Vec<_>>()))
}
