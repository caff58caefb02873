//! The day itself: who comes when.

use crate::practice::believable::clinic::{self, LINKED, OFFICE, VIDEO};
use crate::practice::believable::document::Account;
use crate::practice::believable::hours::{Slots, later, opening, rounded_up};
use crate::practice::believable::people::People;
use crate::practice::believable::script::Script;
use crate::practice::{Booking, Patient, Practice, Status, Visit};
use jiff::civil::{Date, DateTime, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// So many video visits with nothing about them; with the planted ones it makes 34.
const PLAIN_VISITS: usize = 19;
/// So many office visits besides.
const OFFICE_VISITS: usize = 5;
/// So many visits of this morning, if it is late enough.
const MORNING_VISITS: usize = 4;
/// So many patients without a visit, for whoever wants to book one.
const OTHER_PATIENTS: usize = 6;

const REASONS: [&str; 8] = [
    "Blood pressure check",
    "Follow-up after lab work",
    "Medication review",
    "Seasonal allergies",
    "Sore throat",
    "Sleep problems",
    "Back pain",
    "Diabetes follow-up",
];

const NOTES: [&str; 4] = [
    "Daughter joins by phone & helps with the camera.",
    "Prefers the afternoon.",
    "Has the lab results at hand.\nAsked for the summary by post.",
    "First video visit; sent the how-to.",
];

/// A day in the making.
pub(super) struct Day {
    pub(super) now: Timestamp,
    /// Now by the clinic's clocks.
    pub(super) local: DateTime,
    pub(super) rng: fastrand::Rng,
    pub(super) people: People,
    pub(super) script: Script,
    practice: Practice,
    slots: Slots,
    accounts: Vec<Account>,
    turn: usize,
}

impl Day {
    pub(super) fn new(seed: u64, now: Timestamp, zone_name: &str, zone: TimeZone) -> Day {
        let mut rng = fastrand::Rng::with_seed(seed);
        let people = People::new(&mut rng);
        let practice = clinic::empty(zone_name, zone, now);
        Day {
            now,
            local: practice.clinic().local(now),
            rng,
            people,
            script: Script::default(),
            practice,
            slots: Slots::default(),
            accounts: Vec::new(),
            turn: 0,
        }
    }

    /// Somebody with a complete record and a linked account on the platform.
    pub(super) fn patient(&mut self, id: &str) -> Patient {
        let patient = self.people.next(id, &mut self.rng);
        self.accounts.push(Account::of(&patient));
        patient
    }

    /// Puts a record into the system.
    pub(super) fn admit(&mut self, patient: Patient) {
        self.practice.patients.insert(patient.id.clone(), patient);
    }

    /// Puts an account on the platform.
    pub(super) fn account(&mut self, account: Account) {
        self.accounts.push(account);
    }

    /// A time some days ago when the desk was open.
    pub(super) fn days_ago(&mut self, days: i64) -> Timestamp {
        let date = later(self.local, -days * 86_400).date();
        let [opens, _] = opening(date);
        let at = later(opens, self.rng.i64(0..5 * 3600));
        self.practice.clinic().instant(at).min(self.minutes_ago(180))
    }

    /// So many minutes ago.
    pub(super) fn minutes_ago(&self, minutes: i64) -> Timestamp {
        self.now.saturating_sub(SignedDuration::from_mins(minutes)).unwrap_or(self.now)
    }

    /// The local time in so many minutes, on the next full five minutes. On the night when the clocks go back it may
    /// be later: a time that comes twice is nobody's appointment.
    pub(super) fn in_minutes(&self, minutes: i64) -> DateTime {
        let at = self.now.as_second() + minutes * 60;
        self.real(self.local_of(at.div_euclid(300) * 300 + if at.rem_euclid(300) > 0 { 300 } else { 0 }), 1800)
    }

    /// The local time so many minutes ago, on the full five minutes before; on that night it may be earlier.
    pub(super) fn before_minutes(&self, minutes: i64) -> DateTime {
        self.real(self.local_of((self.now.as_second() - minutes * 60).div_euclid(300) * 300), -1800)
    }

    fn local_of(&self, second: i64) -> DateTime {
        self.practice.clinic().local(Timestamp::from_second(second).unwrap_or(self.now))
    }

    /// The instant of a local time, so many minutes earlier.
    pub(super) fn minutes_before(&self, local: DateTime, minutes: i64) -> Timestamp {
        let instant = self.practice.clinic().instant(local);
        instant.saturating_sub(SignedDuration::from_mins(minutes)).unwrap_or(instant)
    }

    /// A local time that exists once: another is moved by steps of so many seconds.
    fn real(&self, mut local: DateTime, step: i64) -> DateTime {
        while self.practice.clinic().zone.to_ambiguous_timestamp(local).is_ambiguous() {
            local = later(local, step);
        }
        local
    }

    /// A provider who is linked; they take turns.
    pub(super) fn linked_provider(&mut self) -> &'static str {
        self.turn += 1;
        LINKED[self.turn % LINKED.len()]
    }

    /// Keeps a time of a provider free for a visit that has its time already.
    pub(super) fn keep(&mut self, provider: &str, start: DateTime) {
        self.slots.take(provider, start, 30);
    }

    /// A free time of a provider, today while there is room and else tomorrow, or always tomorrow.
    pub(super) fn soon(&mut self, provider: &str, tomorrow: bool) -> DateTime {
        let today = self.local.date();
        let days = [today, next(today), next(next(today))];
        for day in &days[usize::from(tomorrow)..] {
            let free = self.slots.free(provider, *day, self.earliest());
            if !free.is_empty() {
                let start = free[self.rng.usize(..free.len())];
                self.slots.take(provider, start, 30);
                return start;
            }
        }
        // Nobody is booked so full; a time is better than none.
        next(today).to_datetime(time(12, 0, 0, 0))
    }

    /// What is booked by chance starts from here on: not so soon that it may be over before it is looked at.
    fn earliest(&self) -> DateTime {
        rounded_up(later(self.local, 45 * 60), 30)
    }

    /// Everything that is there besides what was planted.
    pub(super) fn fill(&mut self) {
        for n in 0..PLAIN_VISITS {
            let patient = format!("P{}", 1001 + n);
            // Two of three have an account already; the others get one with the visit.
            let record = if n % 3 == 2 { self.people.next(&patient, &mut self.rng) } else { self.patient(&patient) };
            self.admit(record);
            let provider = self.linked_provider();
            let start = self.soon(provider, n % 2 == 1);
            let mut booking = self.booking(&format!("A-{}", 1001 + n), &patient, provider, VIDEO, start);
            booking.status = (n % 6 == 5).then(|| Status::Confirmed.word().to_owned());
            let days = 1 + (n as i64 * 7) % 20;
            let at = self.days_ago(days);
            self.script.book(at, booking);
        }
        for n in 0..OFFICE_VISITS {
            let patient = format!("P{}", 3001 + n);
            let record = self.people.next(&patient, &mut self.rng);
            self.admit(record);
            let start = self.soon(LINKED[n % LINKED.len()], n % 2 == 1);
            let booking = self.booking(&format!("A-{}", 3001 + n), &patient, LINKED[n % LINKED.len()], OFFICE, start);
            let at = self.days_ago(2 + n as i64);
            self.script.book(at, booking);
        }
        for n in 0..OTHER_PATIENTS {
            let record = self.people.next(&format!("P{}", 4001 + n), &mut self.rng);
            self.admit(record);
        }
        self.morning();
    }

    /// Visits of today that were over before the interface was switched on: in the diary, and never told of.
    fn morning(&mut self) {
        let [opens, closes] = opening(self.local.date());
        for n in 0..MORNING_VISITS {
            let start = later(opens, n as i64 * 1800);
            if later(start, 3600) > self.local || start >= closes {
                return;
            }
            let (id, patient) = (format!("A-{}", 901 + n), format!("P{}", 901 + n));
            let record = self.people.next(&patient, &mut self.rng);
            self.admit(record);
            let booking = self.booking(&id, &patient, LINKED[n % LINKED.len()], VIDEO, start);
            let booked_at = self.days_ago(6);
            let visit = Visit {
                id: id.clone(),
                patient,
                provider: booking.provider,
                visit_type: booking.visit_type,
                department: "VIRT".to_owned(),
                start,
                minutes: 30,
                status: if n == 2 { Status::NoShow } else { Status::CheckedOut },
                reason: booking.reason,
                note: None,
                called_off: None,
                booked_at,
                entered_by: "U12".to_owned(),
            };
            self.practice.visits.insert(id, visit);
        }
    }

    /// A booking with a reason and, now and then, a note.
    pub(super) fn booking(&mut self, id: &str, patient: &str, provider: &str, kind: &str, start: DateTime) -> Booking {
        let note = (self.rng.usize(..3) == 0).then(|| NOTES[self.rng.usize(..NOTES.len())].to_owned());
        Booking {
            id: Some(id.to_owned()),
            reason: REASONS[self.rng.usize(..REASONS.len())].to_owned(),
            note,
            ..Booking::new(patient, provider, kind, self.real(start, 1800))
        }
    }

    /// Plays what was written down; gives the system and the platform's accounts.
    pub(super) fn play(mut self) -> (Practice, Vec<Account>) {
        self.script.play(&mut self.practice);
        (self.practice, self.accounts)
    }
}

pub(super) fn next(date: Date) -> Date {
    date.tomorrow().unwrap_or(date)
}
