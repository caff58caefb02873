//! How patients are reached, what stands against it, and the letters that go.

use crate::ports::Went;
use crate::sentence::Values;
use crate::steps::answers::same;
use crate::steps::{Known, act, note};
use crate::world::{Told, World};
use domain::model::Way;
use domain::setup::{PatientDoc, RestrictionDoc};

pub(super) const SENTENCES: &[Known] = &[
    note("letters go out", letters_go_out),
    note("letters are refused", letters_refused),
    note("letters are taken again", letters_taken),
    note("patient {word} has the mobile {quoted}", mobile),
    note("patient {word} has no mobile", no_mobile),
    note("patient {word} has the landline {quoted}", landline),
    note("patient {word} prefers the language {word}", language),
    note("the record of patient {word} carries the publicity code {quoted}", publicity),
    note("the publicity code of patient {word} was taken back", no_publicity),
    note("the account {word} says {quoted} against telling its holder things by {word}", account_restricts),
    note("the account {word} says nothing against telling its holder things", account_allows),
    note("the account {word} has the number {quoted}", account_number),
    note("the account {word} has the address {quoted}", account_address),
    note("the account {word} is not activated", account_inactive),
    note("the account {word} is activated", account_active),
    note("the owner for {word} has the address {quoted}", owner_address),
    act!("no letter goes", no_letter),
    act!("{word} letters have gone", letters),
    act!("the {word} letter went by {word} to {quoted} in {word}", letter_went),
    act!("the {word} letter says {quoted}", letter_says),
];

fn letters_go_out(world: &mut World, _: &Values) -> Told {
    world.sends_letters = true;
    Ok(())
}

fn letters_refused(world: &mut World, _: &Values) -> Told {
    world.post.set_refusing(true);
    Ok(())
}

fn letters_taken(world: &mut World, _: &Values) -> Told {
    world.post.set_refusing(false);
    Ok(())
}

fn mobile(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).mobile = values.at(1).to_owned();
    Ok(())
}

fn no_mobile(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).mobile.clear();
    Ok(())
}

fn landline(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).phone = values.at(1).to_owned();
    Ok(())
}

fn language(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).language = values.at(1).to_owned();
    Ok(())
}

fn publicity(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).publicity = values.at(1).to_owned();
    Ok(())
}

fn no_publicity(world: &mut World, values: &Values) -> Told {
    world.patient(values.at(0)).publicity = "\"\"".to_owned();
    Ok(())
}

pub(super) fn account<'w>(world: &'w mut World, id: &str) -> Told<&'w mut PatientDoc> {
    let accounts = &mut world.integration().patients;
    accounts.iter_mut().find(|account| *account.platform_id == *id).ok_or_else(|| format!("there is no account {id}"))
}

fn account_restricts(world: &mut World, values: &Values) -> Told {
    let way = Way::from_word(values.at(2)).ok_or("the ways are any, mail, sms and call")?;
    account(world, values.at(0))?.restrictions.push(RestrictionDoc { way, said: values.at(1).into() });
    Ok(())
}

fn account_allows(world: &mut World, values: &Values) -> Told {
    account(world, values.at(0))?.restrictions.clear();
    Ok(())
}

fn account_number(world: &mut World, values: &Values) -> Told {
    account(world, values.at(0))?.phone = Some(values.at(1).into());
    Ok(())
}

fn account_address(world: &mut World, values: &Values) -> Told {
    account(world, values.at(0))?.email = Some(values.at(1).into());
    Ok(())
}

fn account_inactive(world: &mut World, values: &Values) -> Told {
    account(world, values.at(0))?.active = false;
    Ok(())
}

fn account_active(world: &mut World, values: &Values) -> Told {
    account(world, values.at(0))?.active = true;
    Ok(())
}

fn owner_address(world: &mut World, values: &Values) -> Told {
    let owners = &mut world.integration().owners;
    let owner = owners.iter_mut().find(|owner| owner.role.word() == values.at(0));
    owner.ok_or_else(|| format!("nobody is the owner for {}", values.at(0)))?.email = Some(values.at(1).into());
    Ok(())
}

async fn went(world: &mut World) -> Vec<Went> {
    world.settle().await;
    world.post.went()
}

fn tell(letters: &[Went]) -> String {
    letters.iter().map(|letter| format!("\n  {} to {}: {}", letter.way, letter.to, letter.subject)).collect()
}

async fn no_letter(world: &mut World, _: Values) -> Told {
    let went = went(world).await;
    if went.is_empty() { Ok(()) } else { Err(format!("there went:{}", tell(&went))) }
}

async fn letters(world: &mut World, values: Values) -> Told {
    let went = went(world).await;
    same("letters", values.at(0), &went.len().to_string()).map_err(|why| format!("{why}{}", tell(&went)))
}

async fn letter(world: &mut World, place: &str) -> Told<Went> {
    let went = went(world).await;
    let words = ["first", "second", "third", "fourth"];
    let at = words.iter().position(|word| *word == place).ok_or("count to four: first, second, third, fourth")?;
    went.get(at).cloned().ok_or_else(|| format!("there went only:{}", tell(&went)))
}

async fn letter_went(world: &mut World, values: Values) -> Told {
    let letter = letter(world, values.at(0)).await?;
    let wanted = format!("{} to {} in {}", values.at(1), values.at(2), values.at(3));
    same("the letter", &wanted, &format!("{} to {} in {}", letter.way, letter.to, letter.language))
}

async fn letter_says(world: &mut World, values: Values) -> Told {
    let letter = letter(world, values.at(0)).await?;
    let said = [&letter.subject, &letter.text].iter().any(|text| text.contains(values.at(1)));
    if said { Ok(()) } else { Err(format!("it says:\n{}\n{}", letter.subject, letter.text)) }
}
