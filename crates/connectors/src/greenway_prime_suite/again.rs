//! Kept pages read again: a day sheet holds all that is read of it.

use super::answer::Sheet as DaySheet;
use super::rows::Reading;
use super::rules::Rules;
use crate::again::{Cannot, KeptPage, NO_PAGE, NOT_READY};
use domain::model::Stamp;
use engine::poll::Sheet;
use engine::setup::Integration;
use serde_json::value::RawValue;
use std::sync::Arc;

/// What a kept page says, or a row of one that was set aside.
pub(crate) fn again(integration: &Arc<Integration>, page: &KeptPage<'_>) -> Result<Sheet, Cannot> {
    let own = Rules::of(integration).map_err(|_| NOT_READY)?;
    let stamp = Stamp { at: page.at, sequence: 0 };
    let reading = Reading { rules: &integration.rules, own: &own, stamp };
    if let Ok(day) = serde_json::from_slice::<DaySheet>(&page.body) {
        return Ok(reading.sheet(page.body.clone(), &day.appointments.unwrap_or_default()));
    }
    let row: Box<RawValue> = serde_json::from_slice(&page.body).map_err(|_| NO_PAGE)?;
    Ok(reading.sheet(page.body.clone(), &[row]))
}
