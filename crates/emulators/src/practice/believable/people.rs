//! Made-up people.

use crate::practice::Patient;
use jiff::civil::{Date, date};
use std::collections::BTreeSet;

/// Family names, no two alike: who is unlike nobody is nobody's double.
pub(crate) const FAMILIES: [&str; 72] = [
    "Abernathy",
    "Achterberg",
    "Bakshi",
    "Ballesteros",
    "Castellano",
    "Chukwu",
    "Dahlgren",
    "Delacroix",
    "Eberhardt",
    "Eskildsen",
    "Fairweather",
    "Ferreira",
    "Gallagher",
    "Gupta",
    "Haruki",
    "Hightower",
    "Ibarra",
    "Ivanova",
    "Jankowski",
    "Jimenez",
    "Kowalczyk",
    "Kruger",
    "Lancaster",
    "Laurent",
    "MacGregor",
    "Matsumoto",
    "Nakagawa",
    "Nilsson",
    "O'Rourke",
    "Oyelaran",
    "Palmgren",
    "Papadakis",
    "Quigley",
    "Quintero",
    "Rasmussen",
    "Rothschild",
    "Sandoval",
    "Szymanski",
    "Tanaka",
    "Thibodeaux",
    "Underhill",
    "Urbanek",
    "Vanderbilt",
    "Villanueva",
    "Whitfield",
    "Wojcik",
    "Xanthos",
    "Yamaguchi",
    "Yilmaz",
    "Zabel",
    "Zimmermann",
    "Brandt",
    "Cavendish",
    "Dubois",
    "Esposito",
    "Fitzroy",
    "Grimaldi",
    "Hofmann",
    "Ingram",
    "Jovanovic",
    "Keller",
    "Lombardi",
    "Mwangi",
    "Núñez",
    "Pellegrini",
    "Rosenthal",
    "Sørensen",
    "Trujillo",
    "Uchida",
    "Vasquez",
    "Winterbourne",
    "Yoder",
];

/// Given names with the sex on the record.
pub(crate) const GIVEN: [(&str, &str); 40] = [
    ("Ada", "F"),
    ("Alejandro", "M"),
    ("Amara", "F"),
    ("Benjamin", "M"),
    ("Bettina", "F"),
    ("Carlos", "M"),
    ("Chiara", "F"),
    ("Desmond", "M"),
    ("Dolly", "F"),
    ("Edmund", "M"),
    ("Esther", "F"),
    ("Farid", "M"),
    ("Freya", "F"),
    ("Gregory", "M"),
    ("Gwendolyn", "F"),
    ("Hector", "M"),
    ("Ingrid", "F"),
    ("Isaac", "M"),
    ("Josephine", "F"),
    ("Julian", "M"),
    ("Keiko", "F"),
    ("Leopold", "M"),
    ("Lucinda", "F"),
    ("Malik", "M"),
    ("Miriam", "F"),
    ("Nikolai", "M"),
    ("Octavia", "F"),
    ("Oscar", "M"),
    ("Penelope", "F"),
    ("Quentin", "M"),
    ("Ramona", "F"),
    ("Rupert", "M"),
    ("Sabine", "F"),
    ("Solomon", "M"),
    ("Thea", "F"),
    ("Tobias", "M"),
    ("Ursula", "F"),
    ("Victor", "M"),
    ("Wilhelmina", "F"),
    ("Zoë", "F"),
];

pub(crate) const STREETS: [&str; 12] = [
    "Alder Court",
    "Birch Street",
    "Canal Road",
    "Dogwood Lane",
    "Elm Street",
    "Foundry Row",
    "Garden Terrace",
    "Harbor View",
    "Juniper Way",
    "Larkspur Drive",
    "Mill Lane",
    "Orchard Avenue",
];

/// City and postal code.
pub(crate) const CITIES: [(&str, &str); 4] =
    [("Springfield", "62704"), ("Riverton", "62561"), ("Chatham", "62629"), ("Auburn", "62615")];

const AREAS: [&str; 3] = ["217", "309", "618"];

/// Makes people up, each unlike all others.
#[derive(Debug)]
pub(super) struct People {
    families: Vec<&'static str>,
    birth_dates: BTreeSet<Date>,
    made: u32,
}

impl People {
    pub(super) fn new(rng: &mut fastrand::Rng) -> People {
        let mut families = FAMILIES.to_vec();
        rng.shuffle(&mut families);
        People { families, birth_dates: BTreeSet::new(), made: 0 }
    }

    /// Somebody with everything on the record that a record should have.
    pub(super) fn next(&mut self, id: &str, rng: &mut fastrand::Rng) -> Patient {
        let family = self.families.pop().unwrap_or("Nobody");
        let (given, sex) = GIVEN[rng.usize(..GIVEN.len())];
        self.named(id, family, given, sex, rng)
    }

    /// The same, with a name of one's own.
    pub(super) fn named(&mut self, id: &str, family: &str, given: &str, sex: &str, rng: &mut fastrand::Rng) -> Patient {
        let birth_date = self.birth_date(rng);
        let (city, postal_code) = CITIES[rng.usize(..CITIES.len())];
        let street = STREETS[rng.usize(..STREETS.len())];
        let number = self.made;
        self.made += 1;
        let phone = |line: u32| {
            let area = AREAS[(number as usize / 50) % AREAS.len()];
            format!("({area}) 555-01{:02}", (number % 50) * 2 + line)
        };
        Patient {
            id: id.to_owned(),
            family: family.to_owned(),
            given: given.to_owned(),
            birth_date: Some(birth_date),
            sex: sex.to_owned(),
            street: Some(format!("{} {street}", rng.u32(2..980))),
            city: Some(city.to_owned()),
            state: Some("IL".to_owned()),
            postal_code: Some(postal_code.to_owned()),
            phone: Some(phone(0)),
            mobile: Some(phone(1)),
            email: Some(email(family, given, rng)),
            language: "en".to_owned(),
            removed: BTreeSet::new(),
        }
    }

    /// Nobody shares a birthday with anybody.
    fn birth_date(&mut self, rng: &mut fastrand::Rng) -> Date {
        loop {
            let years = jiff::Span::new().years(rng.i32(0..66)).days(rng.i32(0..365));
            let day = date(1939, 1, 1).saturating_add(years);
            if self.birth_dates.insert(day) {
                return day;
            }
        }
    }
}

/// An address of the domains that are kept for examples. Family names are unique, so addresses are.
fn email(family: &str, given: &str, rng: &mut fastrand::Rng) -> String {
    let domain = if rng.bool() { "example.com" } else { "example.org" };
    format!("{}.{}@{domain}", plain(given), plain(family))
}

/// Lower-case letters of the ASCII set.
pub(crate) fn plain(name: &str) -> String {
    let plain = |letter: char| match letter {
        'ú' => Some('u'),
        'ñ' => Some('n'),
        'ø' => Some('o'),
        'ë' => Some('e'),
        letter => letter.is_ascii_alphabetic().then_some(letter),
    };
    name.to_lowercase().chars().filter_map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_shares_an_address_a_birthday_or_a_number() {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut people = People::new(&mut rng);
        let made: Vec<Patient> = (0..FAMILIES.len()).map(|n| people.next(&n.to_string(), &mut rng)).collect();
        let distinct = |of: fn(&Patient) -> String| made.iter().map(of).collect::<BTreeSet<_>>().len();
        assert_eq!(distinct(|p| p.email.clone().unwrap()), FAMILIES.len());
        assert_eq!(distinct(|p| p.family.clone()), FAMILIES.len());
        assert_eq!(distinct(|p| p.birth_date.unwrap().to_string()), FAMILIES.len());
        assert_eq!(distinct(|p| p.mobile.clone().unwrap()), FAMILIES.len());
        assert!(made.iter().all(|p| p.email.as_ref().unwrap().is_ascii()));
    }
}
