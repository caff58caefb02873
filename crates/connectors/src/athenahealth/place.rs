//! Where reading goes on: what the engine keeps for us as a cursor.

use domain::text::Text;
use domain::time::Moment;

/// Which of the two feeds is to be read next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// What was changed of visits.
    Visits,
    /// What was changed of patients.
    Patients,
}

/// Where the changes go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) turn: Turn,
    /// So many pages of this round were read: a page is never the page itself.
    pub(super) page: u32,
    /// Everything handed out before this is durable here.
    pub(super) since: Moment,
}

impl Mark {
    pub(super) fn write(&self) -> Text {
        let turn = match self.turn {
            Turn::Visits => "visits",
            Turn::Patients => "patients",
        };
        Text::from(format!("{turn} {} {}", self.page, self.since))
    }

    pub(super) fn read(text: &str) -> Option<Mark> {
        let mut parts = text.splitn(3, ' ');
        let turn = match parts.next()? {
            "visits" => Turn::Visits,
            "patients" => Turn::Patients,
            _ => return None,
        };
        let page = parts.next()?.parse().ok()?;
        let since = parts.next()?.parse::<jiff::Timestamp>().ok()?.into();
        Some(Mark { turn, page, since })
    }
}

/// Where a window goes on: in which department, and behind which link of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) department: Text,
    /// So many visits of it were listed before.
    pub(super) listed: u64,
    /// The next page, as the vendor gave it; `None`: the first.
    pub(super) link: Option<Text>,
}

impl Spot {
    pub(super) fn write(&self) -> Text {
        let link = self.link.as_deref().unwrap_or("-");
        Text::from(format!("{} {} {link}", self.department, self.listed))
    }

    pub(super) fn read(text: &str) -> Option<Spot> {
        let mut parts = text.splitn(3, ' ');
        let department = parts.next()?.into();
        let listed = parts.next()?.parse().ok()?;
        let link = parts.next().filter(|link| *link != "-").map(Text::from);
        Some(Spot { department, listed, link })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_what_they_write() {
        let mark = Mark { turn: Turn::Patients, page: 3, since: Moment::from_micros(1_700_000_000_123_456) };
        assert_eq!(Mark::read(&mark.write()), Some(mark));
        let link = Some("/v1/1/appointments/booked?A=1&offset=1000".into());
        for link in [None, link] {
            let spot = Spot { department: "12".into(), listed: 1000, link };
            assert_eq!(Spot::read(&spot.write()), Some(spot));
        }
        assert_eq!((Mark::read("17"), Spot::read("17")), (None, None));
    }
}
