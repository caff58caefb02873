//! Leaving out of a plan whatever its failure does not need.

use crate::disk::Told;
use crate::mutant::Mutant;
use crate::plan::Plan;
use crate::world::run;

/// So many runs at most.
const MOST_RUNS: usize = 400;

/// A plan that fails, without what the failure does not need.
pub struct Shrunk {
    /// The plan.
    pub plan: Plan,
    /// The numbers of what was left out.
    pub without: Vec<usize>,
    /// What is wrong with it.
    pub faults: Vec<String>,
    /// Runs it took.
    pub runs: usize,
}

/// Two failures are of one kind when they differ in numbers only.
pub fn kind(fault: &str) -> String {
    let what = fault.split_once(": ").map_or(fault, |(_, what)| what);
    let what = what.split([';', '(']).next().unwrap_or_default();
    what.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// Leaves out more and more, in pieces that get smaller, as long as a failure of the same kind remains. `told` hears
/// after each run how many items are left.
pub fn shrink(plan: &Plan, mutant: Option<Mutant>, faults: &[String], mut told: impl FnMut(usize)) -> Told<Shrunk> {
    let wanted = faults.first().map(|fault| kind(fault)).unwrap_or_default();
    let mut found = Shrunk { plan: plan.clone(), without: Vec::new(), faults: faults.to_vec(), runs: 0 };
    let mut piece = plan.items.len().div_ceil(2);
    while piece > 0 {
        let mut at = 0;
        while at < found.plan.items.len() && found.runs < MOST_RUNS {
            let left_out: Vec<usize> = found.plan.items.iter().skip(at).take(piece).map(|item| item.number).collect();
            let smaller = found.plan.without(&left_out);
            found.runs += 1;
            let outcome = run(&smaller, mutant, false)?;
            if outcome.faults.iter().any(|fault| kind(fault) == wanted) {
                (found.plan, found.faults) = (smaller, outcome.faults);
                found.without.extend(left_out);
            } else {
                at += piece;
            }
            told(found.plan.items.len());
        }
        piece = if piece == 1 { 0 } else { piece.div_ceil(2) };
    }
    found.without.sort_unstable();
    Ok(found)
}

/// Numbers as they are typed: `0-3,7`.
pub fn write_numbers(numbers: &[usize]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut at = 0;
    while at < numbers.len() {
        let mut end = at;
        while end + 1 < numbers.len() && numbers[end + 1] == numbers[end] + 1 {
            end += 1;
        }
        words.push(if end == at { numbers[at].to_string() } else { format!("{}-{}", numbers[at], numbers[end]) });
        at = end + 1;
    }
    words.join(",")
}

/// Reads them back.
pub fn read_numbers(text: &str) -> Result<Vec<usize>, String> {
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| format!("{text:?} is no number: write 0-3,7"));
    let mut numbers = Vec::new();
    for word in text.split(',').filter(|word| !word.trim().is_empty()) {
        match word.split_once('-') {
            Some((from, to)) => numbers.extend(number(from)?..=number(to)?),
            None => numbers.push(number(word)?),
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_what_they_write() {
        for numbers in [vec![], vec![4], vec![0, 1, 2, 7, 9, 10]] {
            assert_eq!(read_numbers(&write_numbers(&numbers)), Ok(numbers));
        }
        assert!(read_numbers("1,x").is_err());
    }

    #[test]
    fn failures_of_a_kind_differ_in_numbers_only() {
        assert_eq!(kind("clinic0-0/A: held for X (booked); why"), kind("clinic1-0/B: held for X (moved); why not"));
        assert_ne!(kind("clinic0-0/A: held for X"), kind("clinic0-0/A: held for Y"));
    }
}
