//! One row of every kind, and every question that shows it: for cases about batches, handles, copies and practices,
//! where it matters that no kind of row is forgotten.

use crate::rows::*;
use domain::decide::Verdict;
use domain::exception::QueueUse;
use domain::ids::{AuditId, EntryId, EnvelopeId, IntegrationKey};
use domain::reasons::Reason;
use domain::setup::LinkKind;
use store::{
    AccountQuery, AccountRow, AppointmentFilter, AppointmentRow, ControlRow, EnvelopeState, IntegrationRow, NewAudit,
    NewEnvelope, NoticeRow, PaceRow, PollRow, Reader, Result, SessionRow, UndecidedRow, WakeScope, Writer,
};

/// Stores one row of every kind in an integration. `mark` is in everything, so that what one integration says can be
/// told from what another says under the same ids; it also keeps those ids apart that are unique in the whole store.
pub(crate) fn fill(writer: &mut dyn Writer, integration: IntegrationKey, mark: u32) -> Result<()> {
    fill_as_before(writer, integration, mark)?;
    fill_newest(writer, integration, mark)
}

/// Stores a row of every kind that the newest schema added: a process of the schema before has never heard of them.
pub(crate) fn fill_newest(writer: &mut dyn Writer, integration: IntegrationKey, mark: u32) -> Result<()> {
    let envelope = EnvelopeId(u64::from(mark));
    let control_id = Some(format!("mark {mark}").into());
    writer.put_undecided(&UndecidedRow { envelope, integration, at: at(0), control_id }, &[subject_of(mark)])
}

/// What an undecided message of a mark speaks of.
fn subject_of(mark: u32) -> i64 {
    -i64::from(mark)
}

/// The day whose use a mark stands for.
fn day_of(mark: u32) -> i32 {
    i32::try_from(mark).unwrap_or(i32::MAX)
}

/// Stores a row of every kind that the schema before the newest had.
pub(crate) fn fill_as_before(writer: &mut dyn Writer, integration: IntegrationKey, mark: u32) -> Result<()> {
    let (visit, id) = (visit_of(integration, "A1"), u64::from(mark));
    let said = format!("mark {mark}");
    let row = AppointmentRow { version: mark, ..row_with(Verdict::Held, Some(Reason::StatusUnmapped), Some(at(0))) };
    writer.put_check_run(&check_run(integration, i64::from(mark), 1))?;
    writer.add_use(integration.practice, day_of(mark), &[(QueueUse::Looked, id)])?;
    writer.put_feedback(&store::FeedbackRow { note: said.as_str().into(), ..feedback(integration, id) })?;
    writer.put_appointment(&visit, None, &row)?;
    writer.put_participant(&visit, "P1")?;
    writer.raise_version_floor(mark)?;
    writer.put_notice(&NoticeRow { answer: Some(said.as_str().into()), ..notice(integration, id, "once") })?;
    writer.put_entry(&visit, EntryId(id), None, at(0), &decided("A1", mark))?;
    writer.put_envelope(&NewEnvelope {
        state: EnvelopeState::SetAside,
        note: Some(&said),
        ..envelope(id, integration)
    })?;
    writer.put_control(integration, "M1", &ControlRow { answer: said.clone().into_bytes(), ..control(id) })?;
    let mut born = person("P1", "Okafor", "Ada", jiff::civil::date(1980, 2, 29));
    born.patient.email = domain::model::Fact::Is(domain::phi::Phi::new("ada@example.com".into()));
    born.patient.merged_into = Some(said.as_str().into());
    keep_patient(writer, integration, &linked(born))?;
    let mut unlinked = account("acc 1");
    unlinked.account.phone = Some(said.as_str().into());
    unlinked.account.email = Some("ada@example.com".into());
    writer.put_account(integration, &unlinked)?;
    let mut of_somebody = AccountRow { source_id: Some("P2".into()), ..account("acc 2") };
    of_somebody.account.phone = Some(said.as_str().into());
    writer.put_account(integration, &of_somebody)?;
    writer.put_stop(&visit, &stop("DR9"), Some(at(i64::from(mark))), at(i64::from(mark)))?;
    writer.put_wait(&visit, "provider:DR9")?;
    writer.put_timer(&visit, at(i64::from(mark)))?;
    writer.fire(integration, "provider:DR9", WakeScope::Waiting, &said, at(0))?;
    writer.put_outbox(&card(id, &visit, at(0)))?;
    let mut item = exception(integration, "cau_1");
    item.item.by = Some(said.as_str().into());
    writer.put_exception(&item)?;
    writer.put_event(&store::EventRow { data: said.as_str().into(), ..event(integration, id) })?;
    writer.put_coverage(integration, &stretch("feed", 0, i64::from(mark)))?;
    let revision = writer.poll(integration)?.map_or(0, |row| row.revision);
    writer.put_poll(&PollRow { revision, ..poll(integration, mark) })?;
    let revision = writer.pace(&said)?.map_or(0, |row| row.revision);
    writer.put_pace(&said, &PaceRow { revision, ..PaceRow::default() })?;
    writer.put_audit(&NewAudit {
        practice: integration.practice,
        detail: said.as_str().into(),
        ..deed(id, "subject")
    })?;
    writer.put_token(&token(&said))?;
    writer.put_session(&SessionRow { purpose: Some(said.as_str().into()), ..session(&said, at(60)) })?;
    let practice = writer.put_practice(&practice(&said), at(0))?;
    writer.put_integration(practice, &IntegrationRow { ..crate::rows::integration(practice, &said) }, true)?;
    writer.put_link(integration, &link(LinkKind::Provider, "DR9", &said))
}

/// What is said about one integration, question by question.
pub(crate) type Answers = Vec<(&'static str, String)>;

/// Asks every question about what [`fill`] stored.
pub(crate) fn ask(reader: &mut dyn Reader, integration: IntegrationKey, mark: u32) -> Result<Answers> {
    let (visit, id) = (visit_of(integration, "A1"), u64::from(mark));
    let said = format!("mark {mark}");
    let (all, now) = (AppointmentFilter::default(), at(0));
    let by_email = AccountQuery { email_key: Some("ada@example.com".into()), ..AccountQuery::default() };
    let whose = |key: &domain::ids::AppointmentKey| key.integration == integration;
    let mut answers: Answers = Vec::new();
    let mut answer = |question, answer: String| answers.push((question, answer));
    answer("appointment", debug(reader.appointment(&visit)?));
    answer("appointments", debug(reader.appointments(integration, &all, None, 9)?));
    answer("appointments_of_patient", debug(reader.appointments_of_patient(integration, "P1", 9)?));
    answer("source_ids_like", debug(reader.source_ids_like(integration, "A", 9)?));
    answer("tallies", debug(reader.tallies(integration)?));
    answer("entry", debug(reader.entry(EntryId(id))?));
    answer("entries", debug(reader.entries(&visit, EntryId(id), 9)?));
    answer("decisions_since", debug(reader.decisions_since(&[integration], EntryId(0), 9)?));
    answer("envelope", debug(reader.envelope(EnvelopeId(id))?));
    answer("control", debug(reader.control(integration, "M1")?));
    let undecided = reader.undecided(at(9999), 99)?;
    let of_ours: Vec<_> = undecided.into_iter().filter(|row| row.integration == integration).collect();
    answer("undecided", debug(of_ours));
    answer("undecided_about", debug(reader.undecided_about(integration.practice, &[subject_of(mark)])?));
    answer("envelopes_set_aside", debug(reader.envelopes_set_aside(integration, None, 9)?));
    answer("envelopes_not_applied", debug(reader.envelopes_not_applied(integration, at(-99_999), 9)?));
    answer("patient", debug(reader.patient(integration, "P1")?));
    answer("email_holders", debug(reader.email_holders(integration, "ada@example.com", "P9")?));
    answer("unlinked_accounts", debug(reader.unlinked_accounts(integration, &by_email)?));
    answer("has_unlinked_accounts", debug(Some(reader.has_unlinked_accounts(integration)?).filter(|has| *has)));
    answer("account_of", debug(reader.account_of(integration, "P2")?));
    answer("accounts", debug(reader.accounts(integration, None, 9)?));
    answer("patients_like", debug(reader.patients_like(integration, "oka", 9)?));
    answer("patients_named", debug(reader.patients_named(integration, "okafor|ada|1980-02-29", 9)?));
    answer("patients_with_email", debug(reader.patients_with_email(integration, "ada@example.com", 9)?));
    answer("open_causes", debug(reader.open_causes(integration, now, 9)?));
    let cause = store::cause_id(integration, stop("DR9").reason, "DR9");
    answer("cause", debug(reader.cause(&cause, now)?));
    answer("stopped_by", debug(reader.stopped_by(integration, &stop("DR9"), None, 9)?));
    answer("waiting", debug(reader.waiting(integration, "provider:DR9", None, 9)?));
    let timers = reader.timers_due(at(9999), 99)?;
    answer("timers_due", debug(timers.into_iter().filter(|(_, key)| whose(key)).collect::<Vec<_>>()));
    let fired = reader.fired(99)?;
    answer("fired", debug(fired.into_iter().filter(|row| row.integration == integration).collect::<Vec<_>>()));
    let turns = reader.outbox_turns(at(9999), None, 99)?;
    answer("outbox_turns", debug(turns.into_iter().filter(|turn| *turn == integration).collect::<Vec<_>>()));
    answer("outbox_visible", debug(reader.outbox_visible(at(9999), &[integration], 99)?));
    answer("outbox_older_than", debug(reader.outbox_older_than(integration, at(9999), 9)?));
    answer("notice_once", debug(reader.notice_once(integration, "once")?));
    answer("notices_of", debug(reader.notices_of(integration, "A1", 9)?));
    let notices = reader.notices_due(at(9999), 99)?;
    answer("notices_due", debug(notices.into_iter().filter(|row| row.integration == integration).collect::<Vec<_>>()));
    answer("feedback", debug(reader.feedback(integration, None, 9)?));
    answer("feedback_of", debug(reader.feedback_of(&visit, 9)?));
    answer("feedback_counts", debug(reader.feedback_counts(integration, at(-9_999))?));
    answer("exception", debug(reader.exception(integration, "cau_1")?));
    answer("open_exceptions", debug(reader.open_exceptions(integration, 9)?));
    let due = reader.exceptions_due(at(9999), 99)?;
    answer("exceptions_due", debug(due.into_iter().filter(|key| *key == integration).collect::<Vec<_>>()));
    answer("last_check_run", debug(reader.last_check_run(integration)?));
    answer("check_runs", debug(reader.check_runs(integration, at(-99_999), 9)?));
    let used = reader.queue_use(integration.practice, day_of(mark))?;
    answer("queue_use", debug(used.into_iter().filter(|row| row.day == day_of(mark)).collect::<Vec<_>>()));
    let events = reader.events_due(at(9999), 99)?;
    answer("events_due", debug(events.into_iter().filter(|row| row.integration == integration).collect::<Vec<_>>()));
    answer("event", debug(reader.event(integration, EntryId(id))?));
    answer("coverage", debug(reader.coverage(integration, at(0), at(9999))?));
    answer("poll", debug(reader.poll(integration)?));
    let due = reader.polls_due(at(99_999), &[], 99)?;
    answer("polls_due", debug(due.into_iter().filter(|row| row.integration == integration).collect::<Vec<_>>()));
    let polled = reader.polled()?;
    answer("polled", debug(polled.into_iter().filter(|key| *key == integration).collect::<Vec<_>>()));
    answer("pace", debug(reader.pace(&said)?));
    answer("audit", debug(reader.audit(Some(integration.practice), None, None, 9)?));
    let chain = reader.audit_chain(AuditId(0), 99)?;
    answer("audit_chain", debug(chain.into_iter().filter(|row| row.audit.id.0 == id).collect::<Vec<_>>()));
    answer("token_by_digest", debug(reader.token_by_digest(&digest(&said))?));
    let tokens = reader.tokens()?;
    answer("tokens", debug(tokens.into_iter().filter(|token| token.id == *said).collect::<Vec<_>>()));
    answer("session", debug(reader.session(&digest(&said))?));
    answer("practice", debug(reader.practice(&said)?));
    let practices = reader.practices()?;
    answer("practices", debug(practices.into_iter().filter(|row| row.document.id == *said).collect::<Vec<_>>()));
    answer("integration", debug(reader.integration(&said)?));
    let integrations = reader.integrations()?;
    answer("integrations", debug(integrations.into_iter().filter(|row| row.document.id == *said).collect::<Vec<_>>()));
    answer("links", debug(reader.links(integration)?));
    Ok(answers)
}

/// Questions about the whole store, where one integration's rows cannot be told from another's.
pub(crate) fn ask_overall(reader: &mut dyn Reader) -> Result<Answers> {
    Ok(vec![
        ("greatest_id", debug(Some(reader.greatest_id()?).filter(|id| *id > 0))),
        ("next_timer", debug(reader.next_timer()?)),
        ("next_outbox", debug(reader.next_outbox()?)),
        ("next_notice", debug(reader.next_notice()?)),
        ("next_exception", debug(reader.next_exception()?)),
        ("next_event", debug(reader.next_event()?)),
        ("next_poll", debug(reader.next_poll(&[])?)),
        ("outbox_depth", debug(Some(reader.outbox_depth(9)?).filter(|depth| *depth > 0))),
        ("oldest_envelope", debug(reader.oldest_envelope()?)),
        ("version_floor", debug(Some(reader.version_floor()?).filter(|floor| *floor > 0))),
        ("setup_epoch", debug(Some(reader.setup_epoch()?).filter(|epoch| *epoch > 0))),
    ])
}

/// The questions that found nothing.
pub(crate) fn unanswered(answers: &Answers) -> Vec<&'static str> {
    answers.iter().filter(|(_, answer)| answer == "None" || answer == "[]").map(|(question, _)| *question).collect()
}

fn debug(answer: impl std::fmt::Debug) -> String {
    format!("{answer:?}")
}
