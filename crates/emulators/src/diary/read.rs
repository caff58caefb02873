//! Finding rows.

use crate::diary::{Diary, Kind, Patient, Place, Provider, Refusal, Standing, Visit};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

impl Diary {
    /// A provider.
    #[must_use]
    pub fn provider(&self, id: u64) -> Option<&Provider> {
        self.providers.iter().find(|row| row.id == id)
    }

    /// A place.
    #[must_use]
    pub fn place(&self, id: u64) -> Option<&Place> {
        self.places.iter().find(|row| row.id == id)
    }

    /// A kind of visit.
    #[must_use]
    pub fn kind(&self, id: u64) -> Option<&Kind> {
        self.kinds.iter().find(|row| row.id == id)
    }

    /// The place of a visit: a visit always has one.
    #[must_use]
    pub fn place_of(&self, visit: &Visit) -> &Place {
        self.place(visit.place).unwrap_or(&self.places[0])
    }

    /// The kind of a visit: a visit always has one.
    #[must_use]
    pub fn kind_of(&self, visit: &Visit) -> &Kind {
        self.kind(visit.kind).unwrap_or(&self.kinds[0])
    }

    /// The provider of a visit: a visit always has one.
    #[must_use]
    pub fn provider_of(&self, visit: &Visit) -> &Provider {
        self.provider(visit.provider).unwrap_or(&self.providers[0])
    }

    /// The patient of a visit of one.
    #[must_use]
    pub fn patient_of(&self, visit: &Visit) -> Option<&Patient> {
        self.patients.get(&visit.patient()?)
    }

    /// The instant when a visit starts.
    #[must_use]
    pub fn starts_at(&self, visit: &Visit) -> Timestamp {
        self.place_of(visit).instant(visit.start)
    }

    /// The instant when a visit ends.
    #[must_use]
    pub fn ends_at(&self, visit: &Visit) -> Timestamp {
        let minutes = jiff::SignedDuration::from_mins(i64::from(visit.minutes));
        self.starts_at(visit).saturating_add(minutes).unwrap_or(Timestamp::MAX)
    }

    /// An instant by the clocks of the first place.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.places[0].zone.to_datetime(at)
    }

    /// The visits of some days, in the order of the day.
    #[must_use]
    pub fn between(&self, from: Date, to: Date) -> Vec<&Visit> {
        let days = from..=to;
        let mut visits: Vec<&Visit> = self.visits.values().filter(|visit| days.contains(&visit.start.date())).collect();
        visits.sort_by_key(|visit| (visit.start, visit.id));
        visits
    }

    /// A visit that takes up time of this provider then. Those that are called off do not.
    #[must_use]
    pub fn overlapping(&self, provider: u64, start: DateTime, minutes: u16, but: Option<u64>) -> Option<&Visit> {
        let end = start.saturating_add(jiff::SignedDuration::from_mins(i64::from(minutes)));
        self.visits.values().find(|visit| {
            visit.provider == provider
                && Some(visit.id) != but
                && !visit.is_deleted
                && !visit.standing.is_off()
                && visit.start < end
                && visit.end() > start
        })
    }

    /// Free times of a provider on a day in which a visit of so many minutes fits, on the half hour. Opening hours are
    /// nine to five, closed at the weekend.
    #[must_use]
    pub fn free(&self, provider: u64, date: Date, minutes: u16) -> Vec<DateTime> {
        if date.weekday().to_monday_one_offset() > 5 {
            return Vec::new();
        }
        let taken: Vec<(DateTime, DateTime)> = self
            .visits
            .values()
            .filter(|visit| visit.provider == provider && visit.start.date() == date)
            .filter(|visit| !visit.is_deleted && !visit.standing.is_off())
            .map(|visit| (visit.start, visit.end()))
            .collect();
        let closes = date.at(17, 0, 0, 0);
        let mut free = Vec::new();
        let mut start = date.at(9, 0, 0, 0);
        while start < closes {
            let end = start.saturating_add(jiff::SignedDuration::from_mins(i64::from(minutes)));
            if end <= closes && !taken.iter().any(|(from, to)| *from < end && *to > start) {
                free.push(start);
            }
            start = start.saturating_add(jiff::SignedDuration::from_mins(30));
        }
        free
    }

    pub(super) fn has_provider(&self, id: u64) -> Result<u64, Refusal> {
        self.provider(id).map(|row| row.id).ok_or(Refusal::Unknown { what: "provider", id })
    }

    pub(super) fn has_place(&self, id: u64) -> Result<u64, Refusal> {
        self.place(id).map(|row| row.id).ok_or(Refusal::Unknown { what: "department", id })
    }

    pub(super) fn has_kind(&self, id: u64) -> Result<u64, Refusal> {
        self.kind(id).map(|row| row.id).ok_or(Refusal::Unknown { what: "type", id })
    }

    pub(super) fn has_patient(&self, id: u64) -> Result<u64, Refusal> {
        self.patients.get(&id).map(|row| row.id).ok_or(Refusal::Unknown { what: "patient", id })
    }

    /// How a group stands as a whole: over when it is over for everybody.
    pub(super) fn group_standing(visit: &Visit) -> Standing {
        let mut present = visit.present();
        match present.next() {
            Some(first) if visit.present().all(|person| person.standing == first.standing) => first.standing.clone(),
            Some(_) if visit.present().all(|person| person.standing.is_off()) => Standing::Cancelled,
            _ => Standing::Booked,
        }
    }
}
