//! The planted causes. Ids are the same for every seed and every day.

use crate::practice::believable::clinic::{DESK_EMAIL, LINKED, MISSPELT, OFFICE, TEST_FAMILY, UNLINKED, VIDEO};
use crate::practice::believable::day::{Day, next};
use crate::practice::believable::document::Account;
use crate::practice::believable::hours::{business_days_later, next_business_day};
use crate::practice::believable::planted::{Expected, Planted};
use crate::practice::{Change, Patient, Status};
use jiff::ToSpan;
use jiff::civil::{DateTime, time};

/// Plants every cause once.
pub(super) fn plant(day: &mut Day) -> Vec<Planted> {
    vec![
        unlinked_provider(day),
        missing_email(day),
        staff_email(day),
        type_misspelt(day),
        beyond_horizon(day),
        past_on_arrival(day),
        status_unmapped(day),
        duplicate_patient_risk(day),
        two_causes(day),
        nothing_wrong_yet(day),
        office_visit(day),
        past_at_booking(day),
        slow_lane(day),
        test_visit(day),
        cancelled(day),
        moved(day),
    ]
}

/// One of the planted visits: who, with whom, what and when.
struct Visit<'v> {
    number: u32,
    patient: Patient,
    provider: &'v str,
    kind: &'v str,
    start: DateTime,
    booked_at: jiff::Timestamp,
}

/// Books a planted visit; gives its id.
fn book(day: &mut Day, visit: Visit<'_>) -> String {
    let id = format!("A-{}", visit.number);
    let booking = day.booking(&id, &visit.patient.id, visit.provider, visit.kind, visit.start);
    day.admit(visit.patient);
    day.script.book(visit.booked_at, booking);
    id
}

/// The patient of a planted visit has its number.
fn patient(day: &mut Day, number: u32) -> Patient {
    day.patient(&format!("P{number}"))
}

fn unlinked_provider(day: &mut Day) -> Planted {
    let source_ids = (0..3).map(|n| {
        let patient = patient(day, 2001 + n);
        let start = day.soon(UNLINKED, n == 2);
        let booked_at = day.days_ago(3 + i64::from(n));
        book(day, Visit { number: 2001 + n, patient, provider: UNLINKED, kind: VIDEO, start, booked_at })
    });
    Planted {
        key: "unlinked_provider",
        label: "Three visits with a provider whom nobody linked with the platform",
        source_ids: source_ids.collect(),
        expect: Expected::held("NO_CONNECTED_PROVIDER_ACCOUNT"),
        ends: "In Punctual: link provider DR9.",
    }
}

fn missing_email(day: &mut Day) -> Planted {
    // Without an address nobody has an account.
    let patient = Patient { email: None, ..day.people.next("P2004", &mut day.rng) };
    let start = day.in_minutes(30);
    day.keep(LINKED[0], start);
    let booked_at = day.minutes_ago(4);
    let id = book(day, Visit { number: 2004, patient, provider: LINKED[0], kind: VIDEO, start, booked_at });
    Planted {
        key: "missing_email",
        label: "No e-mail on the patient's record, and the visit is in half an hour",
        source_ids: vec![id],
        expect: Expected::held("PATIENT_EMAIL_MISSING"),
        ends: "At the desk: add an address to patient P2004.",
    }
}

fn staff_email(day: &mut Day) -> Planted {
    let patient = Patient { email: Some(DESK_EMAIL.to_owned()), ..day.people.next("P2005", &mut day.rng) };
    let provider = day.linked_provider();
    let (start, booked_at) = (day.soon(provider, false), day.days_ago(2));
    let id = book(day, Visit { number: 2005, patient, provider, kind: VIDEO, start, booked_at });
    Planted {
        key: "staff_email",
        label: "The desk's own address on a patient's record",
        source_ids: vec![id],
        expect: Expected::held("EMAIL_BELONGS_TO_STAFF"),
        ends: "At the desk: give patient P2005 an address of their own.",
    }
}

fn type_misspelt(day: &mut Day) -> Planted {
    let patient = patient(day, 2006);
    let provider = day.linked_provider();
    let (start, booked_at) = (day.soon(provider, true), day.days_ago(4));
    let id = book(day, Visit { number: 2006, patient, provider, kind: MISSPELT, start, booked_at });
    Planted {
        key: "type_misspelt",
        label: "The visit type's name lacks one letter",
        source_ids: vec![id],
        expect: Expected::held("APPT_TYPE_NAME_MISMATCH"),
        ends: "At the desk: rename visit type TV31 to Telemedicine Visit.",
    }
}

fn beyond_horizon(day: &mut Day) -> Planted {
    let patient = patient(day, 2007);
    let date = next_business_day(day.local.date().saturating_add(3.months().days(10)));
    let (start, booked_at) = (date.to_datetime(time(10, 30, 0, 0)), day.days_ago(1));
    let id = book(day, Visit { number: 2007, patient, provider: LINKED[1], kind: VIDEO, start, booked_at });
    Planted {
        key: "beyond_horizon",
        label: "A visit more than three months ahead",
        source_ids: vec![id],
        expect: Expected { verdict: "waiting_by_rule", primary: Some("BEYOND_SYNC_HORIZON"), also: Vec::new() }
            .also("LONG_LEAD_SLOW_LANE"),
        ends: "By itself, on the day it comes within three months.",
    }
}

fn past_on_arrival(day: &mut Day) -> Planted {
    let patient = patient(day, 2008);
    let start = day.before_minutes(10);
    let booked_at = day.minutes_before(start, 40);
    day.keep(LINKED[2], start);
    let id = book(day, Visit { number: 2008, patient, provider: LINKED[2], kind: VIDEO, start, booked_at });
    Planted {
        key: "past_on_arrival",
        label: "Booked in time; the message came after the start",
        source_ids: vec![id],
        expect: Expected::held("PAST_ON_ARRIVAL"),
        ends: "In Punctual: decide on it. At the desk: move the visit.",
    }
}

fn status_unmapped(day: &mut Day) -> Planted {
    let patient = patient(day, 2009);
    let provider = day.linked_provider();
    let (start, booked_at) = (day.soon(provider, true), day.days_ago(8));
    let id = book(day, Visit { number: 2009, patient, provider, kind: VIDEO, start, booked_at });
    let bumped = Change { status: Some("BUMPED".to_owned()), ..Change::default() };
    day.script.change(day.minutes_ago(95), &id, bumped);
    Planted {
        key: "status_unmapped",
        label: "A status word of the clinic's own (BUMPED) that nobody mapped",
        source_ids: vec![id],
        // It was booked in good order before: the platform goes on showing it as it was.
        expect: Expected::held("STATUS_UNMAPPED").also("SHOWN_THOUGH_STOPPED"),
        ends: "In Punctual: say what BUMPED means. At the desk: give visit A-2009 another status.",
    }
}

/// Two patients who may have an account already: one spelt otherwise there, one without a date of birth there.
fn duplicate_patient_risk(day: &mut Day) -> Planted {
    let spelt = day.people.named("P2010", "Marlowe", "Annika", "F", &mut day.rng);
    day.account(Account { given: "Anika".to_owned(), email: None, ..Account::unlinked("pat_9010", &spelt) });
    let undated = day.people.named("P2018", "Brightwater", "Daniel", "M", &mut day.rng);
    day.account(Account { birth_date: None, email: None, ..Account::unlinked("pat_9018", &undated) });
    let source_ids = [(2010, spelt), (2018, undated)].map(|(number, patient)| {
        let provider = day.linked_provider();
        let (start, booked_at) = (day.soon(provider, number == 2010), day.days_ago(5));
        book(day, Visit { number, patient, provider, kind: VIDEO, start, booked_at })
    });
    Planted {
        key: "duplicate_patient_risk",
        label: "The platform has an account of almost the same name",
        source_ids: source_ids.into(),
        expect: Expected::held("DUPLICATE_PATIENT_RISK"),
        ends: "In Punctual: link the patient with the account, or with a new one.",
    }
}

fn two_causes(day: &mut Day) -> Planted {
    let patient = Patient { email: None, ..day.people.next("P2011", &mut day.rng) };
    let provider = day.linked_provider();
    let (start, booked_at) = (day.soon(provider, false), day.days_ago(1));
    let id = book(day, Visit { number: 2011, patient, provider, kind: MISSPELT, start, booked_at });
    Planted {
        key: "two_causes",
        label: "No e-mail, and a misspelt visit type as well",
        source_ids: vec![id],
        expect: Expected::held("PATIENT_EMAIL_MISSING").also("APPT_TYPE_NAME_MISMATCH"),
        ends: "At the desk: add an address to patient P2011 and rename visit type TV31.",
    }
}

fn nothing_wrong_yet(day: &mut Day) -> Planted {
    let patient = patient(day, 2012);
    let start = day.soon(LINKED[3], true);
    let booked_at = day.minutes_ago(2);
    let id = book(day, Visit { number: 2012, patient, provider: LINKED[3], kind: VIDEO, start, booked_at });
    Planted {
        key: "nothing_wrong_yet",
        label: "Booked two minutes ago and on its way: nothing is wrong",
        source_ids: vec![id],
        expect: Expected { verdict: "on_time", primary: Some("ON_TIME_WAITING"), also: Vec::new() },
        ends: "By itself, when the platform takes it: at once, unless it is told to be down for this visit at first.",
    }
}

fn office_visit(day: &mut Day) -> Planted {
    let patient = patient(day, 2013);
    let provider = day.linked_provider();
    let (start, booked_at) = (day.soon(provider, true), day.days_ago(7));
    let id = book(day, Visit { number: 2013, patient, provider, kind: OFFICE, start, booked_at });
    Planted {
        key: "office_visit",
        label: "A visit in person: not for the platform",
        source_ids: vec![id],
        expect: Expected::excluded("APPT_TYPE_NOT_CONFIGURED"),
        ends: "Never: it is left out on purpose.",
    }
}

fn past_at_booking(day: &mut Day) -> Planted {
    let patient = patient(day, 2014);
    let start = day.before_minutes(90);
    let booked_at = day.minutes_ago(20);
    let id = book(day, Visit { number: 2014, patient, provider: LINKED[1], kind: VIDEO, start, booked_at });
    Planted {
        key: "past_at_booking",
        label: "Entered when it was over",
        source_ids: vec![id],
        expect: Expected::excluded("PAST_AT_BOOKING"),
        ends: "Never: it is left out on purpose.",
    }
}

fn slow_lane(day: &mut Day) -> Planted {
    let patient = patient(day, 2015);
    let date = business_days_later(day.local.date(), 10);
    let (start, booked_at) = (date.to_datetime(time(14, 0, 0, 0)), day.minutes_ago(50));
    let id = book(day, Visit { number: 2015, patient, provider: LINKED[2], kind: VIDEO, start, booked_at });
    Planted {
        key: "slow_lane",
        label: "A visit ten business days ahead, which may take a day",
        source_ids: vec![id],
        expect: Expected::in_sync().also("LONG_LEAD_SLOW_LANE"),
        ends: "By itself.",
    }
}

fn test_visit(day: &mut Day) -> Planted {
    let patient = day.people.named("P2016", TEST_FAMILY, "Video", "U", &mut day.rng);
    let provider = day.linked_provider();
    let (start, booked_at) = (day.soon(provider, true), day.days_ago(1));
    let id = book(day, Visit { number: 2016, patient, provider, kind: VIDEO, start, booked_at });
    Planted {
        key: "test_visit",
        label: "A test visit: shown, and nobody is told",
        source_ids: vec![id],
        expect: Expected::in_sync().also("TEST_VISIT"),
        ends: "Nothing has to end.",
    }
}

fn cancelled(day: &mut Day) -> Planted {
    let patient = patient(day, 2017);
    let provider = day.linked_provider();
    let (start, booked_at) = (day.soon(provider, true), day.days_ago(9));
    let id = book(day, Visit { number: 2017, patient, provider, kind: VIDEO, start, booked_at });
    let status = Some(Status::Cancelled.word().to_owned());
    let reason = Some("Patient called: feels better".to_owned());
    day.script.change(day.minutes_ago(130), &id, Change { status, reason, ..Change::default() });
    Planted {
        key: "cancelled",
        label: "A visit that was called off",
        source_ids: vec![id],
        expect: Expected::in_sync().also("DISPLAY_FILTERED"),
        ends: "Nothing has to end: the platform shows it as cancelled.",
    }
}

fn moved(day: &mut Day) -> Planted {
    let patient = patient(day, 2019);
    let start = next(next(next(day.local.date()))).to_datetime(time(11, 0, 0, 0));
    let booked_at = day.days_ago(6);
    let id = book(day, Visit { number: 2019, patient, provider: LINKED[0], kind: VIDEO, start, booked_at });
    let start = day.soon(LINKED[0], true);
    day.script.change(day.minutes_ago(150), &id, Change { start: Some(start.into()), ..Change::default() });
    Planted {
        key: "moved",
        label: "A visit that was moved to tomorrow",
        source_ids: vec![id],
        expect: Expected::in_sync(),
        ends: "Nothing has to end: the platform shows the new time.",
    }
}
