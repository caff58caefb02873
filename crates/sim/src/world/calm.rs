//! The end of all trouble: nothing fails any more, people put everything right, and time passes until all has settled.

use crate::disk::Told;
use crate::source::{Diary, MERGES_MOVE_VISITS};
use crate::world::{Errand, Event, World};
use domain::decide::Verdict;
use domain::setup::Lifecycle;
use engine::ops::{Actor, AppointmentsAsked};

const DAY_MS: u64 = 86_400_000;
/// The longest wait between two attempts is a day, and a clock that was hours ahead left leases behind.
const SETTLING_MS: u64 = 3 * DAY_MS;

impl World {
    /// Nothing goes wrong any more, and whatever people can put right they do.
    pub(super) async fn become_calm(&mut self) -> Told {
        self.tell(|| "from now on nothing goes wrong".to_owned());
        self.calm = true;
        self.secret.hide(false);
        self.networks.iter_mut().for_each(Vec::clear);
        self.moods.iter_mut().for_each(Vec::clear);
        self.shelves.calm();
        for machine in &self.machines {
            machine.arms.disarm();
            machine.clock.set_right();
        }
        self.disk.stop_remembering();
        for node in 0..self.machines.len() {
            self.start(node)?;
        }
        // What is still on its way from before comes first; then people see what is left to do.
        let now = self.time.millis();
        self.run_until(now + 3_600_000).await?;
        self.put_right();
        let now = self.time.millis();
        self.run_until(now + SETTLING_MS).await?;
        for (clinic, at, visit) in self.not_arrived().await? {
            self.ask(clinic, at, Errand::Redrive(visit));
        }
        let now = self.time.millis();
        self.schedule(now + DAY_MS - 60_000, Event::Pull);
        self.run_until(now + DAY_MS).await?;
        if self.unheard() > 0 {
            self.faults.push(format!("{} messages were never answered", self.unheard()));
        }
        for call in self.calls.values() {
            self.faults.push(format!("somebody still asks in vain: {call}"));
        }
        Ok(())
    }

    /// People put right what only people can.
    fn put_right(&mut self) {
        for clinic in 0..self.plan.clinics.len() {
            self.mend_addresses(clinic);
            self.desks[clinic].bumped = true;
            let gone: Vec<usize> = self.desks[clinic].mourned().collect();
            for at in gone {
                self.ask(clinic, at, Errand::NewAddress);
            }
            // Several documents at once: the last one counts, whichever it is. So a last one is applied afterwards.
            for kind in 0..self.plan.clinics[clinic].kinds {
                self.ask(clinic, 0, Errand::Approve(kind, true));
            }
            self.ask_later(120_000, clinic, 0, Errand::Apply);
            for at in 0..self.plan.clinics[clinic].feeds.len() {
                for provider in 0..self.plan.clinics[clinic].providers {
                    self.ask(clinic, at, Errand::Provider(provider, true));
                }
                for patient in self.plan.clinics[clinic].feeds[at].unlinked_accounts.clone() {
                    if self.diaries[clinic].patients[patient].merged_into.is_none() {
                        self.ask_later(60_000, clinic, at, Errand::Patient(patient));
                    }
                }
                self.ask(clinic, at, Errand::Lifecycle(Lifecycle::Live));
            }
        }
    }

    /// The front desk gives every patient an address of their own.
    fn mend_addresses(&mut self, clinic: usize) {
        let diary = &self.diaries[clinic];
        let everybody = 0..diary.patients.len();
        let lives = |at: &usize| diary.patients[*at].merged_into.is_none();
        let shared = |at: &usize| {
            let email = &diary.patients[*at].email;
            let staff = self.plan.clinics[clinic].staff_address();
            let has_it = |other: usize| other != *at && diary.patients[other].email == *email;
            email.is_none()
                || *email == Some(staff)
                || everybody.clone().any(|other| (lives(&other) || !MERGES_MOVE_VISITS) && has_it(other))
        };
        let wrong: Vec<usize> = everybody.clone().filter(lives).filter(shared).collect();
        for patient in wrong {
            let now = self.time.now();
            let diary: &mut Diary = &mut self.diaries[clinic];
            diary.patients[patient].email = Some(format!("own{patient}.c{clinic}@patients.example"));
            let message = diary.tell_of_patient(now, patient);
            self.send_or_show(clinic, message);
            self.show_visits_of(clinic, patient);
        }
    }

    /// Visits whose delivery was given up, or was taken and never confirmed.
    async fn not_arrived(&self) -> Told<Vec<(usize, usize, String)>> {
        let engine = self.engine()?;
        let mut found = Vec::new();
        for (clinic, at) in &self.feeds {
            let asked = AppointmentsAsked {
                verdicts: vec![Verdict::Failed, Verdict::OnTime],
                limit: Some(1000),
                ..AppointmentsAsked::default()
            };
            let id = &self.plan.clinics[*clinic].feeds[*at].id;
            let listed = engine.list_appointments(&Actor::operator(), id, asked).await;
            let items = listed.map_err(|error| error.to_string())?.items;
            found.extend(items.into_iter().map(|item| (*clinic, *at, item.source_id.to_string())));
        }
        Ok(found)
    }
}
