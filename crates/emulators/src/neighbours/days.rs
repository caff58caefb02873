//! A small diary: the mornings of the coming days, mostly by video, and one visit that cannot go.

use crate::diary::{Booking, Diary, PatientRecord, Refusal, Standing};
use crate::neighbours::Part;
use crate::practice::believable::{Expected, Planted};
use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};

/// On so many coming days somebody is booked.
const DAYS: i64 = 4;
/// So many people come to each clinic; other people to each, since one made-up address is one person's.
const PEOPLE: usize = 6;
/// A word for how a visit stands that only this practice uses.
const OWN_WORD: &str = "Awaiting Interpreter";

/// What is wrong with one visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It stands in a word of the practice's own.
    OwnStatus,
    /// Its patient's address is none that mail could reach.
    BadEmail,
    /// Its patient's record lacks the date of birth.
    NoBirthDate,
    /// Its patient's record lacks the e-mail address.
    NoEmail,
}

impl Problem {
    /// What to say of it, of the visit with the vendor's `id`.
    pub(super) fn planted(self, id: String) -> Planted {
        let (key, label, primary, ends) = match self {
            Problem::OwnStatus => (
                "own_status",
                "A status that only this practice has",
                "STATUS_UNMAPPED",
                "at the front desk: another status; or in the practice document: what the word means",
            ),
            Problem::BadEmail => (
                "bad_email",
                "An e-mail address that is none",
                "PATIENT_EMAIL_INVALID",
                "at the front desk: the address on the patient's record",
            ),
            Problem::NoBirthDate => (
                "missing_birth_date",
                "A patient's record without a date of birth",
                "DEMOGRAPHICS_INCOMPLETE",
                "at the front desk: the date on the patient's record",
            ),
            Problem::NoEmail => (
                "missing_email",
                "A patient's record without an e-mail address",
                "PATIENT_EMAIL_MISSING",
                "at the front desk: the address on the patient's record",
            ),
        };
        let expect = Expected { verdict: "held", primary: Some(primary), also: Vec::new() };
        Planted { key, label, source_ids: vec![id], expect, ends }
    }
}

/// Fills the diary of the n-th neighbour; gives the visit that has the problem.
pub(super) fn fill(diary: &mut Diary, number: usize, part: &Part, now: Timestamp) -> Result<u64, Refusal> {
    let own = diary.patients.values().skip(number * PEOPLE).take(PEOPLE);
    let mut people: Vec<u64> = own.filter(|patient| patient.email.is_some()).map(|patient| patient.id).collect();
    let Some(troubled) = people.pop() else { return Err(Refusal::Wrong("There is nobody to be booked.".to_owned())) };
    let providers: Vec<u64> = diary.providers.iter().take(3).map(|row| row.id).collect();
    let (video, office) = (diary.kinds[0].id, diary.kinds[1].id);
    let today = diary.local(now).date();
    let mornings = (1..=DAYS).flat_map(|ahead| {
        let day = today.saturating_add(ahead.days());
        [day.at(9, 0, 0, 0), day.at(10, 30, 0, 0)]
    });
    for (n, (start, patient)) in mornings.zip(people.iter().cycle()).enumerate() {
        let kind = if n % 4 == 3 && part.office_visits { office } else { video };
        diary.book(visit(*patient, providers[n % providers.len()], kind, start), now)?;
    }
    let tomorrow = today.saturating_add(1.days()).at(14, 0, 0, 0);
    let mut booking = visit(troubled, providers[0], video, tomorrow);
    let mut record = PatientRecord::default();
    match part.problem {
        Problem::OwnStatus => booking.status = Some(Standing::Own(OWN_WORD.to_owned())),
        Problem::BadEmail => record.email = Some("at.home".to_owned()),
        Problem::NoBirthDate => record.birth_date = Some(String::new()),
        Problem::NoEmail => record.email = Some(String::new()),
    }
    diary.edit_patient(troubled, record, now)?;
    diary.book(booking, now)
}

fn visit(patient: u64, provider: u64, kind: u64, start: DateTime) -> Booking {
    Booking {
        patient: Some(patient),
        provider: Some(provider),
        kind: Some(kind),
        start: Some(start.into()),
        reason: "Follow-up".to_owned(),
        ..Booking::default()
    }
}
