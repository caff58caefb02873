//! A large practice: so many coming visits, evenly over its days and providers. Cheap to make, and the same each time.

use crate::diary::{Attendance, Diary, Provider, Standing, Visit};
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Weekdays that are filled: eleven weeks, within three calendar months from any day.
const DAYS: u32 = 55;
/// Visits of half an hour in a provider's day, without lunch.
const SLOTS: u32 = 14;
/// So many visits a patient has.
const EACH: u32 = 5;

/// How many patients so many visits have.
pub(super) fn patients(visits: u32) -> usize {
    (visits / EACH).max(24) as usize
}

/// Books them.
pub(super) fn fill(diary: &mut Diary, visits: u32, now: Timestamp) {
    hire(diary, visits.div_ceil(DAYS * SLOTS) as usize);
    let (providers, patients) = (diary.providers.len() as u32, diary.patients.len() as u32);
    let a_day = visits.div_ceil(DAYS);
    let created_at = Timestamp::from_second(now.as_second() - 86_400).unwrap_or(now);
    let mut day = diary.local(now).date();
    for number in 0..visits {
        let of_day = number % a_day;
        if of_day == 0 {
            day = next_weekday(day);
        }
        let start = slot(day, of_day / providers % SLOTS);
        let patient = diary.ids.patient + u64::from(number % patients);
        let provider = diary.providers[(of_day % providers) as usize].id;
        let id = diary.ids.visit + u64::from(number);
        diary.visits.insert(id, visit(diary, id, patient, provider, start, created_at));
    }
}

/// Providers up to this number, beside those who are there.
fn hire(diary: &mut Diary, wanted: usize) {
    for n in diary.providers.len()..wanted {
        diary.providers.push(Provider {
            id: diary.ids.provider + n as u64,
            family: format!("Bench {n}"),
            given: "Dana".to_owned(),
            degree: "MD".to_owned(),
            npi: format!("19999{n:05}"),
            email: format!("bench.{n}@northside.example.org"),
            is_active: true,
        });
    }
}

fn next_weekday(day: Date) -> Date {
    let mut next = day.saturating_add(1.days());
    while next.weekday().to_monday_one_offset() > 5 {
        next = next.saturating_add(1.days());
    }
    next
}

/// The n-th half hour of a day, without noon to one.
fn slot(day: Date, n: u32) -> DateTime {
    let half_hours = i64::from(if n < 6 { n } else { n + 2 });
    day.at(9, 0, 0, 0).saturating_add(SignedDuration::from_mins(30 * half_hours))
}

fn visit(diary: &Diary, id: u64, patient: u64, provider: u64, start: DateTime, at: Timestamp) -> Visit {
    let seat = Attendance {
        id: 1_000_000 + (id - diary.ids.visit) * 100,
        patient,
        standing: Standing::Booked,
        changed_at: at,
        created_at: at,
        is_removed: false,
    };
    Visit {
        id,
        people: vec![seat],
        is_group: false,
        provider,
        place: diary.places[0].id,
        kind: diary.kinds[0].id,
        start,
        first_start: start,
        minutes: 30,
        called_off: None,
        standing: Standing::Booked,
        reason: "Follow-up".to_owned(),
        note: String::new(),
        series: None,
        occurrence: 0,
        replaces: None,
        replaced_by: None,
        created_at: at,
        changed_at: at,
        is_deleted: false,
    }
}

#[cfg(test)]
mod tests {
    use crate::diary::{Diary, Ids, Size};
    use jiff::Timestamp;
    use std::collections::BTreeSet;

    fn made(visits: u32) -> Diary {
        let now: Timestamp = "2026-11-22T15:00:00Z".parse().unwrap();
        let ids = Ids { visit: 500, patient: 100, provider: 70, place: 1, kind: 80 };
        Diary::believable(7, now, "America/Chicago", ids, Size::Coming(visits)).unwrap()
    }

    #[test]
    fn a_large_diary_has_exactly_so_many_visits_all_within_three_months_and_no_provider_in_two_places() {
        for visits in [1, 50, 3_000] {
            let diary = made(visits);
            assert_eq!(diary.visits.len(), visits as usize);
            let taken: BTreeSet<_> = diary.visits.values().map(|visit| (visit.provider, visit.start)).collect();
            assert_eq!(taken.len(), visits as usize, "each in a time of its own");
            let last = diary.visits.values().map(|visit| visit.start.date()).max().unwrap();
            assert!(last < jiff::civil::date(2027, 2, 22), "{last}");
            assert!(diary.visits.values().all(|visit| diary.patients.contains_key(&visit.patient().unwrap())));
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_large_diary() {
        let (one, other) = (made(900), made(900));
        assert!(one.visits == other.visits && one.patients == other.patients);
    }
}
