//! Visits and patients as the practice system holds them. Nobody is told of anything yet.

use crate::sentence::Values;
use crate::steps::{Known, note};
use crate::visit::{PatientDraft, Planned, VisitDraft};
use crate::world::{Told, World, civil};

pub(super) const SENTENCES: &[Known] = &[
    note("visit {word} is planned for {time}", planned),
    note("visits {word} to {word} are planned from {time}, one every {word} minutes", planned_many),
    note("visit {word} is planned for the day {word}", planned_for_day),
    note("visit {word} is with provider {word} ({rest})", with_provider),
    note("visits {word} to {word} are with provider {word} ({rest})", many_with_provider),
    note("visit {word} is for patient {word}", for_patient),
    note("visits {word} to {word} are for patient {word}", many_for_patient),
    note("visit {word} has the type {quoted}", with_type),
    note("visit {word} has the type {quoted} with the id {word}", with_type_and_id),
    note("visit {word} has its type in the service segment", type_in_service),
    note("visit {word} is in department {word}", in_department),
    note("visit {word} carries the status word {quoted}", with_status),
    note("visit {word} carries no status word", without_status),
    note("visit {word} is said to last {word} without a unit", without_unit),
    note("visit {word} says {time} in its service segment", other_start),
    note("visit {word} names no {word}", names_no),
    note("visit {word} is marked as a test", test),
    note("visit {word} has {word} participants", group),
    note("patient {word} is called {quoted}", called),
    note("patient {word} was born {word}", born),
    note("patient {word} has no date of birth", not_born),
    note("of patient {word} only the number is told", number_only),
    note("patient {word} has the e-mail {quoted}", with_email),
    note("patient {word} has no e-mail", without_email),
    note("the e-mail of patient {word} was taken away", email_taken_away),
    note("patient {word} has no postal address", without_address),
    note("patient {word} has a postal address", with_address),
    note("patient {word} is insured", insured),
    note("patient {word} is insured without a policy number", badly_insured),
];

/// The ids from one to another: `V-1` to `V-300`.
pub(super) fn ids(from: &str, to: &str) -> Told<Vec<String>> {
    let parts = |id: &str| -> Option<(String, u32)> {
        let (name, number) = id.rsplit_once('-')?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    match (parts(from), parts(to)) {
        (Some((name, first)), Some((same, last))) if name == same && first <= last => {
            Ok((first..=last).map(|number| format!("{name}-{number}")).collect())
        }
        _ => Err(format!("{from} to {to} is no row of ids: write V-1 to V-9")),
    }
}

fn planned(world: &mut World, values: &Values) -> Told {
    let start = civil(values.at(1))?;
    let fresh = || VisitDraft::new(values.at(0), start);
    world.visits.entry(values.at(0).to_owned()).or_insert_with(fresh).planned = Planned::At(start);
    world.spoken_of = Some(values.at(0).to_owned());
    Ok(())
}

fn planned_many(world: &mut World, values: &Values) -> Told {
    let (mut start, minutes) = (civil(values.at(2))?, values.at(3).parse().map_err(|error| format!("{error}"))?);
    for id in ids(values.at(0), values.at(1))? {
        world.visits.insert(id.clone(), VisitDraft::new(&id, start));
        start = start.checked_add(jiff::Span::new().minutes::<i64>(minutes)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn planned_for_day(world: &mut World, values: &Values) -> Told {
    let day: jiff::civil::Date = values.at(1).parse().map_err(|error| format!("{error}"))?;
    let fresh = || VisitDraft::new(values.at(0), day.at(0, 0, 0, 0));
    world.visits.entry(values.at(0).to_owned()).or_insert_with(fresh).planned = Planned::Day(day);
    Ok(())
}

fn with_provider(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.provider = Some((values.at(1).to_owned(), values.at(2).to_owned()));
    Ok(())
}

fn many_for_patient(world: &mut World, values: &Values) -> Told {
    for id in ids(values.at(0), values.at(1))? {
        world.visit(&id)?.patient = Some(values.at(2).to_owned());
    }
    Ok(())
}

fn many_with_provider(world: &mut World, values: &Values) -> Told {
    for id in ids(values.at(0), values.at(1))? {
        world.visit(&id)?.provider = Some((values.at(2).to_owned(), values.at(3).to_owned()));
    }
    Ok(())
}

fn group(world: &mut World, values: &Values) -> Told {
    let many: usize = values.at(1).parse().map_err(|error| format!("{error}"))?;
    let other = |n: usize| {
        let mut other = PatientDraft::new(&format!("G-{n}"));
        other.call(&format!("Guest{n} Of{n}"));
        other
    };
    world.visit(values.at(0))?.others = (2..=many).map(other).collect();
    Ok(())
}

fn for_patient(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(1));
    world.visit(values.at(0))?.patient = Some(values.at(1).to_owned());
    Ok(())
}

fn with_type(world: &mut World, values: &Values) -> Told {
    let visit = world.visit(values.at(0))?;
    (visit.type_id, visit.type_name) = (String::new(), values.at(1).to_owned());
    Ok(())
}

fn with_type_and_id(world: &mut World, values: &Values) -> Told {
    let visit = world.visit(values.at(0))?;
    (visit.type_id, visit.type_name) = (values.at(2).to_owned(), values.at(1).to_owned());
    Ok(())
}

fn type_in_service(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.type_in_service = true;
    Ok(())
}

fn in_department(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.department = Some(values.at(1).to_owned());
    Ok(())
}

fn with_status(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.status = values.at(1).to_owned();
    Ok(())
}

fn without_status(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.status.clear();
    Ok(())
}

fn without_unit(world: &mut World, values: &Values) -> Told {
    let minutes = values.at(1).parse().map_err(|error| format!("{error}"))?;
    let visit = world.visit(values.at(0))?;
    (visit.minutes, visit.has_unit) = (minutes, false);
    Ok(())
}

fn other_start(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.other_start = Some(civil(values.at(1))?);
    Ok(())
}

fn names_no(world: &mut World, values: &Values) -> Told {
    let visit = world.visit(values.at(0))?;
    match values.at(1) {
        "patient" => visit.patient = None,
        "provider" => visit.provider = None,
        "type" => (visit.type_id, visit.type_name) = (String::new(), String::new()),
        "time" => visit.planned = Planned::Nothing,
        other => return Err(format!("visits always name their {other}: patient, provider, type or time")),
    }
    Ok(())
}

fn test(world: &mut World, values: &Values) -> Told {
    world.visit(values.at(0))?.test = true;
    Ok(())
}

fn called(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).call(values.at(1));
    Ok(())
}

fn born(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).born = Some(values.at(1).parse().map_err(|error| format!("{error}"))?);
    Ok(())
}

fn not_born(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).born = None;
    Ok(())
}

fn number_only(world: &mut World, values: &Values) -> Told {
    let patient = world.patient(values.at(0));
    patient.call("");
    patient.born = None;
    patient.email.clear();
    patient.has_address = false;
    Ok(())
}

fn with_email(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).email = values.at(1).to_owned();
    Ok(())
}

fn without_email(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).email.clear();
    Ok(())
}

fn email_taken_away(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).email = "\"\"".to_owned();
    Ok(())
}

fn without_address(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).has_address = false;
    Ok(())
}

fn with_address(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).has_address = true;
    Ok(())
}

fn insured(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).insured = Some(true);
    Ok(())
}

fn badly_insured(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).insured = Some(false);
    Ok(())
}
