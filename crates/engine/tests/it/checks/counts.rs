//! What is counted, and what is not.

use super::{ask, found, item, with, write};
use crate::polling::world::World;
use domain::checks::DataCheck;
use domain::ids::{AppointmentKey, EnvelopeId};
use domain::matching::Account;
use domain::model::{BirthDate, Fact, Patient};
use domain::phi::Phi;
use store::{AccountRow, EnvelopeFormat, EnvelopeState, NewEnvelope, PatientRow, Writer};

/// The record of a patient, as it was or as one that is new, changed.
fn change_patient(world: &World, id: &str, change: impl FnOnce(&mut Patient)) {
    let key = world.key();
    write(world, |writer| {
        let before = writer.patient(key, id).unwrap();
        let unknown = || PatientRow { patient: Patient::unknown(id.into()), link: None };
        let mut row = before.clone().unwrap_or_else(unknown);
        change(&mut row.patient);
        writer.put_patient(key, before.as_ref(), &row).unwrap();
    });
}

/// Gives a record the name and the birth date that all these records share.
fn name(patient: &mut Patient) {
    patient.family = Fact::Is(Phi::new("Okafor".into()));
    patient.given = Fact::Is(Phi::new("Ada".into()));
    patient.birth_date = Fact::Is(Phi::new(BirthDate(jiff::civil::date(1980, 2, 29))));
}

#[tokio::test(start_paused = true)]
async fn what_is_left_out_is_not_counted_nor_what_began_within_a_day() {
    let world = with(|diary| {
        diary.with(|inside| inside.unapproved = vec!["PastOut".to_owned(), "NextOut".to_owned()]);
    })
    .await;
    for (id, hours) in [("Past", -25), ("PastOut", -26), ("Young", -23), ("Next", 24), ("NextOut", 25)] {
        world.diary.book(id, hours);
    }
    world.wait(60).await;
    assert_eq!(world.known().await.len(), 5);
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::VisitLeftOpen).await, (1, 1), "whoever wants to close a visit has a day");
    assert_eq!(found(&world, DataCheck::ContactMissing).await, (0, 1));
    world.wait(3600 + 60).await;
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::VisitLeftOpen).await, (2, 2), "the day is over");
}

#[tokio::test(start_paused = true)]
async fn of_a_record_that_went_up_in_another_the_other_is_looked_at() {
    let world = with(|diary| diary.book("A1", 24)).await;
    change_patient(&world, "P-A1", |patient| patient.email = Fact::Cleared);
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::ContactMissing).await, (1, 1));
    change_patient(&world, "S1", |patient| patient.email = Fact::Is(Phi::new("ada@example.com".into())));
    change_patient(&world, "P-A1", |patient| patient.merged_into = Some("S1".into()));
    world.wait(60).await;
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::ContactMissing).await, (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_patient_stands_twice_until_the_second_record_is_merged_away() {
    let world = with(|diary| diary.book("A1", 24)).await;
    change_patient(&world, "P-A1", name);
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::PatientTwice).await, (0, 1), "the record itself is no second one");
    change_patient(&world, "P-2", name);
    world.wait(60).await;
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::PatientTwice).await, (1, 1));
    change_patient(&world, "P-2", |patient| patient.merged_into = Some("P-A1".into()));
    world.wait(60).await;
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::PatientTwice).await, (0, 1));
}

#[tokio::test(start_paused = true)]
async fn messages_that_were_set_aside_count_for_a_day() {
    let world = with(|_| {}).await;
    let now = world.engine().clock().now();
    for (n, hours, state) in [
        (0, 23, EnvelopeState::SetAside),
        (1, 25, EnvelopeState::SetAside),
        (2, 1, EnvelopeState::Refused),
        (3, 1, EnvelopeState::Applied),
    ] {
        write(&world, |writer| put_message(writer, &world, n, now.plus_secs(-hours * 3600), state));
    }
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::MessageSetAside).await, (1, 1));
}

fn put_message(writer: &mut dyn Writer, world: &World, n: u64, at: domain::time::Moment, state: EnvelopeState) {
    let envelope = NewEnvelope {
        id: EnvelopeId(1_000_000_000 + n),
        integration: world.key(),
        at,
        channel: "test",
        format: EnvelopeFormat::Json,
        state,
        note: None,
        digest: &[7; 16],
        body: b"{}",
    };
    writer.put_envelope(&envelope).unwrap();
}

fn put_account(writer: &mut dyn Writer, world: &World, n: usize, source_id: Option<&str>) {
    let account = Account { platform_id: format!("account_{n:05}").into(), ..Account::default() };
    let row = AccountRow { source_id: source_id.map(Into::into), account };
    writer.put_account(world.key(), &row).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_link_to_a_patient_of_whom_no_message_told_is_unheard() {
    let world = with(|diary| diary.book("A1", 24)).await;
    write(&world, |writer| {
        for (n, source_id) in [Some("P-A1"), Some("nobody"), None].into_iter().enumerate() {
            put_account(writer, &world, n, source_id);
        }
    });
    ask(&world).await;
    assert_eq!(found(&world, DataCheck::LinkUnheard).await, (1, 2), "an account without a link is none");
}

#[tokio::test(start_paused = true)]
async fn where_there_is_more_than_is_looked_at_the_result_says_so() {
    let world = with(|diary| diary.book("A1", 24)).await;
    let key = |id: String| AppointmentKey { integration: world.key(), source_id: id.into() };
    let now = world.engine().clock().now();
    // One decision serves for all of them: what is asked is how many are looked at.
    let add = |visits: std::ops::Range<usize>, accounts: std::ops::Range<usize>, messages: std::ops::Range<u64>| {
        write(&world, |writer| {
            let row = writer.appointment(&key("A1".to_owned())).unwrap().unwrap();
            for n in visits {
                let row = store::AppointmentRow { start: row.start.map(|start| start.plus_secs(60)), ..row.clone() };
                writer.put_appointment(&key(format!("B{n}")), None, &row).unwrap();
            }
            accounts.for_each(|n| put_account(writer, &world, n, Some("P-A1")));
            messages.for_each(|n| put_message(writer, &world, n, now, EnvelopeState::SetAside));
        });
    };
    let told = async |check| {
        let item = item(&world, check).await;
        (item.of.unwrap(), item.cut_short)
    };
    add(0..999, 0..2000, 0..999);
    ask(&world).await;
    assert_eq!(told(DataCheck::ContactMissing).await, (1000, false));
    assert_eq!(told(DataCheck::LinkUnheard).await, (2000, false));
    assert_eq!(told(DataCheck::MessageSetAside).await, (999, false));
    add(999..1300, 2000..2600, 999..1200);
    world.wait(60).await;
    ask(&world).await;
    assert_eq!(told(DataCheck::ContactMissing).await, (1000, true));
    assert_eq!(told(DataCheck::LinkUnheard).await, (2000, true));
    assert_eq!(told(DataCheck::MessageSetAside).await, (1000, true));
}
