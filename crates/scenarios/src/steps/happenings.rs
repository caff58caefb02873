//! What people and the platform do.

use crate::platform::Mood;
use crate::sentence::Values;
use crate::steps::{Known, act};
use crate::world::{INTEGRATION, Told, World, trouble};
use domain::setup::{Lifecycle, LinkKind};
use engine::ops::{CausesAsked, Coverage, ReceiptGiven};

pub(super) const SENTENCES: &[Known] = &[
    act!("{word} links {word} {quoted} to {word}", link),
    act!("{word} links {word} {quoted} to {quoted}", link),
    act!("{word} takes the link of {word} {quoted} apart", unlink),
    act!("{word} moves the integration to {word}", lifecycle),
    act!("{word} tries to link {word} {quoted} to {word}", link_tried),
    act!("{word} tries to move the integration to {word}", lifecycle_tried),
    act!("{word} drives visit {word} again", redrive),
    act!("{word} drives visit {word} again {word} times", redrive_times),
    act!("{word} lets the visits with {word} go ahead", go_ahead),
    act!("{word} leaves the visits with {word} out", leave_out),
    act!("the readiness check finds {quoted}", ready_item),
    act!("the readiness check says {word}", ready_or_not),
    act!("the service is started anew", restart),
    act!("the platform shows visits and names them", names),
    act!("the platform shows visits without naming them", accepts),
    act!("the platform refuses visits with {quoted}", refuses),
    act!("the platform is too busy", busy),
    act!("the platform is too busy and asks for {word} seconds of patience", busy_for),
    act!("the platform answers that it is gone", gone),
    act!("nobody is there at the platform", absent),
    act!("the platform shows visits but its answers get lost", lost),
    act!("the platform ponders over visits", ponders),
    act!("the platform confirms visit {word} by a receipt", receipt),
    act!("everything was read from {time} until now", read_completely),
    act!("something was read from {time} until now, but not everything", read_partly),
];

async fn link(world: &mut World, values: Values) -> Told {
    let kind = kind(values.at(1))?;
    let actor = world.someone(values.at(0))?;
    world.engine()?.set_link(&actor, INTEGRATION, kind, values.at(2), values.at(3)).await.map_err(trouble)
}

async fn link_tried(world: &mut World, values: Values) -> Told {
    match link(world, values).await {
        Ok(()) => Err("they were linked".to_owned()),
        Err(why) => {
            world.refused = Some(why);
            Ok(())
        }
    }
}

async fn unlink(world: &mut World, values: Values) -> Told {
    let kind = kind(values.at(1))?;
    let actor = world.someone(values.at(0))?;
    world.engine()?.remove_link(&actor, INTEGRATION, kind, values.at(2)).await.map_err(trouble)
}

fn kind(word: &str) -> Told<LinkKind> {
    LinkKind::from_word(word).ok_or_else(|| format!("a {word:?} cannot be linked"))
}

fn state(word: &str) -> Told<Lifecycle> {
    Lifecycle::from_word(word).ok_or_else(|| format!("there is no state {word:?}"))
}

async fn lifecycle(world: &mut World, values: Values) -> Told {
    let (actor, to) = (world.someone(values.at(0))?, state(values.at(1))?);
    world.engine()?.change_lifecycle(&actor, INTEGRATION, to).await.map(|_| ()).map_err(trouble)
}

async fn lifecycle_tried(world: &mut World, values: Values) -> Told {
    let (actor, to) = (world.someone(values.at(0))?, state(values.at(1))?);
    match world.engine()?.change_lifecycle(&actor, INTEGRATION, to).await {
        Ok(_) => Err(format!("the integration became {to}")),
        Err(error) => {
            let steps = match &error {
                engine::Error::Lifecycle { steps, .. } => {
                    let words: Vec<&str> = steps.iter().map(|step| step.word()).collect();
                    format!("; steps left: {}", words.join(", "))
                }
                _ => String::new(),
            };
            world.refused = Some(format!("{error}{steps}"));
            Ok(())
        }
    }
}

async fn redrive(world: &mut World, values: Values) -> Told {
    drive(world, values.at(0), values.at(1), 1).await
}

async fn redrive_times(world: &mut World, values: Values) -> Told {
    let times = values.at(2).parse().map_err(|error| format!("{error}"))?;
    drive(world, values.at(0), values.at(1), times).await
}

async fn drive(world: &mut World, role: &str, visit: &str, times: usize) -> Told {
    let actor = world.someone(role)?;
    for _ in 0..times {
        world.engine()?.redrive_appointment(&actor, INTEGRATION, visit, false).await.map_err(trouble)?;
        world.settle().await;
    }
    Ok(())
}

async fn go_ahead(world: &mut World, values: Values) -> Told {
    decide(world, values.at(0), values.at(1), true).await
}

async fn leave_out(world: &mut World, values: Values) -> Told {
    decide(world, values.at(0), values.at(1), false).await
}

async fn decide(world: &mut World, role: &str, code: &str, go_ahead: bool) -> Told {
    let actor = world.someone(role)?;
    let causes = world.engine()?.list_causes(&actor, CausesAsked::default()).await.map_err(trouble)?;
    let found: Vec<_> = causes.items.into_iter().filter(|cause| cause.code.entry().code == code).collect();
    if found.is_empty() {
        return Err(format!("there is no open cause {code}"));
    }
    for cause in found {
        let decided = world.engine()?.decide_cause(&actor, &cause.id, go_ahead, "asked the desk").await;
        decided.map_err(trouble)?;
    }
    Ok(())
}

async fn ready_item(world: &mut World, values: Values) -> Told {
    let looked = world.engine()?.check_readiness(&world.operator(), INTEGRATION).await.map_err(trouble)?;
    if looked.items.iter().any(|item| item.found == values.at(0)) {
        return Ok(());
    }
    let found: Vec<String> = looked.items.into_iter().map(|item| format!("{:?} {}", item.state, item.found)).collect();
    Err(format!("it finds:\n  {}", found.join("\n  ")))
}

async fn ready_or_not(world: &mut World, values: Values) -> Told {
    let looked = world.engine()?.check_readiness(&world.operator(), INTEGRATION).await.map_err(trouble)?;
    let is = if looked.ready { "yes" } else { "no" };
    if values.at(0) == is { Ok(()) } else { Err(format!("it says {is}")) }
}

async fn restart(world: &mut World, _: Values) -> Told {
    world.settle().await;
    world.restart().await
}

async fn be(world: &mut World, mood: Mood) -> Told {
    // What is on its way is answered in the old mood.
    world.settle().await;
    world.platform.be(mood);
    Ok(())
}

async fn names(world: &mut World, _: Values) -> Told {
    be(world, Mood::Names).await
}

async fn accepts(world: &mut World, _: Values) -> Told {
    be(world, Mood::Accepts).await
}

async fn refuses(world: &mut World, values: Values) -> Told {
    be(world, Mood::Refuses(values.at(0).to_owned())).await
}

async fn busy(world: &mut World, _: Values) -> Told {
    be(world, Mood::Busy(None)).await
}

async fn busy_for(world: &mut World, values: Values) -> Told {
    let secs = values.at(0).parse().map_err(|error| format!("{error}"))?;
    be(world, Mood::Busy(Some(secs))).await
}

async fn gone(world: &mut World, _: Values) -> Told {
    be(world, Mood::Gone).await
}

async fn absent(world: &mut World, _: Values) -> Told {
    be(world, Mood::Absent).await
}

async fn lost(world: &mut World, _: Values) -> Told {
    be(world, Mood::AnswersGetLost).await
}

async fn ponders(world: &mut World, _: Values) -> Told {
    be(world, Mood::Ponders).await
}

async fn receipt(world: &mut World, values: Values) -> Told {
    let version = world.explained(values.at(0)).await?.explanation.delivery.version;
    let given = ReceiptGiven {
        source_id: values.at(0).into(),
        version,
        platform_id: Some(format!("card_{}", values.at(0)).into()),
        participants: None,
        status: None,
    };
    world.engine()?.receive_receipt(&world.someone("platform")?, INTEGRATION, given).await.map_err(trouble)
}

async fn read_completely(world: &mut World, values: Values) -> Told {
    read(world, values.at(0), true).await
}

async fn read_partly(world: &mut World, values: Values) -> Told {
    read(world, values.at(0), false).await
}

async fn read(world: &mut World, from: &str, complete: bool) -> Told {
    let setup = world.engine()?.setup();
    let integration = setup.named(INTEGRATION).ok_or("there is no integration")?.key();
    let (from, to) = (world.moment(from)?, world.now());
    let stretch = Coverage { integration, feed: "mllp".into(), from, to, complete };
    world.engine()?.note_coverage(vec![stretch]).await.map_err(trouble)
}
