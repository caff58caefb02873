//! Made-up practices, each with whatever happens to be wrong in it and with three causes planted. All three are listed
//! with the visits they stop; each is mended where it is wrong, and the rest heals alone. After each step verdict and
//! the primary reason of every visit are compared with those that an oracle works out from the rules' text.

mod oracle;
mod truth;

use domain::setup::{PatientDoc, ProviderDoc, StatusDoc, TypeDoc, UserDoc, UserRole};
use domain::status::Status;
use engine::ops::CausesAsked;
use jiff::ToSpan;
use jiff::civil::date;
use scenarios::backend::Backend;
use scenarios::platform::Mood;
use scenarios::run::on_paused_time;
use scenarios::visit::{PatientDraft, Trigger, VisitDraft};
use scenarios::world::{INTEGRATION, Told, World, trouble};
use std::collections::BTreeMap;
use truth::{Account, Email, Kind, Planted, Practice, Provider, When};

/// Practices of every run; of a long one (`./test --long`); on a store that is spoken to over a network.
const SOME: u64 = 40;
const MANY: u64 = 1000;
const FEW: u64 = 8;

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says in the environment how long they may take")]
fn is_long() -> bool {
    std::env::var_os("PUNCTUAL_TEST_LONG").is_some()
}

/// Looks at the practices of the first seeds.
pub(crate) fn three_causes_each(backend: Backend) -> Told {
    let count = match (backend.needs_server, is_long()) {
        (true, _) => FEW,
        (false, true) => MANY,
        (false, false) => SOME,
    };
    let mut planted = BTreeMap::new();
    for seed in 1..=count {
        let practice = Practice::of(&mut fastrand::Rng::with_seed(seed));
        practice.count(&mut planted);
        on_paused_time(live_through(backend, practice, seed)).map_err(|why| format!("practice {seed}: {why}"))?;
    }
    if count >= SOME && planted.len() < 10 {
        return Err(format!("the practices hardly differ: {planted:?}"));
    }
    Ok(())
}

async fn live_through(backend: Backend, mut practice: Practice, seed: u64) -> Told {
    // What happens is drawn apart from what is true, so that a change of one leaves the other.
    let mut chance = fastrand::Rng::with_seed(seed ^ 0x5eed);
    let mut world = World::new(backend)?;
    set_up(&mut world, &practice);
    world.ready().await?;
    for n in 0..practice.visits.len() {
        world.platform.be(mood(&mut chance));
        world.visits.insert(id(n), draft(&practice, n));
        world.tell(Trigger::Booked, &id(n)).await?;
        if chance.u8(..5) == 0
            && let Some((again, _)) = world.last.clone()
        {
            world.receive(again).await?;
        }
        if chance.bool() {
            world.settle().await;
        }
    }
    world.settle().await;
    world.platform.be(Mood::Names);
    // Whatever was refused for the time being is tried again within this time.
    world.pass(7200).await?;
    compare(&mut world, &practice, "as booked").await?;
    listed(&world, &practice).await?;
    for planted in practice.planted.clone() {
        mend(&mut world, &mut practice, planted, &mut chance).await?;
        world.pass(60).await?;
        compare(&mut world, &practice, &format!("after {planted:?} was mended")).await?;
    }
    scenarios::checks::check_every_visit(&mut world).await?;
    world.end().await;
    Ok(())
}

fn mood(chance: &mut fastrand::Rng) -> Mood {
    match chance.u8(..8) {
        0 => Mood::Busy(None),
        1 => Mood::Absent,
        2 => Mood::AnswersGetLost,
        _ => Mood::Names,
    }
}

fn id(n: usize) -> String {
    format!("V-{n}")
}

fn patient_id(n: usize) -> String {
    format!("P-{n}")
}

/// Names that are far from each other, and birth days that nobody shares.
fn name(n: usize) -> (String, String) {
    const FAMILIES: [&str; 10] = [
        "Abernathy",
        "Bukowski",
        "Chukwu",
        "Dimitriou",
        "Esposito",
        "Fjeldstad",
        "Gutierrez",
        "Hashimoto",
        "Ivanova",
        "Jorgensen",
    ];
    const GIVEN: [&str; 10] =
        ["Wilhelmina", "Oskar", "Thandiwe", "Kostas", "Lucrezia", "Sverre", "Ximena", "Yukio", "Ludmila", "Preben"];
    (FAMILIES[n % 10].to_owned(), GIVEN[n % 10].to_owned())
}

fn born(n: usize) -> jiff::civil::Date {
    date(1950, 1, 3).saturating_add((n as i64 * 391).days())
}

fn set_up(world: &mut World, practice: &Practice) {
    let integration = world.integration();
    integration.source.profile = practice.source.into();
    integration.platform.profile = practice.platform.into();
    integration.providers.clear();
    for (n, provider) in practice.providers.iter().enumerate() {
        let source_id = format!("DR{n}");
        match provider {
            Provider::Unknown => continue,
            Provider::Clerk => integration.users.push(UserDoc {
                email: format!("clerk{n}@northside.example").into(),
                source_id: Some(source_id.into()),
                role: UserRole::Staff,
                name: None,
            }),
            Provider::Fine | Provider::Unlinked | Provider::Inactive => integration.providers.push(ProviderDoc {
                platform_id: (*provider != Provider::Unlinked).then(|| format!("prov_{n}").into()),
                active: *provider != Provider::Inactive,
                source_id: source_id.into(),
                name: None,
            }),
        }
    }
    for (n, person) in practice.people.iter().enumerate() {
        let (family, given) = name(n);
        let account = |platform_id: String, family: String, email: String| PatientDoc {
            platform_id: platform_id.into(),
            source_id: None,
            family: Some(family.into()),
            given: Some(given.clone().into()),
            birth_date: Some(born(n)),
            email: Some(email.into()),
            phone: None,
            active: true,
            restrictions: Vec::new(),
        };
        match person.account {
            Account::None => {}
            Account::Same => {
                integration.patients.push(account(format!("pat_{n}"), family, format!("acc{n}@mail.example")));
            }
            Account::Alike => {
                let other = format!("{family}e");
                integration.patients.push(account(format!("pat_{n}"), other, format!("acc{n}@mail.example")));
            }
        }
        match person.email {
            Email::Staff => integration.users.push(UserDoc {
                email: format!("staff{n}@northside.example").into(),
                source_id: None,
                role: UserRole::Staff,
                name: None,
            }),
            Email::Taken => integration.patients.push(PatientDoc {
                platform_id: format!("other_{n}").into(),
                source_id: Some(format!("P-holder-{n}").into()),
                family: Some("Quackenbush".into()),
                given: Some("Zebedee".into()),
                birth_date: None,
                email: Some(format!("taken{n}@mail.example").into()),
                phone: None,
                active: true,
                restrictions: Vec::new(),
            }),
            Email::Fine | Email::Missing | Email::Malformed => {}
        }
    }
    for (n, person) in practice.people.iter().enumerate() {
        write_down(world.patient(&patient_id(n)), person, practice.platform, n);
    }
}

/// A patient's record as the practice system holds it.
fn write_down(draft: &mut PatientDraft, person: &truth::Person, platform: &str, n: usize) {
    (draft.family, draft.given) = name(n);
    draft.email = match person.email {
        Email::Fine => format!("patient{n}@mail.example"),
        Email::Missing => String::new(),
        Email::Malformed => format!("patient{n}.mail.example"),
        Email::Staff => format!("Staff{n}@Northside.example"),
        Email::Taken => format!("taken{n}@mail.example"),
    };
    // The two platforms ask for different fields.
    draft.has_address = !(person.incomplete && platform == "chiron");
    draft.born = (!(person.incomplete && platform == "hale")).then(|| born(n));
}

fn draft(practice: &Practice, n: usize) -> VisitDraft {
    let visit = &practice.visits[n];
    // Different hours, so that nobody is in two places at once.
    let hour = i8::try_from(8 + n % 8).unwrap_or(8);
    let day = |days: i64| date(2026, 11, 24).saturating_add(days.days()).at(hour, 0, 0, 0);
    let start = match visit.when {
        When::Soon => day(n as i64 / 8),
        When::Far => day(150),
        When::Past => day(-6),
    };
    let mut draft = VisitDraft::new(&id(n), start);
    draft.provider = Some((format!("DR{}", visit.provider), "Some One".to_owned()));
    draft.patient = Some(patient_id(visit.person));
    draft.type_name = match visit.kind {
        Kind::Approved => "Telemedicine Visit",
        Kind::Misspelt => "Telemedicine Vist",
        Kind::Other => "Dental Cleaning",
    }
    .to_owned();
    draft.status = if visit.odd_word { "Zorbed".to_owned() } else { String::new() };
    draft
}

/// Every visit has the verdict and the primary reason that the oracle says.
async fn compare(world: &mut World, practice: &Practice, when: &str) -> Told {
    for (n, visit) in practice.visits.iter().enumerate() {
        let (verdict, primary) = oracle::verdict(practice, visit);
        let told = world.explained(&id(n)).await?.explanation;
        let is = (told.verdict.to_string(), told.primary.map(|reason| reason.code()));
        if is != (verdict.to_owned(), primary) {
            return Err(format!(
                "{when}, {} is {is:?} and ought to be {verdict} {primary:?}: {visit:?}, {:?}, {:?}, {} {}",
                id(n),
                practice.providers[visit.provider],
                practice.people[visit.person],
                practice.source,
                practice.platform,
            ));
        }
    }
    Ok(())
}

/// Every cause is listed with the visits that it stops, and none else; the planted ones among them.
async fn listed(world: &World, practice: &Practice) -> Told {
    let causes = world.engine()?.list_causes(&world.operator(), CausesAsked::default()).await.map_err(trouble)?;
    let mut is: BTreeMap<(String, String), u64> = BTreeMap::new();
    for cause in causes.items {
        let code = cause.code.code().to_owned();
        let named = !matches!(code.as_str(), "APPT_TYPE_NAME_MISMATCH" | "STATUS_UNMAPPED");
        let subject = if named { cause.subject.to_string() } else { String::new() };
        *is.entry((code, subject)).or_default() += cause.count;
    }
    let wanted = oracle::causes(practice);
    if is != wanted {
        return Err(format!("the causes are {is:?} and ought to be {wanted:?}"));
    }
    for planted in &practice.planted {
        let mut without = practice.clone();
        without.mend(*planted);
        let there = oracle::causes(&without).values().sum::<u64>() < wanted.values().sum::<u64>();
        there.then_some(()).ok_or_else(|| format!("{planted:?} was planted and stops nothing"))?;
    }
    Ok(())
}

/// Mends a planted cause where it is wrong: in the practice system, in the set-up, or by a link. No visit is touched
/// but where the visit itself is wrong.
async fn mend(world: &mut World, practice: &mut Practice, planted: Planted, chance: &mut fastrand::Rng) -> Told {
    let before = practice.clone();
    practice.mend(planted);
    match planted {
        Planted::Provider(n) => mend_provider(world, &before, n).await,
        Planted::Account(n) => {
            let support = world.someone("support")?;
            let kind = domain::setup::LinkKind::Patient;
            let linked =
                world.engine()?.set_link(&support, INTEGRATION, kind, &patient_id(n), &format!("pat_{n}")).await;
            linked.map_err(trouble)
        }
        Planted::Email(n) | Planted::Demographics(n) => {
            write_down(world.patient(&patient_id(n)), &practice.people[n], practice.platform, n);
            world.tell_of_patient(&patient_id(n), None).await
        }
        // Either the clinic's spelling is approved, or the visits get the approved one.
        Planted::Misspelt if chance.bool() => {
            let modality = Some(domain::model::Modality::Video);
            let approved = TypeDoc { source_name: "Telemedicine Vist".into(), source_id: None, modality };
            world.integration().types.push(approved);
            world.ready().await
        }
        Planted::Misspelt => tell_again(world, practice, |n| before.visits[n].kind == Kind::Misspelt).await,
        Planted::OddWord if chance.bool() => {
            let means = Status::Booked;
            let word = StatusDoc { source: "Zorbed".into(), reason: None, note: None, department: None, means };
            world.integration().statuses.push(word);
            world.ready().await
        }
        Planted::OddWord => tell_again(world, practice, |n| before.visits[n].odd_word).await,
    }
}

async fn mend_provider(world: &mut World, before: &Practice, n: usize) -> Told {
    let source_id = format!("DR{n}");
    match before.providers[n] {
        Provider::Unlinked => {
            let support = world.someone("support")?;
            let kind = domain::setup::LinkKind::Provider;
            let linked = world.engine()?.set_link(&support, INTEGRATION, kind, &source_id, &format!("prov_{n}")).await;
            return linked.map_err(trouble);
        }
        Provider::Inactive => {
            let providers = &mut world.integration().providers;
            providers
                .iter_mut()
                .filter(|provider| *provider.source_id == *source_id)
                .for_each(|found| found.active = true);
        }
        Provider::Unknown | Provider::Clerk | Provider::Fine => {
            let integration = world.integration();
            let is_other = |user: &UserDoc| user.source_id.as_deref() != Some(source_id.as_str());
            integration.users.retain(is_other);
            let platform_id = Some(format!("prov_{n}").into());
            integration.providers.push(ProviderDoc {
                source_id: source_id.into(),
                platform_id,
                name: None,
                active: true,
            });
        }
    }
    world.ready().await
}

/// Staff correct visits, one by one, in the practice system.
async fn tell_again(world: &mut World, practice: &Practice, wrong: impl Fn(usize) -> bool) -> Told {
    // A minute later: what is said now is newer than the booking.
    world.pass(60).await?;
    for n in (0..practice.visits.len()).filter(|n| wrong(*n)) {
        world.visits.insert(id(n), draft(practice, n));
        // A change that names no status would leave it as it is.
        world.tell(Trigger::Moved, &id(n)).await?;
    }
    Ok(())
}
