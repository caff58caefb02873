//! Who is known on both sides, what words mean here, which rules the practice changed: the practice document.

use crate::sentence::Values;
use crate::steps::{Known, note};
use crate::world::{Told, World};
use domain::checks::DataCheck;
use domain::setup::{
    Listed, OverrideDoc, OwnerDoc, OwnerRole, PatientDoc, PatientNotices, ProviderDoc, StatusDoc, UserDoc, UserRole,
};
use domain::status::Status;

pub(super) const SENTENCES: &[Known] = &[
    note("provider {word} ({rest}) has the account {word}", provider_with_account),
    note("provider {word} ({rest}) has no account", provider_without_account),
    note("provider {word} is not active", provider_inactive),
    note("provider {word} is active", provider_active),
    note("staff user {word} ({rest}) has the address {quoted}", staff),
    note("the platform has the account {word} of {quoted}, born {word}, with the address {quoted}", account),
    note("the account {word} is linked to patient {word}", account_linked),
    note("the status word {quoted} means {word}", status_word),
    note("the status word {quoted} means {word} in department {word}", status_word_in_department),
    note("the practice sets {word} to {rest}", override_rule),
    note("the owner for {word} is {quoted}", owner),
    note("nobody is the owner for {word}", nobody),
    note("the {word} owner {quoted} acts on the data check {word}", check_owner),
    note("patients are told by {word}", notices),
    note("the platform's address is {word}", address),
    note("the signing secret cannot be read", secret_gone),
    note("the signing secret can be read again", secret_back),
    note("the practice document is applied again", apply_again),
];

fn provider<'w>(world: &'w mut World, id: &str) -> &'w mut ProviderDoc {
    let providers = &mut world.integration().providers;
    let at = providers.iter().position(|provider| provider.source_id == *id).unwrap_or_else(|| {
        providers.push(ProviderDoc { source_id: id.into(), platform_id: None, name: None, active: true });
        providers.len() - 1
    });
    &mut providers[at]
}

fn provider_with_account(world: &mut World, values: &Values) -> Told {
    let provider = provider(world, values.at(0));
    (provider.name, provider.platform_id) = (Some(values.at(1).into()), Some(values.at(2).into()));
    Ok(())
}

fn provider_without_account(world: &mut World, values: &Values) -> Told {
    let provider = provider(world, values.at(0));
    (provider.name, provider.platform_id) = (Some(values.at(1).into()), None);
    Ok(())
}

fn provider_inactive(world: &mut World, values: &Values) -> Told {
    provider(world, values.at(0)).active = false;
    Ok(())
}

fn provider_active(world: &mut World, values: &Values) -> Told {
    provider(world, values.at(0)).active = true;
    Ok(())
}

fn staff(world: &mut World, values: &Values) -> Told {
    let user = UserDoc {
        email: values.at(2).into(),
        source_id: Some(values.at(0).into()),
        role: UserRole::Staff,
        name: Some(values.at(1).into()),
    };
    world.integration().users.push(user);
    Ok(())
}

fn account(world: &mut World, values: &Values) -> Told {
    let (given, family) = values.at(1).rsplit_once(' ').unwrap_or(("", values.at(1)));
    let account = PatientDoc {
        platform_id: values.at(0).into(),
        source_id: None,
        family: Some(family.into()),
        given: Some(given.into()),
        birth_date: Some(values.at(2).parse().map_err(|error| format!("{error}"))?),
        email: Some(values.at(3).into()),
        phone: None,
        active: true,
        restrictions: Vec::new(),
    };
    world.integration().patients.push(account);
    Ok(())
}

fn account_linked(world: &mut World, values: &Values) -> Told {
    let accounts = &mut world.integration().patients;
    let account = accounts.iter_mut().find(|account| account.platform_id == *values.at(0));
    account.ok_or_else(|| format!("there is no account {}", values.at(0)))?.source_id = Some(values.at(1).into());
    Ok(())
}

fn status(word: &str) -> Told<Status> {
    let known = Status::ALL.into_iter().find(|status| status.word() == word);
    known.ok_or_else(|| format!("there is no status {word:?}"))
}

fn status_word(world: &mut World, values: &Values) -> Told {
    let means = status(values.at(1))?;
    world.integration().statuses.push(StatusDoc {
        source: values.at(0).into(),
        reason: None,
        note: None,
        department: None,
        means,
    });
    Ok(())
}

fn status_word_in_department(world: &mut World, values: &Values) -> Told {
    let (means, department) = (status(values.at(1))?, Some(values.at(2).into()));
    world.integration().statuses.push(StatusDoc {
        source: values.at(0).into(),
        reason: None,
        note: None,
        department,
        means,
    });
    Ok(())
}

fn override_rule(world: &mut World, values: &Values) -> Told {
    let table: toml::Table =
        format!("value = {}", values.at(1)).parse().map_err(|error: toml::de::Error| error.to_string())?;
    let value = table.get("value").cloned().ok_or("no value")?;
    let changed = OverrideDoc {
        path: values.at(0).into(),
        value,
        author: "Dana, practice admin".into(),
        reason: "agreed with the vendor".into(),
    };
    world.integration().overrides.push(changed);
    Ok(())
}

fn owner(world: &mut World, values: &Values) -> Told {
    nobody(world, values)?;
    let role = owner_role(values.at(0))?;
    let owner = OwnerDoc { role, code: None, check: None, step: 0, name: values.at(1).into(), email: None };
    world.integration().owners.push(owner);
    Ok(())
}

fn check_owner(world: &mut World, values: &Values) -> Told {
    let (role, name) = (owner_role(values.at(0))?, values.at(1).into());
    let check = DataCheck::from_word(values.at(2)).ok_or_else(|| format!("there is no data check {}", values.at(2)))?;
    let owner = OwnerDoc { role, code: None, check: Some(check), step: 0, name, email: None };
    world.integration().owners.push(owner);
    Ok(())
}

fn owner_role(word: &str) -> Told<OwnerRole> {
    toml::Value::from(word).try_into().map_err(|error| format!("{error}"))
}

fn nobody(world: &mut World, values: &Values) -> Told {
    let role = owner_role(values.at(0))?;
    let left: Vec<OwnerDoc> = world.integration().owners.iter().filter(|owner| owner.role != role).cloned().collect();
    world.integration().owners = Listed::from(left);
    Ok(())
}

fn notices(world: &mut World, values: &Values) -> Told {
    world.integration().notices.patients = match values.at(0) {
        "punctual" => PatientNotices::Punctual,
        "platform" => PatientNotices::Platform,
        "nobody" => PatientNotices::Off,
        other => return Err(format!("{other:?} tells no patients: punctual, platform or nobody")),
    };
    Ok(())
}

fn address(world: &mut World, values: &Values) -> Told {
    world.integration().platform.url = Some(values.at(0).into());
    Ok(())
}

fn secret_gone(world: &mut World, _: &Values) -> Told {
    world.secrets.set_readable(false);
    Ok(())
}

fn secret_back(world: &mut World, _: &Values) -> Told {
    world.secrets.set_readable(true);
    Ok(())
}

fn apply_again(world: &mut World, _: &Values) -> Told {
    world.unsaved = true;
    Ok(())
}
