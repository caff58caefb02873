//! What one decision costs: all gates on one appointment with links resolved and reasons kept.
//!
//! `cargo bench -p punctual-domain`. The visit is a typical one for the strictest platform profile, with a directory of
//! 200 providers and 24 visit types.

#![allow(clippy::unwrap_used, reason = "a bench that cannot build its world must stop")]

use divan::{Bencher, black_box};
use domain::decide::decide;
use domain::gates::{Person, Snapshot, Standing};
use domain::ids::{EnvelopeId, IntegrationKey, PracticeNo};
use domain::merge::{Arrival, merge_appointment, merge_patient};
use domain::model::{
    Address, Appointment, AppointmentRecord, BirthDate, Event, Fact, LinkMethod, Participant, Patient, PatientLink,
    PatientRecord, Provider, RosterRecord, Seen, Stamp, StatusSaid, Timing, VisitType,
};
use domain::phi::Phi;
use domain::setup::{Document, Lifecycle, RuleSet, SetupFacts};
use domain::time::{Moment, Placement};

fn main() {
    divan::main();
}

fn now() -> Moment {
    "2026-11-21T15:00:00Z".parse::<jiff::Timestamp>().unwrap().into()
}

fn rules() -> RuleSet {
    let mut text = String::from(
        r#"
        [practice]
        id = "northside"
        name = "Northside Family Clinic"
        time_zone = "America/Chicago"
        [[integration]]
        id = "northside-chiron"
        lifecycle = "live"
        source = { profile = "kareo", route = "hl7v2", facility = "NORTH" }
        platform = { profile = "chiron", route = "webhook", url = "http://127.0.0.1:9/hook" }
        "#,
    );
    for n in 0..200 {
        text.push_str(&format!(
            "[[integration.provider]]\nsource_id = \"{}\"\nplatform_id = \"prov_{n}\"\n",
            1_000_000_000 + n
        ));
    }
    for n in 0..24 {
        text.push_str(&format!(
            "[[integration.type]]\nsource_name = \"Video visit {n}\"\nsource_id = \"TELE{n}\"\nmodality = \"video\"\n"
        ));
    }
    let document = Document::from_toml(&text).unwrap();
    let facts = SetupFacts {
        key: IntegrationKey { practice: PracticeNo(1), integration: 1 },
        version: 1,
        changed_at: now(),
        lifecycle: Lifecycle::Live,
        lifecycle_since: now(),
        gone_since: None,
        secret_problem: None,
        links: Vec::new(),
    };
    RuleSet::compile(&document.practice, &document.integration[0], &facts).unwrap()
}

fn record() -> AppointmentRecord {
    let start = now().plus_secs(3 * 86_400);
    AppointmentRecord {
        source_id: "F00001234".into(),
        placer_id: Some("P00001234".into()),
        stamp: Stamp { at: now(), sequence: 0 },
        booked_at: None,
        event: Event::Booked,
        status: Some(StatusSaid {
            word: Some(Seen { value: "Booked".into(), place: "SCH-25".into() }),
            ..StatusSaid::by(Event::Booked)
        }),
        timing: Some(Timing {
            start: Some(start),
            end: Some(start.plus_minutes(15)),
            zone: "America/Chicago".into(),
            start_seen: Some(Seen { value: "20261124090000".into(), place: "TQ1-7".into() }),
            end_place: Some("TQ1-8".into()),
            placement: Placement::Unique,
            issues: Vec::new(),
        }),
        visit_type: Some(VisitType { id: Some("TELE3".into()), name: "Video visit 3".into(), place: "SCH-8".into() }),
        modality: None,
        department: Some(Seen { value: "CL003".into(), place: "PV1-3.1".into() }),
        providers: RosterRecord::All(vec![Provider {
            source_id: "1000000034".into(),
            name: Some("Kim Lee".into()),
            role: Some("ATTEND".into()),
            place: "AIP-3.1".into(),
        }]),
        participants: RosterRecord::All(vec![Participant {
            source_id: "MRN00000017".into(),
            status: None,
            place: "PID-3.1".into(),
        }]),
        series: None,
        repeats: None,
        replaces: None,
        test: false,
        present: false,
    }
}

fn arrival() -> Arrival {
    Arrival { at: now(), envelope: EnvelopeId(7), control_id: Some("MSG00042".into()) }
}

fn patient() -> Patient {
    let mut patient = Patient::unknown("MRN00000017".into());
    let is = |text: &str| Fact::Is(Phi::new(text.into()));
    let record = PatientRecord {
        source_id: patient.source_id.clone(),
        stamp: Stamp { at: now(), sequence: 0 },
        family: is("Okafor"),
        given: is("Ada"),
        birth_date: Fact::Is(Phi::new(BirthDate(jiff::civil::date(1980, 2, 29)))),
        sex: Fact::NotSaid,
        email: is("p17@example.org"),
        email_place: Some("PID-13.4".into()),
        mobile: Fact::NotSaid,
        phone: is("555-0100"),
        address: Fact::Is(Phi::new(Address { line: Some("1 Main St".into()), ..Address::default() })),
        language: Fact::NotSaid,
        coverage: Fact::NotSaid,
        restrictions: Fact::NotSaid,
    };
    merge_patient(&mut patient, record, &arrival());
    patient
}

struct World {
    rules: RuleSet,
    appointment: Appointment,
    patient: Patient,
    link: PatientLink,
}

fn world() -> World {
    World {
        rules: rules(),
        appointment: merge_appointment(None, record(), &arrival()).appointment,
        patient: patient(),
        link: PatientLink { platform_id: "pat_17".into(), method: LinkMethod::Scheduling, at: now(), author: None },
    }
}

fn people(world: &World) -> [Person<'_>; 1] {
    let participant = world.appointment.participants.members().next().unwrap();
    [Person {
        source_id: &participant.source_id,
        merged_from: None,
        place: &participant.place,
        patient: Some(&world.patient),
        link: Some(&world.link),
        email_also_held_by: &[],
        candidates: &[],
        incomparable: false,
        account: None,
        doubles: &[],
    }]
}

/// Look-ups (provider, type, status word) and all gates; findings kept.
#[divan::bench]
fn all_gates(bencher: Bencher<'_, '_>) {
    let world = world();
    let people = people(&world);
    let marks = world.rules.marks(now());
    bencher.bench_local(|| {
        let snapshot = Snapshot::new(black_box(&world.rules), marks, &world.appointment, &people, Standing::default());
        domain::decide::judge_all(&snapshot)
    });
}

/// The same, with the card and the whole decision record made.
#[divan::bench]
fn decision(bencher: Bencher<'_, '_>) {
    let world = world();
    let people = people(&world);
    let marks = world.rules.marks(now());
    bencher.bench_local(|| {
        let snapshot = Snapshot::new(black_box(&world.rules), marks, &world.appointment, &people, Standing::default());
        decide(&snapshot, None, 0, true)
    });
}

/// Taking a first record in.
#[divan::bench]
fn merge_first(bencher: Bencher<'_, '_>) {
    let record = record();
    bencher.with_inputs(|| record.clone()).bench_local_values(|record| merge_appointment(None, record, &arrival()));
}

/// Writing the decision in its stored form.
#[divan::bench]
fn encode(bencher: Bencher<'_, '_>) {
    let world = world();
    let people = people(&world);
    let snapshot =
        Snapshot::new(&world.rules, world.rules.marks(now()), &world.appointment, &people, Standing::default());
    let decision = decide(&snapshot, None, 0, true);
    let mut buffer = Vec::with_capacity(4096);
    bencher.bench_local(|| {
        buffer.clear();
        minicbor::encode(black_box(&decision), &mut buffer).unwrap();
        buffer.len()
    });
}

/// Reading it back.
#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let world = world();
    let people = people(&world);
    let snapshot =
        Snapshot::new(&world.rules, world.rules.marks(now()), &world.appointment, &people, Standing::default());
    let bytes = minicbor::to_vec(decide(&snapshot, None, 0, true)).unwrap();
    bencher
        .counter(divan::counter::BytesCount::new(bytes.len()))
        .bench_local(|| minicbor::decode::<domain::decide::Decision>(black_box(&bytes)).unwrap());
}
