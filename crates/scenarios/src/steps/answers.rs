//! What the explanation of a visit must say.

use crate::sentence::Values;
use crate::steps::records::ids;
use crate::steps::{Known, act};
use crate::world::{INTEGRATION, Told, World, trouble};
use domain::explain::{Explanation, FindingView};
use domain::gates::{GateId, State};
use domain::time::Moment;

pub(super) const SENTENCES: &[Known] = &[
    act!("visit {word} is in sync", in_sync),
    act!("visits {word} to {word} are in sync", many_in_sync),
    act!("visit {word} is on its way, expected by {time}", on_its_way),
    act!("visit {word} is held because of {word}", held),
    act!("visits {word} to {word} are held because of {word}", many_held),
    act!("visit {word} waits because of {word}", waits),
    act!("visit {word} is left out because of {word}", left_out),
    act!("visit {word} has failed because of {word}", failed),
    act!("visit {word} has arrived wrong because of {word}", arrived_wrong),
    act!("the open causes are {rest}", open_causes),
    act!("it notes {rest}", notes),
    act!("the answer says {quoted}", answer_says),
    act!("it heals by itself on {time}", heals_on),
    act!("it does not heal by itself", heals_not),
    act!("its status is {word}", status_is),
    act!("it starts on {time}", starts),
    act!("{word} says {quoted}", says),
    act!("{word} is told under the label {quoted}", label),
    act!("{word} is owned by {word}", owned_by),
    act!("{word} is owned by {word}, who is {quoted}", owned_by_name),
    act!("{word} takes the owner {word}", effort),
    act!("{word} is mended so: {quoted}", fix),
    act!("{word} is of the family {word}", family),
    act!("{word} heals {word}", heals),
    act!("{word} expected {quoted} and found {quoted}", expected_and_found),
    act!("{word} found {quoted}", found),
    act!("{word} was read in {word}", read_in),
    act!("{word} was read on {time} from message {word} by the rule {word}", read_on),
    act!("{word} quotes the rules of {word}", quotes),
    act!("{word} waits for {rest}", waits_for),
    act!("{word} tells that {word} is {quoted}", detail),
    act!("the gate {word} says {word}", gate_says),
    act!("its delivery is {word}", delivery_is),
    act!("all gates are told in their fixed order", all_gates),
    act!("its timeline is {rest}", timeline_is),
    act!("its timeline says {quoted}", timeline_says),
    act!("its timeline says {quoted} {word} times", timeline_says_times),
    act!("the same fix would release {rest}", fix_once),
    act!("{word} sees that {word} found {quoted}", seen_by),
    act!("{word}, who gave the reason {quoted}, sees that {word} found {quoted}", seen_with_reason),
];

pub(super) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}

/// `Ok` when the two are the same. A value in quotation marks has single ones inside.
pub(super) fn same(what: &str, wanted: &str, is: &str) -> Told {
    let is = is.replace('"', "'");
    if wanted == is { Ok(()) } else { Err(format!("{what}:\n  expected {wanted}\n  is       {is}")) }
}

async fn verdict(world: &mut World, id: &str, wanted: &str, code: Option<&str>) -> Told {
    let explanation = world.explained(id).await?.explanation;
    let primary = explanation.primary.map_or("no reason", |reason| reason.code());
    let is = format!("{}, {primary}", explanation.verdict);
    same(&format!("the verdict on {id}"), &format!("{wanted}, {}", code.unwrap_or("no reason")), &is)
}

async fn in_sync(world: &mut World, values: Values) -> Told {
    verdict(world, values.at(0), "in_sync", None).await
}

async fn many_in_sync(world: &mut World, values: Values) -> Told {
    for id in ids(values.at(0), values.at(1))? {
        verdict(world, &id, "in_sync", None).await?;
    }
    Ok(())
}

async fn on_its_way(world: &mut World, values: Values) -> Told {
    verdict(world, values.at(0), "on_time", Some("ON_TIME_WAITING")).await?;
    let expected_by = world.explained_again().await?.explanation.expected_by;
    time("the time it is expected by", world, values.at(1), expected_by)
}

async fn held(world: &mut World, values: Values) -> Told {
    verdict(world, values.at(0), "held", Some(values.at(1))).await
}

async fn many_held(world: &mut World, values: Values) -> Told {
    for id in ids(values.at(0), values.at(1))? {
        verdict(world, &id, "held", Some(values.at(2))).await?;
    }
    Ok(())
}

async fn waits(world: &mut World, values: Values) -> Told {
    verdict(world, values.at(0), "waiting_by_rule", Some(values.at(1))).await
}

async fn left_out(world: &mut World, values: Values) -> Told {
    verdict(world, values.at(0), "excluded", Some(values.at(1))).await
}

async fn failed(world: &mut World, values: Values) -> Told {
    verdict(world, values.at(0), "failed", Some(values.at(1))).await
}

async fn arrived_wrong(world: &mut World, values: Values) -> Told {
    verdict(world, values.at(0), "arrived_wrong", Some(values.at(1))).await
}

fn codes(explanation: &Explanation, wanted: impl Fn(State) -> bool) -> String {
    let found = explanation.findings.iter().filter(|finding| wanted(finding.state));
    list(found.filter_map(|finding| finding.code))
}

async fn open_causes(world: &mut World, values: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    same("the open causes", &list(values.list(0)), &codes(&explanation, State::stops))
}

async fn notes(world: &mut World, values: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    same("what is noted", &list(values.list(0)), &codes(&explanation, |state| state == State::Notice))
}

async fn answer_says(world: &mut World, values: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    same("the sentence", values.at(0), &explanation.sentence)
}

pub(super) fn time(what: &str, world: &World, wanted: &str, is: Option<Moment>) -> Told {
    let wanted = world.clock_text(world.moment(wanted)?)?;
    let is = is.map_or(Ok("never".to_owned()), |is| world.clock_text(is))?;
    same(what, &wanted, &is)
}

async fn heals_on(world: &mut World, values: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    time("the time it heals by itself", world, values.at(0), explanation.heals_at)
}

async fn heals_not(world: &mut World, _: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    let is = explanation.heals_at.map_or(Ok("never".to_owned()), |is| world.clock_text(is))?;
    same("the time it heals by itself", "never", &is)
}

async fn status_is(world: &mut World, values: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    same("the status", values.at(0), explanation.appointment.status.word())
}

async fn starts(world: &mut World, values: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    time("the start", world, values.at(0), explanation.appointment.start)
}

/// The finding with this code on the visit last spoken of.
async fn finding(world: &mut World, code: &str) -> Told<FindingView> {
    let explanation = world.explained_again().await?.explanation;
    let known = explanation.findings.into_iter().find(|finding| finding.code.is_some_and(|known| known.code() == code));
    known.ok_or_else(|| format!("{code} is not among the findings"))
}

async fn says(world: &mut World, values: Values) -> Told {
    let finding = finding(world, values.at(0)).await?;
    same("the sentence", values.at(1), &finding.sentence.unwrap_or_default())
}

async fn label(world: &mut World, values: Values) -> Told {
    same("the label", values.at(1), finding(world, values.at(0)).await?.label.unwrap_or_default())
}

async fn owned_by(world: &mut World, values: Values) -> Told {
    let owner = finding(world, values.at(0)).await?.owner;
    same("the owner", values.at(1), owner.as_ref().map_or("nobody at all", |owner| owner.role.word()))
}

async fn owned_by_name(world: &mut World, values: Values) -> Told {
    let owner = finding(world, values.at(0)).await?.owner.ok_or("it has no owner")?;
    let name = owner.name.map_or_else(|| "unnamed".to_owned(), |name| name.to_string());
    same("the owner", &format!("{}, {}", values.at(1), values.at(2)), &format!("{}, {name}", owner.role.word()))
}

async fn effort(world: &mut World, values: Values) -> Told {
    let effort = finding(world, values.at(0)).await?.effort.map(word).unwrap_or_default();
    same("the effort", values.at(1), &effort)
}

fn word<T: serde::Serialize>(value: T) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

async fn fix(world: &mut World, values: Values) -> Told {
    same("the fix", values.at(1), finding(world, values.at(0)).await?.fix.unwrap_or_default())
}

async fn family(world: &mut World, values: Values) -> Told {
    same("the family", values.at(1), finding(world, values.at(0)).await?.family.word())
}

async fn heals(world: &mut World, values: Values) -> Told {
    same("how it ends", values.at(1), &finding(world, values.at(0)).await?.heals.map(word).unwrap_or_default())
}

async fn expected_and_found(world: &mut World, values: Values) -> Told {
    let evidence = finding(world, values.at(0)).await?.evidence;
    same("what was expected", values.at(1), &evidence.expected)?;
    same("what was found", values.at(2), &evidence.observed.unwrap_or_default())
}

async fn found(world: &mut World, values: Values) -> Told {
    let evidence = finding(world, values.at(0)).await?.evidence;
    same("what was found", values.at(1), &evidence.observed.unwrap_or_default())
}

async fn read_in(world: &mut World, values: Values) -> Told {
    let place = finding(world, values.at(0)).await?.evidence.place.unwrap_or_default();
    same("where it was read", values.at(1), &place)
}

async fn read_on(world: &mut World, values: Values) -> Told {
    let evidence = finding(world, values.at(0)).await?.evidence;
    time("when it was read", world, values.at(1), Some(evidence.read_at))?;
    same("the rule", values.at(3), evidence.rule)?;
    let id = evidence.envelope.ok_or("it does not say from which message")?;
    let stored = world.engine()?.read(move |reader| Ok(reader.envelope(id)?)).await.map_err(trouble)?;
    let body = stored.ok_or("the message was not kept")?.body;
    let control_id = body.split(|byte| *byte == b'|').nth(9).unwrap_or_default();
    same("the message", values.at(2), &String::from_utf8_lossy(control_id))
}

async fn quotes(world: &mut World, values: Values) -> Told {
    same("the profile", values.at(1), &finding(world, values.at(0)).await?.evidence.profile)
}

async fn waits_for(world: &mut World, values: Values) -> Told {
    same("what it waits for", &list(values.list(1)), &list(finding(world, values.at(0)).await?.wakes_on))
}

async fn detail(world: &mut World, values: Values) -> Told {
    let details = finding(world, values.at(0)).await?.evidence.details;
    let value = details.iter().find(|(name, _)| *name == values.at(1)).map(|(_, value)| value.to_string());
    same(&format!("its {}", values.at(1)), values.at(2), &value.unwrap_or_else(|| "not told".to_owned()))
}

async fn gate_says(world: &mut World, values: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    let known = explanation.findings.iter().find(|finding| finding.gate == values.at(0));
    same(&format!("the gate {}", values.at(0)), values.at(1), known.map_or("no such gate", |known| known.state.word()))
}

async fn delivery_is(world: &mut World, values: Values) -> Told {
    same("its delivery", values.at(0), world.explained_again().await?.explanation.delivery.state)
}

async fn all_gates(world: &mut World, _: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    let gates = explanation.findings.iter().map(|finding| finding.gate);
    same("the gates", &list(GateId::ALL.iter().map(|gate| gate.name())), &list(gates))
}

async fn timeline_is(world: &mut World, values: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    same("the timeline", &list(values.list(0)), &list(explanation.timeline.iter().map(|item| item.what)))
}

fn mentions(explanation: &Explanation, text: &str) -> usize {
    explanation.timeline.iter().filter(|item| item.why.replace('"', "'").contains(text)).count()
}

async fn timeline_says(world: &mut World, values: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    if mentions(&explanation, values.at(0)) > 0 { Ok(()) } else { Err("the timeline does not say so".to_owned()) }
}

async fn timeline_says_times(world: &mut World, values: Values) -> Told {
    let explanation = world.explained_again().await?.explanation;
    same("how often the timeline says so", values.at(1), &mentions(&explanation, values.at(0)).to_string())
}

async fn fix_once(world: &mut World, values: Values) -> Told {
    let explained = world.explained_again().await?;
    let primary = explained.explanation.primary;
    let cause = explained.fix_once.into_iter().find(|cause| Some(cause.code) == primary);
    let mut others = cause.map(|cause| cause.others).unwrap_or_default();
    others.sort();
    same("what the same fix would release", &list(values.list(0)), &list(others))
}

async fn seen_by(world: &mut World, values: Values) -> Told {
    sees(world, values.at(0), None, values.at(1), values.at(2)).await
}

async fn seen_with_reason(world: &mut World, values: Values) -> Told {
    sees(world, values.at(0), Some(values.at(1)), values.at(2), values.at(3)).await
}

async fn sees(world: &mut World, role: &str, purpose: Option<&str>, code: &str, wanted: &str) -> Told {
    let mut actor = world.someone(role)?;
    actor.purpose = purpose.map(Into::into);
    let id = world.spoken_of.clone().ok_or("no visit was spoken of yet")?;
    let explained = world.engine()?.explain_appointment(&actor, INTEGRATION, &id).await.map_err(trouble)?;
    let findings = explained.explanation.findings;
    let finding = findings.into_iter().find(|finding| finding.code.is_some_and(|known| known.code() == code));
    let evidence = finding.ok_or_else(|| format!("{code} is not among the findings"))?.evidence;
    same(&format!("what {role} sees"), wanted, &evidence.observed.unwrap_or_default())
}
