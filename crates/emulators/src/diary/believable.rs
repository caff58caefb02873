//! A believable practice: providers, places, kinds of visit, patients, and a year of diary.

use crate::diary::coming;
use crate::diary::{Attendance, Diary, Ids, Kind, Modality, Place, Provider, Standing, Visit, people};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeMap;

/// How much of a diary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Size {
    /// People and rooms and two dozen patients; nothing booked.
    Empty,
    /// From nine months ago to three months ahead.
    #[default]
    Year,
    /// So many visits in the coming eleven weeks, all of them by video, at a practice with as many providers as that
    /// takes: for measuring what a large diary costs.
    Coming(u32),
}

const PATIENTS_OF_A_YEAR: usize = 600;
const PATIENTS_OF_NONE: usize = 24;
const PAST_DAYS: i64 = 274;
const COMING_DAYS: i64 = 92;

const REASONS: [&str; 6] =
    ["Blood pressure check", "Follow-up after lab work", "Medication review", "Seasonal allergies", "Sore throat", ""];

impl Diary {
    /// A practice as it is at `now`, by the clocks of `zone` (an IANA name). Same arguments, same diary.
    ///
    /// # Errors
    ///
    /// When there is no such zone.
    pub fn believable(seed: u64, now: Timestamp, zone: &str, ids: Ids, size: Size) -> Result<Diary, jiff::Error> {
        let mut diary = empty(zone, ids)?;
        let mut rng = fastrand::Rng::with_seed(seed);
        let since = now.saturating_sub(SignedDuration::from_hours(PAST_DAYS * 24)).unwrap_or(now);
        let patients = match size {
            Size::Empty => PATIENTS_OF_NONE,
            Size::Year => PATIENTS_OF_A_YEAR,
            Size::Coming(visits) => coming::patients(visits),
        };
        for n in 0..patients {
            let id = ids.patient + n as u64;
            diary.patients.insert(id, people::patient(id, n, &mut rng, since));
        }
        if size == Size::Year {
            Year { now, today: diary.local(now), patients: patients as u64, rng, ids }.fill(&mut diary);
        }
        if let Size::Coming(visits) = size {
            coming::fill(&mut diary, visits, now);
        }
        Ok(diary)
    }
}

/// People, rooms and kinds of visit, and nobody booked.
fn empty(zone_name: &str, ids: Ids) -> Result<Diary, jiff::Error> {
    let zone = TimeZone::get(zone_name)?;
    // A second place in a zone that never changes its clocks, where there is one nearby.
    let steady = if zone_name.starts_with("Australia") { "Australia/Brisbane" } else { "America/Phoenix" };
    let place = |n: u64, code: &str, name: &str, zone_name: &str, zone: TimeZone| Place {
        id: ids.place + n,
        code: code.to_owned(),
        name: name.to_owned(),
        zone,
        zone_name: zone_name.to_owned(),
        street: format!("{} Harbor Avenue", 12 + n * 30),
        city: "Springfield".to_owned(),
        state: "IL".to_owned(),
        postal_code: "62704".to_owned(),
        phone: format!("(217) 555-018{n}"),
    };
    let provider = |(n, [given, family, degree]): (usize, [&str; 3])| Provider {
        id: ids.provider + n as u64,
        family: family.to_owned(),
        given: given.to_owned(),
        degree: degree.to_owned(),
        npi: format!("19999999{:02}", 10 + n),
        email: format!("{}@northside.example.org", family.to_lowercase()),
        is_active: true,
    };
    let providers = [
        ["Imani", "Cole", "MD"],
        ["Rosa", "Iversen", "MD"],
        ["Owen", "Adeyemi", "MD"],
        ["Hannah", "Petrov", "NP"],
        ["Kim", "Lee", "MD"],
    ];
    let kind = |(n, (code, name, minutes, modality, is_group)): (usize, (&str, &str, u16, Modality, bool))| Kind {
        id: ids.kind + n as u64,
        code: code.to_owned(),
        name: name.to_owned(),
        minutes,
        modality,
        is_group,
    };
    let kinds = [
        ("TELEMD", "Telemedicine Visit", 30, Modality::Video, false),
        ("OFFICE", "Office Visit", 30, Modality::InPerson, false),
        ("PHYS", "Annual Physical", 60, Modality::InPerson, false),
        ("GRPCOP", "Coping Skills Group", 60, Modality::Video, true),
        ("PHONE", "Phone Check-in", 15, Modality::Phone, false),
    ];
    Ok(Diary {
        name: "Northside Family Clinic".to_owned(),
        providers: providers.into_iter().enumerate().map(provider).collect(),
        places: vec![
            place(0, "MAIN", "Main Office", zone_name, zone),
            place(1, "WEST", "West Office", steady, TimeZone::get(steady)?),
        ],
        kinds: kinds.into_iter().enumerate().map(kind).collect(),
        patients: BTreeMap::new(),
        visits: BTreeMap::new(),
        gone: BTreeMap::new(),
        changes: Vec::new(),
        ids,
    })
}

/// A year in the making.
struct Year {
    now: Timestamp,
    today: DateTime,
    patients: u64,
    rng: fastrand::Rng,
    ids: Ids,
}

impl Year {
    fn fill(mut self, diary: &mut Diary) {
        let today = self.today.date();
        let mut day = today.saturating_sub(PAST_DAYS.days());
        let end = today.saturating_add(COMING_DAYS.days());
        while day <= end {
            if day.weekday().to_monday_one_offset() <= 5 {
                self.day(diary, day);
            }
            day = day.tomorrow().unwrap_or(Date::MAX);
        }
    }

    fn day(&mut self, diary: &mut Diary, day: Date) {
        let ahead = (day - self.today.date()).get_days();
        // The further ahead, the emptier.
        let full = match ahead {
            i32::MIN..=7 => 0.55,
            8..=30 => 0.35,
            _ => 0.12,
        };
        for n in 0..diary.providers.len() as u64 {
            let place = diary.places[usize::from(n == 4)].id;
            // Lunch is nobody's visit.
            self.row(diary, day.at(12, 0, 0, 0), n, place, 1, 60, 0);
            for slot in (0..16).filter(|slot| !(6..8).contains(slot)) {
                if self.rng.f64() >= full {
                    continue;
                }
                let kind = [0, 0, 1, 1, 4][self.rng.usize(..5)];
                let start = day.at(9, 0, 0, 0).saturating_add(SignedDuration::from_mins(slot * 30));
                let minutes = diary.kinds[kind].minutes;
                self.row(diary, start, n, place, kind as u64, minutes, 1);
            }
        }
        if day.weekday().to_monday_one_offset() == 3 {
            let seats = self.rng.usize(4..9);
            let place = diary.places[0].id;
            self.row(diary, day.at(17, 0, 0, 0), 1, place, 3, 60, seats);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a row has that many columns")]
    fn row(&mut self, diary: &mut Diary, start: DateTime, n: u64, place: u64, kind: u64, minutes: u16, seats: usize) {
        let id = self.ids.visit + diary.visits.len() as u64;
        let starts_at = diary.place(place).map_or(self.now, |place| place.instant(start));
        let lead = SignedDuration::from_mins(self.rng.i64(60..30 * 24 * 60));
        let created_at = starts_at.min(self.now).saturating_sub(lead).unwrap_or(self.now);
        let created_at = Timestamp::from_second(created_at.as_second()).unwrap_or(created_at);
        let is_over = starts_at < self.now;
        let standing = match (seats, is_over, self.rng.usize(..100)) {
            (0, ..) => Standing::Booked,
            (_, true, 0..84) => Standing::Completed,
            (_, true, 84..90) => Standing::NoShow,
            (_, true, 90..95) | (_, false, 0..3) => Standing::CancelledByPatient,
            (_, true, 95..98) | (_, false, 3..5) => Standing::CancelledByProvider,
            (_, false, 5..30) => Standing::Confirmed,
            _ => Standing::Booked,
        };
        let changed_at = match standing {
            Standing::Booked => created_at,
            Standing::Completed | Standing::NoShow => starts_at.min(self.now),
            // Somewhere between: a third of the way from booking to the visit.
            _ => created_at.saturating_add(lead / 3).unwrap_or(created_at).min(self.now),
        };
        let first = self.rng.u64(0..self.patients);
        let people = (0..seats as u64).map(|seat| Attendance {
            id: 1_000_000 + (id - self.ids.visit) * 100 + seat,
            patient: self.ids.patient + (first + seat * 37) % self.patients,
            standing: standing.clone(),
            changed_at,
            created_at,
            is_removed: false,
        });
        let visit = Visit {
            id,
            people: people.collect(),
            is_group: seats > 1,
            provider: self.ids.provider + n,
            place,
            kind: self.ids.kind + kind,
            start,
            first_start: start,
            minutes,
            called_off: standing.is_off().then(|| "Cancelled by phone".to_owned()),
            standing,
            reason: if seats == 0 { "Lunch" } else { REASONS[self.rng.usize(..REASONS.len())] }.to_owned(),
            note: String::new(),
            series: None,
            occurrence: 0,
            replaces: None,
            replaced_by: None,
            created_at,
            changed_at,
            is_deleted: false,
        };
        diary.visits.insert(id, visit);
    }
}
