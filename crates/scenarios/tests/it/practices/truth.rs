//! What is true of a made-up practice: its people, its visits, and what is wrong with them. Drawn from a seed, and
//! known to nobody but the test.

use std::collections::BTreeMap;

/// What is so of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    Fine,
    /// In the directory, without an account.
    Unlinked,
    /// In no directory.
    Unknown,
    /// Disabled on the platform.
    Inactive,
    /// A user who sees no patients.
    Clerk,
}

/// What is so of a patient's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Email {
    Fine,
    Missing,
    Malformed,
    /// A staff member logs in with it.
    Staff,
    /// The account of another patient has it.
    Taken,
}

/// Whether the platform has an account that nobody is linked to yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    None,
    /// Of the same name and birth date.
    Same,
    /// Of nearly the same name.
    Alike,
}

/// A patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) email: Email,
    pub(super) account: Account,
    /// A field that the platform asks for is empty.
    pub(super) incomplete: bool,
}

/// The type of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Approved,
    /// Misspelt by a letter.
    Misspelt,
    /// Something else altogether.
    Other,
}

/// When a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Soon,
    /// In five months.
    Far,
    /// It was over before it was booked.
    Past,
}

/// A visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Visit {
    pub(super) provider: usize,
    pub(super) person: usize,
    pub(super) kind: Kind,
    pub(super) when: When,
    /// It carries a status word that nobody explained.
    pub(super) odd_word: bool,
}

/// A cause that is planted: it stops at least two visits that are to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Planted {
    Provider(usize),
    Email(usize),
    Account(usize),
    Demographics(usize),
    Misspelt,
    OddWord,
}

/// A practice.
#[derive(Clone, Debug)]
pub(super) struct Practice {
    pub(super) source: &'static str,
    pub(super) platform: &'static str,
    pub(super) providers: Vec<Provider>,
    pub(super) people: Vec<Person>,
    pub(super) visits: Vec<Visit>,
    pub(super) planted: Vec<Planted>,
}

const SOURCES: [&str; 5] = ["kareo", "carecloud", "drchrono", "greenway-intergy", "greenway-prime-suite"];
const PROVIDERS: usize = 6;
const PEOPLE: usize = 10;
const VISITS: usize = 24;

impl Practice {
    /// The practice of a seed.
    pub(super) fn of(chance: &mut fastrand::Rng) -> Practice {
        let platform = if chance.bool() { "chiron" } else { "hale" };
        let mut practice = Practice {
            source: SOURCES[chance.usize(..SOURCES.len())],
            platform,
            providers: (0..PROVIDERS).map(|_| provider(chance, 8)).collect(),
            people: (0..PEOPLE).map(|_| person(chance, platform)).collect(),
            visits: Vec::new(),
            planted: Vec::new(),
        };
        practice.visits = (0..VISITS).map(|_| visit(chance)).collect();
        while practice.planted.len() < 3 {
            practice.plant(chance);
        }
        practice
    }

    /// Plants a cause that is not there yet, and gives it visits.
    fn plant(&mut self, chance: &mut fastrand::Rng) {
        let one = chance.usize(..PEOPLE);
        let planted = match chance.u8(..7) {
            0 | 1 => Planted::Provider(chance.usize(..PROVIDERS)),
            2 => Planted::Email(one),
            3 => Planted::Account(one),
            4 => Planted::Demographics(one),
            5 => Planted::Misspelt,
            _ => Planted::OddWord,
        };
        let subject = |planted: Planted| match planted {
            Planted::Email(one) | Planted::Account(one) | Planted::Demographics(one) => Some(one),
            _ => None,
        };
        let taken =
            |known: &Planted| *known == planted || (subject(planted).is_some() && subject(*known) == subject(planted));
        if self.planted.iter().any(taken) {
            return;
        }
        match planted {
            Planted::Provider(n) => {
                let odd = [Provider::Unlinked, Provider::Unknown, Provider::Inactive, Provider::Clerk];
                self.providers[n] = odd[chance.usize(..odd.len())];
            }
            Planted::Email(n) => self.people[n].email = if chance.bool() { Email::Missing } else { Email::Malformed },
            Planted::Account(n) => {
                self.people[n].account = if chance.bool() { Account::Same } else { Account::Alike };
                self.people[n].incomplete = false;
            }
            Planted::Demographics(n) => {
                self.people[n].incomplete = true;
                self.people[n].account = Account::None;
            }
            Planted::Misspelt | Planted::OddWord => {}
        }
        self.planted.push(planted);
        // Visits that stay with it whatever is planted later: each cause has its own.
        let first = (self.planted.len() - 1) * 4;
        for visit in &mut self.visits[first..first + 2 + chance.usize(..3)] {
            visit.when = When::Soon;
            if visit.kind == Kind::Other {
                visit.kind = Kind::Approved;
            }
            match planted {
                Planted::Provider(n) => visit.provider = n,
                Planted::Email(n) | Planted::Account(n) | Planted::Demographics(n) => visit.person = n,
                Planted::Misspelt => visit.kind = Kind::Misspelt,
                Planted::OddWord => visit.odd_word = true,
            }
        }
    }

    /// The planted cause is mended where it is wrong.
    pub(super) fn mend(&mut self, planted: Planted) {
        match planted {
            Planted::Provider(n) => self.providers[n] = Provider::Fine,
            Planted::Email(n) => self.people[n].email = Email::Fine,
            Planted::Account(n) => self.people[n].account = Account::None,
            Planted::Demographics(n) => self.people[n].incomplete = false,
            Planted::Misspelt => {
                let misspelt = self.visits.iter_mut().filter(|visit| visit.kind == Kind::Misspelt);
                misspelt.for_each(|visit| visit.kind = Kind::Approved);
            }
            Planted::OddWord => self.visits.iter_mut().for_each(|visit| visit.odd_word = false),
        }
    }

    /// How often each thing is wrong, for whoever asks whether the practices differ.
    pub(super) fn count(&self, counts: &mut BTreeMap<String, usize>) {
        for planted in &self.planted {
            let name = match planted {
                Planted::Provider(n) => format!("{:?}", self.providers[*n]),
                Planted::Email(n) => format!("{:?}", self.people[*n].email),
                Planted::Account(n) => format!("{:?}", self.people[*n].account),
                Planted::Demographics(_) => "Demographics".to_owned(),
                other => format!("{other:?}"),
            };
            *counts.entry(name).or_default() += 1;
        }
    }
}

/// One in `odds` is not as it should be.
fn provider(chance: &mut fastrand::Rng, odds: u8) -> Provider {
    match chance.u8(..odds * 4) {
        0 => Provider::Unlinked,
        1 => Provider::Unknown,
        2 => Provider::Inactive,
        3 => Provider::Clerk,
        _ => Provider::Fine,
    }
}

fn person(chance: &mut fastrand::Rng, platform: &str) -> Person {
    let account = match chance.u8(..10) {
        0 => Account::Same,
        1 => Account::Alike,
        _ => Account::None,
    };
    let email = match chance.u8(..20) {
        0 => Email::Missing,
        1 => Email::Malformed,
        2 => Email::Staff,
        3 => Email::Taken,
        _ => Email::Fine,
    };
    // Without a birth date a namesake is only likely: another rule, which a scenario tells of.
    let incomplete = chance.u8(..10) == 0 && (platform == "chiron" || account == Account::None);
    Person { email, account, incomplete }
}

fn visit(chance: &mut fastrand::Rng) -> Visit {
    let kind = match chance.u8(..14) {
        0 => Kind::Misspelt,
        1 => Kind::Other,
        _ => Kind::Approved,
    };
    let when = match chance.u8(..12) {
        0 => When::Far,
        1 => When::Past,
        _ => When::Soon,
    };
    Visit {
        provider: chance.usize(..PROVIDERS),
        person: chance.usize(..PEOPLE),
        kind,
        when,
        odd_word: chance.u8(..14) == 0,
    }
}
