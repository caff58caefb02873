//! Diaries that are read by asking: what happens in them is shown there, and nobody is told.

use crate::source::Message;
use crate::world::World;
use domain::status::Status;

impl World {
    /// What happened is sent, or stands in the diary from now on.
    pub(super) fn send_or_show(&mut self, clinic: usize, message: Message) {
        if !self.plan.clinics[clinic].asked {
            return self.post_letter(clinic, message);
        }
        let Some(visit) = message.visit.and_then(|number| self.diaries[clinic].visits.get(&number)) else { return };
        if visit.status == Status::Removed {
            self.shelves.take_out(clinic, &visit.id);
        } else {
            self.shelves.put(clinic, visit.id.clone(), visit.times().0, message.body);
        }
    }

    /// A patient's record changed: it stands on each of their visits.
    pub(super) fn show_visits_of(&mut self, clinic: usize, patient: usize) {
        if !self.plan.clinics[clinic].asked {
            return;
        }
        let now = self.time.now();
        for number in self.diaries[clinic].visits_of(patient) {
            let trigger = self.diaries[clinic].visits[&number].trigger();
            let message = self.diaries[clinic].tell_of_visit(now, number, trigger);
            self.send_or_show(clinic, message);
        }
    }
}
