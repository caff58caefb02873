//! The list of all gates.

use crate::gates::page::add;
use domain::gates::Gate;
use domain::reasons::{Family, Reason};

/// The index page, a table for each step of the ladder.
pub(super) fn write(gates: &[(&'static Gate, Vec<Reason>)]) -> String {
    let mut page = String::from(
        "# Gates\n\nA gate is one rule. Each looks at one appointment and finds whether the rule holds; all gates run, and \
         all\nfindings are kept. They stand in a fixed order: the first one that fails gives the reason that is shown \
         first.\n",
    );
    let mut step: Option<Family> = None;
    for (gate, reasons) in gates {
        if step != Some(gate.family) {
            step = Some(gate.family);
            let title = capital(gate.family.word());
            add(
                &mut page,
                format_args!("\n## {title}\n\n| Gate | Wants to see | Reasons it can give |\n|---|---|---|\n"),
            );
        }
        let name = gate.id.name();
        let codes: Vec<String> = reasons.iter().map(|reason| format!("`{}`", reason.code())).collect();
        add(&mut page, format_args!("| [{name}]({name}.md) | {} | {} |\n", gate.expects, codes.join(", ")));
    }
    page.push_str("\n---\n\nMade by `cargo xtask gates`; `cargo xtask tidy` fails when it is out of date.\n");
    page
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_names_every_gate_under_its_step() {
        let gates: Vec<_> = Gate::ladder().iter().map(|gate| (*gate, vec![Reason::TimeTbd])).collect();
        let page = write(&gates);
        assert_eq!(page.matches("| [").count(), Gate::ladder().len());
        assert!(page.contains("\n## Patient\n"), "{page}");
    }
}
