//! A whole explanation as text, for whoever looks at a scenario that failed.

use crate::world::World;
use domain::gates::State;
use engine::ops::Explained;

/// Everything that is said about a visit.
pub fn whole(world: &World, explained: &Explained) -> String {
    let explanation = &explained.explanation;
    let clock = |moment| world.clock_text(moment).unwrap_or_default();
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    let primary = explanation.primary.map_or("no reason", |reason| reason.code());
    line(format!(
        "visit {} at {}: {} ({primary})",
        explanation.source_id,
        clock(explanation.as_of),
        explanation.verdict
    ));
    line(format!("  {}", explanation.sentence));
    let times = [("expected by", explanation.expected_by), ("heals by itself at", explanation.heals_at)];
    for (what, at) in times {
        line(format!("  {what}: {}", at.map_or_else(|| "-".to_owned(), clock)));
    }
    let appointment = &explanation.appointment;
    line(format!(
        "  {} from {} to {}, version {}, booked {}, received {}",
        appointment.status,
        appointment.start.map_or_else(|| "-".to_owned(), clock),
        appointment.end.map_or_else(|| "-".to_owned(), clock),
        appointment.version,
        clock(appointment.booked_at),
        clock(appointment.received_at),
    ));
    let delivery = &explanation.delivery;
    line(format!(
        "  delivery {}, {} of {} accepted, {} attempts, last answer {:?}",
        delivery.state, delivery.accepted_version, delivery.version, delivery.attempts, delivery.last_answer
    ));
    line("  findings:".to_owned());
    for finding in &explanation.findings {
        let evidence = &finding.evidence;
        let code = finding.code.map_or("", |code| code.code());
        line(format!("    {:<14} {:<22} {code}", finding.state.word(), finding.gate));
        if matches!(finding.state, State::Pass | State::NotApplicable) {
            continue;
        }
        line(format!("        {}", finding.sentence.as_deref().unwrap_or_default()));
        line(format!(
            "        expected {:?}, found {:?} in {:?}, read {}, rules of {}",
            evidence.expected,
            evidence.observed,
            evidence.place,
            clock(evidence.read_at),
            evidence.profile
        ));
        line(format!(
            "        owner {:?}, about {:?}, waits for {:?}, details {:?}",
            finding.owner.as_ref().map(|owner| owner.role.word()),
            finding.subject,
            finding.wakes_on,
            evidence.details
        ));
    }
    line("  timeline:".to_owned());
    for item in &explanation.timeline {
        line(format!("    {} {:<16} {}", clock(item.at), item.what, item.why));
    }
    for cause in &explained.fix_once {
        line(format!("  the fix for {} about {:?} would also release {:?}", cause.code, cause.subject, cause.others));
    }
    out
}
