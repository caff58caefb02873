//! The checks. A new one is a file here and a line in [`ALL`].

mod blanks;
mod dependencies;
mod gate_files;
mod gate_pages;
mod leftovers;
mod length;
mod links;
mod matrix;
mod migrations;
mod papers;
mod places;
mod printing;
mod profiles;
mod test_binaries;
mod vendors;
mod width;

use crate::tidy::Check;

/// Every check, in the order in which they report.
pub(super) const ALL: &[&Check] = &[
    &dependencies::CHECK,
    &papers::CHECK,
    &links::CHECK,
    &places::CHECK,
    &length::CHECK,
    &width::CHECK,
    &blanks::CHECK,
    &leftovers::CHECK,
    &printing::CHECK,
    &vendors::CHECK,
    &profiles::CHECK,
    &migrations::CHECK,
    &gate_files::CHECK,
    &gate_pages::CHECK,
    &matrix::CHECK,
    &test_binaries::CHECK,
];
