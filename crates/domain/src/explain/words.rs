//! Times in the clinic's zone, with the zone named.

use crate::setup::RuleSet;
use crate::text::Text;
use crate::time::Moment;

/// `Sat 21 Nov 2026, 09:00 (America/Chicago)` in the zone of the department, else of the practice.
pub fn clock(rules: &RuleSet, department: Option<&str>, moment: Moment) -> Text {
    let zone = rules.zone_of(department);
    let local = zone.local(moment);
    Text::from(format_args!("{} ({})", local.strftime("%a %-d %b %Y, %H:%M"), zone.name()))
}

/// `Sat 21 Nov 2026` in the practice's zone.
pub fn day(rules: &RuleSet, moment: Moment) -> Text {
    Text::from(format_args!("{}", rules.zone.date(moment).strftime("%a %-d %b %Y")))
}
