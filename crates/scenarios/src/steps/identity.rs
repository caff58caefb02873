//! Whose account is whose: patients looked for, compared, taken over.

use crate::sentence::Values;
use crate::steps::answers::same;
use crate::steps::{Known, act};
use crate::world::{INTEGRATION, Told, World, trouble};
use engine::ops::PatientFacts;

pub(super) const SENTENCES: &[Known] = &[
    act!("{word} who looks for the patient {quoted} finds {rest}", finds),
    act!("{word} imports patient {word}", imports),
    act!("{word} tries to import patient {word}", tries_to_import),
    act!("{word} imports patient {word} once more, and nothing is made", imports_again),
    act!("scheduling and case export work for patient {word}", works),
    act!("neither scheduling nor case export work for patient {word}, because {quoted}", works_not),
    act!("beside patient {word} stands account {word}, {word} % alike, with {rest}", beside),
    act!("{word} sees of patient {word} the {word} {quoted}, told on {time}", contact),
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

async fn login(world: &mut World, values: Values) -> Told {
    let facts = facts(world, values.at(0), values.at(1)).await?;
    same("the login", values.at(2), &facts.login.unwrap_or_default())
}
