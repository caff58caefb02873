//! `punctual check`: may an integration go live?

use crate::args::{ReachArgs, StoreArgs};
use crate::configuration::File;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::{Place, start};
use clap::Args;
use engine::Duty;
use engine::ops::{Actor, Readiness, ReadinessItem, ReadinessState};

#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// The integration
    integration: String,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    reach: ReachArgs,
}

pub(crate) async fn run(args: CheckArgs, file: &File) -> Outcome {
    let place = Place::of(&args.store, file);
    place.must_exist()?;
    let running = start(place.open()?, Duty::Visit, args.reach.policy(file))?;
    let checked = running.engine.check_readiness(&Actor::operator(), &args.integration).await;
    running.drain().await;
    let readiness = checked?;
    if args.json {
        let json = serde_json::to_string(&readiness);
        say(&json.map_err(|error| Failure::could("the answer cannot be written as JSON", &error))?);
    } else {
        tell(&readiness);
    }
    Ok(if readiness.ready { Exit::Done } else { Exit::No })
}

fn tell(readiness: &Readiness) {
    let Readiness { integration, lifecycle, ready, items } = readiness;
    let answer = if *ready { "may be live" } else { "may not go live yet" };
    say(&format!("{integration} {answer}; it is {lifecycle}."));
    let of = |state| items.iter().filter(move |item| item.state == state);
    for (heading, state) in [("Missing", ReadinessState::Missing), ("Worth doing", ReadinessState::Advice)] {
        if of(state).next().is_some() {
            say(&format!("\n{heading}"));
            of(state).for_each(tell_item);
        }
    }
    say(&format!("\n{} things are as they should be.", of(ReadinessState::Ok).count()));
}

fn tell_item(item: &ReadinessItem) {
    let code = item.code.map_or(String::new(), |reason| format!(" ({})", reason.code()));
    say(&format!("  - {}{code}", item.found));
    if let (Some(owner), Some(fix)) = (&item.owner, &item.fix) {
        let name = owner.name.as_ref().map_or(String::new(), |name| format!(" ({name})"));
        say(&format!("    {}{name}: {fix}", owner.role.label()));
    }
}
