//! `punctual checks`: the data checks of an integration, asked now or as they were found last.

use crate::args::{RemoteArgs, StoreArgs};
use crate::configuration::File;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::visit;
use crate::remote::{Remote, segment};
use clap::{Args, Subcommand};
use engine::ops::Actor;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Args, Debug)]
pub(crate) struct ChecksArgs {
    #[command(subcommand)]
    what: ChecksCommand,
}

#[derive(Debug, Subcommand)]
enum ChecksCommand {
    /// Ask every check that is switched on now, and tell what is found
    #[command(after_help = "Example:\n  punctual checks run northside-chiron\n\n\
                      Ends with 1 when some check fails. It reads only; who asked is in the audit log.")]
    Run(OfIntegration),
    /// Tell what was found last
    #[command(after_help = "Example:\n  punctual checks list northside-chiron")]
    List(OfIntegration),
}

#[derive(Args, Debug)]
struct OfIntegration {
    /// The integration
    integration: String,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// What is shown of a check.
#[derive(Debug, Deserialize)]
struct Shown {
    label: String,
    unit: String,
    most: u64,
    on: bool,
    state: Option<String>,
    at: Option<String>,
    failing_since: Option<String>,
    value: Option<u64>,
    found: Option<u64>,
    of: Option<u64>,
    cut_short: bool,
    owner: Owner,
    next_step: String,
}

#[derive(Debug, Deserialize)]
struct Owner {
    role: String,
    name: Option<String>,
}

pub(crate) async fn run(args: ChecksArgs, file: &File) -> Outcome {
    let (now, of) = match args.what {
        ChecksCommand::Run(of) => (true, of),
        ChecksCommand::List(of) => (false, of),
    };
    let answer = match Remote::named(&of.remote)? {
        Some(remote) => ask_service(&remote, &of.integration, now).await?,
        None => ask_store(&of, file, now).await?,
    };
    let items = answer.get("items").cloned().unwrap_or_default();
    let checks: Vec<Shown> = serde_json::from_value(items)
        .map_err(|error| Failure::could("the checks cannot be read; is the service of another version?", &error))?;
    if of.json {
        say(&serde_json::to_string_pretty(&answer).unwrap_or_default());
    } else {
        checks.iter().for_each(tell);
    }
    Ok(if checks.iter().any(Shown::fails) { Exit::No } else { Exit::Done })
}

async fn ask_service(remote: &Remote, integration: &str, now: bool) -> Result<Value, Failure> {
    let path = format!("/api/v1/integrations/{}/checks", segment(integration));
    if now { remote.post(&path, &json!({})).await } else { remote.get(&path).await }
}

async fn ask_store(of: &OfIntegration, file: &File, now: bool) -> Result<Value, Failure> {
    let running = visit(&of.store, file)?;
    let (engine, actor) = (&running.engine, Actor::operator());
    let found = match now {
        true => engine.run_checks(&actor, &of.integration).await,
        false => engine.list_checks(&actor, &of.integration).await,
    };
    running.drain().await;
    serde_json::to_value(found?).map_err(|error| Failure::could("the answer cannot be written as JSON", &error))
}

impl Shown {
    fn fails(&self) -> bool {
        self.state.as_deref() == Some("failed")
    }

    fn standing(&self) -> &'static str {
        match self.state.as_deref() {
            _ if !self.on => "switched off",
            None => "not asked yet",
            Some("passed") => "passed",
            Some("failed") => "FAILED",
            Some(_) => "too few to say",
        }
    }

    fn amount(&self, value: u64) -> String {
        match self.unit.as_str() {
            "percent" => format!("{value} %"),
            "hours" => format!("{value} h"),
            _ => value.to_string(),
        }
    }
}

fn tell(check: &Shown) {
    let found = match (check.value, check.found, check.of, &check.at) {
        (Some(value), Some(found), Some(of), Some(at)) => {
            let share = if check.unit == "percent" { format!("{found} of {of}, ") } else { String::new() };
            let more = if check.cut_short { "; there are more than were looked at" } else { "" };
            format!("; {share}{}, at {at}{more}", check.amount(value))
        }
        _ => String::new(),
    };
    say(&format!("{}: {} (at most {}){found}", check.label, check.standing(), check.amount(check.most)));
    if check.fails() {
        let name = check.owner.name.as_ref().map_or(String::new(), |name| format!(" ({name})"));
        let since = check.failing_since.as_deref().unwrap_or_default();
        say(&format!("  since {since}; {}{name}: {}", check.owner.role, check.next_step));
    }
}
