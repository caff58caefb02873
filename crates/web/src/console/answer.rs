//! A ready answer for the clinic: what support would otherwise type again and again. It names no patient, because
//! answers travel by mail and chat.

use crate::console::visit::{how, without_label};
use crate::console::{Clock, clock};
use domain::decide::Verdict;
use domain::explain::{Explanation, FindingView};

/// The answer about one visit, in the clinic's words.
pub(crate) fn ready_answer(explanation: &Explanation) -> String {
    let zone = clock::zone(&explanation.appointment.time_zone);
    let at = |moment| Clock::new(moment, &zone).full();
    let visit = &explanation.appointment;
    let mut lines = vec!["Hello,".to_owned(), String::new()];
    let when = visit.start.map_or_else(|| "that has no time yet".to_owned(), |start| format!("on {}", at(start)));
    let provider = visit.provider.as_ref().map(|provider| provider.name.as_ref().unwrap_or(&provider.source_id));
    let with = provider.map_or_else(String::new, |name| format!(" with {name}"));
    lines.push(format!("about visit {} {when}{with}:", explanation.source_id));
    lines.push(format!("{} {}", standing(explanation.verdict), reason(explanation)));
    let stops: Vec<&FindingView> =
        explanation.findings.iter().filter(|finding| finding.state.stops() && finding.code.is_some()).collect();
    if !stops.is_empty() {
        lines.extend([String::new(), "What to do:".to_owned()]);
        lines.extend(stops.iter().map(|finding| step(finding)));
    }
    if let Some(ending) = ending(explanation) {
        lines.extend([String::new(), ending]);
    }
    lines.extend([String::new(), format!("As of {}.", at(explanation.as_of))]);
    lines.join("\n")
}

fn standing(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::InSync => "it is on the platform.",
        Verdict::OnTime => "nothing is wrong; it is on its way to the platform.",
        Verdict::WaitingByRule => "nothing is wrong; it waits for a date.",
        Verdict::Held => "it is not up to date on the platform, because something has to be put right first.",
        Verdict::Failed => "it could not be brought to the platform.",
        Verdict::Excluded => "it is left out on purpose.",
        Verdict::ArrivedWrong => "it is on the platform, but not as it should be.",
        Verdict::Unexplained => "we do not know yet why it is not on the platform, and are looking into it.",
    }
}

/// The sentence of the explanation, where it says more than the standing.
fn reason(explanation: &Explanation) -> String {
    match explanation.verdict {
        Verdict::InSync | Verdict::Unexplained => String::new(),
        verdict => without_label(verdict, &explanation.sentence),
    }
}

fn step(finding: &FindingView) -> String {
    let owner = finding.owner.as_ref();
    let who = owner.map(|owner| owner.name.as_ref().map_or_else(|| owner.role.label().to_owned(), ToString::to_string));
    let effort = finding.effort.map_or_else(String::new, |effort| format!(", {}", effort.label()));
    let who = who.map_or_else(String::new, |who| format!(" ({who}{effort})"));
    format!("- {}{who}", finding.fix.unwrap_or_default())
}

fn ending(explanation: &Explanation) -> Option<String> {
    let primary = explanation.findings.iter().find(|finding| finding.code == explanation.primary);
    match explanation.verdict {
        Verdict::InSync | Verdict::Excluded | Verdict::OnTime => None,
        _ => primary.and_then(|finding| finding.heals).map(|heals| how(heals).to_owned()),
    }
}
