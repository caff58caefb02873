//! Bars for long work; drawn on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar for work whose size is not known yet.
    pub(crate) fn of(doing: &'static str, unit: &str) -> Progress {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template(&format!("{{msg}} [{{bar:40}}] {{pos}}/{{len}} {unit}, {{eta}} left"));
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(doing);
        Progress(bar)
    }

    /// A bar for a file, in bytes.
    pub(crate) fn of_bytes() -> Progress {
        let bar = ProgressBar::new(0);
        let form = "{msg} [{bar:40}] {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left";
        bar.set_style(ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress(bar)
    }

    /// What is being done.
    pub(crate) fn doing(&self, what: String) {
        self.0.set_message(what);
    }

    /// So far of so much.
    pub(crate) fn at(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }

    /// The work is over.
    pub(crate) fn done(&self) {
        self.0.finish_and_clear();
    }
}
