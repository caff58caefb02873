//! One gate's page.

use domain::gates::{Check, Gate, Side};
use domain::reasons::Reason;
use std::fmt::Write as _;

/// The page of a gate: its own words, then the reasons it can give.
pub(super) fn write(gate: &Gate, reasons: &[Reason]) -> String {
    let name = gate.id.name();
    let mut page = gate.page();
    let asked = match gate.check {
        Check::Deciding(_) => "with every decision; what it finds is kept",
        Check::Concluding(_) => {
            "with every decision, after the others, whose findings it may use; what it finds is kept"
        }
        Check::Live(_) => "whenever somebody looks, because time and the platform change the answer",
    };
    let side = match gate.side {
        Side::Source => "the practice system's",
        Side::Platform => "the platform's",
    };
    add(&mut page, format_args!("\n## In short\n\n| | |\n|---|---|\n"));
    add(&mut page, format_args!("| Name in evidence and in the API | `{name}` |\n"));
    add(&mut page, format_args!("| Step of the ladder | {} |\n", gate.family.word()));
    add(&mut page, format_args!("| Wants to see | {} |\n", gate.expects));
    add(&mut page, format_args!("| Asked | {asked} |\n"));
    add(&mut page, format_args!("| Rule from | {side} profile |\n"));
    add(&mut page, format_args!("\n## Reasons it can give\n"));
    for reason in reasons {
        let entry = reason.entry();
        add(&mut page, format_args!("\n### `{}`: {}\n\n", entry.code, entry.label));
        add(&mut page, format_args!("{}\n\n", one_line(entry.what)));
        add(&mut page, format_args!("| | |\n|---|---|\n"));
        add(&mut page, format_args!("| The sentence | {} |\n", entry.says.replace('|', "\\|")));
        add(&mut page, format_args!("| What to do | {} |\n", entry.fix.replace('|', "\\|")));
        add(&mut page, format_args!("| Who acts | {} |\n", entry.owner.label()));
        add(&mut page, format_args!("| How long it takes | {} |\n", entry.effort.label()));
        add(&mut page, format_args!("| How it ends | {} |\n", entry.heals.label()));
        add(&mut page, format_args!("| Verdict | `{}` |\n", entry.class.word()));
    }
    add(&mut page, format_args!("\n---\n\nMade by `cargo xtask gates` from [its code]"));
    add(&mut page, format_args!("(../../crates/domain/src/gates/rules/{name}.rs) and the catalogue of reasons. "));
    add(&mut page, format_args!("[All gates](README.md)\n"));
    page
}

/// Appends; writing to memory cannot fail.
pub(super) fn add(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).unwrap_or_default();
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::gates::GateId;

    #[test]
    fn a_page_holds_the_gates_words_and_its_reasons() {
        let page = write(GateId::TimeKnown.gate(), &[Reason::TimeTbd]);
        assert!(page.starts_with("# Time known\n"), "{page}");
        assert!(page.contains("\n### `TIME_TBD`: ") && page.contains("| Verdict | `waiting_by_rule` |"), "{page}");
        assert!(page.contains("(../../crates/domain/src/gates/rules/time_known.rs)"), "{page}");
    }
}
