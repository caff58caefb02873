//! Appointment + record → appointment.

use crate::ids::EnvelopeId;
use crate::model::{
    Appointment, AppointmentRecord, Event, Existence, Keyed, OwnStatus, Participant, Roster, RosterRecord, Said, Stamp,
};
use crate::text::Text;
use crate::time::Moment;

/// How a record reached us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Moment,
    /// In which envelope.
    pub envelope: EnvelopeId,
    /// Under which message id.
    pub control_id: Option<Text>,
}

/// What a record was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// The first we hear of this appointment.
    First,
    /// It changed what we hold.
    Changed,
    /// It is older than what we hold and changed nothing.
    Stale,
    /// It says what we hold already.
    Repeated,
}

/// The outcome of taking one record in.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// What holds now.
    pub appointment: Appointment,
    /// What the record was worth.
    pub novelty: Novelty,
}

/// Takes a record in. Each part of the appointment keeps its own stamp, so any order of the same records ends in the
/// same appointment (invariants 3 and 4; `EVENT_OUT_OF_ORDER`, `DUPLICATE_DELIVERY`).
pub fn merge_appointment(held: Option<&Appointment>, record: AppointmentRecord, arrival: &Arrival) -> Merged {
    let mut next = held.cloned().unwrap_or_else(|| blank(&record, arrival));
    let stamp = record.stamp;
    let newest = held.is_none_or(|held| stamp >= held.stamp);
    let booked_at = record.booked_at.unwrap_or(stamp.at);
    let unsaid = record.booked_at.is_none() && record.event == Event::Listed;
    absorb(&mut next, record, newest);
    next.booked_at = next.booked_at.min(booked_at);
    next.booking_unsaid &= unsaid;
    let novelty = match held {
        None => Novelty::First,
        Some(held) if *held != next => Novelty::Changed,
        Some(held) if stamp < held.stamp => Novelty::Stale,
        Some(_) => Novelty::Repeated,
    };
    if newest && novelty != Novelty::Repeated {
        next.received = arrival.at;
        next.envelope = arrival.envelope;
        next.control_id = arrival.control_id.clone();
    }
    Merged { appointment: next, novelty }
}

fn blank(record: &AppointmentRecord, arrival: &Arrival) -> Appointment {
    Appointment {
        source_id: record.source_id.clone(),
        placer_id: None,
        stamp: Stamp { at: Moment::from_micros(i64::MIN), sequence: 0 },
        booked_at: record.stamp.at,
        first_received: arrival.at,
        received: arrival.at,
        envelope: arrival.envelope,
        control_id: arrival.control_id.clone(),
        timing: None,
        status: None,
        known_status: None,
        visit_type: None,
        modality: None,
        department: None,
        providers: Roster::default(),
        participants: Roster::default(),
        series: None,
        lineage: Vec::new(),
        test: false,
        rulings: Vec::new(),
        taken_over: None,
        existence: None,
        own_statuses: Vec::new(),
        only_moved: true,
        first_final: None,
        booking_unsaid: true,
    }
}

fn absorb(next: &mut Appointment, mut record: AppointmentRecord, newest: bool) {
    let stamp = record.stamp;
    if newest {
        next.stamp = stamp;
        next.test = record.test;
    }
    if next.placer_id.is_none() || (newest && record.placer_id.is_some()) {
        next.placer_id = record.placer_id;
    }
    hear(&mut next.timing, record.timing, stamp);
    hear(&mut next.status, record.status, stamp);
    hear(&mut next.visit_type, record.visit_type, stamp);
    hear(&mut next.modality, record.modality, stamp);
    hear(&mut next.department, record.department, stamp);
    hear(&mut next.series, record.series, stamp);
    let existence = match record.event {
        // What is listed is there.
        Event::Booked | Event::Listed => Some(Existence::Visit),
        Event::SlotBlocked => Some(Existence::Blocked),
        Event::Deleted => Some(Existence::Deleted),
        _ if record.present => Some(Existence::Visit),
        _ => None,
    };
    hear(&mut next.existence, existence, stamp);
    next.only_moved &= record.event == Event::Rescheduled;
    hear_own(next, &mut record.participants);
    call(&mut next.providers, record.providers, stamp);
    call(&mut next.participants, record.participants, stamp);
}

/// Takes the statuses of single participants out of a record into registers of their own.
fn hear_own(next: &mut Appointment, participants: &mut RosterRecord<Participant>) {
    let named: &mut [Participant] = match participants {
        RosterRecord::Keep => &mut [],
        RosterRecord::All(items) | RosterRecord::Changes { put: items, .. } => items,
    };
    for participant in named {
        let Some(said) = participant.status.take() else { continue };
        match next.own_statuses.iter_mut().find(|own| own.source_id == participant.source_id) {
            Some(own) if own.said.stamp > said.stamp => {}
            Some(own) => own.said = said,
            None => next.own_statuses.push(OwnStatus {
                source_id: participant.source_id.clone(),
                said,
                known: None,
                first_final: None,
            }),
        }
    }
}

fn hear<T>(slot: &mut Option<Said<T>>, value: Option<T>, stamp: Stamp) {
    if let Some(value) = value {
        Said::hear(slot, value, stamp);
    }
}

fn call<T: Keyed + PartialEq>(roster: &mut Roster<T>, record: RosterRecord<T>, stamp: Stamp) {
    match record {
        RosterRecord::Keep => {}
        RosterRecord::All(items) => roster.list(items, stamp),
        RosterRecord::Changes { put, removed } => {
            for item in put {
                roster.put(item, stamp);
            }
            for item in removed {
                roster.remove(item, stamp);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Participant, Provider, Seen, StatusSaid, Timing, VisitType};
    use crate::time::Placement;
    use proptest::prelude::*;

    fn arrival(n: u64) -> Arrival {
        Arrival { at: Moment::from_micros(1_000_000 + n as i64), envelope: EnvelopeId(n), control_id: None }
    }

    fn seen(value: &str) -> Seen {
        Seen { value: value.into(), place: "X".into() }
    }

    fn record(minute: i64, event: Event) -> AppointmentRecord {
        let stamp = Stamp { at: Moment::from_micros(0).plus_minutes(minute), sequence: 0 };
        let status = matches!(event, Event::Booked | Event::Cancelled | Event::NoShow | Event::Rescheduled)
            .then(|| StatusSaid::by(event));
        AppointmentRecord { status, ..AppointmentRecord::about("A-1".into(), stamp, event) }
    }

    fn starting(mut record: AppointmentRecord, hour: i64) -> AppointmentRecord {
        record.timing = Some(Timing {
            start: Some(Moment::from_micros(0).plus_minutes(60 * hour)),
            end: None,
            zone: "UTC".into(),
            start_seen: None,
            end_place: None,
            placement: Placement::Unique,
            issues: Vec::new(),
        });
        record
    }

    #[test]
    fn an_older_message_fills_what_nobody_said_and_moves_nothing_back() {
        let cancelled = merge_appointment(None, record(10, Event::Cancelled), &arrival(1));
        assert_eq!(cancelled.novelty, Novelty::First);
        let after = merge_appointment(Some(&cancelled.appointment), starting(record(1, Event::Booked), 9), &arrival(2));
        assert_eq!(after.novelty, Novelty::Changed, "the time was not known yet");
        assert_eq!(after.appointment.status.as_ref().map(|said| said.value.event), Some(Event::Cancelled));
        assert_eq!(after.appointment.booked_at, Moment::from_micros(0).plus_minutes(1), "booked when first told of");
        assert_eq!(after.appointment.envelope, EnvelopeId(1), "the newest statement is still the cancellation");
    }

    #[test]
    fn what_the_source_holds_is_not_deleted_whatever_its_status_and_an_event_alone_does_not_say_so() {
        let deleted = merge_appointment(None, record(1, Event::Deleted), &arrival(1)).appointment;
        let told = merge_appointment(Some(&deleted), record(2, Event::Cancelled), &arrival(2)).appointment;
        assert!(told.is_deleted());
        let read = AppointmentRecord { present: true, ..record(2, Event::Cancelled) };
        let read = merge_appointment(Some(&deleted), read, &arrival(2)).appointment;
        assert!(!read.is_deleted());
        let older = AppointmentRecord { present: true, ..record(0, Event::Cancelled) };
        assert!(merge_appointment(Some(&deleted), older, &arrival(3)).appointment.is_deleted());
    }

    #[test]
    fn a_list_alone_does_not_say_when_a_visit_was_booked() {
        let arrival = Arrival { at: Moment::from_micros(0), envelope: EnvelopeId(1), control_id: None };
        let listed = merge_appointment(None, record(9, Event::Listed), &arrival).appointment;
        assert!(listed.booking_unsaid);
        let said = AppointmentRecord { booked_at: Some(Moment::from_micros(0)), ..record(9, Event::Listed) };
        assert!(!merge_appointment(None, said, &arrival).appointment.booking_unsaid);
        let told = merge_appointment(Some(&listed), record(2, Event::Booked), &arrival).appointment;
        assert!(!told.booking_unsaid, "a message told of the booking");
        let listed = merge_appointment(Some(&told), record(11, Event::Listed), &arrival).appointment;
        assert!(!listed.booking_unsaid, "which a later list does not undo");
    }

    #[test]
    fn a_stale_message_and_a_repeated_one_are_told_apart() {
        let first = merge_appointment(None, starting(record(5, Event::Booked), 9), &arrival(1)).appointment;
        let stale = merge_appointment(Some(&first), starting(record(4, Event::Rescheduled), 8), &arrival(2));
        assert_eq!(stale.appointment.start(), first.start());
        // It moved the booking time back, which is news; a second copy of it is none.
        let again =
            merge_appointment(Some(&stale.appointment), starting(record(4, Event::Rescheduled), 8), &arrival(3));
        assert_eq!(again.novelty, Novelty::Stale);
        let repeated = merge_appointment(Some(&stale.appointment), starting(record(5, Event::Booked), 9), &arrival(4));
        assert_eq!(repeated.novelty, Novelty::Repeated);
        assert_eq!(repeated.appointment.envelope, EnvelopeId(1));
    }

    fn any_record() -> impl Strategy<Value = AppointmentRecord> {
        let event = prop::sample::select(vec![
            Event::Booked,
            Event::Rescheduled,
            Event::Modified,
            Event::Cancelled,
            Event::NoShow,
            Event::ResourcesChanged,
            Event::SlotBlocked,
            Event::Deleted,
        ]);
        let name = prop::sample::select(vec!["a", "b", "c"]);
        (
            event,
            prop::option::of(0i64..5),
            prop::option::of(name.clone()),
            prop::collection::vec(name, 0..3),
            any::<bool>(),
        )
            .prop_map(|(event, hour, kind, people, whole)| {
                let mut record = record(0, event);
                if let Some(hour) = hour {
                    record = starting(record, hour);
                }
                record.visit_type = kind.map(|name| VisitType { id: None, name: name.into(), place: "SCH-8".into() });
                let provider =
                    |id: &&str| Provider { source_id: (*id).into(), name: None, role: None, place: "AIP-3".into() };
                let patient = |id: &&str| Participant { source_id: (*id).into(), status: None, place: "PID-3".into() };
                // Every other message tells of single participants what became of them.
                let (event, stamp) = (record.event, record.stamp);
                let own = |mut patient: Participant| {
                    patient.status = hour.map(|_| Said { value: StatusSaid::by(event), stamp });
                    patient
                };
                if whole {
                    record.providers = RosterRecord::All(people.iter().map(provider).collect());
                    record.participants = RosterRecord::All(people.iter().map(patient).map(own).collect());
                } else {
                    record.providers =
                        RosterRecord::Changes { put: people.iter().map(provider).collect(), removed: vec![] };
                }
                record.department = people.first().map(|id| seen(id));
                record
            })
    }

    fn facts(appointment: &Appointment) -> impl PartialEq + std::fmt::Debug + use<> {
        let mut providers: Vec<_> = appointment.providers.members().map(|p| p.source_id.clone()).collect();
        providers.sort();
        let mut participants: Vec<_> = appointment.participants.members().map(|p| p.source_id.clone()).collect();
        participants.sort();
        let mut own: Vec<_> = appointment.own_statuses.clone();
        own.sort_by(|a, b| a.source_id.cmp(&b.source_id));
        (
            appointment.stamp,
            appointment.booked_at,
            appointment.timing.clone(),
            appointment.status.clone(),
            appointment.visit_type.clone(),
            appointment.department.clone(),
            (providers, participants, own),
            (appointment.existence.clone(), appointment.only_moved),
        )
    }

    proptest! {
        #[test]
        fn any_order_with_repetitions_ends_in_the_same_appointment(
            mut records in prop::collection::vec(any_record(), 1..10),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
        ) {
            for (minute, record) in records.iter_mut().enumerate() {
                record.stamp.at = Moment::from_micros(0).plus_minutes(minute as i64);
                if let RosterRecord::All(people) = &mut record.participants {
                    let own = people.iter_mut().filter_map(|person| person.status.as_mut());
                    own.for_each(|said| said.stamp = record.stamp);
                }
            }
            let run = |order: Vec<usize>| {
                let mut held: Option<Appointment> = None;
                for n in order {
                    held = Some(merge_appointment(held.as_ref(), records[n].clone(), &arrival(n as u64)).appointment);
                }
                held.map(|appointment| facts(&appointment))
            };
            let shuffled = picks.iter().map(|pick| pick.index(records.len())).chain((0..records.len()).rev()).collect();
            prop_assert_eq!(run((0..records.len()).collect()), run(shuffled));
        }
    }
}
