//! The history of a clinic, message by message: the same each time, so that an interrupted fill goes on where it was.
//!
//! Visit `n` is booked in step `n`; what happens to it later is told in a later step. A step is a fixed part of a day,
//! so a store of ten times as many visits is one that is ten times as old.

use crate::bench::messages::{Booking, PROVIDERS};
use domain::time::Moment;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The zone of the practice's set-up.
const ZONE: &str = "America/New_York";
/// When the first visit was booked.
const BEGIN: DateTime = jiff::civil::date(2021, 1, 4).at(11, 0, 0, 0);
/// Every so many bookings are of a new patient.
pub(super) const VISITS_OF_A_PATIENT: u32 = 6;
/// Every so many days somebody new begins to see patients, and is linked in the days after.
const NEWCOMER_DAYS: u32 = 10;
/// Days until a newcomer is linked.
const UNTIL_LINKED_DAYS: u32 = 3;

/// A clinic's history.
#[derive(Clone, Debug)]
pub(super) struct History {
    /// Bookings a day.
    pub(super) per_day: u32,
    zone: TimeZone,
}

impl History {
    /// So many bookings a day.
    pub(super) fn of(per_day: u32) -> History {
        History { per_day: per_day.max(1), zone: TimeZone::get(ZONE).unwrap_or(TimeZone::UTC) }
    }

    /// When step `n` happens.
    pub(super) fn instant(&self, n: u32) -> Moment {
        let begin = BEGIN.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).unwrap_or_default();
        let micros = i64::from(n) * 86_400_000_000 / i64::from(self.per_day);
        Moment::from_micros(begin.as_microsecond() + micros)
    }

    /// The visit that is booked in step `n`.
    pub(super) fn visit(n: u32) -> String {
        format!("V{n:09}")
    }

    /// Patients that are known after `n` steps.
    pub(super) fn patients(n: u32) -> u32 {
        n / VISITS_OF_A_PATIENT + 1
    }

    /// The messages of step `n`: a booking, and what happens to visits that were booked days ago.
    pub(super) fn step(&self, n: u32) -> Vec<String> {
        let changes = self.changed(n).map(|(visit, trigger, status)| self.change(visit, n, trigger, status));
        [self.booking(n)].into_iter().chain(changes).collect()
    }

    /// Messages of all steps before `n`.
    pub(super) fn messages(&self, n: u32) -> u64 {
        (0..n).map(|step| 1 + self.changed(step).count() as u64).sum()
    }

    /// The earlier visits that a step tells of: which, by what kind of message, with which status.
    fn changed(&self, n: u32) -> impl Iterator<Item = (u32, &'static str, &'static str)> {
        // A fifth is put off three days after booking, a twentieth is called off after two; most words that nobody
        // understands are put right a day later.
        let put_off = n.checked_sub(3 * self.per_day).filter(|visit| visit % 5 == 0);
        let called_off = n.checked_sub(2 * self.per_day).filter(|visit| visit % 20 == 1);
        let put_right = n.checked_sub(self.per_day).filter(|visit| misspelt(*visit) && visit % 10_000 != 7);
        let told = [(put_off, "S13", "Booked"), (called_off, "S15", "Cancelled"), (put_right, "S13", "Booked")];
        told.into_iter().filter_map(|(visit, trigger, status)| Some((visit?, trigger, status)))
    }

    /// Who is to be linked when steps `from` to `to` (not included) are done, if anybody.
    pub(super) fn linked_within(&self, from: u32, to: u32) -> Option<String> {
        let age = self.per_day * NEWCOMER_DAYS;
        let due = |newcomer: u32| newcomer * age + UNTIL_LINKED_DAYS * self.per_day;
        let newcomer = (to.saturating_sub(1)) / age;
        (due(newcomer) >= from && due(newcomer) < to).then(|| newcomer_id(newcomer))
    }

    fn booking(&self, n: u32) -> String {
        let status = if misspelt(n) { "Bokd" } else { "Booked" };
        self.message(n, n, "S12", status, n.saturating_mul(7))
    }

    fn change(&self, visit: u32, now: u32, trigger: &'static str, status: &'static str) -> String {
        // Called off at the time it was booked for; put off to another one.
        let draw = if trigger == "S15" { visit.saturating_mul(7) } else { now.saturating_mul(7) + 3 };
        let from = if trigger == "S15" { visit } else { now };
        let mut booking = self.draft(visit, from, draw);
        booking.control = format!("{trigger}-{visit}");
        (booking.trigger, booking.status) = (trigger, status);
        booking.sent = self.local(now);
        booking.text()
    }

    fn message(&self, visit: u32, now: u32, trigger: &'static str, status: &'static str, draw: u32) -> String {
        Booking { trigger, status, ..self.draft(visit, now, draw) }.text()
    }

    fn draft(&self, visit: u32, now: u32, draw: u32) -> Booking {
        let (mix, when) = (spread(visit), spread(draw ^ 0x55aa_55aa));
        // A new patient comes first under the number that is new with this visit.
        let known = History::patients(visit);
        let patient =
            if visit.is_multiple_of(VISITS_OF_A_PATIENT) { known - 1 } else { spread(visit ^ 0x3c3c) % known };
        let day = self.local(now).date();
        let day = day.checked_add(jiff::Span::new().days(i64::from(1 + when % 21))).unwrap_or(day);
        let minute = i8::try_from(15 * ((when >> 9) % 4)).unwrap_or(0);
        let hour = i8::try_from(8 + (when >> 12) % 9).unwrap_or(8);
        let newcomer = visit / (self.per_day * NEWCOMER_DAYS);
        Booking {
            id: History::visit(visit),
            control: format!("S12-{visit}"),
            trigger: "S12",
            status: "Booked",
            sent: self.local(now),
            start: day.at(hour, minute, 0, 0),
            patient,
            provider: if mix % 33 == 5 { newcomer_id(newcomer) } else { ((mix >> 3) % PROVIDERS).to_string() },
            // A tenth is for the room and not for the platform.
            kind: if mix % 10 == 3 { "Office visit" } else { "Follow-up" },
        }
    }

    fn local(&self, n: u32) -> DateTime {
        self.instant(n).timestamp().to_zoned(self.zone.clone()).datetime()
    }
}

/// One in a thousand carries a status that nobody understands.
fn misspelt(n: u32) -> bool {
    n % 1000 == 7
}

fn newcomer_id(newcomer: u32) -> String {
    format!("N{newcomer}")
}

/// Neighbouring numbers far apart, the same each time.
pub(super) fn spread(number: u32) -> u32 {
    let mixed = number.wrapping_mul(0x9e37_79b1) ^ (number >> 15);
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0x85eb_ca6b);
    mixed ^ (mixed >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_books_one_visit_and_tells_of_earlier_ones() {
        let history = History::of(100);
        let early = history.step(7);
        assert_eq!(early.len(), 1);
        assert!(early[0].contains("|SIU^S12^SIU_S12|S12-7|") && early[0].contains("|Bokd|"));
        let late = history.step(305);
        assert_eq!(late.len(), 2);
        assert!(late[0].contains("SCH|V000000305^EHR"));
        assert!(late[1].contains("|SIU^S13^SIU_S12|S13-5|") && late[1].contains("SCH|V000000005^EHR"));
        assert_eq!(history.step(305), late);
    }

    #[test]
    fn a_newcomer_is_linked_once() {
        let history = History::of(100);
        let linked: Vec<String> = (0..40).filter_map(|n| history.linked_within(n * 128, n * 128 + 128)).collect();
        assert_eq!(linked, ["N0", "N1", "N2", "N3", "N4"]);
    }

    #[test]
    fn patients_come_before_their_second_visit() {
        let mut known = std::collections::HashSet::new();
        for n in 0..600 {
            let patient = History::of(100).draft(n, n, n).patient;
            assert!(patient < History::patients(n));
            known.insert(patient);
        }
        assert_eq!(known.len(), 100);
    }
}
