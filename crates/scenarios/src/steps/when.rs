//! What the practice system tells, and time.

use crate::sentence::Values;
use crate::steps::records::ids;
use crate::steps::{Known, act};
use crate::visit::{Planned, Trigger};
use crate::world::{Told, World, civil};

pub(super) const SENTENCES: &[Known] = &[
    act!("staff book visit {word}", book),
    act!("staff book visits {word} to {word}", book_many),
    act!("staff move visit {word} to {time}", move_to),
    act!("staff change visit {word}", change),
    act!("staff cancel visit {word}", cancel),
    act!("staff delete visit {word}", delete),
    act!("staff mark visit {word} as missed", miss),
    act!("staff block the time of visit {word}", block),
    act!("staff correct the record of patient {word}", correct),
    act!("staff merge the record of patient {word} into that of patient {word}", merge_records),
    act!("the same message arrives again", again),
    act!("the same message arrives {word} times more", again_times),
    act!("a message about visit {word} arrives with a date that does not exist", misdated),
    act!("messages are kept on the way", keep),
    act!("the messages on the way arrive", arrive),
    act!("the messages on the way arrive in reverse order", arrive_reversed),
    act!("{rest} goes by", pass),
    act!("{rest} go by", pass),
    act!("it becomes {time} at the clinic", becomes),
];

async fn book(world: &mut World, values: Values) -> Told {
    world.tell(Trigger::Booked, values.at(0)).await
}

async fn book_many(world: &mut World, values: Values) -> Told {
    for id in ids(values.at(0), values.at(1))? {
        world.tell(Trigger::Booked, &id).await?;
    }
    Ok(())
}

async fn move_to(world: &mut World, values: Values) -> Told {
    world.visit(values.at(0))?.planned = Planned::At(civil(values.at(1))?);
    world.tell(Trigger::Moved, values.at(0)).await
}

async fn change(world: &mut World, values: Values) -> Told {
    world.tell(Trigger::Changed, values.at(0)).await
}

async fn cancel(world: &mut World, values: Values) -> Told {
    ends(world, Trigger::Cancelled, values.at(0)).await
}

async fn delete(world: &mut World, values: Values) -> Told {
    ends(world, Trigger::Deleted, values.at(0)).await
}

async fn miss(world: &mut World, values: Values) -> Told {
    ends(world, Trigger::Missed, values.at(0)).await
}

/// An event with an end of its own. The word that the visit carried so far says nothing about the end.
async fn ends(world: &mut World, trigger: Trigger, id: &str) -> Told {
    let visit = world.visit(id)?;
    if visit.status == "Scheduled" {
        visit.status.clear();
    }
    world.tell(trigger, id).await
}

async fn block(world: &mut World, values: Values) -> Told {
    world.tell(Trigger::Blocked, values.at(0)).await
}

async fn correct(world: &mut World, values: Values) -> Told {
    world.tell_of_patient(values.at(0), None).await
}

async fn merge_records(world: &mut World, values: Values) -> Told {
    world.tell_of_patient(values.at(1), Some(values.at(0))).await
}

async fn again(world: &mut World, _: Values) -> Told {
    repeat(world, 1).await
}

async fn again_times(world: &mut World, values: Values) -> Told {
    repeat(world, values.at(0).parse().map_err(|error| format!("{error}"))?).await
}

async fn repeat(world: &mut World, times: usize) -> Told {
    let (message, _) = world.last.clone().ok_or("no message was sent yet")?;
    for _ in 0..times {
        world.receive(message.clone()).await?;
    }
    Ok(())
}

async fn misdated(world: &mut World, values: Values) -> Told {
    let before = world.on_the_way.replace(Vec::new());
    world.tell(Trigger::Booked, values.at(0)).await?;
    let sent = std::mem::replace(&mut world.on_the_way, before).unwrap_or_default();
    // Nobody was told of the visit: the message cannot be applied.
    world.told_of.retain(|known| known != values.at(0));
    for message in sent {
        let mut fields: Vec<&[u8]> = message.split(|byte| *byte == b'|').collect();
        if let Some(time) = fields.get_mut(6) {
            *time = b"20261399090000";
        }
        world.receive(fields.join(&b'|')).await?;
    }
    Ok(())
}

async fn keep(world: &mut World, _: Values) -> Told {
    world.on_the_way.get_or_insert_default();
    Ok(())
}

async fn arrive(world: &mut World, _: Values) -> Told {
    for message in world.on_the_way.take().unwrap_or_default() {
        world.receive(message).await?;
    }
    Ok(())
}

async fn arrive_reversed(world: &mut World, _: Values) -> Told {
    for message in world.on_the_way.take().unwrap_or_default().into_iter().rev() {
        world.receive(message).await?;
    }
    Ok(())
}

async fn pass(world: &mut World, values: Values) -> Told {
    world.pass(seconds(values.at(0))?).await
}

async fn becomes(world: &mut World, values: Values) -> Told {
    let to = world.moment(values.at(0))?;
    world.pass_until(to).await
}

/// Reads `15 minutes`, `1 hour 30 minutes`, `one second`.
pub(super) fn seconds(span: &str) -> Told<i64> {
    let mut words = span.split_whitespace();
    let mut secs = 0;
    while let (Some(number), unit) = (words.next(), words.next()) {
        let number: i64 = match number {
            "one" | "a" | "an" => 1,
            number => number.parse().map_err(|_| format!("{span:?} is no span of time"))?,
        };
        secs += number
            * match unit.map(|unit| unit.trim_end_matches('s')) {
                Some("second") => 1,
                Some("minute") => 60,
                Some("hour") => 3600,
                Some("day") => 86_400,
                _ => return Err(format!("{span:?} is no span of time: write seconds, minutes, hours or days")),
            };
    }
    Ok(secs)
}
