//! `punctual rejudge`: what today's rules would say of the messages that are kept.

use crate::args::StoreArgs;
use crate::configuration::File;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::visit;
use crate::progress::Progress;
use crate::worlds::WorldsInMemory;
use clap::Args;
use engine::ops::Actor;
use engine::rejudge::{Difference, Judged, RejudgeAsked, Rejudged, ScratchWorlds};
use jiff::Timestamp;

#[derive(Args, Debug)]
pub(crate) struct RejudgeArgs {
    /// The integration
    integration: String,
    /// Only messages that arrived from here on: 2026-11-20T00:00-06:00 [default: all that are kept]
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Only messages that arrived before this; what was decided until then is compared [default: now]
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) async fn run(args: RejudgeArgs, file: &File) -> Outcome {
    let running = visit(&args.store, file)?;
    let world = WorldsInMemory.begin()?;
    let (since, until) = (args.since.map(Into::into), args.until.map(Into::into));
    let asked = RejudgeAsked { since, until, ..RejudgeAsked::default() };
    let bar = Progress::of("Judging", "messages");
    let told = |done, total| bar.at(done, total);
    let judged = running.engine.rejudge(&Actor::operator(), &args.integration, asked, world, told).await;
    bar.done();
    running.drain().await;
    let judged = judged?;
    if args.json {
        let json = serde_json::to_string(&judged);
        say(&json.map_err(|error| Failure::could("the answer cannot be written as JSON", &error))?);
    } else {
        tell(&judged);
    }
    Ok(if judged.counts.different == 0 { Exit::Done } else { Exit::No })
}

fn tell(judged: &Rejudged) {
    let counts = &judged.counts;
    say(&format!(
        "{} messages of {} up to {}: {} visits, {} judged as they were, {} would be judged otherwise.",
        counts.messages, judged.integration, judged.until, counts.visits, counts.same, counts.different
    ));
    for unread in &judged.not_read {
        say(&format!("{} cannot be read again: {}.", messages(unread.messages), unread.why));
    }
    for (count, what) in [
        (counts.not_applied, "messages would be refused or set aside"),
        (counts.refused_now, "of these were taken in when they came"),
        (counts.not_compared, "visits are not compared: these messages do not tell all that was known of them"),
    ] {
        if count > 0 {
            say(&format!("{count} {what}."));
        }
    }
    for Difference { source_id, start, before, after, gate, follows } in &judged.differences {
        let start = start.map_or_else(|| "no time yet".to_owned(), |start| start.to_string());
        let before = before.as_ref().map_or_else(|| "not known".to_owned(), words);
        let gate = gate.map_or(String::new(), |gate| format!(" (gate {gate})"));
        say(&format!("  {source_id}, {start}: {before} -> {}{gate}. {}", words(after), follows.sentence()));
    }
    if judged.more {
        say("  There are more than are listed.");
    }
}

fn messages(count: u64) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}

fn words(judged: &Judged) -> String {
    let verdict = judged.verdict.word().replace('_', " ");
    judged.code.map_or_else(|| verdict.clone(), |code| format!("{verdict}, {}", code.code()))
}
