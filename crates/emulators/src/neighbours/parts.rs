//! Who lives next door: which vendor, which platform, which problem.

use crate::neighbours::days::Problem;
use crate::neighbours::document::Access;
use crate::practice::believable::quoted;
use serde_json::{Value, json};

/// One practice.
pub(super) struct Part {
    /// The vendor's name in profiles, which is also that of its route.
    pub(super) vendor: &'static str,
    /// What people call the vendor.
    pub(super) name: &'static str,
    /// The practice's id in its document.
    pub(super) practice: &'static str,
    pub(super) clinic: &'static str,
    /// The platform's profile: one of them names the systems that it takes visits from.
    pub(super) platform: &'static str,
    /// Ids in the vendor's words begin with this: of providers, of departments.
    pub(super) prefixes: [&'static str; 2],
    /// The vendor tells kinds of visit by their codes, not by numbers.
    pub(super) kinds_by_code: bool,
    /// Now and then somebody comes to the office. Where every kind of visit has to be announced, nobody does.
    pub(super) office_visits: bool,
    /// The vendor's switches. Whoever is asked every few seconds counts no calls.
    pub(super) switches: fn() -> Value,
    /// What comes behind the twin's address.
    pub(super) path: &'static str,
    /// The table `source.auth`.
    pub(super) auth: fn(&Access) -> String,
    /// Words of the practice's own, as tables of the document.
    pub(super) words: &'static str,
    pub(super) problem: Problem,
}

/// Whose interface hands out most rows a second within its limits: a thousand a page, ten pages a second.
pub(super) const FASTEST: usize = 1;
/// Whose profile wants to be asked most often: every 30 seconds.
pub(super) const STRICTEST: usize = 3;

pub(super) const PARTS: [Part; 4] = [
    Part {
        vendor: "drchrono",
        name: "DrChrono",
        practice: "harbor",
        clinic: "Harbor Street Clinic",
        platform: "chiron",
        prefixes: ["", ""],
        kinds_by_code: false,
        office_visits: true,
        switches: || json!({ "limits": false }),
        path: "",
        auth: |access| {
            format!(
                "{{ client_id = {}, client_secret = {}, refresh_token = {} }}",
                access.text("client_id"),
                access.file("client_secret"),
                access.file("refresh_token")
            )
        },
        words: "",
        problem: Problem::OwnStatus,
    },
    Part {
        vendor: "athenahealth",
        name: "athenaOne",
        practice: "lakeside",
        clinic: "Lakeside Medical Group",
        platform: "hale",
        prefixes: ["", ""],
        kinds_by_code: false,
        office_visits: false,
        switches: || json!({ "limits": false }),
        path: "/v1/{practice}",
        auth: |access| {
            format!("{{ client_id = {}, secret = {} }}", access.text("client_id"), access.file("client_secret"))
        },
        words: "",
        problem: Problem::BadEmail,
    },
    Part {
        vendor: "carecloud",
        name: "CareCloud",
        practice: "orchard",
        clinic: "Orchard Family Medicine",
        platform: "chiron",
        prefixes: ["", ""],
        kinds_by_code: false,
        office_visits: true,
        switches: || json!({ "limits": false }),
        path: "",
        auth: |access| {
            format!(
                "{{ client_id = {}, secret = {}, refresh_token = {}, business_entity = {} }}",
                access.text("client_id"),
                access.file("client_secret"),
                access.file("refresh_token"),
                access.text("business_entity_id")
            )
        },
        // The practice's own reasons for calling off.
        words: "[[integration.status]]\nsource = \"C\"\nreason = \"901\"\nmeans = \"cancelled_by_patient\"\n\
                [[integration.status]]\nsource = \"C\"\nreason = \"902\"\nmeans = \"cancelled_by_provider\"\n\
                [[integration.status]]\nsource = \"C\"\nreason = \"903\"\nmeans = \"no_show\"\n\
                [[integration.status]]\nsource = \"C\"\nreason = \"904\"\nmeans = \"rescheduled\"\n",
        problem: Problem::NoBirthDate,
    },
    Part {
        vendor: "fhir-r4",
        name: "FHIR R4",
        practice: "prairie",
        clinic: "Prairie Family Practice",
        platform: "oncall",
        prefixes: ["prac-", "loc-"],
        kinds_by_code: true,
        office_visits: true,
        switches: || json!({ "needs_token": true, "limits": false }),
        path: "",
        auth: |access| {
            format!(
                "{{ kind = \"client_secret\", client_id = {}, secret = {}, token_url = {} }}",
                access.text("client_id"),
                access.file("client_secret"),
                quoted(&format!("{}/token", access.address))
            )
        },
        words: "",
        problem: Problem::NoEmail,
    },
];
