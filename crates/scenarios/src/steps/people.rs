//! Groups, series, statuses of single participants, visits that follow one another; and what the platform does to
//! cards itself.

use crate::sentence::Values;
use crate::steps::answers::same;
use crate::steps::records::ids;
use crate::steps::{Known, act, note};
use crate::visit::VisitDraft;
use crate::world::{INTEGRATION, Told, World, civil, trouble};
use domain::setup::StatusDoc;
use domain::status::Status;
use engine::ops::{CardItem, ReceiptGiven, ReceiptParticipant};
use serde_json::Value;

pub(super) const SENTENCES: &[Known] = &[
    note("visit {word} is for patients {rest}", for_patients),
    note("in visit {word} patient {word} carries the status word {quoted}", own_status),
    note("visit {word} carries the reason code {word}", reason_code),
    note("visit {word} carries the note {quoted}", with_note),
    note("the reason code {word} means {word}", reason_means),
    note("the reason code {word} means {word} in department {word}", reason_means_in_department),
    note("a note with {quoted} means {word}", note_means),
    note("visits {word} to {word} are planned weekly from {time} as the series {word}", weekly),
    note("visit {word} takes the place of visit {word}", takes_place),
    note("visit {word} has the co-host {word} ({rest})", co_host),
    act!("staff complete visit {word} on the platform", completed),
    act!("the platform puts {quoted} on the card of visit {word}", guest),
    act!("the platform says that patient {word} has the address {quoted} on visit {word}", address),
    act!("the card of visit {word} has {rest}", card_has),
    act!("the platform's own list has visit {word} as {word} among the {word} ones", listed),
    act!("the platform was last sent visit {word} with {rest}", sent_with),
    act!("the address of patient {word} on visit {word} is {quoted}", address_is),
    act!("on the card of visit {word} patient {word} is {word}", participant_is),
    act!("it replaces visit {word}", replaces),
    act!("it was replaced by visit {word}", replaced_by),
    act!("it perhaps doubles visit {word}", doubles),
    act!("it belongs to no pair", no_pair),
    act!("it is related to {word} other visits of its series", siblings),
    act!("its status was read so: {quoted}", status_read),
    act!("the status word {quoted} is reported as {rest}", word_reported),
    act!("the status word {quoted} in department {word} is reported as {rest}", word_in_department_reported),
    act!("nothing is to be done by itself on a status", no_automation),
    act!("things may be done by themselves on a status", automation),
];

fn for_patients(world: &mut World, values: &Values) -> Told {
    let mut people = Vec::new();
    for (n, id) in values.list(1).iter().enumerate() {
        let person = world.patient(id);
        if person.family == "Okafor" {
            // Namesakes would be one person to whoever looks for duplicates.
            person.call(&format!("Ada{n} Okafor-{id}"));
        }
        people.push(person.clone());
    }
    let visit = world.visit(values.at(0))?;
    visit.patient = people.first().map(|first| first.id.clone());
    visit.others = people.into_iter().skip(1).collect();
    Ok(())
}

fn own_status(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.own.insert(values.at(1).to_owned(), values.at(2).to_owned());
    Ok(())
}

fn reason_code(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.reason = values.at(1).to_owned();
    Ok(())
}

fn with_note(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.note = values.at(1).to_owned();
    Ok(())
}

fn rule(world: &mut World, reason: Option<&str>, note: Option<&str>, department: Option<&str>, word: &str) -> Told {
    let means = Status::from_word(word).ok_or_else(|| format!("there is no status {word:?}"))?;
    let rule = StatusDoc {
        source: "".into(),
        reason: reason.map(Into::into),
        note: note.map(Into::into),
        department: department.map(Into::into),
        means,
    };
    world.integration().statuses.push(rule);
    Ok(())
}

fn reason_means(world: &mut World, values: &Values) -> Told {
    rule(world, Some(values.at(0)), None, None, values.at(1))
}

fn reason_means_in_department(world: &mut World, values: &Values) -> Told {
    rule(world, Some(values.at(0)), None, Some(values.at(2)), values.at(1))
}

fn note_means(world: &mut World, values: &Values) -> Told {
    rule(world, None, Some(values.at(0)), None, values.at(1))
}

fn weekly(world: &mut World, values: &Values) -> Told {
    let mut start = civil(values.at(2))?;
    for (n, id) in ids(values.at(0), values.at(1))?.into_iter().enumerate() {
        let mut visit = VisitDraft::new(&id, start);
        visit.patient = Some("P-1".to_owned());
        visit.series = Some((values.at(3).to_owned(), u32::try_from(n + 1).unwrap_or(u32::MAX)));
        world.visits.insert(id, visit);
        start = start.checked_add(jiff::Span::new().weeks(1)).map_err(|error| error.to_string())?;
    }
    world.patient("P-1");
    Ok(())
}

fn takes_place(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.replaces = values.at(1).to_owned();
    Ok(())
}

fn co_host(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.co_host = Some((values.at(1).to_owned(), values.at(2).to_owned()));
    Ok(())
}

/// A receipt for the version last wished for, with what else the platform tells.
async fn receipt(world: &mut World, id: &str, change: impl FnOnce(&mut ReceiptGiven)) -> Told {
    let version = world.explained(id).await?.explanation.delivery.version;
    let mut given = ReceiptGiven { source_id: id.into(), version, platform_id: None, participants: None, status: None };
    change(&mut given);
    let platform = world.someone("platform")?;
    world.engine()?.receive_receipt(&platform, INTEGRATION, given).await.map_err(trouble)
}

async fn completed(world: &mut World, values: Values) -> Told {
    receipt(world, values.at(0), |given| given.status = Some(Status::Completed)).await
}

async fn guest(world: &mut World, values: Values) -> Told {
    let guest = ReceiptParticipant {
        source_id: None,
        name: Some(values.at(0).into()),
        email: Some("guest@platform.example".into()),
        origin: Some("platform".into()),
    };
    receipt(world, values.at(1), |given| given.participants = Some(vec![guest])).await
}

async fn address(world: &mut World, values: Values) -> Told {
    let person = ReceiptParticipant {
        source_id: Some(values.at(0).into()),
        name: None,
        email: Some(values.at(1).into()),
        origin: Some("source".into()),
    };
    receipt(world, values.at(2), |given| given.participants = Some(vec![person])).await
}

async fn card(world: &mut World, id: &str) -> Told<CardItem> {
    world.settle().await;
    world.spoken_of = Some(id.to_owned());
    let listed = world.engine()?.list_cards(&world.operator(), INTEGRATION, None, None).await.map_err(trouble)?;
    let found = listed.items.into_iter().find(|card| card.source_id == *id);
    found.ok_or_else(|| format!("there is no card of {id}"))
}

fn sorted(mut names: Vec<String>) -> String {
    names.sort();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

async fn card_has(world: &mut World, values: Values) -> Told {
    let card = card(world, values.at(0)).await?;
    let name = |person: engine::ops::CardPerson| match person.source_id {
        Some(id) => id.to_string(),
        None => person.name.unwrap_or_default(),
    };
    let people = card.participants.into_iter().map(name).collect();
    same("those on the card", &sorted(values.list(1)), &sorted(people))
}

async fn listed(world: &mut World, values: Values) -> Told {
    let card = card(world, values.at(0)).await?;
    let wanted = format!("{} among the {}", values.at(1), values.at(2));
    same("the card", &wanted, &format!("{} among the {}", card.status.word(), card.tab))
}

/// Those on the card that the platform was last sent.
async fn sent(world: &mut World, id: &str) -> Told<Vec<Value>> {
    world.settle().await;
    world.spoken_of = Some(id.to_owned());
    let data = world.platform.card(id).ok_or("the platform was told nothing of it")?;
    Ok(data["card"]["participants"].as_array().cloned().unwrap_or_default())
}

async fn sent_with(world: &mut World, values: Values) -> Told {
    let name = |person: &Value| person["source_id"].as_str().or(person["name"].as_str()).unwrap_or_default().to_owned();
    let people = sent(world, values.at(0)).await?.iter().map(name).collect();
    same("those on the card that was sent", &sorted(values.list(1)), &sorted(people))
}

async fn address_is(world: &mut World, values: Values) -> Told {
    let people = sent(world, values.at(1)).await?;
    let person = people.iter().find(|person| person["source_id"] == values.at(0)).ok_or("they are not on the card")?;
    same("the address", values.at(2), person["email"].as_str().unwrap_or_default())
}

async fn participant_is(world: &mut World, values: Values) -> Told {
    let card = card(world, values.at(0)).await?;
    let person = card.participants.iter().find(|person| person.source_id.as_deref() == Some(values.at(1)));
    same("their status", values.at(2), person.map_or("not on the card", |person| person.status.word()))
}

async fn replaces(world: &mut World, values: Values) -> Told {
    related(world, "replaces", values.at(0)).await
}

async fn replaced_by(world: &mut World, values: Values) -> Told {
    related(world, "replaced_by", values.at(0)).await
}

async fn doubles(world: &mut World, values: Values) -> Told {
    related(world, "doubles", values.at(0)).await
}

async fn related(world: &mut World, relation: &str, wanted: &str) -> Told {
    let pairs = world.explained_again().await?.explanation.lineage;
    let others: Vec<&str> =
        pairs.iter().filter(|pair| pair.relation == relation).map(|pair| pair.source_id.as_str()).collect();
    same(&format!("what it {relation}"), wanted, &others.join(", "))
}

async fn no_pair(world: &mut World, _: Values) -> Told {
    let pairs = world.explained_again().await?.explanation.lineage;
    let pairs: Vec<&str> =
        pairs.iter().filter(|pair| pair.relation != "same_series").map(|pair| pair.relation).collect();
    same("its pairs", "", &pairs.join(", "))
}

async fn siblings(world: &mut World, values: Values) -> Told {
    let pairs = world.explained_again().await?.explanation.lineage;
    let count = pairs.iter().filter(|pair| pair.relation == "same_series").count();
    same("the other visits of its series", values.at(0), &count.to_string())
}

async fn status_read(world: &mut World, values: Values) -> Told {
    let rule = world.explained_again().await?.explanation.appointment.status_rule;
    same("the rule", values.at(0), &rule.map_or_else(|| "no rule".to_owned(), |rule| rule.sentence))
}

async fn word_reported(world: &mut World, values: Values) -> Told {
    reported(world, values.at(0), None, values.at(1)).await
}

async fn word_in_department_reported(world: &mut World, values: Values) -> Told {
    reported(world, values.at(0), Some(values.at(1)), values.at(2)).await
}

async fn covered(world: &mut World) -> Told<engine::ops::StatusCoverage> {
    world.settle().await;
    world.engine()?.cover_statuses(&world.operator(), INTEGRATION).await.map_err(trouble)
}

async fn reported(world: &mut World, word: &str, department: Option<&str>, wanted: &str) -> Told {
    let items = covered(world).await?.words;
    let found = items.iter().find(|item| item.word == *word && item.department.as_deref() == department);
    let is = found.map_or_else(
        || "not at all".to_owned(),
        |item| {
            let means = item.means.map_or("without a meaning", Status::word);
            let by = item.by.map(|by| format!(" by {by}")).unwrap_or_default();
            let tested = if item.tested { ", tested" } else { "" };
            format!("{means}{by} on {} visits{tested}", item.visits)
        },
    );
    same("the word", wanted, &is)
}

async fn no_automation(world: &mut World, _: Values) -> Told {
    let may = covered(world).await?.automation;
    if may { Err("things may be done by themselves".to_owned()) } else { Ok(()) }
}

async fn automation(world: &mut World, _: Values) -> Told {
    let may = covered(world).await?.automation;
    if may { Ok(()) } else { Err("nothing is to be done by itself".to_owned()) }
}
