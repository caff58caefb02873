//! What follows a batch once it is durable.

use crate::deliver::{CourierHandle, Parcel};
use domain::ids::{AppointmentKey, IntegrationKey};
use std::collections::BTreeSet;

/// Something that listeners (the console's live view) want to hear of. Ids only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// An appointment was decided on or delivered.
    Appointment(AppointmentKey),
    /// The same of some appointments of an integration, at another process.
    Elsewhere(IntegrationKey),
}

/// What follows a batch once it is durable, and only then.
#[derive(Default)]
pub struct Effects {
    /// Cards to be carried now.
    pub parcels: Vec<Parcel>,
    /// Facts changed; whoever decides again should look.
    pub fired: bool,
    /// A timer was set; whoever keeps time should look.
    pub timers: bool,
    /// Cards wait in the outbox; whoever sweeps should look.
    pub outbox: bool,
    /// Integrations where causes may have been opened or closed; whoever minds items should look.
    pub causes: BTreeSet<IntegrationKey>,
    /// Events wait for platforms; whoever tells them should look.
    pub events: bool,
    /// Notices became due; the postman should look.
    pub notices: bool,
    /// Cards wait in the outbox that this process does not send.
    pub left_to_others: bool,
    /// For listeners.
    pub news: Vec<News>,
}

impl Effects {
    pub(super) fn take_effect(self, courier: &CourierHandle) {
        courier.carry(self.parcels);
        courier.nudge(self.fired, self.timers, self.outbox, self.notices);
        courier.mind(self.causes);
        if self.events {
            courier.events.notify_one();
        }
        courier.tell(self.news);
    }

    /// The batch did not come to be: the places kept for its cards are free again. One of them may have been the card
    /// that was to find out whether somebody answers again: without it nothing more would ever go there.
    pub(super) fn undo(self, courier: &CourierHandle) {
        self.parcels.iter().for_each(|parcel| courier.cancel(&parcel.endpoint));
    }
}
