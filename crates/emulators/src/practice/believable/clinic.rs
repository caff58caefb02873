//! The clinic: its providers, rooms and kinds of visit.

use crate::practice::{Clinic, Department, Practice, Provider, Staff, VisitType};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The kind of visit that is for the platform.
pub(super) const VIDEO: &str = "TV30";
/// The same, as somebody misspelt it when they set up the diary's second column.
pub(super) const MISSPELT: &str = "TV31";
/// A visit in person.
pub(super) const OFFICE: &str = "OV20";
/// The provider whom nobody linked with the platform.
pub(super) const UNLINKED: &str = "DR9";
/// The providers who are linked, in the order they take turns.
pub(super) const LINKED: [&str; 4] = ["DR7", "DR3", "DR5", "DR8"];
/// The family name that the practice uses for tests.
pub(super) const TEST_FAMILY: &str = "ZZTEST";
/// The desk's own address.
pub(super) const DESK_EMAIL: &str = "frontdesk@northside.example.org";

/// The practice without patients.
pub(super) fn empty(zone_name: &str, zone: TimeZone, now: Timestamp) -> Practice {
    let clinic = Clinic {
        name: "Northside Family Clinic".to_owned(),
        facility: "NORTHSIDE".to_owned(),
        application: "FRONTDESK".to_owned(),
        zone,
        zone_name: zone_name.to_owned(),
    };
    let provider = |[id, given, family, degree]: [&str; 4]| Provider {
        id: id.to_owned(),
        family: family.to_owned(),
        given: given.to_owned(),
        degree: degree.to_owned(),
    };
    let providers = [
        ["DR3", "Rosa", "Iversen", "MD"],
        ["DR5", "Owen", "Adeyemi", "MD"],
        ["DR7", "Imani", "Cole", "MD"],
        ["DR8", "Hannah", "Petrov", "NP"],
        ["DR9", "Kim", "Lee", "MD"],
    ];
    let staff = [["U12", "Dolores", "Reyes"], ["U14", "Peter", "Lindgren"]].map(|[id, given, family]| Staff {
        id: id.to_owned(),
        family: family.to_owned(),
        given: given.to_owned(),
    });
    let department =
        |[id, name, room]: [&str; 3]| Department { id: id.to_owned(), name: name.to_owned(), room: room.to_owned() };
    let departments = [["MAIN", "Main clinic", "ROOM2"], ["VIRT", "Virtual care", "VIDEO1"]];
    let kind = |id: &str, name: &str, minutes, department: &str| VisitType {
        id: id.to_owned(),
        name: name.to_owned(),
        minutes,
        department: department.to_owned(),
    };
    let types = vec![
        kind(VIDEO, "Telemedicine Visit", 30, "VIRT"),
        kind(MISSPELT, "Telemedicine Vist", 30, "VIRT"),
        kind(OFFICE, "Office Visit", 30, "MAIN"),
        kind("AP40", "Annual Physical", 60, "MAIN"),
    ];
    Practice::new(clinic, providers.map(provider).into(), staff.into(), departments.map(department).into(), types, now)
}
