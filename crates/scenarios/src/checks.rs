//! What must be true of every visit at the end of every scenario, whatever it is about.

use crate::world::{INTEGRATION, Told, World, trouble};
use domain::decide::Verdict;
use domain::explain::Explanation;
use domain::gates::State;
use domain::reasons::Class;
use domain::setup::OwnerRole;
use engine::ops::AppointmentsAsked;

/// Checks every visit that the engine was told of.
pub async fn check_every_visit(world: &mut World) -> Told {
    world.settle().await;
    let asked = AppointmentsAsked { limit: Some(1000), ..AppointmentsAsked::default() };
    let listed = world.engine()?.list_appointments(&world.operator(), INTEGRATION, asked).await.map_err(trouble)?;
    for item in listed.items {
        let explanation = world.explained(&item.source_id).await?.explanation;
        let problem = whole(&explanation).err();
        // Where letters go, what went is looked at itself.
        let problem = problem.or_else(|| told_once(&explanation).err().filter(|_| !world.sends_letters));
        if let Some(problem) = problem {
            return Err(format!("visit {}, as every visit: {problem}", item.source_id));
        }
        if (item.verdict, item.primary) != (explanation.verdict, explanation.primary) {
            return Err(format!(
                "visit {}: the list says {} and its page {}",
                item.source_id, item.verdict, explanation.verdict
            ));
        }
    }
    for (n, letter) in world.post.went().iter().enumerate() {
        if world.post.went()[..n].contains(letter) {
            return Err(format!("the same letter went twice: {}", letter.subject));
        }
    }
    Ok(())
}

/// One verdict, with a reason that has evidence, an owner and a fix (requirements ).
pub fn whole(explanation: &Explanation) -> Told {
    let verdict = explanation.verdict;
    if (verdict == Verdict::InSync) == explanation.primary.is_some() {
        return Err(format!("{verdict} with {:?} as its reason", explanation.primary));
    }
    if verdict == Verdict::Unexplained {
        return Err("no rule explains it".to_owned());
    }
    if let Some(primary) = explanation.primary
        && !explanation.findings.iter().any(|finding| finding.code == Some(primary))
    {
        return Err(format!("{primary} is its reason and not among its findings"));
    }
    if explanation.sentence.is_empty() || explanation.sentence.contains(['{', '}']) {
        return Err(format!("its sentence is {:?}", explanation.sentence));
    }
    for finding in &explanation.findings {
        let gate = finding.gate;
        let evidence = &finding.evidence;
        if finding.state != State::NotApplicable && evidence.observed.as_deref().is_none_or(str::is_empty) {
            return Err(format!("the gate {gate} says {} and not what it saw", finding.state.word()));
        }
        if evidence.expected.is_empty() || evidence.rule.is_empty() || !evidence.profile.contains('@') {
            return Err(format!("the gate {gate} does not say what it expected by which rule of which profile"));
        }
        let Some(code) = finding.code else {
            if finding.state.stops() {
                return Err(format!("the gate {gate} stops it without a reason"));
            }
            continue;
        };
        let owner = finding.owner.as_ref().map(|owner| owner.role);
        let someone = owner.is_some_and(|owner| owner != OwnerRole::Nobody);
        if finding.state.stops() && !someone && finding.class != Some(Class::Excluded) {
            return Err(format!("{code} stops it and nobody owns it"));
        }
        let sentence = finding.sentence.as_deref().unwrap_or_default();
        if finding.fix.is_none_or(str::is_empty) || sentence.is_empty() || sentence.contains(['{', '}']) {
            return Err(format!("{code} has no fix, or its sentence is {sentence:?}"));
        }
    }
    Ok(())
}

/// At most one notice to the patient, whatever happened (requirement S0-3).
fn told_once(explanation: &Explanation) -> Told {
    let told = explanation.timeline.iter().filter(|item| item.what == "told").count();
    if told > 1 { Err(format!("{told} notices to the patient")) } else { Ok(()) }
}
