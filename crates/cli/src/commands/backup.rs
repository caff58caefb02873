//! `punctual backup`: a complete copy of the store in one file, made while the service goes on.

use crate::args::StoreArgs;
use crate::configuration::File;
use crate::exit::{Exit, Failure, Outcome, say};
use crate::open::Place;
use crate::progress::Progress;
use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct BackupArgs {
    /// The file to write; it must not exist yet
    file: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) fn run(args: &BackupArgs, file: &File) -> Outcome {
    if args.file.exists() {
        return Err(Failure::Usage(format!("{} exists already; a copy never writes over a file", args.file.display())));
    }
    let place = Place::of(&args.store, file);
    place.must_exist()?;
    let store = place.open()?;
    let bar = Progress::of("Copying", "pages");
    // Until the copy is complete it bears another name, so that half a copy is never taken for one.
    let part = args.file.with_extension("part");
    let copied = store.backup(&part, &mut |done, total| bar.at(done, total));
    bar.done();
    let copied = copied.map_err(|error| Failure::could(&format!("{} cannot be written", part.display()), &error));
    let named = copied.and_then(|()| {
        std::fs::rename(&part, &args.file)
            .map_err(|error| Failure::could(&format!("{} cannot be written", args.file.display()), &error))
    });
    if named.is_err() {
        // The failure that is reported is the first one; half a copy is only in the way.
        drop(std::fs::remove_file(&part));
    }
    named?;
    let size = std::fs::metadata(&args.file).map_or(0, |file| file.len());
    say(&format!("{} holds a complete copy ({size} bytes).", args.file.display()));
    Ok(Exit::Done)
}
