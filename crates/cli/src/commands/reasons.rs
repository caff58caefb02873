//! `punctual reasons`: the catalogue, as people read it.

use crate::exit::{Exit, Failure, Outcome, say};
use crate::table::table;
use clap::Args;
use domain::reasons::Reason;
use serde_json::{Value, json};

#[derive(Args, Debug)]
pub(crate) struct ReasonsArgs {
    /// One reason to explain
    code: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ReasonsArgs) -> Outcome {
    match &args.code {
        Some(code) => {
            let wanted = code.to_ascii_uppercase();
            let reason = Reason::from_code(&wanted).ok_or_else(|| unknown(&wanted))?;
            say(&if args.json { as_json(reason).to_string() } else { in_full(reason) });
        }
        None if args.json => say(&Value::from_iter(Reason::ALL.iter().map(|reason| as_json(*reason))).to_string()),
        None => say(&list()),
    }
    Ok(Exit::Done)
}

fn unknown(code: &str) -> Failure {
    let likeness = |reason: &Reason| {
        let part = if reason.code().contains(code) { 1.0 } else { 0.0 };
        part + strsim::sorensen_dice(reason.code(), code)
    };
    let near = Reason::ALL.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let near = near.map_or("", |reason| reason.code());
    Failure::Usage(format!("there is no reason {code}; did you mean {near}? `punctual reasons` lists all"))
}

fn as_json(reason: Reason) -> Value {
    let entry = reason.entry();
    json!({
        "code": entry.code, "family": entry.family.word(), "class": entry.class.word(), "owner": entry.owner.word(),
        "heals": entry.heals.word(), "effort": entry.effort, "label": entry.label, "what": entry.what.trim(),
        "fix": entry.fix,
    })
}

fn in_full(reason: Reason) -> String {
    let entry = reason.entry();
    let what = entry.what.split_whitespace().collect::<Vec<_>>().join(" ");
    format!(
        "{}: {}\n\n{what}\n\n  Verdict    {}\n  Who acts   {}\n  What to do {}\n  Effort     {}\n  How it ends {}\n  Belongs to {}",
        entry.code,
        entry.label,
        entry.class.word().replace('_', " "),
        entry.owner.word().replace('_', " "),
        entry.fix,
        entry.effort.label(),
        entry.heals.label(),
        entry.family.word(),
    )
}

fn list() -> String {
    let mut table = table(["Code", "What it means", "Verdict", "Who acts", "How it ends"]);
    for reason in Reason::ALL.iter().copied() {
        let entry = reason.entry();
        let cells = [entry.code, entry.label, entry.class.word(), entry.owner.word(), entry.heals.label()];
        table.add_row(cells.map(|cell| cell.to_owned()));
    }
    table.to_string()
}
