//! Patients, their links, and the platform's accounts.

use crate::backends::{Fixture, contract, for_all_in_a_batch, look, write};
use crate::rows::*;
use domain::Text;
use domain::ids::IntegrationKey;
use domain::matching::Account;
use domain::model::{BirthDate, Restriction, Way};
use jiff::civil::date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use store::{AccountQuery, AccountRow, PatientRow, Reader, Result, Writer};

contract![
    a_patient_reads_back_as_it_was_put,
    a_patient_is_found_by_what_is_known_now_only,
    the_holders_of_an_address_are_the_linked_of_the_whole_practice,
    a_holder_is_named_once_and_the_one_who_asks_never,
    holders_of_an_address_that_was_named_follow_the_batch,
    patients_with_an_address_are_found_linked_or_not,
    patients_are_found_by_the_beginning_of_their_name_or_by_their_address,
    a_patient_found_by_name_and_address_is_listed_once,
    patients_of_one_name_and_birth_date_are_found_together,
    an_account_reads_back_as_it_was_put,
    an_account_is_found_by_what_is_known_now_only,
    accounts_come_page_by_page_in_order_of_their_id,
    an_account_that_is_removed_is_gone,
    unlinked_accounts_are_found_by_address_birth_date_or_name,
    an_account_without_a_birth_date_is_found_by_name,
    any_query_finds_the_unlinked_accounts_that_looking_at_each_finds,
    whether_any_account_is_unlinked_is_known,
];

fn names(rows: &[PatientRow]) -> Vec<Text> {
    rows.iter().map(|row| row.patient.source_id.clone()).collect()
}

fn platform_ids(rows: &[AccountRow]) -> Vec<Text> {
    rows.iter().map(|row| row.account.platform_id.clone()).collect()
}

fn a_patient_reads_back_as_it_was_put(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_patient(HERE, None, &full_patient("P1"))?;
        writer.put_patient(HERE, None, &unknown_patient("P2"))
    });
    look(on.store(), |reader| {
        // Names and addresses hide in debug output: compared whole, shown never.
        assert!(reader.patient(HERE, "P1")? == Some(full_patient("P1")));
        assert_eq!(reader.patient(HERE, "P2")?, Some(unknown_patient("P2")));
        assert_eq!(reader.patient(HERE, "p1")?, None);
        assert_eq!(reader.patient(NEXT_DOOR, "P1")?, None);
        Ok(())
    });
}

fn found_by(reader: &mut dyn Reader, email: &str, name: &str) -> Result<[usize; 4]> {
    Ok([
        reader.email_holders(HERE, email, "")?.len(),
        reader.patients_with_email(HERE, email, 9)?.len(),
        reader.patients_named(HERE, name, 9)?.len(),
        reader.patients_like(HERE, name.split('|').next().unwrap(), 9)?.len(),
    ])
}

fn a_patient_is_found_by_what_is_known_now_only(on: &dyn Fixture) {
    let born = date(1980, 2, 29);
    let mut now = linked(person("P1", "Okafor", "Ada", born));
    now.patient.email = patient("", "ada@example.com").patient.email;
    let (email, name) = ("ada@example.com", "okafor|ada|1980-02-29");
    write(on.store(), |writer| keep_patient(writer, HERE, &now));
    assert_eq!(look(on.store(), |reader| found_by(reader, email, name)), [1, 1, 1, 1]);
    let mut later = linked(person("P1", "Lindqvist", "Ada", born));
    later.patient.email = patient("", "ada@example.org").patient.email;
    write(on.store(), |writer| keep_patient(writer, HERE, &later));
    assert_eq!(look(on.store(), |reader| found_by(reader, email, name)), [0, 0, 0, 0]);
    assert_eq!(
        look(on.store(), |reader| found_by(reader, "ada@example.org", "lindqvist|ada|1980-02-29")),
        [1, 1, 1, 1]
    );
    write(on.store(), |writer| keep_patient(writer, HERE, &PatientRow { link: None, ..later.clone() }));
    assert_eq!(
        look(on.store(), |reader| found_by(reader, "ada@example.org", "lindqvist|ada|1980-02-29")),
        [0, 1, 1, 1]
    );
    write(on.store(), |writer| keep_patient(writer, HERE, &unknown_patient("P1")));
    assert_eq!(
        look(on.store(), |reader| found_by(reader, "ada@example.org", "lindqvist|ada|1980-02-29")),
        [0, 0, 0, 0]
    );
}

fn the_holders_of_an_address_are_the_linked_of_the_whole_practice(on: &dyn Fixture) {
    let account_of = |source_id: Option<&str>, platform_id: &str| {
        let mut row = account(platform_id);
        row.account.email = Some(" Shared@Example.com".into());
        AccountRow { source_id: source_id.map(Text::from), ..row }
    };
    write(on.store(), |writer| {
        keep_patient(writer, HERE, &linked(patient("here", "Shared@example.com ")))?;
        keep_patient(writer, HERE, &patient("here, not linked", "shared@example.com"))?;
        keep_patient(writer, HERE, &linked(patient("here, other address", "other@example.com")))?;
        keep_patient(writer, NEXT_DOOR, &linked(patient("next door", "shared@example.com")))?;
        keep_patient(writer, ELSEWHERE, &linked(patient("elsewhere", "shared@example.com")))?;
        writer.put_account(HERE, &account_of(Some("account here"), "1"))?;
        writer.put_account(HERE, &account_of(None, "2"))?;
        writer.put_account(NEXT_DOOR, &account_of(Some("account next door"), "3"))?;
        writer.put_account(ELSEWHERE, &account_of(Some("account elsewhere"), "4"))
    });
    look(on.store(), |reader| {
        let of_the_practice = texts(["account here", "account next door", "here", "next door"]);
        assert_eq!(reader.email_holders(HERE, "shared@example.com", "x")?, of_the_practice);
        assert_eq!(reader.email_holders(NEXT_DOOR, "shared@example.com", "x")?, of_the_practice);
        let of_the_other = texts(["account elsewhere", "elsewhere"]);
        assert_eq!(reader.email_holders(ELSEWHERE, "shared@example.com", "x")?, of_the_other);
        assert_eq!(reader.email_holders(HERE, "nobody@example.com", "x")?, texts([""; 0]));
        Ok(())
    });
}

fn holders_of_an_address_that_was_named_follow_the_batch(on: &dyn Fixture) {
    write(on.store(), |writer| {
        keep_patient(writer, HERE, &linked(patient("P1", "ada@example.com")))?;
        keep_patient(writer, HERE, &patient("P2", "ada@example.com"))
    });
    let address = |of: IntegrationKey, text: &str| (of, Text::from(text));
    let addresses = vec![address(HERE, "ada@example.com"), address(HERE, "new@example.com")];
    for addresses in [addresses, Vec::new()] {
        let mut writer = on.store().writer().unwrap();
        writer.begin(&mut |hints| hints.addresses = addresses.clone()).unwrap();
        let see = |writer: &mut dyn Writer, ada: &[&str], new: &[&str]| {
            assert_eq!(writer.email_holders(HERE, "ada@example.com", "x").unwrap(), texts(ada));
            assert_eq!(writer.email_holders(NEXT_DOOR, "new@example.com", "x").unwrap(), texts(new));
            assert_eq!(writer.email_holders(ELSEWHERE, "ada@example.com", "x").unwrap(), texts([""; 0]));
        };
        see(&mut *writer, &["P1"], &[]);
        keep_patient(&mut *writer, HERE, &linked(patient("P2", "ada@example.com"))).unwrap();
        keep_patient(&mut *writer, NEXT_DOOR, &linked(patient("P9", "ada@example.com"))).unwrap();
        see(&mut *writer, &["P1", "P2", "P9"], &[]);
        keep_patient(&mut *writer, HERE, &linked(patient("P1", "New@example.com"))).unwrap();
        see(&mut *writer, &["P2", "P9"], &["P1"]);
        keep_patient(&mut *writer, HERE, &patient("P2", "ada@example.com")).unwrap();
        see(&mut *writer, &["P9"], &["P1"]);
        let mut row = account("acc");
        row.account.email = Some("new@example.com".into());
        writer.put_account(HERE, &AccountRow { source_id: Some("P7".into()), ..row }).unwrap();
        see(&mut *writer, &["P9"], &["P1", "P7"]);
        writer.delete_account(HERE, "acc").unwrap();
        see(&mut *writer, &["P9"], &["P1"]);
        writer.rollback();
    }
}

fn a_holder_is_named_once_and_the_one_who_asks_never(on: &dyn Fixture) {
    // One source feeds two platforms: the same patient stands in both integrations, and has an account in both.
    write(on.store(), |writer| {
        for integration in [HERE, NEXT_DOOR] {
            keep_patient(writer, integration, &linked(patient("P1", "ada@example.com")))?;
            let mut row = account("acc");
            row.account.email = Some("ada@example.com".into());
            writer.put_account(integration, &AccountRow { source_id: Some("P1".into()), ..row })?;
        }
        Ok(())
    });
    look(on.store(), |reader| {
        assert_eq!(reader.email_holders(HERE, "ada@example.com", "P2")?, texts(["P1"]));
        assert_eq!(reader.email_holders(HERE, "ada@example.com", "P1")?, texts([""; 0]));
        Ok(())
    });
}

fn patients_with_an_address_are_found_linked_or_not(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for id in ["C", "A", "B"] {
            keep_patient(writer, HERE, &patient(id, "Shared@Example.com"))?;
        }
        keep_patient(writer, HERE, &linked(patient("D", "shared@example.com")))?;
        keep_patient(writer, NEXT_DOOR, &patient("E", "shared@example.com"))
    });
    look(on.store(), |reader| {
        assert_eq!(reader.patients_with_email(HERE, "shared@example.com", 9)?, texts(["A", "B", "C", "D"]));
        assert_eq!(reader.patients_with_email(HERE, "shared@example.com", 2)?, texts(["A", "B"]));
        assert_eq!(reader.patients_with_email(NEXT_DOOR, "shared@example.com", 9)?, texts(["E"]));
        assert_eq!(reader.patients_with_email(HERE, "", 9)?, texts([""; 0]));
        Ok(())
    });
}

fn patients_are_found_by_the_beginning_of_their_name_or_by_their_address(on: &dyn Fixture) {
    let born = date(1980, 2, 29);
    write(on.store(), |writer| {
        keep_patient(writer, HERE, &person("1", "Okafor", "Ada", born))?;
        keep_patient(writer, HERE, &person("2", "OKAFOR", "Ben", born))?;
        keep_patient(writer, HERE, &person("3", "Oka", "Zoë", born))?;
        keep_patient(writer, HERE, &person("4", "Lindqvist", "Tor", born))?;
        keep_patient(writer, HERE, &patient("5", "okafor@example.com"))?;
        keep_patient(writer, NEXT_DOOR, &person("6", "Okafor", "Ada", born))?;
        keep_patient(writer, NEXT_DOOR, &patient("7", "okafor@example.com"))
    });
    look(on.store(), |reader| {
        let found = |reader: &mut dyn Reader, typed: &str| Ok(names(&reader.patients_like(HERE, typed, 9)?));
        assert_eq!(found(reader, "OKA")?, texts(["1", "2", "3"]));
        assert_eq!(found(reader, "okafor")?, texts(["1", "2"]));
        assert_eq!(found(reader, "Okafor|B")?, texts(["2"]));
        assert_eq!(found(reader, "fo")?, texts([""; 0]));
        assert_eq!(found(reader, "Okafor@Example.com ")?, texts(["5"]));
        assert_eq!(found(reader, "okafor@example")?, texts([""; 0]), "an address is typed whole");
        assert_eq!(names(&reader.patients_like(HERE, "oka", 2)?), texts(["1", "2"]), "in order of name");
        assert_eq!(names(&reader.patients_like(NEXT_DOOR, "oka", 9)?), texts(["6"]));
        Ok(())
    });
}

fn a_patient_found_by_name_and_address_is_listed_once(on: &dyn Fixture) {
    let mut odd = person("1", "ada@example.com", "Ada", date(1980, 2, 29));
    odd.patient.email = patient("", "ada@example.com").patient.email;
    write(on.store(), |writer| keep_patient(writer, HERE, &odd));
    assert_eq!(look(on.store(), |reader| Ok(names(&reader.patients_like(HERE, "ada@example.com", 9)?))), texts(["1"]));
}

fn patients_of_one_name_and_birth_date_are_found_together(on: &dyn Fixture) {
    let born = date(1980, 2, 29);
    write(on.store(), |writer| {
        for id in ["C", "A", "B"] {
            keep_patient(writer, HERE, &person(id, "Okafor", "ada", born))?;
        }
        keep_patient(writer, HERE, &person("other birth date", "Okafor", "Ada", date(1980, 3, 1)))?;
        keep_patient(writer, NEXT_DOOR, &person("D", "Okafor", "Ada", born))
    });
    look(on.store(), |reader| {
        let name = "okafor|ada|1980-02-29";
        assert_eq!(names(&reader.patients_named(HERE, name, 9)?), texts(["A", "B", "C"]));
        assert_eq!(names(&reader.patients_named(HERE, name, 2)?), texts(["A", "B"]));
        assert_eq!(names(&reader.patients_named(NEXT_DOOR, name, 9)?), texts(["D"]));
        assert_eq!(names(&reader.patients_named(HERE, "okafor|ada|", 9)?), texts([""; 0]), "exactly");
        Ok(())
    });
}

fn full_account(platform_id: &str) -> AccountRow {
    AccountRow {
        source_id: Some("P1".into()),
        account: Account {
            platform_id: platform_id.into(),
            family: Some("Okafor \"O'\"".into()),
            given: Some("Ada".into()),
            birth_date: Some(BirthDate(date(1900, 1, 1))),
            email: Some(" Ada@Example.com".into()),
            phone: Some("+1 555 0100".into()),
            restrictions: vec![Restriction { way: Way::Sms, said: "no texts".into(), place: "account".into() }],
            ..Account::default()
        },
    }
}

fn an_account_reads_back_as_it_was_put(on: &dyn Fixture) {
    write(on.store(), |writer| {
        writer.put_account(HERE, &full_account("full"))?;
        writer.put_account(HERE, &account("plain"))
    });
    look(on.store(), |reader| {
        assert_eq!(reader.accounts(HERE, None, 9)?, [full_account("full"), account("plain")]);
        assert_eq!(reader.account_of(HERE, "P1")?, Some(full_account("full")));
        assert_eq!(reader.account_of(HERE, "P")?, None);
        assert_eq!(reader.account_of(NEXT_DOOR, "P1")?, None);
        Ok(())
    });
}

fn an_account_is_found_by_what_is_known_now_only(on: &dyn Fixture) {
    let unlinked = AccountRow { source_id: None, ..full_account("acc") };
    let by = |reader: &mut dyn Reader, email: &str| {
        let query = AccountQuery { email_key: Some(email.into()), ..AccountQuery::default() };
        Ok(reader.unlinked_accounts(HERE, &query)?.len())
    };
    write(on.store(), |writer| writer.put_account(HERE, &unlinked));
    assert_eq!(look(on.store(), |reader| by(reader, "ada@example.com")), 1);
    let mut moved = unlinked.clone();
    moved.account.email = Some("new@example.com".into());
    write(on.store(), |writer| writer.put_account(HERE, &moved));
    assert_eq!(look(on.store(), |reader| by(reader, "ada@example.com")), 0);
    assert_eq!(look(on.store(), |reader| by(reader, "new@example.com")), 1);
    write(on.store(), |writer| writer.put_account(HERE, &full_account("acc")));
    look(on.store(), |reader| {
        assert_eq!(by(reader, "ada@example.com")?, 0, "it is linked now");
        assert_eq!(reader.account_of(HERE, "P1")?, Some(full_account("acc")));
        assert_eq!(reader.accounts(HERE, None, 9)?.len(), 1);
        Ok(())
    });
    write(on.store(), |writer| writer.put_account(HERE, &unlinked));
    assert_eq!(look(on.store(), |reader| reader.account_of(HERE, "P1")), None, "and now no longer");
}

fn accounts_come_page_by_page_in_order_of_their_id(on: &dyn Fixture) {
    let stored = ["", "1", "10", "2", "A", "a", "ä"];
    write(on.store(), |writer| {
        for id in stored.iter().rev() {
            writer.put_account(HERE, &account(id))?;
        }
        writer.put_account(NEXT_DOOR, &account("1"))
    });
    look(on.store(), |reader| {
        assert_eq!(platform_ids(&reader.accounts(HERE, None, usize::MAX)?), texts(stored));
        assert_eq!(platform_ids(&reader.accounts(HERE, None, 2)?), texts(&stored[..2]));
        assert_eq!(platform_ids(&reader.accounts(HERE, Some(""), 2)?), texts(&stored[1..3]));
        assert_eq!(platform_ids(&reader.accounts(HERE, Some("1"), 99)?), texts(&stored[2..]));
        assert_eq!(platform_ids(&reader.accounts(HERE, Some("ä"), 99)?), texts([""; 0]));
        Ok(())
    });
}

fn an_account_that_is_removed_is_gone(on: &dyn Fixture) {
    write(on.store(), |writer| {
        for integration in [HERE, NEXT_DOOR, ELSEWHERE] {
            writer.put_account(integration, &full_account("acc"))?;
        }
        writer.put_account(HERE, &account("acc 2"))?;
        writer.delete_account(HERE, "nobody")?;
        writer.delete_account(HERE, "acc")
    });
    look(on.store(), |reader| {
        assert_eq!(platform_ids(&reader.accounts(HERE, None, 9)?), texts(["acc 2"]));
        assert_eq!(reader.account_of(HERE, "P1")?, None);
        assert_eq!(reader.accounts(NEXT_DOOR, None, 9)?.len(), 1);
        assert_eq!(reader.accounts(ELSEWHERE, None, 9)?.len(), 1);
        Ok(())
    });
}

fn unlinked_accounts_are_found_by_address_birth_date_or_name(on: &dyn Fixture) {
    let born = |platform_id: &str, day| {
        let mut row = account(platform_id);
        row.account.birth_date = Some(BirthDate(day));
        row
    };
    let called = |platform_id: &str, family: &str, given: &str, day| {
        let mut row = born(platform_id, day);
        (row.account.family, row.account.given) = (Some(family.into()), Some(given.into()));
        row
    };
    let mut addressed = account("1 by address");
    addressed.account.email = Some("ADA@example.com ".into());
    write(on.store(), |writer| {
        writer.put_account(HERE, &addressed)?;
        writer.put_account(HERE, &born("2 by birth date", date(1980, 2, 29)))?;
        writer.put_account(HERE, &called("3 by name", "Okafor", "ADA", date(1999, 9, 9)))?;
        writer.put_account(HERE, &called("4 by all", "Okafor", "Ada", date(1980, 2, 29)))?;
        writer.put_account(HERE, &called("other name", "Okafor", "Adaeze", date(1999, 9, 9)))?;
        writer.put_account(HERE, &full_account("linked"))?;
        writer.put_account(NEXT_DOOR, &called("next door", "Okafor", "Ada", date(1980, 2, 29)))?;
        writer.put_account(ELSEWHERE, &called("elsewhere", "Okafor", "Ada", date(1980, 2, 29)))
    });
    let by_email = AccountQuery { email_key: Some("ada@example.com".into()), ..AccountQuery::default() };
    let by_birth = AccountQuery { birth_date: Some("1980-02-29".into()), ..AccountQuery::default() };
    let by_name = AccountQuery { name_prefix: Some("okafor|ada|".into()), ..AccountQuery::default() };
    let by_all = AccountQuery {
        email_key: by_email.email_key.clone(),
        birth_date: by_birth.birth_date.clone(),
        name_prefix: by_name.name_prefix.clone(),
    };
    look(on.store(), |reader| {
        let found =
            |reader: &mut dyn Reader, query: &AccountQuery| Ok(platform_ids(&reader.unlinked_accounts(HERE, query)?));
        assert_eq!(found(reader, &by_email)?, texts(["1 by address"]));
        assert_eq!(found(reader, &by_birth)?, texts(["2 by birth date", "4 by all"]));
        assert_eq!(found(reader, &by_name)?, texts(["3 by name", "4 by all"]));
        assert_eq!(found(reader, &by_all)?, texts(["1 by address", "2 by birth date", "3 by name", "4 by all"]));
        assert_eq!(found(reader, &AccountQuery::default())?, texts([""; 0]));
        assert_eq!(reader.unlinked_accounts(HERE, &by_email)?, [addressed.clone()], "with everything");
        Ok(())
    });
}

fn an_account_without_a_birth_date_is_found_by_name(on: &dyn Fixture) {
    let mut row = account("acc");
    (row.account.family, row.account.given) = (Some("Okafor".into()), Some("Ada".into()));
    write(on.store(), |writer| writer.put_account(HERE, &row));
    let query = AccountQuery { name_prefix: Some("okafor|ada|".into()), ..AccountQuery::default() };
    assert_eq!(look(on.store(), |reader| reader.unlinked_accounts(HERE, &query)), [row]);
}

fn any_query_finds_the_unlinked_accounts_that_looking_at_each_finds(on: &dyn Fixture) {
    let names = || proptest::option::of(select(&["Ada", "Adaeze", "Ben"][..]));
    let emails = || proptest::option::of(select(&["a@example.com", "b@example.com"][..]));
    let days = || proptest::option::of(select(vec![date(1980, 2, 29), date(2001, 1, 1)]));
    let rows = vec((names(), names(), emails(), days(), any::<bool>(), any::<bool>()), 0..12);
    let asked = vec((names(), emails(), days()), 4);
    for_all_in_a_batch(on.store(), 60, (rows, asked), |writer, (rows, asked)| {
        let (here, next_door) = (somewhere_new(), somewhere_new());
        let mut unlinked = Vec::new();
        for (n, (family, given, email, day, is_linked, is_here)) in rows.into_iter().enumerate() {
            let row = AccountRow {
                source_id: is_linked.then(|| "P".into()),
                account: Account {
                    platform_id: Text::from(format!("{n:02}")),
                    family: family.map(Text::from),
                    given: given.map(Text::from),
                    birth_date: day.map(BirthDate),
                    email: email.map(Text::from),
                    phone: None,
                    ..Account::default()
                },
            };
            writer.put_account(if is_here { here } else { next_door }, &row).unwrap();
            unlinked.extend(Some(row).filter(|_| is_here && !is_linked));
        }
        assert_eq!(writer.has_unlinked_accounts(here).unwrap(), !unlinked.is_empty());
        for (name, email, day) in asked {
            let query = AccountQuery {
                email_key: email.map(Text::from),
                birth_date: day.map(|day| Text::from(day.to_string())),
                name_prefix: name.map(|name| Text::from(format!("ada|{}|", name.to_lowercase()))),
            };
            let is_named = |account: &Account| {
                name.is_some() && account.family.as_deref() == Some("Ada") && account.given.as_deref() == name
            };
            let expected: Vec<AccountRow> = unlinked
                .iter()
                .filter(|AccountRow { account, .. }| {
                    (email.is_some() && account.email.as_deref() == email)
                        || (day.is_some() && account.birth_date.map(|born| born.0) == day)
                        || is_named(account)
                })
                .cloned()
                .collect();
            assert_eq!(writer.unlinked_accounts(here, &query).unwrap(), expected, "{query:?}");
        }
    });
}

fn whether_any_account_is_unlinked_is_known(on: &dyn Fixture) {
    let has = || look(on.store(), |reader| reader.has_unlinked_accounts(HERE));
    assert!(!has());
    write(on.store(), |writer| {
        writer.put_account(HERE, &full_account("linked"))?;
        writer.put_account(NEXT_DOOR, &account("next door"))?;
        writer.put_account(ELSEWHERE, &account("elsewhere"))
    });
    assert!(!has());
    write(on.store(), |writer| writer.put_account(HERE, &account("nameless")));
    assert!(has());
    write(on.store(), |writer| {
        writer.put_account(HERE, &AccountRow { source_id: Some("P2".into()), ..account("nameless") })
    });
    assert!(!has());
    let all: BTreeSet<Text> =
        look(on.store(), |reader| Ok(platform_ids(&reader.accounts(HERE, None, 9)?))).into_iter().collect();
    assert_eq!(all.len(), 2);
}
