//! `punctual profiles`: the systems that are known, as people read them.

use crate::exit::{Exit, Failure, Outcome, say};
use crate::profile_page;
use crate::table::table;
use clap::Args;
use domain::profile::{ProfileId, profile_texts};
use serde_json::{Value, json};

#[derive(Args, Debug)]
pub(crate) struct ProfilesArgs {
    /// One profile to show in words, each value with where it comes from
    id: Option<String>,
    /// Show it as the file is written
    #[arg(long, conflicts_with = "json")]
    written: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ProfilesArgs) -> Outcome {
    match &args.id {
        Some(id) => show(id, args.json, args.written),
        None => list(args.json),
    }
}

fn show(id: &str, json: bool, written: bool) -> Outcome {
    let texts: Vec<_> = profile_texts().iter().copied().filter(|(_, known, _)| *known == id).collect();
    if texts.is_empty() {
        let known: Vec<&str> = profile_texts().iter().copied().map(|(_, known, _)| known).collect();
        return Err(Failure::Usage(format!("there is no profile {id:?}; known: {}", known.join(", "))));
    }
    for (kind, _, text) in texts {
        let kind = kind.trim_end_matches('s');
        if written {
            say(&format!("# {kind}\n{}", text.trim_end()));
        } else if json {
            let value: Value =
                toml::from_str(text).map_err(|error| Failure::could("the profile cannot be read", &error))?;
            say(&json!({ "kind": kind, "profile": value }).to_string());
        } else {
            say(&profile_page::page(kind, text));
        }
    }
    Ok(Exit::Done)
}

fn list(json: bool) -> Outcome {
    let unreadable = |error| Failure::could("a profile inside the program cannot be read", &error);
    let mut found: Vec<(&'static str, ProfileId)> = Vec::new();
    for (kind, _, text) in profile_texts().iter().copied() {
        found.push((kind.trim_end_matches('s'), toml::from_str(text).map_err(unreadable)?));
    }
    if json {
        let items = found.iter().map(|(kind, profile)| {
            json!({ "kind": kind, "id": profile.id, "version": profile.version, "name": profile.name, "about": profile.about })
        });
        say(&Value::from_iter(items).to_string());
        return Ok(Exit::Done);
    }
    let mut table = table(["Profile", "Kind", "Name", "About"]);
    for (kind, profile) in found {
        table.add_row([profile.to_string(), kind.to_owned(), profile.name.to_string(), profile.about.to_string()]);
    }
    say(&table.to_string());
    Ok(Exit::Done)
}
