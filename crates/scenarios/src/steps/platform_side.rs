//! What the platform shows, what waits for people, what is on record.

use crate::sentence::Values;
use crate::steps::answers::{same, time};
use crate::steps::{Known, act};
use crate::world::{INTEGRATION, Told, World, trouble};
use domain::decide::Verdict;
use domain::ids::IntegrationKey;
use domain::reasons::Reason;
use domain::text::Text;
use domain::time::Moment;
use engine::ops::{AppointmentsAsked, CausesAsked, PatientAsked, StartAsked, WhyAnswer, WhyAsked};
use serde_json::Value;

pub(super) const SENTENCES: &[Known] = &[
    act!("the platform shows visit {word} on {time}", shows_on),
    act!("the platform shows visit {word} as {word} among the {word} ones", shows_as),
    act!("the platform shows visit {word} with its {word} being {quoted}", shows_part),
    act!("the platform shows nothing of visit {word}", shows_nothing),
    act!("the platform shows {word} visits", shows_many),
    act!("the platform was told {word} times of visit {word}", told_times),
    act!("the platform was told {word} different things of visit {word}", told_things),
    act!("one notice to the patient of visit {word} is settled: {quoted}", one_notice),
    act!("no notice to the patient of visit {word} is settled", no_notice),
    act!("there is no open cause", no_cause),
    act!("there are {word} open causes", causes),
    act!("the cause {word} about {quoted} counts {word} visits", cause_counts),
    act!("the cause {word} about {quoted} was first seen on {time}", cause_first_seen),
    act!("the cause {word} is owned by {word}", cause_owner),
    act!("the visits listed under {word} are {rest}", listed),
    act!("the visits are counted as {rest}", counted),
    act!("patient {word} is linked to {word} by {word}", linked),
    act!("patient {word} is linked by {word}", linked_by),
    act!("patient {word} is not linked", not_linked),
    act!("the message is answered {word}", answered),
    act!("the message is answered {word}, because {quoted}", answered_because),
    act!("it is refused, because {quoted}", refused),
    act!("asking for patient {word} on {time} is answered {word}", asked),
    act!("asking for patient {word} on {time} is answered {word}: {quoted}", asked_says),
    act!("the audit log says that {word} did {word} with {quoted} {word} times", audited),
    act!("the kept messages, taken in anew, give the same answers", replayed),
];

fn card(world: &World, id: &str) -> Told<Value> {
    world.platform.card(id).ok_or_else(|| format!("the platform shows nothing of {id}"))
}

async fn shows_on(world: &mut World, values: Values) -> Told {
    world.settle().await;
    world.spoken_of = Some(values.at(0).to_owned());
    let card = card(world, values.at(0))?;
    let start: Option<Moment> = serde_json::from_value(card["card"]["start"].clone()).map_err(|e| e.to_string())?;
    time("the start on the platform", world, values.at(1), start)
}

async fn shows_as(world: &mut World, values: Values) -> Told {
    world.settle().await;
    world.spoken_of = Some(values.at(0).to_owned());
    let card = card(world, values.at(0))?;
    let is = format!("{} among the {}", text(&card["card"]["status"]), text(&card["card"]["tab"]));
    same("what the platform shows", &format!("{} among the {}", values.at(1), values.at(2)), &is)?;
    // What we say that the platform shows is what it shows.
    let cards = world.engine()?.list_cards(&world.operator(), INTEGRATION, None, None).await.map_err(trouble)?;
    let ours = cards.items.into_iter().find(|card| card.source_id == *values.at(0));
    let ours =
        ours.map_or_else(|| "nothing".to_owned(), |card| format!("{} among the {}", card.status.word(), card.tab));
    same("our list of cards", &is, &ours)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

async fn shows_part(world: &mut World, values: Values) -> Told {
    world.settle().await;
    world.spoken_of = Some(values.at(0).to_owned());
    let card = card(world, values.at(0))?;
    let pointer = format!("/card/{}", values.at(1).replace('.', "/"));
    let is = card.pointer(&pointer).map_or_else(|| "not there".to_owned(), text);
    same(&format!("its {} on the platform", values.at(1)), values.at(2), &is)
}

async fn shows_nothing(world: &mut World, values: Values) -> Told {
    world.settle().await;
    match world.platform.card(values.at(0)) {
        None => Ok(()),
        Some(card) => Err(format!("the platform shows {card:#}")),
    }
}

async fn shows_many(world: &mut World, values: Values) -> Told {
    world.settle().await;
    same("visits on the platform", values.at(0), &world.platform.cards().len().to_string())
}

async fn told_times(world: &mut World, values: Values) -> Told {
    world.settle().await;
    same("attempts", values.at(0), &world.platform.attempts(values.at(1)).to_string())
}

async fn told_things(world: &mut World, values: Values) -> Told {
    world.settle().await;
    same("different things told", values.at(0), &world.platform.events(values.at(1)).to_string())
}

async fn notices(world: &mut World, id: &str) -> Told<Vec<String>> {
    let explanation = world.explained(id).await?.explanation;
    Ok(explanation.timeline.into_iter().filter(|item| item.what == "told").map(|item| item.why).collect())
}

async fn one_notice(world: &mut World, values: Values) -> Told {
    let notices = notices(world, values.at(0)).await?;
    same("the notices", values.at(1), &notices.join(" + "))
}

async fn no_notice(world: &mut World, values: Values) -> Told {
    let notices = notices(world, values.at(0)).await?;
    same("the notices", "", &notices.join(" + "))
}

async fn open(world: &World) -> Told<Vec<engine::ops::CauseItem>> {
    world.settle().await;
    let causes = world.engine()?.list_causes(&world.operator(), CausesAsked::default()).await;
    causes.map(|causes| causes.items).map_err(trouble)
}

fn describe(causes: &[engine::ops::CauseItem]) -> String {
    let words = causes.iter().map(|cause| format!("{} about {:?}: {}", cause.code, cause.subject, cause.count));
    words.collect::<Vec<_>>().join("; ")
}

async fn no_cause(world: &mut World, _: Values) -> Told {
    same("the open causes", "", &describe(&open(world).await?))
}

async fn causes(world: &mut World, values: Values) -> Told {
    let causes = open(world).await?;
    same("the open causes", values.at(0), &causes.len().to_string())
        .map_err(|e| format!("{e}\n  {}", describe(&causes)))
}

async fn cause(world: &World, code: &str, subject: Option<&str>) -> Told<engine::ops::CauseItem> {
    let causes = open(world).await?;
    let all = describe(&causes);
    let fits = |cause: &engine::ops::CauseItem| {
        cause.code.code() == code && subject.is_none_or(|subject| cause.subject == *subject)
    };
    causes.into_iter().find(fits).ok_or_else(|| format!("no such cause is open; open are: {all}"))
}

async fn cause_counts(world: &mut World, values: Values) -> Told {
    let cause = cause(world, values.at(0), Some(values.at(1))).await?;
    same("the visits it stops", values.at(2), &cause.count.to_string())
}

async fn cause_first_seen(world: &mut World, values: Values) -> Told {
    let cause = cause(world, values.at(0), Some(values.at(1))).await?;
    time("when it was first seen", world, values.at(2), Some(cause.first_seen))
}

async fn cause_owner(world: &mut World, values: Values) -> Told {
    let cause = cause(world, values.at(0), None).await?;
    same("its owner", values.at(1), cause.owner.role.word())
}

async fn listed(world: &mut World, values: Values) -> Told {
    world.settle().await;
    let code = Reason::from_code(values.at(0)).ok_or("the catalogue has no such code")?;
    let asked = AppointmentsAsked { code: Some(code), ..AppointmentsAsked::default() };
    let list = world.engine()?.list_appointments(&world.operator(), INTEGRATION, asked).await.map_err(trouble)?;
    let is: Vec<String> = list.items.iter().map(|item| item.source_id.to_string()).collect();
    same("the list", &values.list(1).join(", "), &is.join(", "))
}

async fn counted(world: &mut World, values: Values) -> Told {
    world.settle().await;
    let shown = world.engine()?.show_integration(&world.operator(), INTEGRATION).await.map_err(trouble)?;
    let words = Verdict::ALL.iter().filter_map(|verdict| {
        let count = shown.counts.get(verdict.word()).copied().unwrap_or(0);
        (count > 0).then(|| format!("{count} {verdict}"))
    });
    same("the counts", &values.list(0).join(", "), &words.collect::<Vec<_>>().join(", "))
}

async fn link_of(world: &World, patient: &str) -> Told<Option<(Text, &'static str)>> {
    world.settle().await;
    let key: IntegrationKey = {
        let setup = world.engine()?.setup();
        setup.named(INTEGRATION).ok_or("there is no integration")?.key()
    };
    let patient = Text::from(patient);
    let row = world.engine()?.read(move |reader| Ok(reader.patient(key, &patient)?)).await.map_err(trouble)?;
    Ok(row.and_then(|row| row.link).map(|link| (link.platform_id, link.method.word())))
}

async fn linked(world: &mut World, values: Values) -> Told {
    let link = link_of(world, values.at(0)).await?;
    let is = link.map_or_else(|| "not linked".to_owned(), |(id, method)| format!("{id} by {method}"));
    same("the link", &format!("{} by {}", values.at(1), values.at(2)), &is)
}

async fn linked_by(world: &mut World, values: Values) -> Told {
    let link = link_of(world, values.at(0)).await?;
    same("how it was linked", values.at(1), link.map_or("not linked", |(_, method)| method))
}

async fn not_linked(world: &mut World, values: Values) -> Told {
    match link_of(world, values.at(0)).await? {
        None => Ok(()),
        Some((id, method)) => Err(format!("linked to {id} by {method}")),
    }
}

async fn answered(world: &mut World, values: Values) -> Told {
    let (_, answer) = world.last.as_ref().ok_or("no message was sent yet")?;
    let why = answer.problem.as_ref().map_or(String::new(), |why| format!(", because {why}"));
    same("the answer", values.at(0), answer.code).map_err(|error| format!("{error}{why}"))
}

async fn answered_because(world: &mut World, values: Values) -> Told {
    let (_, answer) = world.last.as_ref().ok_or("no message was sent yet")?;
    let is = format!("{}, because {}", answer.code, answer.problem.as_deref().unwrap_or("of nothing"));
    same("the answer", &format!("{}, because {}", values.at(0), values.at(1)), &is)
}

async fn refused(world: &mut World, values: Values) -> Told {
    same("why it is refused", values.at(0), world.refused.as_deref().unwrap_or("it was not refused"))
}

async fn ask(world: &World, patient: &str, start: &str) -> Told<(String, String)> {
    world.settle().await;
    let asked = WhyAsked {
        patient: Some(PatientAsked { source_id: Some(patient.into()), ..PatientAsked::default() }),
        start: Some(StartAsked::At(world.moment(start)?)),
        ..WhyAsked::default()
    };
    let answer = world.engine()?.answer_why(&world.operator(), INTEGRATION, asked).await.map_err(trouble)?;
    Ok(match answer {
        WhyAnswer::Found(found) => ("found".to_owned(), found.explained.explanation.sentence),
        WhyAnswer::Absent(absent) => (absent.answer.to_owned(), absent.sentence),
    })
}

async fn asked(world: &mut World, values: Values) -> Told {
    same("the answer", values.at(2), &ask(world, values.at(0), values.at(1)).await?.0)
}

async fn asked_says(world: &mut World, values: Values) -> Told {
    let (answer, sentence) = ask(world, values.at(0), values.at(1)).await?;
    same("the answer", &format!("{}: {}", values.at(2), values.at(3)), &format!("{answer}: {sentence}"))
}

async fn audited(world: &mut World, values: Values) -> Told {
    world.settle().await;
    let log = world.engine()?.read_audit(&world.operator(), Some(values.at(2).into()), None).await.map_err(trouble)?;
    let rows = log.items.iter().filter(|row| row.role == *values.at(0) && row.action == *values.at(1)).count();
    same("rows in the audit log", values.at(3), &rows.to_string())
}

/// Feeds what was kept to an empty engine at the times at which it came, and compares what both say.
async fn replayed(world: &mut World, _: Values) -> Told {
    world.settle().await;
    let (now, before) = (world.now(), tokio::time::Instant::now());
    let mut bodies = Vec::new();
    for (at, id) in world.kept.clone() {
        let stored = world.engine()?.read(move |reader| Ok(reader.envelope(id)?)).await.map_err(trouble)?;
        bodies.push((at, stored.ok_or("a message was not kept")?.body));
    }
    let mut anew = World::new(world.backend)?;
    anew.document = world.document.clone();
    if let Some((first, _)) = bodies.first() {
        anew.set_clock(*first)?;
    }
    anew.ready().await?;
    for (at, body) in bodies {
        if at > anew.now() {
            anew.pass_until(at).await?;
        }
        anew.receive(body.to_vec()).await?;
    }
    if now > anew.now() {
        anew.pass_until(now).await?;
    }
    world.leave_out_since(before);
    let mut outcome = Ok(());
    for id in world.told_of.clone() {
        let (before, after) = (world.explained(&id).await?, anew.explained(&id).await?);
        let words = |explained: &engine::ops::Explained| {
            let explanation = &explained.explanation;
            let findings = explanation.findings.iter().map(|finding| {
                format!("{} {} {}", finding.gate, finding.state.word(), finding.code.map_or("", Reason::code))
            });
            format!("{}: {} [{}]", explanation.source_id, explanation.sentence, findings.collect::<Vec<_>>().join(", "))
        };
        let (wanted, is) = (words(&before).replace('"', "'"), words(&after));
        outcome = outcome.and(same("the answer after taking everything in anew", &wanted, &is));
    }
    anew.end().await;
    outcome
}
