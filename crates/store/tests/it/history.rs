//! A store with years of work in it, and everything that is asked of one: for measuring that neither questions nor
//! changes cost more where more is stored.

use crate::backends::write;
use crate::everything::{ask, ask_overall, fill};
use crate::rows::*;
use domain::decide::Verdict;
use domain::ids::{AuditId, EntryId, EnvelopeId, IntegrationKey, PracticeNo};
use domain::reasons::Reason;
use domain::setup::LinkKind;
use store::{
    AccountRow, AppointmentFilter, AppointmentRow, EnvelopeState, NewEnvelope, Page, Reader, Result, SessionRow, Store,
    WakeScope, Writer,
};

/// The mark of what the questions are about; everything else is history around it.
const MARK: u32 = 5;
/// So much is wanted of each list.
pub(crate) const LIMIT: usize = 3;
/// Years of work in the younger store: enough to fill every page.
pub(crate) const YOUNG: u64 = 3;
/// Years of work in the older one.
pub(crate) const OLD: u64 = 9;

/// Visits up to this number have a card that is under way: what is under way is of this moment, however old the store
/// is.
const UNDER_WAY: u64 = 130;

/// Years of work: everything that piles up, of three integrations, in the middle of which stands what is asked about.
pub(crate) fn live_long(store: &dyn Store, years: u64) {
    write(store, |writer| {
        fill(writer, HERE, MARK)?;
        for n in 100..100 + 150 * years {
            for (which, integration) in (0..).zip([HERE, NEXT_DOOR, ELSEWHERE]) {
                pass_by(writer, integration, 10 * (3 * n + which), n)?;
            }
        }
        Ok(())
    });
}

/// One more visit, with all that it leaves behind. `id` and the nine ids behind it are free.
fn pass_by(writer: &mut dyn Writer, integration: IntegrationKey, id: u64, n: u64) -> Result<()> {
    let (key, patient) = (visit_of(integration, &format!("B{n}")), format!("P-{n}"));
    let past = at(-(n.cast_signed()) * 60);
    // Most visits are in sync, many are left out; whatever else there is, there are a few of a year.
    let (verdict, reason) = match n % 15 {
        // What is on its way is so now: those have a card, below.
        0 if n / 15 % 8 == 1 => (Verdict::WaitingByRule, Some(Reason::BeyondSyncHorizon)),
        0 => (Verdict::ALL[(n / 15 % 8) as usize], Some(Reason::ALL[(n / 15 % 40) as usize])),
        3 if n < UNDER_WAY => (Verdict::OnTime, Some(Reason::OnTimeWaiting)),
        1..9 => (Verdict::InSync, None),
        _ => (Verdict::Excluded, Some(Reason::TestVisit)),
    };
    let start = Some(past).filter(|_| !n.is_multiple_of(7));
    writer.put_appointment(&key, None, &row_with(verdict, reason, start))?;
    writer.put_participant(&key, &patient)?;
    writer.put_entry(&key, EntryId(id), None, past, &decided(&key.source_id, 1))?;
    writer.put_entry(&key, EntryId(id + 1), Some(EntryId(id)), past, &told("of it"))?;
    let state = if n.is_multiple_of(3) { EnvelopeState::SetAside } else { EnvelopeState::Applied };
    writer.put_envelope(&NewEnvelope { state, at: at(id.cast_signed()), ..envelope(id + 2, integration) })?;
    writer.put_control(integration, &format!("M-{n}"), &control(id + 2))?;
    let born = jiff::civil::date(1900 + (n % 100) as i16, 1 + (n / 100 % 12) as i8, 1 + (n % 28) as i8);
    let mut row = linked(person(&patient, &format!("Family {n}"), "Given", born));
    row.patient.email = crate::rows::patient("", &format!("{n}@example.com")).patient.email;
    keep_patient(writer, integration, &row)?;
    let source_id = Some(patient.as_str().into()).filter(|_| n.is_multiple_of(2));
    let mut account = account(&format!("acc {n}"));
    account.account.email = Some(format!("{n}@example.org").into());
    account.account.birth_date = Some(domain::model::BirthDate(born));
    (account.account.family, account.account.given) = (Some(format!("Family {n}").into()), Some("Given".into()));
    writer.put_account(integration, &AccountRow { source_id, ..account })?;
    // What stops and waits is of this moment; what was released leaves closed causes behind.
    let subject = stop(&format!("DR-{n}"));
    writer.put_stop(&key, &subject, start, past)?;
    if integration == HERE {
        writer.delete_stop(&key, &subject, past)?;
    }
    let said = store::FeedbackRow { at: at(-50_000), ..feedback(integration, id) };
    writer.put_feedback(&store::FeedbackRow { source_id: key.source_id.clone(), ..said })?;
    writer.put_check_run(&check_run(integration, -(n.cast_signed()), n))?;
    writer.add_use(integration.practice, -(n.cast_signed() as i32), &[(domain::exception::QueueUse::Looked, 1)])?;
    // Items of causes that are closed.
    writer.put_exception(&store::ExceptionRow { look_at: None, ..exception(integration, &format!("cau_{n}")) })?;
    writer.put_wait(&key, "integration")?;
    writer.put_wait(&key, &format!("provider:DR-{n}"))?;
    writer.put_timer(&key, at(id.cast_signed()))?;
    writer.fire(integration, "integration", WakeScope::Waiting, "", past)?;
    if n < UNDER_WAY {
        writer.put_outbox(&store::OutboxRow { since: at(id.cast_signed()), ..card(id, &key, at(id.cast_signed())) })?;
    }
    writer.put_coverage(integration, &stretch("feed", -60 * n.cast_signed() - 60, -60 * n.cast_signed()))?;
    writer
        .put_audit(&store::NewAudit { practice: integration.practice, ..deed(id, &format!("subject {}", n % 50)) })?;
    writer.put_session(&SessionRow { ..session(&id.to_string(), past) })?;
    Ok(())
}

/// A question by its name.
pub(crate) type Question = (&'static str, Box<dyn Fn(&mut dyn Reader) -> Result<()>>);

/// A question.
pub(crate) fn question<T>(name: &'static str, ask: impl Fn(&mut dyn Reader) -> Result<T> + 'static) -> Question {
    (name, Box::new(move |reader| ask(reader).map(|_| ())))
}

/// Every list, as it is asked for in pages and with filters, besides all that [`ask`] asks.
pub(crate) fn questions() -> Vec<Question> {
    let all = AppointmentFilter::default;
    let verdicts =
        |verdicts: &[Verdict]| AppointmentFilter { verdicts: verdicts.to_vec(), ..AppointmentFilter::default() };
    let middle = || Some(Page { start: Some(at(-30_000)), source_id: "B500".into() });
    let unknown = || Some(Page { start: None, source_id: "B2".into() });
    let list = |name, filter: AppointmentFilter, after: Option<Page>| {
        question(name, move |reader| reader.appointments(HERE, &filter, after.as_ref(), LIMIT))
    };
    let by_reason = |reason| AppointmentFilter { reason: Some(reason), ..AppointmentFilter::default() };
    vec![
        question("everything about one visit", |reader| ask(reader, HERE, MARK)),
        question("everything overall", |reader| ask_overall(reader)),
        list("all visits", all(), None),
        list("all visits, from the middle", all(), middle()),
        list("all visits, among those without a start", all(), unknown()),
        list("a day", AppointmentFilter { from: Some(at(-1440)), to: Some(at(0)), ..all() }, None),
        list(
            "a day, from the middle",
            AppointmentFilter { from: Some(at(-30_440)), to: Some(at(0)), ..all() },
            middle(),
        ),
        list("visits to come", AppointmentFilter { from: Some(at(0)), ..all() }, None),
        list("visits in sync", verdicts(&[Verdict::InSync]), None),
        list("visits in sync, from the middle", verdicts(&[Verdict::InSync]), middle()),
        list("visits on their way", verdicts(&[Verdict::OnTime]), None),
        list("visits that failed", verdicts(&[Verdict::Failed]), middle()),
        list("visits without a start that failed", verdicts(&[Verdict::Failed]), unknown()),
        list("visits left out", verdicts(&[Verdict::Excluded]), None),
        list(
            "visits that somebody must look at",
            verdicts(&[Verdict::Held, Verdict::Failed, Verdict::ArrivedWrong]),
            None,
        ),
        list("visits not in sync", verdicts(&Verdict::ALL[1..]), middle()),
        list("visits of any verdict", verdicts(&Verdict::ALL), middle()),
        list("visits of a reason", by_reason(Reason::StatusUnmapped), None),
        list("visits of a reason, from the middle", by_reason(Reason::TestVisit), middle()),
        list(
            "visits of a reason and a verdict",
            AppointmentFilter { verdicts: vec![Verdict::Excluded], ..by_reason(Reason::TestVisit) },
            None,
        ),
        question("visits of a patient", |reader| reader.appointments_of_patient(HERE, "P-120", LIMIT)),
        question("ids by their beginning", |reader| reader.source_ids_like(HERE, "B1", LIMIT)),
        question("a timeline", |reader| reader.entries(&visit("B110"), EntryId(10 * 330 + 1), LIMIT)),
        question("decisions from the beginning", |reader| {
            reader.decisions_since(&[HERE, NEXT_DOOR, ELSEWHERE], EntryId(0), LIMIT)
        }),
        question("decisions of somebody new", |reader| reader.decisions_since(&[clinic(9, 9)], EntryId(0), LIMIT)),
        question("envelopes set aside", |reader| reader.envelopes_set_aside(HERE, Some(EnvelopeId(3600)), LIMIT)),
        question("messages not applied of late", |reader| reader.envelopes_not_applied(HERE, at(-9000), LIMIT)),
        question("the oldest envelope", |reader| reader.oldest_envelope()),
        question("the holders of an address", |reader| reader.email_holders(HERE, "120@example.com", "x")),
        question("patients with an address", |reader| reader.patients_with_email(HERE, "120@example.com", LIMIT)),
        question("patients by the beginning of a name", |reader| reader.patients_like(HERE, "family", LIMIT)),
        question("patients of a name", |reader| reader.patients_named(HERE, "family 120|given|1920-02-09", LIMIT)),
        question("accounts", |reader| reader.accounts(HERE, Some("acc 110"), LIMIT)),
        question("the account of a patient", |reader| reader.account_of(HERE, "P-120")),
        question("unlinked accounts by all", |reader| {
            reader.unlinked_accounts(
                HERE,
                &store::AccountQuery {
                    email_key: Some("121@example.org".into()),
                    birth_date: Some("1980-02-29".into()),
                    name_prefix: Some("family 121|given|".into()),
                },
            )
        }),
        question("whether somebody new has unlinked accounts", |reader| reader.has_unlinked_accounts(clinic(1, 9))),
        question("open causes", |reader| reader.open_causes(HERE, at(0), LIMIT)),
        question("what was said of explanations", |reader| reader.feedback(HERE, Some(EntryId(3500)), LIMIT)),
        question("what was said of late, counted", |reader| reader.feedback_counts(HERE, at(-1440))),
        question("what was said of one visit", |reader| reader.feedback_of(&visit("B110"), LIMIT)),
        question("the newest run of checks", |reader| reader.last_check_run(HERE)),
        question("runs of checks of late", |reader| reader.check_runs(HERE, at(-120), LIMIT)),
        question("how a queue was used of late", |reader| reader.queue_use(PracticeNo(1), -110)),
        question("open items", |reader| reader.open_exceptions(HERE, LIMIT)),
        question("items to be looked at", |reader| reader.exceptions_due(at(99_999), LIMIT)),
        question("events to be told", |reader| reader.events_due(at(99_999), LIMIT)),
        question("one event", |reader| reader.event(HERE, EntryId(3500))),
        question("when the next event is to be told", |reader| reader.next_event()),
        question("visits under a cause", |reader| reader.stopped_by(HERE, &stop("DR9"), Some("A"), LIMIT)),
        question("visits that wait", |reader| reader.waiting(HERE, "integration", Some("B110"), LIMIT)),
        question("timers that are due", |reader| reader.timers_due(at(99_999), LIMIT)),
        question("facts that changed", |reader| reader.fired(LIMIT)),
        question("whose cards are due", |reader| reader.outbox_turns(at(99_999), None, LIMIT)),
        question("cards that are due", |reader| reader.outbox_visible(at(99_999), &[HERE, NEXT_DOOR], LIMIT)),
        question("cards that are late", |reader| reader.outbox_older_than(NEXT_DOOR, at(99_999), LIMIT)),
        question("late cards of somebody new", |reader| reader.outbox_older_than(clinic(1, 9), at(99_999), LIMIT)),
        question("how many cards wait", |reader| reader.outbox_depth(LIMIT)),
        question("what was read of late", |reader| reader.coverage(HERE, at(-6200), at(0))),
        question("the audit log", |reader| reader.audit(None, None, Some(AuditId(3500)), LIMIT)),
        question("a practice's audit log", |reader| {
            reader.audit(Some(PracticeNo(2)), None, Some(AuditId(3500)), LIMIT)
        }),
        question("the audit log of a subject", |reader| reader.audit(None, Some("subject 7"), None, 3)),
        question("the audit log of a rare subject", |reader| reader.audit(None, Some("subject"), None, LIMIT)),
        question("a practice's log of a subject", |reader| {
            reader.audit(Some(PracticeNo(2)), Some("subject 7"), None, 3)
        }),
        question("a practice's log of a rare subject", |reader| {
            reader.audit(Some(PracticeNo(1)), Some("subject"), None, LIMIT)
        }),
        question("a page of the chain", |reader| reader.audit_chain(AuditId(3300), LIMIT)),
        question("a session", |reader| reader.session(&digest("mark 5"))),
    ]
}

/// A change by its name.
pub(crate) type Change = (&'static str, fn(&mut dyn Writer) -> Result<()>);

/// Every change, each to something that stands in the middle of the history.
pub(crate) const CHANGES: &[Change] = &[
    ("one row of every kind, new", |writer| fill(writer, clinic(3, 3), 2_000_000)),
    ("a visit with all that it leaves behind", |writer| pass_by(writer, HERE, 3_000_000, 100_000)),
    ("a visit that changes", |writer| {
        let held = writer.appointment(&visit("B110"))?.unwrap();
        let next = AppointmentRow { start: Some(at(5)), verdict: Verdict::Unexplained, ..held.clone() };
        writer.put_appointment(&visit("B110"), Some(&held), &next)
    }),
    ("a patient who leaves", |writer| writer.delete_participant(&visit("B110"), "P-110")),
    ("an account that is removed", |writer| writer.delete_account(HERE, "acc 110")),
    ("a stop that is lifted", |writer| writer.delete_stop(&visit("A1"), &stop("DR9"), at(0)).map(|_| ())),
    ("a stop that opens a cause anew", |writer| {
        writer.put_stop(&visit("B110"), &stop("DR-110"), None, at(0)).map(|_| ())
    }),
    ("a wait that ends", |writer| writer.delete_wait(&visit("B110"), "integration")),
    ("a timer taken off", |writer| writer.delete_timer(&visit("B110"), at(3300))),
    ("a card taken off", |writer| writer.delete_outbox(HERE, at(3300), EntryId(3300))),
    ("a fact that is worked off", |writer| {
        let fired = writer.fired(2)?;
        writer.advance_fired(fired[0].id, Some("B110"))?;
        writer.advance_fired(fired[1].id, None)
    }),
    ("a session that ends", |writer| writer.delete_session(&digest("mark 5"))),
    ("a link taken off", |writer| writer.delete_link(HERE, LinkKind::Provider, "DR9").map(|_| ())),
    ("no run of checks to forget", |writer| writer.forget_check_runs(HERE, at(-9_999_999))),
    ("no use of a queue to forget", |writer| writer.forget_use(PracticeNo(1), -99_999)),
    ("a use of a queue", |writer| writer.add_use(PracticeNo(1), 5, &[(domain::exception::QueueUse::Opened, 1)])),
    ("nothing to forget", |writer| writer.forget_envelopes(at(-99_999), LIMIT).map(|_| ())),
    ("envelopes to forget", |writer| writer.forget_envelopes(at(99_999), LIMIT).map(|_| ())),
    ("the number of a process", |writer| writer.next_boot().map(|_| ())),
];
