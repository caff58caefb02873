//! Which reasons a gate can give: those its code names, and those its documentation does.

use crate::repo::Repo;
use crate::rust;
use domain::gates::Gate;
use domain::reasons::Reason;

/// The reasons of a gate, in the order of the catalogue.
pub(super) fn given_by(repo: &Repo, gate: &Gate) -> Vec<Reason> {
    let file = format!("crates/domain/src/gates/rules/{}.rs", gate.id.name());
    let page = gate.page();
    let lines = rust::lines(repo.text(&file).unwrap_or_default());
    let code: Vec<&str> = lines.iter().filter(|line| !line.test).map(|line| line.code.as_str()).collect();
    let given = |reason: &&Reason| {
        let variant = format!("Reason::{reason:?}");
        page.contains(&format!("`{}`", reason.code())) || code.iter().any(|line| names(line, &variant))
    };
    Reason::ALL.iter().filter(given).copied().collect()
}

/// The line names it, and not only something that begins like it.
fn names(line: &str, variant: &str) -> bool {
    line.match_indices(variant)
        .any(|(at, _)| !line[at + variant.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::gates::GateId;

    #[test]
    fn reasons_are_read_from_the_code_and_not_from_its_tests() {
        let code = "fn check() { f(Reason::TestVisit); } // Reason::PastOnArrival\n\
                    #[cfg(test)]\nmod tests { fn a() { f(Reason::TimeTbd); } }\n";
        let repo = Repo::of(&[("crates/domain/src/gates/rules/provider_linked.rs", code)]);
        let given = given_by(&repo, GateId::ProviderLinked.gate());
        assert!(given.contains(&Reason::TestVisit), "{given:?}");
        assert!(!given.contains(&Reason::TimeTbd) && !given.contains(&Reason::PastOnArrival), "{given:?}");
        assert!(!names("Reason::TimeTbdLater", "Reason::TimeTbd"));
    }

    #[test]
    fn every_gate_of_the_real_ladder_can_give_a_reason() {
        let repo = Repo::open().unwrap();
        for gate in Gate::ladder() {
            assert!(!given_by(&repo, gate).is_empty(), "{}", gate.id.name());
        }
    }
}
