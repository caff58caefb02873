//! The nouns: what a source says (records), what we hold true (appointment, patient), what the platform should show
//! (card). Everything here is plain data with a stored form; rules live in [`crate::merge`] and [`crate::gates`].

mod appointment;
mod card;
mod confirmed;
mod contact;
mod patient;
mod record;
mod roster;
mod said;
mod series;

pub use appointment::{
    Appointment, Department, Existence, FirstFinal, Lineage, Modality, OwnStatus, Participant, Provider, Relation,
    Ruling, Series, TakenOver, Timing, TimingIssue, VisitType,
};
pub use card::{Card, CardParticipant, CardProvider, CardSeries, CardType, Guest, Origin, Portal, PortalStatus, Tab};
pub use confirmed::{Confirmed, Correction, PatientField};
pub use contact::{Restriction, Way};
pub use patient::{Address, BirthDate, ContactSince, Coverage, Fact, LinkMethod, Patient, PatientLink, Sex};
pub use record::{AppointmentRecord, Event, MergeRecord, PatientRecord, Record, Repeats, RosterRecord, StatusSaid};
pub use roster::{Keyed, Roster};
pub use said::{Said, Seen, Stamp};
pub use series::{Endless, Every};
