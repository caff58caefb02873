//! Times as people at the clinic read them.

use domain::time::{Moment, Zone};

/// One instant in the clinic's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// For machines.
    pub(crate) iso: String,
    /// `09:00`.
    pub(crate) time: String,
    /// `Sat 21 Nov 2026`.
    pub(crate) day: String,
    /// The zone's name.
    pub(crate) zone: String,
}

impl Clock {
    /// An instant in a zone.
    pub(crate) fn new(moment: Moment, zone: &Zone) -> Clock {
        let local = zone.local(moment);
        Clock {
            iso: moment.to_string(),
            time: local.strftime("%H:%M").to_string(),
            day: local.strftime("%a %-d %b %Y").to_string(),
            zone: zone.name().to_string(),
        }
    }

    /// `Sat 21 Nov 2026, 09:00 (America/Chicago)`.
    pub(crate) fn full(&self) -> String {
        format!("{}, {} ({})", self.day, self.time, self.zone)
    }
}

/// A zone by its stored name. Zones are checked when a document is applied, so the fallback is never seen.
pub(crate) fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap_or_else(|_| Zone::utc())
}

/// How far a start is away, when that matters: within the next or the last hours.
pub(crate) fn distance(now: Moment, start: Moment) -> Option<String> {
    let minutes = start.secs_since(now).div_euclid(60);
    match minutes {
        0 => Some("now".to_owned()),
        1..=90 => Some(format!("in {minutes} min")),
        91..=720 => Some(format!("in {} h", (minutes + 30) / 60)),
        -90..=-1 => Some(format!("began {} min ago", -minutes)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_name_their_zone() {
        let chicago = zone("America/Chicago");
        let moment = Moment::from_micros(1_795_273_200_000_000);
        let clock = Clock::new(moment, &chicago);
        assert_eq!(clock.full(), "Sat 21 Nov 2026, 09:00 (America/Chicago)");
        assert_eq!(clock.iso, "2026-11-21T15:00:00Z");
    }

    #[test]
    fn the_distance_is_told_while_it_matters() {
        let now = Moment::from_micros(1_795_273_200_000_000);
        for (minutes, told) in [
            (0, Some("now")),
            (20, Some("in 20 min")),
            (119, Some("in 2 h")),
            (-5, Some("began 5 min ago")),
            (900, None),
            (-600, None),
        ] {
            assert_eq!(distance(now, now.plus_minutes(minutes)).as_deref(), told, "{minutes}");
        }
    }
}
