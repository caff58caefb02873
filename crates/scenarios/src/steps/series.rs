//! Visits that repeat by a pattern: told of as a whole, from one on, or singly.

use crate::sentence::Values;
use crate::steps::answers::same;
use crate::steps::{Known, act, note};
use crate::visit::{Planned, Trigger, VisitDraft};
use crate::world::{Told, World, civil};

pub(super) const SENTENCES: &[Known] = &[
    note("visit {word} repeats {word} times by {word}", repeats),
    note("visit {word} repeats without an end by {word}", repeats_endlessly),
    note("visit {word} is also planned for {time}", also),
    act!("staff move the series {word} to {time}", move_all),
    act!("staff move the series {word} from its visit {word} on to {time}", move_from),
    act!("staff shorten the series {word} to {word} visits", shorten),
    act!("staff change the series {word} without naming its pattern", change_all),
    act!("staff move the series {word} to {time} without saying which visits", move_unsaid),
    act!("staff cancel the series {word}", cancel_all),
    act!("staff move visit {word} of the series {word} to {time}", move_one),
    act!("staff cancel visit {word} of the series {word}", cancel_one),
    act!("staff drop the series {word} from its visit {word} on", drop_from),
    act!("it is visit {word} of the series {word}", place_is),
    act!("it was moved out of the series alone", moved_alone),
    act!("it stands where the series has it", in_place),
    act!("the card of visit {word} was sent as visit {word} of the series {word}", sent_as),
];

/// So many visits are no number of visits: nobody says how many there are.
const ENDLESS: u32 = 0;

fn number(text: &str) -> Told<u32> {
    text.parse().map_err(|error| format!("{text:?} is no number: {error}"))
}

fn repeats(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.repeats = Some((values.at(2).to_owned(), number(values.at(1))?));
    Ok(())
}

fn repeats_endlessly(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.repeats = Some((values.at(1).to_owned(), ENDLESS));
    Ok(())
}

fn also(world: &mut World, values: &Values) -> Told {
    let at = civil(values.at(1))?;
    world.visit(values.at(0))?.further.push(at);
    Ok(())
}

/// Sends a message about a series in another form than the practice system holds it.
async fn say(world: &mut World, id: &str, trigger: Trigger, change: impl FnOnce(&mut VisitDraft)) -> Told {
    let held = world.visit(id)?.clone();
    change(world.visit(id)?);
    let told = world.tell(trigger, id).await;
    *world.visit(id)? = held;
    told
}

async fn move_all(world: &mut World, values: Values) -> Told {
    world.visit(values.at(0))?.planned = Planned::At(civil(values.at(1))?);
    world.tell(Trigger::Moved, values.at(0)).await
}

async fn move_from(world: &mut World, values: Values) -> Told {
    let (place, at) = (number(values.at(1))?, civil(values.at(2))?);
    say(world, values.at(0), Trigger::Moved, |visit| {
        visit.planned = Planned::At(at);
        visit.place = Some(place);
        visit.repeats = visit.repeats.take().map(|(pattern, count)| (pattern, count + 1 - place));
    })
    .await
}

async fn shorten(world: &mut World, values: Values) -> Told {
    let count = number(values.at(1))?;
    let visit = world.visit(values.at(0))?;
    visit.repeats = visit.repeats.take().map(|(pattern, _)| (pattern, count));
    world.tell(Trigger::Changed, values.at(0)).await
}

async fn change_all(world: &mut World, values: Values) -> Told {
    say(world, values.at(0), Trigger::Changed, |visit| {
        visit.repeats = None;
        visit.planned = Planned::Nothing;
    })
    .await
}

async fn move_unsaid(world: &mut World, values: Values) -> Told {
    let at = civil(values.at(1))?;
    say(world, values.at(0), Trigger::Moved, |visit| {
        visit.repeats = None;
        visit.planned = Planned::At(at);
    })
    .await
}

async fn cancel_all(world: &mut World, values: Values) -> Told {
    end(world, values.at(0), None, Trigger::Cancelled).await
}

async fn end(world: &mut World, id: &str, place: Option<u32>, trigger: Trigger) -> Told {
    say(world, id, trigger, |visit| {
        visit.repeats = None;
        visit.place = place;
        visit.planned = Planned::Nothing;
        visit.status.clear();
    })
    .await
}

async fn move_one(world: &mut World, values: Values) -> Told {
    let (place, at) = (number(values.at(0))?, civil(values.at(2))?);
    say(world, values.at(1), Trigger::Moved, |visit| {
        visit.repeats = None;
        visit.place = Some(place);
        visit.planned = Planned::At(at);
    })
    .await
}

async fn cancel_one(world: &mut World, values: Values) -> Told {
    end(world, values.at(1), Some(number(values.at(0))?), Trigger::Cancelled).await
}

async fn drop_from(world: &mut World, values: Values) -> Told {
    end(world, values.at(0), Some(number(values.at(1))?), Trigger::Discontinued).await
}

async fn series(world: &mut World) -> Told<domain::explain::SeriesView> {
    let explanation = world.explained_again().await?.explanation;
    explanation.appointment.series.ok_or_else(|| "it belongs to no series".to_owned())
}

async fn place_is(world: &mut World, values: Values) -> Told {
    let series = series(world).await?;
    let is = format!("{} of {}", series.occurrence.unwrap_or_default(), series.id);
    same("its place in the series", &format!("{} of {}", values.at(0), values.at(1)), &is)
}

async fn moved_alone(world: &mut World, _: Values) -> Told {
    if series(world).await?.moved_alone { Ok(()) } else { Err("it stands where the series has it".to_owned()) }
}

async fn in_place(world: &mut World, _: Values) -> Told {
    if series(world).await?.moved_alone { Err("it was moved alone".to_owned()) } else { Ok(()) }
}

async fn sent_as(world: &mut World, values: Values) -> Told {
    world.settle().await;
    let card = world.platform.card(values.at(0)).ok_or("the platform was told nothing of it")?;
    let series = &card["card"]["series"];
    let is = format!("{} of {}", series["occurrence"], series["id"].as_str().unwrap_or_default());
    same("the series on the card", &format!("{} of {}", values.at(1), values.at(2)), &is)
}
