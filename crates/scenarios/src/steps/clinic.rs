//! How the clinic and its integration are set up: the practice document.

use crate::sentence::Values;
use crate::steps::{Known, note};
use crate::world::{Told, World};
use domain::model::Modality;
use domain::setup::{DepartmentDoc, Lifecycle, TypeDoc};

pub(super) const SENTENCES: &[Known] = &[
    note("it is {time} at the clinic", it_is),
    note("the clinic is in {word}", the_zone_is),
    note("the clinic is closed on {word}", closed_on),
    note("the practice system is {word}", source_is),
    note("the platform is {word}", platform_is),
    note("the integration is {word}", lifecycle_is),
    note("no visit type is approved", no_types),
    note("the visit type {quoted} is approved", type_approved),
    note("the visit type {quoted} is approved under the id {word}", type_with_id),
    note("the visit type {quoted} is approved for visits by {word}", type_with_modality),
    note("department {word} is registered", department),
    note("department {word} is registered in the zone {word}", department_in_zone),
];

fn it_is(world: &mut World, values: &Values) -> Told {
    let time = world.moment(values.at(0))?;
    world.set_clock(time)
}

fn the_zone_is(world: &mut World, values: &Values) -> Told {
    world.unsaved = true;
    world.document.practice.time_zone = values.at(0).into();
    world.zone().map(|_| ())
}

fn closed_on(world: &mut World, values: &Values) -> Told {
    let day = values.at(0).parse().map_err(|error| format!("{error}"))?;
    world.unsaved = true;
    world.document.practice.holidays.push(day);
    Ok(())
}

fn source_is(world: &mut World, values: &Values) -> Told {
    world.integration().source.profile = values.at(0).into();
    Ok(())
}

fn platform_is(world: &mut World, values: &Values) -> Told {
    world.integration().platform.profile = values.at(0).into();
    Ok(())
}

fn lifecycle_is(world: &mut World, values: &Values) -> Told {
    let known = Lifecycle::from_word(values.at(0));
    world.integration().lifecycle = known.ok_or_else(|| format!("there is no state {:?}", values.at(0)))?;
    Ok(())
}

fn no_types(world: &mut World, _: &Values) -> Told {
    world.integration().types.clear();
    Ok(())
}

fn approve(world: &mut World, name: &str, change: impl FnOnce(&mut TypeDoc)) {
    let types = &mut world.integration().types;
    let at = types.iter().position(|kind| kind.source_name == *name).unwrap_or_else(|| {
        types.push(TypeDoc { source_name: name.into(), source_id: None, modality: Some(Modality::Video) });
        types.len() - 1
    });
    change(&mut types[at]);
}

fn type_approved(world: &mut World, values: &Values) -> Told {
    approve(world, values.at(0), |_| {});
    Ok(())
}

fn type_with_id(world: &mut World, values: &Values) -> Told {
    approve(world, values.at(0), |kind| kind.source_id = Some(values.at(1).into()));
    Ok(())
}

fn type_with_modality(world: &mut World, values: &Values) -> Told {
    let known = [Modality::Video, Modality::InPerson, Modality::Phone, Modality::Message];
    let modality = known.into_iter().find(|modality| modality.word() == values.at(1));
    let modality = modality.ok_or_else(|| format!("there are no visits by {:?}", values.at(1)))?;
    approve(world, values.at(0), |kind| kind.modality = Some(modality));
    Ok(())
}

fn register(world: &mut World, id: &str, zone: Option<&str>) {
    let department = DepartmentDoc { source_id: id.into(), name: None, time_zone: zone.map(Into::into) };
    world.integration().departments.push(department);
}

fn department(world: &mut World, values: &Values) -> Told {
    register(world, values.at(0), None);
    Ok(())
}

fn department_in_zone(world: &mut World, values: &Values) -> Told {
    register(world, values.at(0), Some(values.at(1)));
    Ok(())
}
