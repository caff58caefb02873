//! States as people see them: a sign, a word and a tint. The word is always there; neither sign nor tint stands alone.

use domain::decide::Verdict;
use domain::gates::State;

/// A state as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chip {
    /// For the stylesheet: `good`, `moving`, `waiting`, `bad`, `odd` or `plain`.
    pub(crate) tint: &'static str,
    /// Decoration beside the word.
    pub(crate) sign: &'static str,
    /// The word.
    pub(crate) word: &'static str,
}

impl Chip {
    /// A verdict.
    pub(crate) const fn of(verdict: Verdict) -> Chip {
        let (tint, sign) = match verdict {
            Verdict::InSync => ("good", "✓"),
            Verdict::OnTime => ("moving", "→"),
            Verdict::WaitingByRule => ("waiting", "◷"),
            Verdict::Held => ("bad", "!"),
            Verdict::Failed => ("bad", "✕"),
            Verdict::Excluded => ("plain", "–"),
            Verdict::ArrivedWrong => ("odd", "≠"),
            Verdict::Unexplained => ("odd", "?"),
        };
        Chip { tint, sign, word: verdict.label() }
    }

    /// What a gate came to.
    pub(crate) const fn of_gate(state: State) -> Chip {
        let (tint, sign, word) = match state {
            State::Pass => ("good", "✓", "Passes"),
            State::Fail => ("bad", "!", "Stops it"),
            State::Wait => ("waiting", "◷", "Waits"),
            State::Notice => ("odd", "i", "Worth knowing"),
            State::Unknown => ("bad", "?", "Not known"),
            State::NotApplicable => ("plain", "–", "Does not apply"),
        };
        Chip { tint, sign, word }
    }
}
