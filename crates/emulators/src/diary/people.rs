//! Made-up patients: as many as are wanted, no two alike.

use crate::diary::Patient;
use crate::practice::believable::{CITIES, FAMILIES, GIVEN, STREETS, plain};
use jiff::{Timestamp, ToSpan};

/// The n-th patient of a seed.
pub(super) fn patient(id: u64, n: usize, rng: &mut fastrand::Rng, since: Timestamp) -> Patient {
    // Families and given names turn at different speeds: pairs repeat only after all have been.
    let family = FAMILIES[n % FAMILIES.len()];
    let (given, sex) = GIVEN[(n / FAMILIES.len() + n * 7) % GIVEN.len()];
    let (city, postal_code) = CITIES[rng.usize(..CITIES.len())];
    let born = jiff::civil::date(1938, 1, 1).saturating_add(rng.i32(0..68 * 365).days());
    let domain = if rng.bool() { "example.com" } else { "example.org" };
    // Most practices lack an address for some of their patients.
    let has_email = rng.usize(..20) > 0;
    let line = n % 50 * 2;
    let area = ["217", "309", "618"][n / 50 % 3];
    Patient {
        id,
        family: family.to_owned(),
        given: given.to_owned(),
        birth_date: Some(born),
        sex: sex.to_owned(),
        street: format!("{} {}", rng.u32(2..980), STREETS[rng.usize(..STREETS.len())]),
        city: city.to_owned(),
        state: "IL".to_owned(),
        postal_code: postal_code.to_owned(),
        phone: format!("({area}) 555-01{line:02}"),
        mobile: format!("({area}) 555-01{:02}", line + 1),
        email: has_email.then(|| format!("{}.{}{}@{domain}", plain(given), plain(family), n + 1)),
        language: "en".to_owned(),
        created_at: since,
        changed_at: since,
        merged_into: None,
    }
}
