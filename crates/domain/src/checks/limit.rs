//! Up to where a check passes, and how often it is asked.

use crate::checks::{DataCheck, Unit};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A share of fewer than so many says nothing.
pub const LEAST: u64 = 20;

/// Up to where a check passes, and how often it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckLimit {
    /// It fails above this: percent, a count or hours, as [`DataCheck::unit`] says.
    pub most: u32,
    /// It is asked once in so many hours, counted from midnight at the practice; 1 to 24.
    pub every_hours: u32,
    /// It is asked at all.
    pub on: bool,
    /// A profile or the practice changed it.
    pub changed: bool,
}

/// What a profile or a practice changes of it: what is left out stays as it is by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckChange {
    /// It fails above this.
    pub most: Option<u32>,
    /// It is asked once in so many hours.
    pub every_hours: Option<u32>,
    /// It is asked at all.
    pub on: Option<bool>,
}

/// The limit of a check, as it was changed. All defaults are our own: nothing is published about any of them.
pub fn limit_of(check: DataCheck, changes: &BTreeMap<DataCheck, CheckChange>) -> CheckLimit {
    let most = match check {
        DataCheck::ContactMissing | DataCheck::LinkUnheard | DataCheck::HeldLong => 5,
        DataCheck::VisitIncomplete | DataCheck::PatientTwice => 2,
        DataCheck::VisitLeftOpen => 20,
        DataCheck::ItemOldest => 168,
        // Each word is a cause of its own as soon as a visit carries it; several say that the mapping is not kept up.
        DataCheck::StatusUnknown => 2,
        DataCheck::MessageSetAside => 0,
    };
    let change = changes.get(&check).copied().unwrap_or_default();
    let most = change.most.unwrap_or(most);
    CheckLimit {
        most: if check.unit() == Unit::Percent { most.min(100) } else { most },
        every_hours: change.every_hours.unwrap_or(24).clamp(1, 24),
        on: change.on.unwrap_or(true),
        changed: change != CheckChange::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::load_platform;

    #[test]
    fn a_practice_changes_one_value_and_the_others_stay() {
        let defaults = load_platform("chiron", &[]).unwrap().checks;
        let before = limit_of(DataCheck::ContactMissing, &defaults);
        assert_eq!(before, CheckLimit { most: 5, every_hours: 24, on: true, changed: false });
        let changed = load_platform("chiron", &[("checks.contact_missing.most".into(), 12.into())]).unwrap().checks;
        let after = limit_of(DataCheck::ContactMissing, &changed);
        assert_eq!(after, CheckLimit { most: 12, changed: true, ..before });
        assert_eq!(limit_of(DataCheck::HeldLong, &changed), limit_of(DataCheck::HeldLong, &defaults));
    }

    #[test]
    fn what_no_check_can_be_is_bounded_or_refused() {
        let often = load_platform("chiron", &[("checks.held_long.every_hours".into(), 0.into())]).unwrap().checks;
        assert_eq!(limit_of(DataCheck::HeldLong, &often).every_hours, 1);
        let over = load_platform("chiron", &[("checks.held_long.most".into(), 300.into())]).unwrap().checks;
        assert_eq!(limit_of(DataCheck::HeldLong, &over).most, 100);
        let unknown = load_platform("chiron", &[("checks.no_such.most".into(), 1.into())]).unwrap_err();
        assert!(unknown.to_string().contains("contact_missing"), "the known ones are listed: {unknown}");
    }
}
