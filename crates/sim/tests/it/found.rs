//! What the simulation found, told once more by hand: seeds change their meaning when plans are drawn differently.

use domain::time::Moment;
use sim::disk::StoreFault;
use sim::plan::{
    Clinic, Feed, Item, PatientSeed, PatientStep, PersonStep, Plan, PlatformFault, Spell, VisitStep, What,
};
use sim::world::run;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 3_600_000;

fn clinic(number: usize) -> Clinic {
    let patient = |(at, family): (usize, &'static str)| PatientSeed {
        family,
        given: "Kim",
        born: "1980-02-29",
        email: Some(format!("p{at}.c{number}@patients.example")),
    };
    let feed = Feed {
        id: format!("clinic{number}-0"),
        source: "hl7v2",
        platform: "webhook",
        linked: vec![true],
        configured_only: false,
        unlinked_accounts: Vec::new(),
    };
    Clinic {
        id: format!("clinic{number}"),
        facility: format!("CLINIC{number}"),
        zone: "Europe/Berlin",
        providers: 1,
        kinds: 2,
        approved: 2,
        patients: ["Okafor", "Brandt", "Silva"].into_iter().enumerate().map(patient).collect(),
        feeds: vec![feed],
        asked: false,
    }
}

fn plan(clinics: usize, mut things: Vec<(u64, What)>) -> Plan {
    things.sort_by_key(|(at, _)| *at);
    let items = things.into_iter().enumerate().map(|(number, (at, what))| Item { number, at, what });
    Plan {
        seed: 1,
        start: Moment::from("2026-06-08T13:00:00Z".parse::<jiff::Timestamp>().unwrap()),
        keeps_first: false,
        nodes: 1,
        in_hand: 1024,
        at_once: 32,
        in_order: false,
        clinics: (0..clinics).map(clinic).collect(),
        items: items.collect(),
        calm_at: 4 * HOUR,
    }
}

fn booked(at: u64, clinic: usize, visit: usize) -> (u64, What) {
    let in_minutes = 3 * 24 * 60 + i64::try_from(visit).unwrap() * 60;
    (
        at,
        What::Visit(
            clinic,
            visit,
            VisitStep::Book { patient: visit % 3, provider: 0, kind: 0, in_minutes, minutes: 30 },
        ),
    )
}

fn platform(at: u64, clinic: usize, fault: PlatformFault, lasts: u64) -> (u64, What) {
    (at, What::Platform(clinic, 0, fault, Spell { lasts, percent: 100 }))
}

fn all_is_well(plan: &Plan) {
    let outcome = run(plan, None, false).unwrap();
    assert!(outcome.faults.is_empty(), "{}", outcome.faults.join("\n"));
}

/// Seed 106: more cards than are claimed at a time waited for a platform that nobody found, and stood before the second
/// attempts of another one.
#[test]
fn many_cards_for_a_platform_that_is_gone_hold_up_none_for_another() {
    let mut things = vec![platform(1_000, 0, PlatformFault::Absent, 3 * HOUR)];
    things.extend((0..100).map(|visit| booked(2_000 + 100 * visit as u64, 0, visit)));
    things.push(platform(5 * MINUTE, 1, PlatformFault::Refuses, 20_000));
    things.extend((0..3).map(|visit| booked(5 * MINUTE + 1_000, 1, visit)));
    all_is_well(&plan(2, things));
}

/// Seed 846: a batch failed that held the one card that was to find out whether somebody answers again. Nothing went
/// there any more until the service was started again.
#[test]
fn a_failed_batch_does_not_close_an_endpoint_for_ever() {
    for after in 0..6 {
        let mut things = vec![platform(1_000, 0, PlatformFault::Absent, HOUR)];
        things.extend((0..8).map(|visit| booked(2_000 + 1_000 * visit as u64, 0, visit)));
        things.push((10 * MINUTE, What::Store(0, StoreFault::CommitFails, after)));
        all_is_well(&plan(1, things));
    }
}

/// Seed 2351: an endpoint was gone, something else stopped the visit meanwhile, and a new address came. The delivery
/// still counted as given up for the old address.
#[test]
fn a_visit_that_is_stopped_when_a_new_address_comes_is_rid_of_the_old_one() {
    let shared = PatientStep::Email(Some("p1.c0@patients.example".to_owned()));
    let things = vec![
        booked(100, 0, 1),
        platform(1_000, 0, PlatformFault::Gone, 30_000),
        booked(2_000, 0, 0),
        (MINUTE / 2, What::Patient(0, 0, shared)),
        // By then somebody has certainly given a new address.
        (2 * HOUR, What::Look),
    ];
    let mut plan = plan(1, things);
    (plan.clinics[0].feeds[0].source, plan.clinics[0].feeds[0].platform) = ("kareo", "chiron");
    all_is_well(&plan);
}

/// Seed 2837: an endpoint was gone, and the type of the visit was taken off the list. The delivery was still given up,
/// and the visit no longer listed.
#[test]
fn a_visit_that_is_left_out_while_its_endpoint_is_gone_stays_listed() {
    let things = vec![
        booked(1_000, 0, 0),
        platform(MINUTE, 0, PlatformFault::Gone, 3 * HOUR),
        (2 * MINUTE, What::Visit(0, 0, VisitStep::Move { in_minutes: 9_000 })),
        (2 * MINUTE + 1_000, What::Person(0, 0, PersonStep::Disapprove(0))),
        (2 * MINUTE + 2_000, What::Look),
    ];
    all_is_well(&plan(1, things));
}

/// A platform took a card and forgot it. Nobody could drive it again.
#[test]
fn what_was_taken_and_never_confirmed_can_be_driven_again() {
    let forgets = platform(1_000, 0, PlatformFault::PromisesAndForgets, HOUR);
    let mut plan = plan(1, vec![forgets, booked(2_000, 0, 0)]);
    plan.clinics[0].feeds[0].platform = "hale";
    all_is_well(&plan);
}
