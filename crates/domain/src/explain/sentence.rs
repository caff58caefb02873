//! One sentence about one appointment.

use crate::decide::Verdict;
use crate::gates::Finding;
use crate::reasons::Reason;

/// The sentence of a finding's reason, its `{names}` replaced by the finding's values. Private values are never named.
pub fn sentence_of(finding: &Finding) -> String {
    match finding.reason() {
        Some(reason) => fill(reason, finding),
        None => String::new(),
    }
}

fn fill(reason: Reason, finding: &Finding) -> String {
    let mut sentence = String::new();
    let mut rest = reason.entry().says;
    while let Some((before, after)) = rest.split_once('{') {
        sentence.push_str(before);
        let Some((name, behind)) = after.split_once('}') else { break };
        sentence.push_str(&value(finding, name));
        rest = behind;
    }
    sentence.push_str(rest);
    sentence
}

fn value(finding: &Finding, name: &str) -> String {
    let found = finding.found.as_deref();
    let shown = match name {
        "observed" if found.is_some_and(|found| found.private) => Some("(private)"),
        "observed" => found.and_then(|found| found.observed.as_deref()),
        "expected" => found.and_then(|found| found.expected.as_deref()).or(Some(finding.gate.gate().expects)),
        "subject" => Some(finding.subject()),
        _ => finding.value_of(name).map(|value| value.as_str()),
    };
    shown.unwrap_or_default().to_owned()
}

/// The sentence of a verdict: what it is, then why.
pub fn verdict_sentence(verdict: Verdict, primary: Option<&Finding>) -> String {
    match (verdict, primary) {
        (Verdict::InSync, _) => "In sync: the platform shows what the practice system says.".to_owned(),
        (Verdict::OnTime, Some(finding)) => sentence_of(finding),
        (Verdict::OnTime, None) => "On its way.".to_owned(),
        (_, Some(finding)) => format!("{}: {}", verdict.label(), sentence_of(finding)),
        (_, None) => format!("{}.", verdict.label()),
    }
}

/// The sentence of a visit that is still on its way after the time it was promised for.
pub fn late_sentence(expected: &str) -> String {
    format!("Late: it was expected by {expected} and is still being tried.")
}
