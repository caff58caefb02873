//! Drawing a plan from a seed.

use crate::plan::asked::draw_asked;
use crate::plan::crowd::{draw_crowd, is_crowded};
use crate::plan::faults::draw_faults;
use crate::plan::{Clinic, Item, PatientStep, PersonStep, Plan, VisitNo, VisitStep, What};
use domain::time::Moment;
use fastrand::Rng;

/// Days on which worlds begin: an ordinary one, and those before the clocks change on either side.
const STARTS: [&str; 5] = [
    "2026-06-08T13:00:00Z",
    "2026-10-31T20:00:00Z",
    "2026-10-24T18:00:00Z",
    "2027-03-13T22:00:00Z",
    "2027-03-27T19:00:00Z",
];
const HOUR: u64 = 3_600_000;
const DAY_MINUTES: i64 = 24 * 60;
/// Words of a diary that mean the same in both source profiles. The last is a word of the clinic's own that nobody
/// knows until a person says what it means.
const WORDS: [&str; 5] = ["Scheduled", "Confirmed", "Scheduled", "Tentative", "BUMPED"];

/// Draws the plan of a seed.
pub fn plan_of(seed: u64) -> Plan {
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5EED);
    let start = STARTS[rng.usize(0..STARTS.len())].parse::<jiff::Timestamp>().map(Moment::from).unwrap_or_default();
    let mut clinics: Vec<Clinic> =
        (0..if rng.u32(0..5) == 0 || is_crowded(seed) { 2 } else { 1 }).map(|n| Clinic::draw(&mut rng, n)).collect();
    let nodes = if rng.u32(0..4) == 0 { 2 } else { 1 };
    let busy_ms = rng.u64(1..=8) * HOUR;
    let mut drawn = Drawn { rng, busy_ms, items: Vec::new() };
    for (number, clinic) in clinics.iter().enumerate() {
        drawn.diary(number, clinic);
        drawn.patients(number, clinic);
        drawn.people(number, clinic);
    }
    let Drawn { mut rng, mut items, .. } = drawn;
    let moments: Vec<u64> = items.iter().map(|(at, _)| *at).collect();
    items.extend(draw_faults(&mut rng, busy_ms, &clinics, nodes, &moments));
    for _ in 0..rng.usize(0..3) {
        items.push((rng.u64(0..busy_ms), What::Look));
    }
    items.extend(draw_crowd(seed, busy_ms, &clinics));
    if let Some((clinic, more)) = draw_asked(seed, busy_ms, clinics.len()) {
        clinics.push(clinic);
        items.extend(more);
    }
    items.sort_by_key(|(at, _)| *at);
    let items = items.into_iter().enumerate().map(|(number, (at, what))| Item { number, at, what }).collect();
    Plan {
        seed,
        start,
        nodes,
        // Not drawn: worlds of before stay what they were.
        keeps_first: nodes > 1 || seed % 4 == 3,
        in_hand: if rng.u32(0..4) == 0 { rng.usize(1..=3) } else { 1024 },
        at_once: if rng.u32(0..4) == 0 { 1 } else { 32 },
        in_order: rng.bool(),
        clinics,
        items,
        calm_at: busy_ms + HOUR,
    }
}

/// What was drawn so far.
pub(super) struct Drawn {
    pub(super) rng: Rng,
    pub(super) busy_ms: u64,
    pub(super) items: Vec<(u64, What)>,
}

impl Drawn {
    /// A time, more often than not close behind another one, because trouble comes from things that meet.
    fn when(&mut self, after: u64) -> u64 {
        let rng = &mut self.rng;
        let wait = match rng.u32(0..4) {
            0 => rng.u64(0..2_000),
            1 => rng.u64(0..60_000),
            2 => rng.u64(0..1_800_000),
            _ => rng.u64(0..self.busy_ms / 2),
        };
        (after + wait).min(self.busy_ms)
    }

    /// Minutes from the beginning to a visit's start: mostly days ahead, now and then soon or beyond any horizon.
    fn start(&mut self) -> i64 {
        let rng = &mut self.rng;
        let day = match rng.u32(0..12) {
            0 => 0,
            1 => rng.i64(95..130),
            2 => rng.i64(85..95),
            _ => rng.i64(2..50),
        };
        let minute = rng.i64(0..96) * 15;
        if day == 0 { rng.i64(0..40) * 15 } else { day * DAY_MINUTES + minute }
    }

    pub(super) fn diary(&mut self, number: usize, clinic: &Clinic) {
        let visits = self.rng.usize(3..=14);
        for visit in 0..visits {
            let booked = self.rng.u64(0..self.busy_ms);
            let book = VisitStep::Book {
                patient: self.rng.usize(0..clinic.patients.len()),
                provider: self.rng.usize(0..clinic.providers),
                kind: if self.rng.u32(0..3) == 0 { self.rng.usize(0..clinic.kinds) } else { 0 },
                in_minutes: self.start(),
                minutes: self.rng.i64(1..=4) * 15,
            };
            self.items.push((booked, What::Visit(number, visit, book)));
            let mut at = booked;
            for _ in 0..self.rng.usize(0..6) {
                at = self.when(at);
                let step = self.visit_step(clinic);
                self.items.push((at, What::Visit(number, visit, step)));
            }
        }
    }

    fn visit_step(&mut self, clinic: &Clinic) -> VisitStep {
        match self.rng.u32(0..16) {
            0..=4 => VisitStep::Move { in_minutes: self.start() },
            5 | 6 => VisitStep::Provider(self.rng.usize(0..clinic.providers)),
            7 => VisitStep::Kind(self.rng.usize(0..clinic.kinds)),
            8 => VisitStep::Patient(self.rng.usize(0..clinic.patients.len())),
            9 | 10 => VisitStep::Word(WORDS[self.rng.usize(0..WORDS.len())]),
            11 | 12 => VisitStep::Cancel,
            13 => VisitStep::NoShow,
            14 => VisitStep::Delete,
            _ => VisitStep::Repeat,
        }
    }

    pub(super) fn patients(&mut self, number: usize, clinic: &Clinic) {
        for _ in 0..self.rng.usize(0..5) {
            let (at, patient) = (self.rng.u64(0..self.busy_ms), self.rng.usize(0..clinic.patients.len()));
            let step = match self.rng.u32(0..8) {
                0 => PatientStep::Email(None),
                1 | 2 => PatientStep::Email(clinic.patients[self.rng.usize(0..clinic.patients.len())].email.clone()),
                3..=5 => PatientStep::Email(Some(format!("new{}.{patient}@patients.example", self.rng.u32(0..99)))),
                6 if self.rng.bool() => PatientStep::Email(Some(clinic.staff_address())),
                6 => PatientStep::Family(format!("Renamed{}", self.rng.u32(0..99))),
                _ => PatientStep::MergeInto(self.rng.usize(0..clinic.patients.len())),
            };
            if step != PatientStep::MergeInto(patient) {
                self.items.push((at, What::Patient(number, patient, step)));
            }
        }
    }

    pub(super) fn people(&mut self, number: usize, clinic: &Clinic) {
        for feed in 0..clinic.feeds.len() {
            for _ in 0..self.rng.usize(0..7) {
                let at = self.rng.u64(0..self.busy_ms);
                let provider = self.rng.usize(0..clinic.providers);
                let kind = self.rng.usize(0..clinic.kinds);
                let step = match self.rng.u32(0..13) {
                    0..=2 => PersonStep::LinkProvider(provider),
                    3 => PersonStep::UnlinkProvider(provider),
                    4 | 5 => PersonStep::Approve(kind),
                    6 => PersonStep::Disapprove(kind),
                    7 => PersonStep::Apply,
                    8 => PersonStep::Redrive(self.rng.usize(0..14) as VisitNo),
                    9 => {
                        self.items.push((at, What::Person(number, feed, PersonStep::Secret { hidden: true })));
                        let until = self.when(at);
                        self.items.push((until, What::Person(number, feed, PersonStep::Secret { hidden: false })));
                        continue;
                    }
                    _ => {
                        self.items.push((at, What::Person(number, feed, PersonStep::Pause)));
                        let until = self.when(at);
                        self.items.push((until, What::Person(number, feed, PersonStep::Resume)));
                        continue;
                    }
                };
                self.items.push((at, What::Person(number, feed, step)));
                // Two people at once.
                if self.rng.u32(0..5) == 0 {
                    self.items.push((at, What::Person(number, feed, PersonStep::Apply)));
                }
            }
        }
    }
}
