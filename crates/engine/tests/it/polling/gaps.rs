//! Vendors that want a gap between two calls of one operation.

use super::diary::Call;
use super::world::{DOCUMENT, World};
use domain::setup::Document;
use domain::time::Moment;
use engine::ops::Actor;

#[tokio::test(start_paused = true)]
async fn s1_16_calls_of_one_operation_keep_their_gap_and_others_go_on_between_them() {
    let world = World::start(|diary| {
        diary.with(|inside| inside.page = 1);
        for hours in 1..=5 {
            diary.book(&format!("A{hours}"), hours);
        }
    })
    .await;
    world.wait(30).await;
    let gaps = "override = [\n  { path = \"source.polling.gaps_millis\", value = { Window = 4000 }, author = \"t\", \
                reason = \"t\" },";
    let document = Document::from_toml(&DOCUMENT.replace("override = [", gaps)).unwrap();
    world.engine().apply_document(&Actor::operator(), document, false).await.unwrap();
    world.diary.calls();
    world.engine().order_census(&Actor::operator(), super::world::ID).await.unwrap();
    world.wait(20).await;
    world.engine().look_at(super::world::ID, Some("A1".into())).await.unwrap();
    world.wait(60).await;
    let calls = world.diary.calls();
    let windows: Vec<Moment> =
        calls.iter().filter(|(_, call)| matches!(call, Call::Window(..))).map(|(at, _)| *at).collect();
    assert!(windows.len() >= 5, "{calls:?}");
    let apart = |pair: &[Moment]| pair[1].micros() - pair[0].micros();
    assert!(windows.windows(2).all(|pair| apart(pair) >= 4_000_000), "{calls:?}");
    assert!(calls.iter().any(|(_, call)| *call == Call::One("A1".to_owned())), "{calls:?}");
}
