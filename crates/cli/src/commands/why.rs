//! `punctual why`: the explanation of one visit, also of one that was never received.

use crate::args::{RemoteArgs, StoreArgs};
use crate::configuration::File;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::visit;
use crate::remote::{Remote, segment};
use crate::show::{Shown, explanation};
use clap::Args;
use domain::text::Text;
use engine::ops::{Actor, PatientAsked, StartAsked, WhyAsked};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

#[derive(Args, Debug)]
pub(crate) struct WhyArgs {
    /// The integration
    integration: String,
    /// The visit's id in the practice system
    #[arg(required_unless_present_any = ["patient", "start", "provider"], conflicts_with_all = ["patient", "start", "provider"])]
    source_id: Option<String>,
    /// The patient: the id in the practice system, or a name ("Okafor, Ada")
    #[arg(long)]
    patient: Option<String>,
    /// The patient's date of birth, beside a name
    #[arg(long, requires = "patient")]
    birth_date: Option<Date>,
    /// The start: 2026-11-24T10:00 on the clinic's clock, or an instant 2026-11-24T16:00:00Z
    #[arg(long, value_parser = start)]
    start: Option<StartAsked>,
    /// The provider's id in the practice system
    #[arg(long)]
    provider: Option<String>,
    /// As of a moment that has been: 2026-11-24T10:00-06:00
    #[arg(long, value_name = "TIME", requires = "source_id")]
    at: Option<Timestamp>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    /// List the gates that were passed, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

fn start(text: &str) -> Result<StartAsked, String> {
    StartAsked::read(text)
        .ok_or_else(|| "a start looks like 2026-11-24T10:00 (the clinic's clock) or 2026-11-24T16:00:00Z".to_owned())
}

pub(crate) async fn run(args: WhyArgs, file: &File) -> Outcome {
    let answer = match Remote::named(&args.remote)? {
        Some(remote) => ask_service(&remote, &args).await?,
        None => ask_store(&args, file).await?,
    };
    let (json, all) = (args.json, args.all);
    let absent = answer.get("coverage").is_some();
    if json {
        say(&serde_json::to_string_pretty(&answer).unwrap_or_default());
    } else if absent {
        tell_absence(&answer);
    } else {
        let shown: Shown = serde_json::from_value(answer).map_err(|error| {
            Failure::could("the explanation cannot be read; is the service of another version?", &error)
        })?;
        say(explanation(&shown, all).trim_end());
    }
    // Whoever named a visit asked whether it is known; whoever described one asked what became of it.
    Ok(if absent && args.source_id.is_some() { Exit::No } else { Exit::Done })
}

/// What is asked when no visit is named, or when the one named is not known.
fn asked(args: &WhyArgs) -> WhyAsked {
    let patient = args.patient.as_ref().map(|patient| {
        let is_name = args.birth_date.is_some() || patient.contains([',', ' ']);
        let (source_id, name) = if is_name { (None, Some(patient)) } else { (Some(patient), None) };
        PatientAsked { source_id: source_id.map(Text::from), name: name.map(Text::from), birth_date: args.birth_date }
    });
    WhyAsked {
        patient,
        start: args.start,
        provider: args.provider.as_deref().map(Text::from),
        source_id: args.source_id.as_deref().map(Text::from),
        ..WhyAsked::default()
    }
}

async fn ask_store(args: &WhyArgs, file: &File) -> Result<Value, Failure> {
    let running = visit(&args.store, file)?;
    let (actor, engine) = (Actor::operator(), &running.engine);
    let explained = match &args.source_id {
        Some(source_id) if let Some(at) = args.at => {
            engine.explain_appointment_at(&actor, &args.integration, source_id, at.into()).await.map(to_value)
        }
        Some(source_id) => engine.explain_appointment(&actor, &args.integration, source_id).await.map(to_value),
        None => engine.answer_why(&actor, &args.integration, asked(args)).await.map(to_value),
    };
    let answer = match explained {
        Err(engine::Error::NotFound { what: "appointment", .. }) => {
            engine.answer_why(&actor, &args.integration, asked(args)).await.map(to_value)?
        }
        other => other?,
    };
    running.drain().await;
    answer
}

fn to_value(answer: impl serde::Serialize) -> Result<Value, Failure> {
    serde_json::to_value(answer).map_err(|error| Failure::could("the answer cannot be written as JSON", &error))
}

async fn ask_service(remote: &Remote, args: &WhyArgs) -> Result<Value, Failure> {
    let integration = segment(&args.integration);
    if let Some(source_id) = &args.source_id {
        let at = args.at.map_or_else(String::new, |at| format!("?at={at}"));
        let path = format!("/api/v1/integrations/{integration}/appointments/{}{at}", segment(source_id));
        let answer = remote.send(hyper::Method::GET, &path, "application/json", Default::default()).await?;
        if answer.status != hyper::StatusCode::NOT_FOUND {
            return crate::remote::read(&answer);
        }
    }
    remote.post(&format!("/api/v1/integrations/{integration}/why"), &to_value(asked(args))?).await
}

fn tell_absence(answer: &Value) {
    let word = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    say(&word(answer, "sentence"));
    for row in answer.get("coverage").and_then(Value::as_array).into_iter().flatten() {
        let complete =
            if row.get("complete").and_then(Value::as_bool) == Some(true) { "completely" } else { "in part" };
        say(&format!("  read {complete}: {} from {} to {}", word(row, "feed"), word(row, "from"), word(row, "to")));
    }
    let nearest = answer.get("nearest").and_then(Value::as_array).filter(|nearest| !nearest.is_empty());
    if let Some(nearest) = nearest {
        say("Visits that come near:");
        for item in nearest {
            say(&format!("  {}  {}  {}", word(item, "source_id"), word(item, "start"), word(item, "sentence")));
        }
    }
}
