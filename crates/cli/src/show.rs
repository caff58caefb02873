//! An explanation as people read it in a terminal.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::fmt::Write;

/// What of an explanation is shown. Read from the API's form, so that a service's answer and the store's look the same.
#[derive(Debug, Deserialize)]
pub(crate) struct Shown {
    source_id: String,
    verdict: String,
    primary: Option<String>,
    sentence: String,
    expected_by: Option<Timestamp>,
    heals_at: Option<Timestamp>,
    findings: Vec<Finding>,
    appointment: Visit,
    delivery: Delivery,
    timeline: Vec<Event>,
    #[serde(default)]
    fix_once: Vec<FixOnce>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    gate: String,
    code: Option<String>,
    state: String,
    sentence: Option<String>,
    owner: Option<Owner>,
    fix: Option<String>,
    heals: Option<String>,
    evidence: Evidence,
}

#[derive(Debug, Deserialize)]
struct Owner {
    role: String,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Evidence {
    observed: Option<String>,
    expected: String,
    #[serde(rename = "where")]
    place: Option<String>,
    rule: String,
    profile: String,
}

#[derive(Debug, Deserialize)]
struct Visit {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    time_zone: String,
    status: String,
    #[serde(rename = "type")]
    visit_type: VisitType,
    version: u32,
}

#[derive(Debug, Deserialize)]
struct VisitType {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Delivery {
    state: String,
    platform_id: Option<String>,
    attempts: u32,
    last_answer: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Event {
    at: Timestamp,
    what: String,
    why: String,
}

#[derive(Debug, Deserialize)]
struct FixOnce {
    code: String,
    subject: String,
    others: Vec<String>,
}

/// The whole answer as text: the sentence first, what to do, the evidence, what happened.
pub(crate) fn explanation(shown: &Shown, all_gates: bool) -> String {
    let zone = TimeZone::get(&shown.appointment.time_zone).unwrap_or(TimeZone::UTC);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ok = write_all(&mut text, shown, &zone, all_gates);
    text
}

fn write_all(out: &mut String, shown: &Shown, zone: &TimeZone, all_gates: bool) -> std::fmt::Result {
    writeln!(out, "{}\n", shown.sentence)?;
    let visit = &shown.appointment;
    line(out, "Visit", &format!("{}, version {}", shown.source_id, visit.version))?;
    let kind = visit.visit_type.name.as_deref().or(visit.visit_type.id.as_deref()).unwrap_or("no type");
    line(out, "", &format!("{}, {kind}, {}", span(visit, zone), words(&visit.status)))?;
    let code = shown.primary.as_ref().map_or(String::new(), |code| format!(" ({code})"));
    line(out, "Verdict", &format!("{}{code}", words(&shown.verdict)))?;
    if let Some(at) = shown.expected_by {
        line(out, "Expected by", &clock(at, zone))?;
    }
    if let Some(at) = shown.heals_at {
        line(out, "Goes on at", &clock(at, zone))?;
    }
    let delivery = &shown.delivery;
    let mut sent = words(&delivery.state);
    if delivery.attempts > 0 {
        sent.push_str(&format!(" after {} attempt{}", delivery.attempts, plural(delivery.attempts)));
    }
    if let Some(answer) = &delivery.last_answer {
        sent.push_str(&format!(", last answer: {answer}"));
    }
    if let Some(id) = &delivery.platform_id {
        sent.push_str(&format!(", shown as {id}"));
    }
    line(out, "Delivery", &sent)?;
    write_findings(out, shown, all_gates)?;
    writeln!(out, "\nWhat happened")?;
    for event in &shown.timeline {
        writeln!(out, "  {}  {:<12} {}", clock(event.at, zone), words(&event.what), event.why)?;
    }
    Ok(())
}

fn write_findings(out: &mut String, shown: &Shown, all_gates: bool) -> std::fmt::Result {
    let passed = |finding: &&Finding| matches!(finding.state.as_str(), "pass" | "not_applicable");
    let to_tell: Vec<&Finding> = shown.findings.iter().filter(|finding| !passed(finding)).collect();
    if !to_tell.is_empty() {
        writeln!(out, "\nWhat to know")?;
    }
    for finding in to_tell {
        let sentence = finding.sentence.as_deref().unwrap_or(&finding.gate);
        writeln!(out, "  {} {sentence}", mark(&finding.state))?;
        let evidence = &finding.evidence;
        let observed = evidence.observed.as_deref().unwrap_or("nothing");
        let place = evidence.place.as_ref().map_or(String::new(), |place| format!(" at {place}"));
        writeln!(
            out,
            "      found {observed}{place}; expected {} [{} of {}]",
            evidence.expected, evidence.rule, evidence.profile
        )?;
        if let (Some(owner), Some(fix)) = (&finding.owner, &finding.fix) {
            let name = owner.name.as_ref().map_or(String::new(), |name| format!(" ({name})"));
            writeln!(out, "      {}{name}: {fix}", words(&owner.role))?;
        }
        if let Some(heals) = &finding.heals {
            writeln!(out, "      heals: {}", words(heals))?;
        }
        let same = shown.fix_once.iter().find(|fix| finding.code.as_ref() == Some(&fix.code) && !fix.others.is_empty());
        if let Some(fix) = same {
            let about = if fix.subject.is_empty() { String::new() } else { format!(" about {}", fix.subject) };
            let n = u32::try_from(fix.others.len()).unwrap_or(u32::MAX);
            writeln!(out, "      the same fix{about} releases {n} other visit{}", plural(n))?;
        }
    }
    let passed: Vec<&Finding> = shown.findings.iter().filter(passed).collect();
    if all_gates {
        writeln!(out, "\nGates passed")?;
        for finding in passed {
            let observed = finding.evidence.observed.as_deref().unwrap_or("-");
            writeln!(out, "  {} {:<24} {observed}", mark(&finding.state), finding.gate)?;
        }
    } else {
        writeln!(out, "\n{} gates passed or do not apply (--all lists them).", passed.len())?;
    }
    Ok(())
}

fn line(out: &mut String, label: &str, text: &str) -> std::fmt::Result {
    writeln!(out, "  {label:<12} {text}")
}

/// `waiting_by_rule` as words.
fn words(code: &str) -> String {
    code.replace('_', " ")
}

fn plural(n: u32) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn mark(state: &str) -> &'static str {
    match state {
        "pass" => "[ok]  ",
        "fail" => "[stop]",
        "wait" => "[wait]",
        "notice" => "[note]",
        "unknown" => "[?]   ",
        _ => "[-]   ",
    }
}

fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %d %b %Y %H:%M:%S %Z").to_string()
}

fn span(visit: &Visit, zone: &TimeZone) -> String {
    let Some(start) = visit.start else { return "no time yet".to_owned() };
    let start = start.to_zoned(zone.clone());
    let end = visit.end.map_or(String::new(), |end| end.to_zoned(zone.clone()).strftime("–%H:%M").to_string());
    format!("{}{end} {}", start.strftime("%a %d %b %Y %H:%M"), start.strftime("%Z"))
}
