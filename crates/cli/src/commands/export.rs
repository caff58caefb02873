//! `punctual export`: a practice out as a document.

use crate::args::{RemoteArgs, StoreArgs};
use crate::configuration::File;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::visit;
use crate::remote::{Remote, segment};
use clap::Args;
use domain::setup::Document;
use engine::ops::Actor;

#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// The practice
    practice: String,
    /// Write JSON instead of TOML
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

pub(crate) async fn run(args: ExportArgs, file: &File) -> Outcome {
    let document: Document = match Remote::named(&args.remote)? {
        Some(remote) => remote.get(&format!("/api/v1/practices/{}/export", segment(&args.practice))).await?,
        None => {
            let running = visit(&args.store, file)?;
            let document = running.engine.export_practice(&Actor::operator(), &args.practice).await?;
            running.drain().await;
            document
        }
    };
    let text = if args.json {
        serde_json::to_string_pretty(&document).map_err(|error| error.to_string())
    } else {
        toml::to_string(&document).map_err(|error| error.to_string())
    };
    say(text.map_err(|error| Failure::Could(format!("the practice cannot be written: {error}")))?.trim_end());
    Ok(Exit::Done)
}
