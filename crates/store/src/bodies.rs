//! The stored bodies of patients and accounts, the same in every engine.

use crate::columns::{decode_body, encode_body};
use crate::setup::{from_json, to_json};
use crate::{AccountRow, EventRow, FeedbackRow, NoticeRow, PatientRow, Result};
use domain::decide::Verdict;
use domain::explain::plain_form;
use domain::gates::name_key;
use domain::ids::{EntryId, IntegrationKey};
use domain::matching::Account;
use domain::model::{BirthDate, Patient, PatientLink, Restriction, Way};
use domain::notice::{Language, NoticeKind, NoticeState, PatientTold};
use domain::reasons::Reason;
use domain::setup::fold_email;
use domain::text::Text;
use domain::time::Moment;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The stored body of a patient.
#[derive(Decode)]
#[cbor(array)]
struct PatientBody {
    #[n(0)]
    patient: Patient,
    #[n(1)]
    link: Option<PatientLink>,
}

/// The same, to be written.
#[derive(Encode)]
#[cbor(array)]
struct PatientBodyRef<'a> {
    #[n(0)]
    patient: &'a Patient,
    #[n(1)]
    link: Option<&'a PatientLink>,
}

/// The stored body of an account.
#[derive(Serialize, Deserialize)]
struct AccountBody {
    family: Option<Text>,
    given: Option<Text>,
    birth_date: Option<jiff::civil::Date>,
    email: Option<Text>,
    phone: Option<Text>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    restrictions: Vec<RestrictionBody>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    inactive: bool,
    /// In microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told_at: Option<i64>,
}

/// What an account says against telling its holder things.
#[derive(Serialize, Deserialize)]
struct RestrictionBody {
    way: Way,
    said: Text,
    place: Text,
}

/// Appends a patient's body to a buffer.
pub(crate) fn encode_patient(row: &PatientRow, buffer: &mut Vec<u8>) -> Result<()> {
    encode_body("patient", &PatientBodyRef { patient: &row.patient, link: row.link.as_ref() }, buffer)
}

/// Reads a patient's body back.
pub(crate) fn decode_patient(bytes: &[u8]) -> Result<PatientRow> {
    let PatientBody { patient, link } = decode_body("patient", bytes)?;
    Ok(PatientRow { patient, link })
}

/// What an account is found by, and its body.
pub(crate) struct AccountColumns {
    pub(crate) email_key: Option<Text>,
    pub(crate) name_key: Option<Text>,
    pub(crate) birth_date: Option<String>,
    pub(crate) body: String,
}

/// The columns of an account.
pub(crate) fn account_columns(account: &Account) -> Result<AccountColumns> {
    let name = account.family.as_ref().zip(account.given.as_ref());
    // Without a birth date the key ends behind the name, so that a search by name alone finds it.
    let name_key = name.map(|(family, given)| match account.birth_date {
        Some(birth_date) => name_key(family, given, birth_date.0),
        None => Text::from(format!("{}|{}|", plain_form(family), plain_form(given))),
    });
    let body = to_json(
        "account",
        &AccountBody {
            family: account.family.clone(),
            given: account.given.clone(),
            birth_date: account.birth_date.map(|date| date.0),
            email: account.email.clone(),
            phone: account.phone.clone(),
            restrictions: account.restrictions.iter().cloned().map(restriction_body).collect(),
            inactive: account.inactive,
            told_at: account.told_at.map(Moment::micros),
        },
    )?;
    let email_key = account.email.as_deref().map(fold_email);
    Ok(AccountColumns { email_key, name_key, birth_date: account.birth_date.map(|date| date.0.to_string()), body })
}

/// Reads an account back.
pub(crate) fn account_of_columns(platform_id: Text, source_id: Option<Text>, body: &str) -> Result<AccountRow> {
    let AccountBody { family, given, birth_date, email, phone, restrictions, inactive, told_at } =
        from_json("account", body)?;
    let told_at = told_at.map(Moment::from_micros);
    let restrictions = restrictions.into_iter().map(restriction_of).collect();
    let birth_date = birth_date.map(BirthDate);
    Ok(AccountRow {
        source_id,
        account: Account { platform_id, family, given, birth_date, email, phone, restrictions, inactive, told_at },
    })
}

fn restriction_body(held: Restriction) -> RestrictionBody {
    let Restriction { way, said, place } = held;
    RestrictionBody { way, said, place }
}

fn restriction_of(body: RestrictionBody) -> Restriction {
    let RestrictionBody { way, said, place } = body;
    Restriction { way, said, place }
}

/// The stored body of a notice: what nobody searches by.
#[derive(Encode, Decode)]
#[cbor(array)]
struct NoticeBody {
    #[n(0)]
    kind: NoticeKind,
    #[n(1)]
    recipient: Text,
    #[n(2)]
    state: NoticeState,
    #[n(3)]
    made_at: Moment,
    #[n(4)]
    about: Option<PatientTold>,
    #[n(5)]
    version: u32,
    #[n(6)]
    attempts: u32,
    #[n(7)]
    channel: Option<Text>,
    #[n(8)]
    language: Option<Language>,
    #[n(9)]
    answer: Option<Text>,
    #[n(10)]
    closed_at: Option<Moment>,
}

/// What a notice is found by.
pub(crate) struct NoticeColumns {
    pub(crate) id: EntryId,
    pub(crate) integration: IntegrationKey,
    pub(crate) subject: Text,
    pub(crate) once: Text,
    pub(crate) due_at: Option<Moment>,
}

/// Appends a notice's body to a buffer.
pub(crate) fn encode_notice(row: &NoticeRow, buffer: &mut Vec<u8>) -> Result<()> {
    let NoticeRow { kind, state, made_at, about, version, attempts, language, closed_at, .. } = *row;
    let (recipient, channel, answer) = (row.recipient.clone(), row.channel.clone(), row.answer.clone());
    let body =
        NoticeBody { kind, recipient, state, made_at, about, version, attempts, channel, language, answer, closed_at };
    encode_body("notice", &body, buffer)
}

/// Reads a notice back.
pub(crate) fn decode_notice(columns: NoticeColumns, bytes: &[u8]) -> Result<NoticeRow> {
    let NoticeColumns { id, integration, subject, once, due_at } = columns;
    let NoticeBody { kind, recipient, state, made_at, about, version, attempts, channel, language, answer, closed_at } =
        decode_body("notice", bytes)?;
    Ok(NoticeRow {
        id,
        integration,
        kind,
        subject,
        recipient,
        once,
        state,
        due_at,
        made_at,
        about,
        version,
        attempts,
        channel,
        language,
        answer,
        closed_at,
    })
}

/// The stored body of what somebody said of an explanation.
#[derive(Encode, Decode)]
#[cbor(array)]
pub(crate) struct FeedbackBody {
    #[n(0)]
    pub(crate) source_id: Text,
    #[n(1)]
    pub(crate) author: Text,
    #[n(2)]
    pub(crate) role: Text,
    #[n(3)]
    pub(crate) note: Text,
    #[n(4)]
    pub(crate) verdict: Verdict,
    #[n(5)]
    pub(crate) sentence: Text,
    #[n(6)]
    pub(crate) decided: EntryId,
}

/// What feedback is found and counted by.
pub(crate) struct FeedbackColumns {
    pub(crate) integration: IntegrationKey,
    pub(crate) id: EntryId,
    pub(crate) at: Moment,
    /// 0: none.
    pub(crate) reason: u16,
    pub(crate) right: bool,
}

/// The column of a reason that may be none.
pub(crate) fn no_reason_or(reason: Option<Reason>) -> u16 {
    reason.map_or(0, Reason::number)
}

/// Reads that column back.
pub(crate) fn reason_or_none(number: u16) -> Result<Option<Reason>> {
    if number == 0 {
        return Ok(None);
    }
    let known = Reason::from_number(number).map(Some);
    known.ok_or_else(|| crate::Error::unreadable("feedback", format!("unknown reason {number}")))
}

/// Appends the body to a buffer.
pub(crate) fn encode_feedback(row: &FeedbackRow, buffer: &mut Vec<u8>) -> Result<()> {
    let body = FeedbackBody {
        source_id: row.source_id.clone(),
        author: row.author.clone(),
        role: row.role.clone(),
        note: row.note.clone(),
        verdict: row.verdict,
        sentence: row.sentence.clone(),
        decided: row.decided,
    };
    encode_body("feedback", &body, buffer)
}

/// Reads it back.
pub(crate) fn decode_feedback(columns: FeedbackColumns, bytes: &[u8]) -> Result<FeedbackRow> {
    let FeedbackColumns { integration, id, at, reason, right } = columns;
    let FeedbackBody { source_id, author, role, note, verdict, sentence, decided } = decode_body("feedback", bytes)?;
    let reason = reason_or_none(reason)?;
    Ok(FeedbackRow { id, integration, source_id, at, reason, right, author, role, note, verdict, sentence, decided })
}

/// The stored body of an event.
#[derive(Encode, Decode)]
#[cbor(array)]
struct EventBody {
    #[n(0)]
    once: Text,
    #[n(1)]
    name: Text,
    #[n(2)]
    at: Moment,
    #[n(3)]
    attempts: u32,
    #[n(4)]
    data: Text,
}

/// Appends an event's body to a buffer.
pub(crate) fn encode_event(row: &EventRow, buffer: &mut Vec<u8>) -> Result<()> {
    let EventRow { at, attempts, .. } = *row;
    let body = EventBody { once: row.once.clone(), name: row.name.clone(), at, attempts, data: row.data.clone() };
    encode_body("event", &body, buffer)
}

/// Reads an event back.
pub(crate) fn decode_event(integration: IntegrationKey, id: EntryId, due_at: Moment, bytes: &[u8]) -> Result<EventRow> {
    let EventBody { once, name, at, attempts, data } = decode_body("event", bytes)?;
    Ok(EventRow { id, integration, due_at, once, name, at, attempts, data })
}
