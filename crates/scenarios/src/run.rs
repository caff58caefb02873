//! Running a scenario.

use crate::backend::Backend;
use crate::checks::check_every_visit;
use crate::scenario::Scenario;
use crate::steps::{Do, find};
use crate::telling::whole;
use crate::world::{Told, World};

/// Runs a scenario on a store. The error is what a person needs to see: the place, the sentence, what was expected and
/// what is, and everything that is said about the visit.
pub fn run(scenario: &Scenario, backend: Backend) -> Told {
    on_paused_time(async {
        let mut world = World::new(backend)?;
        let outcome = steps(scenario, &mut world).await;
        let outcome = match outcome {
            Ok(()) => check_every_visit(&mut world).await.map_err(|why| format!("{}: {why}", scenario.file.display())),
            failed => failed,
        };
        let outcome = match outcome {
            Ok(()) => Ok(()),
            Err(why) => Err(format!("{}\n{why}\n\n{}", scenario.title, at_hand(&mut world).await)),
        };
        world.end().await;
        outcome
    })
}

/// Runs a future on a runtime of one thread whose time is paused.
pub fn on_paused_time<T>(story: impl Future<Output = Told<T>>) -> Told<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.map_err(|error| format!("no runtime: {error}"))?.block_on(story)
}

async fn steps(scenario: &Scenario, world: &mut World) -> Told {
    for step in &scenario.steps {
        let place = format!("{}:{}", scenario.file.display(), step.line);
        let (known, values) = find(&step.sentence).map_err(|why| format!("{place}: {why}"))?;
        let done = match known.run {
            Do::Note(note) => note(world, &values),
            Do::Act(act) => match world.ready().await {
                Ok(()) => act(world, values).await,
                failed => failed,
            },
        };
        done.map_err(|why| format!("{place}: {:?} {}\n{why}", step.part, step.sentence))?;
    }
    Ok(())
}

/// Everything that is said about the visit last spoken of.
async fn at_hand(world: &mut World) -> String {
    match world.explained_again().await {
        Ok(explained) => whole(world, &explained),
        Err(why) => why,
    }
}
