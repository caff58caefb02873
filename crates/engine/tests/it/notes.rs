//! What people type is seen by the practice's own people and by whoever gives a reason, and each such look is noted.

use crate::polling::world::{DOCUMENT, ID, World};
use domain::exception::Asked;
use domain::model::{Fact, Restriction, Way};
use domain::phi::Phi;
use domain::setup::Document;
use engine::ops::{Actor, CauseStory, Role};
use store::AuditRow;

const TYPED: &str = "Ada Okafor's mother called";
const MASKED: &str = "(a note of 26 characters, masked)";

fn somebody(role: Role, purpose: Option<&str>) -> Actor {
    Actor { name: "Dana".into(), role, practice: Some(ID.into()), purpose: purpose.map(Into::into) }
}

/// With one open cause; its id.
async fn with_a_cause() -> (World, String) {
    let world = World::start(|diary| diary.with(|inside| inside.ahead_secs = -300)).await;
    world.wait(200).await;
    let id = world.causes().await[0].id.to_string();
    (world, id)
}

/// What the audit log says of the cause, oldest first: what was done, and the detail.
fn audit(world: &World, id: &str) -> Vec<(String, String)> {
    let rows: Vec<AuditRow> = world.store.reader().unwrap().audit(None, Some(id), None, 100).unwrap();
    rows.into_iter().rev().map(|row| (row.audit.action.to_string(), row.audit.detail.to_string())).collect()
}

fn notes(story: &CauseStory) -> Vec<&str> {
    let typed = story.history.iter().filter(|happened| happened.by.is_some());
    typed.map(|happened| &*happened.note).collect()
}

#[tokio::test(start_paused = true)]
async fn x_10_whoever_sees_what_others_typed_of_a_cause_leaves_a_row_also_when_saying_something() {
    let (world, id) = with_a_cause().await;
    let handle = async |actor: &Actor, asked| world.engine().handle_cause(actor, &id, asked, TYPED).await.unwrap();
    let row = |action: &str, detail: &str| (action.to_owned(), detail.to_owned());
    let (desk, support) = (somebody(Role::Desk, None), somebody(Role::Support, None));
    assert_eq!(notes(&handle(&desk, Asked::Acknowledge).await), [TYPED]);
    let mut expected = vec![row("acknowledge", TYPED)];
    assert_eq!(audit(&world, &id), expected, "before that, nobody had typed anything");

    assert_eq!(notes(&handle(&support, Asked::Resolve).await), [MASKED, MASKED]);
    assert_eq!(notes(&world.engine().tell_cause(&support, &id).await.unwrap()), [MASKED, MASKED]);
    expected.push(row("resolve", TYPED));
    assert_eq!(audit(&world, &id), expected, "who sees nothing unmasked leaves no view");

    let reasoned = somebody(Role::Support, Some("ticket 4711"));
    assert_eq!(notes(&handle(&reasoned, Asked::Acknowledge).await), [TYPED; 3]);
    expected.extend([row("view", "ticket 4711"), row("acknowledge", TYPED)]);
    assert_eq!(audit(&world, &id), expected, "the answer showed what others had typed");

    assert_eq!(notes(&world.engine().tell_cause(&desk, &id).await.unwrap()), [TYPED; 3]);
    expected.push(row("view", ""));
    assert_eq!(audit(&world, &id), expected);
}

#[tokio::test(start_paused = true)]
async fn x_10_what_is_said_against_telling_a_patient_things_is_masked_like_a_note() {
    let world = World::start(|diary| diary.book("A1", 24)).await;
    world.wait(30).await;
    let mut writer = world.store.writer().unwrap();
    writer.begin(&mut |_| {}).unwrap();
    let before = writer.patient(world.key(), "P-A1").unwrap().unwrap();
    let mut row = before.clone();
    let said = Restriction { way: Way::Sms, said: TYPED.into(), place: "PD1".into() };
    row.patient.restrictions = Fact::Is(Phi::new(vec![said]));
    writer.put_patient(world.key(), Some(&before), &row).unwrap();
    writer.commit().unwrap();
    drop(writer);
    let quoted = async |actor: Actor| {
        let told = world.engine().show_patient(&actor, ID, "P-A1").await.unwrap();
        let told = serde_json::to_string(&told).unwrap();
        (told.contains(TYPED), told.contains(MASKED))
    };
    assert_eq!(quoted(somebody(Role::Support, None)).await, (false, true));
    assert_eq!(quoted(somebody(Role::Support, Some("ticket 4711"))).await, (true, false));
    assert_eq!(quoted(somebody(Role::Desk, None)).await, (true, false));
}

#[tokio::test(start_paused = true)]
async fn s0_28_a_bundle_has_no_note_of_anybody_and_that_it_was_made_is_noted_with_its_own() {
    let world = World::start(|_| {}).await;
    let document = Document::from_toml(&DOCUMENT.replace("DR7", "DR8")).unwrap();
    world.engine().apply_document(&Actor::operator(), document, false).await.unwrap();
    world.wait(30).await;
    world.diary.book("A1", 24);
    world.wait(65).await;
    let id = world.causes().await[0].id.to_string();
    let desk = somebody(Role::Desk, None);
    world.engine().handle_cause(&desk, &id, Asked::Acknowledge, TYPED).await.unwrap();
    world.engine().give_feedback(&desk, ID, "A1", false, TYPED).await.unwrap();
    let made = world.engine().bundle_case(&desk, ID, "A1", "Okafor is still held").await.unwrap();
    assert_eq!(notes(&made.causes[0]), [MASKED]);
    assert_eq!(made.feedback[0].note, MASKED);
    assert_eq!(made.note, "*** is still held", "the file may leave the house");
    let file = serde_json::to_string(&made).unwrap();
    for private in ["Okafor", "Ada", "a1@example.com", "mother"] {
        assert!(!file.contains(private), "{private} is in {file}");
    }
    let last = audit(&world, "northside/A1").pop().unwrap();
    assert_eq!(last, ("bundle".to_owned(), "Okafor is still held".to_owned()), "the log keeps it as it was typed");
}
