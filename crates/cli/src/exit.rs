//! How the program ends: 0 done, 1 the answer is no, 2 wrong use, 3 could not.

use std::io::Write;
use std::process::ExitCode;

/// A command that ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; or the answer is yes.
    Done,
    /// The answer is no.
    No,
}

impl Exit {
    pub(crate) fn code(self) -> ExitCode {
        match self {
            Exit::Done => ExitCode::SUCCESS,
            Exit::No => ExitCode::from(1),
        }
    }
}

/// A command that could not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was used wrongly; the text says how to use it.
    Usage(String),
    /// It could not; the text says what to do.
    Could(String),
}

/// What commands return.
pub(crate) type Outcome = Result<Exit, Failure>;

impl Failure {
    pub(crate) fn report(self) -> ExitCode {
        let (text, code) = match self {
            Failure::Usage(text) => (text, 2),
            Failure::Could(text) => (text, 3),
        };
        say_error(&text);
        ExitCode::from(code)
    }

    /// A failure with everything its source says, outermost first.
    pub(crate) fn could(doing: &str, error: &dyn std::error::Error) -> Failure {
        let mut text = format!("{doing}: {error}");
        let mut source = error.source();
        while let Some(inner) = source {
            text.push_str(&format!(": {inner}"));
            source = inner.source();
        }
        Failure::Could(text)
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Failure {
        match error {
            engine::Error::Lifecycle { ref steps, .. } => {
                let steps: Vec<&str> = steps.iter().map(|step| step.word()).collect();
                Failure::Usage(format!("{error}; the steps left are: {}", steps.join(", ")))
            }
            engine::Error::NotFound { .. }
            | engine::Error::Setup { .. }
            | engine::Error::Taken(_)
            | engine::Error::NotReady { .. }
            | engine::Error::Invalid(_) => Failure::Usage(chain(&error)),
            engine::Error::Store(_) | engine::Error::Stopped => Failure::Could(chain(&error)),
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) if !error.to_string().contains(&source.to_string()) => format!("{error}: {}", chain(source)),
        _ => error.to_string(),
    }
}

/// Writes a line for people to standard error.
pub(crate) fn say_error(text: &str) {
    // Whoever closed the stream does not want to read it.
    drop(writeln!(std::io::stderr(), "punctual: {text}"));
}

/// Writes a line about what happens to standard error, beside what was asked for.
pub(crate) fn say_aside(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Writes a line to standard output.
pub(crate) fn say(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}
