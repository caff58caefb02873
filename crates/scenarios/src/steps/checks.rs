//! Data-quality checks, and how the queue of causes is used.

use crate::sentence::Values;
use crate::steps::answers::{list, same};
use crate::steps::{Known, act};
use crate::world::{INTEGRATION, Told, World, trouble};
use domain::checks::DataCheck;
use engine::ops::{Actor, CauseOrder, CausesAsked, CheckItem, Role, UseOfPractice};

pub(super) const SENTENCES: &[Known] = &[
    act!("the data checks that are due are asked", ask),
    act!("the desk asks the data checks now", ask_now),
    act!("no data check is due", none_due),
    act!("the data check {word} passed with {word} of {word}", passed),
    act!("the data check {word} failed with {word} of {word}", failed),
    act!("the data check {word} had too few to say", too_few),
    act!("the data check {word} was asked {word} times", asked),
    act!("the data check {word} is for {quoted} to act on", is_for),
    act!("the desk looks at the queue", look),
    act!("the desk takes the queue as a file of {word} lines", export),
    act!("the causes by the start of their visits are {rest}", by_start),
    act!("of the queue is counted: {word} opened, {word} closed, {word} taken up, {word} put off", counted),
    act!("the queue was looked at {word} times and taken as a file {word} times", looked),
    act!("half of what was closed was closed {quoted}", half),
];

async fn ask(world: &mut World, _: Values) -> Told {
    world.settle().await;
    // The task that asks by itself may have been faster.
    world.engine()?.ask_due_checks().await.map_err(trouble)?;
    world.settle().await;
    Ok(())
}

async fn ask_now(world: &mut World, _: Values) -> Told {
    world.settle().await;
    world.engine()?.run_checks(&desk(), INTEGRATION).await.map_err(trouble)?;
    world.settle().await;
    Ok(())
}

async fn none_due(world: &mut World, _: Values) -> Told {
    world.settle().await;
    same(
        "integrations with checks that were due",
        "0",
        &world.engine()?.ask_due_checks().await.map_err(trouble)?.to_string(),
    )
}

async fn item(world: &mut World, name: &str) -> Told<CheckItem> {
    world.settle().await;
    let check = DataCheck::from_word(name).ok_or_else(|| format!("there is no data check {name:?}"))?;
    let list = world.engine()?.list_checks(&world.operator(), INTEGRATION).await.map_err(trouble)?;
    list.items.into_iter().find(|item| item.check == check).ok_or_else(|| format!("{name} is not listed"))
}

async fn found(world: &mut World, values: &Values, state: &str) -> Told {
    let item = item(world, values.at(0)).await?;
    let number = |number: Option<u64>| number.map_or_else(|| "nothing".to_owned(), |number| number.to_string());
    let told = item.state.map_or("not asked", domain::checks::CheckState::word);
    let expected = format!("{state} with {} of {}", values.at(1), values.at(2));
    same("what it found", &expected, &format!("{told} with {} of {}", number(item.found), number(item.of)))
}

async fn passed(world: &mut World, values: Values) -> Told {
    found(world, &values, "passed").await
}

async fn failed(world: &mut World, values: Values) -> Told {
    found(world, &values, "failed").await
}

async fn too_few(world: &mut World, values: Values) -> Told {
    let state = item(world, values.at(0)).await?.state;
    same("how it stands", "too_few", state.map_or("not asked", domain::checks::CheckState::word))
}

async fn asked(world: &mut World, values: Values) -> Told {
    same("how often it was asked", values.at(1), &item(world, values.at(0)).await?.history.len().to_string())
}

async fn is_for(world: &mut World, values: Values) -> Told {
    let owner = item(world, values.at(0)).await?.owner;
    let name = owner.name.as_ref().map_or_else(|| owner.role.word().to_owned(), ToString::to_string);
    same("who acts on it", values.at(1), &name)
}

fn desk() -> Actor {
    Actor { name: "Dana".into(), role: Role::Desk, practice: Some("northside".into()), purpose: None }
}

fn soonest() -> CausesAsked {
    CausesAsked { order: CauseOrder::Soonest, ..CausesAsked::default() }
}

async fn look(world: &mut World, _: Values) -> Told {
    world.settle().await;
    world.engine()?.list_causes(&desk(), CausesAsked::default()).await.map(|_| ()).map_err(trouble)
}

async fn export(world: &mut World, values: Values) -> Told {
    world.settle().await;
    let file = world.engine()?.export_causes(&desk(), soonest()).await.map_err(trouble)?;
    // The first line names the columns.
    same("lines of the file", values.at(0), &(file.lines().count() - 1).to_string())
}

async fn by_start(world: &mut World, values: Values) -> Told {
    world.settle().await;
    let causes = world.engine()?.list_causes(&desk(), soonest()).await.map_err(trouble)?;
    same("the causes", &list(values.list(0)), &list(causes.items.iter().map(|cause| cause.subject.to_string())))
}

async fn used(world: &mut World) -> Told<UseOfPractice> {
    world.settle().await;
    let used = world.engine()?.queue_use(&desk()).await.map_err(trouble)?;
    used.items.into_iter().next().ok_or_else(|| "no practice has a queue".to_owned())
}

async fn counted(world: &mut World, values: Values) -> Told {
    let used = used(world).await?;
    let counted = [used.opened, used.closed, used.acknowledged, used.snoozed].map(|count| count.to_string());
    let expected = [0, 1, 2, 3].map(|at| values.at(at).to_owned());
    same("what was counted", &list(expected), &list(counted))
}

async fn looked(world: &mut World, values: Values) -> Told {
    let used = used(world).await?;
    same(
        "looks and files",
        &format!("{}, {}", values.at(0), values.at(1)),
        &format!("{}, {}", used.looked, used.exported),
    )
}

async fn half(world: &mut World, values: Values) -> Told {
    same("half of it", values.at(0), used(world).await?.half_closed.unwrap_or("never"))
}
