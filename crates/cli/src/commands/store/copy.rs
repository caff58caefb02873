//! `punctual store copy`: a whole store into another one, of another kind.

use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::{Place, ServingLock};
use crate::progress::Progress;
use crate::table::table;
use clap::Args;
use serde_json::json;
use std::ops::ControlFlow;
use std::path::PathBuf;
use store::copy::{Compared, Contents, Outcome as Copied, Step, copy};

#[derive(Args, Debug)]
pub(crate) struct CopyArgs {
    /// The store to copy: a data folder, sqlite:PATH or postgres://USER@HOST/DATABASE
    #[arg(long, env = "PUNCTUAL_COPY_FROM", hide_env_values = true, value_name = "STORE")]
    from: String,
    /// The empty store to copy it into: the same forms
    #[arg(long, env = "PUNCTUAL_COPY_TO", hide_env_values = true, value_name = "STORE")]
    to: String,
    /// Print the comparison as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &CopyArgs) -> Outcome {
    let (from, to) = (place(&args.from), place(&args.to));
    from.must_exist()?;
    // Nobody serves either store meanwhile; a database sees to that itself.
    let mut locks = Vec::new();
    for place in [&from, &to] {
        if place.is_embedded() {
            locks.push(ServingLock::take(place)?);
        }
    }
    let (copying, comparing) = (Progress::of("Copying", "rows"), Progress::of("Comparing", "rows"));
    let mut told = |progress: store::copy::Progress| {
        match progress.step {
            Step::Copying => copying.at(progress.done, progress.total),
            Step::Comparing => {
                copying.done();
                comparing.at(progress.done, progress.total);
            }
        }
        ControlFlow::Continue(())
    };
    let (source_file, target_file) = (from.sqlite_file(), to.sqlite_file());
    let copied = copy(from.copied(&source_file)?, to.copied(&target_file)?, &mut told);
    copying.done();
    comparing.done();
    let copied = copied.map_err(|error| match error {
        store::Error::Refused(_) => Failure::Usage(chain("the store cannot be copied", &error)),
        _ => Failure::could("the store cannot be copied; call the same command again to go on", &error),
    })?;
    match copied {
        Copied::Complete(compared) => Ok(report(args, &compared)),
        Copied::Stopped => Err(Failure::Could("the copy was stopped; call the same command again to go on".into())),
    }
}

/// What stands behind `--from` or `--to`.
fn place(named: &str) -> Place {
    let folder = !named.contains("://") && !named.starts_with("sqlite:");
    Place { data: PathBuf::from(if folder { named } else { "." }), store: Some(named.to_owned()).filter(|_| !folder) }
}

fn chain(doing: &str, error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(why) => format!("{doing}: {why}"),
        None => format!("{doing}: {error}"),
    }
}

/// The comparison, table by table.
fn report(args: &CopyArgs, compared: &[Compared]) -> Exit {
    let same = compared.iter().all(Compared::same);
    if args.json {
        let side = |contents: &Contents| json!({ "rows": contents.rows, "digest": contents.digest });
        let tables = compared.iter().map(|table| {
            json!({ "table": table.table, "same": table.same(), "source": side(&table.source), "target": side(&table.target) })
        });
        say(&json!({ "same": same, "tables": tables.collect::<Vec<_>>() }).to_string());
    } else {
        let mut list = table(["Table", "Rows", "Rows there", "Digest", "Digest there", ""]);
        for one in compared {
            let short = |contents: &Contents| contents.digest.chars().take(16).collect::<String>();
            list.add_row([
                one.table.to_owned(),
                one.source.rows.to_string(),
                one.target.rows.to_string(),
                short(&one.source),
                short(&one.target),
                (if one.same() { "same" } else { "DIFFERENT" }).to_owned(),
            ]);
        }
        say(&list.to_string());
        say(if same {
            "Both stores hold the same. The new one is ready: name it with --store, and do not use the old one again."
        } else {
            "The stores differ. The new one stays closed: empty it and copy again."
        });
    }
    if same { Exit::Done } else { Exit::No }
}
