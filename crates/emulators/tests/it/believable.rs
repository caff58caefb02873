//! The believable day: complete, findable, the same each time, and possible at any hour.

use crate::support::{NOW, believable, now};
use emulators::practice::believable::{Believable, PracticeDocument, SecretReference};
use emulators::practice::{Practice, Status, Visit};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that has to be planted, with the ids that are promised.
const PROMISED: [(&str, &[&str], &str, Option<&str>); 16] = [
    ("unlinked_provider", &["A-2001", "A-2002", "A-2003"], "held", Some("NO_CONNECTED_PROVIDER_ACCOUNT")),
    ("missing_email", &["A-2004"], "held", Some("PATIENT_EMAIL_MISSING")),
    ("staff_email", &["A-2005"], "held", Some("EMAIL_BELONGS_TO_STAFF")),
    ("type_misspelt", &["A-2006"], "held", Some("APPT_TYPE_NAME_MISMATCH")),
    ("beyond_horizon", &["A-2007"], "waiting_by_rule", Some("BEYOND_SYNC_HORIZON")),
    ("past_on_arrival", &["A-2008"], "held", Some("PAST_ON_ARRIVAL")),
    ("status_unmapped", &["A-2009"], "held", Some("STATUS_UNMAPPED")),
    ("duplicate_patient_risk", &["A-2010", "A-2018"], "held", Some("DUPLICATE_PATIENT_RISK")),
    ("two_causes", &["A-2011"], "held", Some("PATIENT_EMAIL_MISSING")),
    ("nothing_wrong_yet", &["A-2012"], "on_time", Some("ON_TIME_WAITING")),
    ("office_visit", &["A-2013"], "excluded", Some("APPT_TYPE_NOT_CONFIGURED")),
    ("past_at_booking", &["A-2014"], "excluded", Some("PAST_AT_BOOKING")),
    ("slow_lane", &["A-2015"], "in_sync", None),
    ("test_visit", &["A-2016"], "in_sync", None),
    ("cancelled", &["A-2017"], "in_sync", None),
    ("moved", &["A-2019"], "in_sync", None),
];

/// A quiet night, the minutes around midnight and around clock changes, weekends, the ends of months and years.
const MOMENTS: [&str; 12] = [
    NOW,
    "2026-11-19T06:01:00Z",
    "2026-11-20T05:59:59.999Z",
    "2026-11-21T22:50:00Z",
    "2026-11-22T15:02:11Z",
    "2026-11-01T06:30:00Z",
    "2026-11-01T07:10:00Z",
    "2027-03-14T07:35:00Z",
    "2027-03-14T08:20:00Z",
    "2026-11-30T16:00:00Z",
    "2026-12-31T23:30:00Z",
    "2028-02-29T12:00:00Z",
];

fn day(seed: u64, at: &str, zone: &str) -> Believable {
    Practice::believable(seed, at.parse().unwrap(), zone).unwrap()
}

fn visit<'b>(day: &'b Believable, id: &str) -> &'b Visit {
    day.practice.visit(id).unwrap_or_else(|| panic!("there is no visit {id}"))
}

/// An instant by the clocks of the clinic.
fn instant(day: &Believable, visit: &Visit) -> Timestamp {
    day.practice.clinic().instant(visit.start)
}

fn minutes_from(day: &Believable, id: &str, at: Timestamp) -> i64 {
    (instant(day, visit(day, id)) - at).total(jiff::Unit::Minute).unwrap().round() as i64
}

#[test]
fn everything_promised_is_planted_under_its_ids() {
    let day = believable();
    let planted: Vec<_> = day
        .planted
        .iter()
        .map(|p| {
            (p.key, p.source_ids.iter().map(String::as_str).collect::<Vec<_>>(), p.expect.verdict, p.expect.primary)
        })
        .collect();
    assert_eq!(planted, PROMISED.map(|(key, ids, verdict, primary)| (key, ids.to_vec(), verdict, primary)));
    for planted in &day.planted {
        assert!(!planted.label.is_empty() && !planted.ends.is_empty());
        for id in &planted.source_ids {
            let told = day.practice.messages().filter(|message| message.about == *id).count();
            assert!(told >= 1, "{id} was never told");
        }
    }
    assert_eq!(day.practice.planted(), day.planted);
    assert_eq!(day.planted("two_causes").unwrap().expect.also, ["APPT_TYPE_NAME_MISMATCH"]);
}

#[test]
fn planted_visits_are_what_they_are_said_to_be() {
    for at in MOMENTS {
        let (day, now) = (day(3, at, "America/Chicago"), at.parse::<Timestamp>().unwrap());
        let patient = |id: &str| day.practice.patient(&visit(&day, id).patient).unwrap();
        let in_minutes = |id| minutes_from(&day, id, now);
        assert_eq!(patient("A-2004").email, None);
        // On the two nights when the clocks change there are times that no visit can have.
        let soon = in_minutes("A-2004");
        assert!(
            (30..=35).contains(&soon) || (at.contains("-01T0") || at.contains("-14T0")) && soon <= 155,
            "{at}: {soon}"
        );
        assert_eq!(patient("A-2005").email.as_deref(), Some("frontdesk@northside.example.org"));
        assert_eq!(visit(&day, "A-2006").visit_type, "TV31");
        let horizon = visit(&day, "A-2007").start.date();
        let three_months = day.practice.clinic().local(now).date().checked_add(jiff::Span::new().months(3)).unwrap();
        assert!(horizon > three_months, "{at}");
        let late = visit(&day, "A-2008");
        assert!(late.booked_at < instant(&day, late) && instant(&day, late) < now, "{at}");
        assert_eq!(visit(&day, "A-2009").status, Status::Other("BUMPED".to_owned()));
        assert!(patient("A-2011").email.is_none() && visit(&day, "A-2011").visit_type == "TV31");
        assert!(in_minutes("A-2012") > 0, "{at}");
        assert_eq!(visit(&day, "A-2013").visit_type, "OV20");
        let past = visit(&day, "A-2014");
        assert!(past.booked_at > instant(&day, past), "{at}");
        assert!(in_minutes("A-2015") > 8 * 24 * 60, "{at}");
        assert_eq!(patient("A-2016").family, "ZZTEST");
        assert_eq!(visit(&day, "A-2017").status, Status::Cancelled);
        for id in ["A-2001", "A-2002", "A-2003"] {
            assert_eq!(visit(&day, id).provider, "DR9");
            assert!(in_minutes(id) > 30, "{at}");
        }
    }
}

#[test]
fn some_34_video_visits_are_today_and_tomorrow() {
    let (day, today) = (believable(), "2026-11-19".parse::<Date>().unwrap());
    let soon: Vec<&Visit> = day
        .practice
        .visits()
        .filter(|visit| visit.start.date() <= today.tomorrow().unwrap() && visit.start.date() >= today)
        .filter(|visit| visit.visit_type != "OV20")
        .filter(|visit| day.practice.messages().any(|message| message.about == visit.id))
        .collect();
    // One of them was entered when it was over, and is left out.
    assert_eq!(soon.len(), 34 + 1);
    let on = |date: Date| soon.iter().filter(|visit| visit.start.date() == date).count();
    assert!(on(today) >= 12 && on(today.tomorrow().unwrap()) >= 12);
    // Nobody sees two patients at once.
    let mut starts = BTreeSet::new();
    for visit in day.practice.visits() {
        assert!(starts.insert((&visit.provider, visit.start)), "{} twice at {}", visit.provider, visit.start);
    }
}

#[test]
fn plain_visits_meet_every_demand_of_the_platform() {
    for at in MOMENTS {
        let day = day(11, at, "America/Chicago");
        let now: Timestamp = at.parse().unwrap();
        let mut addresses = BTreeMap::new();
        for patient in day.practice.patients() {
            if let Some(email) = &patient.email {
                assert_eq!(addresses.insert(email.clone(), &patient.id), None, "{email} is shared");
            }
        }
        for number in 1001..=1019 {
            let visit = visit(&day, &format!("A-{number}"));
            let patient = day.practice.patient(&visit.patient).unwrap();
            assert!(patient.birth_date.is_some() && patient.street.is_some() && patient.postal_code.is_some());
            let email = patient.email.as_deref().unwrap();
            assert!(email.ends_with("@example.com") || email.ends_with("@example.org"), "{email}");
            assert_eq!(visit.visit_type, "TV30");
            assert_ne!(visit.provider, "DR9");
            assert!(instant(&day, visit) > now && visit.booked_at < now, "{at}: {}", visit.id);
            let hour = visit.start.hour();
            assert!((8..18).contains(&hour), "{at}: {} at {hour}", visit.id);
        }
    }
}

#[test]
fn the_same_seed_and_moment_give_the_same_bytes() {
    let bytes = |day: &Believable| day.practice.messages().flat_map(|m| m.bytes.to_vec()).collect::<Vec<u8>>();
    let document =
        |day: &Believable| day.document.to_toml("http://127.0.0.1:1/hook", &SecretReference::Env("S".into()));
    let first = day(7, NOW, "America/Chicago");
    let again = day(7, NOW, "America/Chicago");
    assert_eq!(bytes(&first), bytes(&again));
    assert_eq!(document(&first), document(&again));
    assert_ne!(bytes(&first), bytes(&day(8, NOW, "America/Chicago")));
    assert_ne!(bytes(&first), bytes(&day(7, "2026-11-19T15:00:01Z", "America/Chicago")));
    assert!(Practice::believable(7, now(), "America/Nowhere").is_err());
}

#[test]
fn it_is_possible_everywhere_and_at_any_time() {
    for zone in ["America/Chicago", "Europe/Berlin", "Australia/Sydney", "Asia/Kolkata", "Pacific/Apia", "UTC"] {
        for hour in 0..(24 * 8) {
            let at = "2026-10-25T00:07:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(hour);
            let day = Practice::believable(hour.unsigned_abs(), at, zone).unwrap();
            assert_eq!(day.planted.len(), PROMISED.len());
            for message in day.practice.messages() {
                assert!(message.made_at <= at, "{zone} {at}: {} was made in the future", message.about);
            }
        }
    }
}

#[test]
fn the_document_is_the_set_up_of_this_very_clinic() {
    let day = believable();
    let text = day.document.to_toml("http://127.0.0.1:9900/hook", &SecretReference::File("/run/hook \"1\"".into()));
    let document: toml::Table = toml::from_str(&text).unwrap();
    assert_eq!(document["practice"]["id"].as_str(), Some(PracticeDocument::PRACTICE));
    assert_eq!(document["practice"]["time_zone"].as_str(), Some("America/Chicago"));
    assert!(document["practice"]["holidays"].as_array().unwrap().contains(&"2026-11-26".into()));
    let integration = &document["integration"][0];
    assert_eq!(integration["id"].as_str(), Some(PracticeDocument::INTEGRATION));
    assert_eq!(integration["lifecycle"].as_str(), Some("live"));
    assert_eq!(integration["source"]["facility"].as_str(), Some("NORTHSIDE"));
    assert_eq!(integration["source"]["profile"].as_str(), Some("kareo"));
    assert_eq!(integration["source"]["route"].as_str(), Some("hl7v2"));
    assert_eq!(integration["platform"]["profile"].as_str(), Some("chiron"));
    assert_eq!(integration["platform"]["url"].as_str(), Some("http://127.0.0.1:9900/hook"));
    assert_eq!(integration["platform"]["secret"]["file"].as_str(), Some("/run/hook \"1\""));
    assert_eq!(integration["type"].as_array().unwrap().len(), 1);
    assert_eq!(integration["type"][0]["source_name"].as_str(), Some("Telemedicine Visit"));

    let linked: BTreeMap<&str, bool> = integration["provider"]
        .as_array()
        .unwrap()
        .iter()
        .map(|provider| (provider["source_id"].as_str().unwrap(), provider.get("platform_id").is_some()))
        .collect();
    assert_eq!(linked, [("DR3", true), ("DR5", true), ("DR7", true), ("DR8", true), ("DR9", false)].into());
    assert_eq!(integration["user"][0]["email"].as_str(), Some("frontdesk@northside.example.org"));

    let accounts = integration["patient"].as_array().unwrap();
    let unlinked: Vec<&toml::Value> = accounts.iter().filter(|account| account.get("source_id").is_none()).collect();
    assert_eq!(unlinked.len(), 2);
    let twin = day.practice.patient("P2010").unwrap();
    assert_eq!(unlinked[0]["family"].as_str(), Some(twin.family.as_str()));
    assert_ne!(unlinked[0]["given"].as_str(), Some(twin.given.as_str()));
    assert_eq!(unlinked[0]["birth_date"].as_str(), Some(twin.birth_date.unwrap().to_string().as_str()));
    let undated = day.practice.patient("P2018").unwrap();
    assert_eq!(unlinked[1]["given"].as_str(), Some(undated.given.as_str()));
    assert!(unlinked[1].get("birth_date").is_none());
    for account in accounts.iter().filter_map(|account| account.get("source_id")) {
        let patient = day.practice.patient(account.as_str().unwrap()).unwrap();
        assert!(patient.email.is_some(), "{} has an account and no login", patient.id);
    }
    // Nobody but the two planted ones is like an account that is not linked.
    for patient in day.practice.patients().filter(|patient| !["P2010", "P2018"].contains(&patient.id.as_str())) {
        assert!(unlinked.iter().all(|account| account["family"].as_str() != Some(patient.family.as_str())));
    }
}
