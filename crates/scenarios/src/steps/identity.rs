//! Whose account is whose: patients looked for, compared, taken over.

use crate::sentence::Values;
use crate::steps::answers::same;
use crate::steps::{Known, act};
use crate::world::{INTEGRATION, Told, World, trouble};
use engine::ops::{ConfirmationGiven, PatientFacts};

pub(super) const SENTENCES: &[Known] = &[
    act!("{word} who looks for the patient {quoted} finds {rest}", finds),
    act!("{word} imports patient {word}", imports),
    act!("{word} tries to import patient {word}", tries_to_import),
    act!("{word} imports patient {word} once more, and nothing is made", imports_again),
    act!("scheduling and case export work for patient {word}", works),
    act!("neither scheduling nor case export work for patient {word}, because {quoted}", works_not),
    act!("beside patient {word} stands account {word}, {word} % alike, with {rest}", beside),
    act!("{word} sees of patient {word} the {word} {quoted}, told on {time}", contact),
    act!(
        "{word} sees of patient {word} the {word} {quoted} since {time}, and on the account {quoted} since {time}",
        both
    ),
    act!("patient {word} confirms their data at login", confirms),
    act!("patient {word} says at login that their {quoted} is {quoted}", corrects),
    act!("{word} sees that patient {word} confirmed their data on {time}, and is to look at {rest}", confirmed),
    act!("{word} sees that patient {word} logs in as {quoted}", login),
];

async fn finds(world: &mut World, values: Values) -> Told {
    world.settle().await;
    let actor = world.someone(values.at(0))?;
    let found = world.engine()?.search_patients(&actor, INTEGRATION, values.at(1)).await.map_err(trouble)?;
    let hits: Vec<String> = found.items.iter().map(|hit| format!("{} {}", hit.source_id, hit.state)).collect();
    let is = if hits.is_empty() { "nobody".to_owned() } else { hits.join(", ") };
    same("who is found", &values.list(2).join(", "), &is)
}

async fn import(world: &mut World, role: &str, patient: &str) -> Result<bool, engine::Error> {
    world.settle().await;
    let actor = world.someone(role).map_err(engine::Error::Invalid)?;
    let engine = world.engine().map_err(engine::Error::Invalid)?;
    Ok(engine.import_patient(&actor, INTEGRATION, patient).await?.imported)
}

async fn imports(world: &mut World, values: Values) -> Told {
    match import(world, values.at(0), values.at(1)).await.map_err(trouble)? {
        true => Ok(()),
        false => Err("the patient was linked before".to_owned()),
    }
}

async fn imports_again(world: &mut World, values: Values) -> Told {
    match import(world, values.at(0), values.at(1)).await.map_err(trouble)? {
        true => Err("the patient was imported a second time".to_owned()),
        false => Ok(()),
    }
}

async fn tries_to_import(world: &mut World, values: Values) -> Told {
    match import(world, values.at(0), values.at(1)).await {
        Ok(_) => Err("the patient was imported".to_owned()),
        Err(error) => {
            world.refused = Some(trouble(error));
            Ok(())
        }
    }
}

async fn facts(world: &mut World, role: &str, patient: &str) -> Told<PatientFacts> {
    world.settle().await;
    let actor = world.someone(role)?;
    world.engine()?.show_patient(&actor, INTEGRATION, patient).await.map_err(trouble)
}

async fn works(world: &mut World, values: Values) -> Told {
    let facts = facts(world, "desk", values.at(0)).await?;
    if facts.scheduling.available && facts.case_export.available { Ok(()) } else { Err(format!("{facts:?}")) }
}

async fn works_not(world: &mut World, values: Values) -> Told {
    let facts = facts(world, "desk", values.at(0)).await?;
    for function in [facts.scheduling, facts.case_export] {
        same("why it does not work", values.at(1), function.why)?;
        if function.available {
            return Err("it works".to_owned());
        }
    }
    Ok(())
}

async fn beside(world: &mut World, values: Values) -> Told {
    let facts = facts(world, "desk", values.at(0)).await?;
    let stands = facts.candidates.iter().find(|candidate| *candidate.platform_id == *values.at(1));
    let stands = stands.ok_or("that account does not stand beside the patient")?;
    same("how alike they are", values.at(2), &stands.likeness.to_string())?;
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let fields = stands.fields.iter().map(|pair| {
        let alike = pair.likeness.map_or("unknown".to_owned(), |likeness| likeness.to_string());
        format!("{} {}/{} {alike}", pair.field, shown(&pair.source), shown(&pair.platform))
    });
    let fields: Vec<String> = fields.collect();
    same("both records", &values.list(3).join(", "), &fields.join(", "))
}

async fn contact(world: &mut World, values: Values) -> Told {
    let facts = facts(world, values.at(0), values.at(1)).await?;
    let known =
        facts.contact.into_iter().find(|fact| fact.what == values.at(2)).ok_or("nothing of the kind is known")?;
    same("the contact", values.at(3), &known.value.unwrap_or_default())?;
    crate::steps::answers::time("when it was told", world, values.at(4), known.told_at)
}

async fn both(world: &mut World, values: Values) -> Told {
    let facts = facts(world, values.at(0), values.at(1)).await?;
    let known =
        facts.contact.into_iter().find(|fact| fact.what == values.at(2)).ok_or("nothing of the kind is known")?;
    same("what the practice system says", values.at(3), &known.value.unwrap_or_default())?;
    crate::steps::answers::time("since when", world, values.at(4), known.since)?;
    same("what the account says", values.at(5), &known.account.unwrap_or_default())?;
    crate::steps::answers::time("since when on the account", world, values.at(6), known.account_since)?;
    if known.agrees == Some(false) { Ok(()) } else { Err(format!("they agree: {:?}", known.agrees)) }
}

async fn confirm(world: &mut World, patient: &str, given: ConfirmationGiven) -> Told {
    world.settle().await;
    let platform = world.someone("platform")?;
    world.engine()?.confirm_patient(&platform, INTEGRATION, patient, given).await.map_err(trouble)
}

async fn confirms(world: &mut World, values: Values) -> Told {
    confirm(world, values.at(0), ConfirmationGiven::default()).await
}

async fn corrects(world: &mut World, values: Values) -> Told {
    let (mut given, said) = (ConfirmationGiven::default(), values.at(2));
    match values.at(1) {
        "last name" => given.family = Some(said.into()),
        "first name" => given.given = Some(said.into()),
        "date of birth" => given.birth_date = Some(said.parse().map_err(|error| format!("{error}"))?),
        "e-mail" => given.email = Some(said.into()),
        "mobile" => given.mobile = Some(said.into()),
        other => return Err(format!("nobody corrects their {other}")),
    }
    confirm(world, values.at(0), given).await
}

async fn confirmed(world: &mut World, values: Values) -> Told {
    let facts = facts(world, values.at(0), values.at(1)).await?;
    let told = facts.confirmation.ok_or("nothing was confirmed")?;
    crate::steps::answers::time("when it was confirmed", world, values.at(2), Some(told.at))?;
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let fields = told.to_review.iter();
    let fields = fields.map(|pair| format!("{} {}/{}", pair.field, shown(&pair.source), shown(&pair.platform)));
    let is = crate::steps::answers::list(fields);
    same("what is to be looked at", values.at(3), &is)
}

async fn login(world: &mut World, values: Values) -> Told {
    let facts = facts(world, values.at(0), values.at(1)).await?;
    same("the login", values.at(2), &facts.login.unwrap_or_default())
}
