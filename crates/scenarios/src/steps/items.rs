//! What people say of causes, and how the items beside them stand.

use crate::sentence::Values;
use crate::steps::answers::{list, same, time};
use crate::steps::when::seconds;
use crate::steps::{Known, act};
use crate::world::{Told, World, trouble};
use domain::exception::{Asked, MoveKind};
use domain::reasons::Reason;
use domain::text::Text;
use engine::ops::{CauseItem, CauseStory, CausesAsked};
use store::cause_id;

pub(super) const SENTENCES: &[Known] = &[
    act!("{word} acknowledges the cause {word} about {quoted}", acknowledge),
    act!("{word} puts the cause {word} about {quoted} off for {rest}", put_off),
    act!("{word} says that the cause {word} about {quoted} is resolved", resolve),
    act!("{word} escalates the cause {word} about {quoted}", escalate),
    act!("{word} tries to put the cause {word} about {quoted} off for {rest}", put_off_tried),
    act!("the causes in order are {rest}", in_order),
    act!("the cause {word} about {quoted} can still save {word} visits", coming),
    act!("the cause {word} about {quoted} is due on {time}", due),
    act!("the cause {word} about {quoted} is past its time", overdue),
    act!("the cause {word} about {quoted} is in time", in_time),
    act!("the cause {word} about {quoted} is {word} and {word}", stands),
    act!("the cause {word} about {quoted} is with {quoted}", is_with),
    act!("the cause {word} about {quoted} keeps visits from patients", blocking),
    act!("the cause {word} about {quoted} keeps no visit from anybody", not_blocking),
    act!("the platform was told of {rest}", announced),
    act!("the history of the cause {word} about {quoted} is {rest}", history),
];

fn id(world: &World, code: &str, subject: &str) -> Told<Text> {
    let reason = Reason::from_code(code).ok_or_else(|| format!("there is no code {code}"))?;
    let book = world.engine()?.setup();
    let integration = book.named(crate::world::INTEGRATION).ok_or("there is no integration")?;
    Ok(cause_id(integration.key(), reason, subject))
}

async fn story(world: &mut World, code: &str, subject: &str) -> Told<CauseStory> {
    world.settle().await;
    let id = id(world, code, subject)?;
    world.engine()?.tell_cause(&world.operator(), &id).await.map_err(trouble)
}

async fn item(world: &mut World, values: &Values) -> Told<CauseItem> {
    story(world, values.at(0), values.at(1)).await.map(|story| story.item)
}

async fn say(world: &mut World, values: &Values, asked: Asked) -> Result<(), String> {
    world.settle().await;
    let (actor, id) = (world.someone(values.at(0))?, id(world, values.at(1), values.at(2))?);
    world.engine()?.handle_cause(&actor, &id, asked, "as told by phone").await.map(|_| ()).map_err(trouble)
}

async fn acknowledge(world: &mut World, values: Values) -> Told {
    say(world, &values, Asked::Acknowledge).await
}

fn later(world: &World, span: &str) -> Told<Asked> {
    Ok(Asked::Snooze(world.now().plus_secs(seconds(span)?)))
}

async fn put_off(world: &mut World, values: Values) -> Told {
    let asked = later(world, values.at(3))?;
    say(world, &values, asked).await
}

async fn put_off_tried(world: &mut World, values: Values) -> Told {
    let asked = later(world, values.at(3))?;
    match say(world, &values, asked).await {
        Ok(()) => Err("it was put off".to_owned()),
        Err(why) => {
            world.refused = Some(why);
            Ok(())
        }
    }
}

async fn resolve(world: &mut World, values: Values) -> Told {
    say(world, &values, Asked::Resolve).await
}

async fn escalate(world: &mut World, values: Values) -> Told {
    say(world, &values, Asked::Escalate).await
}

async fn in_order(world: &mut World, values: Values) -> Told {
    world.settle().await;
    let causes = world.engine()?.list_causes(&world.operator(), CausesAsked::default()).await.map_err(trouble)?;
    let subjects = causes.items.iter().map(|cause| cause.subject.to_string());
    same("the causes", &list(values.list(0)), &list(subjects))
}

async fn coming(world: &mut World, values: Values) -> Told {
    same("the visits it can save", values.at(2), &item(world, &values).await?.coming.to_string())
}

async fn due(world: &mut World, values: Values) -> Told {
    let due = item(world, &values).await?.due_at;
    time("when it is due", world, values.at(2), Some(due))
}

async fn overdue(world: &mut World, values: Values) -> Told {
    same("past its time", "true", &item(world, &values).await?.overdue.to_string())
}

async fn in_time(world: &mut World, values: Values) -> Told {
    same("past its time", "false", &item(world, &values).await?.overdue.to_string())
}

async fn stands(world: &mut World, values: Values) -> Told {
    let item = item(world, &values).await?;
    same("how it stands", &format!("{}, {}", values.at(2), values.at(3)), &format!("{}, {}", item.state, item.handling))
}

async fn is_with(world: &mut World, values: Values) -> Told {
    let item = item(world, &values).await?;
    let step = usize::try_from(item.step).map_err(|error| error.to_string())?;
    let has = item.path.get(step).ok_or("it is nowhere on its path")?;
    let name = has.name.as_ref().map_or_else(|| has.role.word().to_owned(), ToString::to_string);
    same("who has it", values.at(2), &name)
}

async fn blocking(world: &mut World, values: Values) -> Told {
    same("it keeps visits from patients", "true", &item(world, &values).await?.blocking.to_string())
}

async fn not_blocking(world: &mut World, values: Values) -> Told {
    same("it keeps visits from patients", "false", &item(world, &values).await?.blocking.to_string())
}

async fn history(world: &mut World, values: Values) -> Told {
    let story = story(world, values.at(0), values.at(1)).await?;
    let word = |what: MoveKind| {
        serde_json::to_value(what).map_or(String::new(), |word| word.as_str().unwrap_or_default().to_owned())
    };
    let happened: Vec<String> = story.history.iter().map(|happened| word(happened.what)).collect();
    same("its history", &list(values.list(2)), &list(happened))
}

async fn announced(world: &mut World, values: Values) -> Told {
    world.settle().await;
    same("the events besides cards", &list(values.list(0)), &list(world.platform.announced()))
}
