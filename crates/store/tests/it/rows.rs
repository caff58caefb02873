//! Rows to store. Everything is synthetic.
//!
//! A builder gives the plainest row of its kind; a case changes what it is about: `AppointmentRow { told: true, ..row()
//! }`.

use domain::checks::{CheckResult, CheckState, DataCheck};
use domain::decide::{Decision, Delivery, DeliveryState, Judgement, PatientRead, Verdict, Wish};
use domain::exception::{Asked, Item, Situation};
use domain::gates::{Finding, GateId, WakeKey};
use domain::ids::{AppointmentKey, AuditId, EntryId, EnvelopeId, IntegrationKey, PracticeNo};
use domain::ledger::{Attempt, Cause, Entry, Worth};
use domain::matching::Account;
use domain::model::{
    Address, Appointment, BirthDate, Coverage, Event, Existence, Fact, FirstFinal, Guest, LinkMethod, OwnStatus,
    Patient, PatientLink, Portal, PortalStatus, Roster, Said, Sex, Stamp, StatusSaid, Timing,
};
use domain::notice::{Language, NoticeKind, NoticeState, PatientTold};
use domain::phi::Phi;
use domain::polling::{PollState, ReadKind};
use domain::profile::ExceptionRules;
use domain::reasons::Reason;
use domain::setup::{
    Document, IntegrationDoc, Lifecycle, LinkFact, LinkKind, MappedBy, PracticeDoc, ReadFrom, StatusOrigin,
};
use domain::status::Status;
use domain::text::Text;
use domain::time::{Moment, Placement};
use std::sync::atomic::{AtomicU32, Ordering};
use store::{
    AccountRow, AppointmentRow, CheckRunRow, ControlRow, CoverageRow, EnvelopeFormat, EnvelopeState, EventRow,
    ExceptionRow, FeedbackRow, IntegrationRow, Lease, NewAudit, NewEnvelope, NoticeRow, OutboxRow, PatientRow, PollRow,
    Result, SessionRow, Stop, TokenRow, Writer,
};

/// So many minutes after a noon.
pub(crate) const fn at(minutes: i64) -> Moment {
    Moment::from_micros(1_790_000_000_000_000).plus_minutes(minutes)
}

/// An integration of a practice.
pub(crate) const fn clinic(practice: u32, integration: u32) -> IntegrationKey {
    IntegrationKey { practice: PracticeNo(practice), integration }
}

/// The integration that most cases are about.
pub(crate) const HERE: IntegrationKey = clinic(1, 1);
/// Another one of the same practice.
pub(crate) const NEXT_DOOR: IntegrationKey = clinic(1, 2);
/// One of another practice, with the same number as the first.
pub(crate) const ELSEWHERE: IntegrationKey = clinic(2, 1);

/// An integration that nothing is stored of yet, for cases that are tried many times on one store.
pub(crate) fn somewhere_new() -> IntegrationKey {
    static NEXT: AtomicU32 = AtomicU32::new(1000);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    clinic(number, number)
}

/// A visit of [`HERE`].
pub(crate) fn visit(id: &str) -> AppointmentKey {
    visit_of(HERE, id)
}

/// A visit.
pub(crate) fn visit_of(integration: IntegrationKey, id: &str) -> AppointmentKey {
    AppointmentKey { integration, source_id: id.into() }
}

/// Texts.
pub(crate) fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Vec<Text> {
    texts.into_iter().map(|text| Text::from(text.as_ref())).collect()
}

/// Ids that are hard to keep: empty, long, with quotes and wildcards of query languages, composed and decomposed,
/// outside the basic plane, last in order. None has a NUL, which not every backend can keep.
pub(crate) fn awkward_texts() -> Vec<Text> {
    let long = "long ".repeat(205);
    let longer = format!("{long}!");
    texts([
        "",
        " ",
        "'",
        "''; DROP TABLE appointment; --",
        "\"quoted\"",
        "100%",
        "100_",
        "back\\slash",
        "$1 ?1 :name",
        "a",
        "A",
        "å",
        "a\u{30a}",
        "Ä|Ö|2000-01-01",
        "דוד",
        "𝔘𝔫𝔦",
        "\u{10FFFF}",
        "\u{10FFFF}\u{10FFFF}z",
        "line\nbreak\ttab\u{1}",
        &long,
        &longer,
    ])
}

/// The plainest appointment: in sync, at noon.
pub(crate) fn row() -> AppointmentRow {
    AppointmentRow {
        start: Some(at(0)),
        verdict: Verdict::InSync,
        reason: None,
        judgement: Judgement::Show,
        primary: None,
        version: 1,
        decided: EntryId(1),
        last: EntryId(1),
        wished: None,
        shown: None,
        delivery: Delivery::default(),
        lease: None,
        fence: 0,
        booked_at: at(-600),
        told: false,
        known: None,
        outbox_at: None,
        portal: None,
    }
}

/// An appointment with a verdict and a start.
pub(crate) fn row_with(verdict: Verdict, reason: Option<Reason>, start: Option<Moment>) -> AppointmentRow {
    AppointmentRow { verdict, reason, start, ..row() }
}

/// An appointment with everything there is.
pub(crate) fn full_row() -> AppointmentRow {
    AppointmentRow {
        start: Some(at(1)),
        verdict: Verdict::Failed,
        reason: Some(Reason::DeliveryExhausted),
        judgement: Judgement::ShowMisfiled,
        primary: Some(Reason::ArrivedMisfiled),
        version: 7,
        decided: EntryId(70),
        last: EntryId(i64::MAX as u64),
        wished: Some(EntryId(70)),
        shown: Some(EntryId(50)),
        delivery: Delivery {
            state: DeliveryState::Failed,
            wanted: 7,
            accepted: 5,
            attempts: 9,
            platform_id: Some("card 5".into()),
            confirmed_at: Some(at(2)),
            since: at(3),
            next_at: Some(at(4)),
            stopped_by: Some(Reason::DeliveryExhausted),
            last_answer: Some("503 Service Unavailable".into()),
            maybe_shown: true,
        },
        lease: Some(Lease { owner: 3, fence: 8, until: at(5), entry: EntryId(70), version: 7 }),
        fence: 8,
        booked_at: Moment::from_micros(-1),
        told: true,
        known: Some(PatientTold { start: Some(at(3)), ended: false }),
        outbox_at: Some(at(6)),
        portal: Some(Box::new(Portal {
            status: Some(PortalStatus { status: Status::Completed, at: at(7) }),
            guests: vec![Guest { name: Some(Phi::new("Ines Interpreter".into())), email: None }],
        })),
    }
}

/// An entry that is not a decision.
pub(crate) fn told(how: &str) -> Entry {
    Entry::Told { how: how.into() }
}

/// The visit of a decision.
fn appointment(source_id: &str) -> Appointment {
    let stamp = Stamp { at: at(-30), sequence: 4 };
    let timing = Timing {
        start: Some(at(0)),
        end: Some(at(30)),
        zone: "America/Chicago".into(),
        start_seen: None,
        end_place: None,
        placement: Placement::Unique,
        issues: Vec::new(),
    };
    Appointment {
        source_id: source_id.into(),
        placer_id: None,
        stamp,
        booked_at: at(-600),
        first_received: at(-599),
        received: at(-29),
        envelope: EnvelopeId(5),
        control_id: Some("MSG-5".into()),
        timing: Some(Said { value: timing, stamp }),
        status: None,
        known_status: Some(Status::Booked),
        visit_type: None,
        modality: None,
        department: None,
        providers: Roster::default(),
        participants: Roster::default(),
        series: None,
        lineage: Vec::new(),
        test: false,
        rulings: Vec::new(),
        taken_over: None,
        existence: Some(Said { value: Existence::Visit, stamp }),
        own_statuses: vec![OwnStatus {
            source_id: "P1".into(),
            said: Said { value: StatusSaid::by(Event::NoShow), stamp },
            known: Some(Status::NoShow),
            first_final: Some(FirstFinal { status: Status::NoShow, at: at(-27) }),
        }],
        only_moved: false,
        first_final: None,
        booking_unsaid: false,
    }
}

/// A decision that holds a visit back.
pub(crate) fn decided(source_id: &str, version: u32) -> Entry {
    let held = Finding::of(GateId::ProviderLinked, Reason::NoConnectedProviderAccount)
        .observed("DR9")
        .about("DR9")
        .wakes_on(WakeKey::Provider("DR9".into()));
    let decision = Decision {
        appointment: appointment(source_id),
        version,
        at: at(-28),
        status: Status::Booked,
        judgement: Judgement::Hold,
        primary: Some(Reason::NoConnectedProviderAccount),
        findings: vec![held],
        wish: Wish::Nothing,
        source_profile: "kareo/3".into(),
        platform_profile: "chiron/2".into(),
        setup_at: at(-1000),
        setup_version: 12,
        patient_reads: vec![PatientRead { source_id: "P1".into(), envelope: EnvelopeId(4), at: at(-31) }],
        status_origin: Some(StatusOrigin { by: MappedBy::Department, from: ReadFrom::Reason }),
    };
    let cause =
        Cause::Envelope { id: EnvelopeId(5), control_id: Some("MSG-5".into()), event: Event::Booked, reach: None };
    Entry::Decided { cause, decision: Box::new(decision) }
}

/// One entry of every kind.
pub(crate) fn entries_of_every_kind() -> Vec<Entry> {
    let attempt = Attempt {
        version: 2,
        number: 3,
        state: DeliveryState::Unknown,
        answer: "no answer".into(),
        next_at: Some(at(9)),
        stopped_by: Some(Reason::PlatformRefused),
        platform_id: Some("card".into()),
        told: Some("The platform tells the patient.".into()),
    };
    vec![
        decided("A", 2),
        Entry::Heard { envelope: EnvelopeId(6), event: Event::NoShow, worth: Worth::Stale },
        Entry::Attempted(attempt),
        Entry::Receipt { version: 2, platform_id: None, told: Some("completed there".into()) },
        told("The platform tells the patient."),
    ]
}

/// An envelope.
pub(crate) fn envelope(id: u64, integration: IntegrationKey) -> NewEnvelope<'static> {
    NewEnvelope {
        id: EnvelopeId(id),
        integration,
        at: at(id.cast_signed()),
        channel: "mllp 127.0.0.1:2575",
        format: EnvelopeFormat::Hl7v2,
        state: EnvelopeState::Applied,
        note: None,
        digest: &[7; 16],
        body: b"MSH|^~\\&|",
    }
}

/// What a message id stands for.
pub(crate) fn control(envelope: u64) -> ControlRow {
    ControlRow { envelope: EnvelopeId(envelope), answer: b"MSA|AA".to_vec(), source_id: None }
}

/// A patient of whom only the id is known.
pub(crate) fn unknown_patient(id: &str) -> PatientRow {
    PatientRow { patient: Patient::unknown(id.into()), link: None }
}

/// Stores a patient in place of what is held.
pub(crate) fn keep_patient(writer: &mut dyn Writer, integration: IntegrationKey, row: &PatientRow) -> Result<()> {
    let before = writer.patient(integration, &row.patient.source_id)?;
    writer.put_patient(integration, before.as_ref(), row)
}

/// A patient with an address.
pub(crate) fn patient(id: &str, email: &str) -> PatientRow {
    let mut row = unknown_patient(id);
    row.patient.email = Fact::Is(Phi::new(email.into()));
    row
}

/// The same, linked to an account.
pub(crate) fn linked(row: PatientRow) -> PatientRow {
    let platform_id = Text::from(format!("account of {}", row.patient.source_id));
    let link = PatientLink { platform_id, method: LinkMethod::Person, at: at(0), author: Some("Sam".into()) };
    PatientRow { link: Some(link), ..row }
}

/// A patient with a name and a birth date.
pub(crate) fn person(id: &str, family: &str, given: &str, born: jiff::civil::Date) -> PatientRow {
    let mut row = unknown_patient(id);
    row.patient.family = Fact::Is(Phi::new(family.into()));
    row.patient.given = Fact::Is(Phi::new(given.into()));
    row.patient.birth_date = Fact::Is(Phi::new(BirthDate(born)));
    row
}

/// A patient with everything there is.
pub(crate) fn full_patient(id: &str) -> PatientRow {
    let mut row = linked(person(id, "Okafor", "Ada", jiff::civil::date(1980, 2, 29)));
    let said = |text: &str| Fact::Is(Phi::new(Text::from(text)));
    let patient = &mut row.patient;
    patient.stamp = Stamp { at: at(-5), sequence: u64::MAX };
    patient.read_at = at(-4);
    patient.envelope = EnvelopeId(9);
    patient.sex = Fact::Is(Phi::new(Sex::Female));
    patient.email = said(" Ada@Example.COM ");
    patient.mobile = Fact::Cleared;
    patient.phone = said("+1 555 0100");
    patient.address = Fact::Is(Phi::new(Address { city: Some("Springfield".into()), ..Address::default() }));
    patient.language = said("en");
    patient.coverage = Fact::Is(Phi::new(Coverage::Incomplete("IN1-36".into())));
    patient.merged_into = Some("P2".into());
    patient.email_place = Some("PID-13.4".into());
    row
}

/// An account of the platform that is linked to nobody.
pub(crate) fn account(platform_id: &str) -> AccountRow {
    AccountRow { source_id: None, account: Account { platform_id: platform_id.into(), ..Account::default() } }
}

/// Something that stops visits.
pub(crate) fn stop(subject: &str) -> Stop {
    Stop { reason: Reason::NoConnectedProviderAccount, subject: subject.into() }
}

/// A card to be delivered.
pub(crate) fn card(entry: u64, key: &AppointmentKey, visible_at: Moment) -> OutboxRow {
    OutboxRow { entry: EntryId(entry), key: key.clone(), version: 1, visible_at, since: at(-10) }
}

/// A stretch of a feed.
pub(crate) fn stretch(feed: &str, from: i64, to: i64) -> CoverageRow {
    CoverageRow { feed: feed.into(), from: at(from), to: at(to), read_at: at(to), complete: true }
}

/// What is remembered of reading an integration's source; due at the moment `mark`.
pub(crate) fn poll(integration: IntegrationKey, mark: u32) -> PollRow {
    let mut state = PollState::begin(at(i64::from(mark)), &ReadKind::ALL);
    state.ask_for(&format!("mark {mark}"), at(i64::from(mark)));
    PollRow { integration, due_at: at(i64::from(mark)), revision: 0, fence: 0, state }
}

/// Something somebody did in the practice of [`HERE`].
pub(crate) fn deed(id: u64, subject: &str) -> NewAudit {
    NewAudit {
        id: AuditId(id),
        practice: HERE.practice,
        at: at(id.cast_signed()),
        actor: "Sam".into(),
        role: "operator".into(),
        action: "view".into(),
        subject: subject.into(),
        detail: "".into(),
    }
}

/// A token; its digest follows from its id.
pub(crate) fn token(id: &str) -> TokenRow {
    TokenRow {
        id: id.into(),
        name: "Front desk".into(),
        role: "operator".into(),
        practice: None,
        digest: digest(id),
        created_at: at(0),
        revoked_at: None,
    }
}

/// A session; its digest follows from its secret.
pub(crate) fn session(secret: &str, expires_at: Moment) -> SessionRow {
    SessionRow { digest: digest(secret), token: "tok_1".into(), created_at: at(0), expires_at, purpose: None }
}

/// Some digest of a text.
pub(crate) fn digest(text: &str) -> [u8; 32] {
    *blake3::hash(text.as_bytes()).as_bytes()
}

/// A link made by a person.
pub(crate) fn link(kind: LinkKind, source_id: &str, platform_id: &str) -> LinkFact {
    LinkFact { kind, source_id: source_id.into(), platform_id: platform_id.into(), author: "Sam".into(), at: at(0) }
}

/// A practice as people write it, with one integration.
fn document() -> Document {
    let text = r#"
        [practice]
        id = "northside"
        name = "Northside Family Clinic"
        time_zone = "America/Chicago"
        holidays = ["2026-11-26"]

        [[integration]]
        id = "northside-chiron"
        source = { profile = "kareo", route = "hl7v2", facility = "NORTHSIDE" }
        platform = { profile = "chiron", route = "webhook", url = "http://127.0.0.1:9900/hook", secret = { env = "HOOK_SECRET" } }
        type = [{ source_name = "Telemedicine Visit", modality = "video" }]
        override = [{ path = "platform.times.horizon_months", value = 3, author = "Sam", reason = "they asked" }]
    "#;
    Document::from_toml(text).unwrap()
}

/// A practice.
pub(crate) fn practice(id: &str) -> PracticeDoc {
    PracticeDoc { id: id.into(), ..document().practice }
}

/// An integration without a number yet.
pub(crate) fn integration(practice: PracticeNo, id: &str) -> IntegrationRow {
    let document = document().integration.remove(0);
    IntegrationRow {
        key: IntegrationKey { practice, integration: 0 },
        document: IntegrationDoc { id: id.into(), ..document },
        lifecycle: Lifecycle::Initiated,
        lifecycle_since: at(0),
        gone_since: None,
        version: 1,
        changed_at: at(0),
    }
}

/// A notice to a patient that is due.
pub(crate) fn notice(integration: IntegrationKey, id: u64, once: &str) -> NoticeRow {
    NoticeRow {
        id: EntryId(id),
        integration,
        kind: NoticeKind::Moved,
        subject: "A1".into(),
        recipient: "P1".into(),
        once: once.into(),
        state: NoticeState::Due,
        due_at: Some(at(5)),
        made_at: at(4),
        about: Some(PatientTold { start: Some(at(900)), ended: false }),
        version: 3,
        attempts: 1,
        channel: Some("mail".into()),
        language: Some(Language::Spanish),
        answer: Some("450".into()),
        closed_at: None,
    }
}

pub(crate) fn exception(integration: IntegrationKey, cause: &str) -> ExceptionRow {
    let (rules, situation) = (ExceptionRules::default(), Situation { next_start: Some(at(900)), path: 3 });
    let mut item = Item::open(&rules, &situation, at(0));
    item.ask(&rules, &situation, &Asked::Escalate, &"Dana".into(), Text::default(), at(1)).unwrap();
    item.ask(&rules, &situation, &Asked::Snooze(at(60)), &"Dana".into(), "at lunch".into(), at(2)).unwrap();
    ExceptionRow { integration, cause: cause.into(), look_at: Some(at(60)), item }
}

pub(crate) fn feedback(integration: IntegrationKey, id: u64) -> FeedbackRow {
    FeedbackRow {
        id: EntryId(id),
        integration,
        source_id: "A1".into(),
        at: at(id.cast_signed()),
        reason: Some(Reason::PatientEmailMissing),
        right: true,
        author: "Dana".into(),
        role: "desk".into(),
        note: "as I thought".into(),
        verdict: Verdict::Held,
        sentence: "Held.".into(),
        decided: EntryId(99),
    }
}

pub(crate) fn event(integration: IntegrationKey, id: u64) -> EventRow {
    EventRow {
        id: EntryId(id),
        integration,
        due_at: at(5),
        once: "evt_1".into(),
        name: "exception.opened".into(),
        at: at(4),
        attempts: 0,
        data: "{}".into(),
    }
}

pub(crate) fn check_run(integration: IntegrationKey, minute: i64, found: u64) -> CheckRunRow {
    let result = CheckResult {
        check: DataCheck::HeldLong,
        at: at(minute),
        found,
        of: 100,
        cut_short: false,
        most: 5,
        state: CheckState::Failed,
        failing_since: Some(at(minute - 60)),
    };
    CheckRunRow { integration, slot: at(minute), results: vec![result] }
}
